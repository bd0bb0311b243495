"""What goes over the wire to Model Studio, and answers that are not what they seem."""

from __future__ import annotations

import io
import json
import wave
from collections.abc import Iterator
from typing import Any

import pytest
import responses

from shared.clients.cosyvoice import CosyVoices
from shared.clients.model_studio import ModelStudioAvatars
from shared.domain.errors import Corrupt, Offline, Retry, Unknown
from shared.ports import EnrolledVoice, Face, Fate
from shared.settings import Settings
from tests.toys import toy_wav

BASE = "https://dashscope.aliyuncs.com/api/v1"
CUSTOMIZATION = f"{BASE}/services/audio/tts/customization"
SPEECH = f"{BASE}/services/audio/tts/SpeechSynthesizer"
ANIMATE = f"{BASE}/services/aigc/image2video/video-synthesis"
DETECT = f"{BASE}/services/aigc/image2video/face-detect"
SOUND = "https://dashscope-result-bj.oss-cn-beijing.aliyuncs.com/audio.wav"
SETTINGS = Settings(model_studio_api_key="sk-test")
FACE = Face((1, 2, 3, 4), (0, 0, 8, 8))


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def voices() -> CosyVoices:
    return CosyVoices(SETTINGS)


@pytest.fixture
def avatars() -> ModelStudioAvatars:
    return ModelStudioAvatars(SETTINGS)


def asked(web: responses.RequestsMock, number: int = 0) -> Any:
    return json.loads(web.calls[number].request.body or b"")


def animate(avatars: ModelStudioAvatars) -> str:
    return avatars.animate("emo", "emo-v1", "https://p", "https://s", FACE, "normal")


@pytest.mark.parametrize(
    ("header", "after_s"), [("90", 90.0), ("1", 1.0), ("999999", 3600.0), ("soon", 2.0), ("-5", 2.0), ("²", 2.0)]
)
def test_the_pause_that_the_vendor_asks_for_wins_over_ours(
    web: responses.RequestsMock, avatars: ModelStudioAvatars, header: str, after_s: float
) -> None:
    answer = {"code": "Throttling.RateQuota", "message": ""}
    web.post(ANIMATE, status=429, json=answer, headers={"Retry-After": header})
    with pytest.raises(Retry) as busy:
        animate(avatars)

    assert busy.value.after_s == after_s


def test_a_task_is_asynchronous_and_carries_the_key(web: responses.RequestsMock, avatars: ModelStudioAvatars) -> None:
    web.post(ANIMATE, json={"output": {"task_id": "t-1", "task_status": "PENDING"}, "request_id": "r"})

    assert animate(avatars) == "t-1"
    headers = web.calls[0].request.headers
    assert headers["X-DashScope-Async"] == "enable"
    assert headers["Authorization"] == "Bearer sk-test"
    assert headers["Content-Type"] == "application/json"


def test_a_detection_is_not(web: responses.RequestsMock, avatars: ModelStudioAvatars) -> None:
    web.post(DETECT, json={"output": {"check_pass": True}, "usage": {"image_count": 1}})
    avatars.detect("wan-s2v", "wan2.2-s2v-detect", "https://p", "1:1")

    assert "X-DashScope-Async" not in web.calls[0].request.headers


