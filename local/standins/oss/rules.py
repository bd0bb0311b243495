"""The small decisions of the state: what may be overwritten, appended to, copied, found. Pure, and raising OssError."""

from __future__ import annotations

from collections.abc import Mapping

from local.standins.oss.errors import OssError, file_already_exists, invalid_argument, no_such_key, no_such_version
from local.standins.oss.metadata import BUCKET_ACLS, describe, encryption_of, without_encryption
from local.standins.oss.objects import Bucket, Description, StoredObject
from local.standins.oss.version_ids import check_version_id


def checked_bucket_acl(acl: str) -> str:
    if acl not in BUCKET_ACLS:
        raise invalid_argument("no such bucket access control exists", "x-oss-acl", acl)
    return acl


def refuse_overwrite(bucket: Bucket, key: str) -> None:
    """`x-oss-forbid-overwrite` has no effect in a bucket with versioning (help.aliyun.com "PutObject")."""
    if not bucket.versioning and bucket.current(key):
        raise file_already_exists()


def check_append(before: StoredObject | None, position: int) -> None:
    if before and before.kind != "Appendable":
        raise OssError(409, "ObjectNotAppendable", "The object is not appendable")
    length = before.size if before else 0
    if position != length:
        headers = {"x-oss-next-append-position": str(length)}
        raise OssError(409, "PositionNotEqualToLength", "Position is not equal to file length", headers=headers)


def described_copy(source: StoredObject, headers: Mapping[str, str]) -> Description:
    """Encryption never comes from the source, only from what the copy asks for."""
    given = describe(headers)
    directives = {name.lower(): value.upper() for name, value in headers.items() if name.lower().endswith("directive")}
    replaces_metadata = directives.get("x-oss-metadata-directive", "COPY") == "REPLACE"
    replaces_tags = directives.get("x-oss-tagging-directive", "COPY") == "REPLACE"
    headers = {**without_encryption(source.headers), **encryption_of(given.headers)}
    return Description(
        given.headers if replaces_metadata else headers,
        given.acl,
        given.tags if replaces_tags else source.tags,
        given.storage_class,
    )


def found_current(bucket: Bucket, key: str) -> StoredObject:
    versions = bucket.versions.get(key)
    if not versions:
        raise no_such_key(key)
    if versions[-1].is_marker:
        raise no_such_key(key, {"x-oss-delete-marker": "true", "x-oss-version-id": versions[-1].version_id})
    return versions[-1]


def found_version(bucket: Bucket, key: str, version_id: str) -> StoredObject:
    check_version_id(version_id)
    stored = bucket.version(key, version_id)
    if stored is None:
        raise no_such_version(key, version_id)
    if stored.is_marker:
        headers = {"x-oss-delete-marker": "true", "x-oss-version-id": version_id, "Allow": "DELETE"}
        message = "The specified method is not allowed against this resource."
        raise OssError(405, "MethodNotAllowed", message, headers=headers)
    return stored
