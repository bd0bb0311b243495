"""The catalogue: what each model allows, and that everything else is refused by name, rule and nearest value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from shared.domain.catalogue import CATALOGUE
from shared.domain.catalogue.checking import is_place, model_named, problems, wanted
from shared.domain.catalogue.model import Form, Input, Model, Parameter, Status, Way
from shared.domain.catalogue.rules import Box, Choice, Flag, Number, Rule, Several, Text, Whole
from shared.domain.errors import Refused
from shared.domain.prices import PRICES, Unit
from shared.domain.sentences import SENTENCES

OF_THE_SEED = {
    "wan2.2-t2v-plus",
    "wanx2.1-t2v-turbo",
    "wanx2.1-t2v-plus",
    "wan2.2-i2v-plus",
    "wanx2.1-i2v-turbo",
    "wanx2.1-i2v-plus",
    "wanx2.1-kf2v-plus",
    "wanx2.1-vace-plus",
    "video-style-transform",
    "animate-anyone-detect-gen2",
    "animate-anyone-template-gen2",
    "animate-anyone-gen2",
    "animate-anyone-detect",
    "animate-anyone",
    "emo-detect-v1",
    "emo-v1",
    "liveportrait-detect",
    "liveportrait",
    "emoji-detect-v1",
    "emoji-v1",
    "videoretalk",
}
LIVING_ENGINES = {"wan2.2-s2v-detect", "wan2.2-s2v", "wan2.7-i2v"}
FILE = "requests/one/file.bin"


@dataclass(frozen=True)
class Field:
    """One field of one form of one model."""

    model: Model
    form: Form
    field: Input | Parameter

    def __str__(self) -> str:
        return "/".join(part for part in (self.model.name, self.form.name, self.field.name) if part)


def fields(kind: type[Input | Parameter]) -> list[Field]:
    return [
        Field(model, form, one)
        for model in CATALOGUE.values()
        for form in model.forms
        for one in (form.inputs if kind is Input else form.parameters)
    ]


def allowed(rule: Rule) -> list[Any]:
    """Values inside and at the ends of a rule."""
    match rule:
        case Choice():
            return list(rule.values)
        case Whole() | Number():
            return [rule.low, (rule.low + rule.high) // 2, rule.high]
        case Flag():
            return [True, False]
        case Text():
            return ["一", "一" * rule.characters_max]
        case Several():
            one = allowed(rule.of)[0]
            return [[one] * rule.least, [one] * rule.most]
        case Box():
            return [[0, 0, 400, 400]]
        case _:
            raise LookupError(rule)


def forbidden(rule: Rule) -> list[Any]:
    """Values just outside a rule, and of the wrong kind."""
    match rule:
        case Whole():
            return [rule.low - 1, rule.high + 1, rule.low + 0.5, True, str(rule.low)]
        case Number():
            return [rule.low - 0.01, rule.high + 0.01, True, str(rule.low)]
        case Text():
            return ["", "一" * (rule.characters_max + 1), 1]
        case Several():
            one = allowed(rule.of)[0]
            return [one, [one] * (rule.most + 1), [], ["?"]]
        case Box():
            return [[0, 0, 400], [4, 0, 4, 4], "0,0,4,4", *([[0, 0, 400, 4000]] if rule.ratios else [])]
        case _:
            return ["nonsense", None]


def request(model: Model, form: Form) -> tuple[dict[str, Any], dict[str, Any]]:
    """The least that this form takes."""
    given = {"function": form.name} if form.name else {}
    inputs: dict[str, Any] = dict(given)
    for one in wanted(model, given).inputs:
        if one.needed and one.name not in inputs:
            inputs[one.name] = FILE if one.rule is None else allowed(one.rule)[0]
    for names in (*form.one_of, *form.some_of):
        one = next(one for one in form.inputs if one.name == names[0])
        inputs[one.name] = FILE if one.rule is None else allowed(one.rule)[0]
    return inputs, {}


def codes(found: list[Refused]) -> list[str]:
    return [problem.code for problem in found]


def test_every_model_of_the_sources_is_in_the_catalogue() -> None:
    assert CATALOGUE.keys() == OF_THE_SEED | LIVING_ENGINES


@pytest.mark.parametrize("model", CATALOGUE.values(), ids=lambda model: model.name)
def test_an_entry_is_whole(model: Model) -> None:
    assert model.title
    assert model.source.startswith("help.aliyun.com/zh/model-studio/")
    assert model.path.rstrip("/").count("/") == 1
    assert model.result
    assert model.usage
    assert model.per_s >= 1
    assert model.at_once >= 1
    assert (model.status is Status.ANNOUNCED_OFF) == bool(model.off_on)
    assert set(model.pricing.tariffs.values()) <= PRICES.keys()
    units = {PRICES[name].unit for name in model.pricing.tariffs.values()} - {PRICES["deployed"].unit}
    assert units <= ({Unit.IMAGE} if model.way is Way.AT_ONCE else {Unit.SECOND})
    assert len(model.forms) in {1, len(model.form_names)}
    for form in model.forms:
        names = {one.name for one in form.inputs} | {one.name for one in form.parameters}
        assert {model.pricing.ends_with, model.pricing.goes_on} <= {*names, ""}
        assert len(names) == len(form.inputs) + len(form.parameters)
        assert {name for group in (*form.one_of, *form.some_of, *form.alike) for name in group} <= names
        assert all((one.file is None) != (one.rule is None) for one in form.inputs)


@pytest.mark.parametrize("model", CATALOGUE.values(), ids=lambda model: model.name)
def test_a_chain_leads_from_checks_to_the_model(model: Model) -> None:
    for link in model.before:
        first = CATALOGUE[link.model]
        places = {path[-1] for path in first.result}
        assert set(link.gives) <= places
        assert set(link.gives.values()) <= {one.name for one in model.forms[0].inputs}
        assert set(link.inputs) == {one.name for one in first.forms[0].inputs}
        assert set(link.parameters) <= {one.name for one in first.forms[0].parameters}


@pytest.mark.parametrize("model", CATALOGUE.values(), ids=lambda model: model.name)
def test_defaults_keep_their_own_rule(model: Model) -> None:
    for form in model.forms:
        for parameter in form.parameters:
            assert parameter.default is None or parameter.rule.admits(parameter.default)


def test_a_tariff_is_chosen_by_values_that_its_parameter_can_have() -> None:
    for model in CATALOGUE.values():
        if not model.pricing.by:
            assert list(model.pricing.tariffs) == [""]
            continue
        ruled = {one.name: one.rule for form in model.forms for one in form.inputs}
        ruled |= {one.name: one.rule for form in model.forms for one in form.parameters}
        rule = ruled[model.pricing.by]
        values = rule.ratios if isinstance(rule, Box) else [str(value) for value in allowed(rule)] if rule else []
        assert set(values) == set(model.pricing.tariffs)


@pytest.mark.parametrize(
    ("model", "form"),
    [(model, form) for model in CATALOGUE.values() for form in model.forms],
    ids=lambda part: part.name or "-",
)
def test_the_least_request_for_each_form_is_right_and_every_gap_in_it_is_named(model: Model, form: Form) -> None:
    inputs, parameters = request(model, form)

    assert problems(model, inputs, parameters) == []
    needed = [one.name for one in wanted(model, inputs).inputs if one.needed and one.name != "function"]
    for name in needed:
        without = {key: value for key, value in inputs.items() if key != name}
        found = problems(model, without, parameters)
        assert ("request.missing", f"input.{name}") in [(one.code, one.fields.get("name")) for one in found]


@pytest.mark.parametrize("one", fields(Parameter), ids=str)
def test_a_parameter_is_taken_inside_and_at_the_ends_of_its_range(one: Field) -> None:
    assert isinstance(one.field, Parameter)
    inputs, _ = request(one.model, one.form)
    for value in allowed(one.field.rule):
        given = [FILE] * len(value) if isinstance(value, list) else None
        files = {**inputs, "ref_images_url": given} if given else inputs

        assert problems(one.model, files, {one.field.name: value}) == []


@pytest.mark.parametrize("one", fields(Parameter), ids=str)
def test_a_parameter_outside_its_range_is_refused_by_name_rule_and_nearest_value(one: Field) -> None:
    assert isinstance(one.field, Parameter)
    inputs, _ = request(one.model, one.form)
    for value in forbidden(one.field.rule):
        found = [
            problem
            for problem in problems(one.model, inputs, {one.field.name: value})
            if problem.code == "request.value"
        ]

        assert [problem.fields["name"] for problem in found] == [f"parameters.{one.field.name}"]
        assert found[0].fields["rule"] == one.field.rule.words
        assert found[0].fields["nearest"]
        assert "…" not in found[0].sentence.en


@pytest.mark.parametrize(
    "one", [each for each in fields(Input) if isinstance(each.field, Input) and each.field.rule], ids=str
)
def test_a_plain_input_is_taken_inside_its_rule_and_refused_outside(one: Field) -> None:
    assert isinstance(one.field, Input)
    assert one.field.rule is not None
    inputs, _ = request(one.model, one.form)
    boxes = {"face_bbox": [0, 0, 9, 9], "ext_bbox": [0, 0, 400, 400]} if isinstance(one.field.rule, Box) else {}
    for value in allowed(one.field.rule):
        given = {**inputs, **boxes, one.field.name: value}
        left_out = {"video_url"} if one.field.name == "template_id" else set()
        assert problems(one.model, {name: given[name] for name in given.keys() - left_out}, {}) == []
    for value in forbidden(one.field.rule):
        found = problems(one.model, {**inputs, **boxes, one.field.name: value}, {})
        assert ("request.value", f"input.{one.field.name}") in [(each.code, each.fields.get("name")) for each in found]


@pytest.mark.parametrize("model", CATALOGUE.values(), ids=lambda model: model.name)
def test_a_field_that_no_model_has_is_refused(model: Model) -> None:
    inputs, _ = request(model, model.forms[0])
    found = problems(model, {**inputs, "nobody": 1}, {"nothing": 1})

    takes_some = bool(wanted(model, inputs).parameters)
    assert codes(found) == ["request.field", "request.field" if takes_some else "request.no_fields"]
    assert [problem.fields["name"] for problem in found] == ["input.nobody", "parameters.nothing"]
    assert all(problem.fields["nearest"] for problem in found if problem.code == "request.field")


@pytest.mark.parametrize(
    ("name", "inputs", "parameters", "field", "nearest"),
    [
        ("wan2.2-t2v-plus", {"prompt": "猫"}, {"resolution": "720*1280"}, "parameters.resolution", "size"),
        ("wan2.2-t2v-plus", {"prompt": "猫"}, {"size": "720*1280"}, "parameters.size", "1080*1920"),
        ("wan2.2-t2v-plus", {"prompt": "猫"}, {"duration": 3}, "parameters.duration", "5"),
        ("wanx2.1-i2v-plus", {"img_url": FILE}, {"duration": 3}, "parameters.duration", "5"),
        ("wanx2.1-i2v-plus", {"img_url": FILE, "image_url": FILE}, {}, "input.image_url", "img_url"),
        (
            "wanx2.1-kf2v-plus",
            {"first_frame_url": FILE, "last_frame_url": FILE},
            {"duration": 4},
            "parameters.duration",
            "5",
        ),
        ("emo-v1", {"image_url": FILE, "audio_url": FILE}, {"style_level": "subtle"}, "parameters.style_level", "calm"),
        (
            "liveportrait",
            {"image_url": FILE, "audio_url": FILE},
            {"style_level": "calm"},
            "parameters.style_level",
            "template_id",
        ),
        ("video-style-transform", {"video_url": FILE}, {"fps": 24}, "parameters.fps", "video_fps"),
    ],
)
def test_what_the_older_description_gets_wrong_is_put_right(
    name: str, inputs: dict[str, Any], parameters: dict[str, Any], field: str, nearest: str
) -> None:
    found = problems(CATALOGUE[name], inputs, parameters)

    assert [(one.fields["name"], one.fields["nearest"]) for one in found] == [(field, nearest)]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("emo-v1-detect", "emo-detect-v1"), ("wan2.2-i2v-pluss", "wan2.2-i2v-plus"), ([], "wan2.2-t2v-plus")],
)
def test_an_unknown_model_is_refused_with_the_most_similar_one(name: object, nearest: str) -> None:
    with pytest.raises(Refused) as caught:
        model_named(name)

    assert caught.value.code == "request.model"
    assert caught.value.fields["nearest"] == nearest
    assert model_named("emo-v1").name == "emo-v1"


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ("requests/one/photo.png", True),
        ("inbox/a/photo.jpg", True),
        ("https://example.com/a.png?x=1", True),
        ("http://example.com/a.png", False),
        ("https://user@example.com/a.png", False),
        ("https://example.com", False),
        ("https://example.com/" + "a" * 2048, False),
        ("oss://bucket/key", False),
        ("../etc/passwd", False),
        ("folder/", False),
        ("", False),
        (7, False),
    ],
)
def test_a_file_is_a_key_of_ours_or_an_https_url(value: object, is_one: bool) -> None:
    assert is_place(value) is is_one
    found = problems(CATALOGUE["wan2.2-i2v-plus"], {"img_url": value}, {})
    assert codes(found) == ([] if is_one else ["request.value"])


def test_several_files_are_a_list_of_a_limited_length() -> None:
    vace = CATALOGUE["wanx2.1-vace-plus"]
    inputs, _ = request(vace, vace.forms[0])

    assert problems(vace, {**inputs, "ref_images_url": [FILE, FILE, FILE]}, {}) == []
    assert codes(problems(vace, {**inputs, "ref_images_url": [FILE] * 4}, {})) == ["request.value"]
    assert codes(problems(vace, {**inputs, "ref_images_url": []}, {})) == ["request.value"]
    assert codes(problems(vace, {**inputs, "ref_images_url": [FILE, "x\n"]}, {})) == ["request.value"]
    one_too_many = problems(vace, {**inputs, "ref_images_url": [FILE]}, {"obj_or_bg": ["obj", "bg"]})
    assert codes(one_too_many) == ["request.alike"]


def test_a_function_that_is_none_is_refused_before_its_fields() -> None:
    vace = CATALOGUE["wanx2.1-vace-plus"]

    found = problems(vace, {"function": "video_repaint"}, {})
    assert [(one.code, one.fields["nearest"]) for one in found] == [("request.value", "video_repainting")]
    assert [one.fields["nearest"] for one in problems(vace, {}, {})] == ["image_reference"]


def test_a_mask_is_a_picture_or_a_film_and_not_both() -> None:
    vace = CATALOGUE["wanx2.1-vace-plus"]
    given = {"function": "video_edit", "prompt": "帽子", "video_url": FILE}

    assert codes(problems(vace, given, {})) == ["request.one_of"]
    both = {**given, "mask_image_url": FILE, "mask_video_url": FILE}
    assert codes(problems(vace, both, {})) == ["request.one_of"]


def test_an_extension_needs_something_to_extend() -> None:
    vace = CATALOGUE["wanx2.1-vace-plus"]

    found = problems(vace, {"function": "video_extension", "prompt": "海"}, {})
    assert codes(found) == ["request.some_of"]


def test_boxes_come_both_from_a_detection_or_are_left_to_ours() -> None:
    emo = CATALOGUE["emo-v1"]
    given = {"image_url": FILE, "audio_url": FILE}
    boxes = {"face_bbox": [1, 1, 9, 9], "ext_bbox": [0, 0, 300, 400]}

    assert [link.model for link in wanted(emo, given).links] == ["emo-detect-v1"]
    assert problems(emo, given, {"ratio": "3:4"}) == []
    assert wanted(emo, {**given, **boxes}).links == ()
    assert problems(emo, {**given, **boxes}, {}) == []
    assert codes(problems(emo, {**given, "face_bbox": [1, 1, 9, 9]}, {})) == ["request.together"]
    assert codes(problems(emo, {**given, **boxes}, {"ratio": "3:4"})) == ["request.field"]


def test_a_dance_is_asked_for_by_a_film_or_by_the_template_made_of_it() -> None:
    dance = CATALOGUE["animate-anyone-gen2"]

    assert problems(dance, {"image_url": FILE, "video_url": FILE}, {}) == []
    assert problems(dance, {"image_url": FILE, "template_id": "AACT.1"}, {}) == []
    assert [link.model for link in wanted(dance, {"template_id": "AACT.1"}).links] == ["animate-anyone-detect-gen2"]
    assert codes(problems(dance, {"image_url": FILE}, {})) == ["request.missing"]
    both = {"image_url": FILE, "video_url": FILE, "template_id": "AACT.1"}
    assert codes(problems(dance, both, {})) == ["request.field"]


def test_every_refusal_of_a_request_has_a_sentence_that_uses_its_fields() -> None:
    asked = {
        "request.file": ("name", "what", "value", "rule", "nearest"),
        "request.model": ("name", "known", "nearest"),
        "request.field": ("name", "known", "nearest"),
        "request.no_fields": ("name", "part"),
        "request.value": ("name", "value", "rule", "nearest"),
        "request.missing": ("name", "rule"),
        "request.one_of": ("names",),
        "request.some_of": ("names",),
        "request.together": ("names",),
        "request.alike": ("names",),
    }
    for code, names in asked.items():
        assert all(f"{{{name}}}" in SENTENCES[code].en for name in names)
