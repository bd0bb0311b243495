"""How an enrolled voice speaks a language: the native voice behind its melody, and what that lacks to be the parent's.

A voice has the accent of the language that it was enrolled in. Another is found when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from local.engines import weights
from local.engines.sound.resample import resample
from local.engines.voice import envelope, kokoro, pitch
from local.engines.voice.language import Language, units
from local.engines.voice.profile import Accent, Profile
from local.engines.weights import Once

# Stock voices that speak the language without an accent and are understood best (measured with a recogniser).
_NATIVE: dict[Language, tuple[str, ...]] = {
    "zh": ("zf_xiaobei", "zf_xiaoyi", "zm_yunjian", "zm_yunxi"),
    "en": ("af_heart", "am_michael"),
}
_READ_ALOUD: dict[Language, str] = {
    "zh": "一只小狐狸住在月亮下面，我们一起去看大海吧！",
    "en": "Once upon a time, a little fox lived in the forest under the moon.",
}
_F0_CORRECTION = (0.85, 1.18)  # a second look at the pitch only corrects, it must not jump an octave

Samples = NDArray[np.float32]


@lru_cache(maxsize=16)
def accent_of(profile: bytes, language: Language) -> Accent:
    """The accent that the profile has, or one found by reading a line. Raises RejectionError as `from_bytes` does."""
    voice = Profile.from_bytes(profile)
    if language in voice.accents:
        return voice.accents[language]
    spoken = line(language, voice.f0_hz, voice.timbre, voice.formants)
    return accent(language, voice.f0_hz, spoken, np.array(voice.colour_db))


def line(language: Language, f0_hz: float, timbre: Mapping[str, float], formants: float) -> Samples:
    """A line of the language at 24 kHz, read with the mix and its vocal tract as they are: uncorrected, uncoloured."""
    melody, own_f0_hz = _native_voice(language, f0_hz)
    tokens = kokoro.tokens("".join(unit.phonemes for unit in units(_READ_ALOUD[language])))
    return kokoro.say(tokens, kokoro.Tone(timbre, melody, f0_hz / own_f0_hz, formants=formants)).samples


def accent(language: Language, f0_hz: float, spoken: Samples, colour_db: envelope.Curve) -> Accent:
    """What the `line` of the language lacks in pitch and colour."""
    melody, own_f0_hz = _native_voice(language, f0_hz)
    f0_scale = f0_hz / own_f0_hz
    measured = pitch.voiced_f0(resample(spoken, kokoro.SAMPLE_RATE, pitch.SAMPLE_RATE))
    if len(measured):
        f0_scale *= float(np.clip(f0_hz / np.median(measured), *_F0_CORRECTION))
    gains = envelope.gains_db(spoken, colour_db)
    return Accent(melody, round(f0_scale, 4), tuple(round(float(gain), 2) for gain in gains))


def _native_voice(language: Language, f0_hz: float) -> tuple[str, float]:
    """The native voice nearest in pitch, and its pitch: the less it is moved, the more natural it stays."""
    pitches = dict(zip(kokoro.stock_voices().names, stock_table()[1].tolist(), strict=True))
    nearest = min(_NATIVE[language], key=lambda name: abs(np.log(f0_hz / pitches[name])))
    return nearest, pitches[nearest]


def _load_stock_table() -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Embedding and median pitch (Hz) of each stock voice, in the order of their names."""
    with np.load(weights.small("vtab.npz"), allow_pickle=False) as table:
        return table["E"], table["F"]


stock_table = Once(_load_stock_table)
