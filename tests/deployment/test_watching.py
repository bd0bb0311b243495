"""What is watched can be seen: each field that a question or an alarm asks for is logged, and is in the index."""

from __future__ import annotations

import re
from typing import Any

import pytest

from deploy import watching
from local.deployment import ROOT
from tests.deployment.conftest import rendered
from tests.deployment.stack_checks import properties_of

INDEXED = {*watching.TEXTS, *watching.LONGS, *watching.DOUBLES}
QUERIES = [*(one.query for one in watching.QUESTIONS), *(one.query for one in watching.ALARMS)]
SHIPPED = "\n".join(path.read_text() for folder in ("shared", "functions") for path in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_asks_for_fields_of_the_index(query: str) -> None:
    assert set(re.findall(r"message\.(\w+)", query)) <= INDEXED
    assert "message" in query


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_asks_for_lines_that_are_written(query: str) -> None:
    events = re.findall(r'message\.event: (?:"([^"]+)"|(\w+))', query)

    assert events
    for quoted, plain in events:
        assert f'"{quoted or plain}"' in SHIPPED


@pytest.mark.parametrize("name", sorted(INDEXED))
def test_a_field_of_the_index_is_written_by_somebody(name: str) -> None:
    assert f'"{name}"' in SHIPPED or f"{name}=" in SHIPPED


def test_the_operator_hears_of_dead_letters_of_old_waits_of_errors_of_money_and_of_silence() -> None:
    _, stack = rendered("echobot")
    alarms = properties_of(stack, "ALIYUN::SLS::Alert")

    assert {alarm["Detail"]["Name"] for alarm in alarms.values()} == {
        f"echobot-{name}" for name in ("dead-letters", "for-a-person", "waiting", "crashes", "spend", "silence")
    }
    conditions = {name: _condition(alarm) for name, alarm in alarms.items()}
    assert conditions["SpendAlarm"] == "n > 200"
    assert conditions["SilenceAlarm"] == "n == 0"


def test_an_alarm_is_looked_at_as_often_as_it_looks_back() -> None:
    """Else what happens between two looks is never seen."""
    assert [one.name for one in watching.ALARMS if one.every_minutes > one.minutes] == []


def test_the_dashboard_has_a_chart_for_each_question_and_none_overlap() -> None:
    _, stack = rendered("echobot")
    [dashboard] = properties_of(stack, "ALIYUN::SLS::Dashboard").values()
    displays = [chart["display"] for chart in dashboard["Charts"]]

    assert [one["displayName"] for one in displays] == [one.title for one in watching.QUESTIONS]
    assert len({(one["xPos"], one["yPos"]) for one in displays}) == len(watching.QUESTIONS) == 10


def _condition(alarm: Any) -> str:
    [severity] = alarm["Detail"]["Configuration"]["SeverityConfigurations"]
    return str(severity["EvalCondition"]["Condition"])
