"""The shelf list: which buckets, versions and uploads there are, kept in memory and written through to the store.

No rules live here, only the bookkeeping that makes them survive a restart. Callers hold the account's lock.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

from local.standins.account import Account
from local.standins.oss.bodies import Bodies
from local.standins.oss.errors import no_such_bucket, no_such_upload
from local.standins.oss.objects import Bucket, StoredObject, Upload
from local.standins.store import MemoryStore

_BUCKETS, _VERSIONS, _UPLOADS = "oss.buckets", "oss.versions", "oss.uploads"


class Catalogue:
    def __init__(self, account: Account) -> None:
        self._store = account.store
        self._kept = not isinstance(account.store, MemoryStore)  # spares the encoding of what nobody keeps
        self._new_id = account.new_id
        self.bodies = Bodies(account.store.folder)
        self.buckets = {name: Bucket.from_json(row) for name, row in self._store.load(_BUCKETS).items()}
        self.uploads = {name: Upload.from_json(row) for name, row in self._store.load(_UPLOADS).items()}
        held = [(name, StoredObject.from_json(row)) for name, row in self._store.load(_VERSIONS).items()]
        held.sort(key=lambda pair: pair[1].sequence)
        for name, stored in held:
            self.buckets[name.split("/", 1)[0]].add(stored)
        self._sequence = count(held[-1][1].sequence + 1 if held else 1)
        self.bodies.retain_only(self._mentioned_bodies())

    def bucket(self, name: str) -> Bucket:
        try:
            return self.buckets[name]
        except KeyError:
            raise no_such_bucket(name) from None

    def save_bucket(self, bucket: Bucket) -> None:
        self.buckets[bucket.name] = bucket
        if self._kept:
            self._store.save(_BUCKETS, bucket.name, bucket.to_json())

    def drop_bucket(self, bucket: Bucket) -> None:
        del self.buckets[bucket.name]
        self._store.drop(_BUCKETS, bucket.name)

    def add_version(self, bucket: Bucket, stored: StoredObject, **changes: Any) -> StoredObject:
        """Put a new version on top of its key's others; `changes` to its fields come with it."""
        stored = replace(stored, sequence=next(self._sequence), **changes)
        bucket.add(stored)
        self._save_version(bucket, stored)
        return stored

    def change_version(self, bucket: Bucket, stored: StoredObject) -> None:
        bucket.replace(stored)
        self._save_version(bucket, stored)

    def remove_version(self, bucket: Bucket, stored: StoredObject) -> None:
        bucket.remove(stored)
        self._store.drop(_VERSIONS, _row(bucket, stored))
        self.drop_body(stored.body)

    def _save_version(self, bucket: Bucket, stored: StoredObject) -> None:
        if self._kept:
            self._store.save(_VERSIONS, _row(bucket, stored), stored.to_json())

    def upload(self, bucket: str, key: str, upload_id: str) -> Upload:
        held = self.uploads.get(upload_id)
        if held is None or (held.bucket, held.key) != (bucket, key):
            raise no_such_upload(upload_id)
        return held

    def save_upload(self, upload: Upload) -> None:
        self.uploads[upload.upload_id] = upload
        self._store.save(_UPLOADS, upload.upload_id, upload.to_json())

    def drop_upload(self, upload: Upload) -> None:
        del self.uploads[upload.upload_id]
        self._store.drop(_UPLOADS, upload.upload_id)
        for part in upload.parts.values():
            self.drop_body(part.body)

    def keep_body(self, body: bytes) -> str:
        name = self._new_id(32)
        self.bodies.keep(name, body)
        return name

    def duplicate_body(self, body: str) -> str:
        name = self._new_id(32)
        self.bodies.duplicate(body, name)
        return name

    def drop_body(self, name: str) -> None:
        if name:
            self.bodies.drop(name)

    def _mentioned_bodies(self) -> set[str]:
        versions = (held for bucket in self.buckets.values() for held in bucket.versions.values())
        names = {stored.body for held in versions for stored in held}
        return names | {part.body for upload in self.uploads.values() for part in upload.parts.values()}


def _row(bucket: Bucket, stored: StoredObject) -> str:
    return f"{bucket.name}/{stored.version_id}/{stored.key}"
