"""Editions of a story: a corrected one is a job of its own, beside the first, that begins where nothing has changed.

It has its own rows, ledger, budget and end, like any job. What a correction of the words cannot have changed (the
photo's check, the captions' source, the music) it is given as steps that are done; what else it need not buy again its
steps find in the edition before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shared.domain import keys
from shared.domain.errors import Refused
from shared.domain.frozen import frozen
from shared.domain.job import WHOLE, JobState
from shared.domain.keys import Asset, Owner
from shared.engine import agenda, waking
from shared.engine.records import Job, dump, insert_done, load_job, load_steps, move_job
from shared.engine.world import World
from shared.ports import Bucket, Columns, Place, Table

INHERITED = (("detect", WHOLE), ("separate", "captions"), ("separate", "music"))
"""Steps that a correction leaves as they are. A story's own voice is enrolled anew: it was deleted with its story."""

CORRECTIONS = ((Asset.EDITS, "json"), (Asset.CAPTIONS, "srt"))

KEPT = ("assets", "family", "film", "models", "narrator", "options", "readers")
"""Columns of the job's row that an edition has from the one before."""


def of(world: World, story_job: str) -> Iterator[Job]:
    """The editions of a story, the first one first."""
    for number in range(1, keys.EDITIONS_MAX + 1):
        job = load_job(world, keys.edition(story_job, number))
        if job is None:
            return
        yield job


def after(world: World, job_id: str) -> Iterator[Job]:
    """The editions that correct a story; none for a request, or for an edition."""
    if not keys.request_of(job_id) and keys.edition_of(job_id) == (job_id, 1):
        yield from (job for job in of(world, job_id) if job.job_id != job_id)


def before(world: World, job: Job) -> Job | None:
    """The edition that a job corrects; None for a first one."""
    return load_job(world, job.corrects) if job.corrects else None


@frozen
class Correction:
    """A file that corrects a finished story; the stamp tells it from one that was put there before. `put_at` is in
    seconds since 1970.
    """

    asset: Asset
    place: Place
    stamp: str
    put_at: float


def unheard(world: World, first: Job) -> list[Correction]:
    """Corrections of a finished story that were not refused, and of which no edition was begun, or one that was never
    opened.
    """
    made = {job.correction for job in of(world, first.job_id) if job.state is not JobState.COLLECTING}
    made.update(first.corrections_refused)
    found = []
    for asset, extension in CORRECTIONS:
        place = Place(Bucket.INPUT, keys.upload(Owner.INBOX, first.job_id, asset, extension))
        info = world.objects.head(place)
        given = first.assets.get(asset.value)
        if info is None or (given is not None and given.etag == info.etag):
            continue
        stamp = f"{asset.value} {info.etag} {info.modified_at}"
        if stamp not in made:
            found.append(Correction(asset, place, stamp, info.modified_at))
    return found


def refuse(world: World, first: Job, correction: Correction) -> None:
    """Remember that the family was told that this will not do: nobody need look at it again."""
    refused = [*first.corrections_refused, correction.stamp][-len(CORRECTIONS) :]
    world.rows.merge(Table.JOBS, (first.job_id,), {"corrections_refused": dump(refused)})


def reserve(world: World, corrected: Job, correction: Correction) -> Job:
    """The job of the next edition, not open yet: one for each correction, whoever else asks for it."""
    base, _ = keys.edition_of(corrected.job_id)
    for number in range(2, keys.EDITIONS_MAX + 1):
        job_id, now = keys.edition(base, number), world.clock.now()
        agenda.put(world, job_id, (corrected.narrator, *corrected.readers))
        first: Columns = {
            "state": JobState.COLLECTING.value,
            "created_at": now,
            "version": world.ids.token(),
            "corrects": corrected.job_id,
            "correction": correction.stamp,
        }
        world.rows.insert(Table.JOBS, (job_id,), first)
        job = load_job(world, job_id)
        if job is not None and job.correction == correction.stamp:
            return job
    raise Refused("edits.many", limit=keys.EDITIONS_MAX)


def begin(world: World, job: Job, corrected: Job, sources: Mapping[tuple[str, str], object]) -> None:
    """Open an edition; `sources` are results of inherited steps that differ from those before."""
    if job.state is not JobState.COLLECTING:
        return
    now, rows = world.clock.now(), load_steps(world, corrected.job_id)
    for step, item in INHERITED:
        result = sources.get((step, item), rows[step, item].result)
        insert_done(world, job.job_id, (step, item), result, f"as in {corrected.job_id}")
    found = world.rows.get(Table.JOBS, (corrected.job_id,)) or {}
    kept = {name: found[name] for name in KEPT if name in found}
    move_job(world, job, JobState.OPEN, {**kept, "opened_at": now, "seen_at": now}, f"corrects {corrected.job_id}")
    waking.wake_ready(world, job.job_id, "opened")


def strings(value: object) -> Iterator[str]:
    """Every text in a result, however deep: among them the keys of what it names."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from strings(one)
