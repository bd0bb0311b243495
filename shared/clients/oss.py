"""Object storage through oss2.

oss2 2.19.1 never repeats a request by itself. Reads are repeated once here, when no answer came; writes never, so
that `write_new` cannot take its own first success for somebody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, TypeVar
from xml.etree.ElementTree import ParseError

from shared.clients import results
from shared.clients.codes import Answer, Vendor, classify, unanswered
from shared.clients.credentials import Credentials
from shared.clients.endpoints import Endpoints
from shared.clients.lean import without
from shared.clients.lean_requests import HTTPAdapter, requests
from shared.clients.oss_parts import COPIED_MAX, SMALL_MAX, Part, Span, parts
from shared.clients.oss_rules import our_key, sharing_s
from shared.clients.transport import Idle, hush
from shared.domain.errors import Conflict, Corrupt, Refused
from shared.ports import Bucket, ObjectInfo, Place
from shared.settings import Settings

with without("aliyunsdkcore", "aliyunsdkkms", "Crypto", "oss2.crypto", "oss2.crypto_bucket"):
    import oss2

T = TypeVar("T")

PAGE = 1000
"""ListObjectsV2 returns no more per call."""

_FORBID_OVERWRITE = {"x-oss-forbid-overwrite": "true"}
_EXACT_RANGE = {"x-oss-range-behavior": "standard"}
"""Without it OSS answers a range beyond the end with 200 and the whole object."""

_NO_SUCH_RANGE = 416

OCTETS = "application/octet-stream"

UPRIGHT = "ar_auto"
"""Without it OSS shows a film as it is stored, and phones store what was taken upright on its side."""


class OssObjects:
    """`Objects` on OSS. One instance may serve many threads."""

    def __init__(self, settings: Settings, env: Mapping[str, str]) -> None:
        self._endpoints = Endpoints.of(settings)
        self._timeout_s = settings.call_timeout_s
        hush("oss2")
        session = oss2.Session(adapter=_RestedAdapter())
        self._buckets = {bucket: self._open(bucket, Credentials(env), session) for bucket in Bucket}

    def _open(self, bucket: Bucket, credentials: Credentials, session: oss2.Session) -> oss2.Bucket:
        return oss2.Bucket(
            oss2.ProviderAuthV4(credentials),
            self._endpoints.oss,
            self._endpoints.bucket(bucket),
            session=session,
            connect_timeout=self._timeout_s,  # oss2 uses it for connecting and for each read; its own default is 60 s
            region=self._endpoints.region,
            is_path_style=self._endpoints.is_override,  # no wildcard DNS for an override
        )

    def head(self, place: Place) -> ObjectInfo | None:
        try:
            found = reading(lambda: self._buckets[place.bucket].head_object(place.key), place)
        except Refused:
            return None
        if found.last_modified is None or found.content_length is None:
            raise unanswered(Vendor.OSS, TypeError("an answer without size and date"), sent=False)
        return ObjectInfo(place.key, found.content_length, found.etag, float(found.last_modified))

    def read(self, place: Place, start: int = 0, length: int | None = None) -> bytes:
        if length == 0:
            return b""
        whole = start == 0 and length is None
        span = None if whole else (start, None if length is None else start + length - 1)
        headers = None if whole else _EXACT_RANGE
        bucket = self._buckets[place.bucket]
        try:
            return bytes(reading(lambda: bucket.get_object(place.key, byte_range=span, headers=headers).read(), place))
        except _BeyondEnd:
            return b""

    def write(self, place: Place, body: bytes, content_type: str) -> ObjectInfo:
        result = self._put(place, body, {"Content-Type": content_type})
        return ObjectInfo(place.key, len(body), result.etag, _answered_at(result.headers))

    def write_new(self, place: Place, body: bytes, content_type: str) -> bool:
        try:
            self._put(place, body, {"Content-Type": content_type, **_FORBID_OVERWRITE})
        except Conflict:
            return False
        return True

    def copy(self, source: Place, target: Place) -> ObjectInfo:
        found = self.head(source)  # first, so that nothing can go wrong once the copy is there
        if found is None:
            raise Refused("object.missing", key=source.key)
        if found.size > COPIED_MAX:
            return self._assemble(source, found, target, parts(found.size, 0, 0, b""))
        bucket, name, key = self._buckets[target.bucket], self._endpoints.bucket(source.bucket), our_key(target.key)
        result = once(lambda: bucket.copy_object(name, source.key, key), source)
        return ObjectInfo(target.key, found.size, result.etag, _answered_at(result.headers))

    def patch(self, source: Place, target: Place, at: int, removed: int, body: bytes) -> ObjectInfo:
        found = self.head(source)
        if found is None:
            raise Refused("object.missing", key=source.key)
        if found.size <= SMALL_MAX:
            whole = self.read(source)
            return self.write(target, whole[:at] + body + whole[at + removed :], OCTETS)
        return self._assemble(source, found, target, parts(found.size, at, removed, body))

    def _assemble(self, source: Place, found: ObjectInfo, target: Place, made_of: list[Part]) -> ObjectInfo:
        """An upload in parts. One that is broken off is never seen, and the bucket's rules clear it away."""
        bucket, name, key = self._buckets[target.bucket], self._endpoints.bucket(source.bucket), our_key(target.key)
        upload = once(lambda: bucket.init_multipart_upload(key), target).upload_id
        same = {"x-oss-copy-source-if-match": found.etag}
        done: list[oss2.models.PartInfo] = []
        for number, part in enumerate(made_of, 1):
            only = part[0]
            if len(part) == 1 and isinstance(only, Span):
                span = (only.start, only.end - 1)
                copied = (name, source.key, span, key, upload, number)
                etag = once(partial(bucket.upload_part_copy, *copied, headers=same), source).etag
            else:
                body = b"".join(self._piece(source, piece) for piece in part)
                etag = once(partial(bucket.upload_part, key, upload, number, body), target).etag
            done.append(oss2.models.PartInfo(number, etag))
        result = once(lambda: bucket.complete_multipart_upload(key, upload, done), target)
        size = sum(piece.length if isinstance(piece, Span) else len(piece) for part in made_of for piece in part)
        return ObjectInfo(target.key, size, result.etag, _answered_at(result.headers))

    def _piece(self, source: Place, piece: Span | bytes) -> bytes:
        return self.read(source, piece.start, piece.length) if isinstance(piece, Span) else piece

    def keep(self, url: str, place: Place, limit_mb: int) -> ObjectInfo:
        with results.opened(url, self._endpoints, limit_mb=limit_mb, timeout_s=self._timeout_s) as body:
            result = self._put(place, iter(body), {})
            return ObjectInfo(place.key, body.size, result.etag, _answered_at(result.headers))

    def share(self, place: Place, lasting_s: int) -> str:
        # without slash_safe the key's slashes become %2F, which some fetchers take for part of a name
        signed = self._buckets[place.bucket].sign_url("GET", our_key(place.key), sharing_s(lasting_s), slash_safe=True)
        return str(signed)

    def plain_url(self, place: Place) -> str:
        return self._endpoints.plain_url(Place(place.bucket, our_key(place.key)))

    def frame(self, place: Place, at_s: float) -> bytes:
        return self._snapshot(place, f"t_{round(at_s * 1000)},f_jpg,w_0,h_0,m_fast,{UPRIGHT}")

    def small_frame(self, place: Place, at_s: float, width: int) -> bytes:
        # without m_fast, which takes a key frame near by
        return self._snapshot(place, f"t_{round(at_s * 1000)},f_png,w_{width},h_0,{UPRIGHT}")

    def _snapshot(self, place: Place, wish: str) -> bytes:
        bucket = self._buckets[place.bucket]
        process = f"video/snapshot,{wish}"
        return bytes(reading(lambda: bucket.get_object(place.key, process=process).read(), place))

    def listing(self, bucket: Bucket, prefix: str, after: str = "", limit: int = PAGE) -> list[ObjectInfo]:
        found: list[ObjectInfo] = []
        start = after
        while len(found) < limit:
            count = min(limit - len(found), PAGE)
            page = self._page(bucket, prefix, start, count)
            found.extend(ObjectInfo(each.key, each.size, each.etag, float(each.last_modified)) for each in page)
            if len(page) < count:
                break
            start = found[-1].key
        return found

    def _page(self, bucket: Bucket, prefix: str, after: str, count: int) -> list[Any]:
        opened = self._buckets[bucket]
        page = reading(
            lambda: opened.list_objects_v2(prefix=prefix, start_after=after, max_keys=count), Place(bucket, prefix)
        )
        return list(page.object_list)

    def delete(self, place: Place) -> None:
        bucket = self._buckets[place.bucket]
        if place.bucket is not Bucket.OUTPUT:
            once(lambda: bucket.delete_object(place.key), place)
            return
        # the bucket of the stories is versioned: deleting without a version would only hide what is there
        for version in self._versions(place):
            once(partial(bucket.delete_object, place.key, params={"versionId": version}), place)

    def _versions(self, place: Place) -> list[str]:
        """All versions of an object, and the marks of earlier deletions."""
        bucket = self._buckets[place.bucket]
        page = reading(lambda: bucket.list_object_versions(prefix=place.key, max_keys=PAGE), place)
        return [one.versionid for one in (*page.versions, *page.delete_marker) if one.key == place.key]

    def _put(self, place: Place, body: object, headers: Mapping[str, str]) -> Any:
        bucket, key = self._buckets[place.bucket], our_key(place.key)
        return once(lambda: bucket.put_object(key, body, headers=dict(headers)), place)


