"""The same stand-in on the laptop's clock and real threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from local.engines.workers import EngineFailedError
from local.standins.account import Account
from local.standins.model_studio.state import ModelStudioState
from local.standins.timing import RealTiming
from local.standins.work import PoolWork
from tests.standins.model_studio.conftest import BOXES, PHOTO, SPEECH, Web
from tests.toys import ToyEngines, toy_png, toy_wav

PATIENCE_S = 20.0


@pytest.fixture
def pool() -> Iterator[PoolWork]:
    work = PoolWork(workers=2)
    yield work
    work.close()


@pytest.fixture
def timing() -> Iterator[RealTiming]:
    clock = RealTiming(workers=4)
    yield clock
    clock.close()


def test_tasks_run_on_threads_one_at_a_time_and_all_of_them_end(pool: PoolWork, timing: RealTiming) -> None:
    ended: list[dict[str, Any]] = []
    all_ended = threading.Event()
    busy = 0
    most_busy = 0

    class Watched(ToyEngines):
        def animate(self, *args: Any) -> float:
            nonlocal busy, most_busy
            busy += 1
            most_busy = max(most_busy, busy)
            seconds = super().animate(*args)
            busy -= 1
            return seconds

    def publish(event: dict[str, Any]) -> None:
        ended.append(event)
        if len(ended) == 5:
            all_ended.set()

    web = Web({PHOTO: toy_png(), SPEECH: toy_wav(3)})
    state = ModelStudioState(Account(timing=timing), Watched(), web.fetch, web.keep, publish, pool)
    fields = {"image_url": PHOTO, "audio_url": SPEECH, **BOXES}
    tasks = [
        state.submit_task("emo-v1", fields, {}, "image2video/video-synthesis")["output"]["task_id"] for _ in range(5)
    ]

    assert all_ended.wait(PATIENCE_S)
    assert [event["data"]["task_id"] for event in ended] == tasks
    assert {event["data"]["task_status"] for event in ended} == {"SUCCEEDED"}
    assert most_busy == 1
    assert len(state.register) == 5


def test_an_outcome_reaches_its_taker_whether_it_is_a_result_or_an_error(pool: PoolWork) -> None:
    outcomes: list[object] = []
    taken = threading.Semaphore(0)

    def take(outcome: object) -> None:
        outcomes.append(outcome)
        taken.release()

    def fail() -> int:
        raise ValueError("no")

    pool(lambda: 42, take)
    assert taken.acquire(timeout=PATIENCE_S)
    pool(fail, take)
    assert taken.acquire(timeout=PATIENCE_S)

    assert outcomes[0] == 42
    assert isinstance(outcomes[1], ValueError)


def test_what_is_cut_off_while_closing_has_not_failed(pool: PoolWork) -> None:
    """An engine that is being ended raises; the job must begin anew at the next start, not be remembered as failed."""
    outcomes: list[object] = []
    begun, ended = threading.Event(), threading.Event()

    def cut_off() -> None:
        begun.set()
        assert ended.wait(timeout=PATIENCE_S)
        raise EngineFailedError("the engines are closed")

    pool(cut_off, outcomes.append)
    assert begun.wait(timeout=PATIENCE_S)
    pool.forget()
    ended.set()
    pool.close()
    pool(cut_off, outcomes.append)

    assert outcomes == []
