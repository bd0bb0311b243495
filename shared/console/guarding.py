"""What every answer carries, so that a browser helps to keep others out: policy, no referrer, no frames, no guesses."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from shared.console.http import Answered, Request, Response

SAFE = frozenset({"GET", "HEAD"})

STYLED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
"""For a page of ours that holds its style in itself and neither scripts nor anything to send."""


def headers(sources: str, *, is_asset: bool, secure: bool) -> Mapping[str, str]:
    """`sources` are the hosts of our buckets, as a content security policy names them."""
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' blob: {sources}",
        "media-src": f"'self' blob: {sources}",
        "connect-src": f"'self' {sources}",
        "font-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    kept = "public, max-age=31536000, immutable" if is_asset else "no-store"
    strict = {"Strict-Transport-Security": "max-age=31536000"} if secure else {}
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
        "Cache-Control": kept,
        **strict,
    }


def guarded(response: Response, more: Mapping[str, str]) -> Response:
    return Response(response.status, response.body, response.content_type, {**more, **response.headers})


def same_site(request: Request) -> None:
    """Whatever changes something comes from our own page. Cookies do not leave the site either (`SameSite=Strict`);
    this is for a browser that is too old to know.
    """
    if request.method in SAFE:
        return
    origin, host = request.headers.get("origin", ""), request.headers.get("host", "")
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise Answered(HTTPStatus.FORBIDDEN, "other_site")
    if origin and origin.partition("://")[2] != host:
        raise Answered(HTTPStatus.FORBIDDEN, "other_site")
