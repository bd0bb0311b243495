"""The two digests OSS keeps of a body: MD5 (its ETag) and CRC-64 of ECMA-182 (`x-oss-hash-crc64ecma`)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import crcmod

# the polynomial and parameters of oss2.utils.Crc64, which the vendor documents
_crc64: Callable[..., int] = crcmod.mkCrcFun(0x142F0E1EBA9EA3693, initCrc=0, xorOut=0xFFFFFFFFFFFFFFFF, rev=True)


@dataclass(frozen=True)
class Digest:
    """`etag` is upper-case hexadecimal, without the quotes it wears on the wire."""

    etag: str
    crc64: int

    @classmethod
    def of(cls, body: bytes) -> Digest:
        return cls(md5_hex(body), _crc64(body))

    @property
    def content_md5(self) -> str:
        """As `Content-MD5` wants it."""
        return base64.b64encode(bytes.fromhex(self.etag)).decode()


def md5_hex(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest().upper()


def md5_base64(body: bytes) -> str:
    """As `Content-MD5` wants it."""
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def multipart_etag(etags: Iterable[str]) -> str:
    """The ETag of an object put together from parts: no MD5 of the body, but stable for the same parts."""
    listed = list(etags)
    return f"{md5_hex(''.join(listed).encode())}-{len(listed)}"
