"""Which enrolled voice belongs to which sample, so that a parent is enrolled once for many stories.

A narrator's voice is shared by all of the narrator's stories and kept. A voice from a job's own upload belongs to that
job alone and is deleted with it, so its digest names the job.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from shared.domain.errors import Conflict
from shared.domain.job import JobState
from shared.engine.records import Job, load_job
from shared.engine.world import World
from shared.ports import Columns, Table

PREFIX_CHARS = 9  # CosyVoice: lower-case letters and digits, fewer than 10
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Enrolment:
    digest: str
    prefix: str
    model: str
    is_shared: bool


@dataclass(frozen=True)
class Standing:
    """What the table says of a digest: the voice, or the job that is enrolling it."""

    voice_id: str
    job_id: str


def of(world: World, job: Job) -> Enrolment:
    """The enrolment that an open job needs."""
    sample, model = job.assets["voice"], world.settings.voice_model
    is_shared = job.options.narrator is not None
    owner = job.options.narrator if is_shared else job.job_id
    digest = hashlib.sha256(f"v1:{owner}:{sample.etag}:{model}".encode()).hexdigest()
    return Enrolment(digest, _prefix(digest), model, is_shared)


def reserve(world: World, wanted: Enrolment, job_id: str) -> Standing:
    """The voice if it stands; else the job that may enrol it now, which is ours if nobody living holds it."""
    claim: Columns = {"job": job_id, "voice_id": "", "prefix": wanted.prefix, "at": world.clock.now()}
    if world.rows.insert(Table.VOICES, (wanted.digest,), claim):
        return Standing("", job_id)
    row = world.rows.get(Table.VOICES, (wanted.digest,)) or claim
    standing = Standing(str(row["voice_id"]), str(row["job"]))
    if standing.voice_id or standing.job_id == job_id:
        return standing
    holder = load_job(world, standing.job_id)
    if holder is not None and holder.state is JobState.OPEN:
        return standing
    try:
        world.rows.update(Table.VOICES, (wanted.digest,), claim, expect={"job": standing.job_id, "voice_id": ""})
    except Conflict:
        return Standing("", "another")
    return Standing("", job_id)


def keep(world: World, wanted: Enrolment, job_id: str, voice_id: str) -> None:
    """Write down the enrolled voice for the next story."""
    row: Columns = {"job": job_id, "voice_id": voice_id, "prefix": wanted.prefix, "at": world.clock.now()}
    world.rows.merge(Table.VOICES, (wanted.digest,), row)


def forget(world: World, job: Job) -> None:
    """Delete a voice that is the job's own, and its row; a narrator's stays. Repeating it is harmless."""
    wanted = of(world, job)
    if wanted.is_shared or world.rows.get(Table.VOICES, (wanted.digest,)) is None:
        return
    for voice in world.voices.enrolled(wanted.prefix):
        world.voices.delete(voice.voice_id)
    world.rows.delete(Table.VOICES, (wanted.digest,))


def _prefix(digest: str) -> str:
    number, digits = int(digest, 16), []
    for _ in range(PREFIX_CHARS):
        number, digit = divmod(number, 36)
        digits.append(_DIGITS[digit])
    return "".join(digits)
