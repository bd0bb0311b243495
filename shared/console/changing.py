"""Correcting a told story from its page: what the change will cost first, then the change itself.

The engine takes corrections as a file (`shared.steps.redoing`); here the same file is written, after the same looks at
it, by a family that has seen the cost. The story before stays beside the new one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from shared.console import sessions
from shared.console.desk import Desk, own_job
from shared.console.sessions import Visitor
from shared.domain import keys
from shared.domain.errors import Refused
from shared.domain.job import JobState
from shared.domain.keys import Asset, Owner
from shared.engine import editions
from shared.engine.records import Job
from shared.ports import Bucket, Place
from shared.steps import redoing


def quote(desk: Desk, visitor: Visitor, job_id: str, asked: Mapping[str, Any]) -> Mapping[str, object]:
    """What the change that is asked for would cost. `Refused` says what is wrong with it."""
    job = _changeable(desk, visitor, job_id)
    return redoing.quote(desk.world, job, _document(asked))


def change(desk: Desk, visitor: Visitor, job_id: str, asked: Mapping[str, Any]) -> Mapping[str, object]:
    """Have the story told anew with the changed lines; the job that tells it."""
    job = _changeable(desk, visitor, job_id)
    body = _document(asked)
    redoing.quote(desk.world, job, body)  # refuses what would be refused later, where nobody hears it
    sessions.spend_a_start(desk.world, visitor)
    first, number = keys.edition_of(job.job_id)
    place = Place(Bucket.INPUT, keys.upload(Owner.INBOX, first, Asset.EDITS, "json"))
    desk.world.objects.write(place, body, "application/json")
    return {"job": keys.edition(first, number + 1)}


def can_change(desk: Desk, job: Job) -> bool:
    """Whether this is the newest edition, told, and nothing else is being corrected."""
    first = keys.edition_of(job.job_id)[0]
    told = list(editions.of(desk.world, first))
    is_newest = bool(told) and told[-1].job_id == job.job_id and job.state is JobState.DONE
    return is_newest and not editions.unheard(desk.world, told[0])


def others(desk: Desk, job_id: str) -> list[tuple[str, int]]:
    """The editions of a story, when there are several: job and number."""
    first = keys.edition_of(job_id)[0]
    found = [(job.job_id, keys.edition_of(job.job_id)[1]) for job in editions.of(desk.world, first)]
    return found if len(found) > 1 else []


def _changeable(desk: Desk, visitor: Visitor, job_id: str) -> Job:
    job = own_job(desk, visitor, job_id)
    if not can_change(desk, job):
        raise Refused("edits.busy")
    return job


def _document(asked: Mapping[str, Any]) -> bytes:
    """The file of the changes, of nothing but them."""
    return json.dumps({"lines": asked.get("lines")}, ensure_ascii=False).encode()
