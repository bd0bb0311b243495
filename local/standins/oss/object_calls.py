"""Wire calls that put, copy, append, delete and re-describe objects. Reading them is in `reading_calls`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, quote, unquote
from xml.etree import ElementTree as ET

from local.standins.http import Response
from local.standins.oss.access import Right, check_access
from local.standins.oss.bucket_calls import acl_document
from local.standins.oss.call import Call
from local.standins.oss.configurations import encryption_headers, tags_in
from local.standins.oss.documents import answer, iso_time, leaf, node, parsed, quoted_key
from local.standins.oss.errors import OssError, invalid_argument, malformed_xml
from local.standins.oss.metadata import TAG_CHARACTERS, TAGS_MAX, checked_object_acl, checked_tags, encryption_of
from local.standins.oss.objects import StoredObject
from local.standins.oss.reading import check_conditions
from local.standins.oss.restoring import restored
from local.standins.oss.state import Deletion

DELETED_MAX = 1000
Change = Callable[[StoredObject], StoredObject]


def put_object(call: Call) -> Response:
    call.check_md5()
    stored = call.state.put(
        call.bucket,
        call.key,
        call.body,
        put_headers(call),
        forbid_overwrite=call.forbids_overwrite,
        request_id=call.request_id,
    )
    headers = {**stored_headers(call, stored), "Content-MD5": stored.content_md5}
    if call.headers.get("x-oss-callback") or call.query.get("callback"):
        # the object is stored all the same: help.aliyun.com "Callback"
        raise OssError(203, "CallbackFailed", "This stand-in calls no callback addresses.", headers=headers)
    return Response(200, headers)


def append_object(call: Call) -> Response:
    call.check_md5()
    position = call.number("position", 0)
    stored = call.state.append(call.bucket, call.key, position, call.body, put_headers(call), call.request_id)
    return Response(200, {**stored_headers(call, stored), "x-oss-next-append-position": str(stored.size)})


def copy_object(call: Call) -> Response:
    source_bucket, source_key, source_version = copy_source(call)
    stored = call.state.copy(
        source_bucket,
        source_key,
        call.bucket,
        call.key,
        put_headers(call),
        source_version=source_version,
        forbid_overwrite=call.forbids_overwrite,
        request_id=call.request_id,
    )
    headers = stored_headers(call, stored)
    if source_version:
        headers["x-oss-copy-source-version-id"] = source_version
    return answer(node("CopyObjectResult", ETag=f'"{stored.etag}"', LastModified=iso_time(stored.mtime)), headers)


def copy_source(call: Call) -> tuple[str, str, str]:
    """Bucket, key and version named by `x-oss-copy-source`, once its conditions hold."""
    path, _, query = call.headers["x-oss-copy-source"].partition("?")
    bucket, _, key = unquote(path).lstrip("/").partition("/")
    if not bucket or not key:
        raise invalid_argument("Copy Source must mention the source bucket and key.", "x-oss-copy-source", path)
    version_id = parse_qs(query, keep_blank_values=True).get("versionId", [""])[0]
    if "versionId" in query and not version_id:
        raise invalid_argument("Version id cannot be the empty string", "versionId", "")
    source = call.state.bucket(bucket)
    check_access(call.caller, Right.READ, source, source.current(key))
    check_conditions(call.headers, call.state.head(bucket, key, version_id), "x-oss-copy-source-")
    return bucket, key, version_id


def delete_object(call: Call) -> Response:
    deletion = call.state.delete(call.bucket, call.key, call.version_id, request_id=call.request_id)
    headers = {"x-oss-version-id": deletion.version_id} if deletion.version_id else {}
    if deletion.is_marker:
        headers["x-oss-delete-marker"] = "true"
    return Response(204, headers)


def delete_objects(call: Call) -> Response:
    if not call.headers.get("content-md5"):
        raise OssError(400, "MissingArgument", "Missing Some Required Arguments.")
    call.check_md5()
    root = parsed(call.body, "Delete")
    listed = [(line.findtext("Key", ""), line.findtext("VersionId", "")) for line in root.findall("Object")]
    if not 0 < len(listed) <= DELETED_MAX or not all(key for key, _ in listed):
        raise malformed_xml()
    call.state.bucket(call.bucket)
    event, request_id = "ObjectRemoved:DeleteObjects", call.request_id
    done = [
        (call.state.delete(call.bucket, key, version_id, event=event, request_id=request_id), version_id)
        for key, version_id in listed
    ]
    if root.findtext("Quiet", "").lower() == "true":
        return Response(200)
    encoding = call.query.get("encoding-type", "")
    lines = [_deleted(deletion, version_id, encoding) for deletion, version_id in done]
    result = node("DeleteResult", *lines)
    if encoding:
        result.insert(0, leaf("EncodingType", encoding))
    return answer(result)


def put_object_acl(call: Call) -> Response:
    acl = checked_object_acl(call.headers.get("x-oss-object-acl", ""))
    return _changed(call, lambda stored: replace(stored, acl=acl))


def get_object_acl(call: Call) -> Response:
    stored = call.state.head(call.bucket, call.key, call.version_id)
    answered = acl_document(call, stored.acl)
    answered.headers |= version_headers(call, stored)
    return answered


def put_object_tagging(call: Call) -> Response:
    tags = checked_tags(tags_in(parsed(call.body, "Tagging")), TAGS_MAX, TAG_CHARACTERS)
    return _changed(call, lambda stored: replace(stored, tags=tags))


def get_object_tagging(call: Call) -> Response:
    stored = call.state.head(call.bucket, call.key, call.version_id)
    tags = [node("Tag", Key=key, Value=value) for key, value in stored.tags.items()]
    return answer(node("Tagging", node("TagSet", *tags)), version_headers(call, stored))


def delete_object_tagging(call: Call) -> Response:
    answered = _changed(call, lambda stored: replace(stored, tags={}))
    return Response(204, answered.headers)


def put_symlink(call: Call) -> Response:
    stored = call.state.put_symlink(
        call.bucket,
        call.key,
        unquote(call.headers.get("x-oss-symlink-target", "")),
        put_headers(call),
        forbid_overwrite=call.forbids_overwrite,
        request_id=call.request_id,
    )
    return Response(200, {"ETag": f'"{stored.etag}"', **version_headers(call, stored)})


def restore_object(call: Call) -> Response:
    with call.state.account.lock:
        stored = call.state.head(call.bucket, call.key, call.version_id)
        restoration = restored(stored, call.body, call.state.account.now())
        call.state.change(call.bucket, restoration.stored)
    headers = version_headers(call, stored)
    if restoration.tier:
        headers["x-oss-object-restore-priority"] = restoration.tier
    return Response(202 if restoration.is_new else 200, headers)


def put_headers(call: Call) -> dict[str, str]:
    """The request's headers, with the bucket's encryption rule where the client asks for none."""
    encryption = call.state.bucket(call.bucket).configurations.get("encryption")
    default = encryption_headers(encryption) if encryption else {}
    return {**default, **{name.lower(): value for name, value in call.headers.items()}}


def stored_headers(call: Call, stored: StoredObject) -> dict[str, str]:
    """What the answer to a put tells about the object it made."""
    return {
        "ETag": f'"{stored.etag}"',
        "x-oss-hash-crc64ecma": str(stored.crc64),
        **encryption_of(stored.headers),
        **version_headers(call, stored),
    }


def version_headers(call: Call, stored: StoredObject) -> dict[str, str]:
    """None in a bucket that never had versioning."""
    return {"x-oss-version-id": stored.version_id} if call.state.bucket(call.bucket).versioning else {}


def symlink_header(stored: StoredObject) -> dict[str, str]:
    return {"x-oss-symlink-target": quote(stored.symlink_target)}


def _changed(call: Call, change: Change) -> Response:
    with call.state.account.lock:
        stored = call.state.head(call.bucket, call.key, call.version_id)
        call.state.change(call.bucket, change(stored))
    return Response(200, version_headers(call, stored))


def _deleted(deletion: Deletion, asked_version: str, encoding: str) -> ET.Element:
    line = node("Deleted", Key=quoted_key(deletion.key, encoding))
    if asked_version:
        line.append(leaf("VersionId", asked_version))
    if deletion.is_marker:
        line.append(leaf("DeleteMarker", value=True))
        line.append(leaf("DeleteMarkerVersionId", deletion.version_id))
    return line
