"""The vendor's own SDK, plain requests, and strangers before the Model Studio stand-in."""

from __future__ import annotations

import json
from typing import Any

import dashscope
import pytest
import requests
from dashscope.audio.http_tts import HttpSpeechSynthesizer
from dashscope.audio.tts_v2 import AudioFormat, SpeechSynthesizer, VoiceEnrollmentService
from dashscope.audio.tts_v2.enrollment import VoiceEnrollmentException
from dashscope.common.error import RequestFailure

from tests.standins.model_studio.conftest import BASE, BOXES, MODEL, PHOTO, SAMPLE, SPEECH, Studio
from tests.toys import asked_in

KEY = {"Authorization": "Bearer sk-test"}
ASYNC = {"X-DashScope-Async": "enable"}
EMO: dict[str, Any] = {"model": "emo-v1", "input": {"image_url": PHOTO, "audio_url": SPEECH, **BOXES}}
VIDEO = "services/aigc/image2video/video-synthesis"
DETECT = "services/aigc/image2video/face-detect"


def post(path: str, body: object, **headers: str) -> tuple[int, dict[str, Any]]:
    reply = requests.post(
        f"{BASE}/{path}", json=body, headers=KEY | {k.replace("_", "-"): v for k, v in headers.items()}, timeout=5
    )
    answer: dict[str, Any] = reply.json()
    return reply.status_code, answer


def get(path: str) -> dict[str, Any]:
    answer: dict[str, Any] = requests.get(f"{BASE}/{path}", headers=KEY, timeout=5).json()
    return answer


# ---- the SDK


def test_the_sdk_enrols_finds_and_deletes_a_voice(wire: Studio) -> None:
    service = VoiceEnrollmentService()
    voice_id = service.create_voice(MODEL, "mama", SAMPLE, language_hints=["zh"])
    wire.timing.advance(30)

    seen: Any = service.query_voice(voice_id)  # the SDK says list and gives a dict
    assert seen["status"] == "OK"
    assert [entry["voice_id"] for entry in service.list_voices("mama")] == [voice_id]
    service.update_voice(voice_id, SAMPLE)
    service.delete_voice(voice_id)
    assert service.list_voices() == []


def test_the_sdk_tells_of_a_bad_sample_with_status_430(wire: Studio) -> None:
    wire.web.pages[SAMPLE] = b"not a sound"

    with pytest.raises(VoiceEnrollmentException) as caught:
        VoiceEnrollmentService().create_voice(MODEL, "mama", SAMPLE)
    assert (caught.value._status_code, caught.value._code) == (430, "Audio.DecoderError")


def test_the_sdk_speaks_over_rest(wire: Studio) -> None:
    result: Any = HttpSpeechSynthesizer.call(MODEL, "从前有只兔子", wire.voice(), audio_format="wav")

    assert wire.web.pages[result.audio_url][:4] == b"RIFF"
    assert result.expires_at == int(wire.timing.now()) + 24 * 3600


def test_the_sdk_speaks_as_a_stream_with_the_times_of_words(wire: Studio) -> None:
    stream: Any = HttpSpeechSynthesizer.call(
        MODEL, "兔子", wire.voice(), audio_format="wav", stream=True, word_timestamp_enabled=True
    )

    *_, last = stream
    assert last.audio_data == wire.web.pages[last.audio_url]
    assert [(word["text"], word["end_time"]) for word in last.sentences[-1]["words"]] == [("兔", 250), ("子", 500)]


def test_times_of_words_are_told_only_when_they_are_asked_for(wire: Studio) -> None:
    stream: Any = HttpSpeechSynthesizer.call(MODEL, "兔子", wire.voice(), stream=True)

    *_, last = stream
    assert not last.sentences[-1]["words"]


def test_the_sdk_speaks_over_the_websocket(wire: Studio) -> None:
    speaker: Any = SpeechSynthesizer(MODEL, wire.voice(), format=AudioFormat.WAV_24000HZ_MONO_16BIT)
    sound = speaker.call("从前有只兔子", timeout_millis=5000)

    assert sound[:4] == b"RIFF"
    assert len(sound) == 44 + 24_000 * 2 * 6 // 4
    assert speaker.last_response["payload"]["usage"] == {"characters": 12}
    assert wire.account.count("model_studio")["tts"] == 1


def test_the_sdks_default_format_is_an_mp3(wire: Studio) -> None:
    sound = SpeechSynthesizer(MODEL, wire.voice()).call("兔子", timeout_millis=5000)

    assert sound[:2] == b"\xff\xf3"


