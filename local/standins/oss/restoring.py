"""Thawing archived objects: asked for, under way for a while, readable until the copy is put away again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from local.standins.oss.documents import http_date, number_in, parsed
from local.standins.oss.errors import OssError, invalid_argument, malformed_xml
from local.standins.oss.objects import StoredObject

DAY_S = 24 * 3600
HOUR_S = 3600
FROZEN = ("Archive", "ColdArchive", "DeepColdArchive")
_TIERS = ("Expedited", "Standard", "Bulk")
# how long thawing takes at most, help.aliyun.com "RestoreObject"; Archive has no tiers and takes about a minute
_THAW_S = {
    "Archive": {"": 60},
    "ColdArchive": {"Expedited": HOUR_S, "Standard": 5 * HOUR_S, "Bulk": 12 * HOUR_S},
    "DeepColdArchive": {"Expedited": 12 * HOUR_S, "Standard": 48 * HOUR_S, "Bulk": 48 * HOUR_S},
}


@dataclass(frozen=True)
class Restoration:
    """`is_new` tells a first request (202) from one that only prolongs (200)."""

    stored: StoredObject
    tier: str
    is_new: bool


def restored(stored: StoredObject, body: bytes, now: float) -> Restoration:
    """Raises OperationNotSupported, RestoreAlreadyInProgress and refusals of the request document."""
    if stored.storage_class not in FROZEN:
        message = "The operation is not supported for this resource"
        raise OssError(400, "OperationNotSupported", message, details={"Resource": stored.key})
    days, tier = _request(stored.storage_class, body)
    if _is_thawing(stored, now):
        message = "The restore operation is in progress."
        raise OssError(409, "RestoreAlreadyInProgress", message, details={"ObjectName": stored.key})
    is_new = not is_readable(stored, now)
    thawed_at = now + _THAW_S[stored.storage_class][tier] if is_new else stored.thawed_at
    thawed = replace(stored, thawed_at=thawed_at, restored_until=max(now, thawed_at) + days * DAY_S)
    return Restoration(thawed, tier, is_new)


def is_readable(stored: StoredObject, now: float) -> bool:
    return stored.storage_class not in FROZEN or stored.thawed_at <= now < stored.restored_until


def restore_text(stored: StoredObject, now: float) -> str:
    """What `x-oss-restore` and a listing's `RestoreInfo` say; empty when nobody asked for the object back."""
    if now >= stored.restored_until:
        return ""
    if _is_thawing(stored, now):
        return 'ongoing-request="true"'
    return f'ongoing-request="false", expiry-date="{http_date(stored.restored_until)}"'


def _is_thawing(stored: StoredObject, now: float) -> bool:
    return now < min(stored.thawed_at, stored.restored_until)


def _request(storage_class: str, body: bytes) -> tuple[int, str]:
    """Days to keep the thawed copy and, for the colder classes, how fast to thaw it."""
    has_tiers = storage_class != "Archive"
    default = "Standard" if has_tiers else ""
    if not body:
        return 1, default
    root = parsed(body, "RestoreRequest")
    tier = root.findtext("JobParameters/Tier", "")
    if tier and not has_tiers:
        raise malformed_xml()
    if tier and tier not in _TIERS:
        raise invalid_argument("The specified tier is not valid.", "Tier", tier)
    days = number_in(root, "Days")
    if days < 1:
        raise invalid_argument("The Days is not valid.", "Days", str(days))
    return days, tier or default
