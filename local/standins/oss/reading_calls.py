"""Wire calls that read objects: GET, HEAD, objectMeta, symlink; and a bucket served as a website."""

from __future__ import annotations

from local.standins.http import Response
from local.standins.oss.call import Call
from local.standins.oss.documents import http_date, parsed
from local.standins.oss.errors import OssError
from local.standins.oss.object_calls import symlink_header, version_headers
from local.standins.oss.objects import StoredObject
from local.standins.oss.reading import check_conditions, object_headers, overrides, requested_span
from local.standins.oss.restoring import is_readable
from local.standins.oss.snapshots import snapshot


def get_object(call: Call) -> Response:
    if "x-oss-process" in call.query:
        return snapshot(call)
    # one lock around finding and reading, so that an overwrite in between cannot take the body away
    with call.state.account.lock:
        try:
            return _read(call, call.key)
        except OssError as error:
            if error.status != 404:
                raise
            page = _website_page(call)
            if page is None:
                raise
            return page


def head_object(call: Call) -> Response:
    answered = _read(call, call.key, with_body=False)
    answered.body = b""
    return answered


def get_object_meta(call: Call) -> Response:
    """Less than HEAD: no metadata, and a symlink is described itself."""
    stored = call.state.head(call.bucket, call.key, call.version_id)
    return Response(
        200,
        {
            "ETag": f'"{stored.etag}"',
            "Last-Modified": http_date(stored.mtime),
            "Content-Length": str(stored.size),
            "x-oss-hash-crc64ecma": str(stored.crc64),
            **version_headers(call, stored),
        },
    )


def get_symlink(call: Call) -> Response:
    stored = call.state.head(call.bucket, call.key, call.version_id)
    if stored.kind != "Symlink":
        raise OssError(400, "NotSymlink", "The object is not a symlink.")
    headers = object_headers(stored, call.state.account.now())
    return Response(200, {**headers, **symlink_header(stored), **version_headers(call, stored)})


def _read(call: Call, key: str, *, with_body: bool = True) -> Response:
    state = call.state
    asked = state.head(call.bucket, key, call.version_id)
    stored = state.resolved(call.bucket, asked)
    if with_body and not is_readable(stored, state.account.now()):
        message = "The operation is not valid for the object's state"
        raise OssError(403, "InvalidObjectState", message, details={"ObjectName": stored.key})
    check_conditions(call.headers, stored)
    headers = {
        **object_headers(stored, call.state.account.now()),
        **_link_headers(asked),
        **version_headers(call, asked),
    }
    headers |= overrides(call.query)
    span = requested_span(call.headers, stored.size)
    start, end = (span.start, span.end) if span else (0, stored.size)
    headers["Content-Length"] = str(end - start)
    if span:
        headers["Content-Range"] = span.content_range
        headers.pop("Content-MD5", None)
    body = state.catalogue.bodies.read(stored.body, start, end) if with_body else b""
    return Response(206 if span else 200, headers, body)


def _link_headers(asked: StoredObject) -> dict[str, str]:
    """A symlink lends its target's bytes its own user metadata, tags and type."""
    if asked.kind != "Symlink":
        return {}
    headers = {**asked.user_meta, "x-oss-object-type": "Symlink", "Last-Modified": http_date(asked.mtime)}
    if asked.tags:
        headers["x-oss-tagging-count"] = str(len(asked.tags))
    return headers


def _website_page(call: Call) -> Response | None:
    """The index or error page of a bucket's website; only for keys that are not there."""
    document = call.state.bucket(call.bucket).configurations.get("website")
    if document is None:
        return None
    root, versions = parsed(document.encode()), call.state.bucket(call.bucket)
    index = root.findtext("IndexDocument/Suffix", "")
    error_key = root.findtext("ErrorDocument/Key", "")
    if index and call.key.endswith("/") and versions.current(call.key + index):
        return _read(call, call.key + index)
    if index and call.key.endswith("/") and versions.current(index):
        return _read(call, index)
    if error_key and versions.current(error_key):
        page = _read(call, error_key)
        page.status = 200 if root.findtext("ErrorDocument/HttpStatus") == "200" else 404
        return page
    return None
