"""Every documented shape of an answer is read, and one nobody wrote down does no harm."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.catalogue import CATALOGUE
from shared.domain.catalogue.answers import Made, Word, made_of, passes, word_of
from shared.domain.catalogue.model import Model, Way

URL = "http://dashscope-result-sh.oss-cn-shanghai.aliyuncs.com/xxx.mp4?Expires=1"
TASKS = [model for model in CATALOGUE.values() if model.way is Way.TASK]
CHECKS = [model for model in CATALOGUE.values() if model.way is Way.AT_ONCE]

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["results", "video_url", "url", "template_id", "duration", "size"]), inner)
    ),
    max_leaves=8,
)


def nested(path: tuple[str, ...], value: object) -> dict[str, Any]:
    whole: Any = value
    for name in reversed(path):
        whole = {name: whole}
    return dict(whole)


@pytest.mark.parametrize("model", TASKS, ids=lambda model: model.name)
def test_the_result_is_found_where_the_model_puts_it(model: Model) -> None:
    for path in model.result:
        made = made_of(nested(path, URL), {})
        assert URL in {made.url, made.template_id}
        assert made.is_something


@pytest.mark.parametrize("model", TASKS, ids=lambda model: model.name)
def test_what_is_billed_is_found_under_the_models_own_name_for_it(model: Model) -> None:
    assert [made_of({}, {name: 13.93}).seconds for name in model.usage] == [13.93] * len(model.usage)


@pytest.mark.parametrize(
    ("output", "usage", "made"),
    [
        (
            {"results": {"video_url": URL}},
            {"video_duration": 13.93, "video_ratio": "1:1"},
            Made(url=URL, seconds=13.93, ratio="1:1"),
        ),
        (
            {"results": {"video_url": URL}},
            {"duration": 18.13, "size": "512*640", "fps": 16, "video_count": 1, "SR": 480},
            Made(url=URL, seconds=18.13, ratio="512*640"),
        ),
        (
            {"video_url": URL, "orig_prompt": "猫"},
            {"video_duration": 5, "video_ratio": "832*480"},
            Made(url=URL, seconds=5, ratio="832*480"),
        ),
        ({"output_video_url": URL}, {"duration": 10.2, "SR": 720}, Made(url=URL, seconds=10.2)),
        ({"template_id": "AACT.xxx"}, {"video_duration": 9}, Made(template_id="AACT.xxx", seconds=9)),
        ({"results": [{"url": URL}]}, {"image_count": 1}, Made(url=URL, images=1)),
        ({"results": [{"video_url": URL}]}, {}, Made(url=URL)),
        ({"results": {"video_url": [URL]}}, {"video_duration": 10.23}, Made(url=URL, seconds=10.23)),
        ({"results": [{"video_url": ["", URL]}]}, {}, Made(url=URL)),
        ({"results": {"video_url": ""}, "video_url": URL}, None, Made(url=URL)),
        ({"results": [], "template_id": 7}, {"video_duration": "5", "duration": True}, Made()),
        (None, {"video_duration": -1, "duration": float("nan")}, Made()),
    ],
)
def test_each_documented_shape_is_read(output: object, usage: object, made: Made) -> None:
    found = made_of(output, usage)

    assert (found.url, found.template_id, found.seconds, found.images, found.ratio) == (
        made.url,
        made.template_id,
        made.seconds,
        made.images,
        made.ratio,
    )


@given(ANYTHING, ANYTHING)
def test_no_shape_of_an_answer_crashes_the_reader(output: object, usage: object) -> None:
    made = made_of(output, usage)

    assert made.seconds >= 0
    assert isinstance(made.url, str)
    assert isinstance(made.template_id, str)


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("PENDING", Word.RUNNING),
        ("PRE-PROCESSING", Word.RUNNING),
        ("RUNNING", Word.RUNNING),
        ("POST-PROCESSING", Word.RUNNING),
        ("SUSPENDED", Word.RUNNING),
        ("SUCCEEDED", Word.SUCCEEDED),
        ("FAILED", Word.FAILED),
        ("CANCELED", Word.CANCELLED),
        ("CANCELLED", Word.CANCELLED),
        ("UNKNOWN", Word.FORGOTTEN),
        ("succeeded", Word.SUCCEEDED),
        ("BLOCKED", Word.RUNNING),
        ("", Word.RUNNING),
        (None, Word.RUNNING),
    ],
)
def test_a_status_word_means_the_same_in_every_document_and_an_unknown_one_that_it_goes_on(
    status: object, word: Word
) -> None:
    assert word_of(status) is word


@pytest.mark.parametrize("model", CHECKS, ids=lambda model: model.name)
def test_a_check_passes_only_in_its_own_words(model: Model) -> None:
    right: dict[str, object] = {path[-1]: [1, 2, 3, 4] for path in model.result}
    if model.passes:
        right = {**right, model.passes: True}

    assert passes(model, right)
    assert not passes(model, {"code": "", "message": ""})
    assert not passes(model, {**right, model.passes: False} if model.passes else {"bbox_face": [1, 2, 3, 4]})
    assert not passes(model, None)
    assert not passes(model, {**right, model.passes: "true"} if model.passes else {})
