"""Whether a reading is one: too short or too long for its words, silent, cut off, broken by a gap, or overdriven.

About one reading in ten of a cloned voice loses its end or stumbles (users of CosyVoice report it); whoever listens for
it can have the line read again. Measured on sound as `wave` has it; what was said is not understood here.
"""

from __future__ import annotations

from array import array
from enum import Enum

from shared.domain import wave

# Of the length that its words and this voice's pace make likely. Readings of one text differ by a sixth at most.
SHORT, LONG = 0.55, 1.8
# Of a single word hardly anything can be said.
JUDGED_MS_MIN = 800
GAP_MS = 1500
# A last sound this near to the loudest was going on when the recording ended.
CUT_OFF_DB = 12.0
CUT_OFF_WINDOWS = 2
CLIPPED_AT = 32_700
CLIPPED_SHARE = 0.002


class Doubt(str, Enum):
    """Why a person should listen to a line. Those in `AGAIN` are worth another reading."""

    SILENT = "silent"
    SHORT = "short"
    LONG = "long"
    CUT_OFF = "cut-off"
    GAP = "gap"
    CLIPPED = "clipped"
    CROWDED = "crowded"  # its words do not fit its slot, as fast as a child can follow
    DEAD_AIR = "dead-air"  # its words leave the cue silent for long, as slowly as is natural
    UNHEARD = "unheard"  # the film ends before its last word
    MISHEARD = "misheard"  # a recogniser understood something else
    UNLEARNT = "unlearnt"  # the lexicon's pronunciation cannot be told to this voice model


AGAIN = frozenset({Doubt.SILENT, Doubt.SHORT, Doubt.LONG, Doubt.CUT_OFF, Doubt.GAP, Doubt.CLIPPED})


def doubts(pcm: bytes, rate: int, expected_ms: int) -> tuple[Doubt, ...]:
    """What is wrong with a reading, as it came, of words that should take `expected_ms`; silence is wrong alone."""
    spoken, _ = wave.trim_silence(pcm, rate)
    if not spoken:
        return (Doubt.SILENT,)
    found: list[Doubt] = []
    share = wave.duration_ms(spoken, rate) / max(1, expected_ms)
    if expected_ms >= JUDGED_MS_MIN and share < SHORT:
        found.append(Doubt.SHORT)
    if expected_ms >= JUDGED_MS_MIN and share > LONG:
        found.append(Doubt.LONG)
    if _is_cut_off(pcm, rate):
        found.append(Doubt.CUT_OFF)
    if wave.silences(pcm, rate, GAP_MS):
        found.append(Doubt.GAP)
    if _clipped_share(spoken) > CLIPPED_SHARE:
        found.append(Doubt.CLIPPED)
    return tuple(found)


def _is_cut_off(pcm: bytes, rate: int) -> bool:
    heard = wave.levels(pcm, rate)
    loud = sorted(heard)[int(len(heard) * 0.95)]
    return min(heard[-CUT_OFF_WINDOWS:]) > loud - CUT_OFF_DB


def _clipped_share(pcm: bytes) -> float:
    samples = array("h", pcm)
    if max(samples) < CLIPPED_AT and min(samples) > -CLIPPED_AT:
        return 0.0  # most readings; to count takes five times as long
    return sum(sample >= CLIPPED_AT or sample <= -CLIPPED_AT for sample in samples) / len(samples)
