"""What holds of every request file, whatever somebody writes into it and whatever its files are.

Requests are drawn at random: one of the examples, with fields of other models, values of other kinds, files that are
too small, too long or no media at all. The same ones each time; `STORIES=300` draws as many new ones.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain import keys
from shared.domain.job import JobState
from shared.engine.records import load_job
from shared.ports import Bucket, Place
from tests.engine.test_any_story import FEW, STORIES
from tests.engine.test_requests import EXAMPLES, NAMES, SAMPLES, ask, told
from tests.stage import Stage
from tests.toys import toy_mp4, toy_png, toy_wav

BODIES: dict[str, dict[str, Any]] = {name: json.loads((EXAMPLES / f"{name}.json").read_bytes()) for name in NAMES}
PARTS = ("input", "parameters")
FIELDS = {part: sorted({field for body in BODIES.values() for field in body.get(part, {})}) for part in PARTS}
CHECK_YUAN = 0.004

SIDES = st.sampled_from([10, 200, 400, 512, 832, 1280, 2000, 4096, 6000])
SECONDS = st.sampled_from([0.2, 1.0, 2.0, 3.5, 6.0, 19.0, 31.0, 61.0, 301.0])
NO_MEDIA = st.sampled_from([b"", b"garbage"])
FILES = {
    "wav": st.one_of(SECONDS.map(toy_wav), NO_MEDIA),
    "mp4": st.one_of(st.builds(toy_mp4, SECONDS, SIDES, SIDES), NO_MEDIA),
    "png": st.one_of(st.builds(toy_png, SIDES, SIDES), NO_MEDIA),
    "jpg": st.one_of(st.builds(toy_png, SIDES, SIDES), NO_MEDIA),
}
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([value for body in BODIES.values() for part in PARTS for value in body.get(part, {}).values()]),
    st.sampled_from(["https://example.com/a.png", "requests/samples/none.png", "480P", "1:1", "", "a" * 3000]),
    st.sampled_from([None, True, 0, -1, 5, 3.5, 1e9, [], [1, 2, 3, 4], {}]),
)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """An example, with up to three fields left out, changed or added."""
    body = {**BODIES[draw(st.sampled_from(NAMES))]}
    for part in PARTS:
        body[part] = dict(body.get(part, {}))
    for _ in range(draw(st.integers(0, 3))):
        part = draw(st.sampled_from(PARTS))
        name = draw(st.sampled_from([*body[part], draw(st.sampled_from(FIELDS[part]))]))
        if draw(st.booleans()):
            body[part][name] = draw(VALUES)
        else:
            body[part].pop(name, None)
    return body


@st.composite
def files(draw: st.DrawFn) -> dict[str, bytes]:
    """The samples, a few of them replaced."""
    odd = draw(st.sets(st.sampled_from(sorted(SAMPLES)), max_size=2))
    return {**SAMPLES, **{name: draw(FILES[name.rpartition(".")[2]]) for name in sorted(odd)}}


@settings(FEW, max_examples=STORIES or 100)
@given(requests(), files())
def test_any_request_ends_with_its_result_or_with_what_to_change(body: dict[str, Any], given: dict[str, bytes]) -> None:
    stage = Stage()
    for name, content in given.items():
        place = Place(Bucket.INPUT, f"requests/samples/{name}")
        stage.world.objects.write(place, content, "application/octet-stream")
    ask(stage, body)
    stage.run()

    job, paid = load_job(stage.world, keys.request_job("cat")), stage.stand_ins.model_studio.register.total_yuan
    assert job is not None
    if job.state is JobState.REFUSED:
        assert all(problem["who"] == "family" for problem in told(stage, "error.json")["problems"])
        assert paid <= CHECK_YUAN
    else:
        assert job.state is JobState.DONE
        assert float(told(stage, "report.json")["spent"]["total_yuan"]) == pytest.approx(paid, abs=0.006)
