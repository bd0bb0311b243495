"""Versions of objects, and the markers that deletes leave."""

from __future__ import annotations

from typing import Any

import oss2
import pytest
from oss2.models import BatchDeleteObjectVersion, BatchDeleteObjectVersionList, BucketVersioningConfig


def set_versioning(bucket: Any, status: str) -> None:
    config = BucketVersioningConfig()
    config.status = status
    bucket.put_bucket_versioning(config)


@pytest.fixture
def versioned(bucket: Any) -> Any:
    set_versioning(bucket, "Enabled")
    return bucket


def test_without_versioning_no_version_is_told(bucket: Any) -> None:
    assert bucket.get_bucket_versioning().status is None
    assert bucket.put_object("a", b"").versionid is None


def test_every_put_makes_a_version_that_can_be_read(versioned: Any) -> None:
    first, second = versioned.put_object("a", b"one").versionid, versioned.put_object("a", b"two").versionid

    assert versioned.get_object("a").read() == b"two"
    assert versioned.get_object("a", params={"versionId": first}).read() == b"one"
    assert versioned.head_object("a").versionid == second


def test_a_delete_hides_the_object_behind_a_marker(versioned: Any) -> None:
    first = versioned.put_object("a", b"one").versionid
    marker = versioned.delete_object("a")

    assert marker.delete_marker
    with pytest.raises(oss2.exceptions.NoSuchKey) as raised:
        versioned.get_object("a")
    assert raised.value.headers["x-oss-delete-marker"] == "true"
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        versioned.get_object("a", params={"versionId": marker.versionid})
    assert (refused.value.status, refused.value.code) == (405, "MethodNotAllowed")
    assert versioned.get_object("a", params={"versionId": first}).read() == b"one"
    assert versioned.list_objects().object_list == []


def test_deleting_the_marker_brings_the_object_back(versioned: Any) -> None:
    versioned.put_object("a", b"one")
    marker = versioned.delete_object("a")
    versioned.delete_object("a", params={"versionId": marker.versionid})

    assert versioned.get_object("a").read() == b"one"


def test_versions_are_listed_newest_first_and_in_pages(versioned: Any) -> None:
    ids = [versioned.put_object("a", b"").versionid for _ in range(3)]
    marker = versioned.delete_object("a").versionid
    versioned.put_object("b", b"")
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = versioned.list_object_versions(max_keys=2, **after)
        found += [entry.versionid for entry in (*page.delete_marker, *page.versions) if entry.key == "a"]
        if not page.is_truncated:
            break
        after = {"key_marker": page.next_key_marker, "versionid_marker": page.next_versionid_marker}

    assert found == [marker, *reversed(ids)]
    assert [entry.is_latest for entry in page.versions] == [True]


def test_many_versions_are_deleted_at_once(versioned: Any) -> None:
    ids = [versioned.put_object("a", b"").versionid for _ in range(2)]
    named = BatchDeleteObjectVersionList([BatchDeleteObjectVersion("a", version_id) for version_id in ids])

    assert [done.versionid for done in versioned.delete_object_versions(named).delete_versions] == ids
    versioned.delete_bucket()


def test_a_batch_delete_without_versions_leaves_markers(versioned: Any) -> None:
    versioned.put_object("a", b"")
    result = versioned.batch_delete_objects(["a"])

    assert result.delete_versions[0].delete_marker
    assert len(versioned.list_object_versions().delete_marker) == 1


def test_suspended_versioning_replaces_only_the_null_version(versioned: Any) -> None:
    first = versioned.put_object("a", b"one").versionid
    set_versioning(versioned, "Suspended")
    versioned.put_object("a", b"two")
    versioned.put_object("a", b"three")

    assert [found.versionid for found in versioned.list_object_versions().versions] == ["null", first]
    assert versioned.get_object("a", params={"versionId": "null"}).read() == b"three"


def test_an_object_from_before_versioning_is_the_null_version(bucket: Any) -> None:
    bucket.put_object("a", b"before")
    set_versioning(bucket, "Enabled")
    bucket.put_object("a", b"after")

    assert bucket.get_object("a", params={"versionId": "null"}).read() == b"before"


def test_a_certain_version_can_be_copied(versioned: Any) -> None:
    first = versioned.put_object("a", b"one").versionid
    versioned.put_object("a", b"two")
    versioned.copy_object(versioned.bucket_name, "a", "b", params={"versionId": first})

    assert versioned.get_object("b").read() == b"one"


@pytest.mark.parametrize(
    ("version_id", "status", "code"),
    [("234", 400, "InvalidArgument"), ("", 400, "InvalidArgument"), ("CAEQ" + "A" * 40, 404, "NoSuchVersion")],
)
def test_impossible_and_missing_versions_are_told_apart(
    versioned: Any, version_id: str, status: int, code: str
) -> None:
    versioned.put_object("a", b"")

    with pytest.raises(oss2.exceptions.ServerError) as raised:
        versioned.get_object_acl("a", params={"versionId": version_id})

    assert (raised.value.status, raised.value.code) == (status, code)


def test_forbidding_an_overwrite_has_no_effect_with_versions(versioned: Any) -> None:
    versioned.put_object("a", b"one")
    versioned.put_object("a", b"two", headers={"x-oss-forbid-overwrite": "true"})

    assert versioned.get_object("a").read() == b"two"


def test_versioning_is_enabled_or_suspended_and_nothing_else(bucket: Any) -> None:
    with pytest.raises(oss2.exceptions.MalformedXml):
        set_versioning(bucket, "Disabled")
