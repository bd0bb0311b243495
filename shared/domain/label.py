"""The label of synthetic content: what a film shows, sounds and carries to say so, and whether it really does.

Apart, because a law asks for it. GB 45438-2025, to the labelling measures in force since 2025-09-01: at the start of
the picture for two seconds or longer, in letters of at least 5 % of the shorter side, that names AI and synthesis; at
the start of the sound, spoken or as the rhythm short-long short-short; in the metadata the field `AIGC` with the
producer and a number of the content.
"""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Mapping, Sequence
from itertools import pairwise

from shared.domain import wave

KEY = "AIGC"
SYNTHETIC = "1"  # the standard's word for content that is certainly synthetic

# A font's size is that of its line: its Chinese letters are two thirds of it as libass counts, all of it as others do.
LETTERS_MIN = 0.05
OPENING_SIZE = 0.09
OPENING_S = 4.0
OPENING = "旁白与人像由 AI 合成"
OPENING_WITHOUT_CLIP = "旁白由 AI 合成"
# The small one stays to the end.
LASTING_SIZE = 0.05
LASTING = "AI 合成"

TONE_HZ = 1975.5  # far above where a voice is loud
TONE_AT_MS = 100
_RATE_HZ = 24_000
_SHORT_MS = 100
_RHYTHM = ((0, 1), (2, 3), (8, 1), (10, 1))  # begin and length in shorts: the letters A and I in Morse
_TONE_PEAK = 0.12
_EDGE_MS = 8

_WINDOW_MS = 20
_SHIFT_MS_MAX = 120
_TIMES_LOUDER = 3.0
_AMPLITUDE_MIN = 0.02

_CHANGED = 48  # of 255: recoding changes a pixel by less, a letter or its outline by more
_SHARE_MIN, _SHARE_MAX = 0.02, 0.7
_WIDE_MIN = 0.5


# --- seen


def letters_px(plain: Sequence[bytes], labelled: Sequence[bytes], box: tuple[int, int, int, int]) -> int:
    """How tall what was written into the box is: rows from the first to the last that differ from the film without it.

    Pictures as `png.brightness` has them; `box` is left, top, right and bottom. 0 when what differs is too little or
    too narrow to be the label, or so much that the two are not the same moment.
    """
    left, top, right, bottom = box
    rows = [
        [abs(one - other) >= _CHANGED for one, other in zip(before[left:right], after[left:right], strict=True)]
        for before, after in zip(plain[top:bottom], labelled[top:bottom], strict=True)
    ]
    written = [place for place, row in enumerate(rows) if sum(row) > 1]
    columns = [place for place, column in enumerate(zip(*rows, strict=True)) if any(column)]
    share = sum(map(sum, rows)) / max(1, (right - left) * (bottom - top))
    if not written or not _SHARE_MIN <= share <= _SHARE_MAX:
        return 0
    return written[-1] - written[0] + 1 if columns[-1] - columns[0] >= _WIDE_MIN * (right - left) else 0


# --- heard


def tone() -> bytes:
    """A WAV of the rhythm, soft, without clicks."""
    pieces = [(begin * _SHORT_MS, _beep(length * _SHORT_MS)) for begin, length in _RHYTHM]
    return wave.assemble(pieces, tone_ms(), _RATE_HZ)


def tone_ms() -> int:
    begin, length = _RHYTHM[-1]
    return (begin + length) * _SHORT_MS


def is_heard(sound: wave.Sound) -> bool:
    """Whether the sound begins with the rhythm, whatever else is to be heard with it."""
    loud = [_amplitude(window, sound.rate) for window in _windows(sound)]
    shifts = range(0, _SHIFT_MS_MAX + TONE_AT_MS, _WINDOW_MS)
    return any(_is_rhythm(loud[shift // _WINDOW_MS :]) for shift in shifts)


def _beep(length_ms: int) -> bytes:
    size, edge = _RATE_HZ * length_ms // 1000, _RATE_HZ * _EDGE_MS // 1000
    turn = 2 * math.pi * TONE_HZ / _RATE_HZ
    peak = wave.PEAK * _TONE_PEAK
    swell = (min(1.0, place / edge, (size - place) / edge) for place in range(size))
    return array("h", [int(peak * by * math.sin(turn * place)) for place, by in enumerate(swell)]).tobytes()


def _windows(sound: wave.Sound) -> list[array[int]]:
    size = sound.rate * _WINDOW_MS // 1000
    samples = array("h", sound.pcm)
    last = sound.rate * (tone_ms() + TONE_AT_MS + 2 * _SHIFT_MS_MAX) // 1000
    return [samples[at : at + size] for at in range(0, min(len(samples), last) - size + 1, size)]


def _amplitude(window: array[int], rate: int) -> float:
    """Of the tone alone, as a share of full scale (Goertzel)."""
    factor = 2 * math.cos(2 * math.pi * TONE_HZ / rate)
    one = two = 0.0
    for sample in window:
        one, two = sample + factor * one - two, one
    power = one * one + two * two - factor * one * two
    return 2 * math.sqrt(max(0.0, power)) / len(window) / wave.PEAK


def _is_rhythm(loud: Sequence[float]) -> bool:
    """Each beep is clearly louder than each pause around it; windows at an edge count for neither."""
    edges = [ms for begin, length in _RHYTHM for ms in (begin * _SHORT_MS, (begin + length) * _SHORT_MS)]
    spans = [loud[begin // _WINDOW_MS + 1 : end // _WINDOW_MS - 1] for begin, end in pairwise(edges)]
    if not all(spans):
        return False
    levels = [_median(span) for span in spans]
    beeps, pauses = levels[::2], levels[1::2]
    return min(beeps) >= max(_AMPLITUDE_MIN, _TIMES_LOUDER * max(pauses))


def _median(span: Sequence[float]) -> float:
    ordered = sorted(span)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


# --- carried


def metadata(producer: str, content_id: str, seal: str) -> str:
    """The value of the field; who passes the film on may fill in the rest."""
    fields = {
        "Label": SYNTHETIC,
        "ContentProducer": producer,
        "ProduceID": content_id,
        "ReservedCode1": seal,
        "ContentPropagator": "",
        "PropagateID": "",
        "ReservedCode2": "",
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def is_carried(text: str | None) -> bool:
    """Whether the field says that the content is synthetic, by whom it was made and as what."""
    try:
        fields = json.loads(text or "")
    except (ValueError, RecursionError):
        return False
    if not isinstance(fields, Mapping):
        return False
    return bool(fields.get("Label") == SYNTHETIC and fields.get("ContentProducer") and fields.get("ProduceID"))
