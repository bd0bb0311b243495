"""What the page's code is handed: the world of every function, and the means to deal with a browser."""

from __future__ import annotations

from http import HTTPStatus

from shared.console.http import Answered
from shared.console.sessions import Visitor
from shared.domain import families
from shared.domain.frozen import frozen
from shared.engine.records import Job, load_job
from shared.engine.world import World
from shared.ports import Uploads


@frozen
class Desk:
    world: World
    uploads: Uploads


def own(visitor: Visitor, job_id: str) -> str:
    """The job's name as it came, if it is the family's. What is another's answers like what does not exist."""
    if not families.is_of(visitor.family, job_id):
        raise Answered(HTTPStatus.NOT_FOUND, "nothing_here")
    return job_id


def own_job(desk: Desk, visitor: Visitor, job_id: str) -> Job:
    job = load_job(desk.world, own(visitor, job_id))
    if job is None:
        raise Answered(HTTPStatus.NOT_FOUND, "nothing_here")
    return job