def test_a_netrc_does_not_replace_the_key(
    web: responses.RequestsMock, avatars: ModelStudioAvatars, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    web.get(f"{BASE}/tasks/t", json={"output": {"task_status": "RUNNING"}})
    avatars.verdict("t")

    assert web.calls[0].request.headers["Authorization"] == "Bearer sk-test"


def test_a_rejection_may_come_with_status_200(web: responses.RequestsMock, avatars: ModelStudioAvatars) -> None:
    web.post(ANIMATE, json={"code": "ModelNotFound", "message": "Model can not be found.", "request_id": "r"})
    with pytest.raises(Offline) as fault:
        animate(avatars)

    assert fault.value.fields["model"] == "emo-v1"


def test_an_empty_code_beside_an_output_is_no_rejection(
    web: responses.RequestsMock, avatars: ModelStudioAvatars
) -> None:
    web.post(ANIMATE, json={"code": "", "message": "", "output": {"task_id": "t-1"}})

    assert animate(avatars) == "t-1"


@pytest.mark.parametrize("body", ["", "<html>", "[]", "null", '{"output": {}}', '{"output": {"task_id": ""}}'])
def test_a_task_without_an_id_is_in_doubt(web: responses.RequestsMock, avatars: ModelStudioAvatars, body: str) -> None:
    web.post(ANIMATE, body=body)
    with pytest.raises(Unknown):
        animate(avatars)

    assert len(web.calls) == 1


def test_throttling_and_billing_are_told_apart_under_one_status(
    web: responses.RequestsMock, avatars: ModelStudioAvatars
) -> None:
    web.post(ANIMATE, status=429, json={"code": "Throttling.RateQuota", "message": ""})
    web.post(ANIMATE, status=429, json={"code": "PrepaidBillOverdue", "message": ""})
    with pytest.raises(Retry) as busy:
        animate(avatars)
    with pytest.raises(Retry) as overdue:
        animate(avatars)

    assert (busy.value.code, overdue.value.code) == ("vendor.busy", "account.overdue")


@pytest.mark.parametrize("page_size", [50, 10])
def test_the_list_is_read_to_its_end_whatever_the_page(
    web: responses.RequestsMock, avatars: ModelStudioAvatars, page_size: int
) -> None:
    pages = [page_size, page_size, 3]
    for number, count in enumerate(pages, 1):
        data = [{"task_id": f"{number}-{at}", "status": "PENDING", "gmt_create": 5000} for at in range(count)]
        web.get(f"{BASE}/tasks", json={"data": data, "total_page": 3, "page_no": number, "page_size": page_size})

    assert len(avatars.tasks("emo-v1", 0.0, 10.0)) == sum(pages)


def test_an_empty_list_is_one_question(web: responses.RequestsMock, avatars: ModelStudioAvatars) -> None:
    web.get(f"{BASE}/tasks", json={"data": [], "total_page": 0})

    assert avatars.tasks("emo-v1", 0.0, 10.0) == []


def test_a_voice_is_enrolled_for_the_model_that_will_speak(web: responses.RequestsMock, voices: CosyVoices) -> None:
    web.post(CUSTOMIZATION, json={"output": {"voice_id": "cosyvoice-v3.5-plus-mum01-1"}})

    assert voices.enrol("cosyvoice-v3.5-plus", "mum01", "https://s", "zh") == "cosyvoice-v3.5-plus-mum01-1"
    assert asked(web) == {
        "model": "voice-enrollment",
        "input": {
            "action": "create_voice",
            "target_model": "cosyvoice-v3.5-plus",
            "prefix": "mum01",
            "url": "https://s",
            "language_hints": ["zh"],
        },
    }


def test_a_voice_without_an_id_is_in_doubt(web: responses.RequestsMock, voices: CosyVoices) -> None:
    web.post(CUSTOMIZATION, json={"output": {}})
    with pytest.raises(Unknown):
        voices.enrol("cosyvoice-v3.5-plus", "mum01", "https://s", "zh")


@pytest.mark.parametrize(
    ("status", "fate"), [("DEPLOYING", Fate.RUNNING), ("OK", Fate.SUCCEEDED), ("UNDEPLOYED", Fate.FAILED)]
)
def test_a_voice_has_three_states(web: responses.RequestsMock, voices: CosyVoices, status: str, fate: Fate) -> None:
    web.post(CUSTOMIZATION, json={"output": {"status": status}})

    assert voices.verdict("v").fate is fate


def test_a_prefix_that_begins_like_ours_is_not_ours(web: responses.RequestsMock, voices: CosyVoices) -> None:
    listed = [
        {"voice_id": "cosyvoice-v3.5-plus-mum-b", "gmt_create": "2026-11-21 10:00:01", "status": "OK"},
        {"voice_id": "cosyvoice-v3.5-plus-mum01-x", "gmt_create": "2026-11-21 10:00:00", "status": "OK"},
        {"voice_id": "cosyvoice-v3.5-plus-mum-a", "gmt_create": "2026-11-21 09:00:00", "status": "OK"},
    ]
    web.post(CUSTOMIZATION, json={"output": {"voice_list": listed}})

    assert voices.enrolled("mum") == [
        EnrolledVoice("cosyvoice-v3.5-plus-mum-a", "2026-11-21 09:00:00"),
        EnrolledVoice("cosyvoice-v3.5-plus-mum-b", "2026-11-21 10:00:01"),
    ]


def speak(voices: CosyVoices) -> Any:
    return voices.speak("cosyvoice-v3.5-plus", "v", "从前 <有> & 狐狸", rate=1.2, seed=7)


def test_speech_is_asked_for_as_plain_text_and_wav(web: responses.RequestsMock, voices: CosyVoices) -> None:
    web.post(SPEECH, json={"output": {"audio": {"url": SOUND}}, "usage": {"characters": 15}})
    web.get(SOUND, body=toy_wav(1.0))

    assert speak(voices).characters == 15
    assert asked(web) == {
        "model": "cosyvoice-v3.5-plus",
        "input": {
            "text": "从前 <有> & 狐狸",
            "voice": "v",
            "format": "wav",
            "sample_rate": 24000,
            "rate": 1.2,
            "seed": 7,
            "enable_ssml": False,
        },
    }


@pytest.mark.parametrize("usage", [None, {}, {"characters": 0}, {"count": 9}])
def test_characters_nobody_counted_are_counted_here(
    web: responses.RequestsMock, voices: CosyVoices, usage: dict[str, int] | None
) -> None:
    web.post(SPEECH, json={"output": {"audio": {"url": SOUND}}, "usage": usage})
    web.get(SOUND, body=toy_wav(1.0))

    assert speak(voices).characters == 5 * 2 + 6


@pytest.mark.parametrize("output", [None, {}, {"audio": None}, {"audio": {"url": ""}}])
def test_speech_without_an_address_is_in_doubt(
    web: responses.RequestsMock, voices: CosyVoices, output: dict[str, Any] | None
) -> None:
    web.post(SPEECH, json={"output": output})
    with pytest.raises(Unknown):
        speak(voices)


@pytest.mark.parametrize("status", [404, 500])
def test_speech_that_was_paid_for_and_lost_is_in_doubt(
    web: responses.RequestsMock, voices: CosyVoices, status: int
) -> None:
    web.post(SPEECH, json={"output": {"audio": {"url": SOUND}}})
    web.get(SOUND, status=status)
    with pytest.raises(Unknown):
        speak(voices)


def _stereo() -> bytes:
    body = io.BytesIO()
    with wave.open(body, "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(22050)
        sound.writeframes(b"\0" * 400)
    return body.getvalue()


@pytest.mark.parametrize("sound", [b"ID3 an mp3", _stereo(), b"RIFF"])
def test_speech_that_is_not_what_was_asked_for_breaks_the_contract(
    web: responses.RequestsMock, voices: CosyVoices, sound: bytes
) -> None:
    web.post(SPEECH, json={"output": {"audio": {"url": SOUND}}})
    web.get(SOUND, body=sound)
    with pytest.raises(Corrupt) as fault:
        speak(voices)

    assert fault.value.code == "vendor.contract"


@pytest.mark.parametrize("sound", [b"", toy_wav(1.0)[:44]])
def test_speech_without_a_sound_is_silence_for_the_listener_to_judge(
    web: responses.RequestsMock, voices: CosyVoices, sound: bytes
) -> None:
    web.post(SPEECH, json={"output": {"audio": {"url": SOUND}}})
    web.get(SOUND, body=sound)

    assert len(speak(voices).wav) == 44


def test_speech_written_as_a_stream_gets_a_true_length(web: responses.RequestsMock, voices: CosyVoices) -> None:
    whole = toy_wav(1.0, rate=22_050)
    endless = bytearray(whole)
    endless[4:8] = endless[40:44] = (0x7FFFFFF0).to_bytes(4, "little")
    web.post(SPEECH, json={"output": {"audio": {"url": SOUND}}})
    web.get(SOUND, body=bytes(endless))

    assert speak(voices).wav == whole
