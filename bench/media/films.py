"""The two films that stories are told from: the project's own, and one that no engine was made with.

Both are made here, with captions burned in and without a text track, so that they have to be read from the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from local.engines import ffmpeg
from local.engines.contract import Caption, SpeechStyle
from local.engines.film.fonts import find_font
from local.engines.film.lettering import write_ass
from local.engines.film.plan import PlacedText
from local.engines.film.timeline import Lettering, Measure
from local.engines.voice import enrol, speak
from local.samples.demo import SAMPLES
from local.samples.story import make_story
from local.samples.story.soundtrack import write_wav

HZ = 44_100
LINES = (
    "The old lighthouse keeper counted ships every evening.",
    "One night a paper boat came sailing out of the fog.",
    "It carried a lantern, a biscuit, and a very small mouse.",
    "Is this the moon? asked the mouse. No, said the keeper.",
    "But you may stay until the morning tide.",
    "So they shared the biscuit and watched the stars.",
)
PAUSE_S, BEFORE_S = 1.1, 1.5
Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Film:
    """A film with burned-in captions, and the halves of its sound as they were before they were mixed."""

    name: str
    language: str
    path: Path
    narration: Path
    music: Path
    width: int
    height: int
    length_s: float


def sample_film(work: Path, size: tuple[int, int]) -> Film:
    """The project's own sample, Chinese with English below; made once."""
    folder = work / f"sample-{size[1]}"
    path = folder / "burned.mp4"
    if not path.exists():
        make_story(folder, _say, width=size[0], height=size[1], burn_captions=True)
        ffmpeg.run([*ffmpeg.Input(folder / "story.mp4").arguments(), "-map", "0:v", "-map", "0:a", "-c", "copy", path])
    length_s = ffmpeg.probe(path).duration_s
    return Film("sample", "zh", path, folder / "narration.wav", folder / "music.wav", *size, length_s)


def other_film(work: Path, size: tuple[int, int]) -> Film:
    """An English one: other words, other pictures (a drifting fractal), other music, other letters."""
    folder = work / f"other-{size[1]}"
    folder.mkdir(parents=True, exist_ok=True)
    path, narration, music = (folder / name for name in ("burned.mp4", "narration.wav", "music.wav"))
    if not path.exists():
        cues, voice = _narrated()
        length_s = len(voice) / HZ
        chords = _chords(length_s)
        write_wav(narration, voice[:, None].repeat(2, axis=1))
        write_wav(music, chords)
        write_wav(folder / "mix.wav", voice[:, None] + chords)
        _draw(folder, cues, size, length_s)
    return Film("other", "en", path, narration, music, *size, ffmpeg.probe(path).duration_s)


def _say(text: str) -> tuple[Samples, int]:
    spoken = speak(_narrator(), text, SpeechStyle(sample_rate=HZ))
    return np.frombuffer(spoken.pcm, "<i2").astype(np.float32) / np.float32(32768), spoken.sample_rate


@cache
def _narrator() -> bytes:
    return enrol(SAMPLES / "father.wav")


def _narrated() -> tuple[list[Caption], Samples]:
    """The lines one after another, and their times."""
    at, cues, pieces = BEFORE_S, [], [np.zeros(round(BEFORE_S * HZ), np.float32)]
    for line in LINES:
        samples, _ = _say(line)
        cues.append(Caption(at, at + len(samples) / HZ, line))
        pieces += [samples, np.zeros(round(PAUSE_S * HZ), np.float32)]
        at += len(samples) / HZ + PAUSE_S
    return cues, np.concatenate(pieces)


def _chords(length_s: float) -> Samples:
    """Slow chords of plain tones, a new one every three seconds."""
    times = np.arange(round(length_s * HZ)) / HZ
    roots = np.array([220.0, 174.6, 196.0, 164.8])[(times // 3).astype(int) % 4]
    swell = 0.5 + 0.5 * np.sin(np.pi * (times % 3) / 3)
    phases = [2 * np.pi * np.cumsum(roots * step) / HZ for step in (1, 1.25, 1.5)]
    tones = sum(np.sin(phase) for phase in phases) * swell * 0.04
    return np.stack([tones, np.roll(tones, 300)], axis=1).astype(np.float32)


def _draw(folder: Path, cues: list[Caption], size: tuple[int, int], length_s: float) -> None:
    font = find_font()
    if font is None:
        raise RuntimeError("no font on this machine: captions cannot be drawn")
    look = Lettering(font_size=size[1] * 0.058, color="FFF27A", outline=3, is_bold=True)
    foot = Measure(round(size[1] * 0.84), is_fraction=False)
    texts = [PlacedText(cue.text, look, "TopCenter", None, foot, cue.start_s, cue.end_s) for cue in cues]
    (folder / "text.ass").write_text(write_ass(size, font.family, texts, []), "utf-8")
    scene = f"mandelbrot=s={size[0]}x{size[1]}:r=25:start_scale=2.5:end_scale=0.2:end_pts=900"
    filters = f"ass=text.ass:fontsdir={font.path.parent},format=yuv420p"
    ffmpeg.run(
        [
            *("-f", "lavfi", "-i", scene, *ffmpeg.Input(Path("mix.wav")).arguments()),
            *("-vf", filters, "-t", f"{length_s:.2f}", "-c:v", "libx264", "-preset", "veryfast", "-crf", "20"),
            *("-c:a", "aac", "-b:a", "160k", "-movflags", "+faststart", "burned.mp4"),
        ],
        folder=folder,
    )
