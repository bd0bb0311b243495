"""Wire calls about buckets: making, describing, configuring and deleting them."""

from __future__ import annotations

from collections import defaultdict
from xml.etree import ElementTree as ET

from local.standins.http import Response
from local.standins.oss.call import Call
from local.standins.oss.configurations import ENCRYPTION_TAGS, KINDS, checked, tags_in
from local.standins.oss.documents import answer, iso_time, leaf, node, owner, parsed, rendered
from local.standins.oss.errors import invalid_argument
from local.standins.oss.lifecycle import check_lifecycle
from local.standins.oss.objects import Bucket, StoredObject

LISTED_MAX = 1000
_STAT_NAMES = {  # storage class -> how GetBucketStat spells it
    "Standard": "Standard",
    "IA": "InfrequentAccess",
    "Archive": "Archive",
    "ColdArchive": "ColdArchive",
    "DeepColdArchive": "DeepColdArchive",
}


def list_buckets(call: Call) -> Response:
    limit = call.number("max-keys", 100)
    if not 0 < limit <= LISTED_MAX:
        raise invalid_argument("Argument max-keys must be an integer between 1 and 1000.", "max-keys", str(limit))
    prefix, marker = call.query.get("prefix", ""), call.query.get("marker", "")
    names = [
        name
        for name in call.state.bucket_names()
        if name.startswith(prefix) and name > marker and _has_asked_tag(call, name)
    ]
    page, is_truncated = names[:limit], len(names) > limit
    listed = (_summary(call, call.state.bucket(name)) for name in page)
    texts: dict[str, str | int | bool] = {
        "Prefix": prefix,
        "Marker": marker,
        "MaxKeys": limit,
        "IsTruncated": is_truncated,
    }
    if is_truncated:
        texts["NextMarker"] = page[-1]
    owner_id = call.state.account.account_id
    return answer(node("ListAllMyBucketsResult", owner(owner_id), node("Buckets", *listed), **texts))


def put_bucket(call: Call) -> Response:
    storage_class, data_redundancy = "Standard", "LRS"
    if call.body:
        root = parsed(call.body, "CreateBucketConfiguration")
        storage_class = root.findtext("StorageClass") or storage_class
        data_redundancy = root.findtext("DataRedundancyType") or data_redundancy
    call.state.create_bucket(call.bucket, call.headers.get("x-oss-acl", ""), storage_class, data_redundancy)
    if "x-oss-server-side-encryption" in call.headers:
        _put_encryption(call)
    return Response(200, {"Location": f"/{call.bucket}"})


def head_bucket(call: Call) -> Response:
    call.state.bucket(call.bucket)
    return Response(200, {"x-oss-bucket-region": call.state.account.region})


def delete_bucket(call: Call) -> Response:
    call.state.delete_bucket(call.bucket)
    return Response(204)


def get_bucket_info(call: Call) -> Response:
    bucket = call.state.bucket(call.bucket)
    encryption = bucket.configurations.get("encryption")
    rule = parsed(encryption.encode()).find("ApplyServerSideEncryptionByDefault") if encryption else None
    default = list(rule) if rule is not None else [leaf("SSEAlgorithm", "None")]
    children = [
        owner(call.state.account.account_id),
        node("AccessControlList", Grant=bucket.acl),
        node("ServerSideEncryptionRule", *default),
        node("BucketPolicy", LogBucket="", LogPrefix=""),
    ]
    if bucket.versioning:
        children.append(leaf("Versioning", bucket.versioning))
    described = _summary(call, bucket)
    described.extend(children)
    for name, value in (
        ("DataRedundancyType", bucket.data_redundancy),
        ("AccessMonitor", _status_in(bucket, "accessmonitor")),
        ("TransferAcceleration", _status_in(bucket, "transferAcceleration")),
        ("CrossRegionReplication", "Disabled"),
        ("Comment", ""),
    ):
        described.append(leaf(name, value))
    return answer(node("BucketInfo", described))


def get_bucket_location(call: Call) -> Response:
    call.state.bucket(call.bucket)
    return answer(leaf("LocationConstraint", f"oss-{call.state.account.region}"))


def get_bucket_stat(call: Call) -> Response:
    with call.state.account.lock:
        bucket = call.state.bucket(call.bucket)
        held = [stored for versions in bucket.versions.values() for stored in versions]
        uploads = [upload for upload in call.state.catalogue.uploads.values() if upload.bucket == call.bucket]
    objects = [stored for stored in held if not stored.is_marker]
    return answer(
        node(
            "BucketStat",
            *_by_storage_class(objects),
            Storage=sum(stored.size for stored in objects),
            ObjectCount=len(objects),
            MultipartUploadCount=len(uploads),
            MultipartPartCount=sum(len(upload.parts) for upload in uploads),
            DeleteMarkerCount=len(held) - len(objects),
            LiveChannelCount=0,
            LastModifiedTime=int(call.state.account.now()),
        )
    )


