"""One JSON line per thing worth knowing, with everything secret taken out before it is written.

What is secret is told twice over: by the name it goes under, and by what it looks like. Urls are always left out, since
any may be presigned; so is every long run of mixed letters and digits, since that is what keys and tokens are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TextIO

from shared.ports import Clock, Log

HIDDEN = "***"
TEXT_CHARS_MAX = 2_000
TEXT_READ_MAX = 4_000
"""Beyond this nothing of a text is looked at: some of the patterns take a time that grows with its square."""
DEPTH_MAX = 6
ITEMS_MAX = 100
NUMBER_MAX = 10**18
"""Neither NaN nor infinity is at most this, nor a number of more digits than Python writes."""

_NAMES = re.compile(
    r"(?i).*(?:secret|token|password|credential|access_?key|api_?key|signature|authorization|consent).*|who|text|words"
)
"""Fields that are secret, or a family's own words."""

_START = r"(?:\b|(?<=\\[abfnrtv]))"
"""Of a word, also after a line break that is written as two characters: so `repr` writes it."""

_TEXTS = (
    re.compile(r"(?i)\b[a-z][a-z0-9+.-]{1,11}(?:://|%3A%2F%2F)[^\s\"'<>]+"),
    re.compile(_START + r"sk-[A-Za-z0-9_-]{4,}"),
    re.compile(_START + r"(?:LTAI|STS\.)[A-Za-z0-9.]{4,}"),
    re.compile(
        r"(?i)" + _START + r"(?:Bearer|Basic|OSS4?|OSS4-HMAC-SHA256|acs|ACS3-HMAC-SHA256)\s+[A-Za-z0-9+/=_.:-]{8,}"
    ),
)
_ASSIGNED = re.compile(
    r"(?i)((?:signature|token|secret|password|credential|authorization|access[-_]?key|api[-_]?key|expires)"
    r"[a-z0-9_-]{0,20}[\\\"']{0,4}\s{0,3}(?:[=:]|%3D)\s{0,3}[\\\"']{0,4})[^\s&,;\\\"']+"
)
_RUN = re.compile(r"[A-Za-z0-9+=_-]{20,}")
_MIXED = (re.compile(r"[A-Z]"), re.compile(r"[a-z]"), re.compile(r"[0-9]"))


def redact(value: object, name: str = "", depth: int = 0) -> object:
    """The value as a log may show it: without secrets, of bounded size, and such that JSON and UTF-8 can hold it."""
    if name and _NAMES.fullmatch(name):
        return HIDDEN
    if value is None or isinstance(value, (bool, int, float)):
        return value if value is None or abs(value) <= NUMBER_MAX else "no number"
    if isinstance(value, (Mapping, list, tuple)):
        if depth >= DEPTH_MAX:
            return "…"
        if isinstance(value, Mapping):
            pairs = [(str(key), inner) for key, inner in list(value.items())[:ITEMS_MAX]]
            return {redact_text(key): redact(inner, key, depth + 1) for key, inner in pairs}
        return [redact(inner, "", depth + 1) for inner in value[:ITEMS_MAX]]
    if isinstance(value, (bytes, bytearray)):
        value = f"{len(value)} bytes"
    return redact_text(value if isinstance(value, str) else str(value))


def redact_text(text: str) -> str:
    """A text without what looks like a secret."""
    rest = ""
    if len(text) > TEXT_READ_MAX:
        # Not in the middle of a word: half a secret may not look like one.
        text, rest = text[:TEXT_READ_MAX].rpartition(" ")[0], "…"
    for pattern in _TEXTS:
        text = pattern.sub(HIDDEN, text)
    text = _ASSIGNED.sub(rf"\g<1>{HIDDEN}", text)
    text = _RUN.sub(_hidden_if_mixed, text)
    shown = text[:TEXT_CHARS_MAX] + ("…" if len(text) > TEXT_CHARS_MAX else rest)
    return shown.encode("utf-8", "replace").decode()


def _hidden_if_mixed(run: re.Match[str]) -> str:
    """Our own keys and digests, and the vendors' ids, are of one case."""
    return HIDDEN if all(kind.search(run.group()) for kind in _MIXED) else run.group()


def json_lines(stream: TextIO, clock: Clock, **always: object) -> Log:
    """A log that writes to a stream; `always` goes into each line (function name, request id)."""

    def log(event: str, fields: Mapping[str, object]) -> None:
        line = {"at": round(clock.now(), 3), "event": event, **always, **fields}
        stream.write(json.dumps(redact(line), ensure_ascii=False, allow_nan=False) + "\n")
        stream.flush()

    return log
