"""A function runs in a process of its own, as FC would make it, and ends with it."""

from __future__ import annotations

import hashlib
import json
import os
import select
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from local.runtime.runner import ROOT, ProcessRunner
from local.standins.fc.state import Function, Invocation, Ran

pytestmark = pytest.mark.loopback

Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessRunner]:
    env = {"ECHOBOT_ENDPOINT": "http://127.0.0.1:9", "SHARED": "from the runner"}
    runner = ProcessRunner(tmp_path_factory.mktemp("logs"), "cn-beijing", "1234567890123456")
    runner.wait(env)
    yield runner
    runner.close()


@pytest.fixture
def run(runner: ProcessRunner, tmp_path: Path) -> Run:
    """Run the body of a handler: `run("return event")`."""

    def run(body: str, event: bytes = b"{}", *, timeout_s: int = 20, env: dict[str, str] | None = None) -> Ran:
        code = "import json, os, sys\n\n\ndef handler(event, context):\n" + textwrap.indent(
            textwrap.dedent(body), "    "
        )
        (tmp_path / "handler.py").write_text(code + "\n")
        function = Function("echobot-tiny", str(tmp_path), timeout_s=timeout_s, memory_mb=256, env=env or {})
        return runner(Invocation(function, "request-1", event))

    return run


def document(ran: Ran) -> dict[str, object]:
    found: dict[str, object] = json.loads(ran.body)
    return found


# --- what it gets


@pytest.mark.parametrize("event", [b"{}", b"", "狐狸".encode(), b"\xff\x00\n\xfe", b"x" * 300_000])
def test_the_event_arrives_as_it_was_sent(run: Run, event: bytes) -> None:
    ran = run("import hashlib; return [type(event).__name__, hashlib.sha256(event).hexdigest()]", event)

    assert json.loads(ran.body) == ["bytes", hashlib.sha256(event).hexdigest()]


def test_the_context_is_that_of_the_python_312_runtime(run: Run) -> None:
    ran = run(
        """
        function = context.function
        return {
            "request_id": context.request_id,
            "region": context.region,
            "account_id": context.account_id,
            "function": [function.name, function.handler, function.memory, function.timeout, function.qualifier],
            "has_credentials": hasattr(context, "credentials"),
        }
        """
    )

    assert document(ran) == {
        "request_id": "request-1",
        "region": "cn-beijing",
        "account_id": "1234567890123456",
        "function": ["echobot-tiny", "handler.handler", 256, 20, "LATEST"],
        "has_credentials": False,
    }


def test_its_environment_is_its_own_and_the_runners_and_nothing_else(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_CALLER", "must not be seen")

    env = document(run("return dict(os.environ)", env={"OF_THE_FUNCTION": "1", "SHARED": "of the function"}))

    assert env["OF_THE_FUNCTION"] == "1"
    assert env["SHARED"] == "from the runner"
    assert env["ECHOBOT_ENDPOINT"] == "http://127.0.0.1:9"
    assert (env["FC_FUNCTION_NAME"], env["FC_REGION"], env["FC_ACCOUNT_ID"]) == (
        *("echobot-tiny", "cn-beijing", "1234567890123456"),
    )
    assert "OF_THE_CALLER" not in env


def test_nothing_of_one_invocation_is_left_for_the_next(run: Run) -> None:
    """Neither variables, nor modules, nor what was changed in a module that was loaded before."""
    body = """
        seen = [os.environ.get("LEFT"), getattr(json, "left", None), "mailbox" in sys.modules, os.getcwd()]
        os.environ["LEFT"] = json.left = "behind"
        import mailbox
        os.chdir("/")
        return seen
    """

    first, second = run(body), run(body)

    assert first.body == second.body
    assert json.loads(second.body)[:3] == [None, None, False]


def test_the_code_folder_comes_first_and_the_projects_layer_is_there(run: Run, tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("name = 'beside'\n")

    ran = run("import beside, shared.pipeline; return [beside.name, len(shared.pipeline.STEPS) > 5]")

    assert json.loads(ran.body) == ["beside", True]


# --- what it gives


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("return 'text 狐狸'", "text 狐狸".encode(), id="text as it is"),
        pytest.param("return b'bytes \\xe7\\x8b\\x90'", b"bytes \xe7\x8b\x90", id="bytes as they are"),
        pytest.param("return b'\\xff\\x00'", b"\xff\x00", id="bytes of no text"),
        pytest.param("return {'a': [1, None]}", b'{"a": [1, null]}', id="anything else as JSON"),
        pytest.param("pass", b"null", id="nothing"),
        pytest.param("return 'x' * 2_000_000", b"x" * 2_000_000, id="much"),
    ],
)
def test_what_it_returns_is_the_answer(run: Run, body: str, expected: bytes) -> None:
    assert run(body) == Ran(expected)


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        pytest.param("raise ValueError('no 狐狸')", "ValueError", "no 狐狸", id="an exception"),
        pytest.param("import nowhere", "ModuleNotFoundError", "No module named 'nowhere'", id="an import"),
        pytest.param("return object", "TypeError", "Object of type type is not JSON serializable", id="no JSON"),
    ],
)
def test_what_it_raises_is_an_answer_too(run: Run, body: str, kind: str, message: str) -> None:
    ran = run(body)

    assert ran.error_type == "UnhandledInvocationError"
    error = document(ran)
    assert (error["errorType"], error["errorMessage"]) == (kind, message)
    assert error["stackTrace"]


