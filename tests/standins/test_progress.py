"""How far an engine has come can be asked for while its task runs, and only then."""

from __future__ import annotations

import json

import pytest

from local.engines.counted import Counted
from local.standins.doors.router import Router
from local.standins.http import Request
from local.standins.progress import ProgressBoard


def shown(board: ProgressBoard) -> object:
    answer = Router({}, board.reached).handle(Request.of("GET", "http://127.0.0.1:9000/_echobot/progress", {}))
    assert answer.status == 200
    return json.loads(answer.body)


def test_a_task_at_work_is_shown_with_what_it_counts() -> None:
    board = ProgressBoard()
    with board.watching("task-1") as progress, board.watching("task-2"):
        progress(Counted(120, 800, "frames"))

        assert shown(board) == {
            "task-1": {"fraction": 0.15, "done": 120, "total": 800, "unit": "frames"},
            "task-2": {"fraction": 0.0, "done": 0, "total": 0, "unit": ""},
        }


def test_a_task_that_ended_or_failed_is_shown_no_more() -> None:
    board = ProgressBoard()
    with board.watching("task-1"):
        pass
    with pytest.raises(LookupError), board.watching("task-2"):
        raise LookupError

    assert shown(board) == {}
