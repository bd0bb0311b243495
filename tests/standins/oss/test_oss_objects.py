"""Putting, reading, copying, appending, deleting objects, through oss2."""

from __future__ import annotations

from typing import Any

import oss2
import pytest
import requests

from tests.standins.oss.cloud import BUCKET, Cloud

KEY = "故事/a b+c?.txt"


def test_what_was_put_comes_back_whatever_signs_it(signed_bucket: Any) -> None:
    signed_bucket.put_object(KEY, b"hello", headers={"x-oss-meta-name": "v", "Content-Type": "text/plain"})
    result = signed_bucket.get_object(KEY)

    assert result.read() == b"hello"
    assert result.headers["x-oss-meta-name"] == "v"
    assert result.headers["Content-Type"] == "text/plain"


def test_digests_are_the_ones_the_service_gives(bucket: Any) -> None:
    result = bucket.put_object("a", b"123456789")

    assert result.etag == "25F9E794323B453885F5181F1B624D0B"
    assert result.crc == 0x995DC9BBDF1939FA  # the published check value of CRC-64/XZ


def test_a_type_is_not_guessed_from_the_key(cloud: Cloud, bucket: Any) -> None:
    requests.put(bucket.sign_url("PUT", "story.mp4", 60, slash_safe=True), data=b"film", timeout=5)

    assert bucket.head_object("story.mp4").content_type == "application/octet-stream"


def test_a_generator_can_be_put(bucket: Any) -> None:
    bucket.put_object("a", (b"x" * 1000 for _ in range(10)))

    assert bucket.get_object_meta("a").content_length == 10_000


def test_a_missing_key_is_named(bucket: Any) -> None:
    with pytest.raises(oss2.exceptions.NoSuchKey) as raised:
        bucket.get_object("nope")

    assert (raised.value.status, raised.value.code) == (404, "NoSuchKey")
    assert raised.value.details["Key"] == "nope"
    assert raised.value.ec == "0026-00000001"
    assert raised.value.request_id


def test_a_head_of_a_missing_key_tells_the_code_in_a_header(bucket: Any) -> None:
    with pytest.raises(oss2.exceptions.NotFound) as raised:
        bucket.head_object("nope")

    assert raised.value.code == "NoSuchKey"


def test_exists_tells_a_missing_key_from_a_missing_bucket(cloud: Cloud, bucket: Any) -> None:
    stranger = oss2.Bucket(bucket.auth, bucket.endpoint, "no-such-bucket")
    bucket.put_object("a", b"")

    assert bucket.object_exists("a")
    assert not bucket.object_exists("b")
    with pytest.raises(oss2.exceptions.NoSuchBucket):
        stranger.object_exists("a")


def test_a_put_with_a_wrong_md5_is_refused(cloud: Cloud, bucket: Any) -> None:
    with pytest.raises(oss2.exceptions.InvalidDigest):
        bucket.put_object("a", b"hello", headers={"Content-MD5": oss2.utils.content_md5(b"other")})

    assert not bucket.object_exists("a")


def test_an_overwrite_can_be_forbidden(bucket: Any) -> None:
    bucket.put_object("a", b"first", headers={"x-oss-forbid-overwrite": "true"})

    with pytest.raises(oss2.exceptions.ServerError) as raised:
        bucket.put_object("a", b"second", headers={"x-oss-forbid-overwrite": "true"})

    assert (raised.value.status, raised.value.code) == (409, "FileAlreadyExists")
    assert bucket.get_object("a").read() == b"first"


@pytest.mark.parametrize("key", ["/a", "\\a", "x" * 1024])
def test_keys_the_service_has_no_room_for_are_refused(cloud: Cloud, bucket: Any, key: str) -> None:
    bucket.is_verify_object_strict = False

    with pytest.raises(oss2.exceptions.InvalidObjectName):
        bucket.put_object(key, b"")


def test_user_metadata_is_at_most_8_kb(bucket: Any) -> None:
    with pytest.raises(oss2.exceptions.InvalidArgument):
        bucket.put_object("a", b"", headers={"x-oss-meta-long": "x" * 8192})


@pytest.mark.parametrize(
    ("byte_range", "expected", "content_range"),
    [
        ("bytes=0-0", b"0", "bytes 0-0/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=1-2,5-6", b"12", "bytes 1-2/10"),
    ],
)
def test_a_range_is_answered_with_206(bucket: Any, byte_range: str, expected: bytes, content_range: str) -> None:
    bucket.put_object("a", b"0123456789")
    result = bucket.get_object("a", headers={"Range": byte_range})

    assert (result.status, result.read(), result.headers["Content-Range"]) == (206, expected, content_range)


@pytest.mark.parametrize("byte_range", ["bytes=0-10", "bytes=10-", "bytes=-11", "byte=0-1", "bytes=-"])
def test_a_range_that_does_not_fit_is_ignored(bucket: Any, byte_range: str) -> None:
    bucket.put_object("a", b"0123456789")
    result = bucket.get_object("a", headers={"Range": byte_range})

    assert (result.status, result.read()) == (200, b"0123456789")


