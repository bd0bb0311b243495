"""Uploads in parts."""

from __future__ import annotations

from typing import Any

import oss2
import pytest
from oss2.models import PartInfo

from tests.standins.oss.cloud import BUCKET, Cloud

KEY = "films/故事.mp4"
FULL = b"x" * 100 * 1024


def test_parts_become_one_object_in_their_order(signed_bucket: Any) -> None:
    upload_id = signed_bucket.init_multipart_upload(KEY, headers={"x-oss-meta-name": "v"}).upload_id
    parts = []
    for number, body in ((2, b"b" * 100 * 1024), (1, b"a" * 100 * 1024), (3, b"c")):
        part = signed_bucket.upload_part(KEY, upload_id, number, body)
        parts.append(PartInfo(number, part.etag, size=len(body), part_crc=part.crc))
    result = signed_bucket.complete_multipart_upload(KEY, upload_id, sorted(parts, key=lambda part: part.part_number))
    read = signed_bucket.get_object(KEY)

    assert read.read() == b"a" * 100 * 1024 + b"b" * 100 * 1024 + b"c"
    assert read.headers["x-oss-meta-name"] == "v"
    assert (read.object_type, result.etag[-2:]) == ("Multipart", "-3")


def test_a_part_put_again_replaces_the_former(bucket: Any) -> None:
    upload_id = bucket.init_multipart_upload(KEY).upload_id
    bucket.upload_part(KEY, upload_id, 1, b"old")
    part = bucket.upload_part(KEY, upload_id, 1, b"new")
    bucket.complete_multipart_upload(KEY, upload_id, [PartInfo(1, part.etag)])

    assert bucket.get_object(KEY).read() == b"new"


def test_all_parts_can_be_taken_without_naming_them(bucket: Any) -> None:
    upload_id = bucket.init_multipart_upload(KEY).upload_id
    for number in (1, 2):
        bucket.upload_part(KEY, upload_id, number, FULL)
    bucket.complete_multipart_upload(KEY, upload_id, None, headers={"x-oss-complete-all": "yes"})

    assert bucket.head_object(KEY).content_length == 2 * len(FULL)


def test_every_part_but_the_last_has_100_kb(bucket: Any) -> None:
    upload_id = bucket.init_multipart_upload(KEY).upload_id
    parts = [PartInfo(number, bucket.upload_part(KEY, upload_id, number, b"small").etag) for number in (1, 2)]

    with pytest.raises(oss2.exceptions.ServerError) as raised:
        bucket.complete_multipart_upload(KEY, upload_id, parts)

    assert (raised.value.status, raised.value.code) == (400, "EntityTooSmall")


@pytest.mark.parametrize(
    ("numbers", "etag", "code"),
    [((1, 3), None, "InvalidPart"), ((1, 2), "0" * 32, "InvalidPart"), ((2, 1), None, "InvalidPartOrder")],
)
def test_a_list_that_does_not_fit_the_parts_is_refused(
    bucket: Any, numbers: tuple[int, int], etag: str | None, code: str
) -> None:
    upload_id = bucket.init_multipart_upload(KEY).upload_id
    etags = {number: bucket.upload_part(KEY, upload_id, number, FULL).etag for number in (1, 2)}
    # oss2 sorts parts before it sends them
    listed = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{etag or etags.get(number, etags[1])}</ETag></Part>"
        for number in numbers
    )
    with pytest.raises(oss2.exceptions.ServerError) as raised:
        bucket._do(
            "POST",
            BUCKET,
            KEY,
            params={"uploadId": upload_id},
            data=f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>",
        )

    assert (raised.value.status, raised.value.code) == (400, code)


def test_an_aborted_upload_is_gone(cloud: Cloud, bucket: Any) -> None:
    upload_id = bucket.init_multipart_upload(KEY).upload_id
    bucket.upload_part(KEY, upload_id, 1, b"x")
    bucket.abort_multipart_upload(KEY, upload_id)

    for call in (bucket.abort_multipart_upload, bucket.list_parts):
        with pytest.raises(oss2.exceptions.NoSuchUpload):
            call(KEY, upload_id)
    assert cloud.state.catalogue.bodies._memory == {}


def test_an_upload_belongs_to_its_key(bucket: Any) -> None:
    upload_id = bucket.init_multipart_upload(KEY).upload_id

    with pytest.raises(oss2.exceptions.NoSuchUpload):
        bucket.upload_part("other", upload_id, 1, b"x")


def test_parts_can_be_copied_from_another_object(bucket: Any) -> None:
    bucket.put_object("source", b"0123456789" * 20 * 1024)
    upload_id = bucket.init_multipart_upload(KEY).upload_id
    first = bucket.upload_part_copy(BUCKET, "source", (0, 100 * 1024 - 1), KEY, upload_id, 1)
    second = bucket.upload_part_copy(BUCKET, "source", (100 * 1024, None), KEY, upload_id, 2)
    bucket.complete_multipart_upload(KEY, upload_id, [PartInfo(1, first.etag), PartInfo(2, second.etag)])

    assert bucket.get_object(KEY).read() == bucket.get_object("source").read()


def test_uploads_and_parts_are_listed_in_pages(bucket: Any) -> None:
    ids = [bucket.init_multipart_upload(key).upload_id for key in ("a", "b", "c/d")]
    for number in (1, 2, 3):
        bucket.upload_part("a", ids[0], number, b"x")

    assert [found.upload_id for found in oss2.MultipartUploadIterator(bucket, max_uploads=1)] == ids
    assert bucket.list_multipart_uploads(delimiter="/").prefix_list == ["c/"]
    assert [part.part_number for part in oss2.PartIterator(bucket, "a", ids[0], max_parts=2)] == [1, 2, 3]


def test_a_part_with_a_wrong_md5_is_refused(bucket: Any) -> None:
    upload_id = bucket.init_multipart_upload(KEY).upload_id

    with pytest.raises(oss2.exceptions.InvalidDigest):
        bucket.upload_part(KEY, upload_id, 1, b"x", headers={"Content-MD5": oss2.utils.content_md5(b"y")})


@pytest.mark.parametrize("number", [0, 10_001])
def test_part_numbers_run_from_1_to_10000(bucket: Any, number: int) -> None:
    upload_id = bucket.init_multipart_upload(KEY).upload_id

    with pytest.raises(oss2.exceptions.InvalidArgument):
        bucket.upload_part(KEY, upload_id, number, b"x")


def test_completing_can_be_forbidden_to_overwrite(bucket: Any) -> None:
    bucket.put_object(KEY, b"first")
    upload_id = bucket.init_multipart_upload(KEY).upload_id
    part = bucket.upload_part(KEY, upload_id, 1, b"x")

    with pytest.raises(oss2.exceptions.ServerError) as raised:
        bucket.complete_multipart_upload(
            KEY, upload_id, [PartInfo(1, part.etag)], headers={"x-oss-forbid-overwrite": "true"}
        )

    assert raised.value.code == "FileAlreadyExists"
    assert bucket.get_object(KEY).read() == b"first"
