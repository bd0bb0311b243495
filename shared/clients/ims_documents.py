"""The documents IMS takes and gives, without any wire: what a submission says, and what a reply means.

IMS words one thing in many ways: a failure is `Failed` in one query and `Fail` in the next, results are keys here and
urls there, and the shape of recognised sentences is published nowhere. Everything is read tolerantly here, once.
Facts: help.aliyun.com/zh/ims (SubmitMediaProducingJob, SubmitIProductionJob, SubmitASRJob) as of 2026-11.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from shared.clients import replies
from shared.clients.codes import Answer, Vendor, classify
from shared.clients.endpoints import Endpoints
from shared.domain.errors import Corrupt, EchobotError
from shared.domain.frozen import frozen
from shared.ports import Bucket, Fate, Film, Kind, Place, Verdict

PRODUCING_DATA_MAX = 512
"""Bytes of UserData on SubmitMediaProducingJob."""

PRODUCTION_DATA_MAX = 256
"""Characters of UserData on SubmitIProductionJob; nothing is published for SubmitASRJob."""

TOKEN_MAX = 64

CAPTION_PARAMS = {"fps": 5, "roi": [[0.75, 1], [0, 1]], "lang": "ch", "track": "main"}
"""The bottom quarter, where captions stand; documented as the default, yet required in practice."""

Params = dict[str, str]

EVENTS = ("ProduceMediaComplete", "AIProduceComplete", "SmartJobComplete")
"""What ends our three kinds of jobs: producing, production and recognition."""

FORGOTTEN = Verdict(Fate.FORGOTTEN)

_SUCCESS = frozenset({"success", "finished", "succeeded"})
_FAILURE = frozenset({"fail", "failed", "canceled", "cancelled"})
_DEPTH_MAX = 8
_TIME_MAX = 1e9
"""Beyond eleven days in milliseconds nothing is a time in a film."""
_SENTENCE_S_MAX = 100.0
"""No sentence is longer: larger differences are milliseconds."""


def callback_setting(queue: str) -> Params:
    """SetEventCallback: one setting for account and region, which this overwrites. Needed because only producing jobs
    take a queue of their own.
    """
    return {"CallbackType": "MNS", "CallbackQueueName": queue, "EventTypeList": ",".join(EVENTS)}


@frozen
class Submissions:
    """Submissions as the service reads them off the wire: everything is text, structures are JSON."""

    endpoints: Endpoints
    queue: str

    def captions(self, film: Place, output: Place, label: str) -> Params:
        """SubmitIProductionJob"""
        return {
            "FunctionName": "CaptionExtraction",
            "Input": self._oss(film),
            "Output": self._oss(output),
            "JobParams": json.dumps(CAPTION_PARAMS),
            "UserData": self._user_data(label, PRODUCTION_DATA_MAX),
        }

    def demix(self, film: Place, output_prefix: Place, label: str) -> Params:
        """SubmitIProductionJob. IMS numbers the files; what it appends to the name of each is not documented."""
        files = Place(output_prefix.bucket, f"{output_prefix.key}{{sequenceId}}.wav")
        return {
            "FunctionName": "MusicDemix",
            "Input": self._oss(film),
            "Output": self._oss(files),
            "UserData": self._user_data(label, PRODUCTION_DATA_MAX),
        }

    def recognition(self, film: Place, label: str) -> Params:
        """SubmitASRJob, which alone wants the region inside the oss url."""
        host = f"{self.endpoints.bucket(film.bucket)}.oss-{self.endpoints.region}.aliyuncs.com"
        return {"InputFile": f"oss://{host}/{film.key}", "UserData": self._user_data(label, PRODUCTION_DATA_MAX)}

    def production(self, timeline: Mapping[str, object], output: Place, film: Film, token: str, label: str) -> Params:
        """SubmitMediaProducingJob"""
        if not token or not token.isascii() or len(token) > TOKEN_MAX:
            raise Corrupt("internal", f"not a ClientToken: {token!r}")
        sides = {"Width": film.width, "Height": film.height} if film.width else {}
        size = {**sides, "MaxDuration": film.seconds}
        return {
            "Timeline": json.dumps(timeline, ensure_ascii=False),
            "OutputMediaConfig": json.dumps({"MediaURL": self.endpoints.plain_url(output), **size}),
            "ClientToken": token,
            "UserData": self._user_data(label, PRODUCING_DATA_MAX),
        }

    def _oss(self, place: Place) -> str:
        return json.dumps({"Type": "OSS", "Media": f"oss://{self.endpoints.bucket(place.bucket)}/{place.key}"})

    def _user_data(self, label: str, limit: int) -> str:
        """Where the completion goes, and our own label, which comes back in it. ASCII, so bytes are characters."""
        text = json.dumps({"NotifyAddress": self.queue, "label": label}, separators=(",", ":"))
        if len(text) > limit:
            raise Corrupt("internal", f"UserData of {len(text)} characters, at most {limit}")
        return text


def is_forgotten(error: EchobotError) -> bool:
    """Whether IMS knows no such job. The code for it is published nowhere, so it is told by its shape."""
    code = str(error.fields.get("vendor_code", ""))
    return "Job" in code and code.endswith(("NotFound", "NotExist"))


def verdict(kind: Kind, reply: Mapping[str, Any], endpoints: Endpoints) -> Verdict:
    """What a query's reply means."""
    if kind is Kind.IMS_PRODUCING:
        return _producing(replies.part(reply, "MediaProducingJob"))
    if kind is Kind.IMS_PRODUCTION:
        return _production(reply, endpoints)
    return _smart(reply)