def test_standard_range_behaviour_cuts_or_refuses(bucket: Any) -> None:
    bucket.put_object("a", b"0123456789")
    standard = {"x-oss-range-behavior": "standard"}
    cut = bucket.get_object("a", headers={"Range": "bytes=8-99", **standard})

    assert (cut.status, cut.read()) == (206, b"89")
    with pytest.raises(oss2.exceptions.ServerError) as raised:
        bucket.get_object("a", headers={"Range": "bytes=10-", **standard})
    assert (raised.value.status, raised.value.code) == (416, "InvalidRange")


def test_conditions_on_a_read_hold_or_refuse(cloud: Cloud, bucket: Any) -> None:
    etag = bucket.put_object("a", b"hello").etag
    past, future = (oss2.utils.http_date(cloud.clock.now() + shift_s) for shift_s in (-60, 60))

    for headers in ({"If-Match": etag}, {"If-None-Match": "x"}, {"If-Modified-Since": past}):
        assert bucket.get_object("a", headers=headers).read() == b"hello"
    for headers in ({"If-None-Match": f'"{etag}"'}, {"If-Modified-Since": future}):
        with pytest.raises(oss2.exceptions.NotModified):
            bucket.get_object("a", headers=headers)
    for headers in ({"If-Match": "x"}, {"If-Unmodified-Since": past}):
        with pytest.raises(oss2.exceptions.PreconditionFailed):
            bucket.get_object("a", headers=headers)


def test_a_reader_may_choose_response_headers(bucket: Any) -> None:
    bucket.put_object("a", b"", headers={"Content-Type": "text/plain"})
    result = bucket.get_object("a", params={"response-content-type": "video/mp4"})

    assert result.headers["Content-Type"] == "video/mp4"


def test_a_copy_keeps_metadata_unless_told_to_replace_it(bucket: Any) -> None:
    bucket.put_object(KEY, b"hello", headers={"x-oss-meta-name": "old", "x-oss-tagging": "k=v"})
    bucket.copy_object(BUCKET, KEY, "kept")
    bucket.copy_object(
        BUCKET, KEY, "replaced", headers={"x-oss-metadata-directive": "REPLACE", "x-oss-meta-name": "new"}
    )

    assert bucket.head_object("kept").headers["x-oss-meta-name"] == "old"
    assert bucket.head_object("replaced").headers["x-oss-meta-name"] == "new"
    assert bucket.get_object_tagging("replaced").tag_set.tagging_rule == {"k": "v"}
    assert bucket.get_object("kept").read() == b"hello"


def test_metadata_is_changed_by_a_copy_onto_itself(bucket: Any) -> None:
    bucket.put_object("a", b"hello")
    bucket.update_object_meta("a", {"Content-Type": "text/plain", "x-oss-meta-name": "v"})

    assert bucket.head_object("a").content_type == "text/plain"
    assert bucket.get_object("a").read() == b"hello"


def test_a_copy_of_a_copy_outlives_its_source(bucket: Any) -> None:
    bucket.put_object("a", b"hello")
    bucket.copy_object(BUCKET, "a", "b")
    bucket.delete_object("a")

    assert bucket.get_object("b").read() == b"hello"


def test_a_copy_from_nowhere_is_refused(bucket: Any) -> None:
    with pytest.raises(oss2.exceptions.NoSuchKey):
        bucket.copy_object(BUCKET, "nope", "b")
    with pytest.raises(oss2.exceptions.NoSuchBucket):
        bucket.copy_object("no-such-bucket", "a", "b")


def test_a_copy_can_ask_for_a_certain_source(bucket: Any) -> None:
    bucket.put_object("a", b"hello")

    with pytest.raises(oss2.exceptions.PreconditionFailed):
        bucket.copy_object(BUCKET, "a", "b", headers={"x-oss-copy-source-if-match": "x"})


def test_an_append_grows_and_minds_the_position(bucket: Any) -> None:
    first = bucket.append_object("log", 0, b"one", init_crc=0)
    bucket.append_object("log", first.next_position, b"two", init_crc=first.crc)

    with pytest.raises(oss2.exceptions.PositionNotEqualToLength) as raised:
        bucket.append_object("log", 3, b"three")

    assert raised.value.next_position == 6
    assert bucket.get_object("log").read() == b"onetwo"
    assert bucket.head_object("log").object_type == "Appendable"


def test_a_plain_object_takes_no_append(bucket: Any) -> None:
    bucket.put_object("a", b"one")

    with pytest.raises(oss2.exceptions.ObjectNotAppendable):
        bucket.append_object("a", 3, b"two")


def test_deleting_what_is_not_there_succeeds(bucket: Any) -> None:
    assert bucket.delete_object("nope").status == 204


