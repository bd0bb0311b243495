"""What a GET or HEAD of an object answers: its conditions, its range, its headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from local.standins.oss.documents import http_date
from local.standins.oss.errors import OssError, not_modified, precondition_failed
from local.standins.oss.objects import StoredObject
from local.standins.oss.restoring import restore_text

_RANGE = re.compile(r"bytes=(\d*)-(\d*)(?:,.*)?")  # of several ranges the service serves the first
_WIRE_NAMES = {"etag": "ETag"}


@dataclass(frozen=True)
class Span:
    """Bytes `start` up to, not including, `end` of `size`."""

    start: int
    end: int
    size: int

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


def check_conditions(headers: Mapping[str, str], stored: StoredObject, prefix: str = "") -> None:
    """`prefix` is `x-oss-copy-source-` for the conditions on the source of a copy."""
    match, none_match = headers.get(f"{prefix}if-match"), headers.get(f"{prefix}if-none-match")
    if match is not None and not _names_etag(match, stored):
        raise precondition_failed("If-Match")
    unmodified = _seconds(headers.get(f"{prefix}if-unmodified-since", ""))
    if match is None and unmodified is not None and int(stored.mtime) > unmodified:
        raise precondition_failed("If-Unmodified-Since")
    if none_match is not None and _names_etag(none_match, stored):
        raise not_modified({"ETag": f'"{stored.etag}"', "Last-Modified": http_date(stored.mtime)})
    modified = _seconds(headers.get(f"{prefix}if-modified-since", ""))
    if none_match is None and modified is not None and int(stored.mtime) <= modified:
        raise not_modified({"ETag": f'"{stored.etag}"', "Last-Modified": http_date(stored.mtime)})


def requested_span(headers: Mapping[str, str], size: int) -> Span | None:
    """None when the whole object is to be sent with 200.

    That is also what the service does with a range it cannot satisfy, unless `x-oss-range-behavior: standard` asks for
    416 and for ranges cut at the end (help.aliyun.com "How to obtain OSS resources by segmenting HTTP range requests").
    """
    is_standard = headers.get("x-oss-range-behavior", "") == "standard"
    match = _RANGE.fullmatch(headers.get("range", "").strip())
    if not match or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start, end = size - int(last), size
    else:
        start, end = int(first), int(last) + 1 if last else size
    if is_standard:
        start, end = max(start, 0), min(end, size)
        if not start < end:
            raise OssError(416, "InvalidRange", "The requested range cannot be satisfied")
    return Span(start, end, size) if 0 <= start < end <= size else None


def object_headers(stored: StoredObject, now: float) -> dict[str, str]:
    """Everything a GET tells about an object but its length."""
    told = {_wire_name(name): value for name, value in stored.headers.items()}
    told |= {
        "ETag": f'"{stored.etag}"',
        "Last-Modified": http_date(stored.mtime),
        "Accept-Ranges": "bytes",
        "x-oss-object-type": stored.kind,
        "x-oss-storage-class": stored.storage_class,
        "x-oss-hash-crc64ecma": str(stored.crc64),
    }
    if stored.kind == "Appendable":
        told["x-oss-next-append-position"] = str(stored.size)
    if stored.tags:
        told["x-oss-tagging-count"] = str(len(stored.tags))
    if stored.content_md5:
        told["Content-MD5"] = stored.content_md5
    if restore_text(stored, now):
        told["x-oss-restore"] = restore_text(stored, now)
    return told


def overrides(query: Mapping[str, str]) -> dict[str, str]:
    """`response-content-type=...` and its like replace a header of the answer."""
    return {_wire_name(name[9:]): value for name, value in query.items() if name.startswith("response-")}


def _names_etag(condition: str, stored: StoredObject) -> bool:
    named = {etag.strip().strip('"') for etag in condition.split(",")}
    return "*" in named or stored.etag in named


def _seconds(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError):
        return None


def _wire_name(name: str) -> str:
    return name if name.startswith("x-") else _WIRE_NAMES.get(name, name.title())
