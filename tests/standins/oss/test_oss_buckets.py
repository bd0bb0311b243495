"""Buckets and their settings."""

from __future__ import annotations

from typing import Any

import oss2
import pytest
import responses

from tests.standins.oss.cloud import BUCKET, ENDPOINT, Cloud

CORS = oss2.models.BucketCors(
    [oss2.models.CorsRule(allowed_origins=["https://a.example"], allowed_methods=["PUT"], allowed_headers=["*"])]
)


@pytest.fixture
def service(door: responses.RequestsMock) -> Any:
    return oss2.Service(oss2.Auth("test-id", "test-secret"), ENDPOINT)


def test_a_bucket_is_made_listed_and_removed(service: Any) -> None:
    fresh = oss2.Bucket(service.auth, ENDPOINT, "fresh-bucket")
    fresh.create_bucket("public-read", oss2.models.BucketCreateConfig("IA"))

    assert [found.name for found in service.list_buckets().buckets] == [BUCKET, "fresh-bucket"]
    info = fresh.get_bucket_info()
    assert (info.storage_class, info.acl.grant, info.location) == ("IA", "public-read", "oss-cn-beijing")
    fresh.delete_bucket()
    with pytest.raises(oss2.exceptions.NoSuchBucket):
        fresh.delete_bucket()


def test_buckets_are_listed_in_pages(cloud: Cloud, service: Any) -> None:
    for name in ("aaa", "aab", "bbb"):
        cloud.state.create_bucket(name)

    assert [found.name for found in oss2.BucketIterator(service, prefix="a", max_keys=1)] == ["aaa", "aab"]


def test_making_a_bucket_again_changes_nothing_but_the_acl(bucket: Any) -> None:
    bucket.put_object("a", b"hello")
    bucket.create_bucket("public-read")
    bucket.create_bucket()

    assert bucket.get_bucket_acl().acl == "public-read"
    assert bucket.get_object("a").read() == b"hello"


def test_a_bucket_with_objects_or_uploads_is_not_removed(cloud: Cloud, bucket: Any) -> None:
    bucket.put_object("a", b"")
    with pytest.raises(oss2.exceptions.BucketNotEmpty):
        bucket.delete_bucket()
    bucket.delete_object("a")
    bucket.init_multipart_upload("b")
    with pytest.raises(oss2.exceptions.BucketNotEmpty):
        bucket.delete_bucket()


@pytest.mark.parametrize("name", ["Upper", "ab", "-dash", "under_score", "x" * 64])
def test_bucket_names_are_checked(cloud: Cloud, name: str) -> None:
    with pytest.raises(Exception, match="InvalidBucketName"):
        cloud.state.create_bucket(name)


def test_an_account_has_at_most_100_buckets(cloud: Cloud) -> None:
    for number in range(99):
        cloud.state.create_bucket(f"bucket-{number}")

    with pytest.raises(Exception, match="TooManyBuckets"):
        cloud.state.create_bucket("one-too-many")


def test_statistics_count_objects_uploads_and_bytes(bucket: Any) -> None:
    bucket.put_object("a", b"hello")
    bucket.put_object("b", b"hello", headers={"x-oss-storage-class": "IA"})
    bucket.init_multipart_upload("c")
    stat = bucket.get_bucket_stat()

    assert (stat.object_count, stat.storage_size_in_bytes, stat.multi_part_upload_count) == (2, 10, 1)
    assert (stat.standard_storage, stat.infrequent_access_object_count) == (5, 1)


def test_a_bucket_acl_is_one_of_three(bucket: Any) -> None:
    bucket.put_bucket_acl("public-read-write")

    assert bucket.get_bucket_acl().acl == "public-read-write"
    with pytest.raises(oss2.exceptions.InvalidArgument) as raised:
        bucket.put_bucket_acl("everyone")
    assert raised.value.name == "x-oss-acl"


def test_cors_rules_are_kept_until_deleted(bucket: Any) -> None:
    bucket.put_bucket_cors(CORS)

    assert bucket.get_bucket_cors().rules[0].allowed_origins == ["https://a.example"]
    bucket.delete_bucket_cors()
    with pytest.raises(oss2.exceptions.NoSuchCors):
        bucket.get_bucket_cors()


def test_lifecycle_rules_are_kept_and_overlaps_refused(bucket: Any) -> None:
    def rule(name: str, prefix: str) -> Any:
        expiration = oss2.models.LifecycleExpiration(days=7)
        return oss2.models.LifecycleRule(name, prefix, oss2.models.LifecycleRule.ENABLED, expiration)

    bucket.put_bucket_lifecycle(oss2.models.BucketLifecycle([rule("1", "steps/"), rule("2", "jobs/")]))

    assert [kept.prefix for kept in bucket.get_bucket_lifecycle().rules] == ["steps/", "jobs/"]
    with pytest.raises(oss2.exceptions.InvalidArgument) as raised:
        bucket.put_bucket_lifecycle(oss2.models.BucketLifecycle([rule("1", "a/"), rule("2", "a/b/")]))
    assert raised.value.message == "Overlap for same action type Expiration"


def test_a_policy_is_kept_as_it_came(bucket: Any) -> None:
    with pytest.raises(oss2.exceptions.NoSuchBucketPolicy):
        bucket.get_bucket_policy()
    bucket.put_bucket_policy('{"Version": "1", "Statement": []}')

    assert bucket.get_bucket_policy().policy == '{"Version": "1", "Statement": []}'


def test_a_buckets_encryption_is_told_of_every_object(bucket: Any) -> None:
    rule = oss2.models.ServerSideEncryptionRule()
    rule.sse_algorithm = "AES256"
    bucket.put_bucket_encryption(rule)
    bucket.put_object("a", b"")

    assert bucket.head_object("a").headers["x-oss-server-side-encryption"] == "AES256"
    bucket.delete_bucket_encryption()
    with pytest.raises(oss2.exceptions.NoSuchServerSideEncryptionRule):
        bucket.get_bucket_encryption()


def test_bucket_tags_are_kept_and_select_buckets(service: Any, bucket: Any) -> None:
    tags = oss2.models.TaggingRule()
    tags.add("project", "echobot")
    bucket.put_bucket_tagging(oss2.models.Tagging(tags))

    assert bucket.get_bucket_tagging().tag_set.tagging_rule == {"project": "echobot"}
    assert len(service.list_buckets(params={"tag-key": "project", "tag-value": "echobot"}).buckets) == 1
    assert service.list_buckets(params={"tag-key": "project", "tag-value": "other"}).buckets == []


def test_broken_xml_is_refused(bucket: Any) -> None:
    for document in ("<This is a bad xml></bad as I am>", "<CORSConfiguration></CORSConfiguration>"):
        with pytest.raises(oss2.exceptions.MalformedXml):
            bucket.put_bucket_cors(document)


def test_a_setting_this_stand_in_has_not_is_refused_by_name(bucket: Any) -> None:
    with pytest.raises(oss2.exceptions.NotImplemented):
        bucket.init_bucket_worm(1)


def test_a_website_answers_with_its_index_and_error_page(bucket: Any) -> None:
    bucket.put_bucket_website(oss2.models.BucketWebsite("index.html", "error.html"))
    bucket.put_object("index.html", b"home")
    bucket.put_object("error.html", b"sorry")

    assert bucket.get_object("folder/").read() == b"home"
    with pytest.raises(oss2.exceptions.NotFound) as raised:
        bucket.get_object("nope")
    assert raised.value.body == b"sorry"
