"""SubRip text to captions and back.

SubRip has no standard, only habits, and people edit these files by hand: numbers may be missing, times may use a dot or
no hours, lines may carry tags. Whatever has a readable time line and some text is a caption; the rest is skipped.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterable

from local.engines.contract import Caption

_CLOCK = r"(?:(\d+):)?(\d{1,2}):(\d{1,2})(?:[,.](\d{1,3}))?"
_TIMES = re.compile(rf"^\s*{_CLOCK}\s*--?>\s*{_CLOCK}")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|\{[^{}]*\}")
_NUMBER = re.compile(r"^\s*\d+\s*$")


def parse_srt(text: str) -> list[Caption]:
    """Captions in order of their start; those without text or without a length are left out."""
    blocks: list[tuple[float, float, list[str]]] = []
    for line in text.lstrip("\ufeff").splitlines():
        times = _TIMES.match(line)
        if times:
            _forget_number(blocks)
            blocks.append((_seconds(times.groups()[:4]), _seconds(times.groups()[4:]), []))
        elif blocks:
            blocks[-1][2].append(line)
    captions = [Caption(start_s, end_s, _plain(lines)) for start_s, end_s, lines in blocks]
    return sorted(
        (caption for caption in captions if caption.text and caption.end_s > caption.start_s),
        key=lambda caption: (caption.start_s, caption.end_s),
    )


def format_srt(captions: Iterable[Caption]) -> str:
    """The captions as SubRip text, numbered from 1."""
    return "\n".join(
        f"{number}\n{_clock(caption.start_s)} --> {_clock(caption.end_s)}\n{caption.text}\n"
        for number, caption in enumerate(captions, start=1)
    )


def text_of(file: bytes) -> str:
    """Decode a caption file: by its byte order mark, else UTF-8, else GB 18030 as Chinese editors still write."""
    if file.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return file.decode("utf-16", "replace")
    try:
        return file.decode("utf-8-sig")
    except UnicodeDecodeError:
        return file.decode("gb18030", "replace")


def _forget_number(blocks: list[tuple[float, float, list[str]]]) -> None:
    """The number over a time line was taken for the last line of the caption before."""
    if blocks and blocks[-1][2] and _NUMBER.match(blocks[-1][2][-1]):
        blocks[-1][2].pop()


def _plain(lines: list[str]) -> str:
    text = html.unescape(_TAG.sub("", "\n".join(lines)))
    kept = (re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in re.split(r"\n|\\[Nn]", text))
    return "\n".join(line for line in kept if line)


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = parts
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return (whole * 1000 + int((fraction or "0").ljust(3, "0"))) / 1000


def _clock(seconds: float) -> str:
    whole, ms = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d},{ms:03d}"
