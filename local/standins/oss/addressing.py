"""Which bucket and key a request is about: virtual-host style, path style, and host names of one's own."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import unquote

# `[<bucket>.]oss-<region>[-internal].aliyuncs.com`, the S3-compatible `s3.oss-...`, the dual-stack `<region>.oss...`
_ENDPOINTS = (
    re.compile(r"(?:(?P<bucket>[a-z0-9][a-z0-9-]*)\.)?(?:s3\.)?oss-(?P<region>[a-z0-9-]+?)(?:-internal)?\.[a-z0-9.-]+"),
    re.compile(r"(?:(?P<bucket>[a-z0-9][a-z0-9-]*)\.)?(?P<region>[a-z0-9-]+)\.oss\.aliyuncs\.com"),
    re.compile(r"(?P<bucket>[a-z0-9][a-z0-9-]*)(?P<region>)\.localhost"),
)


@dataclass(frozen=True)
class Address:
    """`region` is the one the host name tells (`cn-beijing`), empty when it tells none."""

    bucket: str
    key: str
    region: str = ""


def address_of(host: str, raw_path: str, buckets: Collection[str]) -> Address:
    """`buckets` are the known ones: a host whose first label is one of them is taken for that bucket's own name."""
    bucket, region = _told_by_host(host_name(host), buckets)
    path = raw_path[1:]
    if bucket:
        return Address(bucket, unquote(path), region)
    first, _, key = path.partition("/")
    return Address(unquote(first), unquote(key), region)


def is_virtual_host_of(host: str, bucket: str) -> bool:
    return host_name(host).startswith(f"{bucket}.")


def host_name(host: str) -> str:
    """Without the port, in lower case."""
    return re.sub(r":\d+$", "", host.lower())


def _told_by_host(name: str, buckets: Collection[str]) -> tuple[str, str]:
    for endpoint in _ENDPOINTS:
        match = endpoint.fullmatch(name)
        if match:
            region = match["region"]
            return match["bucket"] or "", "" if region.startswith("accelerate") else region
    label, dot, _ = name.partition(".")
    return (label, "") if dot and label in buckets and not _is_ip(name) else ("", "")


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
