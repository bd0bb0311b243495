"""What every `Objects` promises."""

from __future__ import annotations

import hashlib

import pytest

from local.standins.errors import FetchError
from shared.domain.errors import Corrupt, Refused, Retry
from shared.ports import Bucket, Objects, Place
from tests.contract.cloud import RESULT_S, Cloud, Ports

HERE = Place(Bucket.WORK, "jobs/fox/captions.srt")
THERE = Place(Bucket.OUTPUT, "stories/fox/captions.srt")


def test_what_is_written_is_read_back(objects: Objects) -> None:
    objects.write(HERE, b"once upon a time", "text/plain")

    assert objects.read(HERE) == b"once upon a time"


def test_an_empty_object_is_an_object(objects: Objects) -> None:
    objects.write(HERE, b"", "text/plain")

    assert objects.read(HERE) == b""


def test_a_write_tells_size_and_etag(objects: Objects) -> None:
    info = objects.write(HERE, b"abc", "text/plain")

    assert (info.key, info.size, info.etag) == (HERE.key, 3, _etag(b"abc"))


def test_the_head_of_an_object_tells_what_its_write_told(objects: Objects, cloud: Cloud) -> None:
    written = objects.write(HERE, b"abc", "text/plain")
    found = objects.head(HERE)

    assert found is not None
    assert (found.key, found.size, found.etag) == (written.key, written.size, written.etag)
    assert found.modified_at == pytest.approx(cloud.clock.now(), abs=1)


def test_the_content_type_is_kept(objects: Objects, cloud: Cloud) -> None:
    objects.write(HERE, b"{}", "application/json")

    assert cloud.oss.head("echobot-work", HERE.key).content_type == "application/json"


def test_the_head_of_nothing_is_none(objects: Objects) -> None:
    assert objects.head(HERE) is None


def test_reading_what_is_not_there_is_refused(objects: Objects) -> None:
    with pytest.raises(Refused) as refusal:
        objects.read(HERE)

    assert refusal.value.code == "object.missing"
    assert refusal.value.fields["key"] == HERE.key


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (0, 4, b"0123"),
        (2, 3, b"234"),
        (7, 100, b"789"),
        (4, None, b"456789"),
        (0, 0, b""),
        (9, 1, b"9"),
        (10, 5, b""),
        (99, None, b""),
    ],
)
def test_a_range_is_short_at_the_end(objects: Objects, start: int, length: int | None, expected: bytes) -> None:
    objects.write(HERE, b"0123456789", "text/plain")

    assert objects.read(HERE, start, length) == expected


def test_a_second_write_replaces_the_first(objects: Objects) -> None:
    objects.write(HERE, b"first", "text/plain")
    objects.write(HERE, b"second", "text/plain")

    assert objects.read(HERE) == b"second"


def test_a_new_object_is_written_once(objects: Objects) -> None:
    assert objects.write_new(HERE, b"first", "text/plain") is True
    assert objects.write_new(HERE, b"second", "text/plain") is False
    assert objects.read(HERE) == b"first"


def test_a_copy_goes_from_bucket_to_bucket_and_overwrites(objects: Objects) -> None:
    objects.write(HERE, b"new", "text/plain")
    objects.write(THERE, b"old", "text/plain")
    copied = objects.copy(HERE, THERE)

    assert (copied.key, copied.size) == (THERE.key, 3)
    assert objects.read(THERE) == b"new"


def test_a_copy_of_nothing_is_refused(objects: Objects) -> None:
    with pytest.raises(Refused) as refusal:
        objects.copy(HERE, THERE)

    assert (refusal.value.code, refusal.value.fields["key"]) == ("object.missing", HERE.key)


def test_a_listing_is_in_key_order_and_of_one_prefix(objects: Objects) -> None:
    for key in ("jobs/b", "jobs/a/2", "jobs/a/1", "other/x"):
        objects.write(Place(Bucket.WORK, key), b"x", "text/plain")

    assert [info.key for info in objects.listing(Bucket.WORK, "jobs/")] == ["jobs/a/1", "jobs/a/2", "jobs/b"]


