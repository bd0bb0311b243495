"""The report of a story has the published shape, says what is true, and is known again."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from shared.domain.errors import Refused
from shared.domain.job import JobState
from tests.engine.given import Call, always, interpose
from tests.stage import Stage
from tests.toys import asked_in, toy_film, wav_of

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text())
HOSTILE = '<script>alert(1)</script>&"小狐狸"'


def told(**bodies: bytes) -> Stage:
    stage = Stage()
    stage.tell(**bodies)
    stage.run()
    assert stage.job().state is JobState.DONE
    return stage


class Parsed(HTMLParser):
    """The elements of a page and its words; it must be well formed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"src", "href"} or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.words += data


def page_of(stage: Stage) -> Parsed:
    parsed = Parsed()
    parsed.feed(stage.output("stories/story/report.html").decode())
    return parsed


@pytest.mark.parametrize("options", [{}, {"engines": ["still"]}, {"engines": ["none"]}, {"music": "none"}])
def test_the_report_has_the_published_shape(options: dict[str, object]) -> None:
    jsonschema.validate(told(options=json.dumps(options).encode()).report(), SCHEMA)


def test_the_published_shape_is_a_schema_and_would_miss_a_part() -> None:
    report = told().report()
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for name in SCHEMA["required"]:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({key: value for key, value in report.items() if key != name}, SCHEMA)


def test_the_portrait_that_was_not_bought_is_told() -> None:
    report = told(film=toy_film(30.0, ((1.0, 4.0, "从前有一只小狐狸。"), (22.0, 26.0, "它每天晚上数星星。")))).report()
    first, last = report["lines"][0]["spoken"][0], report["lines"][-1]["spoken"][1]
    portrait = report["portrait"]

    assert portrait["seconds"] + portrait["saved_seconds"] == pytest.approx((last - first) / 1000, abs=1.0)
    assert report["silence_share"] > 0.5


def test_without_a_talking_portrait_all_of_it_is_saved() -> None:
    portrait = told(options=b'{"engines": ["still"]}').report()["portrait"]

    assert (portrait["seconds"], portrait["saved_share"]) == (0.0, 1.0)


def test_the_report_says_who_was_waited_for() -> None:
    waits = {one["what"]: one["seconds"] for one in told().report()["waits"]}

    assert waits["the clip from emo"] > 60
    assert waits["the film from IMS"] > 20


def test_a_story_goes_on_without_its_music_when_the_separation_fails_and_the_report_says_so() -> None:
    stage = Stage()
    interpose(stage, "media.split_music", always(lambda: Refused("vendor.rejected", "no music today")))
    stage.tell()
    stage.run()

    assert stage.job().state is JobState.DONE
    assert stage.report()["music"].startswith("separation failed")


def test_a_film_without_music_is_reported_as_such() -> None:
    assert told(film=toy_film(10.0, ((1.0, 4.0, "晚安。"),), music=False)).report()["music"] == "none found"


def test_a_stem_as_good_as_silent_is_no_music() -> None:
    stage = Stage()

    def silenced(call: Call) -> Any:
        found = call()
        if "/stems/" not in call.args[0].key:
            return found
        return bytes(len(found)) if call.args[1] else wav_of(bytes(200_000), 16_000)[: len(found)]

    interpose(stage, "objects.read", silenced)
    stage.tell()
    stage.run()

    assert stage.report()["music"] == "none found"
    lanes = asked_in(stage.output("stories/story/story.mp4"))["timeline"]["AudioTracks"]
    assert not any("/stems/" in clip["MediaURL"] for lane in lanes for clip in lane["AudioTrackClips"])


def test_the_page_says_it_in_two_languages_and_draws_it() -> None:
    page = page_of(told())

    assert page.tags.count("svg") == 3
    assert {"rect", "circle", "table"} <= set(page.tags)
    for words in ("故事报告 Story report", "语速", "Reading rate", "¥", "从前有一只小狐狸。", "the clip from emo"):
        assert words in page.words


def test_a_caption_in_the_shape_of_a_script_is_text_on_the_page() -> None:
    stage = told(film=toy_film(10.0, ((1.0, 4.0, HOSTILE), (5.0, 8.0, "晚安。"))))
    page = page_of(stage)

    assert "script" not in page.tags
    assert page.links == []
    assert "<script" not in stage.output("stories/story/report.html").decode()
