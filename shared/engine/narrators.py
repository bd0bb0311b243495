"""Parents who tell many stories: who there is, and what is left of one who wishes to be forgotten.

To erase a narrator is to delete the sample, the photo, the voices at the vendor, their rows, and what stories were made
of: readings, speech and clips. Stories that were handed over are their families' own, and stay; those under way are
called off. A tombstone stays: the name, counts, and under which prefixes the vendor knew the voices, to prove it by.
The command is given once; the sweep finishes what it could not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from shared.domain import keys
from shared.domain.errors import Conflict, Refused
from shared.domain.frozen import frozen
from shared.domain.job import JobState
from shared.engine import enrolment, leftovers, withdrawal
from shared.engine.leftovers import Counts
from shared.engine.records import Job, dump, job_of
from shared.engine.world import World
from shared.ports import Bucket, Columns, ObjectInfo, Place, Table

TOMBSTONE = "narrator"
WISH = "wish"
"""A row while something of a narrator who wishes to be forgotten may still be there, or come."""

FACE = "face"
CLOCK_SKEW_S = 60.0
"""Between an operator's clock and those of the services."""


@frozen
class Narrator:
    """A narrator's files, how many voices stand, and the stories told so far."""

    name: str
    files: tuple[str, ...]
    voices: int
    stories: tuple[str, ...]


@frozen
class Wish:
    """Of a narrator to be forgotten, said `since`. One a command, so that whoever ends one ends no other."""

    wish_id: str
    name: str
    since: float
    look_at: float


@frozen
class Receipt:
    """What was deleted of a narrator, and what the services list of it now; `under_way` are voices on their way, and
    while it `is_open` the sweep deletes what comes.
    """

    name: str
    erased_at: float
    deleted: Mapping[str, int]
    left: Mapping[str, int]
    under_way: int
    is_open: bool

    @property
    def is_clean(self) -> bool:
        return not self.under_way and not any(self.left.values())


def listed(world: World) -> list[Narrator]:
    """Every narrator of whom there is a file."""
    files: dict[str, list[str]] = {}
    for info in leftovers.listed(world, Bucket.INPUT, keys.NARRATORS):
        _, name, *rest = info.key.split("/")
        if rest and rest != [""]:
            files.setdefault(name, []).append("/".join(rest))
    jobs = _jobs(world)
    return [
        Narrator(
            name=name,
            files=tuple(found),
            voices=sum(1 for columns in _voices(world, name).values() if columns["voice_id"]),
            stories=tuple(job.job_id for job in jobs if name in job.narrators),
        )
        for name, found in sorted(files.items())
    ]


def erase(world: World, name: str) -> Receipt:
    """Delete everything of a narrator but a tombstone. `narrator.unknown` for one of whom there is nothing.

    The wish is a row before anything else happens. What the command leaves undone because it died, and what a function
    or a vendor that was at work makes of the narrator after it, is the sweep's (`go_on`). Repeating it is harmless.
    """
    before, files = _tombstone(world, name), list(leftovers.listed(world, Bucket.INPUT, keys.narrator(name)))
    if not (files or before or jobs_of(world, name) or _voices(world, name)):
        raise Refused("narrator.unknown", name=name)
    now = world.clock.now()
    wish = Wish(world.ids.token(), name, since=now, look_at=0.0)
    world.rows.insert(Table.WATCH, (WISH, wish.wish_id), {"narrator": name, "since": now, "look_at": wish.look_at})
    _forget(world, name, now, files, at=float(before["at"]) if before and not files else now)
    _put_off(world, wish, now + enrolment.ON_ITS_WAY_S)
    return check(world, name)


def wishes(world: World) -> list[Wish]:
    """Those for which something is to be done now."""
    found = [(key[1], columns) for key, columns in world.rows.range(Table.WATCH, (WISH,))]
    all_of_them = [
        Wish(wish, str(columns["narrator"]), float(columns["since"]), float(columns["look_at"]))
        for wish, columns in found
    ]
    return [wish for wish in all_of_them if wish.look_at <= world.clock.now()]


def go_on(world: World, wish: Wish) -> bool:
    """For the sweep: delete what a wish has left; whether that was the last of it.

    Somebody who has come back since, with files and stories anew, is left alone.
    """
    now = world.clock.now()  # before the deletion, which leaves alone whatever is on its way until then
    files: list[ObjectInfo] = []
    if not wish.look_at:  # the command died
        there = leftovers.listed(world, Bucket.INPUT, keys.narrator(wish.name))
        files = [info for info in there if info.modified_at <= wish.since + CLOCK_SKEW_S]
    _forget(world, wish.name, wish.since, files, at=float(_tombstone(world, wish.name).get("at", wish.since)))
    # Ends are looked at after it: it may have called off a story just now; others end by themselves without files.
    ended = [job.ended_at for job in jobs_of(world, wish.name)]
    until = max([wish.since, *ended]) + enrolment.ON_ITS_WAY_S
    if until > now:
        _put_off(world, wish, until)
        return False
    world.rows.delete(Table.WATCH, (WISH, wish.wish_id))
    return True


def _put_off(world: World, wish: Wish, until: float) -> None:
    with suppress(Conflict):  # another pass of the sweep has ended it, and it must not come back
        world.rows.update(Table.WATCH, (WISH, wish.wish_id), {"look_at": until}, expect={"narrator": wish.name})


