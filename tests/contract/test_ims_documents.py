"""What IMS says in many ways, read in one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.clients import ims_documents as documents
from shared.clients.endpoints import Endpoints
from shared.domain.errors import Corrupt, Retry
from shared.ports import Bucket, Fate, Film, Kind, Place
from shared.settings import Settings

ENDPOINTS = Endpoints.of(Settings())
SUBMISSIONS = documents.Submissions(ENDPOINTS, "ice-callback-echobot")
FILM = Place(Bucket.INPUT, "inbox/fox/story.mp4")


def verdict(kind: Kind, **reply: Any) -> Any:
    return documents.verdict(kind, reply, ENDPOINTS)


@pytest.mark.parametrize(
    "word", ["Init", "Queuing", "Processing", "Analyzing", "Analysing", "Created", "Executing", ""]
)
def test_any_word_that_is_not_an_end_means_running(word: str) -> None:
    assert verdict(Kind.IMS_PRODUCING, MediaProducingJob={"Status": word}).fate is Fate.RUNNING
    assert verdict(Kind.IMS_PRODUCTION, Status=word).fate is Fate.RUNNING
    assert verdict(Kind.IMS_SMART, State=word).fate is Fate.RUNNING


@pytest.mark.parametrize("word", ["Fail", "Failed", "FAILED", "Canceled", "CANCELLED"])
def test_a_failure_has_many_names(word: str) -> None:
    assert verdict(Kind.IMS_PRODUCING, MediaProducingJob={"Status": word}).fate is Fate.FAILED
    assert verdict(Kind.IMS_PRODUCTION, Status=word).fate is Fate.FAILED
    assert verdict(Kind.IMS_SMART, State=word).fate is Fate.FAILED


@pytest.mark.parametrize("word", ["Success", "Finished", "SUCCEEDED"])
def test_so_has_a_success(word: str) -> None:
    assert verdict(Kind.IMS_PRODUCING, MediaProducingJob={"Status": word, "Duration": 12.34}).result == {
        "seconds": 12.34
    }


@pytest.mark.parametrize("duration", ["30.500000", 30.5])
def test_a_duration_may_be_text(duration: object) -> None:
    job = {"Status": "Success", "Duration": duration}

    assert verdict(Kind.IMS_PRODUCING, MediaProducingJob=job).result == {"seconds": 30.5}


def test_a_failed_film_says_why() -> None:
    job = {"Status": "Failed", "Code": "InvalidParameter", "Message": "no such media"}
    error = verdict(Kind.IMS_PRODUCING, MediaProducingJob=job).error

    assert isinstance(error, Corrupt)
    assert error.fields["vendor_code"] == "InvalidParameter"


def test_a_failure_of_the_service_itself_may_be_tried_again() -> None:
    job = {"Status": "Failed", "Code": "InternalError"}

    assert isinstance(verdict(Kind.IMS_PRODUCING, MediaProducingJob=job).error, Retry)


@pytest.mark.parametrize("result", [None, "", "{}", "not json", "[1]"])
def test_a_failed_production_without_a_reason_names_its_function(result: object) -> None:
    error = verdict(Kind.IMS_PRODUCTION, Status="Fail", FunctionName="MusicDemix", Result=result).error

    assert isinstance(error, Corrupt)
    assert error.fields["vendor_code"] == "MusicDemix"


WORK = "echobot-work"


@pytest.mark.parametrize(
    "reply",
    [
        {"OutputFiles": ["jobs/fox/1_vocal.wav", "jobs/fox/2 b.wav"]},
        {"OutputFiles": ["/jobs/fox/1_vocal.wav", "/jobs/fox/2 b.wav"]},
        {"OutputFiles": [f"oss://{WORK}/jobs/fox/1_vocal.wav", f"oss://{WORK}/jobs/fox/2 b.wav"]},
        {
            "OutputUrls": [
                f"http://{WORK}.oss-cn-beijing.aliyuncs.com/jobs/fox/1_vocal.wav?Expires=1",
                f"https://{WORK}.oss-cn-beijing.aliyuncs.com/jobs/fox/2%20b.wav",
            ]
        },
        {
            "OutputFiles": ["jobs/fox/1_vocal.wav"],
            "OutputUrls": [
                f"http://{WORK}.oss-cn-beijing.aliyuncs.com/jobs/fox/1_vocal.wav",
                f"http://{WORK}.oss-cn-beijing.aliyuncs.com/jobs/fox/2%20b.wav",
            ],
        },
    ],
    ids=["keys", "keys with a slash", "oss names", "urls", "both"],
)
def test_files_are_told_as_keys_or_urls(reply: dict[str, Any]) -> None:
    found = verdict(Kind.IMS_PRODUCTION, Status="Success", **reply)

    assert found.result == {"keys": ["jobs/fox/1_vocal.wav", "jobs/fox/2 b.wav"]}


def test_the_one_file_of_a_job_may_be_named_by_its_output_only() -> None:
    output = {"Type": "OSS", "Media": f"oss://{WORK}/jobs/fox/captions.srt"}

    assert verdict(Kind.IMS_PRODUCTION, Status="Success", Output=output).result == {"keys": ["jobs/fox/captions.srt"]}


def test_files_in_a_foreign_bucket_are_not_ours() -> None:
    urls = ["https://other.oss-cn-beijing.aliyuncs.com/jobs/fox/1.wav", "oss://echobot-input/inbox/fox/story.mp4"]

    assert verdict(Kind.IMS_PRODUCTION, Status="Success", OutputUrls=urls).result == {"keys": []}


SENTENCES = [
    {"text": "从前", "start_ms": 1000, "end_ms": 2500},
    {"text": "有只狐狸", "start_ms": 3000, "end_ms": 4250},
]
SECONDS = [{"content": "从前", "from": 1, "to": 2.5}, {"content": "有只狐狸", "from": 3.0, "to": 4.25}]
SHAPES: dict[str, Any] = {
    "seconds": SECONDS,
    "seconds as text": [
        {"content": "从前", "from": "1", "to": "2.5"},
        {"content": "有只狐狸", "from": "3", "to": "4.25"},
    ],
    "milliseconds": [
        {"text": "从前", "begin_time": 1000, "end_time": 2500},
        {"text": "有只狐狸", "begin_time": 3000, "end_time": 4250},
    ],
    "other names": [
        {"text": "从前", "startTime": 1.0, "endTime": 2.5},
        {"text": "有只狐狸", "startTime": 3.0, "endTime": 4.25},
    ],
    "in any order": SECONDS[::-1],
    "under a name": {"sentences": SECONDS},
    "deeper": {"result": {"asr": json.dumps(SECONDS)}},
    "with noise": [
        *SECONDS,
        {"content": "", "from": 5, "to": 6},
        {"content": "没有时间"},
        {"content": "x", "from": "?"},
    ],
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
@pytest.mark.parametrize("as_text", [True, False])
def test_sentences_come_in_any_shape(shape: Any, as_text: bool) -> None:
    result = json.dumps(shape, ensure_ascii=False) if as_text else shape

    assert documents.sentences(result) == SENTENCES


@pytest.mark.parametrize("result", [None, "", "{}", "[]", "broken", "7", {"Usage": "1"}])
def test_no_sentences_are_an_empty_list(result: object) -> None:
    assert documents.sentences(result) == []


def test_sentences_may_lie_in_the_output_instead() -> None:
    found = verdict(Kind.IMS_SMART, State="Finished", Output=json.dumps(SECONDS), JobResult={"AiResult": ""})

    assert found.result == {"sentences": SENTENCES}


def test_a_failed_recognition_says_why() -> None:
    error = verdict(Kind.IMS_SMART, State="Failed", ErrorCode="Throttling.User", ErrorMessage="slow down").error

    assert isinstance(error, Retry)


def test_captions_are_looked_for_in_the_bottom_quarter() -> None:
    params = SUBMISSIONS.captions(FILM, Place(Bucket.WORK, "jobs/fox/captions.srt"), "fox/separate")

    assert json.loads(params["Input"]) == {"Type": "OSS", "Media": "oss://echobot-input/inbox/fox/story.mp4"}
    assert json.loads(params["Output"])["Media"] == "oss://echobot-work/jobs/fox/captions.srt"
    assert json.loads(params["JobParams"]) == {"fps": 5, "roi": [[0.75, 1], [0, 1]], "lang": "ch", "track": "main"}


def test_asr_wants_the_region_in_its_input() -> None:
    params = SUBMISSIONS.recognition(FILM, "fox/separate")

    assert params["InputFile"] == "oss://echobot-input.oss-cn-beijing.aliyuncs.com/inbox/fox/story.mp4"


def test_a_film_has_a_size_and_an_end() -> None:
    params = SUBMISSIONS.production({}, Place(Bucket.WORK, "jobs/fox/story.mp4"), Film(1280, 720, 61.5), "t", "l")

    assert json.loads(params["OutputMediaConfig"]) == {
        "MediaURL": "https://echobot-work.oss-cn-beijing.aliyuncs.com/jobs/fox/story.mp4",
        "Width": 1280,
        "Height": 720,
        "MaxDuration": 61.5,
    }


def test_every_submission_names_the_queue_and_the_label() -> None:
    place = Place(Bucket.WORK, "x")
    for params in (
        SUBMISSIONS.captions(FILM, place, "fox/separate"),
        SUBMISSIONS.demix(FILM, place, "fox/separate"),
        SUBMISSIONS.recognition(FILM, "fox/separate"),
        SUBMISSIONS.production({}, place, Film(640, 480, 1.0), "t", "fox/separate"),
    ):
        assert json.loads(params["UserData"]) == {"NotifyAddress": "ice-callback-echobot", "label": "fox/separate"}
        assert len(params["UserData"]) <= 256
