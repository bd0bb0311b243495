"""Vendors that do not keep to their pages: success without a result, wrong results, tasks forgotten or gone early; and
others who use the same account.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.engines.contract import (
    Caption,
    Face,
    FetchMedia,
    Progress,
    Separation,
    Speech,
    SpeechStyle,
    no_progress,
)
from local.stand_ins import RESULTS_BUCKET
from local.standins.errors import VendorError
from local.standins.mns.queues import Message
from local.standins.mns.topics import Topics
from local.standins.work import Pace
from tests.simulation.faults import Faults, Kind
from tests.simulation.swarm import Weather
from tests.toys import ToyEngines, toy_mp4, toy_png, toy_wav

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

FOREIGN_S = 40.0
"""Much longer than any clip of ours: what is promised of accounts that are shared ends where lengths are alike."""


CLOGGED_S_MAX = 1800.0
MUSIC = "the stems"
NARRATION = "the narration"


class Liars(ToyEngines):
    """Engines that sometimes make nothing, or the wrong thing."""

    def __init__(self, faults: Faults, weather: Weather) -> None:
        super().__init__()
        self._faults = faults
        self._lie = weather.lie
        self._fail = weather.fail

    def captions(self, film: Path, progress: Progress = no_progress) -> list[Caption]:
        self._may_fail("the captions")
        return super().captions(film, progress)

    def recognise(self, film: Path, progress: Progress = no_progress) -> list[Caption]:
        self._may_fail(NARRATION)
        return super().recognise(film, progress)

    def separate(self, film: Path, folder: Path, progress: Progress = no_progress) -> Separation:
        self._may_fail(MUSIC)
        return super().separate(film, folder, progress)

    def animate(self, photo: Path, speech: Path, face: Face, style: str, clip: Path, progress: Progress) -> float:
        self._may_fail("the clip")
        seconds = super().animate(photo, speech, face, style, clip, progress)
        lie = self._faults.chance("the clip", Kind.LIE, self._lie, 1.0)
        if lie is not None:
            clip.write_bytes(b"" if lie.size < 0.5 else toy_mp4(seconds + 5.0, 512, 512))
        return seconds

    def render(
        self, timeline: dict[str, object], output: dict[str, object], fetch: FetchMedia, film: Path, progress: Progress
    ) -> float:
        self._may_fail("the film")
        seconds = super().render(timeline, output, fetch, film, progress)
        lie = self._faults.chance("the film", Kind.LIE, self._lie, 1.0)
        if lie is not None:
            film.write_bytes(toy_mp4(seconds / 2, 1280, 720, audio=lie.size < 0.5))
        return seconds

    def speak(self, profile: bytes, text: str, style: SpeechStyle) -> Speech:
        speech = super().speak(profile, text, style)
        if self._faults.chance("the speech", Kind.LIE, self._lie) is not None:
            return Speech(b"", speech.sample_rate, ())
        return speech

    def _may_fail(self, what: str) -> None:
        if self._faults.chance(what, Kind.FAIL, self._fail) is not None:
            raise VendorError(500, "InternalError", "The request processing has failed due to some unknown error.")


@dataclass(frozen=True)
class Clogged(Pace):
    """A vendor that sometimes takes its time over a task, so that addresses die in its queue."""

    faults: Faults | None = None
    share: float = 0.0

    @classmethod
    def of(cls, pace: Pace, faults: Faults, share: float) -> Pace:
        return cls(**asdict(pace), faults=faults, share=share) if share else pace

    def vary(self, seconds: float, randomness: random.Random) -> float:
        usual = super().vary(seconds, randomness)
        fault = self.faults.chance("a vendor's queue", Kind.QUEUE, self.share, CLOGGED_S_MAX) if self.faults else None
        return usual + fault.size if fault else usual


class Forgetful:
    """Model Studio's answers about tasks, when its memory is worse than a day."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._state = simulation.stand_ins.model_studio
        self._query = self._state.query_task
        self._forgotten: set[str] = set()
        setattr(self._state, "query_task", self.query_task)  # noqa: B010  a plain assignment to a method is no type

    def query_task(self, task_id: str) -> dict[str, Any]:
        simulation, weather = self._simulation, self._simulation.plan.weather
        reply = self._query(task_id)
        if task_id in self._forgotten or simulation.faults.chance("the task", Kind.FORGET, weather.forget):
            self._forgotten.add(task_id)
            return {**reply, "output": {"task_id": task_id, "task_status": "UNKNOWN"}}
        if reply["output"]["task_status"] == "SUCCEEDED":
            if simulation.faults.chance("the answer", Kind.LIE, weather.lie):
                return {**reply, "output": {"task_id": task_id, "task_status": "SUCCEEDED"}}
            if simulation.faults.chance("the result", Kind.EXPIRE, weather.expire):
                simulation.stand_ins.oss.delete(RESULTS_BUCKET, f"{task_id}.mp4")
        return reply


class Announced:
    """Whoever has subscribed to the topic of ends: how often it heard of each state of each job, by name."""

    def __init__(self, topics: Topics) -> None:
        self.heard: Counter[tuple[str, str, str]] = Counter()
        self._publish = topics.publish
        topics.publish = self.publish  # type: ignore[method-assign]  # of this world alone

    def publish(self, topic: str, body: str, tag: str = "") -> Message:
        told = json.loads(body)
        self.heard[told["job"], told["state"], told["id"]] += 1
        return self._publish(topic, body, tag)


class Strangers:
    """Others who use the account, and messages that come from nowhere."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._left = simulation.plan.weather.foreign

    def tempted(self) -> None:
        """Somebody else submits a clip just when we do."""
        if self._left > 0:
            self._left -= 1
            self._at("foreign", Kind.FOREIGN, self._submit, 60.0)

    def arrive(self) -> None:
        simulation = self._simulation
        for number in range(simulation.plan.weather.poison):
            self._at(f"poison {number}", Kind.POISON, self._mumble, 1800.0)

    def _at(self, site: str, kind: Kind, act: Any, within_s: float) -> None:
        fault = self._simulation.faults.chance(site, kind, 1.0, within_s)
        if fault is not None:
            self._simulation.timing.later(fault.size, act)

    def _submit(self) -> None:
        stand_ins = self._simulation.stand_ins
        base = f"https://{RESULTS_BUCKET}.oss-{stand_ins.account.region}.aliyuncs.com"
        urls = {}
        for name, key, body in (
            ("image_url", "foreign.png", toy_png()),
            ("audio_url", "foreign.wav", toy_wav(FOREIGN_S)),
        ):
            stand_ins.oss.put(RESULTS_BUCKET, key, body)
            urls[name] = stand_ins.oss.presign_get(RESULTS_BUCKET, key, 86_400, base)
        boxes = {"face_bbox": [192, 192, 320, 320], "ext_bbox": [0, 0, 512, 512]}
        try:
            stand_ins.model_studio.submit_task("emo-v1", {**urls, **boxes}, {}, "image2video/video-synthesis")
        except VendorError:
            return  # throttled: they will not be missed

    def _mumble(self) -> None:
        simulation, settings = self._simulation, self._simulation.settings
        job = {"EventType": "ProduceMediaComplete", "MessageBody": {"JobId": "0" * 32, "Status": "Success"}}
        simulation.stand_ins.mns.send(settings.ims_callback_queue, json.dumps(job))
        simulation.stand_ins.mns.send(settings.recheck_queue, "not a wake at all")
