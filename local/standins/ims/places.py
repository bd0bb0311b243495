"""Where IMS reads and writes: objects of its own region, named by plain OSS urls, read with its own role.

Vendor rule (help.aliyun.com/zh/ims, SubmitMediaProducingJob): no signature, no CDN, no foreign host, and every bucket
in the region of the call.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, quote, unquote, urlsplit

from local.standins.errors import VendorError

_HOST = re.compile(
    r"(?P<bucket>[a-z0-9][a-z0-9-]{1,61}[a-z0-9])\.oss-(?P<region>[a-z0-9-]+?)(-internal)?\.aliyuncs\.com"
)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


class MediaAccess(Protocol):
    """The objects of the account, as local files."""

    def read(self, bucket: str, key: str, folder: Path) -> Path:
        """A file with the object's bytes, made in `folder` if need be; FetchError when there is no such object."""

    def write(self, bucket: str, key: str, file: Path) -> None:
        """Put the file's bytes as an object; FetchError when there is no such bucket."""


@dataclass(frozen=True)
class Place:
    bucket: str
    key: str

    def plain_url(self, region: str) -> str:
        return f"https://{self.bucket}.oss-{region}.aliyuncs.com/{quote(self.key)}"

    @property
    def oss(self) -> str:
        return f"oss://{self.bucket}/{self.key}"


def place_of(media: str, region: str) -> Place:
    """The object that `https://bucket.oss-region.aliyuncs.com/key`, `oss://bucket.oss-region.aliyuncs.com/key` or
    `oss://bucket/key` names; VendorError `InvalidParameter` for anything IMS would not read.
    """
    parts = _parts(media)
    if parts.query or parts.fragment:
        raise _unreadable(media, "it must not carry a query string")
    key = parts.path.lstrip("/") if parts.scheme == "oss" else unquote(parts.path.lstrip("/"))
    if not key:
        raise _unreadable(media, "it names no object")
    host = _HOST.fullmatch(parts.netloc)
    if host is not None and parts.scheme in {"http", "https", "oss"}:
        if host["region"] != region:
            raise _unreadable(media, f"its bucket is not in {region}")
        return Place(host["bucket"], key)
    if parts.scheme == "oss" and _BUCKET.fullmatch(parts.netloc):
        return Place(parts.netloc, key)
    raise _unreadable(media, "it is not an OSS url")


def has_host_form(media: str) -> bool:
    """Whether an `oss://` url names the region too, as SubmitASRJob wants it."""
    parts = _parts(media)
    return parts.scheme == "oss" and _HOST.fullmatch(parts.netloc) is not None


def _parts(media: str) -> SplitResult:
    try:
        return urlsplit(media)
    except ValueError as error:  # brackets that hold no address
        raise _unreadable(media, "it is not a url") from error


def _unreadable(media: str, why: str) -> VendorError:
    return VendorError(400, "InvalidParameter", f"The media {media} cannot be used: {why}.")
