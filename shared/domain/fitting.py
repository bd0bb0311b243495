"""Speech fitted to its slots: how long a text will take, how fast to read it, and where each reading is placed.

Apart, because it is arithmetic on milliseconds that must hold for any voice; nothing here touches audio. A line that is
too long borrows the silence after it, is then asked of the voice at a higher speed, then read together with its
neighbour (`grouping`), and only what is still missing is taken from the finished sound (`tempo`). Words are never cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from shared.domain.frozen import frozen
from shared.domain.han import is_han
from shared.domain.segments import Slot
from shared.domain.tempo import SHORTER_MAX

# Slower than this sounds unnatural and gains nothing; faster, children no longer follow.
RATE_MIN = 0.9
RATE_MAX = 1.3
# A measured reading this much past its slot is not worth paying for another.
TOLERANCE_MS = 60
# Nor is one whose rate would hardly change.
RATE_STEP_MIN = 0.03
# A reading that was hurried for nothing is read again only where that makes it this much slower.
RELIEF_MIN = 0.1
# How far a reading may begin before its cue when only so it ends before the film does.
EARLY_MS_MAX = 1000

# A voice's pace is taken from what it has read so far, with that much of the usual pace mixed in.
USUAL_MS = 1000
PACE_MIN, PACE_MAX = 0.6, 1.7
# Silence at a cue's end that nobody minds; what is over it, longer pauses shall fill.
SILENCE_MS = 500
# Silence that is left after that, and that a person should know of.
DEAD_AIR_MS = 2500

# At rate 1: a story told in Mandarin runs at about 4.3 syllables a second, in English at about 170 words a minute.
# Pauses as CosyVoice and Kokoro make them at commas and at the ends of sentences.
HAN_MS = 233
DIGIT_MS = {"zh": 233, "en": 300}
SYLLABLE_MS = 220
WORD_MS = 50
COMMA_MS = 220
STOP_MS = 420

_TOKEN = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)*|[0-9]|[,，、;；:：]|[.。!！?？…—]+|\S")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_E = re.compile(r"(?:[aeiouy]l|[^aeiouyl])e$")  # tale and home, not table


@frozen
class Placement:
    """Where a reading lies in the film. `late_ms` after its cue (negative: before); `overrun_ms` past its slot."""

    start_ms: int
    end_ms: int
    late_ms: int
    overrun_ms: int


def predict_ms(text: str, language: str, rate: float = 1.0) -> int:
    """How long `text` will take to say at `rate`, from its characters and punctuation; 0 for nothing to say.

    The pause after the last word is not counted: readings are trimmed.
    """
    total, pause = 0, 0
    for token in _TOKEN.findall(text):
        spoken = _token_ms(token, language)
        if spoken:
            total += pause + spoken
            pause = 0
        elif total:
            pause = max(pause, COMMA_MS if token[0] in ",，、;；:：" else STOP_MS if token[0] in ".。!！?？…—" else 0)
    return round(total / rate)


def learned(heard: Iterable[tuple[int, int]]) -> float:
    """The pace of a voice: how much longer than predicted its readings were. Pairs of what was predicted for rate 1
    and what it was, brought to rate 1, in ms. 1.0 when nothing has been heard.
    """
    predicted_ms = natural_ms = USUAL_MS
    for foreseen, taken in heard:
        predicted_ms, natural_ms = predicted_ms + foreseen, natural_ms + taken
    return min(max(natural_ms / predicted_ms, PACE_MIN), PACE_MAX)


def is_heard(end_ms: int, film_ms: int) -> bool:
    """Whether the film's end leaves room for what is said until then."""
    return end_ms <= film_ms + TOLERANCE_MS


def needed_rate(text: str, slot: Slot, language: str, pace: float = 1.0) -> float:
    """At what rate the text would just fit, however fast that is."""
    return predict_ms(text, language) * pace / max(1, slot.room_ms)


def choose_rate(text: str, slot: Slot, language: str, pace: float = 1.0) -> float:
    """The rate to ask for, 0.90 to 1.30 in steps of 0.01.

    `pace` is how much longer than predicted this voice has been so far. Too short a text is read more slowly, up to
    the cue's own end; a longer one borrows the silence after the cue; only what still does not fit is read faster.
    """
    natural_ms = round(predict_ms(text, language) * pace)
    return _rate_for(natural_ms, slot)


