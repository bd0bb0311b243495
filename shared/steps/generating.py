"""The calls of a request, one after the other, and what is handed over at their end."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from shared.domain import keys, prices, requests, telling
from shared.domain.engines import ENGINES
from shared.domain.errors import Corrupt, Offline, Refused
from shared.domain.requests import Call, Request
from shared.engine import studio
from shared.engine.effects import Answer, Effect, EffectRow, Finished, NotSent, Sent, rows_of
from shared.engine.records import histories
from shared.engine.turn import Done, Later, Outcome, Turn, Waits
from shared.ports import Bucket, Kind, Place
from shared.steps import checks, clips

QUEUE_S = 1800.0  # a net only: whoever leaves the studio wakes the next
RESULT_MB_MAX = 2048
UNREACHED = ("InvalidURL", "InvalidParameter.DataInspection")
RESULT, REPORT, EVIDENCE = "result.mp4", "report.json", "evidence"

Answers = dict[str, object]


def advance(turn: Turn) -> Outcome:
    """Go on with the first call that is not answered yet; those that were are in the ledger, and not made again."""
    request = load(turn)
    answers: Answers = {}
    result: Mapping[str, Any] = {}
    for number, call in enumerate(requests.calls(request), 1):
        try:
            found = _task(turn, request, call, number, answers) if call.is_task else _check(turn, request, call, number)
        except Offline as error:
            raise Refused("request.offline", error.detail, model=call.called) from error
        if isinstance(found, Later | Waits):
            return found
        result = found
        answers |= requests.answered(call, {**found["output"], "template_id": found.get("template_id", "")})
    return Done(hand_over(turn, request, result))


def load(turn: Turn) -> Request:
    """The request as it was when its job opened."""
    return requests.read(turn.world.objects.read(Place(Bucket.WORK, keys.job_request(turn.job.job_id))))


def _check(turn: Turn, request: Request, call: Call, number: int) -> Mapping[str, Any]:
    refusal = "request.unreachable" if _is_elsewhere(request, call) else "request.media"

    def ask() -> Finished:
        body = _signed(turn, call, request, {})
        output = checks.opened(turn, lambda: turn.world.generators.check(call.model.name, body), refusal)
        return Finished({"output": dict(output), "images": 1})

    inputs = {"body": requests.body(call, request, {}, str)}
    price = requests.tariff(call, request, {})
    return turn.do(Effect(name_of(number), Kind.NONE, inputs, ask, repeats=checks.REPEATS, price=price, quantity=1))


def _task(turn: Turn, request: Request, call: Call, number: int, answers: Answers) -> Mapping[str, Any] | Later | Waits:
    """The task's result; or what is waited for: a turn at the model, or the verdict."""
    name, lane = name_of(number), lane_of(turn, call)
    row = turn.ledger.rows().get(name)
    if row is not None and row.has_verdict:
        studio.leave(turn.world, lane, turn.job.job_id, turn.item)
        return _outcome(turn, request, call, name)
    who = studio.Waiting(turn.job.job_id, turn.item, turn.job.family, turn.world.clock.now())
    if not studio.enter(turn.world, lane, who):
        return Later(QUEUE_S, studio.TURN, lambda: studio.is_holder(turn.world, lane, who))
    try:
        turn.submit(_submission(turn, request, call, number, answers))
    except Refused:
        studio.leave(turn.world, lane, turn.job.job_id, turn.item)
        raise
    return Waits(f"the task of {call.called}")


def _outcome(turn: Turn, request: Request, call: Call, name: str) -> Mapping[str, Any]:
    """The task's result. An address of somebody else's that the model could never fetch is its author's to mend; an
    address of ours has died in a long queue.
    """
    try:
        return turn.outcome(name) or {}
    except Corrupt as error:
        code = str(error.fields.get("vendor_code", ""))
        if code.startswith(UNREACHED) and _is_elsewhere(request, call):
            raise Refused("request.unreachable", error.detail, vendor_code=code) from error
        raise


def _is_elsewhere(request: Request, call: Call) -> bool:
    """Whether a file that this call takes lies at an address of somebody else's."""
    taken = {f"input.{one.name}" for one in call.inputs}
    return any("://" in where for name, _, where in requests.files(request) if name in taken)


def _submission(turn: Turn, request: Request, call: Call, number: int, answers: Answers) -> Effect:
    """Urls are signed when the lane is ours, not when the request was read."""

    def submit() -> Answer:
        return Sent(turn.world.generators.submit(call.model.name, _signed(turn, call, request, answers)))

    def find(since: float) -> Answer | NotSent:
        return clips.orphan(turn, call.called, since)

    inputs = {"body": requests.body(call, request, answers, str)}
    price = requests.tariff(call, request, answers)
    seconds_max = requests.seconds(call, request, {})[1]
    return Effect(name_of(number), Kind.GENERATION, inputs, submit, find, price=price, quantity=seconds_max)


