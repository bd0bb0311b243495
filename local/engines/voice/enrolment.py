"""Enrol a parent's voice: find the mix of stock voices nearest to it, then match vocal tract, pitch and colour.

No cloning network comes with its weights in a package, so this matches timbre and does not copy identity: on a held-out
part of the sample the new voice is clearly nearer to the parent than any stock voice, and short of the same person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from local.engines import weights
from local.engines.contract import RejectionError
from local.engines.sound.resample import resample
from local.engines.voice import envelope, kokoro, pitch, plain, sample, speaker
from local.engines.voice.language import Language, units
from local.engines.voice.profile import Accent, Profile
from local.engines.weights import Once, WeightsError

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
_SHARE_MIN = 0.005
_FORMANTS_STEP, _FORMANTS_STEPS_MAX = 0.03, 3  # beyond a tenth it is another person, not another tract

Samples = NDArray[np.float32]
Reader = Callable[[Language, float], Samples]


@dataclass(frozen=True)
class _Recording:
    """A file by its content, wherever it lies."""

    digest: str
    path: Path = field(compare=False)


def enrol(recording: Path) -> bytes:
    """A profile for `speak`. Raises RejectionError with the vendor's `Audio.*` codes. The same file, the same bytes.

    Which is why a file that was enrolled lately is not worked on again: every story enrols its parent anew. Where
    Kokoro's weights are missing it is a plain voice of espeak-ng; WeightsError where that is missing as well.
    """
    return _enrolled(_Recording(hashlib.sha256(recording.read_bytes()).hexdigest(), recording))


@lru_cache(maxsize=8)
def _enrolled(recording: _Recording) -> bytes:
    samples = sample.load(recording.path)
    heard = resample(samples, sample.SAMPLE_RATE, speaker.SAMPLE_RATE)
    f0 = pitch.voiced_f0(heard)
    if not len(f0):
        raise RejectionError("Audio.AudioSilentError", "Silent file unsupported.")
    f0_hz = float(np.median(f0))
    colour = resample(samples, sample.SAMPLE_RATE, kokoro.SAMPLE_RATE)
    try:
        kokoro.ready()
    except WeightsError as missing:
        return plain.enrolled(f0_hz, colour, missing).to_bytes()
    parent = speaker.embedding(heard)
    timbre = nearest_mix(parent)
    read = _reader(f0_hz, timbre)
    formants = _likest_formants(parent, colour, read)
    accents: dict[str, Accent] = {
        language: _accent(language, f0_hz, read(language, formants), colour) for language in _NATIVE
    }
    return Profile(round(f0_hz, 2), timbre, accents, formants).to_bytes()


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


def _reader(f0_hz: float, timbre: Mapping[str, float]) -> Reader:
    """Reads a line in a language with the mix, its vocal tract changed; each only once."""

    @cache
    def read(language: Language, formants: float) -> Samples:
        melody, own_f0_hz = _native_voice(language, f0_hz)
        tone = kokoro.Tone(timbre, melody, f0_hz / own_f0_hz, formants=formants)
        return kokoro.say(_read_aloud(language), tone).samples

    return read


def _likest_formants(parent: speaker.Embedding, colour: Samples, read: Reader) -> float:
    """The vocal tract that makes the mix most like the parent: a mix of many voices is of nobody's size.

    Climbs in steps from the mix as it is. One language is enough, for a tract does not change with it. Readings are
    made two at a time, for the model makes little use of a second thread: those that are needed in any case, then the
    next step together with the line in the other language, which is needed at the step where the climb ends.
    """

    def formants(steps: int) -> float:
        return round(1 + steps * _FORMANTS_STEP, 2)

    @cache
    def likeness(steps: int) -> float:
        spoken = read("zh", formants(steps))
        coloured = envelope.coloured(spoken, envelope.gains_db(spoken, colour))
        return float(parent @ speaker.embedding(resample(coloured, kokoro.SAMPLE_RATE, speaker.SAMPLE_RATE)))

    best = 0
    with ThreadPoolExecutor(2) as reading:
        list(reading.map(likeness, (0, -1)))
        reading.submit(read, "en", formants(max((0, -1), key=likeness)))
        for way in (-1, 1):
            while abs(best + way) <= _FORMANTS_STEPS_MAX and likeness(best + way) > likeness(best):
                best += way
    return formants(best)


def _accent(language: Language, f0_hz: float, spoken: Samples, colour: Samples) -> Accent:
    """What a line read in the language lacks in pitch and colour."""
    melody, own_f0_hz = _native_voice(language, f0_hz)
    f0_scale = f0_hz / own_f0_hz
    measured = pitch.voiced_f0(resample(spoken, kokoro.SAMPLE_RATE, pitch.SAMPLE_RATE))
    if len(measured):
        f0_scale *= float(np.clip(f0_hz / np.median(measured), *_F0_CORRECTION))
    gains = envelope.gains_db(spoken, colour)
    return Accent(melody, round(f0_scale, 4), tuple(round(float(gain), 2) for gain in gains))


def _read_aloud(language: Language) -> list[int]:
    return kokoro.tokens("".join(unit.phonemes for unit in units(_READ_ALOUD[language])))


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
