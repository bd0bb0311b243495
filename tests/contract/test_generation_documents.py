"""Whatever a task's answer looks like, the client makes a verdict of it and does not fall over."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.clients import avatar_documents, generation_documents
from shared.domain.catalogue import CATALOGUE
from shared.domain.catalogue.model import Model, Way
from shared.domain.errors import EchobotError
from shared.ports import Fate

URL = "http://dashscope-result-sh.oss-cn-shanghai.aliyuncs.com/1.mp4?Expires=1"
TASKS = [model for model in CATALOGUE.values() if model.way is Way.TASK]
WORDS = ["PENDING", "RUNNING", "SUSPENDED", "PRE-PROCESSING", "POST-PROCESSING", "SUCCEEDED", "FAILED", "CANCELED"]

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.just(URL),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
STATUS = st.sampled_from([*WORDS, "CANCELLED", "UNKNOWN", "BLOCKED", ""]) | ANYTHING
OUTPUT = st.fixed_dictionaries(
    {"task_status": STATUS},
    optional=dict.fromkeys(
        ("results", "video_url", "output_video_url", "template_id", "code", "message", "url"), ANYTHING
    ),
)
USAGE = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("video_duration", "duration", "video_ratio", "size", "image_count", "SR"), ANYTHING)
)
REPLY = st.fixed_dictionaries({}, optional={"output": OUTPUT | ANYTHING, "usage": USAGE | ANYTHING})


def answer(model: Model, name: str, path: tuple[str, ...]) -> dict[str, Any]:
    """A finished task of a model, its result in one place and its length under one name."""
    output: Any = URL
    for key in reversed(path):
        output = {key: output}
    return {"output": {**output, "task_id": "1", "task_status": "SUCCEEDED"}, "usage": {name: 13.93}}


@pytest.mark.parametrize("model", TASKS, ids=lambda model: model.name)
def test_result_and_length_of_every_model_are_read_from_every_place_that_is_documented(model: Model) -> None:
    for path in model.result:
        for name in model.usage:
            told = generation_documents.verdict(answer(model, name, path))

            assert told.fate is Fate.SUCCEEDED
            assert URL in {told.result["url"], told.result["template_id"]}
            assert told.result["seconds"] == 13.93


@pytest.mark.parametrize(
    ("word", "fate"),
    [
        *((word, Fate.RUNNING) for word in [*WORDS[:5], "BLOCKED", "", None, 7, ["SUCCEEDED"]]),
        ("CANCELED", Fate.FAILED),
        ("CANCELLED", Fate.FAILED),
        ("FAILED", Fate.FAILED),
        ("UNKNOWN", Fate.FORGOTTEN),
    ],
)
def test_both_readers_agree_on_every_word(word: object, fate: Fate) -> None:
    reply = {"output": {"task_id": "1", "task_status": word}}

    assert generation_documents.verdict(reply).fate is fate
    assert avatar_documents.task_verdict(reply).fate is fate


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the first draw is slow on a busy machine
@given(REPLY)
def test_an_answer_that_nobody_has_seen_before_is_a_verdict_all_the_same(reply: dict[str, Any]) -> None:
    for read in (generation_documents.verdict, avatar_documents.task_verdict):
        told = read(reply)

        assert isinstance(told.fate, Fate)
        assert (told.error is not None) is (told.fate is Fate.FAILED)
        assert told.error is None or isinstance(told.error, EchobotError)
        if told.fate is Fate.SUCCEEDED:
            assert told.result["url"] or told.result["template_id"]
            seconds = told.result["seconds"]
            assert isinstance(seconds, float)
            assert seconds >= 0
