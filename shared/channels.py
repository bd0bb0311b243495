"""Through which channels a deployment announces ends of jobs: those whose address is in its settings."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from shared.ports import Channel
from shared.settings import Settings

MAIL_PORT = 465
MAIL_PORTS = {MAIL_PORT, 587}
"""TLS from the first byte, and TLS after a plain greeting."""


def configured(settings: Settings) -> tuple[Channel, ...]:
    addresses: Mapping[Channel, str] = {
        Channel.TOPIC: settings.announce_topic,
        Channel.WEBHOOK: settings.webhook_url,
        Channel.DINGTALK: settings.dingtalk_token,
        Channel.MAIL: settings.mail_server,
    }
    return tuple(channel for channel, address in addresses.items() if address)


def faults(settings: Settings) -> Mapping[Channel, str]:
    """What is wrong with a channel that was configured, by the setting that it is about."""
    found: dict[Channel, str] = {}
    if settings.webhook_url and not settings.webhook_secret:
        found[Channel.WEBHOOK] = "webhook_secret"
    elif settings.webhook_url and not _is_https(settings.webhook_url):
        found[Channel.WEBHOOK] = "webhook_url"
    if settings.dingtalk_token and not settings.dingtalk_secret:
        found[Channel.DINGTALK] = "dingtalk_secret"
    if settings.mail_server:
        missing = [name for name in ("mail_from", "mail_to") if not getattr(settings, name)]
        is_wrong = mail_address(settings.mail_server)[1] not in MAIL_PORTS
        wrong = [*(["mail_server"] if is_wrong else []), *missing]
        if wrong:
            found[Channel.MAIL] = wrong[0]
    return found


def mail_address(server: str) -> tuple[str, int]:
    """Host and port of `host:port`; 465 when only the host is given, 0 for what is no port."""
    host, _, port = server.partition(":")
    if not port:
        return host, MAIL_PORT
    return host, int(port) if port.isascii() and port.isdigit() else 0


def _is_https(url: str) -> bool:
    try:
        return urlsplit(url).scheme == "https"
    except ValueError:  # brackets that hold no address
        return False
