"""Wire calls of uploads in parts."""

from __future__ import annotations

import re

from local.standins.http import Response
from local.standins.oss.call import Call
from local.standins.oss.digests import md5_base64
from local.standins.oss.documents import answer, iso_time, leaf, node, number_in, parsed, quoted_key
from local.standins.oss.errors import invalid_argument
from local.standins.oss.listing import LIMIT_MAX, check_limit
from local.standins.oss.metadata import encryption_of
from local.standins.oss.object_calls import copy_source, put_headers, stored_headers

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def initiate(call: Call) -> Response:
    upload = call.uploads.begin(
        call.bucket,
        call.key,
        put_headers(call),
        is_sequential="sequential" in call.query,
        request_id=call.request_id,
    )
    encoding = call.query.get("encoding-type", "")
    key = quoted_key(upload.key, encoding)
    result = node("InitiateMultipartUploadResult", Bucket=call.bucket, Key=key, UploadId=upload.upload_id)
    if encoding:
        result.insert(0, leaf("EncodingType", encoding))
    return answer(result, encryption_of(upload.described.headers))


def upload_part(call: Call) -> Response:
    call.check_md5()
    _refuse_encryption(call)
    upload = call.uploads.found(call.bucket, call.key, call.query["uploadId"])
    part = call.uploads.add_part(upload, call.number("partNumber", 0), call.body, request_id=call.request_id)
    digests = {"ETag": f'"{part.etag}"', "x-oss-hash-crc64ecma": str(part.crc64)}
    encryption = encryption_of(upload.described.headers)
    return Response(200, {**digests, "Content-MD5": md5_base64(call.body), **encryption})


def upload_part_copy(call: Call) -> Response:
    upload = call.uploads.found(call.bucket, call.key, call.query["uploadId"])
    bucket, key, version_id = copy_source(call)
    start, end = _copied_span(call.headers.get("x-oss-copy-source-range", ""))
    with call.state.account.lock:
        size = call.state.resolved(bucket, call.state.head(bucket, key, version_id)).size
        if start < 0:
            start += size
        body = call.state.read(bucket, key, start, end, version_id)
    if not body and size:
        raise invalid_argument("The copy range is outside the source object.", "x-oss-copy-source-range", f"{start}-")
    event = "ObjectCreated:UploadPartCopy"
    part = call.uploads.add_part(upload, call.number("partNumber", 0), body, event=event, request_id=call.request_id)
    headers = {"ETag": f'"{part.etag}"', "x-oss-hash-crc64ecma": str(part.crc64)}
    return answer(node("CopyPartResult", LastModified=iso_time(part.mtime), ETag=f'"{part.etag}"'), headers)


def complete(call: Call) -> Response:
    _refuse_encryption(call)
    upload = call.uploads.found(call.bucket, call.key, call.query["uploadId"])
    stored = call.uploads.complete(
        upload,
        _listed_parts(call),
        acl=call.headers.get("x-oss-object-acl", ""),
        forbid_overwrite=call.forbids_overwrite,
        request_id=call.request_id,
    )
    headers = stored_headers(call, stored)
    encoding = call.query.get("encoding-type", "")
    result = node(
        "CompleteMultipartUploadResult",
        Location=f"{call.request.scheme}://{call.request.host}{call.request.raw_path}",
        Bucket=call.bucket,
        Key=quoted_key(stored.key, encoding),
        ETag=f'"{stored.etag}"',
    )
    if encoding:
        result.insert(0, leaf("EncodingType", encoding))
    return answer(result, headers)


def abort(call: Call) -> Response:
    call.uploads.abort(call.uploads.found(call.bucket, call.key, call.query["uploadId"]), call.request_id)
    return Response(204)


def list_parts(call: Call) -> Response:
    upload = call.uploads.found(call.bucket, call.key, call.query["uploadId"])
    marker, limit = call.number("part-number-marker", 0), call.number("max-parts", LIMIT_MAX)
    check_limit("max-parts", limit)
    rest = [upload.parts[number] for number in sorted(upload.parts) if number > marker]
    page = rest[:limit]
    encoding = call.query.get("encoding-type", "")
    lines = [
        node(
            "Part",
            PartNumber=part.number,
            LastModified=iso_time(part.mtime),
            ETag=f'"{part.etag}"',
            HashCrc64ecma=part.crc64,
            Size=part.size,
        )
        for part in page
    ]
    result = node(
        "ListPartsResult",
        *lines,
        Bucket=call.bucket,
        Key=quoted_key(upload.key, encoding),
        UploadId=upload.upload_id,
        StorageClass=upload.described.storage_class or "Standard",
        PartNumberMarker=marker,
        NextPartNumberMarker=page[-1].number if page else 0,
        MaxParts=limit,
        IsTruncated=len(rest) > limit,
    )
    if encoding:
        result.insert(0, leaf("EncodingType", encoding))
    return answer(result)


def _refuse_encryption(call: Call) -> None:
    """It is settled when the upload is begun."""
    if encryption_of({name.lower(): value for name, value in call.headers.items()}):
        name = "x-oss-server-side-encryption"
        raise invalid_argument(f"{name} is not supported here.", name, call.headers.get(name, ""))


def _copied_span(text: str) -> tuple[int, int | None]:
    """Start and exclusive end; a negative start counts from the source's end."""
    match = _RANGE.fullmatch(text)
    if not match or match.groups() == ("", ""):
        return 0, None
    first, last = match.groups()
    if not first:
        return -int(last), None
    return int(first), int(last) + 1 if last else None


def _listed_parts(call: Call) -> list[tuple[int, str]] | None:
    if call.headers.get("x-oss-complete-all", "").lower() == "yes":
        if call.body:
            message = "The body of a request with x-oss-complete-all must be empty."
            raise invalid_argument(message, "x-oss-complete-all", "yes")
        return None
    root = parsed(call.body, "CompleteMultipartUpload")
    return [(number_in(part, "PartNumber"), part.findtext("ETag", "")) for part in root.findall("Part")]