def retake(measured_ms: int, rate: float, slot: Slot) -> float | None:
    """A better rate for a reading that took `measured_ms` at `rate`; None when it is good enough or as good as it gets.

    Better is faster when it passes its slot, and slower when it was hurried for nothing.
    """
    better = _rate_for(round(measured_ms * rate), slot)
    too_long = measured_ms > slot.room_ms + TOLERANCE_MS
    if too_long:
        return better if abs(better - rate) >= RATE_STEP_MIN else None
    return better if rate > 1.0 and rate - better >= RELIEF_MIN else None


def squeeze(measured_ms: int, rate: float, slot: Slot) -> float:
    """By how much the finished sound is to be made shorter, 1.0 or more: what another reading could not mend, mildly,
    and together with the rate never above RATE_MAX.
    """
    if measured_ms <= slot.room_ms + TOLERANCE_MS:
        return 1.0
    return max(1.0, min(measured_ms / max(1, slot.room_ms), SHORTER_MAX, RATE_MAX / rate))


def lacking_ms(measured_ms: int, slot: Slot) -> int:
    """How much longer the pauses of a reading should be made, so that its cue does not end in dead air."""
    return max(0, slot.cue_ms - SILENCE_MS - measured_ms)


def spread(begin_ms: int, until_ms: int, parts: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """When each part of a reading begins: at its own time, in order, and so that the last ends by `until_ms` if the
    parts allow it. Parts as (wanted start, length); the first begins at `begin_ms`.
    """
    latest: list[int] = []
    for _, length_ms in reversed(parts):
        until_ms -= length_ms
        latest.append(until_ms)
    starts: list[int] = []
    free_ms = begin_ms
    for (wanted_ms, length_ms), latest_ms in zip(parts, reversed(latest), strict=True):
        start_ms = max(free_ms, min(wanted_ms, latest_ms)) if starts else begin_ms
        starts.append(start_ms)
        free_ms = start_ms + length_ms
    return tuple(starts)


def place(measured: Sequence[tuple[Slot, int]], until_ms: int | None = None, from_ms: int = 0) -> tuple[Placement, ...]:
    """Each reading at its cue's start, or right behind the one before. Nothing is cut, nothing overlaps.

    A reading that fits its slot never makes the next one later than it was itself, so lateness only shrinks while
    there is room. `until_ms` (the film's end, where sound is cut off) moves the last readings forward into the
    silence before them, up to a second and not before `from_ms` (where the segment begins), rather than lose words;
    what still passes it is in `overrun_ms`.
    """
    wanted = [slot.start_ms for slot, _ in measured]
    if until_ms is not None:
        wanted = _moved_forward(measured, until_ms, from_ms)
    placements: list[Placement] = []
    free_ms = from_ms
    for (slot, spoken_ms), start_ms in zip(measured, wanted, strict=True):
        begin_ms = max(start_ms, free_ms)
        free_ms = begin_ms + max(0, spoken_ms)
        placements.append(Placement(begin_ms, free_ms, begin_ms - slot.start_ms, max(0, free_ms - slot.end_ms)))
    return tuple(placements)


def _moved_forward(measured: Sequence[tuple[Slot, int]], until_ms: int, from_ms: int) -> list[int]:
    wanted: list[int] = []
    for slot, spoken_ms in reversed(measured):
        start_ms = min(slot.start_ms, max(until_ms - spoken_ms, slot.start_ms - EARLY_MS_MAX, from_ms))
        wanted.append(start_ms)
        until_ms = start_ms
    return wanted[::-1]


def _rate_for(natural_ms: int, slot: Slot) -> float:
    """Rounded up to whole hundredths, so that the prediction really fits."""
    target_ms = min(max(natural_ms, slot.cue_ms), slot.room_ms)
    hundredths = -(-natural_ms * 100 // max(1, target_ms))
    return min(max(hundredths, round(RATE_MIN * 100)), round(RATE_MAX * 100)) / 100


def _token_ms(token: str, language: str) -> int:
    if token[0].isascii() and token[0].isalpha():
        return WORD_MS + SYLLABLE_MS * _syllables(token.lower())
    if token.isdigit():
        return DIGIT_MS.get(language, DIGIT_MS["en"])
    return HAN_MS if is_han(token[0]) else 0


def _syllables(word: str) -> int:
    """Groups of vowels, less a silent final e; letters said one by one when there are none (TV)."""
    groups = len(_VOWELS.findall(word))
    if groups > 1 and _SILENT_E.search(word):
        groups -= 1
    return groups or len(word)
