"""A request file is read and checked whole, normalised, priced, and turned into the calls that it takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.domain import requests
from shared.domain.catalogue import CATALOGUE
from shared.domain.catalogue.files import FileFacts
from shared.domain.errors import Refused
from shared.domain.prices import yuan
from shared.domain.requests import Request, Wrong, calls

EMO: dict[str, Any] = {
    "model": "emo-v1",
    "input": {"image_url": "requests/a/photo.png", "audio_url": "https://example.com/a.wav"},
}
DANCE = {"model": "animate-anyone-gen2", "input": {"image_url": "requests/a/p.png", "video_url": "requests/a/d.mp4"}}
CAT = {"model": "wan2.2-t2v-plus", "input": {"prompt": "一只猫"}}
BOXES = {"face_bbox": [302, 286, 610, 593], "ext_bbox": [71, 9, 840, 778]}
SPEECH = FileFacts("wav", 1000, seconds=12.5)


def reading(whole: object) -> Request:
    return requests.read(json.dumps(whole).encode())


def wrong(whole: object) -> list[tuple[str, object]]:
    with pytest.raises(Wrong) as caught:
        requests.read(whole if isinstance(whole, bytes) else json.dumps(whole).encode())
    assert str(caught.value)
    return [(problem.code, problem.fields.get("name")) for problem in caught.value.problems]


def signed(key: str) -> str:
    return key if "://" in key else f"https://signed/{key}"


def test_a_request_is_read_and_its_normal_form_reads_the_same() -> None:
    whole = {
        **EMO,
        "parameters": {"ratio": "3:4"},
        "deployed": {"emo-v1": "emo-ours"},
        "cap_yuan": 2.5,
        "family": "lin",
    }

    found = reading(whole)

    assert found.model is CATALOGUE["emo-v1"]
    assert (found.parameters, found.cap_yuan, found.family) == ({"ratio": "3:4"}, 2.5, "lin")
    assert requests.read(requests.write(found)) == found
    assert json.loads(requests.write(reading(CAT))) == {**CAT, "family": "family"}


@pytest.mark.parametrize(
    ("whole", "found"),
    [
        (b"{", [("request.not_json", None)]),
        (b"[]", [("request.not_json", None)]),
        (b"\xff", [("request.not_json", None)]),
        (b"[" * 60_000, [("request.not_json", None)]),
        (b'{"cap_yuan": NaN}', [("request.not_json", None)]),
        (b" " * (64 * 1024 + 1), [("request.too_large", None)]),
        ({}, [("request.model", "None")]),
        ({**CAT, "fps": 24}, [("request.field", "fps")]),
        ({**CAT, "input": []}, [("request.value", "input")]),
        ({**CAT, "parameters": "x", "deployed": 1}, [("request.value", "parameters"), ("request.value", "deployed")]),
        ({**CAT, "cap_yuan": -1}, [("request.value", "cap_yuan")]),
        ({**CAT, "cap_yuan": True}, [("request.value", "cap_yuan")]),
        ({**CAT, "cap_yuan": "1"}, [("request.value", "cap_yuan")]),
        ({**CAT, "family": "Lin!"}, [("request.value", "family")]),
        ({**CAT, "family": 1}, [("request.value", "family")]),
        ({**CAT, "deployed": {"emo-v1": "x"}}, [("request.field", "deployed.emo-v1")]),
        ({**EMO, "deployed": {"emo-v1": "a b"}}, [("request.value", "deployed.emo-v1")]),
        ({**EMO, "deployed": {"emo-v1": 1}}, [("request.value", "deployed.emo-v1")]),
        (
            {"model": "animate-anyone", "input": {"image_url": "a.png", "template_id": "AACT.1"}},
            [("request.missing", "deployed.animate-anyone-detect"), ("request.missing", "deployed.animate-anyone")],
        ),
    ],
)
def test_a_request_that_will_not_do_is_refused_by_name(whole: object, found: list[tuple[str, object]]) -> None:
    assert wrong(whole) == found


def test_all_that_is_wrong_is_said_at_once() -> None:
    whole = {"model": "emo-v2", "fps": 8, "cap_yuan": "x"}
    assert wrong(whole) == [("request.model", "emo-v2"), ("request.field", "fps"), ("request.value", "cap_yuan")]

    whole = {**EMO, "parameters": {"style_level": "subtle"}, "family": "?"}
    assert wrong(whole) == [("request.value", "family"), ("request.value", "parameters.style_level")]


def test_a_chain_is_the_checks_and_templates_that_its_model_needs_first() -> None:
    assert [call.called for call in calls(reading(EMO))] == ["emo-detect-v1", "emo-v1"]
    assert [call.is_task for call in calls(reading(DANCE))] == [False, True, True]
    assert [call.called for call in calls(reading(DANCE))] == [
        "animate-anyone-detect-gen2",
        "animate-anyone-template-gen2",
        "animate-anyone-gen2",
    ]
    assert [call.called for call in calls(reading(CAT))] == ["wan2.2-t2v-plus"]
    given = {**EMO, "input": {**EMO["input"], **BOXES}}
    assert [call.called for call in calls(reading(given))] == ["emo-v1"]


def test_each_call_is_sent_the_fields_that_are_its_own_and_what_the_earlier_ones_answered() -> None:
    request = reading({**EMO, "parameters": {"ratio": "3:4"}, "deployed": {"emo-v1": "emo-ours"}})
    detect, generate = calls(request)

    assert requests.body(detect, request, {}, signed) == {
        "model": "emo-detect-v1",
        "input": {"image_url": "https://signed/requests/a/photo.png"},
        "parameters": {"ratio": "3:4"},
    }
    answers = requests.answered(detect, {"check_pass": True, **BOXES})
    assert answers == BOXES
    assert requests.body(generate, request, answers, signed) == {
        "model": "emo-ours",
        "input": {
            "image_url": "https://signed/requests/a/photo.png",
            "audio_url": "https://example.com/a.wav",
            **BOXES,
        },
        "parameters": {"style_level": "normal"},
    }
    assert requests.answered(generate, {"video_url": "x"}) == {}


def test_another_detectors_names_are_carried_over_to_the_generators() -> None:
    request = reading({"model": "emoji-v1", "input": {"image_url": "a.png", "driven_id": "mengwa_kaixin"}})
    detect, generate = calls(request)

    answers = requests.answered(detect, {"bbox_face": [1, 2, 3, 4], "ext_bbox_face": [0, 0, 9, 9]})
    sent = requests.body(generate, request, answers, signed)["input"]
    assert (sent["face_bbox"], sent["ext_bbox"]) == ([1, 2, 3, 4], [0, 0, 9, 9])


def test_media_that_the_vendor_takes_as_a_list_is_sent_as_one() -> None:
    given = {"first_frame_url": "a.png", "driving_audio_url": "https://example.com/a.mp3", "prompt": "说话"}
    request = reading({"model": "wan2.7-i2v", "input": given, "parameters": {"duration": 7}})
    (call,) = calls(request)

    sent = requests.body(call, request, {}, signed)
    assert sent["input"] == {
        "prompt": "说话",
        "media": [
            {"type": "first_frame", "url": "https://signed/a.png"},
            {"type": "driving_audio", "url": "https://example.com/a.mp3"},
        ],
    }
    assert sent["parameters"]["duration"] == 7
    assert "seed" not in sent["parameters"]


@pytest.mark.parametrize("value", ["a.png", ["a.png"]])
def test_a_list_of_files_is_sent_as_a_list_even_of_one(value: object) -> None:
    given = {"function": "video_repainting", "prompt": "雪", "video_url": "a.mp4", "ref_images_url": value}
    request = reading({"model": "wanx2.1-vace-plus", "input": given})
    (call,) = calls(request)

    assert requests.body(call, request, {}, signed)["input"]["ref_images_url"] == ["https://signed/a.png"]
    assert [(name, where) for name, _, where in requests.files(request)] == [
        ("input.video_url", "a.mp4"),
        ("input.ref_images_url", "a.png"),
    ]


@pytest.mark.parametrize(
    ("whole", "facts", "low", "high"),
    [
        (CAT, {}, "3.50", "3.50"),
        ({**CAT, "parameters": {"size": "832*480"}}, {}, "0.70", "0.70"),
        (
            {"model": "wanx2.1-i2v-turbo", "input": {"img_url": "a.png"}, "parameters": {"duration": 3}},
            {},
            "0.72",
            "0.72",
        ),
        (EMO, {}, "0.0040", "4.80"),
        (EMO, {"https://example.com/a.wav": SPEECH}, "1.00", "1.00"),
        ({**EMO, "parameters": {"ratio": "3:4"}}, {"https://example.com/a.wav": SPEECH}, "2.00", "2.00"),
        ({**EMO, "deployed": {"emo-v1": "ours"}}, {}, "0.0040", "0.0040"),
        ({**EMO, "input": {**EMO["input"], **BOXES}}, {"https://example.com/a.wav": SPEECH}, "1.00", "1.00"),
        (
            {**EMO, "input": {**EMO["input"], "face_bbox": [0, 0, 9, 9], "ext_bbox": [0, 0, 300, 400]}},
            {"https://example.com/a.wav": SPEECH},
            "2.00",
            "2.00",
        ),
        ({"model": "wan2.2-s2v", "input": EMO["input"]}, {}, "0.0040", "10.00"),
        (
            {"model": "wan2.2-s2v", "input": EMO["input"], "parameters": {"resolution": "720P"}},
            {"https://example.com/a.wav": SPEECH},
            "11.25",
            "11.25",
        ),
        (DANCE, {"requests/a/d.mp4": FileFacts("mp4", 1, seconds=10)}, "1.60", "1.60"),
        (
            {"model": "animate-anyone-gen2", "input": {"image_url": "a.png", "template_id": "AACT.1"}},
            {},
            "0.0040",
            "4.80",
        ),
        (
            {
                "model": "wanx2.1-vace-plus",
                "input": {"function": "video_outpainting", "prompt": "海", "video_url": "a.mp4"},
            },
            {},
            "0.00",
            "3.50",
        ),
        (
            {
                "model": "wanx2.1-vace-plus",
                "input": {"function": "video_repainting", "prompt": "海", "video_url": "a.mp4"},
                "parameters": {"control_condition": "depth"},
            },
            {"a.mp4": FileFacts("mp4", 1, seconds=2.0)},
            "1.40",
            "1.40",
        ),
        (
            {"model": "video-style-transform", "input": {"video_url": "a.mp4"}, "parameters": {"min_len": 540}},
            {"a.mp4": SPEECH},
            "2.50",
            "2.50",
        ),
        (
            {
                "model": "wan2.7-i2v",
                "input": {"first_frame_url": "a.png", "driving_audio_url": "a.mp3"},
                "parameters": {"resolution": "720P"},
            },
            {},
            "3.00",
            "3.00",
        ),
        (
            {
                "model": "animate-anyone",
                "input": {"image_url": "a.png", "template_id": "AACT.1"},
                "deployed": {"animate-anyone": "dance", "animate-anyone-detect": "look"},
            },
            {},
            "0.00",
            "0.00",
        ),
    ],
)
def test_a_request_is_quoted_before_it_is_made(
    whole: dict[str, Any], facts: dict[str, FileFacts], low: str, high: str
) -> None:
    quoted = requests.quote(reading(whole), facts)

    # a check of a photo is 0.004 yuan on top, below a fen
    assert (yuan(quoted.low), yuan(quoted.high)) == (low, high)


@pytest.mark.parametrize(
    ("film_s", "extends", "quoted"),
    [(5.0, False, 5.0), (5.0, True, 12.5), (60.0, False, 12.5), (60.0, True, 12.5)],
)
def test_other_words_for_a_film_are_paid_for_as_long_as_both_last_or_as_the_words_do(
    film_s: float, extends: bool, quoted: float
) -> None:
    given = {"video_url": "a.mp4", "audio_url": "a.wav"}
    request = reading({"model": "videoretalk", "input": given, "parameters": {"video_extension": extends}})
    facts = {"a.mp4": FileFacts("mp4", 1, seconds=film_s), "a.wav": SPEECH}

    assert requests.seconds(calls(request)[-1], request, facts) == (quoted, quoted)
    assert requests.seconds(calls(request)[-1], request, {"a.wav": SPEECH}) == (12.5 if extends else 2.0, 12.5)


def test_a_request_that_may_cost_more_than_its_cap_is_refused() -> None:
    capped = reading({**CAT, "cap_yuan": 3.49})

    with pytest.raises(Refused) as caught:
        requests.check_cap(capped, requests.quote(capped, {}))

    assert caught.value.code == "request.cap"
    assert caught.value.fields == {"cap": "3.49", "high": "3.50"}
    for cap in (0, 3.5):
        may = reading({**CAT, "cap_yuan": cap})
        requests.check_cap(may, requests.quote(may, {}))


def test_a_box_of_no_known_shape_is_priced_at_the_dearer_one() -> None:
    request = reading(EMO)
    generate = calls(request)[1]

    assert requests.tariff(generate, request, {"ext_bbox": [0, 0, 10, 90]}) == "emo-v1.3:4"
    assert requests.tariff(generate, request, {"ext_bbox": [0, 0, 10, 10]}) == "emo-v1.1:1"


def test_a_model_that_was_announced_as_switched_off_is_marked() -> None:
    assert reading(EMO).is_dated
    assert not reading({**EMO, "deployed": {"emo-v1": "ours"}}).is_dated
    assert not reading(CAT).is_dated