def get_bucket_acl(call: Call) -> Response:
    return acl_document(call, call.state.bucket(call.bucket).acl)


def put_bucket_acl(call: Call) -> Response:
    call.state.set_bucket_acl(call.bucket, call.headers.get("x-oss-acl", ""))
    return Response(200)


def acl_document(call: Call, acl: str) -> Response:
    owner_id = call.state.account.account_id
    return answer(node("AccessControlPolicy", owner(owner_id), node("AccessControlList", Grant=acl)))


def put_configuration(call: Call) -> Response:
    what = configured(call)
    call.state.bucket(call.bucket)
    document = checked(what, call.body)
    if what == "lifecycle":
        allows_overlap = call.headers.get("x-oss-allow-same-action-overlap", "").lower() == "true"
        check_lifecycle(document, allows_overlap=allows_overlap)
    call.state.configure(call.bucket, what, document)
    if what == "versioning":
        call.state.set_versioning(call.bucket, parsed(call.body).findtext("Status", ""))
    return Response(200)


def get_configuration(call: Call) -> Response:
    what, bucket = configured(call), call.state.bucket(call.bucket)
    kind = KINDS[what]
    document = bucket.configurations.get(what)
    if document is None:
        if not kind.absent.startswith("<"):
            raise kind.refusal(call.bucket)
        document = kind.absent
    content_type = "application/xml" if kind.root else "application/json"
    return Response(200, {"Content-Type": content_type}, document.encode())


def delete_configuration(call: Call) -> Response:
    what = configured(call)
    kept = _without_tags(call) if what == "tagging" and call.query["tagging"] else None
    call.state.configure(call.bucket, what, kept)
    return Response(204)


def configured(call: Call) -> str:
    """The sub-resource the call is about."""
    return next(what for what in KINDS if what in call.query)


def _status_in(bucket: Bucket, what: str) -> str:
    root = parsed(bucket.configurations.get(what, "<None/>").encode())
    is_on = root.findtext("Status") == "Enabled" or root.findtext("Enabled") == "true"
    return "Enabled" if is_on else "Disabled"


def _put_encryption(call: Call) -> None:
    texts = {tag: call.headers[name] for name, tag in ENCRYPTION_TAGS.items() if name in call.headers}
    document = rendered(node("ServerSideEncryptionRule", node("ApplyServerSideEncryptionByDefault", **texts)))
    call.state.configure(call.bucket, "encryption", checked("encryption", document))


def _without_tags(call: Call) -> str | None:
    """What is left of a bucket's tags without those the query names, separated by commas."""
    tags, named = _bucket_tags(call, call.bucket), call.query["tagging"].split(",")
    kept = [node("Tag", Key=key, Value=value) for key, value in tags.items() if key not in named]
    return rendered(node("Tagging", node("TagSet", *kept))).decode() if kept else None


def _has_asked_tag(call: Call, bucket: str) -> bool:
    key, value = call.query.get("tag-key"), call.query.get("tag-value")
    if key is None:
        return True
    tags = _bucket_tags(call, bucket)
    return key in tags and value in (None, tags[key])


def _bucket_tags(call: Call, bucket: str) -> dict[str, str]:
    document = call.state.bucket(bucket).configurations.get("tagging")
    return dict(tags_in(parsed(document.encode()))) if document else {}


def _summary(call: Call, bucket: Bucket) -> ET.Element:
    region = call.state.account.region
    return node(
        "Bucket",
        Name=bucket.name,
        Location=f"oss-{region}",
        CreationDate=iso_time(bucket.created),
        ExtranetEndpoint=f"oss-{region}.aliyuncs.com",
        IntranetEndpoint=f"oss-{region}-internal.aliyuncs.com",
        StorageClass=bucket.storage_class,
        Region=region,
        ResourceGroupId="rg-default-id",
    )


def _by_storage_class(objects: list[StoredObject]) -> list[ET.Element]:
    sizes, counts = defaultdict[str, int](int), defaultdict[str, int](int)
    for stored in objects:
        sizes[stored.storage_class] += stored.size
        counts[stored.storage_class] += 1
    lines = []
    for storage_class, name in _STAT_NAMES.items():
        lines.append(leaf(f"{name}Storage", sizes[storage_class]))
        if storage_class != "Standard":
            lines.append(leaf(f"{name}RealStorage", sizes[storage_class]))
        lines.append(leaf(f"{name}ObjectCount", counts[storage_class]))
    return lines