def test_many_are_deleted_at_once(bucket: Any) -> None:
    keys = ["a", KEY, "中文\x0c-2.txt", "<hello>"]
    for key in keys:
        bucket.put_object(key, b"")
    result = bucket.batch_delete_objects([*keys, "nope"])

    assert result.deleted_keys == [*keys, "nope"]
    assert bucket.list_objects().object_list == []


def test_a_batch_delete_without_its_md5_is_refused(cloud: Cloud) -> None:
    cloud.state.set_bucket_acl(BUCKET, "public-read-write")
    answered = cloud.ask("POST", cloud.url(query="delete"), body=b"<Delete><Object><Key>a</Key></Object></Delete>")

    assert answered.status == 400
    assert b"<Code>MissingArgument</Code>" in answered.body


def test_a_quiet_batch_delete_says_nothing(cloud: Cloud) -> None:
    cloud.state.set_bucket_acl(BUCKET, "public-read-write")
    cloud.state.put(BUCKET, "a", b"")
    body = b"<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>"
    answered = cloud.ask("POST", cloud.url(query="delete"), {"Content-MD5": oss2.utils.content_md5(body)}, body)

    assert (answered.status, answered.body) == (200, b"")
    assert cloud.state.listing(BUCKET).entries == ()


def test_tags_are_kept_and_checked(bucket: Any) -> None:
    bucket.put_object("a", b"", headers={"x-oss-tagging": "k%201=v%2B1"})

    assert bucket.get_object_tagging("a").tag_set.tagging_rule == {"k 1": "v+1"}
    assert bucket.head_object("a").headers["x-oss-tagging-count"] == "1"
    bucket.delete_object_tagging("a")
    assert bucket.get_object_tagging("a").tag_set.tagging_rule == {}
    for bad in ("a=%25", "a=1&a=2", "&".join(f"k{number}=v" for number in range(11))):
        with pytest.raises(oss2.exceptions.ServerError) as raised:
            bucket.put_object("b", b"", headers={"x-oss-tagging": bad})
        assert raised.value.code == "InvalidTag"


def test_an_objects_acl_is_default_until_set(bucket: Any) -> None:
    bucket.put_object("a", b"")

    assert bucket.get_object_acl("a").acl == "default"
    bucket.put_object_acl("a", "public-read")
    assert bucket.get_object_acl("a").acl == "public-read"
    with pytest.raises(oss2.exceptions.InvalidArgument):
        bucket.put_object_acl("a", "everyone")


def test_a_symlink_reads_as_its_target(bucket: Any) -> None:
    bucket.put_object(KEY, b"hello")
    bucket.put_symlink(KEY, "link")

    assert bucket.get_symlink("link").target_key == KEY
    assert bucket.get_object("link").read() == b"hello"
    assert bucket.head_object("link").object_type == "Symlink"
    bucket.delete_object(KEY)
    with pytest.raises(oss2.exceptions.ServerError) as raised:
        bucket.get_object("link")
    assert raised.value.code == "SymlinkTargetNotExist"


def test_a_plain_object_is_no_symlink(bucket: Any) -> None:
    bucket.put_object("a", b"")

    with pytest.raises(oss2.exceptions.ServerError) as raised:
        bucket.get_symlink("a")

    assert raised.value.code == "NotSymlink"


def test_an_archived_object_is_read_only_after_thawing(cloud: Cloud, bucket: Any) -> None:
    bucket.put_object("a", b"hello", headers={"x-oss-storage-class": "Archive"})

    with pytest.raises(oss2.exceptions.ServerError) as raised:
        bucket.get_object("a")
    assert (raised.value.status, raised.value.code) == (403, "InvalidObjectState")
    assert bucket.restore_object("a").status == 202
    with pytest.raises(oss2.exceptions.RestoreAlreadyInProgress):
        bucket.restore_object("a")
    assert bucket.head_object("a").headers["x-oss-restore"] == 'ongoing-request="true"'
    cloud.clock.advance(61)
    assert bucket.get_object("a").read() == b"hello"
    assert bucket.restore_object("a").status == 200


def test_what_is_not_built_is_refused_by_name(bucket: Any) -> None:
    bucket.put_object("a.jpg", b"")

    with pytest.raises(oss2.exceptions.NotImplemented):
        bucket.get_object("a.jpg", process="image/resize,w_100")


def test_a_file_travels_up_and_down_in_parts(signed_bucket: Any, tmp_path: Any) -> None:
    sent, received = tmp_path / "sent", tmp_path / "received"
    sent.write_bytes(bytes(range(256)) * 2000)
    size = 128 * 1024
    oss2.resumable_upload(signed_bucket, KEY, str(sent), multipart_threshold=size, part_size=size, num_threads=2)
    oss2.resumable_download(signed_bucket, KEY, str(received), multiget_threshold=size, part_size=size, num_threads=2)

    assert received.read_bytes() == sent.read_bytes()
