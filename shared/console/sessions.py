"""The way in: a private link per family, and the session that a browser gets for it.

Both are signed (itsdangerous), expire, and name the family's generation: revoking a family makes a new one, and all
that was signed before is worth nothing. A link carries its token behind `#`, which no browser sends and no log keeps;
the page posts it once and gets a cookie that scripts cannot read.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from shared.console.http import Answered, Request
from shared.domain import families
from shared.domain.errors import Conflict, Refused
from shared.domain.frozen import frozen
from shared.engine.world import World
from shared.ports import Columns, Table

COOKIE = "echobot"
SECRET_CHARACTERS_MIN = 32
DAY_S = 24 * 3600.0
LINK_DAYS = 365.0
SESSION_S = 30 * DAY_S
SHARE_S = 7 * DAY_S
OPERATOR_S = DAY_S / 2
OPERATOR = "*"
"""In place of a family: who may see all of them, and touch nothing."""


@frozen
class Family:
    """A family's row. `generation` counts how often its links were revoked; `until` is 0 when it is closed."""

    name: str
    title: str
    generation: int
    created_at: float
    until: float

    def is_open(self, now: float) -> bool:
        return now < self.until


@frozen
class Visitor:
    """Who asks: a family, or the operator."""

    family: str
    title: str = ""

    @property
    def is_operator(self) -> bool:
        return self.family == OPERATOR


# --- families


def add(world: World, name: str, title: str, days: float = LINK_DAYS) -> Family:
    """A new family, or an old one opened again: every link it had before is worth nothing."""
    families.checked(name)
    now = world.clock.now()
    columns: Columns = {"title": title, "generation": 1, "created_at": now, "until": now + days * DAY_S}
    if not world.rows.insert(Table.FAMILIES, (name,), columns):
        found = family(world, name)
        again: Columns = {"title": title, "generation": found.generation + 1, "until": now + days * DAY_S}
        world.rows.update(Table.FAMILIES, (name,), again, expect={"generation": found.generation})
    return family(world, name)


def revoke(world: World, name: str) -> Family:
    """From now on no link and no session of this family opens anything. Its stories stay."""
    found = family(world, name)
    closed: Columns = {"generation": found.generation + 1, "until": 0.0}
    world.rows.update(Table.FAMILIES, (name,), closed, expect={"generation": found.generation})
    return family(world, name)


def listed(world: World) -> list[Family]:
    return [_family(key[0], columns) for key, columns in world.rows.range(Table.FAMILIES)]


def family(world: World, name: str) -> Family:
    """`family.unknown` when there is none of this name."""
    columns = world.rows.get(Table.FAMILIES, (families.checked(name),))
    if columns is None:
        raise Refused("family.unknown", name=name)
    return _family(name, columns)


def _family(name: str, columns: Columns) -> Family:
    return Family(
        name,
        str(columns.get("title", "")),
        int(columns.get("generation", 1)),
        float(columns.get("created_at", 0.0)),
        float(columns.get("until", 0.0)),
    )


# --- tokens


def link_token(world: World, name: str) -> str:
    """What a family's private link carries."""
    found = family(world, name)
    return _sign(world, "link", {"f": name, "g": found.generation, "e": found.until})


def operator_token(world: World) -> str:
    return _sign(world, "link", {"f": OPERATOR, "g": 0, "e": world.clock.now() + OPERATOR_S})


def share_token(world: World, visitor: Visitor, job_id: str) -> tuple[str, float]:
    """Opens one finished film and nothing else; the second value is until when."""
    until = world.clock.now() + SHARE_S
    generation = family(world, visitor.family).generation
    return _sign(world, "share", {"f": visitor.family, "g": generation, "j": job_id, "e": until}), until


def enter(world: World, token: str) -> tuple[Visitor, str]:
    """The visitor that a link's token names, and the session for its cookie; 403 when it opens nothing (any more)."""
    told = _read(world, "link", token)
    visitor = _visitor(world, told)
    until = min(float(told["e"]), world.clock.now() + SESSION_S)
    return visitor, _sign(world, "session", {"f": told["f"], "g": told["g"], "e": until})


def visitor_of(world: World, request: Request) -> Visitor:
    """Who sent a request, by its cookie; 403 for everybody else."""
    return _visitor(world, _read(world, "session", request.cookie(COOKIE)))


def shared_job(world: World, token: str) -> str:
    """The job whose film a share link opens; 403 when it opens nothing (any more)."""
    told = _read(world, "share", token)
    _visitor(world, told)
    job_id = str(told.get("j", ""))
    if not families.is_of(str(told["f"]), job_id):
        raise Answered(HTTPStatus.FORBIDDEN, "no_way_in")
    return job_id


def cookie(session: str, *, secure: bool) -> str:
    """For `Set-Cookie`: no script reads it, no other site's request carries it."""
    flags = "; Secure" if secure else ""
    return f"{COOKIE}={session}; Path=/; Max-Age={int(SESSION_S)}; HttpOnly; SameSite=Strict{flags}"


def forgotten(*, secure: bool) -> str:
    flags = "; Secure" if secure else ""
    return f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict{flags}"


def _visitor(world: World, told: Mapping[str, object]) -> Visitor:
    name, now = str(told.get("f", "")), world.clock.now()
    if name == OPERATOR:
        return Visitor(OPERATOR)
    try:
        found = family(world, name)
    except Refused as error:
        raise Answered(HTTPStatus.FORBIDDEN, "no_way_in") from error
    if told.get("g") != found.generation or not found.is_open(now):
        raise Answered(HTTPStatus.FORBIDDEN, "no_way_in")
    return Visitor(name, found.title)


def _sign(world: World, purpose: str, told: Mapping[str, object]) -> str:
    return str(_signer(world, purpose).dumps(dict(told)))


def _read(world: World, purpose: str, token: str) -> Mapping[str, Any]:
    try:
        told = _signer(world, purpose).loads(token)
        if world.clock.now() < float(told["e"]):
            return dict(told)
    except (BadData, TypeError, ValueError, KeyError) as error:
        raise Answered(HTTPStatus.FORBIDDEN, "no_way_in") from error
    raise Answered(HTTPStatus.FORBIDDEN, "no_way_in")


def _signer(world: World, purpose: str) -> URLSafeSerializer:
    secret = world.settings.console_secret
    if len(secret) < SECRET_CHARACTERS_MIN:
        raise Refused("console.secret", limit=SECRET_CHARACTERS_MIN)
    return URLSafeSerializer(secret, salt=f"echobot {purpose}")


# --- how often


STORIES_A_DAY = 20


def spend_a_start(world: World, visitor: Visitor) -> None:
    """Counts a story that is about to be started; 429 when a family has started too many today.

    Two at the same moment: one of them is told to try again.
    """
    day = int(world.clock.now() // DAY_S)
    row = world.rows.get(Table.FAMILIES, (visitor.family,)) or {}
    started = int(row.get("started", 0)) if row.get("day") == day else 0
    if started >= STORIES_A_DAY:
        raise Answered(HTTPStatus.TOO_MANY_REQUESTS, "too_many")
    expect: Columns = {"started": row["started"]} if "started" in row else {"generation": int(row.get("generation", 1))}
    try:
        world.rows.update(Table.FAMILIES, (visitor.family,), {"day": day, "started": started + 1}, expect=expect)
    except Conflict as error:
        raise Answered(HTTPStatus.TOO_MANY_REQUESTS, "too_many") from error
