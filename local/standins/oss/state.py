"""The rules of OSS, without HTTP: other stand-ins and in-process ports call these methods directly.

Every method locks the account for itself. Listeners hear of an object after the lock is released, so they may call
back; a caller that holds the account's lock itself would keep it locked for them too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import quote, urlencode, urlsplit

from local.standins.account import Account
from local.standins.oss import listing, signing_v1
from local.standins.oss.addressing import Address, address_of, is_virtual_host_of
from local.standins.oss.catalogue import Catalogue
from local.standins.oss.digests import Digest
from local.standins.oss.errors import OssError, invalid_argument, no_such_key
from local.standins.oss.events import Listener, ObjectEvent
from local.standins.oss.metadata import STORAGE_CLASSES, check_bucket_name, check_key, describe
from local.standins.oss.objects import NULL_VERSION, Bucket, Description, StoredObject
from local.standins.oss.rules import (
    check_append,
    checked_bucket_acl,
    described_copy,
    found_current,
    found_version,
    refuse_overwrite,
)
from local.standins.oss.version_ids import check_version_id, new_version_id

FrameOf = Callable[[Path, float, str, int], bytes]
"""A frame of a film at so many seconds, as `jpg` or `png`, so many pixels wide (0: as the film); ValueError for what
is no film.
"""

BUCKETS_MAX = 100
NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Deletion:
    """What a delete did: the version it removed or the delete marker it left; both empty in an unversioned bucket."""

    key: str
    version_id: str = ""
    is_marker: bool = False


class OssState:
    def __init__(self, account: Account) -> None:
        self.account = account
        self.listeners: list[Listener] = []
        self.frame_of: FrameOf | None = None
        with account.lock:
            self.catalogue = Catalogue(account)

    def create_bucket(
        self, name: str, acl: str = "", storage_class: str = "Standard", data_redundancy: str = "LRS"
    ) -> None:
        """Also for a bucket that exists: then only a given ACL takes effect."""
        check_bucket_name(name)
        if storage_class not in STORAGE_CLASSES:
            raise invalid_argument("The storage class you specified is not valid.", "StorageClass", storage_class)
        with self.account.lock:
            bucket = self.catalogue.buckets.get(name)
            if bucket is None:
                if len(self.catalogue.buckets) >= BUCKETS_MAX:
                    raise OssError(400, "TooManyBuckets", "You have attempted to create more buckets than allowed.")
                bucket = Bucket(name, self.account.now(), storage_class=storage_class, data_redundancy=data_redundancy)
            bucket.acl = checked_bucket_acl(acl) if acl else bucket.acl
            self.catalogue.save_bucket(bucket)

    def bucket_names(self) -> list[str]:
        with self.account.lock:
            return sorted(self.catalogue.buckets)

    def bucket(self, name: str) -> Bucket:
        """Raises NoSuchBucket. What comes back is the state itself: change it under the account's lock only."""
        with self.account.lock:
            return self.catalogue.bucket(name)

    def set_bucket_acl(self, name: str, acl: str) -> None:
        with self.account.lock:
            bucket = self.catalogue.bucket(name)
            bucket.acl = checked_bucket_acl(acl)
            self.catalogue.save_bucket(bucket)

    def configure(self, name: str, what: str, document: str | None) -> None:
        """Keep a sub-resource's document as it was put; None removes it."""
        with self.account.lock:
            bucket = self.catalogue.bucket(name)
            bucket.configurations.pop(what, None)
            if document is not None:
                bucket.configurations[what] = document
            self.catalogue.save_bucket(bucket)

    def set_versioning(self, name: str, status: str) -> None:
        with self.account.lock:
            bucket = self.catalogue.bucket(name)
            bucket.versioning = status
            self.catalogue.save_bucket(bucket)

    def delete_bucket(self, name: str) -> None:
        with self.account.lock:
            bucket = self.catalogue.bucket(name)
            if bucket.versions or any(upload.bucket == name for upload in self.catalogue.uploads.values()):
                message = "The bucket you tried to delete is not empty."
                raise OssError(409, "BucketNotEmpty", message, details={"BucketName": name})
            self.catalogue.drop_bucket(bucket)

    def put(
        self,
        bucket: str,
        key: str,
        body: bytes,
        headers: Mapping[str, str] = NO_HEADERS,
        *,
        event: str = "ObjectCreated:PutObject",
        forbid_overwrite: bool = False,
        request_id: str = "",
    ) -> StoredObject:
        check_key(key)
        described, digest = describe(headers), Digest.of(body)
        with self.account.lock:
            held = self.catalogue.bucket(bucket)
            if forbid_overwrite:
                refuse_overwrite(held, key)
            before = held.current(key)
            kept, md5 = self.catalogue.keep_body(body), digest.content_md5
            fresh = StoredObject(key, len(body), digest.etag, digest.crc64, body=kept, content_md5=md5)
            stored = self.place(held, fresh, described)
        self.tell(event, bucket, stored, before, request_id)
        return stored

    def append(
        self,
        bucket: str,
        key: str,
        position: int,
        body: bytes,
        headers: Mapping[str, str] = NO_HEADERS,
        request_id: str = "",
    ) -> StoredObject:
        """Metadata is taken from the first append only. Raises PositionNotEqualToLength, ObjectNotAppendable."""
        check_key(key)
        with self.account.lock:
            held = self.catalogue.bucket(bucket)
            before = held.current(key)
            check_append(before, position)
            if before:
                body = self.catalogue.bodies.read(before.body) + body
                described = Description(before.headers, before.acl, before.tags, before.storage_class)
            else:
                described = describe(headers)
            digest = Digest.of(body)
            grown = StoredObject(key, len(body), digest.etag, digest.crc64, kind="Appendable")
            stored = self.place(held, replace(grown, body=self.catalogue.keep_body(body)), described)
        self.tell("ObjectCreated:AppendObject", bucket, stored, before, request_id)
        return stored

    def put_symlink(
        self,
        bucket: str,
        key: str,
        target: str,
        headers: Mapping[str, str] = NO_HEADERS,
        *,
        forbid_overwrite: bool = False,
        request_id: str = "",
    ) -> StoredObject:
        """The target need not exist yet."""
        check_key(key)
        check_key(target)
        described, digest = describe(headers), Digest.of(target.encode())
        link = StoredObject(key, 0, digest.etag, kind="Symlink", symlink_target=target)
        with self.account.lock:
            held = self.catalogue.bucket(bucket)
            if forbid_overwrite:
                refuse_overwrite(held, key)
            before = held.current(key)
            stored = self.place(held, link, described)
        self.tell("ObjectCreated:PutSymlink", bucket, stored, before, request_id)
        return stored

    def copy(
        self,
        source_bucket: str,
        source_key: str,
        bucket: str,
        key: str,
        headers: Mapping[str, str] = NO_HEADERS,
        *,
        source_version: str = "",
        forbid_overwrite: bool = False,
        request_id: str = "",
    ) -> StoredObject:
        """Metadata and tags come from the source unless the directives in `headers` say REPLACE."""
        check_key(key)
        with self.account.lock:
            source = self.resolved(source_bucket, self.head(source_bucket, source_key, source_version))
            described = described_copy(source, headers)
            held = self.catalogue.bucket(bucket)
            if forbid_overwrite:
                refuse_overwrite(held, key)
            before = held.current(key)
            twin = StoredObject(key, source.size, source.etag, source.crc64, content_md5=source.content_md5)
            stored = self.place(held, replace(twin, body=self.catalogue.duplicate_body(source.body)), described)
        self.tell("ObjectCreated:CopyObject", bucket, stored, before, request_id)
        return stored

    def head(self, bucket: str, key: str, version_id: str = "") -> StoredObject:
        """Raises NoSuchBucket, NoSuchKey, NoSuchVersion."""
        with self.account.lock:
            held = self.catalogue.bucket(bucket)
            return found_version(held, key, version_id) if version_id else found_current(held, key)

    def read(self, bucket: str, key: str, start: int = 0, end: int | None = None, version_id: str = "") -> bytes:
        """Bytes from `start` up to, not including, `end`; a symlink gives its target's."""
        with self.account.lock:
            stored = self.resolved(bucket, self.head(bucket, key, version_id))
            return self.catalogue.bodies.read(stored.body, start, end)

    def resolved(self, bucket: str, stored: StoredObject) -> StoredObject:
        """What a symlink points at; anything else is itself."""
        if stored.kind != "Symlink":
            return stored
        target = self.bucket(bucket).current(stored.symlink_target)
        if target is None:
            raise OssError(404, "SymlinkTargetNotExist", "The symlink target object does not exist.")
        if target.kind == "Symlink":
            raise OssError(400, "InvalidTargetType", "The target of a symlink must not be a symlink.")
        return target

    def as_file(self, bucket: str, key: str, folder: Path) -> Path:
        """A local file in `folder` with the object's bytes and its key's suffix, for engines that want a path.

        Not to be changed: with a store on disk it is the very file the store keeps.
        """
        with self.account.lock:
            stored = self.resolved(bucket, self.head(bucket, key))
            file = folder / (stored.body + PurePosixPath(key).suffix)
            if not file.exists():
                self.catalogue.bodies.lay_out(stored.body, file)
            return file

    def listing(
        self, bucket: str, prefix: str = "", after: str = "", limit: int = listing.LIMIT_MAX, delimiter: str = ""
    ) -> listing.Page[StoredObject]:
        listing.check_limit("max-keys", limit)
        with self.account.lock:
            return listing.objects_page(self.catalogue.bucket(bucket), prefix, delimiter, after, limit)

    def change(self, bucket: str, stored: StoredObject) -> None:
        """Put a changed description (ACL, tags, ...) in the place of the version with its id."""
        with self.account.lock:
            held = self.catalogue.bucket(bucket)
            if held.version(stored.key, stored.version_id) is None:
                raise no_such_key(stored.key)
            self.catalogue.change_version(held, stored)

    def delete(
        self,
        bucket: str,
        key: str,
        version_id: str = "",
        *,
        event: str = "ObjectRemoved:DeleteObject",
        request_id: str = "",
    ) -> Deletion:
        """Deleting what is not there succeeds, as with the service, but nobody is told."""
        check_key(key)
        with self.account.lock:
            held = self.catalogue.bucket(bucket)
            removed = held.current(key)
            if version_id:
                check_version_id(version_id)
                removed = held.version(key, version_id)
                deletion = Deletion(key, version_id, is_marker=bool(removed and removed.is_marker))
                if removed:
                    self.catalogue.remove_version(held, removed)
            elif held.versioning:
                marker = self.place(held, StoredObject(key, is_marker=True), Description({}))
                deletion = Deletion(key, marker.version_id, is_marker=True)
            else:
                deletion = Deletion(key)
                if removed:
                    self.catalogue.remove_version(held, removed)
        if removed:
            self.tell(event, bucket, removed, None, request_id)
        return deletion

    def versions(self, bucket: str, key: str) -> list[str]:
        """Ids of an object's versions and delete markers, oldest first."""
        with self.account.lock:
            return [held.version_id for held in self.catalogue.bucket(bucket).versions.get(key, ())]

    def locate(self, url: str) -> Address:
        """Bucket and key of a plain or presigned URL, in virtual-host or path style."""
        parts = urlsplit(url)
        return address_of(parts.netloc, parts.path, self.bucket_names())

    def presign_get(self, bucket: str, key: str, expires_s: int, base_url: str) -> str:
        """A URL with a V1 signature by the account's first key, good for `expires_s` seconds of the account's time."""
        access_key_id, secret = next(iter(self.account.keys.items()))
        expires = str(int(self.account.now()) + expires_s)
        signed = signing_v1.Signed("GET", {}, expires, bucket, key, {})
        query = {
            "OSSAccessKeyId": access_key_id,
            "Expires": expires,
            "Signature": signing_v1.signature(secret, signed),
        }
        host = urlsplit(base_url).netloc
        path = quote(key) if is_virtual_host_of(host, bucket) else f"{bucket}/{quote(key)}"
        return f"{base_url.rstrip('/')}/{path}?{urlencode(query)}"

    def place(self, bucket: Bucket, fresh: StoredObject, described: Description) -> StoredObject:
        """Make `fresh` the current version, replacing what the bucket's versioning says it replaces. Needs the lock."""
        version_id = NULL_VERSION
        if bucket.versioning == "Enabled":
            version_id = new_version_id(self.account)
        else:
            replaced = bucket.version(fresh.key, NULL_VERSION)
            if replaced:
                self.catalogue.remove_version(bucket, replaced)
        return self.catalogue.add_version(
            bucket,
            fresh,
            version_id=version_id,
            mtime=self.account.now(),
            headers=described.headers,
            acl=described.acl,
            tags=described.tags,
            storage_class=described.storage_class or bucket.storage_class,
        )

    def tell(self, event: str, bucket: str, stored: StoredObject, before: StoredObject | None, request_id: str) -> None:
        is_removal = event.startswith("ObjectRemoved:")
        told = ObjectEvent(
            event,
            bucket,
            stored.key,
            stored.etag,
            stored.size,
            stored.content_type,
            request_id or self.account.new_id(),
            self.account.now(),
            stored.user_meta,
            -stored.size if is_removal else stored.size - (before.size if before else 0),
        )
        for listener in list(self.listeners):
            listener(told)
