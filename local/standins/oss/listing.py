"""Pages of a listing: prefix, delimiter, marker and limit, the same for objects, versions and uploads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from local.standins.oss.errors import invalid_argument
from local.standins.oss.objects import Bucket, StoredObject, Upload

LIMIT_MAX = 1000
TEXT_BYTES_MAX = 1024

Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Page(Generic[Entry]):
    """`next_after` is the last key or prefix on the page when there is more, else None; `next_id` its own id."""

    entries: tuple[Entry, ...]
    prefixes: tuple[str, ...]
    next_after: str | None = None
    next_id: str = ""

    @property
    def is_truncated(self) -> bool:
        return self.next_after is not None


def check_texts(**texts: str) -> None:
    for name, text in texts.items():
        if len(text.encode()) > TEXT_BYTES_MAX:
            raise invalid_argument(f"The length of {name} must be less than 1024.", name, text)


def check_limit(name: str, limit: int) -> None:
    if not 0 < limit <= LIMIT_MAX:
        raise invalid_argument(f"Argument {name} must be an integer between 1 and 1000.", name, str(limit))


def objects_page(bucket: Bucket, prefix: str, delimiter: str, after: str, limit: int) -> Page[StoredObject]:
    """Current versions only."""
    held = (bucket.current(key) for key in bucket.keys_from(max(prefix, after)))
    current = (stored for stored in held if stored is not None and stored.key > after)
    return _page(current, lambda stored: (stored.key, ""), prefix, delimiter, after, limit)


def versions_page(
    bucket: Bucket, prefix: str, delimiter: str, after: tuple[str, str], limit: int
) -> Page[StoredObject]:
    """Every version and delete marker, newest first within a key; `after` is the key and version id to go on from."""
    after_key, after_id = after

    def entries() -> Iterable[StoredObject]:
        for key in bucket.keys_from(max(prefix, after_key)):
            newest_first = list(reversed(bucket.versions[key]))
            if key == after_key:
                ids = [stored.version_id for stored in newest_first]
                newest_first = newest_first[ids.index(after_id) + 1 :] if after_id in ids else []
            yield from newest_first

    return _page(entries(), lambda stored: (stored.key, stored.version_id), prefix, delimiter, after_key, limit)


def uploads_page(
    uploads: Iterable[Upload], prefix: str, delimiter: str, after: tuple[str, str], limit: int
) -> Page[Upload]:
    """By key, then by upload id; with an upload id in `after`, later uploads of that same key are on the page too."""
    after_key, after_id = after
    ordered = sorted(uploads, key=lambda upload: (upload.key, upload.upload_id))
    rest = [
        upload
        for upload in ordered
        if upload.key > after_key or (after_id and upload.key == after_key and upload.upload_id > after_id)
    ]
    return _page(rest, lambda upload: (upload.key, upload.upload_id), prefix, delimiter, after_key, limit)


def _page(
    entries: Iterable[Entry],
    place: Callable[[Entry], tuple[str, str]],
    prefix: str,
    delimiter: str,
    after: str,
    limit: int,
) -> Page[Entry]:
    listed: list[Entry] = []
    prefixes: list[str] = []
    last = ("", "")
    for entry in entries:
        key, entry_id = place(entry)
        if not key.startswith(prefix):
            if key > prefix:
                break
            continue
        group = _group(key, prefix, delimiter)
        if group and (group <= after or (prefixes and prefixes[-1] == group)):
            continue
        if len(listed) + len(prefixes) == limit:
            return Page(tuple(listed), tuple(prefixes), *last)
        if group:
            prefixes.append(group)
            last = (group, "")
        else:
            listed.append(entry)
            last = (key, entry_id)
    return Page(tuple(listed), tuple(prefixes))


def _group(key: str, prefix: str, delimiter: str) -> str:
    """The common prefix a key is rolled up into, or nothing."""
    if not delimiter:
        return ""
    at = key.find(delimiter, len(prefix))
    return key[: at + len(delimiter)] if at >= 0 else ""