def name_of(number: int) -> str:
    return f"call-{number}"


def lane_of(turn: Turn, call: Call) -> str:
    """The queue of the studio in which this job waits for a model: one for each task that may run at once.

    The avatar engines share theirs with the stories, since the limit is the account's. Jobs are dealt out over the
    lanes of a model by their names, so that a job comes to the same one each time.
    """
    settings = turn.world.settings
    engines = {settings.model(name): name for name, engine in ENGINES.items() if engine.has_task}
    if call.called in engines:
        return engines[call.called]
    is_shared = call.called == call.model.name
    lanes = call.model.at_once if is_shared else 1  # an instance of one's own runs one task for each unit
    return f"{call.called}#{zlib.crc32(turn.job.job_id.encode()) % lanes}"


def _signed(turn: Turn, call: Call, request: Request, answers: Answers) -> dict[str, Any]:
    def url_of(where: str) -> str:
        if "://" in where:
            return where
        return turn.world.objects.share(Place(Bucket.INPUT, where), turn.world.settings.share_s)

    return requests.body(call, request, answers, url_of)


# --- what is handed over


def hand_over(turn: Turn, request: Request, result: Mapping[str, Any]) -> Mapping[str, object]:
    """The film (or the answer, where a model makes none), the report and the evidence; each put again is the same."""
    request_id = keys.request_of(turn.job.job_id)
    made = _keep_film(turn, request_id, str(result["url"])) if result.get("url") else {}
    rows = rows_of(turn.world, turn.job.job_id)
    _write(turn, request_id, f"{EVIDENCE}/calls.json", _evidence(request, rows))
    _write(turn, request_id, f"{EVIDENCE}/request.json", json.loads(requests.write(request)))
    _write(turn, request_id, REPORT, report(turn, request, rows, {**made, **_plain(result)}))
    return {"result": made.get("result", ""), **_plain(result)}


def _keep_film(turn: Turn, request_id: str, url: str) -> Mapping[str, object]:
    place = Place(Bucket.OUTPUT, keys.result(request_id, RESULT))
    turn.world.objects.keep(url, place, RESULT_MB_MAX)
    facts = turn.world.probe.facts(place)
    if not facts.has_video or facts.seconds <= 0:
        raise Corrupt("vendor.contract", f"{place.key} is not a film")
    return {"result": place.key, "film": {"seconds": facts.seconds, "width": facts.width, "height": facts.height}}


def report(
    turn: Turn, request: Request, rows: Sequence[EffectRow], result: Mapping[str, object]
) -> Mapping[str, object]:
    """What was asked, what came of it, what it cost, what it waited for and how long it took."""
    now = turn.world.clock.now()
    return {
        "request": keys.request_of(turn.job.job_id),
        "model": request.model.name,
        "deployed": dict(request.deployed),
        "input": dict(request.inputs),
        "parameters": dict(request.parameters),
        **result,
        "opened_at": turn.job.opened_at,
        "done_at": now,
        "took_s": round(now - turn.job.opened_at, 1),
        "waits": telling.waits([*history, (now, "done", "")] for history in histories(turn.world, turn.job.job_id)),
        "spent": prices.bill((row.price, row.spent) for row in rows if row.price),
        "label": "AI-generated / 由 AI 生成",
    }


def _evidence(request: Request, found: Sequence[EffectRow]) -> list[Mapping[str, object]]:
    """Each call: what was sent, with keys in place of signed urls, what was answered, and each state with its time."""
    rows = {row.name: row for row in found}
    answers: Answers = {}
    told: list[Mapping[str, object]] = []
    for number, call in enumerate(requests.calls(request), 1):
        row = rows[name_of(number)]
        told.append(
            {
                "model": call.called,
                "sent": requests.body(call, request, answers, str),
                "task": row.task,
                "answered": _plain(row.result),
                "states": json.loads(row.history),
            }
        )
        template = row.result.get("template_id", "")
        answers |= requests.answered(call, {**row.result.get("output", {}), "template_id": template})
    return told


def _plain(result: Mapping[str, Any]) -> dict[str, object]:
    """A result without its url, which lives a day and is signed."""
    return {name: value for name, value in result.items() if name != "url" and value not in ("", {})}


def _write(turn: Turn, request_id: str, name: str, body: object) -> None:
    text = json.dumps(body, ensure_ascii=False, indent=2).encode()
    turn.world.objects.write(Place(Bucket.OUTPUT, keys.result(request_id, name)), text, "application/json")