class _RestedAdapter(HTTPAdapter):
    """Throws its kept connections away when they have rested too long, see `Idle`."""

    def __init__(self) -> None:
        super().__init__()
        self._idle = Idle()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if self._idle.passed():
            self.poolmanager.clear()
        return super().send(request, *args, **kwargs)


class _BeyondEnd(Corrupt):
    """What a read makes an empty answer of; an error only where nobody asked for a range."""


# from ParseError on: oss2 lets out what it meets in an answer that is not its XML, or whose headers make no sense
_NO_ANSWER = (
    oss2.exceptions.RequestError,
    requests.RequestException,
    ParseError,
    RuntimeError,
    ValueError,
    TypeError,
    AttributeError,
)


def reading(call: Callable[[], T], place: Place) -> T:
    """A call that changes nothing, repeated once when nobody answered."""
    try:
        return call()
    except _NO_ANSWER:
        return _translated(call, place, sent=False)
    except oss2.exceptions.OssError as error:
        raise _told(error, place, sent=False) from error


def once(call: Callable[[], T], place: Place) -> T:
    """A call that changes something: one request, whatever happens."""
    return _translated(call, place, sent=True)


def _translated(call: Callable[[], T], place: Place, *, sent: bool) -> T:
    try:
        return call()
    except _NO_ANSWER as error:
        raise unanswered(Vendor.OSS, error, sent=sent) from error
    except oss2.exceptions.OssError as error:
        raise _told(error, place, sent=sent) from error


def _told(error: oss2.exceptions.OssError, place: Place, *, sent: bool) -> Exception:
    if error.status == _NO_SUCH_RANGE:
        return _BeyondEnd("vendor.contract", "no such range")
    if error.status < 0:  # oss2 found fault with an argument, or with the checksum of what it sent
        damaged = isinstance(error, oss2.exceptions.InconsistentError)
        return unanswered(Vendor.OSS, error, sent=sent) if damaged else Corrupt("internal", str(error))
    code = error.code or ("NoSuchKey" if error.status == requests.codes.not_found else "")  # HEAD has no body
    answer = Answer(Vendor.OSS, error.status, code, error.message, error.request_id)
    return classify(answer, sent=sent, key=place.key)


def _answered_at(headers: Mapping[str, str]) -> float:
    """When the object was written, by the clock of OSS; 0 when it did not say."""
    try:
        return parsedate_to_datetime(headers.get("Date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return 0.0
