"""Nothing secret reaches a log, whichever way it goes: every form of a secret, every line that is logged anywhere,
every kind of error, and the errors that leave a function for FC's own log.
"""

from __future__ import annotations

import ast
import io
import json
import logging
import re
import traceback
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.standins.doors.inprocess import in_process
from local.standins.doors.router import Router
from local.standins.http import Request, Response
from local.standins.timing import VirtualTiming
from shared import log, wiring
from shared.clients.cosyvoice import CosyVoices
from shared.clients.credentials import Credentials
from shared.clients.ims import ImsMediaJobs
from shared.clients.mns import MnsQueues
from shared.clients.model_studio import ModelStudioAvatars
from shared.clients.oss import OssObjects
from shared.clients.tablestore import TablestoreRows
from shared.domain.errors import Conflict, Corrupt, EchobotError, Offline, Refused, Retry, Review, Unknown
from shared.engine.world import World
from shared.ports import Bucket, Kind, Place, Queue, Table
from shared.settings import Settings
from tests.engine.given import always, done, interpose, object_event, open_job, wake_event
from tests.security.secrets_in_text import FORMS, NAMES, leaks, secrets
from tests.stage import CONSENT, Stage, StageWorld
from tests.toys import toy_film

ROOT = Path(log.__file__).parents[1]
QUICK = settings(deadline=None, database=None)


def logged(**fields: object) -> str:
    stream = io.StringIO()
    log.json_lines(stream, VirtualTiming(1.79e9), function="speak")("event", fields)
    line = stream.getvalue()
    line.encode()
    json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))

    assert line.count("\n") == 1
    return line


# --- every form of a secret


@QUICK
@given(leaks())
def test_no_form_of_a_secret_is_written(leak: tuple[str, str]) -> None:
    secret, text = leak

    assert secret not in logged(note=text)


@QUICK
@given(leaks(), st.integers(0, 6))
def test_a_secret_is_found_however_deep_it_lies(leak: tuple[str, str], shape: int) -> None:
    secret, text = leak
    shapes: list[Callable[[Any], object]] = [
        lambda it: {"a": {"b": [it]}},
        lambda it: (it, [it], {"c": (it,)}),
        lambda it: {it: "as a name"},
        ValueError,
        lambda it: [RuntimeError({"headers": it})],
        lambda it: it.encode(),
        lambda it: {"a": {"a": {"a": {"a": {"a": {"a": {"a": it}}}}}}},
    ]

    assert secret not in logged(note=shapes[shape](text))


@QUICK
@given(secrets(), st.sampled_from(NAMES))
def test_what_goes_under_the_name_of_a_secret_is_not_written(secret: str, name: str) -> None:
    assert secret[:8] not in logged(**{name: secret[:8], "headers": {name.upper(): [secret[:8]]}})


@QUICK
@given(leaks(), st.integers(0, 5_000))
def test_a_secret_that_is_cut_in_two_by_the_limit_is_not_written(leak: tuple[str, str], before: int) -> None:
    secret, text = leak

    assert secret[:16] not in logged(note="很 " * before + text)


@QUICK
@given(st.recursive(st.one_of(st.none(), st.floats(), st.integers(), st.text(), st.binary()), st.lists, max_leaves=20))
def test_any_value_makes_one_line_of_json(value: object) -> None:
    logged(note=value, other={"x": value})


def test_a_line_is_bounded() -> None:
    line = logged(note="很 " * 1_000_000, many=list(range(100_000)), deep={"a": {"b": {"c": {"d": {"e": {"f": "g"}}}}}})

    assert len(line) < 10_000


def test_what_is_no_secret_stays() -> None:
    kept = {
        "job": "fox-2026",
        "key": "steps/speak/fox-2026/0001.json",
        "code": "vendor.unanswered",
        "task": "0385dc79-5ff8-4d82-bcb6-9d1f7c2a4b6e",
        "request": "58F9FF2D3DF792092E12044C",
        "digest": "v1:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "ours": True,
        "attempt": 3,
    }

    assert json.loads(logged(**kept)) == {"at": 1.79e9, "event": "event", "function": "speak", **kept}


# --- every line that is logged


def sources() -> list[Path]:
    return sorted([*(ROOT / "shared").rglob("*.py"), *(ROOT / "functions").rglob("*.py")])


def log_calls() -> dict[str, tuple[str, list[str]]]:
    """Each line that is logged in what ships, by its place: its event, and the names of its fields as far as told."""
    found = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("world.log"):
                event, given_fields = node.args
                names = (
                    [ast.literal_eval(key) for key in given_fields.keys if key]
                    if isinstance(given_fields, ast.Dict)
                    else []
                )
                found[f"{path.relative_to(ROOT)}:{node.lineno}"] = (ast.literal_eval(event), names)
    return found


