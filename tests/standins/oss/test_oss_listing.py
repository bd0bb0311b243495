"""Listings: order, prefixes, pages, encodings."""

from __future__ import annotations

from typing import Any

import oss2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.standins.account import Account
from local.standins.oss import OssState
from tests.standins.oss.cloud import BUCKET, Cloud

TREE = ("a", "a/1", "a/2", "a/b/3", "b", "中/文")


@pytest.fixture
def tree(cloud: Cloud, bucket: Any) -> Any:
    for key in reversed(TREE):
        cloud.state.put(BUCKET, key, b"x")
    return bucket


def test_both_calls_list_keys_in_order_and_in_pages(tree: Any) -> None:
    assert [found.key for found in oss2.ObjectIterator(tree, max_keys=2)] == list(TREE)
    assert [found.key for found in oss2.ObjectIteratorV2(tree, max_keys=2)] == list(TREE)


def test_a_delimiter_rolls_keys_up(tree: Any) -> None:
    result = tree.list_objects_v2(prefix="a/", delimiter="/")

    assert [found.key for found in result.object_list] == ["a/1", "a/2"]
    assert result.prefix_list == ["a/b/"]


def test_paging_over_prefixes_names_each_once(tree: Any) -> None:
    found = [entry.key for entry in oss2.ObjectIterator(tree, delimiter="/", max_keys=1)]

    assert found == ["a", "a/", "b", "中/"]


def test_a_listing_can_start_after_a_key(tree: Any) -> None:
    assert [found.key for found in tree.list_objects(marker="a/2").object_list] == ["a/b/3", "b", "中/文"]
    assert [found.key for found in tree.list_objects_v2(start_after="b").object_list] == ["中/文"]


def test_the_owner_is_listed_when_asked_for(tree: Any) -> None:
    assert tree.list_objects_v2().object_list[0].owner is None
    assert tree.list_objects_v2(fetch_owner=True).object_list[0].owner.id == "1234567890123456"


def test_keys_no_xml_can_hold_are_listed_url_encoded(bucket: Any) -> None:
    bucket.put_object("a\x01\x0c b", b"")

    assert [found.key for found in bucket.list_objects().object_list] == ["a\x01\x0c b"]


def test_a_made_up_continuation_token_is_refused(tree: Any) -> None:
    with pytest.raises(oss2.exceptions.InvalidArgument):
        tree.list_objects_v2(continuation_token="err-token")


@pytest.mark.parametrize("query", ["max-keys=0", "max-keys=1001", "max-keys=x", "encoding-type=utf8"])
def test_unusable_list_parameters_are_refused(cloud: Cloud, query: str) -> None:
    cloud.state.set_bucket_acl(BUCKET, "public-read")
    answered = cloud.ask("GET", cloud.url(query=query))

    assert answered.status == 400
    assert b"<Code>InvalidArgument</Code>" in answered.body


@given(
    keys=st.sets(
        st.text(st.sampled_from("ab/中"), min_size=1, max_size=5).filter(lambda key: key[0] != "/"), max_size=20
    ),
    prefix=st.text(st.sampled_from("ab/"), max_size=2),
    delimiter=st.sampled_from(["", "/", "b"]),
    limit=st.integers(1, 4),
)
def test_pages_of_any_size_make_up_the_whole_listing(keys: set[str], prefix: str, delimiter: str, limit: int) -> None:
    state = OssState(Account())
    state.create_bucket(BUCKET)
    for key in keys:
        state.put(BUCKET, key, b"")
    whole = state.listing(BUCKET, prefix, delimiter=delimiter)
    entries: list[str] = []
    prefixes: list[str] = []
    after: str | None = ""
    while after is not None:
        page = state.listing(BUCKET, prefix, after, limit, delimiter)
        entries += [stored.key for stored in page.entries]
        prefixes += page.prefixes
        after = page.next_after

    assert entries == [stored.key for stored in whole.entries]
    assert prefixes == list(whole.prefixes)
    assert {key for key in keys if key.startswith(prefix)} >= set(entries)
    assert len(entries) + sum(1 for key in keys for group in prefixes if key.startswith(group)) == len(
        [key for key in keys if key.startswith(prefix)]
    )
