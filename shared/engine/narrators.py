"""Parents who tell many stories: who there is, and what is left of one who wishes to be forgotten.

To erase a narrator is to delete the sample, the photo, the voices at the vendor, their rows, and what stories were made
of: readings, speech and clips. Stories that were handed over are their families' own, and stay; those under way are
called off. A tombstone stays: the name, counts, and under which prefixes the vendor knew the voices, to prove it by.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from shared.domain import keys
from shared.domain.errors import Refused
from shared.domain.frozen import frozen
from shared.domain.job import JobState
from shared.engine import enrolment, leftovers, withdrawal
from shared.engine.records import Job, dump, job_of
from shared.engine.world import World
from shared.ports import Bucket, Place, Table

TOMBSTONE = "narrator"
FACE = "face"


@frozen
class Narrator:
    """A narrator's files, how many voices stand, and the stories told so far."""

    name: str
    files: tuple[str, ...]
    voices: int
    stories: tuple[str, ...]


@frozen
class Receipt:
    """What was deleted of a narrator, and what the services list of it now; `under_way` are voices on their way."""

    name: str
    erased_at: float
    deleted: Mapping[str, int]
    left: Mapping[str, int]
    under_way: int

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
            voices=sum(1 for _, columns in _voices(world, name) if columns["voice_id"]),
            stories=tuple(job.job_id for job in jobs if name in job.narrators),
        )
        for name, found in sorted(files.items())
    ]


def erase(world: World, name: str) -> Receipt:
    """Delete everything of a narrator but a tombstone. `narrator.unknown` for one of whom there is nothing.

    Repeating it is harmless, also to finish what broke off.
    """
    prefix, jobs, before = keys.narrator(name), _of(world, name), _tombstone(world, name)
    voices = list(_voices(world, name))
    files = list(leftovers.listed(world, Bucket.INPUT, prefix))
    if not (files or voices or jobs or before):
        raise Refused("narrator.unknown", name=name)
    digests = sorted({*(key[0] for key, _ in voices), *before.get("digests", [])})
    _bury(world, name, {**before, "digests": digests})
    for job in jobs:
        if not job.is_final and not job.is_at_door:
            withdrawal.cancel(world, job.job_id, "narrator.erased")
    gone = {
        "uploads": sum(1 for info in files if _delete(world, Bucket.INPUT, info.key)),
        "work": sum(leftovers.clear_all_work(world, job.job_id) for job in jobs),
        "voices": sum(enrolment.expunge(world, digest) for digest in digests if not _is_on_its_way(world, digest)),
        "rows": _drop_faces(world, name) + len(voices),
    }
    deleted = before.get("deleted", {})
    counts = {kind: count + int(deleted.get(kind, 0)) for kind, count in gone.items()}
    _bury(world, name, {"digests": digests, "deleted": counts, "at": before.get("at", world.clock.now())})
    return check(world, name)


def check(world: World, name: str) -> Receipt:
    """What the tombstone says, and what the services list now."""
    told = _tombstone(world, name)
    if "at" not in told:
        raise Refused("narrator.not_erased", name=name)
    digests = {*told["digests"], *(key[0] for key, _ in _voices(world, name))}
    under_way = [digest for digest in digests if _is_on_its_way(world, digest)]
    jobs = _of(world, name)
    return Receipt(
        name=name,
        erased_at=float(told["at"]),
        deleted=told["deleted"],
        left={
            "uploads": sum(1 for _ in leftovers.listed(world, Bucket.INPUT, keys.narrator(name))),
            "work": sum(1 for job in jobs for _ in leftovers.listed(world, Bucket.WORK, keys.job(job.job_id))),
            "voices": sum(enrolment.count(world, digest) for digest in digests),
            "rows": sum(1 for key, _ in _voices(world, name) if key[0] not in under_way) + len(_faces(world, name)),
        },
        under_way=len(under_way),
    )


def _jobs(world: World) -> list[Job]:
    """All of them, page by page."""
    found: list[Job] = []
    after: tuple[str, ...] | None = None
    while page := world.rows.range(Table.JOBS, (), after=after, limit=1000):
        found += [job_of(key[0], columns) for key, columns in page]
        after = page[-1][0]
    return found


def _of(world: World, name: str) -> list[Job]:
    return [job for job in _jobs(world) if name in job.narrators]


def _voices(world: World, name: str) -> Iterator[tuple[tuple[str, ...], Mapping[str, object]]]:
    yield from world.rows.range(Table.VOICES, where={"narrator": name})


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


def _delete(world: World, bucket: Bucket, key: str) -> bool:
    world.objects.delete(Place(bucket, key))
    return True


def _tombstone(world: World, name: str) -> dict[str, Any]:
    row = world.rows.get(Table.WATCH, (TOMBSTONE, name))
    return dict(json.loads(str(row["receipt"]))) if row is not None else {}


def _bury(world: World, name: str, told: Mapping[str, object]) -> None:
    world.rows.merge(Table.WATCH, (TOMBSTONE, name), {"receipt": dump(told)})
