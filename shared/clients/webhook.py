"""A webhook: the announcement as JSON, signed so that its receiver knows that it is ours, whole and fresh.

`Echobot-Signature: v1=<hex of HMAC-SHA256(secret, "<timestamp>.<body>")>`, with the timestamp of `Echobot-Timestamp`
(seconds since 1970, of this sending) and the body as it came; docs/page.md shows how to verify it. `Echobot-Id` is the
same each time that an announcement is sent: a receiver that has seen it answers 200 and does nothing.
"""

from __future__ import annotations

import hashlib
import hmac

from shared.clients.endpoints import Endpoints
from shared.clients.posting import post
from shared.domain.announcement import Announcement
from shared.settings import Settings


def tell(settings: Settings, endpoints: Endpoints, announcement: Announcement, now: float) -> None:
    body = announcement.body.encode()
    timestamp = str(int(now))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Echobot",
        "Echobot-Id": announcement.name,
        "Echobot-Timestamp": timestamp,
        "Echobot-Signature": f"v1={signature(settings.webhook_secret, timestamp, body)}",
    }
    post(settings.webhook_url, body, headers, endpoints, settings.call_timeout_s)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