CALLS = log_calls()


def test_nothing_that_ships_writes_but_through_the_log() -> None:
    """No print, no logger of its own; standard output is known to the composition root alone."""
    found = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = ast.unparse(node) if isinstance(node, (ast.Attribute, ast.Name)) else ""
            if name in {"print", "sys.stdout", "sys.stderr", "traceback", "warnings"} or re.fullmatch(
                r"logging\.\w+", name
            ):
                found.append((str(path.relative_to(ROOT)), name))

    assert sorted(set(found)) == [
        ("shared/clients/lean_requests.py", "warnings"),
        ("shared/clients/transport.py", "logging.CRITICAL"),
        ("shared/clients/transport.py", "logging.getLogger"),
        ("shared/wiring.py", "sys.stdout"),
    ]


class Says:
    """A service that gives one answer to everything."""

    def __init__(self, response: Response) -> None:
        self._response = response

    def handle(self, request: Request) -> Response:
        return self._response


class Overheard(StageWorld):
    """Writes what is logged as a function would, and remembers who logged it."""

    written: io.StringIO
    seen: set[str]

    def log(self, event: str, fields: Any) -> None:
        self.seen.add(event)
        log.json_lines(self.written, self.clock)(event, fields)


def overheard(stage: Stage) -> Overheard:
    world = Overheard(**{field.name: getattr(stage.functions_world, field.name) for field in fields(StageWorld)})
    world.written, world.seen = io.StringIO(), set()
    stage.functions_world = world
    return world


SECRET = "K7f3QhTz9LmN2pRs8VwXy4Bc6Dd1EaZ7"
LEAK = " ".join(form.format(SECRET) for form in FORMS)
ERRORS: dict[str, Callable[[], Exception]] = {
    "refused": lambda: Refused("photo.rejected", LEAK, vendor_code=LEAK),
    "offline": lambda: Offline("engine.offline", LEAK, model=LEAK),
    "retry": lambda: Retry("vendor.busy", LEAK, vendor_code=LEAK),
    "unknown": lambda: Unknown("vendor.unanswered", LEAK, vendor_code=LEAK),
    "conflict": lambda: Conflict("row.moved", LEAK),
    "review": lambda: Review("ledger.ambiguous", LEAK),
    "corrupt": lambda: Corrupt("vendor.rejected", LEAK, vendor_code=LEAK),
    "unforeseen": lambda: RuntimeError(LEAK),
}
PORT_CALLS = (
    "channels.tell",
    "avatars.detect",
    "media.split_music",
    "voices.enrol",
    "objects.share",
    "rows.insert",
    "objects.listing",
)


def a_failing_call(call: str, error: str) -> Overheard:
    """A story in which one call of a port fails again and again."""
    stage = Stage()
    world = overheard(stage)
    stage.tell()
    interpose(stage, call, always(ERRORS[error]))
    heard = stage.functions_world
    assert isinstance(heard, Overheard)
    heard.written, heard.seen = world.written, world.seen
    stage.run(for_s=900.0)
    return heard


def the_odd_ends() -> Overheard:
    """What else there is to log: keys, events and payloads that are not as they should be."""
    stage = Stage()
    world = overheard(stage)
    open_job(stage.world)
    done(stage.world, "separate")
    inbox, work = stage.settings.input_bucket, stage.settings.work_bucket
    stage.call("intake", object_event(inbox, f"inbox/{LEAK[:200]}/story.mp4", "inbox/other/consent.json"))
    for function in ("speak", "ims_callback", "model_studio_callback", "recheck", "failed", "intake"):
        stage.call(function, LEAK.encode())
        stage.call(
            function, json.dumps({"events": [{"oss": {"bucket": {"name": work}, "object": {"key": LEAK}}}]}).encode()
        )
    stage.call("ims_callback", json.dumps({"JobId": "foreign"}).encode())
    stage.call("model_studio_callback", json.dumps({"task_id": SECRET}).encode())
    stage.call("failed", json.dumps({"function": LEAK, "reason": LEAK, "poison": LEAK}).encode())
    given_up = {"requestPayload": json.loads(wake_event("clone")), "responsePayload": {"errorMessage": LEAK}}
    stage.call("failed", json.dumps(given_up).encode())
    stage.call("separate", wake_event("separate"))
    stage.call("sweep", b"{}")
    return world


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("call", PORT_CALLS)
def test_an_error_of_any_kind_tells_the_log_no_secret(call: str, error: str) -> None:
    world = a_failing_call(call, error)

    assert world.written.getvalue()
    assert SECRET not in world.written.getvalue()


