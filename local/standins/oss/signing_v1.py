"""Signature version 1: HMAC-SHA1 over the verb, a few headers, the `x-oss-` headers and the resource.

Source: help.aliyun.com "Include signatures in the Authorization header" and "Add signatures to URLs" (V1).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

# the query parameters that belong to the resource: the list of oss2 2.19.1, longer than the one in the documentation
_LISTED = """
response-content-type response-content-language response-cache-control response-content-encoding response-expires
response-content-disposition logging acl uploadId uploads partNumber group link delete website location objectInfo
objectMeta cors lifecycle restore qos referer stat bucketInfo append position security-token live comp status vod
startTime endTime x-oss-process symlink callback callback-var tagging encryption versions versioning versionId
policy requestPayment x-oss-traffic-limit qosInfo asyncFetch x-oss-request-payer sequential inventory inventoryId
continuation-token worm wormId wormExtend replication replicationLocation replicationProgress transferAcceleration
cname metaQuery x-oss-ac-source-ip x-oss-ac-subnet-mask x-oss-ac-vpc-id x-oss-ac-forward-allow resourceGroup style
styleName x-oss-async-process regionList x-oss-write-get-object-response bucketArchiveDirectRead httpsConfig
redundancyTransition x-oss-target-redundancy-type x-oss-redundancy-transition-taskid accessPoint accessPointPolicy
publicAccessBlock x-oss-access-point-name requesterQosInfo qosRequester resourcePoolInfo resourcePool
resourcePoolBuckets
"""
_SUB_RESOURCES = frozenset(_LISTED.split())


@dataclass(frozen=True)
class Signed:
    """What the signature covers. `date` is the Date header, or `Expires` of a presigned URL; the key is decoded."""

    method: str
    headers: Mapping[str, str]
    date: str
    bucket: str
    key: str
    query: Mapping[str, str]


def string_to_sign(signed: Signed) -> str:
    headers = {name.lower(): value for name, value in signed.headers.items()}
    oss_headers = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith("x-oss-"))
    covered = sorted(name for name in signed.query if name in _SUB_RESOURCES)
    query = "&".join(f"{name}={signed.query[name]}" if signed.query[name] else name for name in covered)
    resource = f"/{signed.bucket}/{signed.key}" if signed.bucket else "/"
    return "\n".join(
        (
            signed.method,
            headers.get("content-md5", ""),
            headers.get("content-type", ""),
            headers.get("x-oss-date") or signed.date,
            oss_headers + resource + ("?" + query if query else ""),
        )
    )


def signature(secret: str, signed: Signed) -> str:
    return sign(secret, string_to_sign(signed))


def sign(secret: str, text: str) -> str:
    """Also what a form upload signs its policy with."""
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()
