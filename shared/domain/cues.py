"""Captions as cues: read from any SRT a family or a vendor may give, written as a clean one, and made speakable.

Apart, because everything after it may rely on cues being sorted, not overlapping, numbered from 1 and never empty.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import Enum
from itertools import pairwise

from shared.domain.errors import Refused
from shared.domain.frozen import frozen
from shared.domain.han import is_han
from shared.domain.sentences import Sentence, sentence

FILE_BYTES_MAX = 2 * 1024 * 1024
CUES_MAX = 5000
TEXT_CHARACTERS_MAX = 1000
# A timing line holds four digits of hours; no film comes near.
START_MS_MAX, END_MS_MAX = 9_998 * 3_600_000, 9_999 * 3_600_000
# Two captions that start within a frame of each other are one bilingual caption written twice.
TOGETHER_MS = 40
# OCR reports one caption as two when a frame between them was unreadable: up to two frames at 25 fps.
TOUCHING_MS = 80


@frozen
class Cue:
    """One caption; `text` has one or more lines, none of them blank. Milliseconds from the film's start."""

    number: int
    start_ms: int
    end_ms: int
    text: str


class RepairKind(str, Enum):
    ENCODING = "encoding"
    MARKUP = "markup"
    NUMBER = "number"
    EMPTY = "empty"
    ORDER = "order"
    LENGTH = "length"
    JOINED = "joined"
    DUPLICATE = "duplicate"
    OVERLAP = "overlap"
    OUTSIDE = "outside"  # of the film, which is known to whoever tells the story only


@frozen
class Repair:
    """What was mended, and in words. `number` counts the captions as they stand in the file; 0 is the file itself."""

    kind: RepairKind
    number: int
    words: str = ""

    @property
    def sentence(self) -> Sentence:
        return sentence(f"repair.{RepairKind(self.kind).value}", {"number": self.number})


@frozen
class Reading:
    cues: tuple[Cue, ...]
    repairs: tuple[Repair, ...]


def read_srt(data: bytes, *, says_again: bool = False) -> Reading:
    """The cues of an SRT file and everything that had to be mended. `says_again` where lines are a person's own: what
    is the same as the line before, without a pause, is a line of its own, and not one that OCR has read twice.

    Refuses `captions.not_srt` (no timing line at all), `captions.too_large`, `captions.too_many` and
    `captions.text_long`. No cues at all is not an error here: vendors do write captions without text.
    """
    if len(data) > FILE_BYTES_MAX:
        raise Refused("captions.too_large", mb=f"{len(data) / 2**20:.1f}", limit=FILE_BYTES_MAX // 2**20)
    text, is_utf8 = _decode(data)
    repairs = [] if is_utf8 else [repair(RepairKind.ENCODING)]
    if _MARKUP.search(text):
        repairs.append(repair(RepairKind.MARKUP))
    found = _blocks(_clean(text), repairs)
    if not found:
        raise Refused("captions.not_srt")
    return _settle(found, repairs, says_again=says_again)


def from_sentences(sentences: Sequence[tuple[int, int, str]]) -> Reading:
    """Cues from recognised speech (start and end in ms, text); refuses as `read_srt` does, but never `not_srt`."""
    _check_count(len(sentences))
    found = [
        Cue(
            number,
            max(0, start_ms),
            max(0, end_ms),
            "\n".join(line for line in _clean(text) if line and not _TIMING.match(line)),
        )
        for number, (start_ms, end_ms, text) in enumerate(sentences, 1)
    ]
    return _settle(found, [])


def numbered(cues: Iterable[Cue]) -> tuple[Cue, ...]:
    """The same cues, numbered from 1."""
    return tuple(replace(cue, number=place) for place, cue in enumerate(cues, 1))


def write_srt(cues: Iterable[Cue]) -> str:
    """An SRT that `read_srt` reads back as the very same cues without a repair, if they are `numbered`; `read_written`
    reads back any.
    """
    return "".join(f"{cue.number}\n{_clock(cue.start_ms)} --> {_clock(cue.end_ms)}\n{cue.text}\n\n" for cue in cues)


def read_written(data: bytes) -> tuple[Cue, ...]:
    """The cues of an SRT that `write_srt` wrote, with the numbers that it wrote; nothing else is read."""
    return tuple(
        Cue(int(number), _milliseconds(times[:4]), _milliseconds(times[4:]), text)
        for number, *times, text in _WRITTEN.findall(data.decode(errors="replace"))
    )


# --- bytes to clean lines

_MARKUP = re.compile(r"</?(?:i|b|u|s|c|v|p|br|font|ruby|rt|span)\b[^<>\n]{0,200}>|\{\\[^{}\n]{0,200}\}", re.IGNORECASE)
_BREAK = re.compile("\r\n?|\\\\N|[\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]|\\\\h")
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd\ud800-\udfff]")