def _forget(world: World, name: str, since: float, files: Sequence[ObjectInfo], *, at: float) -> None:
    """Everything of the narrator that is there now: these files, and what was made with files that are gone."""
    before = _tombstone(world, name)
    digests = sorted({*_voices(world, name), *before.get("digests", [])})
    told = {"digests": digests, "at": at, "deleted": before.get("deleted", {})}
    _bury(world, name, told)
    for info in files:
        world.objects.delete(Place(Bucket.INPUT, info.key))
    jobs = jobs_of(world, name)
    back = _come_back(world, name, jobs, since)
    theirs = [job for job in jobs if job not in back]
    call_off(world, theirs)
    in_use = {one.digest for job in back for one in enrolment.all_of(world, job)}
    gone = {
        "uploads": len(files),
        "work": sum(leftovers.clear_all_work(world, job.job_id) for job in theirs),
        **_drop_voices(world, [digest for digest in digests if digest not in in_use]),
    }
    gone["rows"] += _drop_faces(world, name)
    deleted = {kind: count + int(told["deleted"].get(kind, 0)) for kind, count in gone.items()}
    _bury(world, name, {**told, "deleted": deleted})


def call_off(world: World, jobs: Sequence[Job]) -> int:
    """Cancel what is under way of them; how many."""
    called_off = 0
    for job in jobs:
        if not (job.is_final or job.is_at_door):
            with suppress(Refused):  # it ended by itself meanwhile
                withdrawal.cancel(world, job.job_id, "narrator.erased")
                called_off += 1
    return called_off


def check(world: World, name: str) -> Receipt:
    """What the tombstone says, and what the services list now."""
    told = _tombstone(world, name)
    if "at" not in told:
        raise Refused("narrator.not_erased", name=name)
    voices, work = _voices(world, name), [keys.job(job.job_id) for job in jobs_of(world, name)]
    digests = {*told["digests"], *voices}
    under_way = [digest for digest in digests if _is_on_its_way(world, digest)]
    return Receipt(
        name=name,
        erased_at=float(told["at"]),
        deleted=told["deleted"],
        left={
            "uploads": sum(1 for _ in leftovers.listed(world, Bucket.INPUT, keys.narrator(name))),
            "work": sum(1 for prefix in work for _ in leftovers.listed(world, Bucket.WORK, prefix)),
            "voices": sum(enrolment.count(world, digest) for digest in digests),
            "rows": sum(1 for digest in voices if digest not in under_way) + len(_faces(world, name)),
        },
        under_way=len(under_way),
        is_open=bool(world.rows.range(Table.WATCH, (WISH,), where={"narrator": name})),
    )


def _jobs(world: World) -> list[Job]:
    """All of them, page by page."""
    found: list[Job] = []
    after: tuple[str, ...] | None = None
    while page := world.rows.range(Table.JOBS, (), after=after, limit=1000):
        found += [job_of(key[0], columns) for key, columns in page]
        after = page[-1][0]
    return found


def jobs_of(world: World, name: str) -> list[Job]:
    """Every story that a narrator reads, alone or beside others, whatever became of it."""
    return [job for job in _jobs(world) if name in job.narrators]


def _come_back(world: World, name: str, jobs: Sequence[Job], since: float) -> list[Job]:
    """Those that were opened after the wish, with files that lie there now."""
    prefix = keys.narrator(name)
    there = {info.key: info.etag for info in leftovers.listed(world, Bucket.INPUT, prefix)}
    return [
        job
        for job in jobs
        if job.state not in {JobState.CANCELLED, JobState.ERASED}
        and job.opened_at > since - CLOCK_SKEW_S
        and all(there.get(one.key) == one.etag for one in job.assets.values() if one.key.startswith(prefix))
    ]


def _voices(world: World, name: str) -> dict[str, Columns]:
    """Rows of the narrator's voices by their digests."""
    return {key[0]: columns for key, columns in world.rows.range(Table.VOICES, where={"narrator": name})}


def _drop_voices(world: World, digests: Sequence[str]) -> Counts:
    """But for those that are on their way: the sweep comes back to these."""
    gone: Counts = {"voices": 0, "rows": 0}
    for digest in digests:
        if not _is_on_its_way(world, digest):
            gone["rows"] += world.rows.get(Table.VOICES, (digest,)) is not None
            gone["voices"] += enrolment.expunge(world, digest)
    return gone


def _is_on_its_way(world: World, digest: str) -> bool:
    """Whether a story that was called off may still be enrolling it: the sweep comes back to that one."""
    row = world.rows.get(Table.VOICES, (digest,))
    if row is None or row["voice_id"]:
        return False
    columns = world.rows.get(Table.JOBS, (str(row["job"]),))
    job = job_of(str(row["job"]), columns) if columns is not None else None
    is_late = job is None or job.ended_at + enrolment.ON_ITS_WAY_S <= world.clock.now()
    return not is_late and job is not None and job.state is not JobState.ERASED


def _faces(world: World, name: str) -> list[str]:
    return [key[1] for key, _ in world.rows.range(Table.WATCH, (FACE,), where={"narrator": name})]


def _drop_faces(world: World, name: str) -> int:
    found = _faces(world, name)
    for digest in found:
        world.rows.delete(Table.WATCH, (FACE, digest))
    return len(found)


def _tombstone(world: World, name: str) -> dict[str, Any]:
    row = world.rows.get(Table.WATCH, (TOMBSTONE, name))
    return dict(json.loads(str(row["receipt"]))) if row is not None else {}


def _bury(world: World, name: str, told: Mapping[str, object]) -> None:
    world.rows.merge(Table.WATCH, (TOMBSTONE, name), {"receipt": dump(told)})
