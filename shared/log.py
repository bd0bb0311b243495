"""One JSON line per thing worth knowing, with everything secret taken out before it is written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TextIO

from shared.ports import Clock, Log

HIDDEN = "***"
_SECRET_NAMES = re.compile(
    r"(?i)^(.*secret.*|.*token.*|.*password.*|authorization|signature|api_?key|.*access_?key.*|credential.*)$"
)
_SECRET_TEXTS = (
    re.compile(r"(?i)(https?|oss|wss?)://\S+"),  # urls may be presigned: log keys
    re.compile(r"\bsk-[A-Za-z0-9_-]{6,}"),
    re.compile(r"\b(?:LTAI|STS\.)[A-Za-z0-9.]{8,}"),
    re.compile(r"(?i)\b(?:Bearer|OSS4?-?[A-Z0-9-]*|acs)\s+[A-Za-z0-9+/=_.:-]{16,}"),
    re.compile(
        r"(?i)((?:x-oss-|security-)?(?:signature|security-token|ossaccesskeyid|accesskeyid|credential|authorization)"
        r"[-a-z0-9]*\s*[=:]\s*)[^\s&,;\"']+"
    ),
)


def redact(value: object, name: str = "") -> object:
    """The value without secrets: by the name it goes under, and by what it looks like."""
    if name and _SECRET_NAMES.match(name):
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(key): redact(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact(inner) for inner in value]
    if isinstance(value, (bytes, bytearray)):
        return f"{len(value)} bytes"
    if isinstance(value, str):
        for pattern in _SECRET_TEXTS:
            value = pattern.sub(HIDDEN, value)
    return value


def json_lines(stream: TextIO, clock: Clock, **always: object) -> Log:
    """A log that writes to a stream; `always` goes into each line (function name, request id)."""

    def log(event: str, fields: Mapping[str, object]) -> None:
        line = {"at": round(clock.now(), 3), "event": event, **always, **fields}
        stream.write(json.dumps(redact(line), ensure_ascii=False, default=str) + "\n")
        stream.flush()

    return log
