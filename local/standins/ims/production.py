"""SubmitIProductionJob and QueryIProductionJob, for the two functions Echobot uses: CaptionExtraction and MusicDemix.

Documented (help.aliyun.com/zh/ims, SubmitIProductionJob): parameters, placeholders of the output name, states. Not
documented, and so a guess here: what the placeholders become, the files of MusicDemix and their names, where a
failure's reason is, and a film without music: `Success` with the voice file only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from local.engines.contract import Caption, Progress
from local.standins.errors import FetchError, VendorError
from local.standins.ims.jobs import (
    CAPTIONS_YUAN_PER_MIN,
    DEMIX_YUAN_PER_MIN,
    Tools,
    at_most,
    carry_out,
    json_object,
    minutes_of,
    not_found,
    required,
)
from local.standins.ims.places import Place, place_of
from local.standins.shelf import Shelf

OFFERED = ("CaptionExtraction", "MusicDemix")
KNOWN = frozenset(
    (
        *OFFERED,
        *("Cover", "VideoClip", "VideoDelogo", "VideoDetext", "VideoGreenScreenMatting", "FaceBeauty", "VideoH2V"),
        *("MusicSegmentDetect", "AudioBeatDetection", "AudioQualityAssessment", "SpeechDenoise", "AudioMixing"),
    )
)
LANGUAGES = ("ch", "en", "ch_ml")
NAME_CHARACTERS_MAX = 100
USER_DATA_CHARACTERS_MAX = 256
FINAL = frozenset({"Success", "Fail"})


@dataclass(frozen=True)
class ProductionJob:
    job_id: str
    function: str
    name: str
    input_media: str
    output_media: str
    params: str
    user_data: str
    created: str
    created_s: int
    status: str = "Queuing"
    finished: str = ""
    outputs: tuple[str, ...] | list[str] = ()
    result: str = "{}"


class Production:
    """All intelligent production jobs of the account. No ClientToken exists: every submission is a new job."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._jobs = Shelf(tools.account.store, "ims.production", ProductionJob)
        for job in self._jobs.rows.values():
            if job.status not in FINAL:
                self._start(job.job_id)

    def submit(self, params: Mapping[str, str]) -> dict[str, object]:
        function = required(params, "FunctionName")
        if function not in KNOWN:
            raise VendorError(400, "InvalidParameter", f"FunctionName {function} is not valid.")
        if function not in OFFERED:
            raise VendorError(400, "InvalidParameter", f"FunctionName {function} is not offered by this stand-in.")
        if function == "CaptionExtraction":
            _check_caption_params(params.get("JobParams", ""))
        job = ProductionJob(
            job_id=self._tools.account.new_id(32).lower(),
            function=function,
            name=at_most(params, "Name", characters=NAME_CHARACTERS_MAX),
            input_media=self._media(params, "Input"),
            output_media=self._media(params, "Output"),
            params=params.get("JobParams", ""),
            user_data=at_most(params, "UserData", characters=USER_DATA_CHARACTERS_MAX),
            created=self._tools.moment(),
            created_s=int(self._tools.account.now()),
        )
        with self._tools.account.lock:
            self._jobs.put(job.job_id, job)
            self._start(job.job_id)
        return {"JobId": job.job_id}

    def query(self, job_id: str) -> dict[str, object]:
        job = self._jobs.get(job_id)
        if job is None:
            raise not_found(job_id)
        places = [place_of(media, self._tools.account.region) for media in job.outputs]
        return {
            "JobId": job.job_id,
            "Name": job.name,
            "FunctionName": job.function,
            "Status": job.status,
            "Input": {"Type": "OSS", "Media": job.input_media},
            "Output": {"Type": "OSS", "Media": job.output_media, "Biz": "IMS"},
            "OutputFiles": [place.key for place in places],
            "OutputUrls": [place.plain_url(self._tools.account.region) for place in places],
            "OutputMediaIds": [],
            "JobParams": job.params,
            "Result": job.result,
            "UserData": job.user_data,
            "CreateTime": job.created,
            "FinishTime": job.finished,
        }

    def _media(self, params: Mapping[str, str], name: str) -> str:
        where = json_object(params, name)
        if where.get("Type") != "OSS":
            raise VendorError(400, "InvalidParameter", f"{name}.Type: this stand-in offers OSS only.")
        media = where.get("Media")
        if not isinstance(media, str) or not media:
            raise VendorError(400, "MissingParameter", f"{name}.Media is mandatory for this action.")
        # Placeholders are braces, which no url rule forbids: the check sees the template as it is.
        place_of(media, self._tools.account.region)
        return media

    def _start(self, job_id: str) -> None:
        states = {"queued": "Queuing", "started": "Analyzing"}
        carry_out(
            self._tools,
            enter=lambda state: self._change(job_id, status=states[state]),
            job=lambda folder: self._perform(self._jobs.rows[job_id], folder),
            done=lambda outcome: self._finish(job_id, outcome),
        )

    def _perform(self, job: ProductionJob, folder: Path) -> tuple[list[str], int]:
        """Outputs as `oss://` names, and the started minutes of the input."""
        source = place_of(job.input_media, self._tools.account.region)
        film = self._tools.read(source.bucket, source.key, folder)
        with self._tools.account.progress.watching(job.job_id) as progress:
            made = self._made(job.function, film, folder, progress)
        outputs = self._output_places(job, source, len(made))
        for place, file in zip(outputs, made, strict=True):
            try:
                self._tools.media.write(place.bucket, place.key, file)
            except FetchError as error:
                raise VendorError(400, "InvalidParameter", f"The output cannot be written: {error}") from error
        return [place.oss for place in outputs], minutes_of(film)

    def _made(self, function: str, film: Path, folder: Path, progress: Progress) -> list[Path]:
        if function == "CaptionExtraction":
            captions = folder / "captions.srt"
            captions.write_text(srt(self._tools.engines.captions(film, progress)), "utf-8")
            return [captions]
        halves = self._tools.engines.separate(film, folder, progress)
        return [halves.voice] if halves.music is None else [halves.voice, halves.music]

    def _output_places(self, job: ProductionJob, source: Place, count: int) -> list[Place]:
        template = place_of(job.output_media, self._tools.account.region)
        places = []
        for number in range(1, count + 1):
            key = template.key.replace("{source}", PurePosixPath(source.key).stem)
            key = key.replace("{timestamp}", str(job.created_s)).replace("{sequenceId}", str(number))
            if job.function == "MusicDemix":
                half = "vocal" if number == 1 else "accompaniment"
                key = str(PurePosixPath(key).with_suffix("")) + f"_{half}.wav"
            places.append(Place(template.bucket, key))
        return places

    def _finish(self, job_id: str, outcome: tuple[list[str], int] | VendorError) -> None:
        finished, function = self._tools.moment(), self._jobs.rows[job_id].function
        if isinstance(outcome, VendorError):
            reason = json.dumps({"Code": outcome.code, "Message": outcome.message}, ensure_ascii=False)
            self._change(job_id, status="Fail", result=reason, finished=finished)
        else:
            outputs, minutes = outcome
            self._change(job_id, status="Success", outputs=outputs, finished=finished)
            yuan = DEMIX_YUAN_PER_MIN if function == "MusicDemix" else CAPTIONS_YUAN_PER_MIN
            self._tools.register.charge(function, minutes * yuan, job_id)
        job = self._jobs.rows[job_id]
        body = {"JobId": job.job_id, "Status": job.status, "FunctionName": job.function, "Name": job.name}
        self._tools.callbacks.tell("AIProduceComplete", body, job.user_data)

    def _change(self, job_id: str, **changes: Any) -> None:
        with self._tools.account.lock:
            self._jobs.put(job_id, replace(self._jobs.rows[job_id], **changes))


