"""Promises of photo checks and of asynchronous tasks, called in process."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

import pytest

from local.engines.contract import Engines
from local.standins.metering import Charge
from local.standins.model_studio.avatars import Asked, Made, TaskModel
from local.standins.store import FolderStore
from local.standins.work import Pace
from tests.standins.model_studio.conftest import PHOTO, SPEECH, Refusal, Studio
from tests.toys import asked_in, seconds_of, toy_mp4, toy_png, toy_wav

PATH = "image2video/video-synthesis"


def detected(studio: Studio, model: str = "emo-detect-v1", **parameters: str) -> dict[str, Any]:
    return studio.state.detect(model, {"image_url": PHOTO}, {"ratio": "1:1", **parameters})


# ---- photo checks


def test_a_good_photo_gives_both_boxes(studio: Studio) -> None:
    reply = detected(studio)

    assert reply["output"] == {"check_pass": True, "face_bbox": [192, 192, 320, 320], "ext_bbox": [0, 0, 512, 512]}
    assert reply["usage"] == {"image_count": 1}


@pytest.mark.parametrize(("side", "is_good"), [(480, True), (399, False)])
def test_the_size_of_a_webp_photo_is_known(studio: Studio, side: int, is_good: bool) -> None:
    lossy = b"\x9d\x01\x2a" * 2 + struct.pack("<HH", 640, side)
    studio.web.pages[PHOTO] = b"RIFF\x20\0\0\0WEBPVP8 \x14\0\0\0" + lossy + bytes(10)

    assert detected(studio)["output"]["check_pass"] is is_good


def test_the_half_length_ratio_gives_a_narrower_box(studio: Studio) -> None:
    assert detected(studio, ratio="3:4")["output"]["ext_bbox"] == [64, 0, 448, 512]


@pytest.mark.parametrize("photo", [toy_png(note=b"NOFACE"), toy_png(note=b"TWOFACES"), toy_png(399, 512)])
def test_a_photo_that_will_not_do_is_an_answer_without_reasons(studio: Studio, photo: bytes) -> None:
    studio.web.pages[PHOTO] = photo

    assert detected(studio)["output"] == {"check_pass": False, "code": "", "message": ""}


@pytest.mark.parametrize(
    ("photo", "code"),
    [
        (toy_png(note=b"NOFACE"), "InvalidFile.Content"),
        (toy_png(note=b"TOODARK"), "InvalidFile.Value"),
        (toy_png(512, 7001), "InvalidFile.Resolution"),
    ],
)
def test_reasons_can_be_switched_on(studio: Studio, photo: bytes, code: str) -> None:
    studio.state.explain_refused_photos()
    studio.web.pages[PHOTO] = photo

    output = detected(studio)["output"]
    assert (output["check_pass"], output["code"]) == (False, code)
    assert output["message"]


def test_refused_photos_are_charged_like_good_ones(studio: Studio) -> None:
    good = detected(studio)
    studio.web.pages[PHOTO] = toy_png(note=b"NOFACE")
    bad = detected(studio)

    assert studio.state.register == [
        Charge("emo-detect-v1", 0.004, good["request_id"]),
        Charge("emo-detect-v1", 0.004, bad["request_id"]),
    ]


def test_the_other_checks_answer_in_their_own_shape(studio: Studio) -> None:
    assert detected(studio, "wan2.2-s2v-detect")["output"] == {"check_pass": True, "humanoid": True}
    assert detected(studio, "liveportrait-detect")["output"] == {"pass": True, "message": "success"}
    studio.web.pages[PHOTO] = toy_png(note=b"NOFACE")
    assert detected(studio, "liveportrait-detect")["output"] == {"pass": False, "message": "No human face detected."}


@pytest.mark.parametrize(
    ("fields", "parameters", "expected"),
    [
        ({"image_url": PHOTO}, {}, "400 InvalidParameter"),
        ({"image_url": PHOTO}, {"ratio": "16:9"}, "400 InvalidParameter"),
        ({"photo": PHOTO}, {"ratio": "1:1"}, "400 InvalidParameter"),
        ({"image_url": "https://work/none.png"}, {"ratio": "1:1"}, "400 InvalidURL"),
        ({"image_url": "file:///etc/passwd"}, {"ratio": "1:1"}, "400 InvalidURL"),
        ({"image_url": SPEECH}, {"ratio": "1:1"}, "400 InvalidURL"),
    ],
)
def test_a_wrong_check_is_refused_and_costs_nothing(
    studio: Studio, refusal: Refusal, fields: dict[str, str], parameters: dict[str, str], expected: str
) -> None:
    assert refusal(lambda: studio.state.detect("emo-detect-v1", fields, parameters)) == expected
    assert studio.state.register == []


# ---- a task's life


def test_a_portrait_speaks_after_its_time_and_not_before(studio: Studio) -> None:
    task_id = studio.submit()

    assert studio.output(task_id) == {
        "task_id": task_id,
        "task_status": "PENDING",
        "submit_time": "2026-11-18 19:06:40.000",
    }
    studio.timing.run(5)
    assert studio.status(task_id) == "RUNNING"
    studio.timing.run(59)
    assert studio.status(task_id) == "RUNNING"
    studio.timing.run(1)
    reply = studio.state.query_task(task_id)
    clip = studio.web.pages[reply["output"]["results"]["video_url"]]
    assert (reply["output"]["task_status"], reply["output"]["end_time"]) == ("SUCCEEDED", "2026-11-18 19:07:45.000")
    assert reply["usage"] == {"video_duration": 10.0, "video_ratio": "1:1"}
    assert (seconds_of(clip), asked_in(clip)["ext_bbox"]) == (10.0, [0, 0, 512, 512])


def test_one_task_at_a_time_and_the_others_wait_in_order(studio: Studio) -> None:
    first, second, third = (studio.submit() for _ in range(3))
    studio.timing.run(5)

    assert [studio.status(task) for task in (first, second, third)] == ["RUNNING", "PENDING", "PENDING"]
    studio.timing.run(60)
    assert [studio.status(task) for task in (first, second, third)] == ["SUCCEEDED", "RUNNING", "PENDING"]


def test_models_do_not_wait_for_each_other(studio: Studio) -> None:
    emo, s2v = studio.submit("emo-v1"), studio.submit("wan2.2-s2v")
    studio.timing.run(5)

    assert [studio.status(emo), studio.status(s2v)] == ["RUNNING", "RUNNING"]


def test_a_failed_task_makes_room_for_the_next(studio: Studio) -> None:
    first, second = studio.submit(audio_url="https://work/none.wav"), studio.submit()
    studio.timing.run(6)

    assert [studio.status(first), studio.status(second)] == ["FAILED", "RUNNING"]


def test_urls_are_fetched_when_the_task_runs_so_they_can_expire_in_the_queue(studio: Studio) -> None:
    studio.submit()
    waiting = studio.submit()
    studio.timing.run(10)
    del studio.web.pages[SPEECH]
    studio.timing.run()

    assert (studio.status(waiting), studio.output(waiting)["code"]) == ("FAILED", "InvalidURL")


def test_only_a_waiting_task_can_be_cancelled(studio: Studio, refusal: Refusal) -> None:
    running, waiting = studio.submit(), studio.submit()
    studio.timing.run(5)
    studio.state.cancel_task(waiting)

    assert studio.status(waiting) == "CANCELED"
    assert refusal(lambda: studio.state.cancel_task(running)) == "400 UnsupportedOperation"
    assert refusal(lambda: studio.state.cancel_task(waiting)) == "400 UnsupportedOperation"
    assert refusal(lambda: studio.state.cancel_task("nonsense")) == "400 UnsupportedOperation"


def test_a_cancelled_task_costs_nothing_and_tells_nobody(studio: Studio) -> None:
    studio.state.cancel_task(studio.submit())
    studio.timing.run()

    assert (studio.state.register, studio.events) == ([], [])


def test_a_task_is_forgotten_a_day_after_its_submission(studio: Studio) -> None:
    task_id = studio.submit()
    studio.timing.run()
    studio.timing.advance(24 * 3600 - 66)

    assert studio.status(task_id) == "SUCCEEDED"
    studio.timing.advance(1)
    assert studio.output(task_id) == {"task_id": task_id, "task_status": "UNKNOWN"}
    assert studio.state.list_tasks()["total"] == 0


def test_a_task_nobody_submitted_is_unknown_not_an_error(studio: Studio) -> None:
    assert studio.output("nonsense") == {"task_id": "nonsense", "task_status": "UNKNOWN"}


@pytest.mark.parametrize(("audio_s", "ext_bbox", "yuan"), [(10, [0, 0, 512, 512], 0.8), (10, [64, 0, 448, 512], 1.6)])
def test_emo_is_charged_by_second_and_ratio(studio: Studio, audio_s: float, ext_bbox: list[int], yuan: float) -> None:
    task_id = studio.submit(ext_bbox=ext_bbox)
    studio.timing.run()

    assert studio.state.register == [Charge("emo-v1", yuan, task_id)]


def test_s2v_needs_no_boxes_and_is_charged_by_resolution(studio: Studio) -> None:
    fields = {"image_url": PHOTO, "audio_url": SPEECH}
    reply = studio.state.submit_task("wan2.2-s2v", fields, {"resolution": "720P"}, PATH)
    studio.timing.run()

    task_id = reply["output"]["task_id"]
    usage = studio.state.query_task(task_id)["usage"]
    assert (usage["duration"], usage["SR"], usage["video_count"]) == (10.0, 720, 1)
    assert studio.state.register == [Charge("wan2.2-s2v", 9.0, task_id)]


def test_a_failed_task_costs_nothing(studio: Studio) -> None:
    studio.submit(image_url="https://work/none.png")
    studio.timing.run()

    assert studio.state.register == []


def test_the_sixth_submission_within_a_second_is_throttled(studio: Studio, refusal: Refusal) -> None:
    for _ in range(5):
        studio.submit()

    assert refusal(studio.submit) == "429 Throttling.RateQuota"
    assert studio.state.list_tasks()["total"] == 5


def test_the_twenty_first_question_within_a_second_is_throttled(studio: Studio, refusal: Refusal) -> None:
    for _ in range(20):
        studio.output("nonsense")

    assert refusal(studio.state.list_tasks) == "429 Throttling.RateQuota"


# ---- what fails, and when


@pytest.mark.parametrize("missing", ["image_url", "audio_url", "face_bbox", "ext_bbox"])
def test_a_missing_input_is_refused_at_once(studio: Studio, refusal: Refusal, missing: str) -> None:
    without: dict[str, Any] = {missing: None}

    assert refusal(lambda: studio.submit(**without)) == "400 InvalidParameter"


@pytest.mark.parametrize(
    ("url", "body", "code", "words"),
    [
        (SPEECH, toy_wav(60.1), "InvalidURL", "longer than 60s"),
        (SPEECH, toy_wav(1) + bytes(15 * 1024 * 1024), "InvalidURL", "larger than 15MB"),
        (SPEECH, toy_mp4(5, 64, 64), "InvalidURL", "Allowed types are: .wav, .mp3"),
        (SPEECH, b"RIFF nothing", "InvalidURL", "Allowed types are: .wav, .mp3"),
        (PHOTO, b"not a photo", "InvalidURL", "JPEG, JPG, PNG, BMP, and WEBP"),
        (PHOTO, toy_png(399, 800), "InvalidFile.Resolution", "larger than 400"),
        (PHOTO, toy_png(800, 7001), "InvalidFile.Resolution", "smaller than 7000"),
    ],
)
def test_inputs_over_the_limits_fail_the_task_not_the_submission(
    studio: Studio, url: str, body: bytes, code: str, words: str
) -> None:
    studio.web.pages[url] = body
    task_id = studio.submit()
    studio.timing.run()

    output = studio.output(task_id)
    assert (output["task_status"], output["code"]) == ("FAILED", code)
    assert words in output["message"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"parameters": {"style_level": "subtle"}}, "InvalidParameter"),
        ({"ext_bbox": [0, 0, 512, 300]}, "InvalidParameter"),
        ({"ext_bbox": [0, 0, 600, 600]}, "InvalidParameter"),
        ({"face_bbox": [9, 9, 9, 9]}, "InvalidParameter"),
        ({"face_bbox": [0.5, 0, 10, 10]}, "InvalidParameter"),
        ({"audio_url": "oss://work/speech.wav"}, "InvalidURL"),
    ],
)
def test_wrong_values_fail_the_task_not_the_submission(studio: Studio, changes: dict[str, Any], code: str) -> None:
    task_id = studio.submit(**changes)
    studio.timing.run()

    assert (studio.status(task_id), studio.output(task_id)["code"]) == ("FAILED", code)


def test_a_host_that_does_not_answer_has_a_code_of_its_own(studio: Studio) -> None:
    studio.web.slow.add(SPEECH)
    task_id = studio.submit()
    studio.timing.run()

    assert studio.output(task_id)["code"] == "InvalidParameter.DataInspection"


def test_sixty_seconds_are_still_spoken_by_emo(studio: Studio) -> None:
    studio.web.pages[SPEECH] = toy_wav(60)
    task_id = studio.submit()
    studio.timing.run()

    assert studio.status(task_id) == "SUCCEEDED"


@pytest.mark.parametrize(("seconds", "status"), [(19.99, "SUCCEEDED"), (20, "FAILED")])
def test_twenty_seconds_are_too_long_for_s2v(studio: Studio, seconds: float, status: str) -> None:
    studio.web.pages[SPEECH] = toy_wav(seconds)
    task_id = studio.submit("wan2.2-s2v")
    studio.timing.run()

    assert studio.status(task_id) == status


def test_s2v_refuses_a_photo_without_a_face_in_the_task(studio: Studio) -> None:
    studio.web.pages[PHOTO] = toy_png(note=b"NOFACE")
    task_id = studio.submit("wan2.2-s2v")
    studio.timing.run()

    assert studio.output(task_id)["code"] == "InvalidFile.Content"


def test_a_model_that_is_switched_off_takes_nothing_but_finishes_what_it_took(studio: Studio, refusal: Refusal) -> None:
    taken = studio.submit()
    studio.state.offline_models.update({"emo-v1", "emo-detect-v1"})
    studio.timing.run()

    assert refusal(studio.submit) == "403 Endpoint.AccessDenied"
    assert refusal(lambda: detected(studio)) == "403 Endpoint.AccessDenied"
    studio.state.answer_offline_with("ModelNotFound")
    assert refusal(studio.submit) == "404 ModelNotFound"
    assert studio.status(taken) == "SUCCEEDED"


def test_a_model_must_be_asked_at_its_own_path(studio: Studio, refusal: Refusal) -> None:
    assert refusal(lambda: studio.submit(path="video-generation/video-synthesis")) == "400 InvalidParameter"
    assert refusal(lambda: studio.submit("emo-detect-v1")) == "400 InvalidParameter"
    assert refusal(lambda: detected(studio, "emo-v1")) == "400 InvalidParameter"
    assert refusal(lambda: studio.submit("emo-v2")) == "404 ModelNotFound"


def test_a_broken_engine_is_an_internal_error_of_the_vendor(
    studio: Studio, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> float:
        raise OSError("no more memory")

    monkeypatch.setattr(studio.engines, "animate", broken)
    task_id = studio.submit()
    studio.timing.run()

    assert studio.output(task_id)["code"] == "InternalError.Algo"
    assert "no more memory" in caplog.text


# ---- events, lists, more models


def test_the_end_of_a_task_is_published_without_its_result(studio: Studio) -> None:
    task_id = studio.submit()
    studio.timing.run()

    (event,) = studio.events
    assert {name: event[name] for name in ("source", "type", "specversion", "aliyuneventbusname", "time")} == {
        "source": "acs.dashscope",
        "type": "dashscope:System:AsyncTaskFinish",
        "specversion": "1.0",
        "aliyuneventbusname": "default",
        "time": "2026-11-18T11:07:45.000Z",
    }
    request_id = studio.state.list_tasks()["data"][0]["request_id"]
    assert event["data"] == {
        "task_id": task_id,
        "task_status": "SUCCEEDED",
        "start_time": "2026-11-18 19:06:45",
        "end_time": "2026-11-18 19:07:45",
        "region": "cn-beijing",
        "request_id": request_id,
        "api_key_id": "1250",
        "contain_result": False,
        "user_api_unique_key": "apikey:v1:aigc:image2video:video-synthesis:emo-v1",
    }


def test_a_failure_is_published_too(studio: Studio) -> None:
    studio.submit(image_url="https://work/none.png")
    studio.timing.run()

    assert [event["data"]["task_status"] for event in studio.events] == ["FAILED"]


def test_when_the_event_comes_the_answer_is_already_there(studio: Studio) -> None:
    seen: list[str] = []
    studio.events = []
    studio.state._bench.publish = lambda event: seen.append(studio.status(event["data"]["task_id"]))
    studio.submit()
    studio.timing.run()

    assert seen == ["SUCCEEDED"]


def test_a_model_can_be_made_to_finish_in_silence(studio: Studio) -> None:
    studio.state.silent_models.add("wan2.2-s2v")
    studio.submit("wan2.2-s2v")
    studio.timing.run()

    assert studio.events == []


def test_the_list_shows_every_task_of_the_account_newest_first(studio: Studio) -> None:
    first = studio.submit()
    studio.timing.run()
    second = studio.submit("wan2.2-s2v")

    reply = studio.state.list_tasks()
    assert [(entry["task_id"], entry["status"]) for entry in reply["data"]] == [
        (second, "PENDING"),
        (first, "SUCCEEDED"),
    ]
    assert reply["data"][1]["gmt_create"] == 1_795_000_000_000
    assert reply["data"][1]["end_time"] - reply["data"][1]["start_time"] == 60_000
    assert "start_time" not in reply["data"][0]
    assert (reply["total"], reply["total_page"], reply["page_no"], reply["page_size"]) == (2, 1, 1, 10)


def test_the_list_can_be_narrowed_and_paged(studio: Studio) -> None:
    tasks = [studio.submit(model) for model in ("emo-v1", "wan2.2-s2v", "emo-v1", "emo-v1")]
    studio.timing.run(5)

    emo = studio.state.list_tasks(model_name="emo-v1", page_no=2, page_size=2)
    assert [entry["task_id"] for entry in emo["data"]] == [tasks[0]]
    assert (emo["total"], emo["total_page"]) == (3, 2)
    assert studio.state.list_tasks(model_name="emo-v1", status="RUNNING")["data"][0]["task_id"] == tasks[0]


def test_the_list_takes_times_of_chinas_clock_and_keeps_the_last_second(studio: Studio) -> None:
    studio.timing.advance(0.5)
    task_id = studio.submit()
    studio.timing.advance(3600)

    def listed(start_time: str, end_time: str = "") -> list[str]:
        found = studio.state.list_tasks(start_time=start_time, end_time=end_time)["data"]
        return [entry["task_id"] for entry in found]

    assert listed("20261118190640") == [task_id]
    assert listed("20261118180640", "20261118190640") == [task_id]
    assert listed("20261118190641") == []


@pytest.mark.parametrize(("start", "end"), [("yesterday", ""), ("20261117000000", "20261118190640")])
def test_a_list_of_more_than_a_day_is_refused(studio: Studio, refusal: Refusal, start: str, end: str) -> None:
    assert refusal(lambda: studio.state.list_tasks(start_time=start, end_time=end)) == "400 InvalidParameter"


def test_another_model_is_one_more_row(studio: Studio) -> None:
    def make(engines: Engines, asked: Asked) -> Made:
        del engines
        return Made(toy_mp4(5, 832, 480), "video/mp4", ("video_url",), {"video_count": 1}, 0.7 * 5)

    needs: Mapping[str, type] = {"prompt": str}
    wan = TaskModel("wan2.2-t2v-plus", "video-generation/video-synthesis", needs, (), lambda _: None, make, 2, 2)
    studio = Studio(models=(wan,))
    fields = {"prompt": "a rabbit"}
    tasks = [studio.state.submit_task(wan.name, fields, {}, wan.path)["output"]["task_id"] for _ in range(2)]
    studio.timing.run(5)

    assert [studio.status(task) for task in tasks] == ["RUNNING", "RUNNING"]
    studio.timing.run()
    assert studio.output(tasks[0])["video_url"] in studio.web.pages
    assert studio.state.register.total_yuan == 7.0


def test_liveportrait_speaks_for_up_to_three_minutes(studio: Studio) -> None:
    studio.web.pages[SPEECH] = toy_wav(180)
    task_id = studio.submit("liveportrait", parameters={"template_id": "calm"})
    studio.web.pages["https://work/long.wav"] = toy_wav(180.1)
    too_long = studio.submit("liveportrait", audio_url="https://work/long.wav")
    studio.timing.run()

    assert studio.state.query_task(task_id)["usage"] == {"video_duration": 180.0, "video_ratio": "standard"}
    assert studio.output(too_long)["code"] == "InvalidFile.AudioLengthError"


def test_liveportrait_moves_as_its_parameters_say(studio: Studio) -> None:
    asked = {"template_id": "active", "video_fps": 30, "head_move_strength": 0.2, "paste_back": False}
    task_id = studio.submit("liveportrait", parameters=asked)
    studio.timing.run()

    clip = asked_in(studio.web.pages[studio.output(task_id)["results"]["video_url"]])
    assert (clip["template"], clip["fps"], clip["head_strength"], clip["paste_back"]) == ("active", 30, 0.2, False)
    assert (clip["mouth_strength"], clip["eye_frequency"]) == (1.0, 0.5)


@pytest.mark.parametrize(
    "wrong",
    [{"template_id": "subtle"}, {"video_fps": 31}, {"head_move_strength": 1.1}, {"mouth_move_strength": -0.1}],
)
def test_liveportrait_refuses_what_is_out_of_its_ranges(studio: Studio, wrong: dict[str, object]) -> None:
    task_id = studio.submit("liveportrait", parameters=wrong)
    studio.timing.run()

    output = studio.output(task_id)
    assert output["code"] == "InvalidParameter"
    assert output["message"] == f"The type or value of {next(iter(wrong))} is out of definition."


def test_tasks_go_on_after_a_restart_and_are_charged_once(
    studio: Studio, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = FolderStore(tmp_path_factory.mktemp("state"))
    studio.account.store = store
    studio.restart()
    running, waiting = studio.submit(), studio.submit()
    studio.timing.run(10)
    studio.timing._due.clear()  # a stopped process does nothing any more
    studio.restart()
    studio.timing.run()

    assert [studio.status(running), studio.status(waiting)] == ["SUCCEEDED", "SUCCEEDED"]
    assert [charge.ref for charge in studio.state.register] == [running, waiting]
    store.close()


def test_two_runs_of_the_same_story_are_the_same(studio: Studio) -> None:
    pace = Pace(task_queue_s=5, task_run_s=60, spread=0.5)

    def told() -> list[dict[str, Any]]:
        again = Studio(pace=pace)
        again.submit()
        again.submit()
        again.timing.run()
        return again.events

    assert told() == told()


def test_calls_in_process_are_counted_with_their_status(studio: Studio, refusal: Refusal) -> None:
    task_id = studio.submit()
    studio.status(task_id)
    refusal(lambda: studio.submit(image_url=None))
    detected(studio)

    assert [(asked.operation, asked.status, asked.detail) for asked in studio.account.asked] == [
        ("emo-v1", 200, ""),
        ("tasks.get", 200, task_id),
        ("emo-v1", 400, "InvalidParameter"),
        ("emo-detect-v1", 200, ""),
    ]
