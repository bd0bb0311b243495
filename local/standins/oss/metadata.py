"""What OSS keeps of the headers of a put: standard headers, user metadata, ACL, tags, storage class, encryption."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from local.standins.oss.errors import OssError, invalid_argument
from local.standins.oss.objects import DEFAULT_CONTENT_TYPE, Description

BUCKET_ACLS = ("private", "public-read", "public-read-write")
OBJECT_ACLS = ("default", *BUCKET_ACLS)
STORAGE_CLASSES = ("Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive")
ENCRYPTIONS = ("AES256", "KMS", "SM4")
DEFAULT_KMS_KEY_ID = "00000000-0000-4000-8000-000000000000"  # stands for the key KMS makes for OSS in an account
TAGS_MAX = 10
KEY_BYTES_MAX = 1023  # help.aliyun.com "Object naming conventions"
TAG_CHARACTERS = re.compile(r"[\w +\-=.:/]*")
USER_META_BYTES_MAX = 8 * 1024  # help.aliyun.com "PutObject"

_KEPT = ("content-type", "cache-control", "content-disposition", "content-encoding", "content-language", "expires")
_ENCRYPTION = "x-oss-server-side-encryption"
_KMS_KEY_ID = "x-oss-server-side-encryption-key-id"
_KMS_DATA_ENCRYPTION = "x-oss-server-side-data-encryption"
_ENCRYPTION_HEADERS = (_ENCRYPTION, _KMS_KEY_ID, _KMS_DATA_ENCRYPTION)
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


def describe(headers: Mapping[str, str]) -> Description:
    """Raises OssError for values the service refuses."""
    given = {name.lower(): value for name, value in headers.items()}
    # the service does not guess a type from the key: oss2.put_object does, on the client
    kept = {"content-type": DEFAULT_CONTENT_TYPE, **_encryption(given)}
    kept |= {name: value for name, value in given.items() if name in _KEPT or name.startswith("x-oss-meta-")}
    _check_user_meta(kept)
    acl = checked_object_acl(given.get("x-oss-object-acl", "default"))
    storage_class = given.get("x-oss-storage-class", "")
    if storage_class and storage_class not in STORAGE_CLASSES:
        raise invalid_argument("The storage class you specified is not valid.", "x-oss-storage-class", storage_class)
    return Description(kept, acl, tags_of_header(given.get("x-oss-tagging", "")), storage_class)


def checked_object_acl(acl: str) -> str:
    if acl not in OBJECT_ACLS:
        raise invalid_argument("no such object access control exists", "x-oss-object-acl", acl)
    return acl


def tags_of_header(text: str) -> dict[str, str]:
    """`x-oss-tagging: a=1&b=2`, percent-encoded."""
    pairs = parse_qsl(text, keep_blank_values=True)
    return checked_tags(pairs, TAGS_MAX, TAG_CHARACTERS)


def checked_tags(pairs: list[tuple[str, str]], tags_max: int, characters: re.Pattern[str] | None) -> dict[str, str]:
    """`characters` is what keys and values may consist of, None for anything (the tags of buckets)."""
    tags = dict(pairs)
    if len(tags) != len(pairs):
        raise OssError(400, "InvalidTag", "Cannot provide multiple tags with the same key.")
    if len(tags) > tags_max:
        raise OssError(400, "InvalidTag", f"The number of tags exceeds {tags_max}.")
    for key, value in pairs:
        if not 0 < len(key) <= 128 or len(value) > 256:
            raise OssError(400, "InvalidTag", "The length of the tag key or value is not allowed.")
        if characters and not (characters.fullmatch(key) and characters.fullmatch(value)):
            raise OssError(400, "InvalidTag", "The tag key or value holds a character that is not allowed.")
    return tags


def check_key(key: str) -> None:
    if len(key.encode()) > KEY_BYTES_MAX:
        raise OssError(400, "InvalidObjectName", "The length of object name must be less than 1024.")
    if not key or key[0] in "/\\":
        raise OssError(400, "InvalidObjectName", "The specified object is not valid.", details={"ObjectName": key})


def check_bucket_name(name: str) -> None:
    if not _BUCKET_NAME.fullmatch(name):
        raise OssError(400, "InvalidBucketName", "The specified bucket is not valid.", details={"BucketName": name})


def _check_user_meta(kept: Mapping[str, str]) -> None:
    size = sum(len(name) + len(value.encode()) for name, value in kept.items() if name.startswith("x-oss-meta-"))
    if size > USER_META_BYTES_MAX:
        raise invalid_argument("The size of the user metadata exceeds 8 KB.", "x-oss-meta-*", str(size))


def _encryption(given: Mapping[str, str]) -> dict[str, str]:
    """Nothing is encrypted here, but the answers say what they would on the service."""
    algorithm = given.get(_ENCRYPTION)
    if algorithm is None:
        return {}
    if algorithm not in ENCRYPTIONS:
        message = "The encryption request you specified is not valid. Supported value: AES256/SM4/KMS."
        raise OssError(400, "InvalidEncryptionAlgorithmError", message)
    kept = {_ENCRYPTION: algorithm}
    if algorithm == "KMS":
        kept[_KMS_KEY_ID] = given.get(_KMS_KEY_ID) or DEFAULT_KMS_KEY_ID
        if _KMS_DATA_ENCRYPTION in given:
            kept[_KMS_DATA_ENCRYPTION] = given[_KMS_DATA_ENCRYPTION]
    return kept


def encryption_of(headers: Mapping[str, str]) -> dict[str, str]:
    """The part of an object's headers that every answer to a put repeats."""
    return {name: headers[name] for name in _ENCRYPTION_HEADERS if name in headers}


def without_encryption(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in _ENCRYPTION_HEADERS}