def test_the_sdk_is_told_that_voice_and_model_do_not_match(wire: Studio) -> None:
    speaker = SpeechSynthesizer(MODEL, wire.voice(model="cosyvoice-v3-plus"))

    with pytest.raises(RequestFailure) as caught:
        speaker.call("兔子", timeout_millis=5000)
    assert (caught.value.name, caught.value.message) == ("InvalidParameter", "[tts:]Engine return error code: 418")


def test_the_sdks_call_needs_escaped_text(wire: Studio) -> None:
    speaker = SpeechSynthesizer(MODEL, wire.voice())

    with pytest.raises(RequestFailure, match="Please ensure input text is valid"):
        speaker.call("salt & pepper", timeout_millis=5000)


def test_the_sdk_submits_lists_fetches_and_cancels_tasks(wire: Studio) -> None:
    video: Any = dashscope.VideoSynthesis
    submitted = [post(VIDEO, EMO, **{"X-DashScope-Async": "enable"})[1]["output"]["task_id"] for _ in range(2)]
    wire.timing.run(5)

    assert video.cancel(submitted[1]).status_code == 200
    assert video.cancel(submitted[0]).code == "UnsupportedOperation"
    wire.timing.run()
    assert video.fetch(submitted[0]).output["results"]["video_url"] in wire.web.pages
    listed = video.list(model_name="emo-v1", status="CANCELED").output
    assert (listed["total"], listed["data"][0]["task_id"]) == (1, submitted[1])


# ---- plain requests


def test_a_portrait_speaks_over_plain_http(wire: Studio) -> None:
    status, reply = post(f"{VIDEO}/", EMO | {"parameters": {"style_level": "calm"}}, **ASYNC)
    wire.timing.run()

    assert (status, reply["output"]["task_status"]) == (200, "PENDING")
    url = get(f"tasks/{reply['output']['task_id']}")["output"]["results"]["video_url"]
    assert asked_in(wire.web.pages[url])["style"] == "calm"


def test_the_list_ends_with_a_slash_in_the_vendors_own_example(wire: Studio) -> None:
    post(VIDEO, EMO, **ASYNC)

    assert get("tasks/?status=PENDING&page_size=1")["total"] == 1


def test_a_photo_is_checked_over_plain_http(wire: Studio) -> None:
    body = {"model": "emo-detect-v1", "input": {"image_url": PHOTO}, "parameters": {"ratio": "1:1"}}

    assert post(DETECT, body)[1]["output"]["check_pass"] is True


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer "}, {"Authorization": "Basic sk-test"}])
def test_a_call_without_a_key_is_refused(wire: Studio, header: dict[str, str]) -> None:
    reply = requests.post(f"{BASE}/{VIDEO}", json=EMO, headers=header | ASYNC, timeout=5)

    assert (reply.status_code, reply.json()["code"], "output" in reply.json()) == (401, "InvalidApiKey", False)
    assert reply.json()["message"] == "No API-key provided."


def test_a_call_with_a_foreign_key_is_refused_and_noted(wire: Studio) -> None:
    reply = requests.get(f"{BASE}/tasks/t", headers={"Authorization": "Bearer sk-other"}, timeout=5)

    assert (reply.status_code, reply.json()["code"]) == (401, "InvalidApiKey")
    assert [(asked.operation, asked.status) for asked in wire.account.asked] == [("tasks/t", 401)]


@pytest.mark.usefixtures("wire")
def test_tasks_are_asynchronous_and_checks_are_not() -> None:
    photo = {"model": "emo-detect-v1", "input": {"image_url": PHOTO}, "parameters": {"ratio": "1:1"}}

    assert (post(VIDEO, EMO)[0], post(VIDEO, EMO)[1]["message"]) == (
        403,
        "current user api does not support synchronous calls.",
    )
    assert (post(DETECT, photo, **ASYNC)[0], post(DETECT, photo, **ASYNC)[1]["code"]) == (403, "AccessDenied")


@pytest.mark.usefixtures("wire")
@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (VIDEO, {"input": EMO["input"]}, (400, "BadRequest.EmptyModel")),
        (VIDEO, {"model": "emo-v1"}, (400, "BadRequest.EmptyInput")),
        (VIDEO, EMO | {"parameters": []}, (400, "InvalidParameter")),
        (VIDEO, [], (400, "BadRequest.IllegalInput")),
        ("services/aigc/video/video-synthesis", EMO, (400, "InvalidParameter")),
        ("services/nonsense", EMO, (400, "InvalidParameter")),
        ("services/audio/tts/customization", {"model": MODEL, "input": {"action": "x"}}, (400, "InvalidParameter")),
        (
            "services/audio/tts/customization",
            {"model": "voice-enrollment", "input": {"action": "make_voice"}},
            (400, "InvalidParameter"),
        ),
        (
            "services/audio/tts/customization",
            {"model": "voice-enrollment", "input": {"action": "create_voice", "prefix": "mama"}},
            (400, "InvalidParameter"),
        ),
    ],
)
def test_a_malformed_call_is_refused(path: str, body: object, expected: tuple[int, str]) -> None:
    status, reply = post(path, body, **ASYNC)

    assert (status, reply["code"]) == expected


