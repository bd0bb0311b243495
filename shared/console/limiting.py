"""How often an address may try: links and shares that are guessed, stories that are begun by a machine.

Counted in a row an address and kind, since no instance of a function knows what another one counts. The row holds no
address but a keyed digest of it, and goes a day later (`TimeToLive` of the table). An IPv6 address counts as its /64,
which is what one household has; many households may share an IPv4 address, so the limits are wide.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from http import HTTPStatus

from shared.console.http import Answered, Request
from shared.domain.errors import Conflict
from shared.engine.world import World
from shared.ports import Columns, Table

MINUTE_S = 60.0
A_MINUTE = 30
"""Requests of one kind from one address."""

COUNTED = {("POST", "/session"): "link", ("POST", "/shared"): "share", ("POST", "/stories"): "start"}
TRIES_MAX = 3
HOUSEHOLD_BITS = 64


def spend(world: World, request: Request) -> None:
    """Count a request of a kind that is counted; 429 when its address has had its share of this minute.

    Several at the same moment: who loses the row too often is told to come back.
    """
    kind = COUNTED.get((request.method, request.path))
    if kind is None:
        return
    key = (f"{kind} {_digest(world, request.address)}",)
    minute = int(world.clock.now() // MINUTE_S)
    for _ in range(TRIES_MAX):
        row = world.rows.get(Table.VISITS, key)
        if row is None:
            if world.rows.insert(Table.VISITS, key, {"minute": minute, "count": 1}):
                return
            continue
        count = int(row["count"]) + 1 if row["minute"] == minute else 1
        if count > A_MINUTE:
            break
        seen: Columns = {"minute": row["minute"], "count": row["count"]}
        try:
            world.rows.update(Table.VISITS, key, {"minute": minute, "count": count}, expect=seen)
        except Conflict:
            continue
        return
    raise Answered(HTTPStatus.TOO_MANY_REQUESTS, "too_often")


def _digest(world: World, address: str) -> str:
    """Not to be turned back into the address by trying all of them."""
    secret = world.settings.console_secret.encode()
    return hmac.new(secret, f"visit {_household(address)}".encode(), hashlib.sha256).hexdigest()[:32]


def _household(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""  # all that do not say where they come from count as one
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, HOUSEHOLD_BITS), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)
