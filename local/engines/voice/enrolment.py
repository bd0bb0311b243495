"""Enrol a parent's voice: find the mix of stock voices nearest to it, then match pitch and colour.

No cloning network comes with its weights in a package, so this matches timbre and does not copy identity: on a held-out
part of the sample the new voice is clearly nearer to the parent than any stock voice, and short of the same person.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from local.engines import weights
from local.engines.contract import RejectionError
from local.engines.sound.resample import resample
from local.engines.voice import envelope, kokoro, pitch, sample, speaker
from local.engines.voice.language import Language, units
from local.engines.voice.profile import Accent, Profile
from local.engines.weights import Once

# Stock voices that speak the language without an accent and are understood best (measured with a recogniser).
_NATIVE: dict[Language, tuple[str, ...]] = {
    "zh": ("zf_xiaobei", "zf_xiaoyi", "zm_yunjian", "zm_yunxi"),
    "en": ("af_heart", "am_michael"),
}
_READ_ALOUD: dict[Language, str] = {
    "zh": "从前，有一只小狐狸，住在月亮下面的森林里。",
    "en": "Once upon a time, a little fox lived in the forest under the moon.",
}
_F0_CORRECTION = (0.85, 1.18)  # a second look at the pitch only corrects, it must not jump an octave
_SHARE_MIN = 0.005

Samples = NDArray[np.float32]


def enrol(recording: Path) -> bytes:
    """A profile for `speak`. Raises RejectionError with the vendor's `Audio.*` codes. The same file, the same bytes."""
    samples = sample.load(recording)
    heard = resample(samples, sample.SAMPLE_RATE, speaker.SAMPLE_RATE)
    f0 = pitch.voiced_f0(heard)
    if not len(f0):
        raise RejectionError("Audio.AudioSilentError", "Silent file unsupported.")
    f0_hz = float(np.median(f0))
    timbre = nearest_mix(speaker.embedding(heard))
    colour = resample(samples, sample.SAMPLE_RATE, kokoro.SAMPLE_RATE)
    accents: dict[str, Accent] = {language: _accent(language, f0_hz, timbre, colour) for language in _NATIVE}
    return Profile(round(f0_hz, 2), timbre, accents).to_bytes()


def nearest_mix(voice: speaker.Embedding) -> dict[str, float]:
    """Shares of the stock voices, none below zero, whose embeddings add up nearest to `voice`."""
    stock = _stock_table()[0].astype(np.float64)
    gram, wanted = stock @ stock.T, stock @ voice.astype(np.float64)
    shares = np.zeros(len(stock))
    for _ in range(300):  # coordinate descent; settles within about 100 rounds
        for one in range(len(stock)):
            shares[one] = max(0.0, shares[one] - (gram[one] @ shares - wanted[one]) / gram[one, one])
    shares[shares < _SHARE_MIN * shares.sum()] = 0
    shares /= shares.sum()
    names = kokoro.stock_voices().names
    return {name: round(float(share), 4) for name, share in zip(names, shares, strict=True) if share}


def _accent(language: Language, f0_hz: float, timbre: dict[str, float], colour: Samples) -> Accent:
    """Speak a line in the language, and see what it lacks in pitch and colour."""
    melody, own_f0_hz = _native_voice(language, f0_hz)
    f0_scale = f0_hz / own_f0_hz
    line = kokoro.tokens("".join(unit.phonemes for unit in units(_READ_ALOUD[language])))
    spoken = kokoro.say(line, kokoro.Tone(timbre, melody, f0_scale)).samples
    measured = pitch.voiced_f0(resample(spoken, kokoro.SAMPLE_RATE, pitch.SAMPLE_RATE))
    if len(measured):
        f0_scale *= float(np.clip(f0_hz / np.median(measured), *_F0_CORRECTION))
    gains = envelope.gains_db(spoken, colour)
    return Accent(melody, round(f0_scale, 4), tuple(round(float(gain), 2) for gain in gains))


def _native_voice(language: Language, f0_hz: float) -> tuple[str, float]:
    """The native voice nearest in pitch, and its pitch: the less it is moved, the more natural it stays."""
    pitches = dict(zip(kokoro.stock_voices().names, _stock_table()[1].tolist(), strict=True))
    nearest = min(_NATIVE[language], key=lambda name: abs(np.log(f0_hz / pitches[name])))
    return nearest, pitches[nearest]


def _load_stock_table() -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Embedding and median pitch (Hz) of each stock voice, in the order of their names."""
    with np.load(weights.small("vtab.npz"), allow_pickle=False) as table:
        return table["E"], table["F"]


_stock_table = Once(_load_stock_table)
