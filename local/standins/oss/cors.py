"""Which pages of other origins may ask: a bucket's CORS rules, and how they answer a browser's preflight."""

from __future__ import annotations

from dataclasses import dataclass

from local.standins.http import Request, Response
from local.standins.oss.documents import parsed
from local.standins.oss.errors import OssError, invalid_argument, malformed_xml

METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")


@dataclass(frozen=True)
class Rule:
    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    max_age_s: int | None = None

    def allows(self, origin: str, method: str, headers: tuple[str, ...]) -> bool:
        return (
            method in self.methods
            and any(_matches(allowed, origin) for allowed in self.origins)
            and all(any(_matches(allowed.lower(), name) for allowed in self.headers) for name in headers)
        )


# The service refuses cross-origin requests to a bucket without rules; here they pass, so that a page on
# localhost works before anyone has thought of CORS.
PERMISSIVE = Rule(
    origins=("*",),
    methods=METHODS,
    headers=("*",),
    exposed=("ETag", "Content-Length", "x-oss-request-id", "x-oss-hash-crc64ecma", "x-oss-version-id"),
    max_age_s=60,
)


def rules_of(document: str) -> tuple[Rule, ...]:
    """Raises MalformedXML or InvalidArgument as PutBucketCors does."""
    root = parsed(document.encode(), "CORSConfiguration")
    rules = tuple(
        Rule(
            tuple(element.text or "" for element in rule.findall("AllowedOrigin")),
            tuple(element.text or "" for element in rule.findall("AllowedMethod")),
            tuple(element.text or "" for element in rule.findall("AllowedHeader")),
            tuple(element.text or "" for element in rule.findall("ExposeHeader")),
            _max_age_s(rule.findtext("MaxAgeSeconds")),
        )
        for rule in root.findall("CORSRule")
    )
    if not rules or any(not rule.origins or not rule.methods for rule in rules):
        raise malformed_xml()
    for rule in rules:
        for method in rule.methods:
            if method not in METHODS:
                raise invalid_argument("The CORS method is not valid.", "AllowedMethod", method)
    return rules


def preflight(request: Request, rules: tuple[Rule, ...]) -> Response:
    origin = request.headers.get("origin", "")
    method = request.headers.get("access-control-request-method", "")
    if not origin:
        raise OssError(400, "BadRequest", "Insufficient information. Origin request header needed.")
    if not method:
        message = "Insufficient information. Request Access-Control-Request-Method header needed."
        raise OssError(400, "BadRequest", message)
    asked = request.headers.get("access-control-request-headers", "")
    names = tuple(name.strip().lower() for name in asked.split(",") if name.strip())
    rule = next((rule for rule in rules if rule.allows(origin, method, names)), None)
    if rule is None:
        message = (
            "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, "
            "request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted "
            "by the resource's CORS spec."
        )
        raise OssError(403, "AccessForbidden", message)
    allowed_headers = {"Access-Control-Allow-Headers": ", ".join(names)} if names else {}
    return Response(200, {**_granted(rule, origin), **allowed_headers})


def granted(request: Request, rules: tuple[Rule, ...]) -> dict[str, str]:
    """Headers for the answer to the real request; none for requests that come from no page or a page not allowed."""
    origin = request.headers.get("origin", "")
    rule = next((rule for rule in rules if origin and rule.allows(origin, request.method, ())), None)
    return _granted(rule, origin) if rule else {}


def _granted(rule: Rule, origin: str) -> dict[str, str]:
    told = {
        "Access-Control-Allow-Origin": "*" if "*" in rule.origins else origin,
        "Access-Control-Allow-Methods": ", ".join(rule.methods),
        "Vary": "Origin",
    }
    if rule.exposed:
        told["Access-Control-Expose-Headers"] = ", ".join(rule.exposed)
    if rule.max_age_s is not None:
        told["Access-Control-Max-Age"] = str(rule.max_age_s)
    return told


def _matches(pattern: str, text: str) -> bool:
    """One `*` at most, standing for anything."""
    head, star, tail = pattern.partition("*")
    if not star:
        return text == pattern
    return len(text) >= len(head) + len(tail) and text.startswith(head) and text.endswith(tail)


def _max_age_s(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal():
        raise invalid_argument("The MaxAgeSeconds is not valid.", "MaxAgeSeconds", text)
    return int(text)
