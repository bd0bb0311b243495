"""Whose story it is: a family that comes through the page has its name in front of every job and narrator of its own.

So what belongs to a family can be told from the key alone, and a listing under its prefix finds nothing of another's.
Jobs that were uploaded by other means have no `--` and belong to no family's page.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from shared.domain import keys
from shared.domain.errors import Refused

SEPARATOR = "--"
NAME_CHARACTERS_MAX = 16
CHINA = timezone(timedelta(hours=8))
RULE = f"a-z 0-9, 2-{NAME_CHARACTERS_MAX}"

_FAMILY = re.compile(rf"[a-z][a-z0-9]{{1,{NAME_CHARACTERS_MAX - 1}}}")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,18}[a-z0-9])?")
_RESERVED = frozenset({keys.REQUEST_JOB.removesuffix(SEPARATOR)})


def checked(family: str) -> str:
    """The name of a family as it came; `family.name` when it cannot be one."""
    if not _FAMILY.fullmatch(family) or family in _RESERVED:
        raise Refused("family.name", name=_told(family), rule=RULE)
    return family


def new_job(family: str, now: float, token: str) -> str:
    """A name for a family's next story: sorted by time, and not to be guessed by another."""
    at = datetime.fromtimestamp(now, timezone.utc)
    return f"{checked(family)}{SEPARATOR}{at:%y%m%d-%H%M%S}-{token[:6]}"


def started_at(job_id: str) -> datetime | None:
    """When a family's story was started, as its name says; None for a name that says nothing."""
    try:
        return datetime.strptime(job_id.partition(SEPARATOR)[2][:13], "%y%m%d-%H%M%S").replace(tzinfo=timezone.utc)
    except ValueError:
        return None


def title(job_id: str) -> str:
    """A story is called after the moment when it was started, by the clock of China; a corrected one has its number
    beside. Others are called by their name.
    """
    at, number = started_at(job_id), keys.edition_of(job_id)[1]
    edition = f" · {number}" if number > 1 else ""
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}{edition}" if at else job_id


def narrator(family: str, label: str) -> str:
    """The name under which a family keeps a parent for its next stories; `narrator.name` when it cannot be one."""
    if not _LABEL.fullmatch(label) or SEPARATOR in label:
        raise Refused("narrator.name", name=_told(label))
    return f"{checked(family)}{SEPARATOR}{label}"


def prefix(family: str) -> str:
    """What every job and narrator of a family begins with."""
    return f"{checked(family)}{SEPARATOR}"


def of(name: str) -> str:
    """The family that a job or narrator belongs to; empty when it is none's."""
    family, separator, rest = name.partition(SEPARATOR)
    return family if separator and rest and _FAMILY.fullmatch(family) and family not in _RESERVED else ""


def is_of(family: str, name: str) -> bool:
    return bool(family) and of(name) == family


def _told(name: str) -> str:
    """A name that is none, as an answer may hold it: a page's JSON may bring half a surrogate pair."""
    return name[:40].encode("utf-8", "replace").decode()
