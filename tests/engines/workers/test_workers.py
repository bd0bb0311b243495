"""An engine may crash, hoard or hang: one call fails, the next one is served, and nothing is left behind."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from local.engines.contract import Engines, RejectionError
from local.engines.counted import Counted
from local.engines.threads import MAX, of_a_model
from local.engines.warming import IMPORTS, LOADED
from local.engines.workers import ROOT, STORY, Crew, EngineFailedError, Worker, WorkerEngines

MODULE = "tests.engines.workers.misbehaving"


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    worker = Worker("film", tmp_path, module=MODULE)
    yield worker
    worker.close()


def test_models_stay_loaded_between_calls(worker: Worker) -> None:
    assert worker.call("pid", {}) == worker.call("pid", {}) == worker.pid


def test_a_crash_fails_one_call_and_the_next_has_a_new_process(worker: Worker) -> None:
    before = worker.call("pid", {})

    with pytest.raises(EngineFailedError, match="the film engine's process was ended by signal 11"):
        worker.call("die", {})
    after = worker.call("pid", {})

    assert before != after == worker.pid


def test_a_process_that_died_unasked_is_replaced(worker: Worker) -> None:
    before = worker.call("pid", {})
    assert isinstance(before, int)
    os.kill(before, signal.SIGKILL)
    assert worker._channel is not None
    assert worker._channel.poll(20)  # its end has been noticed by the system, not yet by the worker

    assert worker.call("pid", {}) != before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts this limit")
def test_more_memory_than_a_process_may_have_fails_the_call_alone(tmp_path: Path) -> None:
    worker = Worker("film", tmp_path, memory_mb=1024, module=MODULE)
    try:
        with pytest.raises(EngineFailedError, match="MemoryError"):
            worker.call("hoard", {"mb": 4096})

        assert worker.call("hoard", {"mb": 10}) == 10
    finally:
        worker.close()


def test_a_refusal_keeps_its_code_and_words(worker: Worker) -> None:
    with pytest.raises(RejectionError) as refusal:
        worker.call("reject", {})

    assert (refusal.value.code, refusal.value.message) == ("InvalidFile.Duration", "too long")


def test_what_is_no_film_is_a_value_error(worker: Worker) -> None:
    with pytest.raises(ValueError, match="no film"):
        worker.call("invalid", {})


def test_a_failure_is_told_and_its_traceback_kept(worker: Worker, tmp_path: Path) -> None:
    with pytest.raises(EngineFailedError, match="KeyError: 'engine'"):
        worker.call("break_down", {})

    assert "in break_down" in (tmp_path / "engine-film.log").read_text()


def test_progress_arrives_with_what_it_counts(worker: Worker) -> None:
    told: list[float] = []

    assert worker.call("count", {}, told.append) == "counted"
    assert told == [0.25, 1.0]
    last = told[-1]
    assert isinstance(last, Counted)
    assert (last.done, last.total, last.unit) == (4, 4, "frames")


def test_a_listener_that_raises_leaves_no_call_half_followed(worker: Worker) -> None:
    def broken(fraction: float) -> None:
        raise LookupError(fraction)

    with pytest.raises(LookupError):
        worker.call("count", {}, broken)

    assert worker.call("pid", {}) == worker.pid


def test_material_is_brought_by_the_asker(worker: Worker, tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(b"film of https://a")

    assert worker.call("bring", {"url": "https://a"}, fetch=lambda _: tmp_path / "film") == b"film of https://a"


def test_material_that_cannot_be_brought_is_the_askers_own_error(worker: Worker) -> None:
    def fetch(url: str) -> Path:
        raise PermissionError(url)

    with pytest.raises(PermissionError, match="https://a"):
        worker.call("bring", {"url": "https://a"}, fetch=fetch)
    assert worker.call("pid", {}) == worker.pid


def test_closing_ends_an_engine_at_work_and_what_it_started(worker: Worker, tmp_path: Path) -> None:
    failed: list[Exception] = []
    thread = threading.Thread(target=lambda: failed.append(outcome(worker, tmp_path / "said")))
    thread.start()
    engine, child = appeared(tmp_path / "said")

    worker.close()
    thread.join(20)

    assert [type(error) for error in failed] == [EngineFailedError]
    assert are_gone(engine, child)
    with pytest.raises(EngineFailedError, match="closed"):
        worker.call("pid", {})


def test_nothing_outlives_a_cloud_that_was_killed(tmp_path: Path) -> None:
    """SIGKILL: no handler runs in the process that started the engines."""
    starting = f"""
