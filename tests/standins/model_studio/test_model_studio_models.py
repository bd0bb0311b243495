"""Each model of the catalogue at the stand-in: loose at submission, strict later, results in the vendor's places."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pymediainfo import MediaInfo

from local.standins.metering import Charge
from local.standins.model_studio.models import MODELS
from shared.domain import requests
from shared.domain.catalogue import CATALOGUE
from shared.domain.catalogue.answers import made_of, passes
from shared.domain.catalogue.model import Medium, Parameter, Status, Way
from shared.domain.catalogue.rules import Choice, Flag, Number, Rule, Several, Whole
from shared.domain.prices import PRICES
from shared.domain.requests import Call, Request
from tests.standins.model_studio.conftest import Refusal, Studio
from tests.toys import asked_in, seconds_of, toy_mp4, toy_png, toy_wav

WEB = "https://web/"
SAMPLES = f"{WEB}requests/samples/"
PICTURE, FILM = f"{SAMPLES}portrait.jpg", f"{SAMPLES}scene.mp4"
PROMPT = {"prompt": "一只小猫"}
EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "requests"
REQUESTS = {path.stem: requests.read(path.read_bytes()) for path in sorted(EXAMPLES.glob("*.json"))}
TRIED = list(REQUESTS)


@pytest.fixture
def web(studio: Studio) -> Studio:
    """The samples that the examples name, and instances of one's own under the names that they give them."""
    studio.web.pages |= {
        PICTURE: toy_png(600, 800),
        f"{SAMPLES}first.jpg": toy_png(832, 480),
        f"{SAMPLES}last.jpg": toy_png(832, 480),
        f"{SAMPLES}mask.png": toy_png(832, 480),
        FILM: toy_mp4(4.0, 1280, 720),
        f"{SAMPLES}clip.mp4": toy_mp4(2.0, 1280, 720),
        f"{SAMPLES}dance.mp4": toy_mp4(4.0, 1280, 720),
        f"{SAMPLES}talk.mp4": toy_mp4(4.0, 1280, 720),
        f"{SAMPLES}voice.wav": toy_wav(6.0),
    }
    for name in ("animate-anyone", "animate-anyone-detect"):
        studio.state.deploy(f"our-{name}", f"{name}-gen2")
    return studio


def ask(studio: Studio, call: Call, request: Request, answers: Mapping[str, object]) -> dict[str, Any]:
    """What one call answers in the end: the whole reply."""
    body = requests.body(call, request, answers, lambda key: f"{WEB}{key}")
    path = call.model.path.strip("/")
    if not call.is_task:
        return studio.state.detect(body["model"], body["input"], body["parameters"], path)
    reply = studio.state.submit_task(body["model"], body["input"], body["parameters"], path)
    assert reply["output"]["task_status"] == "PENDING"
    studio.timing.run(300)
    return studio.state.query_task(reply["output"]["task_id"])


def run(studio: Studio, name: str) -> list[tuple[Call, dict[str, Any]]]:
    """All calls of a request with their replies."""
    request = REQUESTS[name]
    answers: dict[str, object] = {}
    replies = []
    for call in requests.calls(request):
        reply = ask(studio, call, request, answers)
        answers |= requests.answered(call, reply["output"])
        replies.append((call, reply))
    return replies


def failed(studio: Studio, model: str, fields: dict[str, Any], parameters: dict[str, Any]) -> tuple[str, str]:
    """How a task that was accepted ended: its code and message."""
    path = CATALOGUE[model].path.strip("/")
    task_id = studio.state.submit_task(model, fields, parameters, path)["output"]["task_id"]
    studio.timing.run(300)
    output = studio.output(str(task_id))
    assert output["task_status"] == "FAILED"
    return output["code"], output["message"]


def test_there_is_an_example_for_every_model_and_every_function() -> None:
    assert {request.model.name for request in REQUESTS.values()} == CATALOGUE.keys()
    functions = {request.inputs.get("function") for request in REQUESTS.values()} - {None}
    assert functions == set(CATALOGUE["wanx2.1-vace-plus"].form_names)


