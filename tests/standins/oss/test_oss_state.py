"""What other stand-ins and in-process ports use: the state without HTTP, its events, its files."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from oss2.models import PartInfo

from local.standins.account import Account
from local.standins.oss import ObjectEvent, OssError, OssState
from local.standins.oss.uploads import Uploads
from local.standins.store import FolderStore
from tests.standins.oss.cloud import BUCKET, Cloud


@pytest.fixture
def told(cloud: Cloud) -> list[ObjectEvent]:
    events: list[ObjectEvent] = []
    cloud.state.listeners.append(events.append)
    return events


def test_a_put_is_told_with_everything_a_trigger_wants(cloud: Cloud, told: list[ObjectEvent]) -> None:
    stored = cloud.state.put(BUCKET, "a", b"hello", {"x-oss-meta-name": "v", "Content-Type": "text/plain"})

    event = told[0]
    assert (event.name, event.bucket, event.key) == ("ObjectCreated:PutObject", BUCKET, "a")
    assert (event.etag, event.size, event.content_type) == (stored.etag, 5, "text/plain")
    assert (event.user_meta, event.time, event.delta_size) == ({"x-oss-meta-name": "v"}, cloud.clock.now(), 5)
    assert event.request_id


def test_an_overwrite_tells_by_how_much_it_grew(cloud: Cloud, told: list[ObjectEvent]) -> None:
    cloud.state.put(BUCKET, "a", b"hello")
    cloud.state.put(BUCKET, "a", b"hi")

    assert [event.delta_size for event in told] == [5, -3]


def test_the_event_carries_the_request_id_of_the_answer(cloud: Cloud, told: list[ObjectEvent], bucket: Any) -> None:
    result = bucket.put_object("a", b"")

    assert told[0].request_id == result.request_id


def test_each_way_of_writing_has_its_own_event(cloud: Cloud, told: list[ObjectEvent], bucket: Any) -> None:
    bucket.put_object("a", b"")
    bucket.copy_object(BUCKET, "a", "b")
    bucket.append_object("c", 0, b"x")
    upload_id = bucket.init_multipart_upload("d").upload_id
    part = bucket.upload_part("d", upload_id, 1, b"x")
    bucket.complete_multipart_upload("d", upload_id, [PartInfo(1, part.etag)])
    bucket.put_symlink("a", "e")
    bucket.delete_object("a")
    bucket.batch_delete_objects(["b"])

    assert [event.name for event in told] == [
        "ObjectCreated:PutObject",
        "ObjectCreated:CopyObject",
        "ObjectCreated:AppendObject",
        "ObjectCreated:InitiateMultipartUpload",
        "ObjectCreated:UploadPart",
        "ObjectCreated:CompleteMultipartUpload",
        "ObjectCreated:PutSymlink",
        "ObjectRemoved:DeleteObject",
        "ObjectRemoved:DeleteObjects",
    ]


def test_what_did_not_happen_is_not_told(cloud: Cloud, told: list[ObjectEvent]) -> None:
    cloud.state.delete(BUCKET, "nope")
    with pytest.raises(OssError):
        cloud.state.put("no-such-bucket", "a", b"")
    cloud.state.put(BUCKET, "a", b"")
    with pytest.raises(OssError):
        cloud.state.put(BUCKET, "a", b"", forbid_overwrite=True)

    assert [event.name for event in told] == ["ObjectCreated:PutObject"]


def test_listeners_are_called_without_the_lock(cloud: Cloud) -> None:
    read: list[bytes] = []

    def read_elsewhere(event: ObjectEvent) -> None:
        thread = threading.Thread(target=lambda: read.append(cloud.state.read(event.bucket, event.key)))
        thread.start()
        thread.join(timeout=5)

    cloud.state.listeners.append(read_elsewhere)
    cloud.state.put(BUCKET, "a", b"hello")

    assert read == [b"hello"]


def test_a_listener_may_put_objects_itself(cloud: Cloud) -> None:
    def answer(event: ObjectEvent) -> None:
        if event.key == "question":
            cloud.state.put(BUCKET, "answer", b"42")

    cloud.state.listeners.append(answer)
    cloud.state.put(BUCKET, "question", b"")

    assert cloud.state.read(BUCKET, "answer") == b"42"


def test_of_many_who_may_not_overwrite_one_wins(cloud: Cloud) -> None:
    won: list[int] = []

    def claim(number: int) -> None:
        try:
            cloud.state.put(BUCKET, "claim", str(number).encode(), forbid_overwrite=True)
        except OssError:
            return
        won.append(number)

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [cloud.state.read(BUCKET, "claim")] == [str(number).encode() for number in won]


def test_a_url_signed_by_the_state_is_taken_by_the_api(cloud: Cloud) -> None:
    cloud.state.put(BUCKET, "a b/中.txt", b"hello")
    for base_url in ("http://127.0.0.1:9000", f"https://{BUCKET}.oss-cn-beijing.aliyuncs.com"):
        url = cloud.state.presign_get(BUCKET, "a b/中.txt", 60, base_url)
        assert cloud.ask("GET", url).body == b"hello"
    cloud.clock.advance(61)
    assert cloud.ask("GET", url).status == 403


@pytest.mark.parametrize(
    "url",
    [
        f"https://{BUCKET}.oss-cn-beijing.aliyuncs.com/a/%E4%B8%AD.mp4",
        f"http://127.0.0.1:9000/{BUCKET}/a/%E4%B8%AD.mp4?Expires=1",
    ],
)
def test_plain_and_presigned_urls_can_be_located(cloud: Cloud, url: str) -> None:
    address = cloud.state.locate(url)

    assert (address.bucket, address.key) == (BUCKET, "a/中.mp4")


def test_bytes_can_be_read_in_pieces(cloud: Cloud) -> None:
    cloud.state.put(BUCKET, "a", b"0123456789")

    assert cloud.state.read(BUCKET, "a", 2, 5) == b"234"
    assert cloud.state.read(BUCKET, "a", 8) == b"89"


def test_engines_get_a_file_with_the_keys_suffix(cloud: Cloud, tmp_path: Path) -> None:
    cloud.state.put(BUCKET, "inbox/story.mp4", b"film")
    file = cloud.state.as_file(BUCKET, "inbox/story.mp4", tmp_path)

    assert (file.parent, file.suffix, file.read_bytes()) == (tmp_path, ".mp4", b"film")
    assert cloud.state.as_file(BUCKET, "inbox/story.mp4", tmp_path) == file


def test_every_answer_is_noted_once(cloud: Cloud, bucket: Any) -> None:
    bucket.put_object("a", b"")
    bucket.object_exists("nope")
    bucket.list_objects()
    cloud.ask("GET", cloud.url("a"))

    assert cloud.account.count("oss") == {"PutObject": 1, "GetObjectMeta": 1, "ListObjects": 1, "GetObject": 1}
    assert [asked.status for asked in cloud.account.asked] == [200, 404, 200, 403]
    assert cloud.account.asked[0].detail == f"{BUCKET}/a"


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    def opened() -> tuple[FolderStore, OssState]:
        store = FolderStore(tmp_path)
        return store, OssState(Account(store=store))

    store, state = opened()
    state.create_bucket(BUCKET, "public-read")
    state.configure(BUCKET, "lifecycle", "<LifecycleConfiguration/>")
    state.set_versioning(BUCKET, "Enabled")
    versions = [state.put(BUCKET, "中/a", body, {"x-oss-meta-name": "v"}) for body in (b"one", b"two")]
    state.delete(BUCKET, "gone")
    store.close()

    store, state = opened()
    bucket = state.bucket(BUCKET)
    assert (bucket.acl, bucket.versioning) == ("public-read", "Enabled")
    assert bucket.configurations == {"lifecycle": "<LifecycleConfiguration/>"}
    assert bucket.versions["中/a"] == versions
    assert bucket.versions["gone"][0].is_marker
    assert state.read(BUCKET, "中/a") == b"two"
    assert state.read(BUCKET, "中/a", version_id=versions[0].version_id) == b"one"
    assert state.put(BUCKET, "new", b"").sequence > versions[1].sequence
    store.close()


def test_an_upload_begun_before_a_restart_can_be_completed(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    state = OssState(Account(store=store))
    state.create_bucket(BUCKET)
    upload = Uploads(state).begin(BUCKET, "a", {"Content-Type": "video/mp4"})
    Uploads(state).add_part(upload, 1, b"hello")
    store.close()
    reopened = FolderStore(tmp_path)
    uploads = Uploads(OssState(Account(store=reopened)))
    stored = uploads.complete(uploads.found(BUCKET, "a", upload.upload_id), None)

    assert (uploads.state.read(BUCKET, "a"), stored.content_type) == (b"hello", "video/mp4")
    reopened.close()


def test_bodies_lie_in_files_and_leave_with_their_objects(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    state = OssState(Account(store=store))
    state.create_bucket(BUCKET)
    state.put(BUCKET, "a", b"old")
    state.put(BUCKET, "a", b"hello")
    state.copy(BUCKET, "a", BUCKET, "b")
    files = list((tmp_path / "objects").iterdir())

    assert [file.read_bytes() for file in files] == [b"hello", b"hello"]
    state.delete(BUCKET, "a")
    state.delete(BUCKET, "b")
    assert list((tmp_path / "objects").iterdir()) == []
    store.close()


def test_bodies_no_row_mentions_are_cleared_at_start(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    state = OssState(Account(store=store))
    state.create_bucket(BUCKET)
    state.put(BUCKET, "a", b"hello")
    (tmp_path / "objects" / "left.part").write_bytes(b"half a body")
    state = OssState(Account(store=store))

    assert state.read(BUCKET, "a") == b"hello"
    assert len(list((tmp_path / "objects").iterdir())) == 1
    store.close()
