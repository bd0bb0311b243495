"""`make demo`: make the sample film, tell it in the sample parent's voice, say where the story is.

The film is narrated by one parent's sample voice (the father's), so that the other's (the mother's) is plainly new.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cli.app import main as echobot
from local.engines.contract import SpeechStyle
from local.engines.voice import enrol, speak
from local.samples.story import make_story

SAMPLES = Path(__file__).parent
NARRATION_HZ = 24_000


def sample_film(folder: Path) -> Path:
    """The sample story, made when it is not there yet: pictures, music, narration, and captions as a text track."""
    film = folder / "story.mp4"
    if not film.exists():
        narrator = enrol(SAMPLES / "father.wav")

        def say(text: str) -> tuple[NDArray[np.float32], int]:
            spoken = speak(narrator, text, SpeechStyle(sample_rate=NARRATION_HZ))
            return np.frombuffer(spoken.pcm, "<i2").astype(np.float32) / np.float32(32768), spoken.sample_rate

        make_story(folder, say)
    return film


def main(out: Path) -> None:
    sys.stdout.write("making the sample film …\n")
    film = sample_film(out / "sample")
    voice, photo = SAMPLES / "mother.wav", SAMPLES / "portrait.png"
    sys.argv = ["echobot", "tell", str(film), "--voice", str(voice), "--photo", str(photo)]
    sys.argv += ["--consent", "the sample's parent", "-o", str(out)]
    echobot()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out"))
