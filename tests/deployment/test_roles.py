"""Every function may do what it does, and nothing else. What it does is seen: every call of every port."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, cast

import pytest

from deploy import rights, template
from local.standins.fc.state import Ran
from shared.console import sessions
from shared.console.desk import Desk
from shared.domain import keys
from shared.domain.job import WHOLE, StepState
from shared.domain.keys import Asset
from shared.engine import enrolment, narrators, withdrawal
from shared.engine.effects import EffectState
from shared.pipeline import BESIDE, FUNCTIONS
from shared.ports import Bucket, Columns, Kind, Place, Table, Uploads
from tests.console.house import Visitor, opened
from tests.console.telling import begin
from tests.deployment import role_checks
from tests.deployment.broken import GONE, broken
from tests.deployment.conftest import ACCOUNT, rendered
from tests.deployment.lines import located
from tests.deployment.needs import Need, needs
from tests.simulation.choke import choked, throttle
from tests.simulation.quick import quickly
from tests.simulation.simulation import Simulation
from tests.simulation.swarm import draw
from tests.stage import Stage
from tests.toys import toy_film, toy_png, toy_wav

SEEDS = range(24)
NOT_SEEN_IN_ROLES = {
    ("log", rights.LOG): "FC writes the log with the function's role",
    ("queue failed", rights.SEND): "FC sends what it gives up with the function's role",
}
ALL = (*FUNCTIONS, *BESIDE)
LATE_STEP: Columns = {"state": StepState.DONE.value, "fence": ""}
LATE_EFFECT: Columns = {
    "state": EffectState.DONE.value,
    "kind": Kind.NONE.value,
    "fence": "",
    "inputs": "",
    "since": 0.0,
}


def test_the_template_holds_the_roles_that_are_declared(services: dict[str, Any], stack: dict[str, Any]) -> None:
    prefix = str(services["speak"]["functionName"]).removesuffix("-speak")

    assert located(role_checks.own_roles(services, stack, prefix, ACCOUNT)) == []
    assert located(role_checks.short_enough(stack)) == []


def test_the_template_is_as_it_is_written_from_the_tables() -> None:
    text = template.TEMPLATE.read_text()

    assert template.written(text) == text


STATEMENT = "SpeakRole.Properties.Policies.0.PolicyDocument.Statement"
WRONG = [
    (f"{STATEMENT}.1.Action.0", "oss:GetObjectAcl", "SpeakRole: speak may oss:GetObjectAcl on acs:"),
    (f"{STATEMENT}.1", GONE, "SpeakRole: speak needs "),
    (f"{STATEMENT}.1.Resource.0", "*", "on *, which nothing needs"),
    ("SpeakRole", GONE, "speak: template.yaml creates no role echobot-speak"),
    ("SpeakRole.Properties.RoleName", "echobot-speaker", "speak: template.yaml creates no role echobot-speak"),
]


@pytest.mark.parametrize(("path", "value", "said"), WRONG)
def test_a_right_too_few_or_too_many_is_named(path: str, value: object, said: str) -> None:
    services, stack = rendered("echobot")

    findings = list(role_checks.own_roles(services, broken(stack, path, value), "echobot", ACCOUNT))

    assert any(said in finding for finding in findings), findings


def test_a_function_with_the_role_of_another_is_named() -> None:
    services, stack = rendered("echobot")
    services = broken(services, "speak.role", "acs:ram::1:role/echobot-sweep")

    findings = list(role_checks.own_roles(services, stack, "echobot", ACCOUNT))

    assert findings == ["speak.role: it runs as echobot-sweep, not as echobot-speak"]


def test_a_policy_that_is_too_long_is_named() -> None:
    _, stack = rendered("echobot")
    many = [{"Effect": "Allow", "Action": ["oss:GetObject"], "Resource": ["x" * 100]}] * 60

    findings = list(role_checks.short_enough(broken(stack, STATEMENT, many)))

    assert [finding.partition(" has")[0] for finding in findings] == ["SpeakRole: its policy"]


@pytest.mark.parametrize("function", ALL)
def test_a_function_may_do_all_that_it_does(function: str) -> None:
    may = {(place, action) for place, actions in rights.of(function).items() for action in actions}

    assert {need for need in seen()[function] if need not in may and not _is_within(need, may)} == set()


def test_each_group_of_rights_is_used_by_somebody() -> None:
    """A right that nobody was ever seen to use is a right too many."""
    used = {need for found in seen().values() for need in found} | set(NOT_SEEN_IN_ROLES)
    used |= {(place, "oss:DeleteObjectVersion") for place, action in used if action == rights.DELETE}
    used |= {(place, "oss:ListObjectVersions") for place, action in used if action == rights.LIST}
    granted = {(place, action) for name in ALL for place, actions in rights.of(name).items() for action in actions}

    assert {right for right in granted if right not in used and right not in RARE} == set()


RARE = {
    ("list output/results/", "oss:ListObjects"): "goes with the versions of a result that is replaced",
    ("list output/results/", "oss:ListObjectVersions"): "as above",
    ("input/", rights.GET): "a request's files lie anywhere",
}


def test_exactly_the_functions_whose_effects_are_jobs_of_ims_may_submit_them() -> None:
    wanted = {
        name: {action for kind in step.effects.values() for action in rights.SUBMITS.get(kind, ())}
        for name, step in FUNCTIONS.items()
    }
    given = {name: {one for one in rights.of(name).get("ims", ()) if "Submit" in one} for name in ALL}

    assert given == {**{name: set() for name in BESIDE}, **wanted}
    assert {kind for step in FUNCTIONS.values() for kind in step.effects.values()} >= set(rights.SUBMITS)
    assert set(rights.SUBMITS) == set(rights.QUERIES) == {kind for kind in Kind if kind.provider == "ims"}


# --- what functions were seen to do


@cache
def seen() -> dict[str, set[Need]]:
    """What each function needed while stories were told, refused, withdrawn and rescued in the weather of some seeds,
    and while a request ran.
    """
    found: dict[str, set[Need]] = {name: set() for name in ALL}
    with quickly():
        for seed in SEEDS:
            _Watched(seed, found).play()
    _requests(found)
    _page(found)
    _corrections(found)
    _wishes(found)
    return found


class _Watched(Simulation):
    def __init__(self, seed: int, found: dict[str, set[Need]]) -> None:
        self.found = found
        super().__init__(draw(seed))

    def _at(self, name: str, method: Callable[..., Any], args: tuple[Any, ...], more: dict[str, Any]) -> Any:
        if self.writer is not None and self.writer.function in self.found:
            self.found[self.writer.function].update(needs(name, args, more))
        return super()._at(name, method, args, more)


class _WatchedStage(Stage):
    """The functions of one stage, each call noted."""

    def __init__(self, found: dict[str, set[Need]]) -> None:
        super().__init__()
        running: list[str] = []

        def note(name: str, method: Callable[..., Any], args: tuple[Any, ...], more: dict[str, Any]) -> Any:
            found[running[-1]].update(needs(name, args, more))
            return method(*args, **more)

        def around(function: str, run: Callable[[], None]) -> None:
            running.append(function)
            try:
                run()
            finally:
                running.pop()

        throttle(self, note)
        self.around = around

    def put(self, key: str, body: bytes) -> None:
        self.world.objects.write(Place(Bucket.INPUT, key), body, "application/octet-stream")


def _requests(found: dict[str, set[Need]]) -> None:
    """One that is run, one that is refused, one that is withdrawn, and uploads that nobody can read."""
    stage = _WatchedStage(found)
    stage.put("requests/samples/portrait.png", toy_png(600, 800))
    stage.put("requests/samples/voice.wav", toy_wav(6.0))
    emo = {"image_url": "requests/samples/portrait.png", "audio_url": "requests/samples/voice.wav"}
    for name in ("first", "second"):
        stage.put(keys.request(name), json.dumps({"model": "emo-v1", "input": emo}).encode())
    stage.put(keys.request("odd"), b"{")
    stage.put("requests/Not a name.json", b"{}")
    stage.put("inbox/my-story/poem.txt", b"?")
    stage.tell("faceless", consent=None, photo=b"no picture")
    stage.tell("whole")
    for function in ("intake", "generate", "speak", "recheck", "ims_callback", "model_studio_callback", "failed"):
        stage.stand_ins.fc.invoke_async(f"echobot-{function}", b"not json")
    stage.run(60.0)
    withdrawal.erase(stage.world, keys.request_job("second"))
    withdrawal.erase(stage.world, "whole")
    _come_late(stage, "whole")
    stage.timing.run(2 * enrolment.ON_ITS_WAY_S)
    stage.stand_ins.fc.invoke_async("echobot-sweep", b"{}")
    stage.run()


def _page(found: dict[str, set[Need]]) -> None:
    """A family starts a story, has it erased, and keeps a parent; the operator looks on."""
    with opened() as house:
        stage = house.stage

        def note(name: str, method: Callable[..., Any], args: tuple[Any, ...], more: dict[str, Any]) -> Any:
            found["console"].update(needs(name, args, more))
            return method(*args, **more)

        stage.tell("earlier", photo=b"no picture")
        stage.run()
        family = house.add()
        house.desk = Desk(choked(stage.world, note), cast("Uploads", _Noted(house.desk.uploads, note)))
        job_id = begin(family, narrator={"label": "mama", "is_new": True})
        for path in ("/", "/new", f"/stories/{job_id}", f"/stories/{job_id}/clips/0001"):
            family.get(path)
        part = {"asset": "film", "extension": "mp4", "upload": "0", "numbers": [1]}
        family.post(f"/stories/{job_id}/parts", part)
        family.post(f"/stories/{job_id}/files", {"asset": "photo", "extension": "jpg", "size": 9})
        stage.run()
        for path in ("/", f"/stories/{job_id}", f"/stories/{job_id}/captions.vtt"):
            family.get(path)
        family.post(f"/stories/{job_id}/erase", {"confirm": job_id})
        family.post(f"/stories/{begin(family)}/cancel")
        operator = Visitor(house)
        operator.enter(sessions.operator_token(stage.world))
        operator.get("/operator")


class _Noted:
    """A port each of whose calls is noted."""

    def __init__(self, port: Uploads, note: Callable[..., Any]) -> None:
        self._port = port
        self._note = note

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._port, name)
        return lambda *args, **more: self._note(f"uploads.{name}", method, args, more)


def _corrections(found: dict[str, set[Need]]) -> None:
    """Stories that wait for a yes, one of them tasted, or for a larger budget; corrections: one told, one wrong, one
    that the sweep finds.
    """
    stage = _WatchedStage(found)
    stage.tell("asked", options=b'{"quote": "wait"}')
    stage.tell(
        "tasted", options=b'{"quote": "taste"}', film=toy_film(32.0, ((11.0, 14.0, "从前。"), (24.0, 27.0, "晚安。")))
    )
    stage.tell("fox")
    stage.run()
    stage.upload("tasted", Asset.EDITS, "json", b'{"lines": {"2": {"text": "changed"}}}')
    stage.run()
    for job_id in ("asked", "tasted"):
        stage.upload(job_id, Asset.YES, "json", b"")
    stage.upload("fox", Asset.EDITS, "json", b"?")
    stage.run()
    stage.timing.advance(1.0)
    stage.upload("fox", Asset.EDITS, "json", b'{"lines": {"2": {"text": "changed"}}}')
    stage.run()
    stage.tell("poor")
    stage.run(40.0, sweep_every_s=None)
    stage.world.rows.merge(Table.JOBS, ("poor",), {"budget_yuan": 0.02})
    stage.run(1800.0)
    assert any(row.state is StepState.REVIEW for row in stage.steps("poor").values())
    stage.timing.run(60.0)
    stage.upload("poor", Asset.YES, "json", b'{"budget_yuan": 50}')
    stage.run()
    stage.upload("fox", Asset.CAPTIONS, "srt", b"1\n00:00:01,000 --> 00:00:03,000\nchanged\n")
    stage.run()
    runner, stage.stand_ins.fc._runner = stage.stand_ins.fc._runner, lambda _it: Ran(b"lost")
    stage.upload("asked", Asset.EDITS, "json", b'{"lines": {"1": {"drop": true}}}')
    stage.timing.run(60.0)
    stage.stand_ins.fc._runner = runner
    for _ in range(2):
        stage.stand_ins.fc.invoke_async("echobot-sweep", b"{}")
        stage.run()


def _wishes(found: dict[str, set[Need]]) -> None:
    """A narrator wishes to be forgotten, and the command dies over it: the sweep does the rest."""
    stage = _WatchedStage(found)
    stage.put("narrators/mama/voice.wav", toy_wav(6.0))
    wish: Columns = {"narrator": "mama", "since": stage.timing.now(), "look_at": 0.0}
    stage.world.rows.insert(Table.WATCH, (narrators.WISH, "a-wish"), wish)
    stage.stand_ins.fc.invoke_async("echobot-sweep", b"{}")
    stage.run()


def _come_late(stage: Stage, job_id: str) -> None:
    """What was on its way when its job was erased."""
    stage.upload(job_id, Asset.PHOTO, "png", toy_png())
    stage.world.rows.insert(Table.STEPS, (job_id, "script", WHOLE), LATE_STEP)
    stage.world.rows.insert(Table.EFFECTS, (job_id, "script", WHOLE, "words"), LATE_EFFECT)


def _is_within(need: Need, may: set[Need]) -> bool:
    """A right on a whole bucket holds for each prefix in it."""
    place, action = need
    return (f"{place.partition('/')[0]}/", action) in may
