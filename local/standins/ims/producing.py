"""SubmitMediaProducingJob and GetMediaProducingJob: an edit document (the timeline) becomes a film.

Rules and limits: help.aliyun.com/zh/ims, SubmitMediaProducingJob. What the timeline means is the engine's business;
here is only what the vendor checks before it accepts a job.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from local.standins.errors import FetchError, VendorError
from local.standins.ims.callbacks import notify_address
from local.standins.ims.jobs import PRODUCE_YUAN_PER_MIN, Tools, at_most, carry_out, json_object, not_found, required
from local.standins.ims.places import Place, place_of
from local.standins.shelf import Shelf

SOURCES = ("ProjectId", "Timeline", "TemplateId")
LIMITED_TRACKS = ("VideoTracks", "ImageTracks", "SubtitleTracks")
TRACKS_MAX = 100
SIDE_MIN_PX, SIDE_MAX_PX, SHORT_SIDE_MAX_PX = 128, 4096, 2160
TOKEN_CHARACTERS_MAX = 64
USER_DATA_BYTES_MAX = 512
FINAL = frozenset({"Success", "Failed"})


@dataclass(frozen=True)
class ProducingJob:
    job_id: str
    project_id: str
    media_id: str
    timeline: str
    output_config: str
    bucket: str
    key: str
    user_data: str
    client_token: str
    created: str
    status: str = "Init"
    progress: int = 0
    modified: str = ""
    completed: str = ""
    seconds: float = 0.0
    code: str = ""
    message: str = ""


class Producing:
    """All producing jobs of the account."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._jobs = Shelf(tools.account.store, "ims.producing", ProducingJob)
        self._by_token = {job.client_token: job.job_id for job in self._jobs.rows.values() if job.client_token}
        for job in self._jobs.rows.values():
            if job.status not in FINAL:
                self._start(job.job_id)

    def submit(self, params: Mapping[str, str]) -> dict[str, object]:
        account = self._tools.account
        token = _client_token(params)
        with account.lock:
            known = self._jobs.get(self._by_token.get(token, ""))
            if known is not None:
                return _accepted(known)
            job = self._checked(params, token)
            self._jobs.put(job.job_id, job)
            if token:
                self._by_token[token] = job.job_id
            self._start(job.job_id)
        return _accepted(job)

    def get(self, job_id: str) -> dict[str, object]:
        job = self._jobs.get(job_id)
        if job is None:
            raise not_found(job_id)
        reply: dict[str, object] = {
            "JobId": job.job_id,
            "ProjectId": job.project_id,
            "MediaId": job.media_id,
            "MediaURL": Place(job.bucket, job.key).plain_url(self._tools.account.region),
            "VodMediaId": "",
            "Status": job.status,
            "Progress": job.progress,
            "Timeline": job.timeline,
            "TemplateId": "",
            "ClipsParam": "",
            "CreateTime": job.created,
            "ModifiedTime": job.modified,
            "UserData": job.user_data,
        }
        if job.status in FINAL:
            reply["CompleteTime"] = job.completed
        if job.status == "Success":
            reply["Duration"] = job.seconds
        if job.status == "Failed":
            reply |= {"Code": job.code, "Message": job.message}
        return {"MediaProducingJob": reply}

    def _checked(self, params: Mapping[str, str], token: str) -> ProducingJob:
        region = self._tools.account.region
        _check_source(params)
        output = json_object(params, "OutputMediaConfig")
        if params.get("OutputMediaTarget", "oss-object") != "oss-object":
            raise VendorError(400, "InvalidParameter", "OutputMediaTarget: this stand-in offers oss-object only.")
        _check_size(output)
        media_url = output.get("MediaURL")
        if not isinstance(media_url, str) or not media_url:
            raise VendorError(400, "MissingParameter", "OutputMediaConfig.MediaURL is mandatory for this action.")
        place = place_of(media_url, region)
        user_data = at_most(params, "UserData", octets=USER_DATA_BYTES_MAX)
        notify_address(user_data)
        return ProducingJob(
            job_id=self._tools.account.new_id(32).lower(),
            project_id=self._tools.account.new_id(32).lower(),
            media_id=self._tools.account.new_id(32).lower(),
            timeline=_checked_timeline(required(params, "Timeline")),
            output_config=params["OutputMediaConfig"],
            bucket=place.bucket,
            key=place.key,
            user_data=user_data,
            client_token=token,
            created=self._tools.moment(),
            modified=self._tools.moment(),
        )

    def _start(self, job_id: str) -> None:
        states = {"queued": "Queuing", "started": "Processing"}
        carry_out(
            self._tools,
            enter=lambda state: self._change(job_id, status=states[state]),
            job=lambda folder: self._render(self._jobs.rows[job_id], folder),
            done=lambda outcome: self._finish(job_id, outcome),
        )

    def _render(self, job: ProducingJob, folder: Path) -> float:
        tools, region = self._tools, self._tools.account.region
        fetched: dict[Place, Path] = {}

        def fetch(media: str) -> Path:
            place = place_of(media, region)
            if place not in fetched:
                fetched[place] = tools.read(place.bucket, place.key, folder)
            return fetched[place]

        def progress(fraction: float) -> None:
            show(fraction)
            with tools.account.lock:
                self._jobs.rows[job.job_id] = replace(
                    self._jobs.rows[job.job_id], progress=min(99, int(fraction * 100))
                )

        film = folder / f"rendered{Path(job.key).suffix or '.mp4'}"
        timeline, output = json.loads(job.timeline), json.loads(job.output_config)
        with tools.account.progress.watching(job.job_id) as show:
            seconds = tools.engines.render(timeline, output, fetch, film, progress)
        try:
            tools.media.write(job.bucket, job.key, film)
        except FetchError as error:
            raise VendorError(400, "InvalidParameter", f"The output cannot be written: {error}") from error
        return seconds

    def _finish(self, job_id: str, outcome: float | VendorError) -> None:
        now = self._tools.moment()
        if isinstance(outcome, VendorError):
            self._change(job_id, status="Failed", code=outcome.code, message=outcome.message, completed=now)
        else:
            self._change(job_id, status="Success", progress=100, seconds=round(outcome, 4), completed=now)
            yuan = math.ceil(outcome / 60) * PRODUCE_YUAN_PER_MIN
            self._tools.register.charge("SubmitMediaProducingJob", yuan, job_id)
        job = self._jobs.rows[job_id]
        success = job.status == "Success"
        body = {
            "Status": "Success" if success else "Fail",  # the query says Failed, the message Fail
            "MediaURL": Place(job.bucket, job.key).plain_url(self._tools.account.region) if success else "",
            "MediaId": job.media_id,
            "ProjectId": job.project_id,
            "JobId": job.job_id,
            "ErrorCode": job.code,
            "ErrorMessage": job.message,
        }
        self._tools.callbacks.tell("ProduceMediaComplete", body, job.user_data)

    def _change(self, job_id: str, **changes: Any) -> None:
        with self._tools.account.lock:
            job = replace(self._jobs.rows[job_id], modified=self._tools.moment(), **changes)
            self._jobs.put(job_id, job)