def test_every_task_model_of_the_catalogue_is_there() -> None:
    avatars = {"emo-v1", "liveportrait", "wan2.2-s2v"}
    shared = {
        model.name for model in CATALOGUE.values() if model.way is Way.TASK and model.status is not Status.DEPLOYED_ONLY
    }

    assert {model.name for model in MODELS} | avatars == shared


@pytest.mark.parametrize("name", TRIED)
def test_an_example_ends_in_the_vendors_place_with_what_it_is_billed_by(web: Studio, name: str) -> None:
    replies = run(web, name)

    for call, reply in replies:
        if not call.is_task:
            assert passes(call.model, reply["output"])
            assert reply["usage"] == {"image_count": 1}
            continue
        assert reply["output"]["task_status"] == "SUCCEEDED"
        place: Any = reply["output"]
        for part in call.model.result[0]:
            place = place[part]
        made = made_of(reply["output"], reply["usage"])
        assert place in {made.url, made.template_id}
        assert call.model.usage[0] in reply["usage"]
        assert made.seconds > 0
    result = made_of(replies[-1][1]["output"], replies[-1][1]["usage"])
    if result.url:
        assert seconds_of(web.web.pages[result.url]) == pytest.approx(result.seconds, abs=0.05)


@pytest.mark.parametrize("name", TRIED)
def test_what_the_till_says_is_what_the_project_reckons(web: Studio, name: str) -> None:
    request = REQUESTS[name]
    answers: dict[str, object] = {}
    reckoned = []
    for call, reply in run(web, name):
        made = made_of(reply["output"], reply["usage"])
        tariff = PRICES[requests.tariff(call, request, answers)]
        quantity = made.seconds if call.is_task else made.images
        reckoned.append(Charge(call.called, round(tariff.micro_yuan * quantity / 1_000_000, 6), ""))
        answers |= requests.answered(call, reply["output"])

    charged = [Charge(entry.what, entry.amount_yuan, "") for entry in web.state.register]
    assert charged == [entry for entry in reckoned if entry.amount_yuan or entry in charged]


def test_a_clip_is_made_of_the_requests_own_media(web: Studio) -> None:
    ((_, reply),) = run(web, "vace-video-edit")

    asked = asked_in(web.web.pages[reply["output"]["video_url"]])
    assert asked["kind"] == "edit"
    assert asked["words"] == "天上出现一张笑脸"
    assert set(asked["media"]) == {"film", "mask", "picture.0"}
    ((_, several),) = run(web, "vace-image-reference")
    assert set(asked_in(web.web.pages[several["output"]["video_url"]])["media"]) == {"picture.0", "picture.1"}


def test_a_face_in_the_first_frame_speaks_and_a_landscape_moves_in_silence(web: Studio) -> None:
    run(web, "wan2.7-i2v")
    assert (web.engines.calls["live_portrait"], web.engines.calls["shoot"]) == (1, 0)

    web.web.pages[PICTURE] = toy_png(600, 800, note=b"NOFACE")
    run(web, "wan2.7-i2v")
    assert web.engines.calls["shoot"] == 1


def resolutions() -> list[tuple[str, str]]:
    """Every name of an example whose model takes a resolution, with each that it takes."""
    return [
        (name, str(value))
        for name, request in REQUESTS.items()
        for parameter in request.model.forms[0].parameters
        if parameter.name == "resolution" and isinstance(parameter.rule, Choice)
        for value in parameter.rule.values
    ]


