"""On the laptop a person sees how far each step has come; on a real cloud only what is awaited."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from cli.progress import Reached, of_cues, of_tasks, reached
from shared.domain.job import StepRow, StepState
from shared.engine.world import World
from shared.ports import Columns, Key
from shared.settings import Settings

FRAMES = {"fraction": 0.15, "done": 120, "total": 800, "unit": "frames"}
PLAIN = {"fraction": 0.5, "done": 0, "total": 0, "unit": ""}


def effect(step: str, item: str, name: str, **columns: str) -> tuple[Key, Columns]:
    return ("story", step, item, name), dict(columns)


def test_a_task_is_shown_at_the_step_it_belongs_to() -> None:
    effects = [effect("animate", "0001", "clip", task="a"), effect("compose", "-", "film", task="b")]

    assert {"animate": Reached(0.15, 120, 800, "frames")} == of_tasks(effects, {"a": FRAMES, "foreign": PLAIN})


def test_tasks_of_one_step_that_count_the_same_are_added_up() -> None:
    effects = [effect("animate", "0001", "clip", task="a"), effect("animate", "0002", "clip", task="b")]
    told = {"a": FRAMES, "b": {**FRAMES, "done": 280}}

    assert {"animate": Reached(0.25, 400, 1600, "frames")} == of_tasks(effects, told)


def test_tasks_that_count_different_things_share_a_mean() -> None:
    effects = [effect("separate", "captions", "ocr", task="a"), effect("separate", "music", "music", task="b")]

    assert {"separate": Reached(0.325)} == of_tasks(effects, {"a": FRAMES, "b": PLAIN})


def test_a_line_counts_once_however_many_takes_it_has() -> None:
    effects = [
        effect("speak", "0001", "cue-0001-1", state="done"),
        effect("speak", "0001", "cue-0001-2", state="done"),
        effect("speak", "0001", "cue-0002-1", state="intent"),
        effect("clone", "-", "voice", state="done"),
    ]

    assert Reached(0.25, 1, 4, "cues") == of_cues(effects, 4)


def test_on_a_real_cloud_nothing_is_asked_and_nothing_shown() -> None:
    world = cast("World", SimpleNamespace(settings=Settings(account_id="1234567890123456")))
    rows = {("compose", "-"): StepRow("compose", "-", StepState.WAITING)}

    assert reached(world, "story", rows) == {}


def test_words_say_what_is_counted_or_how_much_is_done() -> None:
    assert Reached(0.15, 120, 800, "frames").words == "frames 120/800"
    assert Reached(0.5).words == "50%"
