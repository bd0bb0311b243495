"""Which enrolled voice belongs to which sample, so that a parent is enrolled once for many stories.

A narrator's voice is shared by all of the narrator's stories, and kept until one of another sample or for another model
takes its place. A voice from a job's own upload belongs to that job alone and is deleted with it, so its digest names
the job.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress

from shared.domain.errors import Conflict
from shared.domain.frozen import frozen
from shared.domain.job import JobState
from shared.engine import agenda
from shared.engine.effects import rows_of
from shared.engine.records import Job, load_job, settings_of
from shared.engine.world import World
from shared.ports import Columns, Table

PREFIX_CHARS = 9  # CosyVoice: lower-case letters and digits, fewer than 10
STEP = "clone"
SAMPLE = "voice"
ON_ITS_WAY_S = 900.0
"""Longer than the lease of a claim and any call: what was enrolled for an ended job is there by then."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@frozen
class Enrolment:
    digest: str
    prefix: str
    model: str
    narrator: str

    @property
    def is_shared(self) -> bool:
        return bool(self.narrator)


@frozen
class Standing:
    """What the table says of a digest: the voice, or the job that is enrolling it."""

    voice_id: str
    job_id: str


def of(world: World, job: Job, reader: str = "") -> Enrolment:
    """The enrolment that an open job needs, of its own narrator or of one who reads beside."""
    sample, model = job.asset(SAMPLE, reader), settings_of(world, job).voice_model
    narrator = reader or job.options.narrator or ""
    digest = hashlib.sha256(f"v1:{narrator or job.job_id}:{sample.etag}:{model}".encode()).hexdigest()
    return Enrolment(digest, _prefix(digest), model, narrator)


def all_of(world: World, job: Job) -> list[Enrolment]:
    """The enrolments of everybody who reads; none before the job was opened."""
    return [of(world, job, reader) for reader in job.all_readers] if SAMPLE in job.assets else []


def reserve(world: World, wanted: Enrolment, job_id: str) -> Standing:
    """The voice if it stands; else the job that may enrol it now, which is ours if nobody living holds it."""
    claim = _row(world, wanted, job_id, "")
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


def keep(world: World, wanted: Enrolment, job_id: str, voice_id: str) -> str:
    """Write down the enrolled voice for the next story; the voice that stands, which is another's if that came first.

    No other of the sample is left: a story that ended while it enrolled, and whose place was taken, told nobody.
    """
    mine = _row(world, wanted, job_id, voice_id)
    if not world.rows.insert(Table.VOICES, (wanted.digest,), mine):
        with suppress(Conflict):  # one stands already
            world.rows.update(Table.VOICES, (wanted.digest,), mine, expect={"voice_id": ""})
    standing = str((world.rows.get(Table.VOICES, (wanted.digest,)) or mine)["voice_id"])
    _delete(world, wanted.prefix, but=standing)
    return standing


def forget(world: World, job: Job) -> int:
    """Delete a voice that is the job's own, and its row; how many voices. A narrator's stays, but not what came too
    late to be it.

    Repeating it is harmless. While an enrolment may still be on its way the row stays, for the sweep to come back to.
    """
    return sum(_forget(world, job, wanted) for wanted in all_of(world, job))


def _forget(world: World, job: Job, wanted: Enrolment) -> int:
    row = world.rows.get(Table.VOICES, (wanted.digest,))
    if row is None:
        return 0
    is_late = job.is_final and job.ended_at + ON_ITS_WAY_S <= world.clock.now()
    if wanted.is_shared:
        return tidy(world, wanted.digest, job.job_id) + retire(world, wanted.narrator) if is_late else 0
    enrolments = rows_of(world, job.job_id, STEP)  # before the list: what was taken by now is in it
    number = _delete(world, wanted.prefix)
    if is_late or (enrolments and all(row.is_taken for row in enrolments)):
        world.rows.delete(Table.VOICES, (wanted.digest,))
    return number


def tidy(world: World, digest: str, job_id: str) -> int:
    """Of a narrator's voices leave the one that stands; none, when this ended job was the last to enrol it.

    Only once nothing of the job can come any more. Repeating it is harmless.
    """
    row = world.rows.get(Table.VOICES, (digest,)) or {"voice_id": "", "job": ""}
    if row["voice_id"]:
        return _delete(world, _prefix(digest), but=str(row["voice_id"]))
    if row["job"] != job_id:
        return 0
    found = world.voices.enrolled(_prefix(digest))
    try:
        # Listed before the row is seen unchanged: whoever takes it over from now on enrols what is not in the list.
        put: Columns = {"at": world.clock.now()}
        world.rows.update(Table.VOICES, (digest,), put, expect={"job": job_id, "voice_id": ""})
    except Conflict:
        return 0
    for voice in found:
        world.voices.delete(voice.voice_id)
    return len(found)


def retire(world: World, narrator: str) -> int:
    """Of a narrator's voices delete those that a later one has replaced, but for what a story under way reads with, or
    one that may be taken up again; how many voices.
    """
    found = world.rows.range(Table.VOICES, where={"narrator": narrator})
    standing = {key[0]: float(columns["at"]) for key, columns in found if columns["voice_id"]}
    if len(standing) < 2:
        return 0
    jobs = [load_job(world, job_id) for job_id in agenda.waiting_for(world, narrator)]
    in_use = {one.digest for job in jobs if job is not None and not job.is_final for one in all_of(world, job)}
    newest = max(standing, key=lambda digest: standing[digest])
    return sum(expunge(world, digest) for digest in standing if digest != newest and digest not in in_use)


def expunge(world: World, digest: str) -> int:
    """Delete the voice of a digest, and its row, whosever it is; how many voices."""
    number = _delete(world, _prefix(digest))
    world.rows.delete(Table.VOICES, (digest,))
    return number


def count(world: World, digest: str) -> int:
    """How many voices of this digest the vendor lists."""
    return len(world.voices.enrolled(_prefix(digest)))


def _row(world: World, wanted: Enrolment, job_id: str, voice_id: str) -> Columns:
    now, is_own = world.clock.now(), not wanted.is_shared
    columns: Columns = {"job": job_id, "voice_id": voice_id, "prefix": wanted.prefix, "own": is_own, "at": now}
    return {**columns, "narrator": wanted.narrator} if wanted.narrator else columns


def _delete(world: World, prefix: str, but: str = "") -> int:
    found = [voice for voice in world.voices.enrolled(prefix) if voice.voice_id != but]
    for voice in found:
        world.voices.delete(voice.voice_id)
    return len(found)


def _prefix(digest: str) -> str:
    number, digits = int(digest, 16), []
    for _ in range(PREFIX_CHARS):
        number, digit = divmod(number, 36)
        digits.append(_DIGITS[digit])
    return "".join(digits)
