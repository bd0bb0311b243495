"""The whole of Model Studio that Echobot touches, callable in process: fields as on the wire in, reply bodies out.

Every method notes its answer with the account, refuses with VendorError, and is safe to call from many threads. What
blocks, blocks the caller (enrolment, speech, photo checks); tasks run through `Work`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

from local.engines.contract import Engines
from local.standins.account import Account
from local.standins.errors import VendorError
from local.standins.metering import Register
from local.standins.model_studio import detection, refusals, speech, voices
from local.standins.model_studio.avatars import AVATARS, Asked, Made, TaskModel
from local.standins.model_studio.bench import SERVICE, Bench, Fetch, Publish, Results
from local.standins.model_studio.detection import Detection
from local.standins.model_studio.models import MODELS
from local.standins.model_studio.speech import Line, Speaking, Spoken
from local.standins.model_studio.tasks import Tasks
from local.standins.model_studio.voices import Voices
from local.standins.work import DEFAULT_PACE, Pace, Work

TASK_CALLS_PER_S = 20  # query, list and cancel together, for the whole account
RESULT_KEPT_S = 24 * 3600
INSTANCES = {
    "our-animate-anyone-detect": "animate-anyone-detect-gen2",
    "our-animate-anyone": "animate-anyone-gen2",
}
"""Instances of one's own that the account has from the start, of models that are not to be had otherwise."""

_OFFLINE = {"Endpoint.AccessDenied": refusals.switched_off, "ModelNotFound": refusals.unknown_model}

Reply = dict[str, Any]


