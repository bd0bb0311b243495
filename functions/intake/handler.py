"""Something was uploaded: look at what is there, and open the job as soon as the set is whole and right."""

from shared.domain import keys
from shared.domain.errors import Corrupt, Refused
from shared.domain.keys import Owner
from shared.engine import events
from shared.engine.poison import put_aside
from shared.engine.world import World
from shared.steps import intake
from shared.wiring import entry


def run(event: object, world: World) -> None:
    try:
        notices = events.objects(event)
        for notice in notices:
            receive(notice, world)
    except Corrupt as error:
        put_aside(world, "intake", event, error)


def receive(notice: events.ObjectNotice, world: World) -> None:
    """An upload, or (under `steps/intake/`) the wish that somebody looks again."""
    if notice.bucket == world.settings.work_bucket:
        intake.look(world, events.wake_of(notice.key).job)
        return
    if keys.is_folder(notice.key):
        return
    try:
        upload = keys.parse_upload(notice.key)
    except Refused as error:
        intake.answer_stranger(world, notice.key, error)
        return
    if upload.owner is Owner.NARRATOR:
        intake.look_for_narrator(world, upload.name)
    else:
        state = intake.look(world, upload.name)
        world.log(
            "looked", {"job": upload.name, "file": upload.file, "state": state.value if state else "past the door"}
        )


handler = entry(run)