def test_odd_keys_and_payloads_tell_the_log_no_secret() -> None:
    assert SECRET not in the_odd_ends().written.getvalue()


@pytest.mark.parametrize("place", CALLS)
def test_each_line_that_is_logged_hides_what_its_fields_may_hold(place: str) -> None:
    event, names = CALLS[place]

    assert SECRET not in logged(told=event, **{**dict.fromkeys(names, LEAK), "more": {LEAK: LEAK}})


def test_the_lines_that_are_logged_are_found() -> None:
    events = {event for event, _ in CALLS.values()}

    assert {"turn", "skipped", "put aside", "lost", "reported", "strange key", "swept", "gave up"} <= events
    assert overheard_events() <= events


def overheard_events() -> set[str]:
    seen = the_odd_ends().seen
    for call, error in (("media.split_music", "conflict"), ("rows.insert", "conflict"), ("objects.listing", "retry")):
        seen |= a_failing_call(call, error).seen
    return seen


# --- what a family says


def test_no_word_of_a_family_reaches_the_log() -> None:
    """Neither who agreed, nor to what, nor what is told: also where each of it is refused."""
    who, agreed, told = "王小明的妈妈", "我同意这段话", "小狐狸数星星"
    consent = {**CONSENT, "who": who, "text": agreed}
    film = toy_film(10.0, [(1.0, 4.0, told)])
    sets: list[dict[str, bytes | None]] = [
        {"consent": json.dumps(consent).encode(), "film": film},
        {"consent": json.dumps({**consent, "face": agreed}).encode(), "film": film},
        {"consent": agreed.encode(), "options": who.encode(), "film": film},
        {"options": json.dumps({"narrator": who, "style": agreed}).encode(), "film": film},
        {"captions": f"1\n00:00:01,000 --> 00:00:02,000\n{told * 200}\n".encode(), "film": film},
    ]
    for given_set in sets:
        stage = Stage()
        world = overheard(stage)
        stage.tell(**given_set)
        stage.run()
        written = world.written.getvalue()

        assert written
        assert not [word for word in (who, agreed, told) if word in written]


# --- what leaves a function for FC's own log


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_that_leaves_a_function_holds_no_secret(error: str) -> None:
    def run(event: object, world: World) -> None:
        failure = ERRORS[error]()
        raise failure from RuntimeError(LEAK)

    with pytest.raises(wiring.CrashedError) as crashed:
        wiring.entry(run)(b"{}", SimpleNamespace(request_id="1-a", function=SimpleNamespace(timeout=60)))
    written = "".join(traceback.format_exception(crashed.value))

    assert SECRET not in written
    assert "in run" in written


def test_sdks_write_no_secret_into_the_root_logger(caplog: pytest.LogCaptureFixture) -> None:
    """FC hands everything from INFO on to the log service."""
    env = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": f"STS.{SECRET}",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": SECRET,
        "ALIBABA_CLOUD_SECURITY_TOKEN": SECRET,
    }
    refused = Response(403, {}, f'{{"Code": "SignatureDoesNotMatch", "Message": "{SECRET}"}}'.encode())
    chosen = Settings(account_id="1234567890123456", model_studio_api_key=f"sk-{SECRET}")
    here = Place(Bucket.WORK, "jobs/fox/x")
    with in_process(Router(dict.fromkeys(("oss", "tablestore", "mns", "ims", "model_studio"), Says(refused)))):
        calls: list[Callable[[], object]] = [
            lambda: OssObjects(chosen, env).write(here, b"x", "text/plain"),
            lambda: TablestoreRows(chosen, env).get(Table.JOBS, ("fox",)),
            lambda: MnsQueues(chosen, env).send(Queue.RECHECK, "x"),
            lambda: ImsMediaJobs(chosen, env).verdict(Kind.IMS_SMART, "j"),
            lambda: ModelStudioAvatars(chosen).verdict("t"),
            lambda: CosyVoices(chosen).verdict("v"),
        ]
        with caplog.at_level(logging.INFO):
            for call in calls:
                with pytest.raises(EchobotError) as error:
                    call()
                assert SECRET not in log.redact_text(str(error.value))

    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "name", [one.name for one in fields(Settings) if re.search("secret|token|password|key", one.name)]
)
def test_settings_print_no_secret(name: str) -> None:
    """A new one is found by its name."""
    given_settings = replace(Settings(), **{name: SECRET})  # type: ignore[arg-type]  # a text, as its name says

    assert SECRET not in repr(given_settings)
    assert SECRET not in logged(settings=given_settings)


def test_what_holds_a_key_does_not_print_it() -> None:
    env = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": SECRET}

    assert SECRET not in repr(Credentials({**env, "ALIBABA_CLOUD_SECURITY_TOKEN": SECRET}).read())