def _accepted(job: ProducingJob) -> dict[str, object]:
    return {"ProjectId": job.project_id, "JobId": job.job_id, "MediaId": job.media_id, "VodMediaId": ""}


def _client_token(params: Mapping[str, str]) -> str:
    token = params.get("ClientToken", "")
    if not token.isascii() or len(token) > TOKEN_CHARACTERS_MAX:
        raise VendorError(400, "InvalidParameter", "ClientToken must be ASCII of at most 64 characters.")
    return token


def _check_source(params: Mapping[str, str]) -> None:
    given = [name for name in SOURCES if params.get(name)]
    if not given:
        raise VendorError(400, "MissingParameter", "One of ProjectId, Timeline and TemplateId is mandatory.")
    if len(given) > 1:
        raise VendorError(400, "InvalidParameter", "Only one of ProjectId, Timeline and TemplateId may be given.")
    if given == ["TemplateId"]:
        required(params, "ClipsParam")
    if given != ["Timeline"]:
        raise VendorError(404, "InvalidParameter", f"The specified {given[0]} does not exist.")


def _checked_timeline(text: str) -> str:
    try:
        timeline = json.loads(text)
    except ValueError:
        raise VendorError(400, "TimelineFormatError", "The timeline is not valid JSON.") from None
    if not isinstance(timeline, dict) or not all(isinstance(timeline.get(name, []), list) for name in LIMITED_TRACKS):
        raise VendorError(400, "TimelineFormatError", "The timeline is not an object of tracks.")
    if not timeline.get("VideoTracks") and not timeline.get("AudioTracks"):
        raise VendorError(400, "TimelineFormatError", "Both video tracks and audio tracks are empty.")
    for name in LIMITED_TRACKS:
        if len(timeline.get(name, [])) > TRACKS_MAX:
            raise VendorError(400, "InvalidParameter", f"{name} holds more than {TRACKS_MAX} tracks.")
    return text


def _check_size(output: Mapping[str, object]) -> None:
    sides: list[int] = []
    for name in ("Width", "Height"):
        value = output.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or not SIDE_MIN_PX <= value <= SIDE_MAX_PX:
            raise VendorError(400, "InvalidParameter", f"OutputMediaConfig.{name} must be 128 to 4096.")
        sides.append(value)
    if len(sides) == 2 and min(sides) > SHORT_SIDE_MAX_PX:
        raise VendorError(400, "InvalidParameter", "The short side of the output must be at most 2160.")
