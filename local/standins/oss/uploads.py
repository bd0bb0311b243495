"""Uploads in parts: begun, filled part by part in any order, then completed into one object or aborted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from local.standins.oss import listing
from local.standins.oss.digests import Digest, multipart_etag
from local.standins.oss.errors import OssError, invalid_argument, malformed_xml
from local.standins.oss.metadata import check_key, checked_object_acl, describe
from local.standins.oss.objects import Part, StoredObject, Upload
from local.standins.oss.rules import refuse_overwrite
from local.standins.oss.state import OssState

PART_BYTES_MIN = 100 * 1024  # every part but the last; help.aliyun.com "Limits"
PARTS_MAX = 10_000


@dataclass(frozen=True)
class Uploads:
    state: OssState

    def begin(
        self, bucket: str, key: str, headers: Mapping[str, str], *, is_sequential: bool = False, request_id: str = ""
    ) -> Upload:
        """Metadata, ACL and tags of the object to come are those given here."""
        check_key(key)
        described = describe(headers)
        account = self.state.account
        with account.lock:
            self.state.catalogue.bucket(bucket)
            upload = Upload(account.new_id(32), bucket, key, account.now(), described, is_sequential)
            self.state.catalogue.save_upload(upload)
        begun = StoredObject(key, headers=described.headers)
        self.state.tell("ObjectCreated:InitiateMultipartUpload", bucket, begun, None, request_id)
        return upload

    def add_part(
        self,
        upload: Upload,
        number: int,
        body: bytes,
        *,
        event: str = "ObjectCreated:UploadPart",
        request_id: str = "",
    ) -> Part:
        """A part put again under its number replaces the former one."""
        if not 1 <= number <= PARTS_MAX:
            raise invalid_argument("Part number must be an integer between 1 and 10000.", "partNumber", str(number))
        digest = Digest.of(body)
        with self.state.account.lock:
            held = self.state.catalogue.upload(upload.bucket, upload.key, upload.upload_id)
            _check_sequence(held, number)
            name = self.state.catalogue.keep_body(body)
            part = Part(number, len(body), digest.etag, digest.crc64, self.state.account.now(), name)
            former = held.parts.get(number)
            held.parts[number] = part
            self.state.catalogue.save_upload(held)
            if former:
                self.state.catalogue.drop_body(former.body)
        told = StoredObject(upload.key, part.size, part.etag, part.crc64)
        self.state.tell(event, upload.bucket, told, None, request_id)
        return part

    def complete(
        self,
        upload: Upload,
        listed: Sequence[tuple[int, str]] | None,
        *,
        acl: str = "",
        forbid_overwrite: bool = False,
        request_id: str = "",
    ) -> StoredObject:
        """`listed` names the parts and their ETags in order; None takes all there are (`x-oss-complete-all`)."""
        state = self.state
        described = replace(upload.described, acl=checked_object_acl(acl)) if acl else upload.described
        with state.account.lock:
            held = state.catalogue.upload(upload.bucket, upload.key, upload.upload_id)
            bucket = state.catalogue.bucket(upload.bucket)
            parts = _chosen_parts(held, listed)
            if forbid_overwrite:
                refuse_overwrite(bucket, upload.key)
            body = b"".join(state.catalogue.bodies.read(part.body) for part in parts)
            etag = multipart_etag(part.etag for part in parts)
            digest = Digest.of(body)
            content_md5 = digest.content_md5 if held.is_sequential else ""
            whole = StoredObject(upload.key, len(body), etag, digest.crc64, kind="Multipart", content_md5=content_md5)
            before = bucket.current(upload.key)
            stored = state.place(bucket, replace(whole, body=state.catalogue.keep_body(body)), described)
            state.catalogue.drop_upload(held)
        state.tell("ObjectCreated:CompleteMultipartUpload", upload.bucket, stored, before, request_id)
        return stored

    def abort(self, upload: Upload, request_id: str = "") -> None:
        with self.state.account.lock:
            held = self.state.catalogue.upload(upload.bucket, upload.key, upload.upload_id)
            self.state.catalogue.drop_upload(held)
        aborted = StoredObject(upload.key)
        self.state.tell("ObjectRemoved:AbortMultipartUpload", upload.bucket, aborted, None, request_id)

    def found(self, bucket: str, key: str, upload_id: str) -> Upload:
        """Raises NoSuchUpload, also for the upload of another key."""
        with self.state.account.lock:
            self.state.catalogue.bucket(bucket)
            return self.state.catalogue.upload(bucket, key, upload_id)

    def page(
        self, bucket: str, prefix: str, delimiter: str, after: tuple[str, str], limit: int
    ) -> listing.Page[Upload]:
        listing.check_limit("max-uploads", limit)
        with self.state.account.lock:
            self.state.catalogue.bucket(bucket)
            own = [upload for upload in self.state.catalogue.uploads.values() if upload.bucket == bucket]
        return listing.uploads_page(own, prefix, delimiter, after, limit)


def _check_sequence(upload: Upload, number: int) -> None:
    if upload.is_sequential and upload.parts and number != max(upload.parts) + 1:
        raise OssError(400, "PartNotSequential", "The part is not the one that follows the last part uploaded.")


def _chosen_parts(upload: Upload, listed: Sequence[tuple[int, str]] | None) -> list[Part]:
    if listed is None:
        listed = [(number, upload.parts[number].etag) for number in sorted(upload.parts)]
    if not listed:
        raise malformed_xml()
    numbers = [number for number, _ in listed]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise OssError(400, "InvalidPartOrder", "The list of parts was not in ascending order.")
    chosen = []
    for number, etag in listed:
        part = upload.parts.get(number)
        if part is None or part.etag != etag.strip('"').upper():
            message = (
                "One or more of the specified parts could not be found or the specified entity tag does not match."
            )
            details = {"PartNumber": str(number), "ETag": etag, "UploadId": upload.upload_id}
            raise OssError(400, "InvalidPart", message, details=details)
        chosen.append(part)
    for part in chosen[:-1]:
        if part.size < PART_BYTES_MIN:
            details = {
                "ProposedSize": str(part.size),
                "MinSizeAllowed": str(PART_BYTES_MIN),
                "PartNumber": str(part.number),
                "ETag": part.etag,
            }
            message = "Your proposed upload smaller than the minimum allowed size."
            raise OssError(400, "EntityTooSmall", message, details=details)
    return chosen
