"""One request on its way through the stand-in, with what was found out about it so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from local.standins.http import Headers, Request
from local.standins.oss.addressing import Address
from local.standins.oss.digests import md5_base64
from local.standins.oss.errors import OssError, invalid_argument
from local.standins.oss.state import OssState
from local.standins.oss.uploads import Uploads


@dataclass(frozen=True)
class Call:
    """`caller` is the access key id that signed, None when nobody did."""

    state: OssState
    request: Request
    address: Address
    caller: str | None
    request_id: str
    query: dict[str, str] = field(default_factory=dict)

    @property
    def bucket(self) -> str:
        return self.address.bucket

    @property
    def key(self) -> str:
        return self.address.key

    @property
    def headers(self) -> Headers:
        return self.request.headers

    @property
    def body(self) -> bytes:
        return self.request.body

    @property
    def uploads(self) -> Uploads:
        return Uploads(self.state)

    @property
    def forbids_overwrite(self) -> bool:
        return self.headers.get("x-oss-forbid-overwrite", "").lower() == "true"

    @property
    def version_id(self) -> str:
        """Empty when none is asked for; an empty parameter is refused, as it asks for nothing that can be."""
        version_id = self.query.get("versionId")
        if version_id == "":
            raise invalid_argument("Version id cannot be the empty string", "versionId", "")
        return version_id or ""

    def number(self, name: str, default: int) -> int:
        text = self.query.get(name) or str(default)
        try:
            return int(text)
        except ValueError:
            raise invalid_argument(f"Argument {name} must be an integer.", name, text) from None

    def check_md5(self) -> None:
        """Raises InvalidDigest when a `Content-MD5` was sent and the body is not that."""
        claimed = self.headers.get("content-md5")
        if claimed and claimed != md5_base64(self.body):
            raise OssError(400, "InvalidDigest", "The Content-MD5 you specified was invalid.")
