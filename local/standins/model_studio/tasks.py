"""Asynchronous tasks: accepted at once, run one at a time per model, remembered for 24 hours, told by an event.

Rules: help.aliyun.com/zh/model-studio/manage-asynchronous-tasks and .../async-task-api. No idempotency token exists:
every submission is a task.
"""

from __future__ import annotations

import logging
import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from local.engines.contract import RejectionError
from local.standins.errors import VendorError
from local.standins.model_studio import refusals
from local.standins.model_studio.avatars import Asked, Made, TaskModel
from local.standins.model_studio.bench import Bench
from local.standins.model_studio.clock import china_ms, china_s, from_stamp, utc_ms
from local.standins.shelf import Shelf

KEPT_S = 24 * 3600.0
LIST_SPAN_S = 24 * 3600.0
API_KEY_ID = "1250"
FINAL = frozenset({"SUCCEEDED", "FAILED", "CANCELED"})
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    task_id: str
    request_id: str
    number: int
    model: str
    input: dict[str, Any]
    parameters: dict[str, Any]
    submitted_at: float
    status: str = "PENDING"
    scheduled_at: float | None = None
    ended_at: float | None = None
    output: dict[str, Any] = field(default_factory=dict)
    usage: dict[str, Any] = field(default_factory=dict)


