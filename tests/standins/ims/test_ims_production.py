"""Promises of the intelligent production jobs (CaptionExtraction, MusicDemix) and of speech recognition."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from local.standins.errors import VendorError
from local.standins.ims.callbacks import Guesses
from tests.standins.ims.conftest import QUEUE, Ims, plain
from tests.toys import ToyEngines, seconds_of, toy_film

HOST_FORM = "oss://work.oss-cn-beijing.aliyuncs.com/jobs/a/story.mp4"


def extraction(**changes: str | None) -> dict[str, str]:
    """Parameters of a SubmitIProductionJob that is accepted; None takes one away."""
    params: dict[str, str | None] = {
        "FunctionName": "CaptionExtraction",
        "Input": json.dumps({"Type": "OSS", "Media": "oss://work/jobs/a/story.mp4"}),
        "Output": json.dumps({"Type": "OSS", "Media": "oss://work/jobs/a/{source}-{sequenceId}.srt"}),
        "JobParams": json.dumps({"fps": 5, "roi": [[0.75, 1], [0, 1]], "lang": "ch", "track": "main"}),
    }
    return {name: value for name, value in (params | changes).items() if value is not None}


def demix(output: str = "oss://work/jobs/a/music-{sequenceId}.wav") -> dict[str, str]:
    wanted = json.dumps({"Type": "OSS", "Media": output})
    return extraction(FunctionName="MusicDemix", JobParams=None, Output=wanted)


def finished(ims: Ims, params: dict[str, str]) -> dict[str, Any]:
    job_id = ims.state.submit_iproduction_job(params)["JobId"]
    ims.timing.run()
    return ims.state.query_iproduction_job(str(job_id))


def refusal(ims: Ims, params: dict[str, str]) -> str:
    with pytest.raises(VendorError) as caught:
        ims.state.submit_iproduction_job(params)
    return f"{caught.value.status} {caught.value.code}"


def test_captions_become_an_srt_at_the_output_place(ims: Ims) -> None:
    seen = finished(ims, extraction())

    assert (seen["Status"], seen["OutputFiles"], seen["OutputUrls"]) == (
        "Success",
        ["jobs/a/story-1.srt"],
        [plain("jobs/a/story-1.srt")],
    )
    assert ims.media.objects["work", "jobs/a/story-1.srt"].decode() == (
        "1\n00:00:01,000 --> 00:00:02,500\n从前\n\n2\n00:00:03,000 --> 00:00:04,000\n有只兔子\n\n"
    )


def test_a_film_without_captions_gives_an_empty_srt(ims: Ims) -> None:
    ims.media.objects["work", "jobs/a/story.mp4"] = toy_film(5)

    assert finished(ims, extraction())["Status"] == "Success"
    assert ims.media.objects["work", "jobs/a/story-1.srt"] == b""


def test_the_timestamp_placeholder_is_the_time_of_the_order(ims: Ims) -> None:
    output = json.dumps({"Type": "OSS", "Media": "oss://work/c-{timestamp}.srt"})

    assert finished(ims, extraction(Output=output))["OutputFiles"] == ["c-1795000000.srt"]


def test_an_extraction_passes_through_its_own_states(ims: Ims) -> None:
    job_id = str(ims.state.submit_iproduction_job(extraction())["JobId"])

    states = []
    for wait_s in (0, 2, 2, 10):
        ims.timing.run(wait_s)
        states.append(ims.state.query_iproduction_job(job_id)["Status"])
    assert states == ["Queuing", "Queuing", "Analyzing", "Success"]


def test_the_query_repeats_the_order(ims: Ims) -> None:
    seen = finished(ims, extraction(UserData='{"effect": "e-1"}', Name="captions of a"))

    assert (seen["FunctionName"], seen["Name"], seen["UserData"]) == (
        "CaptionExtraction",
        "captions of a",
        '{"effect": "e-1"}',
    )
    assert seen["Input"] == {"Type": "OSS", "Media": "oss://work/jobs/a/story.mp4"}


def test_voice_and_music_become_two_files(ims: Ims) -> None:
    seen = finished(ims, demix())

    assert seen["OutputFiles"] == ["jobs/a/music-1_vocal.wav", "jobs/a/music-2_accompaniment.wav"]
    assert [seconds_of(ims.media.objects["work", key]) for key in seen["OutputFiles"]] == [12.0, 12.0]


def test_a_film_without_music_succeeds_with_the_voice_only(ims: Ims) -> None:
    ims.media.objects["work", "jobs/a/story.mp4"] = toy_film(5, music=False)
    seen = finished(ims, demix())

    assert (seen["Status"], seen["OutputFiles"]) == ("Success", ["jobs/a/music-1_vocal.wav"])


def test_every_submission_is_a_new_job_whatever_token_comes_with_it(ims: Ims) -> None:
    first, again = (ims.state.submit_iproduction_job(extraction(ClientToken="t")) for _ in range(2))

    assert first["JobId"] != again["JobId"]


@pytest.mark.parametrize(
    "changes",
    [
        {"FunctionName": "VideoDelogo"},
        {"FunctionName": "Nonsense"},
        {"Input": json.dumps(json.dumps({"Type": "OSS", "Media": "oss://work/a.mp4"}))},
        {"Input": json.dumps({"Type": "Media", "Media": "0123456789abcdef"})},
        {"Input": json.dumps({"Type": "OSS", "Media": "https://example.com/a.mp4"})},
        {"Output": json.dumps({"Type": "OSS", "Media": plain("a.srt") + "?Signature=x"})},
        {"JobParams": "["},
        {"JobParams": '{"fps": 1}'},
        {"JobParams": '{"lang": "zh"}'},
        {"JobParams": '{"roi": [[0.75, 1]]}'},
        {"UserData": "x" * 257},
        {"Name": "x" * 101},
    ],
)
def test_a_wrong_order_is_refused_at_once(ims: Ims, changes: dict[str, str | None]) -> None:
    assert refusal(ims, extraction(**changes)) == "400 InvalidParameter"


@pytest.mark.parametrize("name", ["FunctionName", "Input", "Output"])
def test_function_input_and_output_are_mandatory(ims: Ims, name: str) -> None:
    assert refusal(ims, extraction(**{name: None})) == "400 MissingParameter"


def test_a_film_that_is_not_there_fails_the_job_and_says_why_in_result(ims: Ims) -> None:
    seen = finished(ims, extraction(Input=json.dumps({"Type": "OSS", "Media": "oss://work/none.mp4"})))

    assert seen["Status"] == "Fail"
    assert json.loads(seen["Result"])["Code"] == "InvalidParameter"


def test_production_is_told_to_the_global_queue_only(ims: Ims) -> None:
    ims.listen("AIProduceComplete")
    seen = finished(ims, extraction(UserData=json.dumps({"NotifyAddress": "ice-callback-mine"})))

    assert [queue for queue, _ in ims.sent] == [QUEUE]
    assert ims.events[0]["EventType"] == "AIProduceComplete"
    assert (ims.events[0]["MessageBody"]["JobId"], ims.events[0]["MessageBody"]["Status"]) == (seen["JobId"], "Success")


def test_production_can_be_made_to_honour_the_queue_in_user_data() -> None:
    ims = Ims(guesses=Guesses(notify_address_for_all=True))
    finished(ims, extraction(UserData=json.dumps({"NotifyAddress": "ice-callback-mine"})))

    assert [queue for queue, _ in ims.sent] == ["ice-callback-mine"]


def test_messages_can_be_made_to_arrive_as_base64() -> None:
    ims = Ims(guesses=Guesses(base64_messages=True))
    ims.listen()
    finished(ims, extraction())

    assert json.loads(base64.b64decode(ims.sent[0][1]))["EventType"] == "AIProduceComplete"


def test_an_event_type_not_asked_for_is_not_sent(ims: Ims) -> None:
    ims.listen("ProduceMediaComplete")
    finished(ims, extraction())

    assert ims.sent == []


@pytest.mark.parametrize(
    "setting",
    [
        {"CallbackType": "HTTP", "CallbackURL": "https://example.com", "EventTypeList": "ProduceMediaComplete"},
        {"CallbackType": "MNS", "CallbackQueueName": "mine", "EventTypeList": "ProduceMediaComplete"},
        {"CallbackType": "MNS", "CallbackQueueName": QUEUE, "EventTypeList": "IProductionComplete"},
        {"CallbackType": "MNS", "CallbackQueueName": QUEUE},
    ],
)
def test_a_callback_setting_that_could_never_work_is_refused(ims: Ims, setting: dict[str, str]) -> None:
    with pytest.raises(VendorError, match="400 InvalidParameter"):
        ims.state.set_event_callback(setting)


def test_a_second_callback_setting_replaces_the_first(ims: Ims) -> None:
    ims.listen("ProduceMediaComplete")
    ims.listen("AIProduceComplete")

    assert ims.state.get_event_callback()["EventTypeList"] == "AIProduceComplete"


def test_recognition_gives_sentences_with_seconds(ims: Ims) -> None:
    ims.listen()
    accepted = ims.state.submit_asr_job({"InputFile": HOST_FORM, "Title": "a", "UserData": "{}"})
    ims.timing.run()

    seen: dict[str, Any] = ims.state.get_smart_handle_job(str(accepted["JobId"]))
    assert (accepted["State"], seen["State"], seen["SmartJobInfo"]["JobType"]) == ("Created", "Finished", "ASR")
    assert json.loads(seen["JobResult"]["AiResult"]) == [
        {"content": "从前", "from": 1.0, "to": 2.5},
        {"content": "有只兔子", "from": 3.0, "to": 4.0},
    ]
    assert (ims.events[0]["EventType"], ims.events[0]["MessageBody"]["State"]) == ("SmartJobComplete", "Finished")


def test_recognition_can_be_limited_to_a_part(ims: Ims) -> None:
    params = {"InputFile": HOST_FORM, "StartTime": "00:00:02", "Duration": "00:00:05"}
    job_id = ims.state.submit_asr_job(params)["JobId"]
    ims.timing.run()

    seen: dict[str, Any] = ims.state.get_smart_handle_job(str(job_id))
    assert [line["content"] for line in json.loads(seen["JobResult"]["AiResult"])] == ["有只兔子"]


def test_recognition_without_a_recogniser_fails_with_a_code() -> None:
    ims = Ims(engines=ToyEngines(hears=False))
    ims.listen()
    job_id = ims.state.submit_asr_job({"InputFile": HOST_FORM})["JobId"]
    ims.timing.run()

    seen = ims.state.get_smart_handle_job(str(job_id))
    assert (seen["State"], seen["ErrorCode"], "JobResult" in seen) == ("Failed", "ASRUnavailable", False)
    assert ims.events[0]["MessageBody"]["State"] == "Failed"


@pytest.mark.parametrize(
    "params",
    [
        {"InputFile": "oss://work/jobs/a/story.mp4"},
        {"InputFile": plain("jobs/a/story.mp4")},
        {"InputFile": HOST_FORM, "StartTime": "2s"},
        {"InputFile": HOST_FORM, "Title": "题" * 43},
    ],
)
def test_a_wrong_recognition_is_refused_at_once(ims: Ims, params: dict[str, str]) -> None:
    with pytest.raises(VendorError, match="400 InvalidParameter"):
        ims.state.submit_asr_job(params)


def test_each_kind_of_job_has_its_own_ids(ims: Ims) -> None:
    asr = str(ims.state.submit_asr_job({"InputFile": HOST_FORM})["JobId"])

    with pytest.raises(VendorError, match="404 JobNotFound"):
        ims.state.query_iproduction_job(asr)


def test_only_successful_jobs_are_charged(ims: Ims) -> None:
    finished(ims, extraction())
    finished(ims, demix())
    finished(ims, extraction(Input=json.dumps({"Type": "OSS", "Media": "oss://work/none.mp4"})))

    assert [(charge.what, charge.amount_yuan) for charge in ims.state.register] == [
        ("CaptionExtraction", 0.5),
        ("MusicDemix", 0.5),
    ]
