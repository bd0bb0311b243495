"""When a family wants its story no more: cancel it, or erase it with all that belongs to it.

Both first write the job's new state on condition that nobody else has ended it meanwhile: from then on no step acts for
it and no call of it begins (`shared.engine.ledger` looks after it has written down what it is about to do). Calls that
are on their way are let end; what they bring is never used. Then what is left is deleted (`shared.engine.leftovers`).

Of a cancellation and the story's last step, whichever writes first wins: cancelled, or done and not to be cancelled any
more. Both commands may be repeated, which also takes up one that died half-way; the sweep does so by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from shared.domain import keys
from shared.domain.errors import Conflict, Refused
from shared.domain.frozen import frozen
from shared.domain.job import JobState
from shared.engine import agenda, editions, enrolment, leftovers, status
from shared.engine.ending import announce
from shared.engine.leftovers import Counts
from shared.engine.records import Job, dump, error_of, found_or_new, load_job, move_job, remember, settle
from shared.engine.world import World
from shared.ports import Bucket, Columns, Table

TRIES_MAX = 5


@frozen
class Receipt:
    """What was deleted of an erased job, by place, and what is still there: nothing, unless somebody put it since.

    `under_way` counts calls that a vendor still works on, or may: the sweep waits for their end, or for a day where
    nobody can know it, and deletes what they made.
    """

    job_id: str
    erased_at: float
    deleted: Mapping[str, int]
    left: Mapping[str, int]
    under_way: int
    of_narrator: bool

    @property
    def is_clean(self) -> bool:
        return not self.under_way and not any(self.left.values())


def cancel(world: World, job_id: str, code: str = "job.cancelled") -> Counts:
    """End a job that nobody wants any more; how much was taken back and deleted.

    `Refused`: `job.unknown`, or `job.over` for a story that is told, erased, or refused for good.
    """
    for _ in range(TRIES_MAX):
        job = _job(world, job_id)
        if job.state is JobState.CANCELLED:
            gone = leftovers.clear(world, job)
            status.tell(world, job_id)
            return gone
        if job.is_final:
            raise Refused("job.over", state=job.state.value)
        agenda.put(world, job_id)
        put: Columns = {"error": error_of(Refused(code)), "ended_at": world.clock.now()}
        with suppress(Conflict):  # a step has moved it, perhaps to its end: look again
            move_job(world, job, JobState.CANCELLED, put, code)
            announce(world, job_id, JobState.CANCELLED)
    raise Conflict("row.moved", f"{job_id} kept moving")


def erase(world: World, job_id: str) -> Receipt:
    """Delete everything of a job, in whatever state it is, but a tombstone that keeps late events from doing anything.

    A narrator's own files and voice are not the job's, and stay. Corrected editions of a story go with it.
    """
    gone: Counts = {}
    if not _job(world, job_id).is_final:
        with suppress(Refused):  # it ended by itself meanwhile
            gone = cancel(world, job_id)
    leftovers.clear(world, _entombed(world, job_id, gone))
    for corrected in list(editions.after(world, job_id)):
        if corrected.state is not JobState.ERASED:
            erase(world, corrected.job_id)
    return check(world, job_id)


def check(world: World, job_id: str) -> Receipt:
    """What an erased job's tombstone says, and what the services list of it now."""
    job = load_job(world, job_id)
    if job is None or job.state is not JobState.ERASED:
        raise Refused("job.not_erased", job=job_id)
    return Receipt(
        job_id=job_id,
        erased_at=job.ended_at,
        deleted=job.receipt.get("deleted", {}),
        left=leftovers.found(world, job),
        under_way=len(leftovers.running(world, job_id)) + len(leftovers.in_doubt(world, job)),
        of_narrator=bool(job.receipt.get("of_narrator")),
    )


def _job(world: World, job_id: str) -> Job:
    """The job; a new row when only its uploads are there, because nobody has heard of them yet."""
    job = load_job(world, job_id)
    if job is None and world.objects.listing(Bucket.INPUT, keys.inbox(job_id), limit=1):
        job = found_or_new(world, job_id)
    if job is None:
        raise Refused("job.unknown", job=job_id)
    return job


def _entombed(world: World, job_id: str, gone: Counts) -> Job:
    for _ in range(TRIES_MAX):
        job = _job(world, job_id)
        if job.state is JobState.ERASED:
            return job
        agenda.put(world, job_id)
        now = world.clock.now()
        told = {"deleted": gone, "voices": _own_voices(world, job), "of_narrator": job.options.narrator is not None}
        told["enrolling"] = [key[0] for key, _ in world.rows.range(Table.VOICES, where={"job": job_id, "own": False})]
        columns: Columns = {
            "state": JobState.ERASED.value,
            "version": world.ids.token(),
            "ended_at": now,
            "receipt": dump(told),
            "history": remember({}, now, JobState.ERASED.value, ""),
        }
        others = [name for name in world.rows.get(Table.JOBS, (job_id,)) or {} if name not in columns]
        with suppress(Conflict):
            settle(world, Table.JOBS, (job_id,), columns, expect={"version": job.version}, remove=others)
    raise Conflict("row.moved", f"{job_id} kept moving")


def _own_voices(world: World, job: Job) -> Sequence[str]:
    """Digests of the voices that were enrolled for this job alone, also under a model that is not used any more."""
    found = {key[0] for key, _ in world.rows.range(Table.VOICES, where={"job": job.job_id, "own": True})}
    if enrolment.SAMPLE in job.assets and job.options.narrator is None:
        found.add(enrolment.of(world, job).digest)
    return sorted(found)
