"""Promises of voice enrolment and of speech, called in process."""

from __future__ import annotations

import io
import wave
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from pymediainfo import MediaInfo

from local.standins.metering import Charge
from local.standins.model_studio.speech import counted
from local.standins.store import FolderStore
from tests.standins.model_studio.conftest import MODEL, SAMPLE, Refusal, Studio
from tests.toys import toy_wav


def status(studio: Studio, voice_id: str) -> str:
    return str(studio.state.query_voice(voice_id)["output"]["status"])


def spoken(studio: Studio, reply: dict[str, Any]) -> bytes:
    return studio.web.pages[reply["output"]["audio"]["url"]]


# ---- enrolment


def test_a_voice_is_named_after_its_model_and_prefix_and_is_ready_after_a_while(studio: Studio) -> None:
    voice_id = studio.state.create_voice(MODEL, "mama", SAMPLE)["output"]["voice_id"]

    assert voice_id.startswith("cosyvoice-v3.5-plus-mama-")
    assert status(studio, voice_id) == "DEPLOYING"
    studio.timing.advance(30)
    assert status(studio, voice_id) == "OK"


@pytest.mark.parametrize(
    ("hints", "language"),
    [({}, "zh"), ({"language_hints": ["en", "zh"]}, "en"), ({"language_hints": ["ja"]}, "zh")],
)
def test_a_voice_is_enrolled_in_the_language_of_the_first_hint_and_again_when_its_sample_changes(
    studio: Studio, hints: dict[str, list[str]], language: str
) -> None:
    voice_id = studio.state.create_voice(MODEL, "mama", SAMPLE, **hints)["output"]["voice_id"]
    studio.state.update_voice(voice_id, SAMPLE)

    assert studio.engines.calls == {f"enrol {language}": 2}


def test_a_hint_that_is_no_list_of_languages_is_refused(studio: Studio, refusal: Refusal) -> None:
    hints: object
    for hints in ("zh", [1], {"zh": 1}):
        create = partial(studio.state.create_voice, MODEL, "mama", SAMPLE, language_hints=hints)
        assert refusal(create) == "400 InvalidParameter"


def test_a_voice_can_be_turned_down_in_the_end(studio: Studio) -> None:
    studio.state.undeployable_prefixes.add("mama")
    voice_id = studio.voice("mama")

    assert status(studio, voice_id) == "UNDEPLOYED"


def test_a_voice_is_described_with_chinese_time(studio: Studio) -> None:
    studio.timing.advance(0.25)
    voice_id = studio.voice()

    assert studio.state.query_voice(voice_id)["output"] == {
        "voice_id": voice_id,
        "target_model": MODEL,
        "status": "OK",
        "resource_link": SAMPLE,
        "gmt_create": "2026-11-18 19:06:40",
        "gmt_modified": "2026-11-18 19:06:40",
    }


@pytest.mark.parametrize("prefix", ["", "Mama", "ma-ma", "妈妈", "a" * 11])
def test_a_prefix_is_lower_case_and_digits_of_at_most_ten(studio: Studio, refusal: Refusal, prefix: str) -> None:
    assert refusal(lambda: studio.state.create_voice(MODEL, prefix, SAMPLE)) == "400 InvalidParameter"


def test_a_prefix_of_ten_is_taken(studio: Studio) -> None:
    assert studio.state.create_voice(MODEL, "a123456789", SAMPLE)["usage"] == {"count": 1}


@pytest.mark.parametrize("model", ["cosyvoice-v1", "cosyvoice-v3", "emo-v1", ""])
def test_a_voice_is_enrolled_for_a_model_that_speaks(studio: Studio, refusal: Refusal, model: str) -> None:
    assert refusal(lambda: studio.state.create_voice(model, "mama", SAMPLE)) == "400 InvalidParameter"


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        (toy_wav(18, rate=8_000), "430 Audio.AudioRateError"),
        (toy_wav(18) + b"SILENT", "430 Audio.AudioSilentError"),
        (toy_wav(18) + b"TOOSHORT", "400 Audio.AudioShortError"),
        (b"not a sound", "430 Audio.DecoderError"),
        (toy_wav(1) + bytes(10 * 1024 * 1024), "430 Audio.FileSizeExceed"),
    ],
)
def test_a_bad_sample_is_refused_with_the_code_of_its_fault(
    studio: Studio, refusal: Refusal, sample: bytes, expected: str
) -> None:
    studio.web.pages[SAMPLE] = sample

    assert refusal(lambda: studio.state.create_voice(MODEL, "mama", SAMPLE)) == expected
    assert studio.state.list_voice()["output"]["voice_list"] == []


