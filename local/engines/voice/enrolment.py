"""Enrol a parent's voice: find the mix of stock voices nearest to it, then match vocal tract, pitch and colour.

No cloning network comes with its weights in a package, so this matches timbre and does not copy identity: on a held-out
part of the sample the new voice is clearly nearer to the parent than any stock voice, and short of the same person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from local.engines.contract import RejectionError
from local.engines.sound.resample import resample
from local.engines.voice import envelope, kokoro, pitch, plain, sample, speaker
from local.engines.voice.accents import accent, line, stock_table
from local.engines.voice.language import Language
from local.engines.voice.profile import Accent, Profile
from local.engines.weights import WeightsError

_SHARE_MIN = 0.005
_FORMANTS_STEP, _FORMANTS_STEPS_MAX = 0.03, 3  # beyond a tenth it is another person, not another tract

Samples = NDArray[np.float32]
Reader = Callable[[float], Samples]


@dataclass(frozen=True)
class _Recording:
    """A file by its content, wherever it lies."""

    digest: str
    path: Path = field(compare=False)


def enrol(recording: Path, language: Language = "zh") -> bytes:
    """A profile for `speak`, which will mostly be asked for the language. Raises RejectionError with the vendor's
    `Audio.*` codes. The same file, the same bytes.

    Which is why a file that was enrolled lately is not worked on again: every story enrols its parent anew. Where
    Kokoro's weights are missing it is a plain voice of espeak-ng; WeightsError where that is missing as well.
    """
    return _enrolled(_Recording(hashlib.sha256(recording.read_bytes()).hexdigest(), recording), language)


@lru_cache(maxsize=8)
def _enrolled(recording: _Recording, language: Language) -> bytes:
    samples = sample.load(recording.path)
    heard = resample(samples, sample.SAMPLE_RATE, speaker.SAMPLE_RATE)
    f0 = pitch.voiced_f0(heard)
    if not len(f0):
        raise RejectionError("Audio.AudioSilentError", "Silent file unsupported.")
    f0_hz = float(np.median(f0))
    colour_db = envelope.bands_db(resample(samples, sample.SAMPLE_RATE, kokoro.SAMPLE_RATE))
    try:
        kokoro.ready()
    except WeightsError as missing:
        return plain.enrolled(f0_hz, colour_db, missing).to_bytes()
    parent = speaker.embedding(heard)
    timbre = nearest_mix(parent)
    read = cache(partial(line, language, f0_hz, timbre))
    formants = _likest_formants(parent, colour_db, read)
    accents: dict[str, Accent] = {language: accent(language, f0_hz, read(formants), colour_db)}
    return Profile(round(f0_hz, 2), timbre, accents, formants, tuple(colour_db.round(2).tolist())).to_bytes()


def nearest_mix(voice: speaker.Embedding) -> dict[str, float]:
    """Shares of the stock voices, none below zero, whose embeddings add up nearest to `voice`."""
    stock = stock_table()[0].astype(np.float64)
    gram, wanted = stock @ stock.T, stock @ voice.astype(np.float64)
    shares = np.zeros(len(stock))
    for _ in range(300):  # coordinate descent; settles within about 100 rounds
        for one in range(len(stock)):
            shares[one] = max(0.0, shares[one] - (gram[one] @ shares - wanted[one]) / gram[one, one])
    shares[shares < _SHARE_MIN * shares.sum()] = 0
    shares /= shares.sum()
    names = kokoro.stock_voices().names
    return {name: round(float(share), 4) for name, share in zip(names, shares, strict=True) if share}


def _likest_formants(parent: speaker.Embedding, colour_db: envelope.Curve, read: Reader) -> float:
    """The vocal tract that makes the mix most like the parent: a mix of many voices is of nobody's size.

    Climbs in steps from the mix as it is. One language is enough, for a tract does not change with it. The readings
    needed in any case are made at once, for the model makes little use of a second thread.
    """

    def formants(steps: int) -> float:
        return round(1 + steps * _FORMANTS_STEP, 2)

    @cache
    def likeness(steps: int) -> float:
        spoken = read(formants(steps))
        coloured = envelope.coloured(spoken, envelope.gains_db(spoken, colour_db))
        return float(parent @ speaker.embedding(resample(coloured, kokoro.SAMPLE_RATE, speaker.SAMPLE_RATE)))

    best = 0
    with ThreadPoolExecutor(2) as reading:
        list(reading.map(likeness, (0, -1)))
    for way in (-1, 1):
        while abs(best + way) <= _FORMANTS_STEPS_MAX and likeness(best + way) > likeness(best):
            best += way
    return formants(best)
