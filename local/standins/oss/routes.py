"""Which request is which OSS operation, and what right it takes. Read from the top: the first that fits is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from local.standins.http import Request, Response
from local.standins.oss import bucket_calls, listing_calls, object_calls, reading_calls, upload_calls
from local.standins.oss.access import Right
from local.standins.oss.addressing import Address
from local.standins.oss.call import Call
from local.standins.oss.configurations import KINDS
from local.standins.oss.errors import OssError, not_implemented

READ, WRITE, OWN = Right.READ, Right.WRITE, Right.OWN


@dataclass(frozen=True)
class Route:
    """`marks` are query parameters, or headers with a colon before the name, that must all be there."""

    operation: str
    method: str
    marks: tuple[str, ...]
    right: Right
    answer: Callable[[Call], Response]

    def fits(self, request: Request, query: dict[str, str]) -> bool:
        return request.method == self.method and all(
            mark[1:] in request.headers if mark.startswith(":") else mark in query for mark in self.marks
        )


LIST_BUCKETS = Route("ListBuckets", "GET", (), OWN, bucket_calls.list_buckets)

BUCKET_ROUTES = (
    Route("PutBucketAcl", "PUT", ("acl",), OWN, bucket_calls.put_bucket_acl),
    Route("GetBucketAcl", "GET", ("acl",), OWN, bucket_calls.get_bucket_acl),
    Route("GetBucketInfo", "GET", ("bucketInfo",), OWN, bucket_calls.get_bucket_info),
    Route("GetBucketLocation", "GET", ("location",), OWN, bucket_calls.get_bucket_location),
    Route("GetBucketStat", "GET", ("stat",), OWN, bucket_calls.get_bucket_stat),
    Route("ListObjectVersions", "GET", ("versions",), OWN, listing_calls.list_object_versions),
    Route("ListMultipartUploads", "GET", ("uploads",), OWN, listing_calls.list_multipart_uploads),
    Route("ListLiveChannel", "GET", ("live",), OWN, listing_calls.list_live_channels),
    Route("DeleteMultipleObjects", "POST", ("delete",), WRITE, object_calls.delete_objects),
    *(
        route
        for what in KINDS
        for route in (
            Route(f"PutBucket:{what}", "PUT", (what,), OWN, bucket_calls.put_configuration),
            Route(f"GetBucket:{what}", "GET", (what,), OWN, bucket_calls.get_configuration),
            Route(f"DeleteBucket:{what}", "DELETE", (what,), OWN, bucket_calls.delete_configuration),
        )
    ),
    Route("ListObjectsV2", "GET", ("list-type",), READ, listing_calls.list_objects_v2),
    Route("ListObjects", "GET", (), READ, listing_calls.list_objects),
    Route("HeadBucket", "HEAD", (), READ, bucket_calls.head_bucket),
    Route("PutBucket", "PUT", (), OWN, bucket_calls.put_bucket),
    Route("DeleteBucket", "DELETE", (), OWN, bucket_calls.delete_bucket),
)

OBJECT_ROUTES = (
    Route("InitiateMultipartUpload", "POST", ("uploads",), WRITE, upload_calls.initiate),
    Route("UploadPartCopy", "PUT", ("uploadId", ":x-oss-copy-source"), WRITE, upload_calls.upload_part_copy),
    Route("UploadPart", "PUT", ("uploadId",), WRITE, upload_calls.upload_part),
    Route("CompleteMultipartUpload", "POST", ("uploadId",), WRITE, upload_calls.complete),
    Route("AbortMultipartUpload", "DELETE", ("uploadId",), WRITE, upload_calls.abort),
    Route("ListParts", "GET", ("uploadId",), OWN, upload_calls.list_parts),
    Route("AppendObject", "POST", ("append",), WRITE, object_calls.append_object),
    Route("RestoreObject", "POST", ("restore",), OWN, object_calls.restore_object),
    Route("PutObjectACL", "PUT", ("acl",), OWN, object_calls.put_object_acl),
    Route("GetObjectACL", "GET", ("acl",), OWN, object_calls.get_object_acl),
    Route("PutObjectTagging", "PUT", ("tagging",), OWN, object_calls.put_object_tagging),
    Route("GetObjectTagging", "GET", ("tagging",), OWN, object_calls.get_object_tagging),
    Route("DeleteObjectTagging", "DELETE", ("tagging",), OWN, object_calls.delete_object_tagging),
    Route("PutSymlink", "PUT", ("symlink",), WRITE, object_calls.put_symlink),
    Route("GetSymlink", "GET", ("symlink",), READ, reading_calls.get_symlink),
    Route("GetObjectMeta", "GET", ("objectMeta",), READ, reading_calls.get_object_meta),
    Route("GetObjectMeta", "HEAD", ("objectMeta",), READ, reading_calls.get_object_meta),
    Route("CopyObject", "PUT", (":x-oss-copy-source",), WRITE, object_calls.copy_object),
    Route("PutObject", "PUT", (), WRITE, object_calls.put_object),
    Route("GetObject", "GET", (), READ, reading_calls.get_object),
    Route("HeadObject", "HEAD", (), READ, reading_calls.head_object),
    Route("DeleteObject", "DELETE", (), WRITE, object_calls.delete_object),
)

# sub-resources the service has and this stand-in has not: without this list they would pass for plain puts and gets
_NOT_HERE = """
accessPoint accessPointPolicy asyncFetch cname comp inventory inventoryId live metaQuery qosInfo
redundancyTransition replication replicationLocation replicationProgress requesterQosInfo resourcePool
resourcePoolBuckets resourcePoolInfo rtc style styleName vod worm wormExtend wormId x-oss-async-process
x-oss-write-get-object-response
"""
NOT_HERE = frozenset(_NOT_HERE.split())


def route_of(request: Request, address: Address, query: dict[str, str]) -> Route:
    if not address.bucket:
        routes: tuple[Route, ...] = (LIST_BUCKETS,)
    else:
        routes = OBJECT_ROUTES if address.key else BUCKET_ROUTES
    route = next((route for route in routes if route.fits(request, query)), None)
    missing = NOT_HERE.intersection(query)
    if missing and (route is None or not route.marks):
        raise not_implemented(", ".join(sorted(missing)))
    if route is None:
        details = {"Method": request.method, "ResourceType": "Object" if address.key else "Bucket"}
        message = "The specified method is not allowed against this resource."
        raise OssError(405, "MethodNotAllowed", message, details=details)
    return route
