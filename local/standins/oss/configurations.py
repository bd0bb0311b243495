"""Bucket sub-resources that are kept as the document they were put with and given back unchanged.

Only `cors`, `versioning`, `encryption` and `website` have an effect here; `lifecycle`, `policy` and the rest are
checked for shape and remembered, not acted upon.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from local.standins.oss.cors import rules_of
from local.standins.oss.documents import number_in, parsed
from local.standins.oss.errors import OssError, invalid_argument, malformed_xml
from local.standins.oss.metadata import ENCRYPTIONS, checked_tags

BUCKET_TAGS_MAX = 20
ENCRYPTION_TAGS = {
    "x-oss-server-side-encryption": "SSEAlgorithm",
    "x-oss-server-side-data-encryption": "KMSDataEncryption",
    "x-oss-server-side-encryption-key-id": "KMSMasterKeyID",
}
VERSIONING = ("Enabled", "Suspended")


@dataclass(frozen=True)
class Kind:
    """`absent` is either the error code of a GET when nothing was put, or the document it answers instead."""

    root: str
    absent: str
    check: Callable[[str], object] | None = None
    message: str = ""

    def refusal(self, bucket: str) -> OssError:
        return OssError(404, self.absent, self.message, details={"BucketName": bucket})


def checked(what: str, body: bytes) -> str:
    """The document to keep; raises MalformedXML, InvalidArgument and their like."""
    kind = KINDS[what]
    if not kind.root:
        return _checked_json(body)
    parsed(body, kind.root)
    # the service writes booleans in lower case, whatever case they came in
    document = re.sub(r">(True|False)<", lambda match: match[0].lower(), body.decode())
    if kind.check:
        kind.check(document)
    return document


def tags_in(root: ET.Element) -> list[tuple[str, str]]:
    return [(tag.findtext("Key", ""), tag.findtext("Value", "")) for tag in root.iter("Tag")]


def encryption_headers(document: str) -> dict[str, str]:
    """What a bucket's encryption rule puts on every object that does not ask for its own."""
    root = parsed(document.encode())
    told = {name: root.findtext(f".//{tag}") for name, tag in ENCRYPTION_TAGS.items()}
    return {name: value for name, value in told.items() if value}


def _checked_json(body: bytes) -> str:
    try:
        json.loads(body)
    except ValueError:
        raise OssError(400, "InvalidPolicyDocument", "The policy is not valid JSON.") from None
    return body.decode()


def _check_versioning(document: str) -> None:
    if parsed(document.encode()).findtext("Status") not in VERSIONING:
        raise malformed_xml()


def _check_encryption(document: str) -> None:
    root = parsed(document.encode())
    algorithm, key_id = root.findtext(".//SSEAlgorithm", ""), root.findtext(".//KMSMasterKeyID", "")
    if algorithm not in ENCRYPTIONS:
        message = "The encryption algorithm you specified is not valid. Supported value: AES256/SM4/KMS."
        raise OssError(400, "InvalidEncryptionAlgorithmError", message)
    if key_id and algorithm != "KMS":
        raise invalid_argument(
            "KMSMasterKeyID is not applicable if the algorithm is not KMS.", "KMSMasterKeyID", key_id
        )


def _check_tagging(document: str) -> None:
    checked_tags(tags_in(parsed(document.encode())), BUCKET_TAGS_MAX, None)


def _check_qos(document: str) -> None:
    capacity = number_in(parsed(document.encode()), "StorageCapacity")
    if capacity < -1:
        raise invalid_argument("The StorageCapacity is not valid.", "StorageCapacity", str(capacity))


KINDS = {
    "cors": Kind("CORSConfiguration", "NoSuchCORSConfiguration", rules_of, "The CORS Configuration does not exist."),
    "lifecycle": Kind("LifecycleConfiguration", "NoSuchLifecycle", message="No Row found in Lifecycle Table."),
    "website": Kind(
        "WebsiteConfiguration",
        "NoSuchWebsiteConfiguration",
        message="The specified bucket does not have a website configuration.",
    ),
    "policy": Kind("", "NoSuchBucketPolicy", message="The bucket policy does not exist."),
    "encryption": Kind(
        "ServerSideEncryptionRule",
        "NoSuchServerSideEncryptionRule",
        _check_encryption,
        "The server side encryption configuration does not exist.",
    ),
    "transferAcceleration": Kind(
        "TransferAccelerationConfiguration",
        "NoSuchTransferAccelerationConfiguration",
        message="The bucket you specified does not have transfer acceleration configuration.",
    ),
    "tagging": Kind("Tagging", "<Tagging><TagSet></TagSet></Tagging>", _check_tagging),
    "versioning": Kind(
        "VersioningConfiguration", "<VersioningConfiguration></VersioningConfiguration>", _check_versioning
    ),
    "referer": Kind(
        "RefererConfiguration",
        "<RefererConfiguration><AllowEmptyReferer>true</AllowEmptyReferer>"
        "<AllowTruncateQueryString>true</AllowTruncateQueryString><RefererList /></RefererConfiguration>",
    ),
    "qos": Kind("BucketUserQos", "<BucketUserQos><StorageCapacity>-1</StorageCapacity></BucketUserQos>", _check_qos),
    "logging": Kind("BucketLoggingStatus", "<BucketLoggingStatus></BucketLoggingStatus>"),
    "requestPayment": Kind(
        "RequestPaymentConfiguration",
        "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>",
    ),
    "accessmonitor": Kind(
        "AccessMonitorConfiguration",
        "<AccessMonitorConfiguration><Status>Disabled</Status></AccessMonitorConfiguration>",
    ),
    "resourceGroup": Kind(
        "BucketResourceGroupConfiguration",
        "<BucketResourceGroupConfiguration><ResourceGroupId>rg-default-id</ResourceGroupId>"
        "</BucketResourceGroupConfiguration>",
    ),
    "httpsConfig": Kind(
        "HttpsConfiguration", "<HttpsConfiguration><TLS><Enable>false</Enable></TLS></HttpsConfiguration>"
    ),
    "publicAccessBlock": Kind(
        "PublicAccessBlockConfiguration",
        "<PublicAccessBlockConfiguration><BlockPublicAccess>false</BlockPublicAccess></PublicAccessBlockConfiguration>",
    ),
    "bucketArchiveDirectRead": Kind(
        "ArchiveDirectReadConfiguration",
        "<ArchiveDirectReadConfiguration><Enabled>false</Enabled></ArchiveDirectReadConfiguration>",
    ),
}
