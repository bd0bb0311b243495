"""SubmitASRJob and GetSmartHandleJob: sentences heard in a film.

States and envelope as documented (help.aliyun.com/zh/ims, GetSmartHandleJob); the shape of a sentence inside `AiResult`
is not: here it is `{"content", "from", "to"}` with seconds, the likeliest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from local.standins.errors import VendorError
from local.standins.ims.jobs import RECOGNISE_YUAN_PER_MIN, Tools, at_most, carry_out, minutes_of, not_found, required
from local.standins.ims.places import has_host_form, place_of
from local.standins.shelf import Shelf

TEXT_BYTES_MAX = 128
FINAL = frozenset({"Finished", "Failed"})
_CLOCK = re.compile(r"(\d{2}):([0-5]\d):([0-5]\d)")


@dataclass(frozen=True)
class SmartJob:
    job_id: str
    input_file: str
    title: str
    description: str
    start_s: int
    length_s: int | None
    user_data: str
    created: str
    state: str = "Created"
    modified: str = ""
    result: str = ""
    code: str = ""
    message: str = ""


class Smart:
    """All speech recognition jobs of the account. No ClientToken exists."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._jobs = Shelf(tools.account.store, "ims.smart", SmartJob)
        for job in self._jobs.rows.values():
            if job.state not in FINAL:
                self._start(job.job_id)

    def submit(self, params: Mapping[str, str]) -> dict[str, object]:
        input_file = required(params, "InputFile")
        if not has_host_form(input_file):
            raise VendorError(
                400, "InvalidParameter", "InputFile must have the form oss://bucket.oss-region.aliyuncs.com/object."
            )
        place_of(input_file, self._tools.account.region)
        job = SmartJob(
            job_id=self._tools.account.new_id(32).lower(),
            input_file=input_file,
            title=at_most(params, "Title", octets=TEXT_BYTES_MAX),
            description=at_most(params, "Description", octets=TEXT_BYTES_MAX),
            start_s=_seconds(params, "StartTime") or 0,
            length_s=_seconds(params, "Duration"),
            user_data=params.get("UserData", ""),
            created=self._tools.moment(),
            modified=self._tools.moment(),
        )
        with self._tools.account.lock:
            self._jobs.put(job.job_id, job)
            self._start(job.job_id)
        return {"JobId": job.job_id, "State": job.state}

    def get(self, job_id: str) -> dict[str, object]:
        job = self._jobs.get(job_id)
        if job is None:
            raise not_found(job_id)
        reply: dict[str, object] = {
            "JobId": job.job_id,
            "State": job.state,
            "Output": "{}",
            "UserData": job.user_data,
            "SmartJobInfo": {
                "JobType": "ASR",
                "Title": job.title,
                "Description": job.description,
                "UserId": self._tools.account.account_id,
                "CreateTime": job.created,
                "ModifiedTime": job.modified,
                "InputConfig": {"InputFile": job.input_file},
            },
        }
        if job.state == "Finished":
            reply["JobResult"] = {"AiResult": job.result, "MediaId": "", "MediaUrl": "", "Usage": "{}"}
        if job.state == "Failed":
            reply |= {"ErrorCode": job.code, "ErrorMessage": job.message}
        return reply

    def _start(self, job_id: str) -> None:
        states = {"queued": "Created", "started": "Executing"}
        carry_out(
            self._tools,
            enter=lambda state: self._change(job_id, state=states[state]),
            job=lambda folder: self._listen(self._jobs.rows[job_id], folder),
            done=lambda outcome: self._finish(job_id, outcome),
        )

    def _listen(self, job: SmartJob, folder: Path) -> tuple[str, int]:
        """The sentences as JSON, and the started minutes of the input."""
        place = place_of(job.input_file, self._tools.account.region)
        film = self._tools.read(place.bucket, place.key, folder)
        with self._tools.account.progress.watching(job.job_id) as progress:
            heard = self._tools.engines.recognise(film, progress)
        end_s = float("inf") if job.length_s is None else job.start_s + job.length_s
        sentences = [
            {"content": caption.text, "from": caption.start_s, "to": caption.end_s}
            for caption in heard
            if job.start_s <= caption.start_s < end_s
        ]
        return json.dumps(sentences, ensure_ascii=False), minutes_of(film)

    def _finish(self, job_id: str, outcome: tuple[str, int] | VendorError) -> None:
        if isinstance(outcome, VendorError):
            self._change(job_id, state="Failed", code=outcome.code, message=outcome.message)
        else:
            result, minutes = outcome
            self._change(job_id, state="Finished", result=result)
            yuan = minutes * RECOGNISE_YUAN_PER_MIN
            self._tools.register.charge("SubmitASRJob", yuan, job_id)
        job = self._jobs.rows[job_id]
        self._tools.callbacks.tell("SmartJobComplete", {"JobId": job.job_id, "State": job.state}, job.user_data)

    def _change(self, job_id: str, **changes: Any) -> None:
        with self._tools.account.lock:
            self._jobs.put(job_id, replace(self._jobs.rows[job_id], modified=self._tools.moment(), **changes))


def _seconds(params: Mapping[str, str], name: str) -> int | None:
    text = params.get(name, "")
    if not text:
        return None
    clock = _CLOCK.fullmatch(text)
    if clock is None:
        raise VendorError(400, "InvalidParameter", f"{name} must have the form HH:MM:SS.")
    hours, minutes, seconds = (int(part) for part in clock.groups())
    return hours * 3600 + minutes * 60 + seconds