def _producing(job: Mapping[str, Any]) -> Verdict:
    fate = _fate(job.get("Status"))
    if fate is Fate.FAILED:
        return _failed(job.get("Code"), job.get("Message"))
    if fate is Fate.SUCCEEDED:
        return Verdict(fate, {"seconds": replies.number(job.get("Duration")) or 0.0})
    return Verdict(fate)


def _production(reply: Mapping[str, Any], endpoints: Endpoints) -> Verdict:
    fate = _fate(reply.get("Status"))
    if fate is Fate.FAILED:
        reason = _decoded(reply.get("Result"))
        reason = reason if isinstance(reason, dict) else {}
        return _failed(
            reason.get("Code"), reason.get("Message"), replies.text(reply.get("FunctionName")) or "IProduction"
        )
    if fate is Fate.SUCCEEDED:
        return Verdict(fate, {"keys": _work_keys(reply, endpoints)})
    return Verdict(fate)


def _smart(reply: Mapping[str, Any]) -> Verdict:
    fate = _fate(reply.get("State"))
    if fate is Fate.FAILED:
        return _failed(reply.get("ErrorCode"), reply.get("ErrorMessage"))
    if fate is Fate.SUCCEEDED:
        result = replies.part(reply, "JobResult").get("AiResult")
        return Verdict(fate, {"sentences": sentences(result) or sentences(reply.get("Output"))})
    return Verdict(fate)


def _fate(status: object) -> Fate:
    word = replies.text(status).lower()
    if word in _SUCCESS:
        return Fate.SUCCEEDED
    return Fate.FAILED if word in _FAILURE else Fate.RUNNING


def _failed(code: object, message: object, named: str = "Fail") -> Verdict:
    answer = Answer(Vendor.IMS, 0, replies.text(code), replies.text(message))
    return Verdict(Fate.FAILED, error=classify(answer, sent=False, **({} if answer.code else {"vendor_code": named})))


def _work_keys(reply: Mapping[str, Any], endpoints: Endpoints) -> list[str]:
    """The files IMS wrote, as keys of our work bucket, in its order. Some places list keys, some urls."""
    told = [
        each for name in ("OutputFiles", "OutputUrls") if isinstance(found := reply.get(name), list) for each in found
    ]
    if not told:
        told = [replies.part(reply, "Output").get("Media")]
    work = endpoints.bucket(Bucket.WORK)
    keys = (_key_in(work, replies.text(media)) for media in told)
    return list(dict.fromkeys(key for key in keys if key))


def _key_in(bucket: str, media: str) -> str:
    try:
        parts = urlsplit(media)
    except ValueError:  # brackets that hold no address
        return ""
    if not parts.scheme:
        return media.lstrip("/")
    path = parts.path.lstrip("/")
    return unquote(path) if parts.netloc.split(".")[0] == bucket else ""


def sentences(result: object) -> list[dict[str, object]]:
    """Recognised sentences out of whatever shape they come in, as text and milliseconds."""
    found = [
        (words, start, end)
        for item in _items(_decoded(result))
        if (words := replies.text(_first(item, "content", "text", "sentence")).strip())
        and (start := _time(_first(item, "from", "begin", "start", "begin_time", "startTime"))) is not None
        and (end := _time(_first(item, "to", "end", "end_time", "endTime"))) is not None
    ]
    in_ms = any(end - start > _SENTENCE_S_MAX for _, start, end in found)
    scale = 1 if in_ms else 1000
    return [
        {"text": words, "start_ms": round(start * scale), "end_ms": round(end * scale)}
        for words, start, end in sorted(found, key=lambda each: each[1])
    ]


def _items(decoded: object, depth: int = 0) -> Iterable[Mapping[str, Any]]:
    """The list of sentences, at the top or under any name."""
    if isinstance(decoded, list):
        return [item for item in decoded if isinstance(item, dict)]
    if isinstance(decoded, dict) and depth < _DEPTH_MAX:
        for value in decoded.values():
            inside = _items(_decoded(value), depth + 1)
            if inside:
                return inside
    return []


def _decoded(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return replies.loaded(value)
    except ValueError:
        return None


def _first(item: Mapping[str, Any], *names: str) -> Any:
    return next((item[name] for name in names if item.get(name) is not None), None)


def _time(value: object) -> float | None:
    found = replies.number(value)
    return found if found is not None and abs(found) <= _TIME_MAX else None
