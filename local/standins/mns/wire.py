"""MNS on the wire: signatures, request bodies checked as XML, answers written as XML."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from local.standins.account import Account
from local.standins.http import Request
from local.standins.mns.errors import MnsError, not_by_schema

NAMESPACE = "http://mns.aliyuncs.com/doc/v1/"


@dataclass
class Reply:
    """`body` is XML without its declaration."""

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One authenticated request: the names in its path, its query under lower-case names, its XML body."""

    request: Request
    names: Mapping[str, str]

    @cached_property
    def query(self) -> dict[str, str]:
        # the pages write receiptHandle, the SDKs ReceiptHandle: the service takes both
        return {name.lower(): value for name, value in self.request.query.items()}

    @cached_property
    def root(self) -> ET.Element:
        try:
            return ET.fromstring(self.request.body)  # noqa: S314  expat bounds entity expansion; only loopback asks
        except ET.ParseError as error:
            raise MnsError("MalformedXML") from error

    def document(self, *tags: str) -> ET.Element:
        """The body, which must be one of these elements."""
        if local_name(self.root) not in tags:
            raise not_by_schema(local_name(self.root))
        return self.root

    def location(self, path: str) -> dict[str, str]:
        return {"Location": f"{self.request.scheme}://{self.request.host}{path}"}


def local_name(element: ET.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def fields(element: ET.Element, allowed: Sequence[str]) -> dict[str, str]:
    """Texts of the child elements by name; one that is not allowed breaks the schema."""
    texts = {local_name(child): child.text or "" for child in element}
    for name in texts:
        if name not in allowed:
            raise not_by_schema(name)
    return texts


def element(tag: str, inner: Mapping[str, str] | str, *, root: bool = False) -> str:
    """An element from its fields, or around XML that is already written."""
    text = inner if isinstance(inner, str) else "".join(element(name, escape(value)) for name, value in inner.items())
    return f'<{tag} xmlns="{NAMESPACE}">{text}</{tag}>' if root else f"<{tag}>{text}</{tag}>"


def error_document(error: MnsError, request_id: str, host: str) -> str:
    told = {"Code": error.code, "Message": error.message, "RequestId": request_id, "HostId": f"http://{host}"}
    return element("Error", told, root=True)


def authenticate(account: Account, request: Request) -> None:
    """Check `MNS AK:signature` and Content-MD5; a security token is accepted as it is.

    The Date must be there but may be old: the clients' clock is real, the account's may be virtual.
    """
    headers = request.headers
    authorization = headers.get("authorization")
    if not authorization:
        raise MnsError("MissingAuthorizationHeader")
    if not headers.get("date"):
        raise MnsError("MissingDateHeader")
    scheme, _, credential = authorization.partition(" ")
    key_id, colon, signature = credential.partition(":")
    if scheme != "MNS" or not colon:
        raise MnsError("InvalidAuthorizationHeader")
    if key_id not in account.keys:
        raise MnsError("InvalidAccessKeyId")
    if not hmac.compare_digest(_signature(account.keys[key_id], request).encode(), signature.encode()):
        raise MnsError("SignatureDoesNotMatch")
    _check_md5(request)


def _signature(secret: str, request: Request) -> str:
    headers = {name.lower(): value for name, value in request.headers.items()}
    own = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith("x-mns-"))
    standard = "".join(headers.get(name, "") + "\n" for name in ("content-md5", "content-type", "date"))
    resource = request.raw_path + (f"?{request.raw_query}" if request.raw_query else "")
    signed = f"{request.method}\n{standard}{own}{resource}"
    return base64.b64encode(hmac.new(secret.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def _check_md5(request: Request) -> None:
    sent = request.headers.get("content-md5")
    digest = hashlib.md5(request.body, usedforsecurity=False)
    # the SDKs encode the hexadecimal form, the standard header the bytes
    taken = {base64.b64encode(digest.hexdigest().encode()).decode(), base64.b64encode(digest.digest()).decode()}
    if sent and sent not in taken:
        raise MnsError("InvalidDegist")