@pytest.mark.parametrize(("name", "resolution"), resolutions())
@pytest.mark.parametrize("shape", [(600, 800), (1280, 720)])
def test_a_film_has_the_resolutions_pixels_in_its_pictures_shape(
    web: Studio, name: str, resolution: str, shape: tuple[int, int]
) -> None:
    web.web.pages |= dict.fromkeys((PICTURE, f"{SAMPLES}first.jpg"), toy_png(*shape))
    call = requests.calls(REQUESTS[name])[-1]
    request = replace(REQUESTS[name], parameters={**REQUESTS[name].parameters, "resolution": resolution})

    reply = ask(web, call, request, {})

    film = MediaInfo.parse(io.BytesIO(web.web.pages[made_of(reply["output"], reply["usage"]).url])).video_tracks[0]
    usual = {"480P": 640 * 480, "720P": 1280 * 720, "1080P": 1920 * 1080}[resolution]
    assert film.width * film.height == pytest.approx(usual, rel=0.05)
    assert film.width / film.height == pytest.approx(shape[0] / shape[1], rel=0.03)
    assert reply["usage"].get("size") in {None, f"{film.width}*{film.height}"}


@pytest.mark.parametrize("lasting_s", [2, 15])
def test_a_first_frame_speaks_for_as_long_as_was_asked_for_whatever_it_has_to_say(web: Studio, lasting_s: int) -> None:
    (call,) = requests.calls(REQUESTS["wan2.7-i2v"])
    request = replace(REQUESTS["wan2.7-i2v"], parameters={"resolution": "720P", "duration": lasting_s})
    reply = ask(web, call, request, {})

    assert reply["usage"]["video_duration"] == pytest.approx(lasting_s)
    assert seconds_of(web.web.pages[reply["output"]["video_url"]]) == pytest.approx(lasting_s, abs=0.05)
    assert web.state.register[-1].amount_yuan == pytest.approx(0.6 * lasting_s)


@pytest.mark.parametrize(
    ("model", "fields", "parameters", "code", "word"),
    [
        ("wan2.2-t2v-plus", PROMPT, {"size": "720*1280"}, "InvalidParameter", "size"),
        ("wan2.2-t2v-plus", PROMPT, {"duration": 3}, "InvalidParameter", "duration customization is not supported"),
        ("wan2.2-i2v-plus", {"img_url": PICTURE}, {"resolution": "720P"}, "InvalidParameter", "resolution"),
        ("wan2.2-t2v-plus", {"prompt": "x" * 801}, {}, "InvalidParameter", "prompt"),
        ("wan2.2-i2v-plus", {"img_url": FILM}, {}, "InvalidURL", "image format"),
        ("wan2.2-i2v-plus", {"img_url": f"{WEB}gone.png"}, {}, "InvalidURL", "image format"),
        ("video-style-transform", {"video_url": PICTURE}, {}, "InvalidFile.Format", "format"),
        ("video-style-transform", {"video_url": f"{WEB}long.mp4"}, {}, "InvalidFile.Duration", "length"),
        ("video-style-transform", {"video_url": f"{WEB}wide.mp4"}, {}, "InvalidFile.Resolution", "ratio"),
        ("video-style-transform", {"video_url": f"{WEB}gone.mp4"}, {}, "InvalidURL", "URL"),
        ("animate-anyone-template-gen2", {"video_url": f"{WEB}nobody.mp4"}, {}, "InvalidFile.Content", "human body"),
        (
            "animate-anyone-gen2",
            {"image_url": PICTURE, "template_id": "AACT.none"},
            {},
            "InvalidParameter",
            "template_id",
        ),
        ("wanx2.1-kf2v-plus", {"first_frame_url": PICTURE}, {}, "InvalidParameter", "missing"),
        ("wanx2.1-vace-plus", {"function": "dream", **PROMPT}, {}, "InvalidParameter", "function"),
        ("wanx2.1-vace-plus", {"function": "video_edit", **PROMPT}, {}, "InvalidParameter", "missing"),
        ("wan2.7-i2v", {"media": [{"type": "first_frame", "url": PICTURE}, "x"]}, {}, "InvalidParameter", "missing"),
    ],
)
def test_what_is_wrong_is_taken_at_submission_and_fails_the_task(
    web: Studio, model: str, fields: dict[str, Any], parameters: dict[str, Any], code: str, word: str
) -> None:
    web.web.pages |= {
        f"{WEB}long.mp4": toy_mp4(31.0, 1280, 720),
        f"{WEB}wide.mp4": toy_mp4(4.0, 1900, 1000),
        f"{WEB}nobody.mp4": toy_mp4(4.0, 1280, 720, note=b"NOBODY"),
    }

    found = failed(web, model, fields, parameters)

    assert found[0] == code
    assert word in found[1]
    assert web.state.register == []


