"""The script of a job, where it lies: the step `script` writes it, all later ones read it."""

from __future__ import annotations

from shared.domain import keys, script
from shared.domain.script import Script
from shared.engine.world import World
from shared.ports import Bucket, Place

JSON = "application/json"


def write(world: World, job_id: str, written: Script) -> None:
    world.objects.write(_place(job_id), script.dump(written), JSON)


def read(world: World, job_id: str) -> Script:
    return script.load(world.objects.read(_place(job_id)))


def find(world: World, job_id: str) -> Script | None:
    """The script, or None where it was never written or has been cleared away."""
    return read(world, job_id) if world.objects.head(_place(job_id)) is not None else None


def _place(job_id: str) -> Place:
    return Place(Bucket.WORK, keys.job_script(job_id))
