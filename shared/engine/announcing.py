"""Making an announcement: a job has ended, or waits for its family, and the channels of the deployment are told.

Apart from the story's own steps: a receiver that is down delays and fails nothing. What is to be said is written with
the job's state (`shared.engine.news`); a message wakes the function that says it, and the sweep sends one where that
was lost. Each turn is written down before it is taken, and each channel when it has answered. One that died in between
is told again, under the same name: at least once, since a parent who never hears that the film is there is worse off
than a receiver that has to look at an id.
"""

from __future__ import annotations

import math

from shared import channels
from shared.domain import announcement, families
from shared.domain.announcement import Announcement
from shared.domain.errors import Conflict, EchobotError, Review
from shared.engine import alarms, news
from shared.engine.effects import restore
from shared.engine.records import Job, dump, job_of, settle
from shared.engine.world import World
from shared.pipeline import LEASE_MARGIN_S
from shared.ports import Channel, Columns, Queue, Table

TIMEOUT_S = 120
LEASE_S = TIMEOUT_S + LEASE_MARGIN_S

TRIES_MAX = 12
PAUSE_S = 30.0
PAUSE_S_MAX = 4 * 3600.0
"""30 s, 1, 2, 4 min and so on up to four hours: given up after about half a day."""

QUIET_S = 60.0
"""What an announcement may be late before its message is thought lost."""


def wake(world: World, job_id: str, after_s: float = 0.0) -> None:
    """Have the job's news told. Repeating it is harmless: the row says what is left."""
    world.queues.send(Queue.ANNOUNCE, dump({"job": job_id}), math.ceil(after_s))


def find(world: World, job: Job) -> bool:
    """For the sweep: wake what should have been told by now; whether there was something."""
    is_late = bool(job.news) and max(job.news_at, job.ended_at, job.seen_at) + QUIET_S <= world.clock.now()
    if is_late:
        wake(world, job.job_id)
    return is_late


def tell(world: World, job_id: str) -> None:
    """One turn at a job's news: every channel that has not heard it."""
    key, now = (job_id,), world.clock.now()
    row = world.rows.get(Table.JOBS, key) or {}
    if "news" not in row or float(row["news_at"]) > now:
        world.log("skipped", {"job": job_id, "step": "announce", "why": "early" if "news" in row else "nothing new"})
        return
    job, fence, tries = job_of(job_id, row), world.ids.token(), int(row["news_tries"]) + 1
    claim: Columns = {"news_fence": fence, "news_at": now + LEASE_S, "news_tries": tries}
    try:
        settle(world, Table.JOBS, key, claim, expect={"news": job.news, "news_fence": row["news_fence"]})
        left = _through_all(world, job, fence, news.told(row))
        if left and tries < TRIES_MAX:
            _later(world, job_id, fence, tries)
            return
        for channel, error in left.items():
            _give_up(world, job_id, channel, error)
        made = dump([*news.heard(row), job.news])
        settle(world, Table.JOBS, key, {"heard": made}, expect={"news_fence": fence}, remove=news.COLUMNS)
    except Conflict as error:
        # Taken over, or no news any more: the job has moved on while we spoke.
        world.log("lost", {"job": job_id, "step": "announce", "why": error.detail})


def _through_all(world: World, job: Job, fence: str, told: list[str]) -> dict[Channel, EchobotError]:
    """Tell each channel that does not know; what went wrong with which."""
    said, left = _composed(world, job), {}
    for channel in channels.configured(world.settings):
        if channel.value in told:
            continue
        try:
            world.channels.tell(channel, said)
        except EchobotError as error:
            left[channel] = error
            where = {"job": job.job_id, "channel": channel.value, "code": error.code, "detail": error.detail[:300]}
            world.log("not announced", where)
        else:
            told.append(channel.value)
            put: Columns = {"news_told": dump(told)}
            settle(world, Table.JOBS, (job.job_id,), put, expect={"news_fence": fence})
            world.log("announced", {"job": job.job_id, "state": said.state, "channel": channel.value})
            alarms.stop(world, alarms.UNTOLD, channel.value)
    return left


def _composed(world: World, job: Job) -> Announcement:
    problem = restore(job.error).sentence if job.error and job.state in announcement.WITH_REASON else None
    page = world.settings.console_url if families.of(job.job_id) else ""
    return announcement.compose(job.news, job.job_id, job.state, job.ended_at or job.seen_at, problem, page)


def _later(world: World, job_id: str, fence: str, tries: int) -> None:
    pause_s = min(PAUSE_S_MAX, PAUSE_S * 2.0 ** (tries - 1)) * (1.0 + world.ids.fraction()) / 2
    put: Columns = {"news_at": world.clock.now() + pause_s}
    settle(world, Table.JOBS, (job_id,), put, expect={"news_fence": fence})
    wake(world, job_id, pause_s)


def _give_up(world: World, job_id: str, channel: Channel, error: EchobotError) -> None:
    """The operator is told once of a channel that does not work, until something goes through it again."""
    world.log("not announced at all", {"job": job_id, "channel": channel.value, "code": error.code})
    alarms.ring(world, alarms.UNTOLD, channel.value, Review("announce.untold", error.detail, channel=channel.value))