def test_a_listing_goes_on_strictly_after_a_key(objects: Objects) -> None:
    for key in ("a", "b", "c", "d"):
        objects.write(Place(Bucket.WORK, key), b"x", "text/plain")

    assert [info.key for info in objects.listing(Bucket.WORK, "", after="b", limit=1)] == ["c"]


def test_a_listing_goes_over_the_pages_of_the_service(objects: Objects, cloud: Cloud) -> None:
    for number in range(1005):
        cloud.oss.put("echobot-work", f"jobs/{number:04d}", b"x")

    assert len(objects.listing(Bucket.WORK, "jobs/", limit=2000)) == 1005


def test_deleting_twice_is_like_deleting_once(objects: Objects) -> None:
    objects.write(HERE, b"abc", "text/plain")
    objects.delete(HERE)
    objects.delete(HERE)

    assert objects.head(HERE) is None


def test_a_story_that_is_deleted_is_gone_in_each_of_its_versions(objects: Objects, cloud: Cloud) -> None:
    """The bucket of the stories is versioned, and a family's story must not live on in it."""
    cloud.oss.set_versioning("echobot-output", "Enabled")
    neighbour = Place(Bucket.OUTPUT, f"{THERE.key}.old")
    for body in (b"first", b"second"):
        objects.write(THERE, body, "text/plain")
        objects.write(neighbour, body, "text/plain")
    cloud.oss.delete("echobot-output", THERE.key)
    objects.write(THERE, b"third", "text/plain")
    objects.delete(THERE)

    assert objects.head(THERE) is None
    assert cloud.oss.versions("echobot-output", THERE.key) == []
    assert objects.read(neighbour) == b"second"


def test_a_shared_url_gives_the_object_until_it_expires(objects: Objects, cloud: Cloud) -> None:
    objects.write(HERE, b"a photo", "image/png")
    url = objects.share(HERE, 600)

    assert cloud.fetch(url) == b"a photo"

    cloud.clock.advance(660)
    with pytest.raises(FetchError):
        cloud.fetch(url)


@pytest.mark.parametrize("lasting_s", [0, -1, 604_801])
def test_a_url_is_not_shared_for_longer_than_signatures_live(objects: Objects, lasting_s: int) -> None:
    with pytest.raises(Corrupt):
        objects.share(HERE, lasting_s)


def test_a_plain_url_is_the_vendors_own_whatever_the_door(objects: Objects) -> None:
    assert objects.plain_url(HERE) == "https://echobot-work.oss-cn-beijing.aliyuncs.com/jobs/fox/captions.srt"


@pytest.mark.parametrize("key", ["", "故事.mp4", "a\nb"])
def test_a_key_that_is_not_ours_is_never_written(objects: Objects, key: str) -> None:
    for write in (
        lambda: objects.write(Place(Bucket.WORK, key), b"x", "text/plain"),
        lambda: objects.share(Place(Bucket.WORK, key), 60),
        lambda: objects.plain_url(Place(Bucket.WORK, key)),
    ):
        with pytest.raises(Corrupt) as fault:
            write()
        assert fault.value.code == "internal"


def test_a_bucket_that_is_not_there_is_our_fault(objects: Objects, cloud: Cloud) -> None:
    cloud.oss.delete_bucket("echobot-work")
    with pytest.raises(Corrupt) as fault:
        objects.write(HERE, b"x", "text/plain")

    assert (fault.value.code, fault.value.fields["vendor_code"]) == ("vendor.rejected", "NoSuchBucket")


def test_a_frame_is_of_the_moment_asked_for(objects: Objects) -> None:
    film = Place(Bucket.WORK, "jobs/fox/story.mp4")
    objects.write(film, b"a film", "video/mp4")

    assert objects.frame(film, 1.25) == b"jpg 6 bytes at 1.250 s, 0 wide"
    assert objects.small_frame(film, 1.25, 320) == b"png 6 bytes at 1.250 s, 320 wide"