def test_a_sample_that_cannot_be_fetched_looks_like_an_internal_error(studio: Studio, refusal: Refusal) -> None:
    call = lambda: studio.state.create_voice(MODEL, "mama", "https://work/none.wav")  # noqa: E731  one call, named

    assert refusal(call) == "500 InternalError"


def test_a_sample_comes_from_a_url(studio: Studio, refusal: Refusal) -> None:
    assert refusal(lambda: studio.state.create_voice(MODEL, "mama", "oss://work/voice.wav")) == "400 InvalidURL"


def test_the_thousand_and_first_voice_is_refused_for_good(studio: Studio, refusal: Refusal) -> None:
    studio.voice()
    rows = studio.state._voices._voices.rows  # enrolling a thousand by the door would take seconds
    (voice,) = rows.values()
    rows.update({f"voice-{number}": replace(voice, number=number) for number in range(998)})

    assert studio.voice()
    assert refusal(lambda: studio.state.create_voice(MODEL, "mama", SAMPLE)) == "429 Throttling.AllocationQuota"


def test_the_eleventh_voice_call_within_a_second_is_throttled(studio: Studio, refusal: Refusal) -> None:
    for _ in range(10):
        studio.state.list_voice()

    assert refusal(lambda: studio.state.create_voice(MODEL, "mama", SAMPLE)) == "429 Throttling.RateQuota"


def test_voices_are_listed_by_prefix_in_pages_newest_first(studio: Studio) -> None:
    ids = [studio.voice(prefix) for prefix in ("mama", "papa", "mama", "mama")]

    def listed(*page: int) -> list[str]:
        return [entry["voice_id"] for entry in studio.state.list_voice("mama", *page)["output"]["voice_list"]]

    assert listed() == [ids[3], ids[2], ids[0]]
    assert listed(1, 2) == [ids[0]]


def test_a_new_sample_keeps_the_id_and_deploys_anew(studio: Studio) -> None:
    voice_id = studio.voice()
    studio.state.update_voice(voice_id, SAMPLE)

    assert status(studio, voice_id) == "DEPLOYING"


@pytest.mark.parametrize("action", ["query_voice", "delete_voice"])
def test_a_voice_that_is_not_there_is_a_bad_request(studio: Studio, refusal: Refusal, action: str) -> None:
    assert refusal(lambda: getattr(studio.state, action)("nobody")) == "400 BadRequest.ResourceNotExist"


def test_a_deleted_voice_is_gone(studio: Studio, refusal: Refusal) -> None:
    voice_id = studio.voice()
    studio.state.delete_voice(voice_id)

    assert refusal(lambda: status(studio, voice_id)) == "400 BadRequest.ResourceNotExist"
    assert refusal(lambda: studio.state.synthesize(MODEL, {"voice": voice_id, "text": "x"})) == "400 InvalidParameter"


