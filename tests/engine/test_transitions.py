"""States move only as declared, whatever happens to the functions; what has ended stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.domain.errors import Corrupt, Refused, Retry, Unknown
from shared.domain.job import JOB_MOVES, STEP_MOVES, JobState, StepState
from shared.domain.keys import Asset
from shared.ports import Table
from tests.engine.given import Call, always, interpose, losing_the_answer, raising
from tests.stage import Killed, Stage
from tests.toys import toy_png


@dataclass
class Watched:
    """A stage on which every change of a state is noted, with what it was before."""

    stage: Stage = field(default_factory=lambda: Stage(settings={"segment_s_max": 5.0}))
    jobs: list[tuple[JobState, JobState]] = field(default_factory=list)
    steps: list[tuple[StepState | None, StepState]] = field(default_factory=list)

    def __post_init__(self) -> None:
        interpose(self.stage, "rows.update", self.note)
        interpose(self.stage, "rows.insert", self.note)

    def note(self, call: Call) -> Any:
        table, key, put = call.args[:3]
        before = self.stage.world.rows.get(table, key)
        answer = call()
        if answer is not False and "state" in put:
            if table is Table.JOBS and before is not None:
                self.jobs.append((JobState(before["state"]), JobState(put["state"])))
            elif table is Table.STEPS:
                self.steps.append((StepState(before["state"]) if before else None, StepState(put["state"])))
        return answer


def nothing(_stage: Stage) -> None:
    pass


def a_function_dies(stage: Stage) -> None:
    deaths = ["speak", "animate", "compose", "publish"]

    def around(name: str, run: Callable[[], None]) -> None:
        run()
        if name in deaths:
            deaths.remove(name)
            raise Killed

    stage.around = around


def the_table_stumbles(stage: Stage) -> None:
    for error in (Retry("vendor.busy"), Unknown("vendor.unanswered")):
        interpose(stage, "rows.update", losing_the_answer(error))
        interpose(stage, "rows.update", raising(error))


def a_vendor_fails(stage: Stage) -> None:
    interpose(stage, "media.compose", always(lambda: Corrupt("vendor.rejected")))


def a_vendor_refuses(stage: Stage) -> None:
    interpose(stage, "avatars.animate", raising(Refused("content.blocked")))


def a_riddle(stage: Stage) -> None:
    interpose(stage, "media.read_captions", always(lambda: Unknown("vendor.unanswered")))


def a_bad_photo_at_first(stage: Stage) -> None:
    stage.upload("story", Asset.PHOTO, "png", toy_png(100, 100))
    stage.timing.run(1.0)


@pytest.mark.parametrize(
    "fault",
    [
        nothing,
        a_function_dies,
        the_table_stumbles,
        a_vendor_fails,
        a_vendor_refuses,
        a_riddle,
        a_bad_photo_at_first,
    ],
)
def test_states_move_only_as_declared(fault: Callable[[Stage], None]) -> None:
    watched = Watched()
    fault(watched.stage)
    watched.stage.tell()
    watched.stage.run(3 * 3600.0)

    assert watched.stage.job().state is not JobState.COLLECTING
    assert [move for move in watched.jobs if move[1] not in JOB_MOVES[move[0]]] == []
    assert [move for move in watched.steps if move[1] not in STEP_MOVES[move[0]]] == []
    assert len(watched.steps) > 4


@pytest.mark.parametrize("fault", [nothing, a_vendor_fails, a_vendor_refuses])
def test_a_job_ends_once(fault: Callable[[Stage], None]) -> None:
    watched = Watched()
    fault(watched.stage)
    watched.stage.tell()
    watched.stage.run(3 * 3600.0)
    for name, event in list(watched.stage.events):
        watched.stage.call(name, event)
    watched.stage.run(3600.0)

    ends = [after for _, after in watched.jobs if after in {JobState.DONE, JobState.REFUSED, JobState.FAILED}]
    assert len(ends) == 1


def test_a_call_in_doubt_is_put_before_a_person_also_when_who_doubted_it_died() -> None:
    """The effect's row says so already, the step's does not yet."""
    stage, film = Stage(), ("story", "compose", "-", "film")

    def dies(call: Call) -> Any:
        if (stage.world.rows.get(Table.EFFECTS, film) or {}).get("state") == "sent":
            stage.world.rows.merge(Table.EFFECTS, film, {"state": "review"})
            raise Killed("media.verdict")
        return call()

    interpose(stage, "media.verdict", dies)
    stage.tell()
    stage.run()

    assert stage.steps()["compose", "-"].state is StepState.REVIEW
    assert stage.job().state is JobState.OPEN
