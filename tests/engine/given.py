"""A world in which a test writes the rows itself: open jobs, steps that are done, wakes, and ports that stumble."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from shared.domain import keys
from shared.domain.job import WHOLE, JobState, StepRow
from shared.engine import agenda, effects
from shared.engine.effects import Effect, EffectRow, Finished
from shared.engine.ledger import Ledger
from shared.engine.records import dump, load_steps
from shared.ports import Columns, Kind, Queue, Table, Value
from shared.queues import names
from shared.settings import Settings
from tests.stage import Stage, StageWorld

JOB = "story"
WORK_BUCKET = Settings().work_bucket
ASSETS = {
    name: {"key": f"inbox/{JOB}/{name}", "etag": f"ETAG-{name}", "size": 1} for name in ("film", "voice", "photo")
}


def open_job(world: StageWorld, job_id: str = JOB, **columns: Value) -> None:
    """A job as intake would have opened it just now."""
    now = world.clock.now()
    row: dict[str, Value] = {
        "state": JobState.OPEN.value,
        "created_at": now,
        "opened_at": now,
        "seen_at": now,
        "assets": dump(ASSETS),
        "film": dump({"seconds": 10.0, "width": 1280, "height": 720}),
        "options": "{}",
        "version": f"version-of-{job_id}",
    }
    agenda.put(world, job_id)
    assert world.rows.insert(Table.JOBS, (job_id,), {**row, **columns})


def done(
    world: StageWorld, step: str, item: str = WHOLE, *, job_id: str = JOB, items: tuple[str, ...] = (), **result: object
) -> None:
    """A step that has ended."""
    row: Columns = {"state": "done", "result": dump(result), "items": dump(items), "updated_at": world.clock.now()}
    world.rows.merge(Table.STEPS, (job_id, step, item), row)


def wake_event(step: str, item: str = WHOLE, job_id: str = JOB) -> bytes:
    """What FC hands a step's function after a wake was put."""
    return object_event(WORK_BUCKET, keys.wake(step, job_id, "" if item == WHOLE else item))


def object_event(bucket: str, *put: str) -> bytes:
    records = [
        {"eventName": "ObjectCreated:PutObject", "oss": {"bucket": {"name": bucket}, "object": {"key": key}}}
        for key in put
    ]
    return json.dumps({"events": records}).encode()


def row_of(world: StageWorld, step: str, item: str = WHOLE, job_id: str = JOB) -> StepRow:
    return load_steps(world, job_id)[step, item]


def ledger(world: StageWorld, step: str = "compose", item: str = WHOLE, fence: str = "fence-1") -> Ledger:
    return Ledger(world, JOB, step, item, fence)


def effect_row(world: StageWorld, name: str, step: str = "compose", item: str = WHOLE) -> EffectRow:
    return {row.name: row for row in effects.rows_of(world, JOB, step, item)}[name]


def states(row: EffectRow) -> list[str]:
    """The states that a ledger row has gone through, oldest first."""
    return [state for _, state, _ in json.loads(row.history)]


def an_effect(name: str = "film", **changes: Any) -> Effect:
    """A call that answers at once, with room for anything else."""
    return replace(Effect(name, Kind.NONE, {"text": "one"}, lambda: Finished({"made": name})), **changes)


def letters(stage: Stage, queue: Queue) -> list[dict[str, Any]]:
    """What lies in one of our queues, oldest first."""
    name = names(stage.settings)[queue]
    return [json.loads(base64.b64decode(message.body)) for message in stage.stand_ins.mns.peek(name, 1000)]


# --- ports that stumble

Call = partial[Any]
"""The call that is about to be made; `call.args` are its arguments."""

Between = Callable[[Call], Any]


def interpose(stage: Stage, port_method: str, between: Between) -> None:
    """Have every call of one method of a port, by the functions, pass `between`, which makes the call or does not."""
    port, _, method = port_method.partition(".")
    ports: dict[str, Any] = {port: _Interposed(getattr(stage.functions_world, port), method, between)}
    stage.functions_world = replace(stage.functions_world, **ports)


def raising(*errors: Exception) -> Between:
    """Each of the errors once, before the call is made; after them it is made."""
    left: Iterator[Exception] = iter(errors)

    def between(call: Call) -> Any:
        for error in left:
            raise error
        return call()

    return between


def always(error: Callable[[], Exception]) -> Between:
    def between(_call: Call) -> Any:
        raise error()

    return between


def losing_the_answer(error: Exception, times: int = 1) -> Between:
    """The call is made, and nobody hears of it."""
    left = [error] * times

    def between(call: Call) -> Any:
        answer = call()
        if left:
            raise left.pop()
        return answer

    return between


class _Interposed:
    def __init__(self, port: Any, method: str, between: Between) -> None:
        self._port, self._method, self._between = port, method, between

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if name != self._method:
            return found
        return lambda *args, **kwargs: self._between(partial(found, *args, **kwargs))