def test_a_frame_of_nothing_is_refused(objects: Objects) -> None:
    with pytest.raises(Refused) as refusal:
        objects.frame(Place(Bucket.WORK, "jobs/fox/story.mp4"), 1.0)

    assert refusal.value.code == "object.missing"


@pytest.mark.parametrize("size", [1000, 5_000_000])
@pytest.mark.parametrize(("at", "removed"), [(0, 40), (40, 0), (500, 500)])
def test_a_patched_copy_differs_in_the_patched_bytes_only(objects: Objects, size: int, at: int, removed: int) -> None:
    body = bytes(range(250)) * (size // 250)
    objects.write(HERE, body, "video/mp4")
    target = Place(Bucket.OUTPUT, "stories/fox/story.mp4")
    made = objects.patch(HERE, target, at, removed, b"new bytes")

    assert objects.read(target) == body[:at] + b"new bytes" + body[at + removed :]
    assert objects.read(HERE) == body
    assert made.size == size - removed + 9


def test_a_patch_of_nothing_is_refused_and_leaves_nothing(objects: Objects) -> None:
    target = Place(Bucket.OUTPUT, "stories/fox/story.mp4")
    with pytest.raises(Refused) as refusal:
        objects.patch(HERE, target, 0, 1, b"x")

    assert refusal.value.code == "object.missing"
    assert objects.head(target) is None


def test_a_vendors_result_is_kept_as_an_object_of_ours(objects: Objects, cloud: Cloud) -> None:
    clip = bytes(range(256)) * 2000
    place = Place(Bucket.WORK, "jobs/fox/clips/0001.mp4")
    kept = objects.keep(cloud.result("task.mp4", clip), place, limit_mb=1)

    assert (kept.key, kept.size, kept.etag) == (place.key, len(clip), _etag(clip))
    assert objects.read(place) == clip
    assert cloud.oss.head("echobot-work", place.key).content_type == "video/mp4"


@pytest.mark.parametrize("body", [b"", b"x" * (1024 * 1024 + 1)])
def test_an_empty_or_too_large_result_is_not_kept(objects: Objects, cloud: Cloud, body: bytes) -> None:
    with pytest.raises(Corrupt) as fault:
        objects.keep(cloud.result("task.mp4", body), HERE, limit_mb=1)

    assert fault.value.code == "vendor.contract"
    assert objects.head(HERE) is None


def test_a_result_of_yesterday_is_gone(objects: Objects, cloud: Cloud) -> None:
    url = cloud.result("task.mp4", b"clip")
    cloud.clock.advance(RESULT_S + 1)
    with pytest.raises(Retry) as fault:
        objects.keep(url, HERE, limit_mb=1)

    assert fault.value.code == "url.expired"
    assert objects.head(HERE) is None


def test_a_result_that_was_never_there_is_gone_too(objects: Objects, cloud: Cloud) -> None:
    url = cloud.result("task.mp4", b"clip").replace("task.mp4", "other.mp4")
    with pytest.raises(Retry) as fault:
        objects.keep(url, HERE, limit_mb=1)

    assert fault.value.code == "url.expired"


def test_nothing_is_kept_from_a_foreign_host(objects: Objects) -> None:
    with pytest.raises(Refused) as refusal:
        objects.keep("https://example.com/clip.mp4", HERE, limit_mb=1)

    assert refusal.value.code == "url.hostile"
    assert objects.head(HERE) is None


def test_wrong_keys_of_the_account_make_us_wait_for_a_person(ports: Ports) -> None:
    ports.cloud.account.keys["test-id"] = "another-secret"
    if type(ports.objects).__name__ == "DirectObjects":
        pytest.skip("nobody signs without a wire")
    with pytest.raises(Retry) as fault:
        ports.objects.read(HERE)

    assert (fault.value.code, fault.value.after_s) == ("account.credentials", 900)


def _etag(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest().upper()