def test_only_what_is_missing_altogether_is_refused_at_submission(web: Studio, refusal: Refusal) -> None:
    path = "video-generation/video-synthesis"
    assert refusal(lambda: web.state.submit_task("wan2.2-i2v-plus", PROMPT, {}, path)) == "400 InvalidParameter"
    assert refusal(
        lambda: web.state.submit_task("wan2.2-i2v-plus", {"img_url": PICTURE}, {}, "image2video/video-synthesis")
    ) == ("400 InvalidParameter")


@pytest.mark.parametrize("name", [model.name for model in MODELS])
def test_no_more_tasks_run_at_once_than_the_model_allows(web: Studio, name: str) -> None:
    request = next(request for request in REQUESTS.values() if request.model.name == name)
    model = CATALOGUE[name]
    given: dict[str, object] = {"template_id": "AACT.s4000-x50-y20-b1500-00000000"}
    given |= {"face_bbox": [1, 1, 9, 9], "ext_bbox": [0, 0, 400, 400]}
    fields = requests.body(requests.calls(request)[-1], request, given, lambda key: f"{WEB}{key}")["input"]
    ids = []
    for _ in range(model.at_once + 1):
        ids.append(web.state.submit_task(name, fields, {}, model.path.strip("/"))["output"]["task_id"])
        web.timing.run(1.1)
    web.timing.run(8)

    running = [web.status(task_id) for task_id in ids]
    assert running == ["RUNNING"] * model.at_once + ["PENDING"]


@pytest.mark.parametrize("name", ["emoji-v1", "animate-anyone-gen2"])
def test_a_check_that_is_switched_off_refuses_and_so_does_its_model(web: Studio, refusal: Refusal, name: str) -> None:
    first = requests.calls(REQUESTS[name])[0]
    web.state.offline_models.update({first.called, name})

    assert refusal(lambda: run(web, name)) == "403 Endpoint.AccessDenied"
    path = CATALOGUE[name].path.strip("/")
    assert refusal(lambda: web.state.submit_task(name, {}, {}, path)) == "403 Endpoint.AccessDenied"
    assert web.state.register == []


def test_a_refused_emoji_picture_is_an_answer_without_boxes(web: Studio) -> None:
    web.web.pages[PICTURE] = toy_png(600, 800, note=b"NOFACE")

    reply = web.state.detect("emoji-detect-v1", {"image_url": PICTURE}, {"ratio": "1:1"})
    assert reply["output"] == {"code": "", "message": ""}
    assert not passes(CATALOGUE["emoji-detect-v1"], reply["output"])
    assert [charge.what for charge in web.state.register] == ["emoji-detect-v1"]


def test_a_whole_person_and_half_a_one_are_told_apart(web: Studio) -> None:
    path = "image2video/aa-detect"
    half = web.state.detect("animate-anyone-detect-gen2", {"image_url": PICTURE}, {}, path)
    web.web.pages[PICTURE] = toy_png(500, 1000)
    full = web.state.detect("animate-anyone-detect-gen2", {"image_url": PICTURE}, {}, path)

    assert [reply["output"] for reply in (half, full)] == [
        {"check_pass": True, "bodystyle": "half"},
        {"check_pass": True, "bodystyle": "full"},
    ]