def _decode(data: bytes) -> tuple[str, bool]:
    """The text, and whether it was sound UTF-8. Damaged bytes are left out, in whichever encoding loses fewer."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace"), False
    utf8, gb18030 = data.decode("utf-8", "replace"), data.decode("gb18030", "replace")
    if utf8.encode() == data:
        return utf8, True
    return min(utf8, gb18030, key=lambda text: text.count("\ufffd")), False


def repair(kind: RepairKind, number: int = 0) -> Repair:
    """With its words, as the family reads them."""
    return replace(Repair(kind, number), words=Repair(kind, number).sentence.zh)


def _clean(text: str) -> list[str]:
    """Lines without markup, control characters and spare spaces. Cleaning them again changes nothing."""
    for _ in range(3):
        once = _cleaned_once(text)
        if once == text:
            break
        text = once
    else:
        # Markup inside markup inside markup is hostile: without these characters none can be left.
        text = _cleaned_once(text.translate({ord(character): None for character in "<{\\"}))
    return text.split("\n")


def _cleaned_once(text: str) -> str:
    text = _INVISIBLE.sub("", _CONTROL.sub(" ", _BREAK.sub("\n", text)))
    return "\n".join(" ".join(line.split()) for line in _MARKUP.sub("", text).split("\n"))


# --- lines to cues

_TIME = r"(?:(\d{1,4}) ?[:：] ?)?(\d{1,3}) ?[:：] ?(\d{1,3})(?: ?[.,，] ?(\d{1,9}))?"
_TIMING = re.compile(rf"{_TIME} ?(?:-{{1,3}} ?>|→) ?{_TIME}(?![\d:：])", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,9}")
_WRITTEN = re.compile(rf"(\d+)\n{_TIME} --> {_TIME}\n(.+?)\n\n", re.ASCII | re.DOTALL)


def _blocks(lines: list[str], repairs: list[Repair]) -> list[Cue]:
    """One cue per timing line; `number` is its place in the file, `text` may still be empty."""
    timings = [(index, match) for index, line in enumerate(lines) if (match := _TIMING.match(line))]
    _check_count(len(timings))
    texts: list[str] = []
    after, expected = 0, 1
    for place, (index, _) in enumerate(timings, 1):
        body, number = _take_number(lines[after:index], expected)
        if number != expected:
            repairs.append(repair(RepairKind.NUMBER, place))
        texts.append("\n".join(line for line in body if line))
        after, expected = index + 1, (expected if number is None else number) + 1
    texts.append("\n".join(line for line in lines[after:] if line))
    return [
        Cue(place, _milliseconds(match.groups()[:4]), _milliseconds(match.groups()[4:]), text)
        for place, ((_, match), text) in enumerate(zip(timings, texts[1:], strict=True), 1)
    ]


def _take_number(body: list[str], expected: int) -> tuple[list[str], int | None]:
    """The lines between two timings without the number of the second one, which may be missing.

    A line of digits right above a timing is its number; with blank lines between, only if it is the expected one.
    """
    last = next((place for place in range(len(body) - 1, -1, -1) if body[place]), None)
    if last is None or not _NUMBER.fullmatch(body[last]):
        return body, None
    number = int(body[last])
    if last == len(body) - 1 or number == expected:
        return body[:last], number
    return body, None


def _check_count(count: int) -> None:
    if count > CUES_MAX:
        raise Refused("captions.too_many", count=count, limit=CUES_MAX)


def _milliseconds(groups: Sequence[str | None]) -> int:
    hours, minutes, seconds, fraction = (part or "0" for part in groups)
    whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int(fraction.ljust(3, "0")[:3])


def _clock(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{ms:03}"


# --- cues to sound cues


def _settle(found: list[Cue], repairs: list[Repair], *, says_again: bool = False) -> Reading:
    spoken = [
        replace(cue, start_ms=min(cue.start_ms, START_MS_MAX), end_ms=min(cue.end_ms, END_MS_MAX))
        for cue in found
        if cue.text
    ]
    repairs += [repair(RepairKind.EMPTY, cue.number) for cue in found if not cue.text]
    ordered = _lengthened(_sorted(spoken, repairs), repairs)
    joined = _joined(ordered, repairs)
    cues = _cut(joined if says_again else _prolonged(joined, repairs), repairs)
    for cue in cues:
        if len(cue.text) > TEXT_CHARACTERS_MAX:
            raise Refused("captions.text_long", number=cue.number, count=len(cue.text), limit=TEXT_CHARACTERS_MAX)
    return Reading(numbered(cues), tuple(repairs))


def _sorted(cues: list[Cue], repairs: list[Repair]) -> list[Cue]:
    latest = 0
    for cue in cues:
        if cue.start_ms < latest:
            repairs.append(repair(RepairKind.ORDER, cue.number))
        latest = max(latest, cue.start_ms)
    return sorted(cues, key=lambda cue: cue.start_ms)


def _lengthened(cues: list[Cue], repairs: list[Repair]) -> list[Cue]:
    """A cue without a length gets the time its text takes to read; `_cut` then makes room for the next."""
    repairs += [repair(RepairKind.LENGTH, cue.number) for cue in cues if cue.end_ms <= cue.start_ms]
    return [
        replace(cue, end_ms=cue.start_ms + _reading_ms(cue.text)) if cue.end_ms <= cue.start_ms else cue for cue in cues
    ]


def _reading_ms(text: str) -> int:
    return max(800, sum(240 if is_han(character) else 70 for character in text))


def _joined(cues: list[Cue], repairs: list[Repair]) -> list[Cue]:
    """Cues that start together become one, line under line. Afterwards all starts are distinct."""
    joined: list[Cue] = []
    for cue in cues:
        first = joined[-1] if joined else None
        if first is None or cue.start_ms - first.start_ms > TOGETHER_MS:
            joined.append(cue)
            continue
        same = cue.text == first.text
        repairs.append(repair(RepairKind.DUPLICATE if same else RepairKind.JOINED, cue.number))
        text = first.text if same else f"{first.text}\n{cue.text}"
        joined[-1] = replace(first, text=text, end_ms=max(first.end_ms, cue.end_ms))
    return joined


def _prolonged(cues: list[Cue], repairs: list[Repair]) -> list[Cue]:
    """The same text once more, touching, prolongs the cue."""
    found: list[Cue] = []
    for cue in cues:
        last = found[-1] if found else None
        if last is not None and cue.text == last.text and cue.start_ms - last.end_ms <= TOUCHING_MS:
            repairs.append(repair(RepairKind.DUPLICATE, cue.number))
            found[-1] = replace(last, end_ms=max(last.end_ms, cue.end_ms))
        else:
            found.append(cue)
    return found


def _cut(cues: list[Cue], repairs: list[Repair]) -> list[Cue]:
    """An overlap ends the earlier cue."""
    pairs = list(pairwise(cues))
    repairs += [repair(RepairKind.OVERLAP, cue.number) for cue, after in pairs if cue.end_ms > after.start_ms]
    return [*(replace(cue, end_ms=min(cue.end_ms, after.start_ms)) for cue, after in pairs), *cues[-1:]]


# --- what of a cue is spoken

_NOTES = re.compile("[♩♪♫♬🎵🎶🎼]+")
_EFFECT = re.compile(r"\[[^\[\]]*\]|【[^【】]*】|［[^［］]*］|^[(（][^()（）]*[)）]\s*[:：]?")
_DASH = re.compile(r"^(?:[-‐–—•]+|>>+)\s*")
_WORD = r"[A-Za-z][A-Za-z'’-]*"
_LATIN = re.compile(rf"{_WORD}(?:[\s,.;:!?…\"“”]+{_WORD}){{2,}}[\s,.;:!?…\"“”]*")


def speakable(text: str, language: str) -> str:
    """The words of a cue that the narrator of this language (`zh` or `en`) says; `""` when there are none.

    Of a cue in both languages only the narrator's own lines stay. Speaker dashes, notes and sound effects go:
    square brackets anywhere, round ones where they begin a line (inside a sentence they belong to it).
    """
    lines = [stripped for line in text.split("\n") if (stripped := _stripped(line))]
    scripts = [_script(line) for line in lines]
    if "zh" in scripts and "en" in scripts:
        lines = [line for line, script in zip(lines, scripts, strict=True) if script in {language, ""}]
    joined = ""
    for line in lines:
        words = _own_words(line, language)
        # Chinese captions often leave out the comma where the line breaks.
        pause = "，" if language == "zh" and joined[-1:].isalnum() else " "
        joined = f"{joined}{pause}{words}" if joined else words
    return joined if any(character.isalnum() for character in joined) else ""


def _stripped(line: str) -> str:
    while True:
        once = " ".join(_DASH.sub("", _EFFECT.sub(" ", _NOTES.sub(" ", line)).strip()).split())
        if once == line:
            return line
        line = once


def _script(line: str) -> str:
    han = sum(map(is_han, line))
    words = len(re.findall(_WORD, line))
    if han:
        return "zh" if han >= words else "en"
    return "en" if words else ""


def _own_words(line: str, language: str) -> str:
    """A line that holds both languages side by side, as OCR joins them: three Latin words or more are a translation."""
    runs = list(_LATIN.finditer(line)) if any(map(is_han, line)) else []
    if not runs:
        return line
    if language == "en":
        return " ".join(run.group().strip() for run in runs)
    for run in reversed(runs):
        if run.start() == 0 or run.end() == len(line):
            line = line[: run.start()] + line[run.end() :]
    return line.strip()