def srt(captions: Sequence[Caption]) -> str:
    """Captions as an SRT file; empty when there are none."""
    return "".join(
        f"{number}\n{_clock(caption.start_s)} --> {_clock(caption.end_s)}\n{caption.text}\n\n"
        for number, caption in enumerate(captions, 1)
    )


def _clock(seconds: float) -> str:
    total_ms = round(seconds * 1000)
    minutes, milliseconds = divmod(total_ms, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{milliseconds // 1000:02},{milliseconds % 1000:03}"


def _check_caption_params(text: str) -> None:
    """JobParams of CaptionExtraction: fps 2-10, roi [[top, bottom], [left, right]], lang, track."""
    if not text:
        return
    try:
        params = json.loads(text)
    except ValueError:
        params = None
    if not isinstance(params, dict):
        raise VendorError(400, "InvalidParameter", "JobParams is not a JSON object.")
    fps, lang, track = params.get("fps", 5), params.get("lang", "ch"), params.get("track", "main")
    if fps not in range(2, 11) or lang not in LANGUAGES or track != "main" or not _is_roi(params.get("roi")):
        raise VendorError(400, "InvalidParameter", f"JobParams of CaptionExtraction is not valid: {text}")


def _is_roi(roi: object) -> bool:
    if roi is None:
        return True
    if not isinstance(roi, list) or len(roi) != 2:
        return False
    return all(
        isinstance(side, list)
        and len(side) == 2
        and all(isinstance(end, int | float) and 0 <= end <= 1 for end in side)
        for side in roi
    )