from pathlib import Path
from local.engines.workers import Worker
Worker("film", Path({str(tmp_path)!r}), module={MODULE!r}).call("hang", {{"said": Path({str(tmp_path / "said")!r})}})
"""
    with subprocess.Popen([sys.executable, "-c", starting], cwd=ROOT) as cloud:  # noqa: S603  our own words
        engine, child = appeared(tmp_path / "said")
        cloud.kill()

    assert are_gone(engine, child)


def test_everything_the_contract_offers_is_done_in_a_process() -> None:
    offered = {name for name in vars(Engines) if not name.startswith("_")}

    assert offered == {name for name in vars(WorkerEngines) if not name.startswith("_")} - {"warm", "prepare", "close"}
    for family in STORY:
        for module in (*IMPORTS[family], *LOADED.get(family, ())):
            assert importlib.util.find_spec(module), module


class Meeting(Worker):
    """Comes back when as many calls are at work as the barrier waits for."""

    barrier: threading.Barrier

    def call(self, method: str, arguments: dict[str, object], *_: object) -> object:
        self.barrier.wait(20)
        return self


def test_two_of_a_crew_work_side_by_side(tmp_path: Path) -> None:
    crew = Crew([Meeting("voice", tmp_path), Meeting("voice", tmp_path)])
    Meeting.barrier = threading.Barrier(2)

    with ThreadPoolExecutor(4) as asking:
        answered = list(asking.map(lambda _: crew.call("speak", {}), range(4)))

    assert set(answered) == set(crew.workers)


def test_of_a_crew_that_is_free_the_first_is_asked_also_after_a_failure(tmp_path: Path) -> None:
    crew = Crew([Worker("voice", tmp_path, module=MODULE) for _ in range(2)])
    first, second = crew.workers
    try:
        with pytest.raises(RejectionError):
            crew.call("reject", {})

        assert crew.call("pid", {}) == first.pid
        assert second.pid is None
    finally:
        first.close()


def test_made_ready_is_the_process_that_is_asked_first_and_no_other(tmp_path: Path) -> None:
    engines = WorkerEngines(tmp_path)
    try:
        engines.prepare()

        first, *others = (*engines._voices.workers, *engines._workers.values())
        assert is_started(first)
        assert [each.pid for each in others] == [None] * len(others)
    finally:
        engines.close()


def test_a_process_uses_the_threads_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    worker = Worker("voice", tmp_path, module=MODULE, threads=1)
    try:
        assert worker.call("threads", {}) == 1
    finally:
        worker.close()
    assert of_a_model() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    assert of_a_model() == MAX
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    assert 1 <= of_a_model() <= MAX


def outcome(worker: Worker, said: Path) -> Exception:
    try:
        worker.call("hang", {"said": said})
    except EngineFailedError as error:
        return error
    return AssertionError("it came back")


def is_started(worker: Worker) -> bool:
    turn = threading.Event()
    for _ in range(2000):
        if worker.pid is not None:
            return True
        turn.wait(0.01)
    return False


def appeared(said: Path) -> tuple[psutil.Process, psutil.Process]:
    """The engine's process and its child, once it has written them down."""
    turn = threading.Event()
    for _ in range(2000):
        if said.exists():
            engine, child = said.read_text().split()
            return psutil.Process(int(engine)), psutil.Process(int(child))
        turn.wait(0.01)
    raise AssertionError("the engine did not start")


def are_gone(*processes: psutil.Process) -> bool:
    """A zombie that nobody has waited for is gone, too."""
    turn = threading.Event()
    for _ in range(1000):
        if not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in processes):
            return True
        turn.wait(0.01)
    return False