def test_code_that_cannot_be_loaded_is_an_error_of_the_function(runner: ProcessRunner, tmp_path: Path) -> None:
    for handler, kind in (("nowhere.handler", "ModuleNotFoundError"), ("handler.nowhere", "AttributeError")):
        (tmp_path / "handler.py").write_text("def handler(event, context): ...\n")
        ran = runner(Invocation(Function("echobot-none", str(tmp_path), handler), "request-1", b""))

        assert ran.error_type == "UnhandledInvocationError"
        assert document(ran)["errorType"] == kind


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("os._exit(3)", id="it leaves"),
        pytest.param("import signal; os.kill(os.getpid(), signal.SIGKILL)", id="it is killed"),
        pytest.param("sys.exit(0)", id="it exits"),
    ],
)
def test_a_process_that_ends_without_an_answer_is_an_error(run: Run, body: str) -> None:
    ran = run(body)

    assert ran.error_type == "FunctionExited"
    assert document(ran)["errorMessage"] == "the process ended without an answer"


def test_a_function_that_takes_too_long_is_killed(run: Run, tmp_path: Path) -> None:
    held = tmp_path / "held"
    os.mkfifo(held)
    reader = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
    try:
        ran = run(f"held = open({str(held)!r}, 'w'); import threading; threading.Event().wait()", timeout_s=1)

        assert ran.error_type == "FunctionTimedOut"
        assert document(ran)["errorMessage"] == "Function timed out after 1 seconds"
        is_closed, _, _ = select.select([reader], [], [], 10.0)  # the other end closes when its process is gone
        assert is_closed
        assert os.read(reader, 1) == b""
    finally:
        os.close(reader)


def test_a_crash_does_not_disturb_the_next_invocation(run: Run) -> None:
    run("os._exit(3)")

    assert run("return 'well'") == Ran(b"well")


def test_what_it_prints_goes_to_its_log_and_not_into_the_answer(run: Run, runner: ProcessRunner) -> None:
    ran = run("print('a line 狐狸'); print('an error', file=sys.stderr); return 'answer'")

    assert ran == Ran(b"answer")
    log = (runner._logs / "echobot-tiny.log").read_text()
    assert "a line 狐狸" in log
    assert "an error" in log


def test_a_runtime_that_is_gone_fails_the_invocation_and_not_its_caller(tmp_path: Path) -> None:
    """FC tries a failed invocation again; what a caller raises nobody would."""
    runner = ProcessRunner(tmp_path / "logs", "cn-beijing", "1")
    runner.wait({})
    runner.close()
    (tmp_path / "handler.py").write_text("def handler(event, context): ...\n")

    ran = runner(Invocation(Function("echobot-tiny", str(tmp_path)), "request-1", b""))

    assert ran.error_type == "ServiceUnavailable"


def test_nothing_runs_before_it_is_known_in_which_environment(tmp_path: Path) -> None:
    runner = ProcessRunner(tmp_path / "logs", "cn-beijing", "1")
    try:
        ran = runner(Invocation(Function("echobot-tiny", str(tmp_path)), "request-1", b""))
    finally:
        runner.close()

    assert ran.error_type == "ServiceUnavailable"


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    runner = ProcessRunner(tmp_path, "cn-beijing", "1")
    folder = runner._folder
    runner.wait({})
    runner.close()
    runner.close()

    assert not folder.exists()
    assert runner._zygote.poll() is not None


STARTING = """
from pathlib import Path
from local.runtime.runner import ProcessRunner
from local.standins.fc.state import Function, Invocation
runner = ProcessRunner(Path({folder!r}), "cn-beijing", "1")
runner.wait({{}})
print(runner._zygote.pid, runner._folder, flush=True)
runner(Invocation(Function("echobot-tiny", {folder!r}), "request-1", b""))
"""
HANGING = """
import os, threading
def handler(event, context):
    with open({said!r}, "w") as said:
        said.write(str(os.getpid()))
    threading.Event().wait()
"""


def test_nothing_outlives_a_cloud_that_was_killed(tmp_path: Path) -> None:
    """SIGKILL: no handler runs in the process that started the runtime."""
    said = tmp_path / "said"
    os.mkfifo(said)
    (tmp_path / "handler.py").write_text(HANGING.format(said=str(said)))
    starting = [sys.executable, "-c", STARTING.format(folder=str(tmp_path))]
    with subprocess.Popen(starting, cwd=ROOT, stdout=subprocess.PIPE, text=True) as cloud:  # noqa: S603  our own words
        assert cloud.stdout is not None
        number, folder = cloud.stdout.readline().split()
        left = [psutil.Process(int(number)), psutil.Process(int(said.read_text()))]
        cloud.kill()

    _, alive = psutil.wait_procs(left, timeout=20)
    assert not alive
    assert not Path(folder).exists()
