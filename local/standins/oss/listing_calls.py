"""Wire calls that list: objects (both versions of the call), versions of objects, uploads in parts."""

from __future__ import annotations

import base64
import binascii
from xml.etree import ElementTree as ET

from local.standins.http import Response
from local.standins.oss import listing
from local.standins.oss.call import Call
from local.standins.oss.documents import answer, iso_time, node, owner, quoted_key
from local.standins.oss.errors import invalid_argument
from local.standins.oss.objects import StoredObject
from local.standins.oss.restoring import restore_text

LIMIT_DEFAULT = 100


def list_objects(call: Call) -> Response:
    prefix, delimiter, encoding = _common(call)
    marker, limit = call.query.get("marker", ""), _limit(call, "max-keys")
    listing.check_texts(marker=marker)
    page = call.state.listing(call.bucket, prefix, marker, limit, delimiter)
    texts: dict[str, str | int | bool] = {
        "Name": call.bucket,
        "Prefix": quoted_key(prefix, encoding),
        "Marker": quoted_key(marker, encoding),
        "MaxKeys": limit,
        "Delimiter": quoted_key(delimiter, encoding),
        "IsTruncated": page.is_truncated,
    }
    if page.next_after is not None:
        texts["NextMarker"] = quoted_key(page.next_after, encoding)
    lines = [_contents(call, stored, encoding, with_owner=True) for stored in page.entries]
    return _result("ListBucketResult", texts, lines, page.prefixes, encoding)


def list_objects_v2(call: Call) -> Response:
    prefix, delimiter, encoding = _common(call)
    start_after, limit = call.query.get("start-after", ""), _limit(call, "max-keys")
    listing.check_texts(start_after=start_after)
    token = call.query.get("continuation-token", "")
    after = _after_of(token) if token else start_after
    page = call.state.listing(call.bucket, prefix, after, limit, delimiter)
    texts: dict[str, str | int | bool] = {
        "Name": call.bucket,
        "Prefix": quoted_key(prefix, encoding),
        "StartAfter": quoted_key(start_after, encoding),
        "MaxKeys": limit,
        "Delimiter": quoted_key(delimiter, encoding),
        "IsTruncated": page.is_truncated,
        "KeyCount": len(page.entries) + len(page.prefixes),
    }
    if token:
        texts["ContinuationToken"] = token
    if page.next_after is not None:
        texts["NextContinuationToken"] = _token_of(page.next_after)
    with_owner = call.query.get("fetch-owner") == "true"
    lines = [_contents(call, stored, encoding, with_owner=with_owner) for stored in page.entries]
    return _result("ListBucketResult", texts, lines, page.prefixes, encoding)


def list_object_versions(call: Call) -> Response:
    prefix, delimiter, encoding = _common(call)
    key_marker, id_marker = call.query.get("key-marker", ""), call.query.get("version-id-marker", "")
    limit = _limit(call, "max-keys")
    listing.check_texts(key_marker=key_marker, version_id_marker=id_marker)
    listing.check_limit("max-keys", limit)
    with call.state.account.lock:
        bucket = call.state.bucket(call.bucket)
        page = listing.versions_page(bucket, prefix, delimiter, (key_marker, id_marker), limit)
        newest = {key: versions[-1].version_id for key, versions in bucket.versions.items()}
    texts: dict[str, str | int | bool] = {
        "Name": call.bucket,
        "Prefix": quoted_key(prefix, encoding),
        "KeyMarker": quoted_key(key_marker, encoding),
        "VersionIdMarker": id_marker,
        "MaxKeys": limit,
        "Delimiter": quoted_key(delimiter, encoding),
        "IsTruncated": page.is_truncated,
    }
    if page.next_after is not None:
        texts["NextKeyMarker"] = quoted_key(page.next_after, encoding)
        texts["NextVersionIdMarker"] = page.next_id
    lines = [_version(call, stored, encoding, newest[stored.key]) for stored in page.entries]
    return _result("ListVersionsResult", texts, lines, page.prefixes, encoding)


