"""Who asks: checks whichever signature a request carries and names its access key, or nobody's when it carries none."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from local.standins.account import Account
from local.standins.http import Request
from local.standins.oss import signing_v1, signing_v2, signing_v4
from local.standins.oss.addressing import Address
from local.standins.oss.documents import iso_time
from local.standins.oss.errors import OssError, access_denied, invalid_argument
from local.standins.oss.signing_v1 import Signed

SKEW_S_MAX = 15 * 60


@dataclass(frozen=True)
class Callers:
    """`skew_s_max` None lets header signatures of any date pass, for simulated clocks that real SDKs do not follow."""

    account: Account
    skew_s_max: float | None = SKEW_S_MAX

    def caller_of(self, request: Request, address: Address) -> str | None:
        """The access key id, None for an anonymous request; raises OssError for a signature that does not hold."""
        authorization = request.headers.get("authorization", "")
        if not authorization:
            return self._caller_of_url(request, address)
        if authorization.startswith("OSS "):
            return self._v1_header(request, address, authorization[4:])
        if authorization.startswith("OSS2 "):
            return self._v2_header(request, address, authorization[5:])
        if authorization.startswith(signing_v4.ALGORITHM + " "):
            return self._v4_header(request, address, authorization[len(signing_v4.ALGORITHM) :])
        raise invalid_argument("Authorization header is invalid.", "Authorization", authorization)

    def _caller_of_url(self, request: Request, address: Address) -> str | None:
        query = request.query
        if "OSSAccessKeyId" in query or "Signature" in query:
            return self._v1_url(request, address)
        if query.get("x-oss-signature-version") == "OSS2":
            return self._v2_url(request, address)
        if "x-oss-signature-version" in query or "x-oss-signature" in query:
            return self._v4_url(request, address)
        return None

    def secret_of(self, access_key_id: str) -> str:
        secret = self.account.keys.get(access_key_id)
        if secret is None:
            message = "The OSS Access Key Id you provided does not exist in our records."
            raise OssError(403, "InvalidAccessKeyId", message, details={"OSSAccessKeyId": access_key_id})
        return secret

    def _v1_header(self, request: Request, address: Address, authorization: str) -> str:
        access_key_id, colon, given = authorization.partition(":")
        if not colon:
            raise invalid_argument("Authorization header is invalid.", "Authorization", authorization)
        self._check_http_date(request)
        signed = _signed(request, address, request.headers.get("date", ""), request.query)
        expected = signing_v1.signature(self.secret_of(access_key_id), signed)
        check_signature(expected, given, access_key_id, {"StringToSign": signing_v1.string_to_sign(signed)})
        return access_key_id

    def _v1_url(self, request: Request, address: Address) -> str:
        own = ("OSSAccessKeyId", "Expires", "Signature")
        query = request.query
        if not all(query.get(name) for name in own):
            names = "Signature, Expires and OSSAccessKeyId"
            raise access_denied(f"Query-string authentication requires the {names} parameters")
        self._check_expiry(_number("Expires", query["Expires"]))
        rest = {name: value for name, value in query.items() if name not in own}
        signed = _signed(request, address, query["Expires"], rest)
        expected = signing_v1.signature(self.secret_of(query["OSSAccessKeyId"]), signed)
        text = signing_v1.string_to_sign(signed)
        check_signature(expected, query["Signature"], query["OSSAccessKeyId"], {"StringToSign": text})
        return query["OSSAccessKeyId"]

    def _v2_header(self, request: Request, address: Address, authorization: str) -> str:
        given = _fields(authorization, ":")
        self._check_http_date(request)
        signed = _signed(request, address, request.headers.get("date", ""), request.query)
        return self._check_v2(signed, given["AccessKeyId"], given["Signature"], given["AdditionalHeaders"])

    def _v2_url(self, request: Request, address: Address) -> str:
        query = request.query
        self._check_expiry(_number("x-oss-expires", query.get("x-oss-expires", "")))
        rest = {name: value for name, value in query.items() if name != "x-oss-signature"}
        signed = _signed(request, address, query["x-oss-expires"], rest)
        additional = query.get("x-oss-additional-headers", "")
        return self._check_v2(
            signed, query.get("x-oss-access-key-id", ""), query.get("x-oss-signature", ""), additional
        )

    def _check_v2(self, signed: Signed, access_key_id: str, given: str, additional: str) -> str:
        names = _names(additional)
        expected = signing_v2.signature(self.secret_of(access_key_id), signed, names)
        text = signing_v2.string_to_sign(signed, names)
        check_signature(expected, given, access_key_id, {"StringToSign": text})
        return access_key_id

    def _v4_header(self, request: Request, address: Address, authorization: str) -> str:
        given = _fields(authorization, "=")
        scope = signing_v4.Scope.of(given["Credential"])
        date = request.headers.get("x-oss-date", "")
        self._check_skew(signing_v4.seconds_of(date), date)
        signed = _signed(request, address, date, request.query)
        check_region(scope, address, "Invalid signing region in Authorization header.")
        self._check_v4(signed, scope, given["Signature"], given["AdditionalHeaders"])
        return scope.access_key_id

    def _v4_url(self, request: Request, address: Address) -> str:
        query = request.query
        if query.get("x-oss-signature-version") != signing_v4.ALGORITHM:
            version = query.get("x-oss-signature-version", "")
            raise invalid_argument("The signature version is not valid.", "x-oss-signature-version", version)
        scope = signing_v4.Scope.of(query.get("x-oss-credential", ""))
        date, expires_s = query.get("x-oss-date", ""), _number("x-oss-expires", query.get("x-oss-expires", ""))
        if not 0 < expires_s <= signing_v4.EXPIRES_S_MAX:
            message = "The x-oss-expires must be between 1 and 604800 seconds."
            raise invalid_argument(message, "x-oss-expires", str(expires_s))
        signed_at = signing_v4.seconds_of(date)
        if signed_at - SKEW_S_MAX > self.account.now():
            raise access_denied("Request is not valid yet.", ec="0002-00000235")
        self._check_expiry(signed_at + expires_s)
        rest = {name: value for name, value in query.items() if name != "x-oss-signature"}
        signed = _signed(request, address, date, rest)
        additional = query.get("x-oss-additional-headers", "")
        check_region(scope, address)
        self._check_v4(signed, scope, query.get("x-oss-signature", ""), additional)
        return scope.access_key_id

    def _check_v4(self, signed: Signed, scope: signing_v4.Scope, given: str, additional: str) -> None:
        if scope.date != signed.date[:8]:
            raise invalid_argument("Invalid signing date in Authorization header.", "Credential", str(scope))
        canonical = signing_v4.canonical_request(signed, _names(additional))
        expected = signing_v4.signature(self.secret_of(scope.access_key_id), scope, signed.date, canonical)
        check_signature(expected, given, scope.access_key_id, {"CanonicalRequest": canonical})

    def _check_http_date(self, request: Request) -> None:
        date = request.headers.get("x-oss-date") or request.headers.get("date", "")
        try:
            seconds = parsedate_to_datetime(date).timestamp()
        except (TypeError, ValueError):
            raise access_denied("OSS authentication requires a valid Date.") from None
        self._check_skew(seconds, date)

    def _check_skew(self, seconds: float, date: str) -> None:
        now = self.account.now()
        if self.skew_s_max is not None and abs(seconds - now) > self.skew_s_max:
            message = "The difference between the request time and the current time is too large."
            details = {"RequestTime": date, "ServerTime": iso_time(now)}
            raise OssError(403, "RequestTimeTooSkewed", message, details=details, ec="0002-00000504")

    def _check_expiry(self, expires: float) -> None:
        now = self.account.now()
        if expires < now:
            details = {"Expires": iso_time(expires), "ServerTime": iso_time(now)}
            raise access_denied("Request has expired.", details)


def check_signature(expected: str, given: str, access_key_id: str, details: dict[str, str]) -> None:
    if not hmac.compare_digest(expected.encode(), given.encode()):
        message = (
            "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method."
        )
        told = {"OSSAccessKeyId": access_key_id, "SignatureProvided": given, **details}
        raise OssError(403, "SignatureDoesNotMatch", message, details=told)


def check_region(
    scope: signing_v4.Scope, address: Address, message: str = "The signing region in credential is invalid."
) -> None:
    """Only where the host name tells a region: a loopback address belongs to none."""
    if address.region and scope.region != address.region:
        raise OssError(400, "InvalidArgument", message, details={"Region": address.region}, ec="0002-00000226")


def _signed(request: Request, address: Address, date: str, query: dict[str, str]) -> Signed:
    headers = {"host": request.host, **{name.lower(): value for name, value in request.headers.items()}}
    return Signed(request.method, headers, date, address.bucket, address.key, query)


def _fields(authorization: str, separator: str) -> dict[str, str]:
    """`Credential=..., AdditionalHeaders=..., Signature=...` in any order; what is missing is empty."""
    pairs = (part.strip().partition(separator) for part in authorization.split(","))
    empty = {"Credential": "", "AccessKeyId": "", "AdditionalHeaders": "", "Signature": ""}
    return {**empty, **{name: value for name, _, value in pairs}}


def _names(additional: str) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in additional.split(";") if name.strip())


def _number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise access_denied(f"Query-string authentication requires a number in {name}.") from None