def test_voices_speak_and_charges_stay_after_a_restart(
    studio: Studio, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = FolderStore(tmp_path_factory.mktemp("state"))
    studio.account.store = store
    studio.restart()
    voice_id = studio.voice()
    studio.state.synthesize(MODEL, {"voice": voice_id, "text": "兔子"})
    studio.restart()

    assert studio.state.synthesize(MODEL, {"voice": voice_id, "text": "兔子"})["usage"] == {"characters": 4}
    assert [charge.what for charge in studio.state.register] == [MODEL, MODEL]
    store.close()


# ---- speech


@pytest.mark.parametrize(
    ("text", "characters"), [("兔子", 4), ("兔子, hi!", 9), ("うさぎ", 3), ("日本語", 6), ("토끼", 2), ("𠮷", 2)]
)
def test_a_chinese_character_counts_twice_and_everything_else_once(text: str, characters: int) -> None:
    assert counted(text) == characters


def test_speech_is_a_url_for_a_day_and_is_charged_by_character(studio: Studio) -> None:
    reply = studio.state.synthesize(MODEL, {"voice": studio.voice(), "text": "从前有只兔子", "format": "wav"})

    audio = reply["output"]["audio"]
    assert audio["expires_at"] == int(studio.timing.now()) + 24 * 3600
    assert (reply["usage"], reply["output"]["finish_reason"]) == ({"characters": 12}, "stop")
    assert studio.state.register == [Charge(MODEL, 0.0018, reply["request_id"])]
    with wave.open(io.BytesIO(spoken(studio, reply))) as sound:
        assert (sound.getframerate(), sound.getnframes()) == (22_050, 22_050 * 6 // 4)


def test_speech_is_an_mp3_unless_told_otherwise(studio: Studio) -> None:
    reply = studio.state.synthesize(MODEL, {"voice": studio.voice(), "text": "从前有只兔子"})

    track = MediaInfo.parse(io.BytesIO(spoken(studio, reply))).audio_tracks[0]
    assert (track.format, track.sampling_rate) == ("MPEG Audio", 22_050)


def test_pcm_is_bare_samples_at_the_rate_asked_for(studio: Studio) -> None:
    fields = {"voice": studio.voice(), "text": "abcd", "format": "pcm", "sample_rate": 16_000}
    reply = studio.state.synthesize(MODEL, fields)

    assert len(spoken(studio, reply)) == 16_000 * 2


def test_double_rate_halves_the_speech(studio: Studio) -> None:
    voice_id = studio.voice()
    sizes = [
        len(
            spoken(
                studio,
                studio.state.synthesize(MODEL, {"voice": voice_id, "text": "abcd", "format": "pcm", "rate": rate}),
            )
        )
        for rate in (1.0, 2.0)
    ]

    assert sizes[0] == 2 * sizes[1]


def test_tags_of_ssml_cost_nothing(studio: Studio) -> None:
    text = '<speak>兔<break time="500ms"/>子 &amp; co</speak>'
    reply = studio.state.synthesize(MODEL, {"voice": studio.voice(), "text": text, "enable_ssml": True})

    assert reply["usage"] == {"characters": 4 + len(" & co")}


@pytest.mark.parametrize("text", ["a < b", "salt & pepper", "<speak>a<b</speak>"])
def test_unescaped_text_is_refused_when_ssml_is_on(studio: Studio, refusal: Refusal, text: str) -> None:
    fields = {"voice": studio.voice(), "text": text, "enable_ssml": True}

    assert refusal(lambda: studio.state.synthesize(MODEL, fields)) == "400 InvalidParameter"


def test_the_same_text_is_taken_when_ssml_is_off(studio: Studio) -> None:
    reply = studio.state.synthesize(MODEL, {"voice": studio.voice(), "text": "salt & pepper < 1"})

    assert reply["usage"] == {"characters": 17}


def test_a_voice_speaks_only_with_the_model_it_was_enrolled_for(studio: Studio) -> None:
    voice_id = studio.voice(model="cosyvoice-v3-plus")

    with pytest.raises(Exception, match=r"400 InvalidParameter: \[tts:\]Engine return error code: 418"):
        studio.state.synthesize(MODEL, {"voice": voice_id, "text": "x"})


def test_a_voice_that_is_not_ready_cannot_speak(studio: Studio, refusal: Refusal) -> None:
    voice_id = studio.state.create_voice(MODEL, "mama", SAMPLE)["output"]["voice_id"]

    assert refusal(lambda: studio.state.synthesize(MODEL, {"voice": voice_id, "text": "x"})) == "400 InvalidParameter"


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "  "},
        {"voice": ""},
        {"format": "opus"},
        {"sample_rate": 12_345},
        {"rate": 0.4},
        {"rate": "fast"},
        {"pitch": 2.1},
        {"volume": 101},
        {"seed": 65_536},
        {"instruction": "慢" * 51},
        {"text": "兔" * 10_001},
    ],
)
def test_parameters_out_of_range_are_refused_and_cost_nothing(
    studio: Studio, refusal: Refusal, wrong: dict[str, object]
) -> None:
    fields = {"voice": studio.voice(), "text": "兔子"} | wrong

    assert refusal(lambda: studio.state.synthesize(MODEL, fields)) == "400 InvalidParameter"
    assert studio.state.register == []


def test_the_fourth_speech_within_a_second_is_throttled(studio: Studio, refusal: Refusal) -> None:
    fields = {"voice": studio.voice(), "text": "兔子"}
    for _ in range(3):
        studio.state.synthesize(MODEL, fields)

    assert refusal(lambda: studio.state.synthesize(MODEL, fields)) == "429 Throttling.RateQuota"


def test_a_retired_model_does_not_speak(studio: Studio, refusal: Refusal) -> None:
    assert refusal(lambda: studio.state.synthesize("cosyvoice-v1", {"voice": "v", "text": "x"})) == "404 ModelNotFound"