class ModelStudioState:
    """Voices, speech, photo checks, tasks, and `register`: what was billed. `models` adds asynchronous models."""

    def __init__(
        self,
        account: Account,
        engines: Engines,
        fetch: Fetch,
        results: Results,
        publish: Publish,
        work: Work,
        *,
        pace: Pace = DEFAULT_PACE,
        models: Iterable[TaskModel] = (),
    ) -> None:
        self.account = account
        self._bench = Bench(account, engines, fetch, results, publish, work, pace)
        self._models = {model.name: model for model in (*AVATARS, *MODELS, *models)}
        self._voices = Voices(self._bench)
        self._speaking = Speaking(self._bench, self._voices)
        self._detection = Detection(self._bench)
        for name, model in INSTANCES.items():
            self.deploy(name, model)
        self._tasks = Tasks(self._bench, self._models)

    # ---- what a test or a demo may turn

    @property
    def register(self) -> Register:
        return self._bench.register

    @property
    def offline_models(self) -> set[str]:
        """Models switched off from now on; tasks already accepted still run."""
        return self._bench.offline

    def answer_offline_with(self, code: Literal["Endpoint.AccessDenied", "ModelNotFound"]) -> None:
        """Which of the two documented answers a switched-off model gives."""
        self._bench.offline_answer = _OFFLINE[code]

    def deploy(self, name: str, model: str) -> None:
        """An instance of one's own: another name for a model, with a queue of its own, paid by the hour."""
        if model in detection.PATHS:
            self._detection.deployed[name] = model
            return
        shared = self._models[model]

        def make(engines: Engines, asked: Asked) -> Made:
            return replace(shared.make(engines, asked), price_yuan=0.0)

        self._models[name] = replace(shared, name=name, make=make)

    def explain_refused_photos(self) -> None:
        """Fill code and message of a refused photo from now on; the vendor's pages show both ways."""
        self._detection.explains_refusals = True

    @property
    def undeployable_prefixes(self) -> set[str]:
        """Voices enrolled with these prefixes end as UNDEPLOYED."""
        return self._voices.undeployable

    @property
    def silent_models(self) -> set[str]:
        """Models that publish no completion event; whether wan2.2-s2v does is not documented."""
        return self._tasks.silent

    # ---- voices

    def create_voice(self, target_model: str, prefix: str, url: str, **options: Any) -> Reply:
        """`options`: language_hints, max_prompt_audio_length, enable_preprocess."""
        with self._bench.answer("voice.create_voice", voices.CALLS_PER_S, shared=voices.SHARED_LIMIT):
            return self._voices.create(target_model, prefix, url, options)

    def query_voice(self, voice_id: str) -> Reply:
        with self._bench.answer("voice.query_voice", voices.CALLS_PER_S, shared=voices.SHARED_LIMIT, detail=voice_id):
            return self._voices.query(voice_id)

    def list_voice(self, prefix: str = "", page_index: int = 0, page_size: int = 10) -> Reply:
        with self._bench.answer("voice.list_voice", voices.CALLS_PER_S, shared=voices.SHARED_LIMIT):
            return self._voices.listing(prefix, page_index, page_size)

    def update_voice(self, voice_id: str, url: str) -> Reply:
        with self._bench.answer("voice.update_voice", voices.CALLS_PER_S, shared=voices.SHARED_LIMIT):
            return self._voices.update(voice_id, url)

    def delete_voice(self, voice_id: str) -> Reply:
        with self._bench.answer("voice.delete_voice", voices.CALLS_PER_S, shared=voices.SHARED_LIMIT, detail=voice_id):
            return self._voices.delete(voice_id)

    # ---- speech

    def synthesize(self, model: str, fields: dict[str, Any]) -> Reply:
        """`fields` is the `input` of the REST call: text, voice, format, rate and so on."""
        request_id = self.account.new_uuid()
        spoken = self.say(model, fields, request_id)
        return {**self.kept(spoken, request_id), "request_id": request_id}

    def say(self, model: str, fields: dict[str, Any], ref: str) -> Spoken:
        """The sound itself, for those who stream it."""
        with self._bench.answer("tts", speech.CALLS_PER_S, shared=f"tts {model}"):
            self._speaking.check_model(model)
            return self._speaking.say(speech.line_of(model, fields), ref)

    def check_line(self, model: str, fields: dict[str, Any]) -> Line:
        """What the WebSocket looks at before there is a text; only a refusal is noted, `say` notes the rest."""
        try:
            self._speaking.check_model(model)
            line = speech.line_of(model, {**fields, "text": "."})
            self._voices.profile(line.voice, model)
        except VendorError as error:
            self.account.note(SERVICE, "tts", error.status, error.code)
            raise
        return line

    def kept(self, spoken: Spoken, ref: str) -> Reply:
        """Store a spoken sound for a day and describe it as the REST reply does."""
        form = {kind: form for form, kind in speech.CONTENT_TYPES.items()}[spoken.content_type]
        url = self._bench.results(f"audio_{ref}.{form}", spoken.sound, spoken.content_type)
        expires_at = int(self.account.now()) + RESULT_KEPT_S
        audio = {"url": url, "id": f"audio_{ref}", "expires_at": expires_at, "data": ""}
        return {"output": {"audio": audio, "finish_reason": "stop"}, "usage": {"characters": spoken.characters}}

    # ---- photo checks and tasks

    def detect(
        self, model: str, fields: dict[str, Any], parameters: dict[str, Any], path: str = detection.PATH
    ) -> Reply:
        """`path` is what follows `services/aigc/`, and must be the check's own."""
        with self._bench.answer(model, detection.CALLS_PER_S):
            if self._detection.model_of(model, path) is None:
                is_known = model in self._models or model in detection.PATHS or model in self._detection.deployed
                raise refusals.wrong_address() if is_known else refusals.unknown_model()
            return self._detection.detect(model, fields, parameters)

    def submit_task(self, model: str, fields: dict[str, Any], parameters: dict[str, Any], path: str) -> Reply:
        """`path` is what follows `services/aigc/`, and must be the model's own."""
        known = self._models.get(model)
        with self._bench.answer(model, known.submissions_per_s if known else detection.CALLS_PER_S):
            self._bench.check_is_on(model)
            if known is None:
                raise refusals.wrong_address() if model in detection.PATHS else refusals.unknown_model()
            if path != known.path:
                raise refusals.wrong_address()
            return self._tasks.submit(known, fields, parameters)

    def query_task(self, task_id: str) -> Reply:
        with self._bench.answer("tasks.get", TASK_CALLS_PER_S, shared="tasks", detail=task_id):
            return self._tasks.query(task_id)

    def cancel_task(self, task_id: str) -> Reply:
        with self._bench.answer("tasks.cancel", TASK_CALLS_PER_S, shared="tasks", detail=task_id):
            return self._tasks.cancel(task_id)

    def list_tasks(
        self,
        *,
        start_time: str = "",
        end_time: str = "",
        model_name: str = "",
        status: str = "",
        page_no: int = 1,
        page_size: int = 10,
    ) -> Reply:
        """Times as `YYYYMMDDhhmmss` of China's clock."""
        with self._bench.answer("tasks.list", TASK_CALLS_PER_S, shared="tasks"):
            return self._tasks.listing(
                start_time=start_time,
                end_time=end_time,
                model_name=model_name,
                status=status,
                page_no=page_no,
                page_size=page_size,
            )