def list_multipart_uploads(call: Call) -> Response:
    prefix, delimiter, encoding = _common(call)
    key_marker, id_marker = call.query.get("key-marker", ""), call.query.get("upload-id-marker", "")
    limit = call.number("max-uploads", listing.LIMIT_MAX)
    page = call.uploads.page(call.bucket, prefix, delimiter, (key_marker, id_marker), limit)
    texts: dict[str, str | int | bool] = {
        "Bucket": call.bucket,
        "KeyMarker": quoted_key(key_marker, encoding),
        "UploadIdMarker": id_marker,
        "NextKeyMarker": quoted_key(page.next_after or "", encoding),
        "NextUploadIdMarker": page.next_id,
        "Delimiter": quoted_key(delimiter, encoding),
        "Prefix": quoted_key(prefix, encoding),
        "MaxUploads": limit,
        "IsTruncated": page.is_truncated,
    }
    lines = [
        node(
            "Upload",
            Key=quoted_key(upload.key, encoding),
            UploadId=upload.upload_id,
            Initiated=iso_time(upload.initiated),
            StorageClass=upload.described.storage_class or "Standard",
        )
        for upload in page.entries
    ]
    return _result("ListMultipartUploadsResult", texts, lines, page.prefixes, encoding)


def list_live_channels(call: Call) -> Response:
    """There never are any here; tools that empty a bucket before they delete it ask all the same."""
    call.state.bucket(call.bucket)
    prefix, limit = call.query.get("prefix", ""), call.number("max-keys", LIMIT_DEFAULT)
    return answer(
        node("ListLiveChannelResult", Prefix=prefix, Marker="", MaxKeys=limit, IsTruncated=False, NextMarker="")
    )


def _common(call: Call) -> tuple[str, str, str]:
    prefix, delimiter = call.query.get("prefix", ""), call.query.get("delimiter", "")
    encoding = call.query.get("encoding-type", "")
    if encoding not in ("", "url"):
        raise invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", encoding)
    listing.check_texts(prefix=prefix, delimiter=delimiter)
    return prefix, delimiter, encoding


def _limit(call: Call, name: str) -> int:
    return call.number(name, LIMIT_DEFAULT)


def _result(
    root: str,
    texts: dict[str, str | int | bool],
    lines: list[ET.Element],
    prefixes: tuple[str, ...],
    encoding: str,
) -> Response:
    if encoding:
        texts["EncodingType"] = encoding
    groups = [node("CommonPrefixes", Prefix=quoted_key(prefix, encoding)) for prefix in prefixes]
    return answer(node(root, *lines, *groups, **texts))


def _contents(call: Call, stored: StoredObject, encoding: str, *, with_owner: bool) -> ET.Element:
    line = node("Contents", Key=quoted_key(stored.key, encoding), **_facts(call, stored))
    if with_owner:
        line.append(owner(call.state.account.account_id))
    return line


def _version(call: Call, stored: StoredObject, encoding: str, newest_id: str) -> ET.Element:
    texts: dict[str, str | int | bool] = {
        "Key": quoted_key(stored.key, encoding),
        "VersionId": stored.version_id,
        "IsLatest": stored.version_id == newest_id,
    }
    own = owner(call.state.account.account_id)
    if stored.is_marker:
        return node("DeleteMarker", own, **texts, LastModified=iso_time(stored.mtime))
    return node("Version", own, **texts, **_facts(call, stored))


def _facts(call: Call, stored: StoredObject) -> dict[str, str | int | bool]:
    restore = restore_text(stored, call.state.account.now())
    told: dict[str, str | int | bool] = {"RestoreInfo": restore} if restore else {}
    return {
        **told,
        "LastModified": iso_time(stored.mtime),
        "ETag": f'"{stored.etag}"',
        "Type": stored.kind,
        "Size": stored.size,
        "StorageClass": stored.storage_class,
    }


def _token_of(after: str) -> str:
    return base64.urlsafe_b64encode(after.encode()).decode()


def _after_of(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        message = "The continuation token provided is incorrect."
        raise invalid_argument(message, "continuation-token", token) from None
