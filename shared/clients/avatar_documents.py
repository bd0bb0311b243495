"""What the talking-portrait models are asked and what they answer, without any wire.

Engines are data: they differ in what a detector says, whether boxes are needed, and how the style is called.
Facts: help.aliyun.com/zh/model-studio (emo-detect-api, emo-api, wan-s2v), async-task-api, as of 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta, timezone
from typing import Any

from shared.clients import replies
from shared.clients.codes import Answer, Vendor, classify, photo_refusal
from shared.clients.transport import harmless
from shared.domain.catalogue.answers import Made, Word, made_of, word_of
from shared.domain.errors import Corrupt, Refused, Retry
from shared.domain.frozen import frozen
from shared.ports import Box, Face, Fate, TaskSeen, Verdict

RATIOS = ("1:1", "3:4")
STYLES = ("normal", "calm", "active")
S2V_RESOLUTION = "480P"

BEIJING = timezone(timedelta(hours=8))
"""The vendor's times carry no zone and mean this one."""

NOT_PENDING = "UnsupportedOperation"
"""What a cancellation is refused with: the task runs, has ended, or is unknown."""

SIDE_PX_MAX = 100_000
"""No box of a photo of at most 7,000 pixels is larger."""

LIST_S_MAX = 86_400.0
"""A listing spans 24 hours at most; older tasks are forgotten anyway."""


@frozen
class Engine:
    """`passes` is what the detector calls its answer; `style` what the generator calls ours, if it has one; `shows` the
    field for whoever speaks, a photo or a film; `usual` what is sent along in any case.
    """

    passes: str = ""
    ratio: bool = False
    boxes: bool = False
    style: str = ""
    shows: str = "image_url"
    usual: Mapping[str, object] = field(default_factory=dict)


ENGINES: Mapping[str, Engine] = {
    "emo": Engine("check_pass", ratio=True, boxes=True, style="style_level"),
    "wan-s2v": Engine("check_pass", usual={"resolution": S2V_RESOLUTION}),
    "liveportrait": Engine("pass", style="template_id"),
    # without it a film that is shorter than the speech would end the clip
    "videoretalk": Engine(shows="video_url", usual={"video_extension": True}),
}


def engine_named(name: str) -> Engine:
    if name not in ENGINES:
        raise Corrupt("internal", f"no such avatar engine: {name}")
    return ENGINES[name]


def detection(engine: str, model: str, photo_url: str, ratio: str) -> dict[str, object]:
    body: dict[str, object] = {"model": model, "input": {"image_url": photo_url}}
    if engine_named(engine).ratio:  # called both required and optional on one page, so it is always sent
        if ratio not in RATIOS:
            raise Refused("options.value", name="ratio", rule=", ".join(RATIOS))
        body["parameters"] = {"ratio": ratio}
    return body


def face_of(engine: str, output: Mapping[str, Any]) -> Face:
    """The face, or `Refused("photo.…")`. A rejection comes as HTTP 200, sometimes without code and message."""
    named = engine_named(engine)
    if output.get(named.passes) is not True:
        raise photo_refusal(replies.text(output.get("code")), replies.text(output.get("message")))
    if not named.boxes:
        return Face(None, None)
    return Face(_box(output, "face_bbox"), _box(output, "ext_bbox"))


def _box(output: Mapping[str, Any], name: str) -> Box:
    told = output.get(name)
    sides = [replies.number(side) for side in told[:5]] if isinstance(told, list) else []
    whole = [round(side) for side in sides if side is not None and abs(side) <= SIDE_PX_MAX]
    if len(sides) != 4 or len(whole) != 4:
        raise Corrupt("vendor.contract", f"{name} is not a box: {harmless(repr(told)[:200])}")
    left, top, right, bottom = whole
    return left, top, right, bottom


def animation(engine: str, model: str, photo_url: str, speech_url: str, face: Face, style: str) -> dict[str, object]:
    """A submission is barely validated by the service, which then fails minutes later: so it is validated here."""
    named = engine_named(engine)
    if style not in STYLES:
        raise Refused("options.value", name="style", rule=", ".join(STYLES))
    given: dict[str, object] = {named.shows: photo_url, "audio_url": speech_url}
    if named.boxes:
        if face.face_bbox is None or face.ext_bbox is None:
            raise Corrupt("internal", f"{engine} needs both boxes of the face")
        given |= {"face_bbox": list(face.face_bbox), "ext_bbox": list(face.ext_bbox)}
    own = {named.style: style} if named.style else {}
    return {"model": model, "input": given, "parameters": {**named.usual, **own}}


def task_verdict(reply: Mapping[str, Any]) -> Verdict:
    """What `GET /tasks/{id}` means. Words unknown to us mean that the task goes on."""
    output = replies.part(reply, "output")
    word = word_of(output.get("task_status"))
    if word is Word.SUCCEEDED:
        return _succeeded(made_of(output, reply.get("usage")))
    if word is Word.FAILED:
        answer = Answer(Vendor.MODEL_STUDIO, 0, replies.text(output.get("code")), replies.text(output.get("message")))
        return Verdict(Fate.FAILED, error=classify(answer, sent=False))
    if word is Word.CANCELLED:
        return Verdict(Fate.FAILED, error=Retry("vendor.busy", "the task was cancelled while it queued"))
    return Verdict(Fate.FORGOTTEN if word is Word.FORGOTTEN else Fate.RUNNING)


def _succeeded(made: Made) -> Verdict:
    if not made.url:
        return Verdict(Fate.FAILED, error=Corrupt("vendor.contract", "the task succeeded without a video"))
    return Verdict(Fate.SUCCEEDED, {"url": made.url, "seconds": made.seconds, "ratio": made.ratio})


def listing(model: str, since: float, until: float, page: int, page_size: int) -> dict[str, str]:
    return {
        "model_name": model,
        "start_time": _stamp(max(since, until - LIST_S_MAX)),
        "end_time": _stamp(until),
        "page_no": str(page),
        "page_size": str(page_size),
    }


def tasks_seen(listed: Sequence[Mapping[str, Any]], since: float, until: float) -> list[TaskSeen]:
    """The window anew, since the service may filter by the start of work; a whole second of play for its clock."""
    named = [(replies.text(each.get("task_id")), each) for each in listed]
    if not all(task_id for task_id, _ in named):
        raise Corrupt("vendor.contract", "a task of the list has no id")
    seen = [TaskSeen(task_id, _moment(each), replies.text(each.get("status"))) for task_id, each in named]
    return [task for task in seen if int(since) <= task.submitted_at < int(until) + 1]


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, BEIJING).strftime("%Y%m%d%H%M%S")


def _moment(task: Mapping[str, Any]) -> float:
    """Milliseconds since the epoch in listings, local text in single tasks."""
    told = task.get("gmt_create", task.get("submit_time"))
    if isinstance(told, (int, float)) and (milliseconds := replies.number(told)) is not None:
        return milliseconds / 1000
    try:
        return datetime.fromisoformat(replies.text(told)).replace(tzinfo=BEIJING).timestamp()
    except (ValueError, OverflowError) as error:
        raise Corrupt("vendor.contract", f"a task of the list has no time: {harmless(repr(told)[:80])}") from error
