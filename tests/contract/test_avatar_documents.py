"""Talking portraits: where the pages of the vendor disagree, every reading is understood."""

from __future__ import annotations

from typing import Any

import pytest

from shared.clients import avatar_documents as documents
from shared.domain.errors import Corrupt, EchobotError, Refused, Retry, Unknown
from shared.ports import Face, Fate

URL = "https://dashscope-result-bj.oss-cn-beijing.aliyuncs.com/clip.mp4"
FACE = Face((302, 286, 610, 593), (71, 9, 840, 778))


def done(usage: dict[str, Any] | None = None, **output: Any) -> Any:
    return documents.task_verdict({"output": {"task_status": "SUCCEEDED", **output}, "usage": usage})


@pytest.mark.parametrize(
    "output",
    [
        {"results": {"video_url": URL}},
        {"results": [{"video_url": URL}]},
        {"results": {"video_url": [URL]}},
        {"video_url": URL},
        {"output_video_url": URL},
        {"results": {}, "video_url": URL},
        {"results": [{"code": "DataInspectionFailed"}, {"url": URL}]},
    ],
)
def test_the_video_is_found_wherever_it_is(output: dict[str, Any]) -> None:
    assert done(**output).result["url"] == URL


@pytest.mark.parametrize(
    ("usage", "seconds", "ratio"),
    [
        ({"video_duration": 13.93, "video_ratio": "1:1"}, 13.93, "1:1"),
        ({"duration": 18.13, "size": "512*640", "SR": 480}, 18.13, "512*640"),
        ({}, 0.0, ""),
        (None, 0.0, ""),
    ],
)
def test_the_usage_has_two_spellings(usage: dict[str, Any] | None, seconds: float, ratio: str) -> None:
    assert done(usage, video_url=URL).result == {"url": URL, "seconds": seconds, "ratio": ratio}


@pytest.mark.parametrize("output", [{}, {"results": {}}, {"results": []}, {"video_url": ""}, {"results": None}])
def test_a_success_without_a_video_breaks_the_contract(output: dict[str, Any]) -> None:
    verdict = done(**output)

    assert verdict.fate is Fate.FAILED
    assert isinstance(verdict.error, Corrupt)
    assert verdict.error.code == "vendor.contract"


@pytest.mark.parametrize("word", ["PENDING", "PRE-PROCESSING", "RUNNING", "POST-PROCESSING", "SUSPENDED", "NEW", None])
def test_any_word_that_is_not_an_end_means_running(word: str | None) -> None:
    assert documents.task_verdict({"output": {"task_status": word}}).fate is Fate.RUNNING


def test_an_unknown_task_is_forgotten() -> None:
    assert documents.task_verdict({"output": {"task_status": "UNKNOWN"}}).fate is Fate.FORGOTTEN


@pytest.mark.parametrize("word", ["CANCELED", "CANCELLED"])
def test_a_cancelled_task_may_be_sent_again(word: str) -> None:
    verdict = documents.task_verdict({"output": {"task_status": word}})

    assert verdict.fate is Fate.FAILED
    assert isinstance(verdict.error, Retry)


@pytest.mark.parametrize(
    ("code", "message", "error", "sentence"),
    [
        ("InvalidURL", "Required URL is missing or invalid", Retry, "url.expired"),
        ("InternalError.Timeout", "", Retry, "vendor.busy"),
        ("InternalError.Algo", "", Retry, "vendor.busy"),
        ("DataInspectionFailed", "", Refused, "content.blocked"),
        ("InvalidFile.FacePose", "", Refused, "photo.pose"),
        ("InvalidParameter", "The style_level is invalid.", Corrupt, "vendor.rejected"),
        ("", "", Corrupt, "vendor.rejected"),
    ],
)
def test_a_failed_task_certainly_has_no_effect_left(
    code: str, message: str, error: type[EchobotError], sentence: str
) -> None:
    found = documents.task_verdict({"output": {"task_status": "FAILED", "code": code, "message": message}}).error

    assert type(found) is error
    assert not isinstance(found, Unknown)
    assert isinstance(found, EchobotError)
    assert found.code == sentence


def test_boxes_are_whole_pixels() -> None:
    output = {"check_pass": True, "face_bbox": [302.0, 286.4, 610, 593], "ext_bbox": [71, 9, 840, 778]}

    assert documents.face_of("emo", output) == FACE


