"""The things OSS holds: buckets, versions of objects, uploads in parts. Plain data, and how it is written down."""

from __future__ import annotations

import json
from bisect import bisect_left
from dataclasses import asdict, dataclass, field

NULL_VERSION = "null"
DEFAULT_CONTENT_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class Description:
    """Everything a client says about an object but its bytes; an empty `storage_class` means the bucket's."""

    headers: dict[str, str]
    acl: str = "default"
    tags: dict[str, str] = field(default_factory=dict)
    storage_class: str = ""


@dataclass(frozen=True)
class StoredObject:
    """One version of an object.

    `headers` have lower-case names: what the service keeps of a put (`content-type`, `x-oss-meta-...`). `etag` has no
    quotes. `mtime` is seconds since the epoch. `body` names the bytes in `Bodies`; a delete marker has none.
    `content_md5` is base64, empty where the service does not know it. `sequence` orders versions, newest highest.
    """

    key: str
    size: int = 0
    etag: str = ""
    crc64: int = 0
    mtime: float = 0.0
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "Normal"
    acl: str = "default"
    tags: dict[str, str] = field(default_factory=dict)
    storage_class: str = "Standard"
    symlink_target: str = ""
    content_md5: str = ""
    thawed_at: float = 0.0
    restored_until: float = 0.0
    version_id: str = NULL_VERSION
    is_marker: bool = False
    sequence: int = 0

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", DEFAULT_CONTENT_TYPE)

    @property
    def user_meta(self) -> dict[str, str]:
        """With their `x-oss-meta-` prefix, as FC's events carry them."""
        return {name: value for name, value in self.headers.items() if name.startswith("x-oss-meta-")}

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, row: bytes) -> StoredObject:
        return cls(**json.loads(row))


@dataclass
class Bucket:
    """`configurations` maps a sub-resource (`cors`, `lifecycle`, ...) to the document it was put with.

    `versions` holds each key's versions, oldest first. `versioning` is empty, `Enabled` or `Suspended`.
    """

    name: str
    created: float
    acl: str = "private"
    storage_class: str = "Standard"
    data_redundancy: str = "LRS"
    versioning: str = ""
    configurations: dict[str, str] = field(default_factory=dict)
    versions: dict[str, list[StoredObject]] = field(default_factory=dict)
    _sorted: list[str] | None = None

    def current(self, key: str) -> StoredObject | None:
        """The version a plain GET would return, None when there is none or it is deleted."""
        held = self.versions.get(key)
        return None if not held or held[-1].is_marker else held[-1]

    def version(self, key: str, version_id: str) -> StoredObject | None:
        return next((held for held in self.versions.get(key, ()) if held.version_id == version_id), None)

    def keys_from(self, first: str) -> list[str]:
        """Keys in the order of their bytes, from `first` on."""
        if self._sorted is None:
            # UTF-8 bytes sort as code points do, so Python's order is the service's
            self._sorted = sorted(self.versions)
        return self._sorted[bisect_left(self._sorted, first) :]

    def add(self, stored: StoredObject) -> None:
        if stored.key not in self.versions:
            self._sorted = None
        self.versions.setdefault(stored.key, []).append(stored)

    def replace(self, stored: StoredObject) -> None:
        """Put a changed description in the place of the version it describes."""
        held = self.versions[stored.key]
        held[[version.version_id for version in held].index(stored.version_id)] = stored

    def remove(self, stored: StoredObject) -> None:
        held = self.versions[stored.key]
        held.remove(stored)
        if not held:
            del self.versions[stored.key]
            self._sorted = None

    def to_json(self) -> bytes:
        kept = ("name", "created", "acl", "storage_class", "data_redundancy", "versioning", "configurations")
        return json.dumps({name: getattr(self, name) for name in kept}, ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, row: bytes) -> Bucket:
        return cls(**json.loads(row))


@dataclass(frozen=True)
class Part:
    number: int
    size: int
    etag: str
    crc64: int
    mtime: float
    body: str


@dataclass
class Upload:
    """An upload in parts that is neither completed nor aborted; `described` is the object to come."""

    upload_id: str
    bucket: str
    key: str
    initiated: float
    described: Description
    is_sequential: bool = False
    parts: dict[int, Part] = field(default_factory=dict)

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, row: bytes) -> Upload:
        fields = json.loads(row)
        fields["described"] = Description(**fields["described"])
        fields["parts"] = {int(number): Part(**part) for number, part in fields["parts"].items()}
        return cls(**fields)