class Tasks:
    """All tasks of the account. Models in `silent` finish without an event."""

    def __init__(self, bench: Bench, models: Mapping[str, TaskModel]) -> None:
        self._bench = bench
        self._models = models
        self._tasks = Shelf(bench.account.store, "model_studio.tasks", Task)
        self._next = 1 + max((task.number for task in self._tasks.rows.values()), default=0)
        self._waiting: dict[str, list[str]] = defaultdict(list)  # may start now, in order of submission
        self._running: dict[str, int] = defaultdict(int)
        self.silent: set[str] = set()
        for task in sorted(self._tasks.rows.values(), key=lambda task: task.number):
            if task.status not in FINAL and task.model in models:  # cut off by a restart: begins anew
                self._tasks.put(task.task_id, replace(task, status="PENDING", scheduled_at=None))
                self._queue(task.task_id)

    def submit(self, model: TaskModel, fields: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
        account = self._bench.account
        if any(not isinstance(fields.get(name), kind) or not fields[name] for name, kind in model.needs.items()):
            raise refusals.missing_parameters()
        with account.lock:
            task = Task(
                task_id=account.new_uuid(),
                request_id=account.new_uuid(),
                number=self._next,
                model=model.name,
                input=fields,
                parameters=parameters,
                submitted_at=account.now(),
            )
            self._next += 1
            self._tasks.put(task.task_id, task)
            self._queue(task.task_id)
        return {"output": {"task_id": task.task_id, "task_status": "PENDING"}, "request_id": task.request_id}

    def query(self, task_id: str) -> dict[str, Any]:
        task = self._remembered(task_id)
        if task is None:
            return self._bench.reply(output={"task_id": task_id, "task_status": "UNKNOWN"})
        output: dict[str, Any] = {"task_id": task_id, "task_status": task.status}
        moments = (task.submitted_at, task.scheduled_at, task.ended_at)
        for name, at in zip(("submit_time", "scheduled_time", "end_time"), moments, strict=True):
            if at is not None:
                output[name] = china_ms(at)
        output |= task.output
        return self._bench.reply(output=output, usage=task.usage) if task.usage else self._bench.reply(output=output)

    def cancel(self, task_id: str) -> dict[str, Any]:
        with self._bench.account.lock:
            task = self._remembered(task_id)
            if task is None or task.status != "PENDING":
                raise refusals.not_pending()
            self._tasks.put(task_id, replace(task, status="CANCELED", ended_at=self._bench.account.now()))
        return self._bench.reply()

    def listing(
        self, *, start_time: str, end_time: str, model_name: str, status: str, page_no: int, page_size: int
    ) -> dict[str, Any]:
        """Newest first; the span is at most 24 h and ends now unless told otherwise."""
        start, end = self._span(start_time, end_time)
        with self._bench.account.lock:
            remembered = [task for task_id in list(self._tasks.rows) if (task := self._remembered(task_id))]
        found = [
            task
            for task in sorted(remembered, key=lambda task: -task.number)
            if start <= task.submitted_at <= end and model_name in {"", task.model} and status in {"", task.status}
        ]
        page = found[(page_no - 1) * page_size : page_no * page_size]
        return self._bench.reply(
            data=[self._listed(task) for task in page],
            total=len(found),
            total_page=math.ceil(len(found) / page_size),
            page_no=page_no,
            page_size=page_size,
        )

    def _span(self, start_time: str, end_time: str) -> tuple[float, float]:
        try:
            start = from_stamp(start_time) if start_time else None
            # A stamp has whole seconds: the second it names belongs to the span.
            end = from_stamp(end_time) + 0.999 if end_time else None
        except ValueError:
            raise refusals.invalid_parameter("start_time and end_time must have the form YYYYMMDDhhmmss.") from None
        if end is None:
            end = self._bench.account.now() if start is None else start + LIST_SPAN_S
        if start is None:
            start = end - LIST_SPAN_S
        if end - start > LIST_SPAN_S + 1:
            raise refusals.invalid_parameter("The time range must not exceed 24 hours.")
        return start, end

    def _listed(self, task: Task) -> dict[str, Any]:
        account = self._bench.account
        entry = {
            "api_key_id": API_KEY_ID,
            "caller_parent_id": account.account_id,
            "caller_uid": account.account_id,
            "gmt_create": int(task.submitted_at * 1000),
            "model_name": task.model,
            "region": account.region,
            "request_id": task.request_id,
            "status": task.status,
            "task_id": task.task_id,
            "user_api_unique_key": self._unique_key(task),
        }
        moments = {"start_time": task.scheduled_at, "end_time": task.ended_at}
        return entry | {name: int(at * 1000) for name, at in moments.items() if at is not None}

    def _remembered(self, task_id: str) -> Task | None:
        """The task, unless it is older than a day: then it is forgotten for good."""
        task = self._tasks.get(task_id)
        if task is not None and self._bench.account.now() - task.submitted_at >= KEPT_S:
            self._tasks.drop(task_id)
            return None
        return task

    def _queue(self, task_id: str) -> None:
        account, pace = self._bench.account, self._bench.pace

        def admit() -> None:
            with account.lock:
                task = self._tasks.get(task_id)
                if task is not None:
                    waiting = self._waiting[task.model]
                    waiting.append(task_id)
                    waiting.sort(key=self._number)
                    self._start_next(task.model)

        account.timing.later(pace.vary(pace.task_queue_s, account.randomness), admit)

    def _number(self, task_id: str) -> int:
        task = self._tasks.get(task_id)
        return task.number if task else 0

    def _start_next(self, model: str) -> None:
        """Start what may run. Called with the account's lock held."""
        waiting = self._waiting[model]
        while waiting and self._running[model] < self._models[model].at_once:
            task = self._remembered(waiting.pop(0))
            if task is None or task.status != "PENDING":
                continue
            self._running[model] += 1
            self._tasks.put(task.task_id, replace(task, status="RUNNING", scheduled_at=self._bench.account.now()))
            self._run(task)

    def _run(self, task: Task) -> None:
        """Download and check at the start, make at the end: urls can have expired in the queue, and a result is not
        there before its task is done.
        """
        bench, model = self._bench, self._models[task.model]

        def prepare() -> Asked:
            media = {name: bench.fetched(url, _refusal(name)) for name, url in model.places(task.input).items()}
            asked = Asked(task.input, task.parameters, media)
            model.check(asked)
            return asked

        def prepared(asked: Asked | Exception) -> None:
            if isinstance(asked, Exception):
                self._fail(task, asked)
                return
            run_s = bench.pace.vary(bench.pace.task_run_s, bench.account.randomness)
            bench.account.timing.later(run_s, lambda: bench.work(lambda: self._made(task, model, asked), finished))

        def finished(outcome: tuple[Made, str] | Exception) -> None:
            if isinstance(outcome, Exception):
                self._fail(task, outcome)
                return
            made, url = outcome
            bench.register.charge(task.model, made.price_yuan, task.task_id)
            output = {**(_nested(made.place, url) if url else {}), **made.more}
            self._end(task, "SUCCEEDED", output, dict(made.usage))

        bench.work(prepare, prepared)

    def _made(self, task: Task, model: TaskModel, asked: Asked) -> tuple[Made, str]:
        with self._bench.account.progress.watching(task.task_id) as progress:
            made = model.make(self._bench.engines, replace(asked, progress=progress))
        if not made.body:
            return made, ""
        return made, self._bench.results(f"{task.task_id}.mp4", made.body, made.content_type)

    def _fail(self, task: Task, error: Exception) -> None:
        if isinstance(error, RejectionError | VendorError):
            code, message = error.code, error.message
        else:
            _log.error("an engine behind Model Studio failed", exc_info=error)
            code, message = "InternalError.Algo", f"inference internal error. ({error!r})"
        self._end(task, "FAILED", {"code": code, "message": message}, {})

    def _end(self, task: Task, status: str, output: dict[str, Any], usage: dict[str, Any]) -> None:
        account = self._bench.account
        with account.lock:
            known = self._tasks.get(task.task_id) or task
            ended = replace(known, status=status, ended_at=account.now(), output=output, usage=usage)
            self._tasks.put(task.task_id, ended)
            self._running[task.model] -= 1
            self._start_next(task.model)
        if task.model not in self.silent:
            self._bench.publish(self._event(ended))

    def _event(self, task: Task) -> dict[str, Any]:
        """`dashscope:System:AsyncTaskFinish`, for success and failure alike; it holds no result."""
        account = self._bench.account
        published = utc_ms(account.now())
        return {
            "id": account.new_uuid(),
            "source": "acs.dashscope",
            "type": "dashscope:System:AsyncTaskFinish",
            "specversion": "1.0",
            "datacontenttype": "application/json;charset=utf-8",
            "time": published,
            "aliyunaccountid": account.account_id,
            "aliyunoriginalaccountid": account.account_id,
            "aliyunpublishtime": published,
            "aliyuneventbusname": "default",
            "aliyunregionid": account.region,
            "data": {
                "task_id": task.task_id,
                "task_status": task.status,
                "start_time": china_s(task.scheduled_at or task.submitted_at),
                "end_time": china_s(task.ended_at or account.now()),
                "region": account.region,
                "request_id": task.request_id,
                "api_key_id": API_KEY_ID,
                "contain_result": False,
                "user_api_unique_key": self._unique_key(task),
            },
        }

    def _unique_key(self, task: Task) -> str:
        """`apikey:v1:aigc:image2video:video-synthesis:emo-v1`."""
        path = self._models[task.model].path if task.model in self._models else ""
        return f"apikey:v1:aigc:{path.replace('/', ':')}:{task.model}"


def _refusal(name: str) -> Callable[[], VendorError]:
    is_picture = name.startswith(("image", "img", "ref_image", "mask_image")) or "_frame_url" in name
    return refusals.bad_picture_url if is_picture else refusals.bad_url


def _nested(place: tuple[str, ...], url: str) -> dict[str, Any]:
    value: Any = url
    for name in reversed(place):
        value = {name: value}
    return dict(value)