def test_a_check_answers_at_its_own_address_only(web: Studio, refusal: Refusal) -> None:
    fields = {"image_url": PICTURE}
    assert refusal(lambda: web.state.detect("animate-anyone-detect-gen2", fields, {})) == "400 InvalidParameter"
    assert refusal(lambda: web.state.detect("nobody", fields, {})) == "404 ModelNotFound"


def test_an_instance_of_ones_own_runs_under_its_own_name_and_costs_nothing_a_call(web: Studio) -> None:
    web.state.deploy("dance-ours", "animate-anyone-gen2")
    web.state.deploy("look-ours", "animate-anyone-detect-gen2")
    web.state.offline_models.update({"animate-anyone-gen2", "animate-anyone-detect-gen2"})
    given = {"image_url": PICTURE, "template_id": "AACT.s4000-x50-y20-b1500-00000000"}

    seen = web.state.detect("look-ours", {"image_url": PICTURE}, {}, "image2video/aa-detect")
    task = web.state.submit_task("dance-ours", given, {}, "image2video/video-synthesis")["output"]["task_id"]
    web.timing.run(300)

    assert seen["output"]["check_pass"] is True
    assert web.status(str(task)) == "SUCCEEDED"
    assert [charge.amount_yuan for charge in web.state.register] == [0.0]


def test_limits_of_the_catalogues_files_are_the_ones_that_fail_tasks() -> None:
    media = {one.file.medium for model in CATALOGUE.values() for form in model.forms for one in form.inputs if one.file}
    assert media == set(Medium)


def test_videoretalk_moves_the_lips_for_as_long_as_the_shorter_of_the_two(web: Studio) -> None:
    fields = {"video_url": FILM, "audio_url": f"{SAMPLES}voice.wav"}
    path = CATALOGUE["videoretalk"].path.strip("/")

    tasks = []
    for extend in (False, True):
        reply = web.state.submit_task("videoretalk", fields, {"video_extension": extend}, path)
        tasks.append(str(reply["output"]["task_id"]))
        web.timing.run(300)

    clips = [asked_in(web.web.pages[web.output(task)["video_url"]]) for task in tasks]
    assert [clip["extend"] for clip in clips] == [False, True]
    assert [web.state.query_task(task)["usage"]["video_duration"] for task in tasks] == [4.0, 6.0]


PARAMETERS = {
    f"{model.name}/{form.name}/{one.name}": (model.name, form.name, one)
    for model in CATALOGUE.values()
    if model.way is Way.TASK and model.status is not Status.DEPLOYED_ONLY
    for form in model.forms
    for one in form.parameters
}


def beyond(rule: Rule) -> list[object]:
    """Values just outside a rule."""
    match rule:
        case Whole(low, high):
            return [low - 1, high + 1]
        case Number(low, high):
            return [low - 0.01, high + 0.01]
        case Flag():
            return ["perhaps"]
        case Several(of=one):
            return [[value] for value in beyond(one)]
        case _:
            return ["nonsense"]


@pytest.mark.parametrize(("model", "form", "parameter"), PARAMETERS.values(), ids=PARAMETERS)
def test_no_parameter_of_any_model_gets_past_its_task_from_outside_its_range(
    web: Studio, model: str, form: str, parameter: Parameter
) -> None:
    request = next(
        each for each in REQUESTS.values() if each.model.name == model and each.inputs.get("function", "") == form
    )
    given: dict[str, object] = {"template_id": "AACT.s4000-x50-y20-b1500-00000000"}
    given |= {"face_bbox": [1, 1, 9, 9], "ext_bbox": [0, 0, 400, 400]}
    fields = requests.body(requests.calls(request)[-1], request, given, lambda key: f"{WEB}{key}")["input"]
    for value in beyond(parameter.rule):
        code, message = failed(web, model, fields, {parameter.name: value})

        assert code == "InvalidParameter"
        assert parameter.name in message or parameter.name == "duration"
    assert web.state.register == []
