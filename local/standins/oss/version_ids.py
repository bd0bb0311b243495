"""Version ids: opaque to clients, but the service tells one that cannot be from one that is not there."""

from __future__ import annotations

import base64
import re

from local.standins.account import Account
from local.standins.oss.errors import invalid_argument
from local.standins.oss.objects import NULL_VERSION

_SHAPE = re.compile(r"CAEQ[A-Za-z0-9+/=_-]{16,}")


def new_version_id(account: Account) -> str:
    return "CAEQ" + base64.b64encode(account.new_id(32).lower().encode()).decode()


def check_version_id(version_id: str) -> None:
    if version_id != NULL_VERSION and not _SHAPE.fullmatch(version_id):
        raise invalid_argument("Invalid version id specified", "versionId", version_id)