@pytest.mark.usefixtures("wire")
def test_other_methods_and_other_questions_are_refused() -> None:
    reply = requests.put(f"{BASE}/{VIDEO}", json=EMO, headers=KEY, timeout=5)

    assert (reply.status_code, reply.json()["code"]) == (400, "InvalidParameter")
    assert get("services/audio/tts/customization")["code"] == "InvalidParameter"
    assert get("tasks?page_no=0")["code"] == "InvalidParameter"


def test_a_repeated_submission_is_a_second_task_whatever_comes_with_it(wire: Studio) -> None:
    first, again = (post(VIDEO, EMO, **ASYNC, ClientToken="t")[1]["output"]["task_id"] for _ in range(2))

    assert first != again


# ---- the WebSocket, by hand


def conversation(studio: Studio, *orders: dict[str, Any] | str, key: str = "sk-test") -> list[dict[str, Any]]:
    """The text answers to a client that sends these orders and leaves."""
    heard: list[str] = []
    waiting = [order if isinstance(order, str) else json.dumps(order) for order in orders]
    studio.api.websocket(
        {"Authorization": f"Bearer {key}"},
        lambda: waiting.pop(0) if waiting else None,
        heard.append,
        lambda sound: None,
    )
    return [json.loads(text) for text in heard]


def run(voice: str, **parameters: object) -> dict[str, Any]:
    task = {"task_group": "audio", "task": "tts", "function": "SpeechSynthesizer"}
    return {
        "header": {"action": "run-task", "task_id": "t1", "streaming": "duplex"},
        "payload": {"model": MODEL, **task, "input": {}, "parameters": {"voice": voice, **parameters}},
    }


def hear(text: str) -> dict[str, Any]:
    return {"header": {"action": "continue-task", "task_id": "t1"}, "payload": {"input": {"text": text}}}


FINISH: dict[str, Any] = {"header": {"action": "finish-task", "task_id": "t1"}, "payload": {"input": {}}}


def test_text_may_come_in_pieces_and_one_connection_carries_several_tasks(studio: Studio) -> None:
    order = [run(studio.voice(), format="wav"), hear("从前"), hear("有只兔子"), FINISH]
    heard = conversation(studio, *order, *order)

    events = [answer["header"]["event"] for answer in heard]
    assert events == ["task-started", "result-generated", "task-finished"] * 2
    assert heard[-1]["payload"]["usage"] == {"characters": 12}


def test_with_ssml_the_text_comes_in_one_piece(studio: Studio) -> None:
    heard = conversation(studio, run(studio.voice(), enable_ssml=True), hear("a"), hear("b"), FINISH)

    assert [answer["header"]["event"] for answer in heard] == ["task-started", "task-failed"]
    assert heard[-1]["header"]["error_message"] == "Text request limit violated, expected 1."


@pytest.mark.parametrize(
    "orders",
    [
        ["{"],
        [{"payload": {}}],
        [hear("x")],
        [FINISH],
        [{"header": {"action": "run-task", "task_id": "t1"}, "payload": {"model": MODEL}}],
        [{"header": {"action": "sing", "task_id": "t1"}, "payload": {}}],
    ],
)
def test_a_client_that_does_not_follow_the_protocol_is_told_so(studio: Studio, orders: list[Any]) -> None:
    heard = conversation(studio, *orders)

    assert [(answer["header"]["event"], answer["header"]["error_code"]) for answer in heard] == [
        ("task-failed", "InvalidParameter")
    ]


def test_a_task_without_text_fails(studio: Studio) -> None:
    heard = conversation(studio, run(studio.voice()), FINISH)

    assert heard[-1]["header"]["error_message"] == "Please ensure input text is valid."


def test_a_client_that_leaves_early_is_not_charged(studio: Studio) -> None:
    conversation(studio, run(studio.voice()), hear("从前"))

    assert studio.state.register == []


def test_a_stranger_gets_no_connection(studio: Studio) -> None:
    assert conversation(studio, run("v"), key="sk-other") == []
    refused = studio.api.may_connect({"Authorization": "Bearer sk-other"})
    assert refused is not None
    assert refused.status == 401
