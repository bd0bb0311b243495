"""A robot of a DingTalk group, with the security setting "additional signature".

The signature goes with the address: base64 of HMAC-SHA256 with the secret as key, over the time in milliseconds, a line
feed and the secret. Source: open.dingtalk.com "custom robots: security settings", "message types"; a robot takes 20
messages a minute, and answers 200 with an `errcode` that is 0 when it took the message.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

from shared.clients.endpoints import Endpoints
from shared.clients.posting import post
from shared.clients.replies import loaded
from shared.clients.transport import harmless
from shared.domain.announcement import Announcement
from shared.domain.errors import Retry, Unknown
from shared.settings import Settings

_MARKDOWN = str.maketrans({char: f"\\{char}" for char in "\\`*_{}[]()#+-!|<>~"})


def tell(settings: Settings, endpoints: Endpoints, announcement: Announcement, now: float) -> None:
    timestamp = str(int(now * 1000))
    query = {
        "access_token": settings.dingtalk_token,
        "timestamp": timestamp,
        "sign": signature(settings.dingtalk_secret, timestamp),
    }
    body = json.dumps(message(announcement), ensure_ascii=False).encode()
    url = f"{endpoints.dingtalk}?{urlencode(query)}"
    hear(post(url, body, {"Content-Type": "application/json; charset=utf-8"}, endpoints, settings.call_timeout_s))


def hear(answer: bytes) -> None:
    """Nothing when it took the message. `Retry` when it says that it did not, `Unknown` when it says nothing."""
    try:
        told: Any = loaded(answer)
        errcode, words = told["errcode"], str(told.get("errmsg", ""))
    except (ValueError, TypeError, KeyError) as error:
        raise Unknown("announce.unanswered", f"dingtalk answered {harmless(repr(answer))}") from error
    if errcode != 0:
        raise Retry("announce.unreachable", f"dingtalk {harmless(str(errcode))}: {harmless(words)}")


def signature(secret: str, timestamp: str) -> str:
    """Not yet encoded for an address."""
    made = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(made).decode()


def message(announcement: Announcement) -> dict[str, object]:
    link = f"\n\n[打开页面 Open the page]({announcement.url})" if announcement.url else ""
    said = announcement.said
    text = f"#### {_plain(announcement.title)}\n\n{_plain(said.zh)}\n\n{_plain(said.en)}{link}"
    return {"msgtype": "markdown", "markdown": {"title": announcement.title, "text": text}}


def _plain(text: str) -> str:
    """As it is, not as markup: a reason may quote what a family has written."""
    return text.translate(_MARKDOWN)