@pytest.mark.parametrize(
    "output",
    [
        {"check_pass": True},
        {"check_pass": True, "face_bbox": [1, 2, 3], "ext_bbox": [1, 2, 3, 4]},
        {"check_pass": True, "face_bbox": [1, 2, 3, 4], "ext_bbox": "1,2,3,4"},
        {"check_pass": True, "face_bbox": [1, 2, 3, None], "ext_bbox": [1, 2, 3, 4]},
    ],
)
def test_a_face_without_its_boxes_breaks_the_contract(output: dict[str, Any]) -> None:
    with pytest.raises(Corrupt) as fault:
        documents.face_of("emo", output)

    assert fault.value.code == "vendor.contract"


@pytest.mark.parametrize(
    ("output", "code"),
    [
        ({"check_pass": False, "code": "", "message": ""}, "photo.rejected"),
        ({"check_pass": False}, "photo.rejected"),
        ({}, "photo.rejected"),
        ({"message": "The pose of the detected face is invalid"}, "photo.rejected"),
        ({"check_pass": "true", "face_bbox": [1, 2, 3, 4], "ext_bbox": [1, 2, 3, 4]}, "photo.rejected"),
        ({"check_pass": False, "code": "InvalidFile.Value", "message": "dark"}, "photo.dark"),
        ({"check_pass": False, "code": None, "message": "The input image has multi human bodies."}, "photo.many_faces"),
    ],
)
def test_a_photo_that_did_not_pass_is_refused(output: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        documents.face_of("emo", output)

    assert refusal.value.code == code


def test_liveportrait_says_pass_in_a_word_of_its_own() -> None:
    assert documents.face_of("liveportrait", {"pass": True, "message": "success"}) == Face(None, None)
    with pytest.raises(Refused) as refusal:
        documents.face_of("liveportrait", {"pass": False, "message": "No human face detected."})

    assert refusal.value.code == "photo.no_face"


def test_emo_is_asked_with_ratio_boxes_and_style() -> None:
    assert documents.detection("emo", "emo-detect-v1", "p", "3:4") == {
        "model": "emo-detect-v1",
        "input": {"image_url": "p"},
        "parameters": {"ratio": "3:4"},
    }
    assert documents.animation("emo", "emo-v1", "p", "s", FACE, "active") == {
        "model": "emo-v1",
        "input": {
            "image_url": "p",
            "audio_url": "s",
            "face_bbox": [302, 286, 610, 593],
            "ext_bbox": [71, 9, 840, 778],
        },
        "parameters": {"style_level": "active"},
    }


def test_s2v_is_asked_without_boxes_and_in_the_cheap_resolution() -> None:
    assert documents.detection("wan-s2v", "wan2.2-s2v-detect", "p", "1:1") == {
        "model": "wan2.2-s2v-detect",
        "input": {"image_url": "p"},
    }
    assert documents.animation("wan-s2v", "wan2.2-s2v", "p", "s", Face(None, None), "normal") == {
        "model": "wan2.2-s2v",
        "input": {"image_url": "p", "audio_url": "s"},
        "parameters": {"resolution": "480P"},
    }


def test_an_engine_nobody_knows_is_our_fault() -> None:
    with pytest.raises(Corrupt):
        documents.detection("vangogh", "m", "p", "1:1")


NOON = 1_758_081_600.0
"""2025-09-17 12:00:00 in Beijing."""


def test_a_window_is_asked_for_in_beijing_time() -> None:
    asked = documents.listing("emo-v1", NOON, NOON + 59.5, 2, 50)

    assert asked == {
        "model_name": "emo-v1",
        "start_time": "20250917120000",
        "end_time": "20250917120059",
        "page_no": "2",
        "page_size": "50",
    }


def test_a_window_is_never_longer_than_a_day() -> None:
    assert documents.listing("emo-v1", 0.0, NOON, 1, 50)["start_time"] == "20250916120000"


@pytest.mark.parametrize(
    "moment",
    [{"gmt_create": int(NOON * 1000) + 716}, {"submit_time": "2025-09-17 12:00:00.716"}],
    ids=["milliseconds", "Beijing's clock"],
)
def test_a_task_of_the_list_has_a_time(moment: dict[str, Any]) -> None:
    (task,) = documents.tasks_seen([{"task_id": "t", "status": "RUNNING", **moment}], NOON, NOON + 60)

    assert task.submitted_at == pytest.approx(NOON + 0.716)
    assert (task.task_id, task.status) == ("t", "RUNNING")


def test_tasks_outside_the_window_are_left_out() -> None:
    listed = [
        {"task_id": str(at), "status": "RUNNING", "gmt_create": int((NOON + at) * 1000)} for at in (-2, 0, 60, 62)
    ]

    assert [task.task_id for task in documents.tasks_seen(listed, NOON, NOON + 60)] == ["0", "60"]


def test_a_task_without_a_time_breaks_the_contract() -> None:
    with pytest.raises(Corrupt):
        documents.tasks_seen([{"task_id": "t"}], NOON, NOON + 60)
