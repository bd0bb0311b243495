"""`Objects` on the OSS stand-in's state."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from local.direct.answering import answering
from local.standins.oss.errors import OssError
from local.standins.oss.objects import StoredObject
from local.standins.oss.state import OssState
from shared.clients import results
from shared.clients.codes import Vendor
from shared.clients.endpoints import Endpoints
from shared.clients.oss_rules import our_key, sharing_s
from shared.domain.errors import Conflict, Corrupt, Refused, Retry
from shared.ports import Bucket, ObjectInfo, Place
from shared.settings import Settings

Frames = Callable[[bytes, float, str, int], bytes]
"""One frame of a film at so many seconds, as `jpg` or `png`, so many pixels wide; 0 for the film's own width."""

OCTETS = "application/octet-stream"


class DirectObjects:
    """Addresses of results are looked at as in production, and lead into the same state."""

    def __init__(self, settings: Settings, state: OssState, frames: Frames) -> None:
        self._endpoints = Endpoints.of(settings)
        self._state = state
        self._frames = frames
        self._names = {bucket: self._endpoints.bucket(bucket) for bucket in Bucket}

    def head(self, place: Place) -> ObjectInfo | None:
        try:
            with answering(Vendor.OSS, sent=False, key=place.key):
                return _info(self._state.head(self._names[place.bucket], place.key))
        except Refused:
            return None

    def read(self, place: Place, start: int = 0, length: int | None = None) -> bytes:
        end = None if length is None else start + length
        with answering(Vendor.OSS, sent=False, key=place.key):
            return self._state.read(self._names[place.bucket], place.key, start, end)

    def write(self, place: Place, body: bytes, content_type: str) -> ObjectInfo:
        return self._put(place, body, content_type, forbid_overwrite=False)

    def write_new(self, place: Place, body: bytes, content_type: str) -> bool:
        try:
            self._put(place, body, content_type, forbid_overwrite=True)
        except Conflict:
            return False
        return True

    def copy(self, source: Place, target: Place) -> ObjectInfo:
        names = self._names
        with answering(Vendor.OSS, sent=True, key=source.key):
            copied = self._state.copy(names[source.bucket], source.key, names[target.bucket], our_key(target.key))
            return _info(copied)

    def patch(self, source: Place, target: Place, at: int, removed: int, body: bytes) -> ObjectInfo:
        whole = self.read(source)
        return self._put(target, whole[:at] + body + whole[at + removed :], OCTETS, forbid_overwrite=False)

    def keep(self, url: str, place: Place, limit_mb: int) -> ObjectInfo:
        body, content_type = self._result(results.trusted(url, self._endpoints))
        if not 0 < len(body) <= limit_mb * results.MB:
            raise Corrupt("vendor.contract", f"the result has {len(body)} bytes")
        return self._put(place, body, content_type, forbid_overwrite=False)

    def share(self, place: Place, lasting_s: int) -> str:
        name = self._names[place.bucket]
        base = self._endpoints.override or f"https://{name}.oss-{self._endpoints.region}.aliyuncs.com"
        return self._state.presign_get(name, our_key(place.key), sharing_s(lasting_s), base)

    def plain_url(self, place: Place) -> str:
        return self._endpoints.plain_url(Place(place.bucket, our_key(place.key)))

    def frame(self, place: Place, at_s: float) -> bytes:
        return self._frames(self.read(place), at_s, "jpg", 0)

    def small_frame(self, place: Place, at_s: float, width: int) -> bytes:
        return self._frames(self.read(place), at_s, "png", width)

    def listing(self, bucket: Bucket, prefix: str, after: str = "", limit: int = 1000) -> list[ObjectInfo]:
        found: list[ObjectInfo] = []
        while len(found) < limit:
            count = min(limit - len(found), 1000)
            with answering(Vendor.OSS, sent=False):
                page = self._state.listing(self._names[bucket], prefix, after, count).entries
            found.extend(_info(each) for each in page)
            if len(page) < count:
                break
            after = found[-1].key
        return found

    def delete(self, place: Place) -> None:
        with answering(Vendor.OSS, sent=True, key=place.key):
            name = self._names[place.bucket]
            if place.bucket is not Bucket.OUTPUT:
                self._state.delete(name, place.key)
                return
            for version_id in self._state.versions(name, place.key):
                self._state.delete(name, place.key, version_id)

    def _put(self, place: Place, body: bytes, content_type: str, *, forbid_overwrite: bool) -> ObjectInfo:
        name, key, headers = self._names[place.bucket], our_key(place.key), {"content-type": content_type}
        with answering(Vendor.OSS, sent=True, key=key):
            return _info(self._state.put(name, key, body, headers, forbid_overwrite=forbid_overwrite))

    def _result(self, url: str) -> tuple[bytes, str]:
        expires = parse_qs(urlsplit(url).query).get("Expires", ["0"])[0]
        if 0 < int(expires) < self._state.account.now():
            raise Retry("url.expired", urlsplit(url).path)
        address = self._state.locate(url)
        try:
            stored = self._state.head(address.bucket, address.key)
            return self._state.read(address.bucket, address.key), stored.content_type
        except OssError as error:
            raise Retry("url.expired", error.code) from error


def _info(stored: StoredObject) -> ObjectInfo:
    return ObjectInfo(stored.key, stored.size, stored.etag, float(int(stored.mtime)))
