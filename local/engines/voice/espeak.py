"""espeak-ng, a program of the system: understood worse than Kokoro, and there without any weights.

A program apart (GPL), called with an argument list; the text goes in by its input, so no line is taken for an option.
Chinese is given to it as pinyin with tones, for it reads few characters by itself: of a story's characters a recogniser
misheard half that way, and nearly all without (measured, version 1.51).
"""

from __future__ import annotations

import io
import shutil
import subprocess

import numpy as np
import soundfile
from numpy.typing import NDArray

from local.engines.sound.resample import resample
from local.engines.voice.kokoro import SAMPLE_RATE
from local.engines.voice.language import Language
from local.engines.weights import WeightsError

PROGRAM = "espeak-ng"
# The voices of each language and their median pitch in Hz as they come (measured).
VOICES: dict[Language, dict[str, float]] = {
    "zh": {"cmn-latn-pinyin": 95.0, "cmn-latn-pinyin+f2": 171.0},
    "en": {"en-us": 106.0, "en-us+f2": 198.0},
}

_TIMEOUT_S = 60
_WORDS_A_MINUTE, _SLOWEST, _FASTEST = 175, 80, 450  # its own usual pace, and what it takes
_PACE = 0.87  # twice the words a minute take less than half the time (measured): rate ** _PACE takes 1/rate of it
# Its option for pitch counts from 0 to 99; what these do to the pitch, measured over the voices above.
_PITCH_OPTIONS, _PITCH_FACTORS = (0, 25, 50, 75, 99), (0.67, 0.82, 1.0, 1.27, 1.67)

Samples = NDArray[np.float32]


def is_installed() -> bool:
    return shutil.which(PROGRAM) is not None


def say(text: str, voice: str, rate: float = 1.0, f0_scale: float = 1.0) -> Samples:
    """24 kHz speech with silence at both ends; the same input gives the same samples.

    WeightsError when the program is not installed, or has not this voice.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        raise WeightsError(f"the program {PROGRAM} is not installed")
    pace = round(np.clip(_WORDS_A_MINUTE * rate**_PACE, _SLOWEST, _FASTEST))
    pitch = round(np.interp(f0_scale, _PITCH_FACTORS, _PITCH_OPTIONS))
    command = [program, "-v", voice, "-s", str(pace), "-p", str(pitch), "-b", "1", "--stdin", "--stdout"]
    spoken = subprocess.run(command, check=False, input=text.encode(), capture_output=True, timeout=_TIMEOUT_S)
    if spoken.returncode or not spoken.stdout:
        raise WeightsError(f"{PROGRAM} does not speak as {voice}: {spoken.stderr.decode(errors='replace').strip()}")
    samples, found_rate = soundfile.read(io.BytesIO(spoken.stdout), dtype="float32")
    return resample(samples, found_rate, SAMPLE_RATE)
