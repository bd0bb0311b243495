"""What an operator watches: the index of the functions' log, alarms on it, a dashboard, the questions of the runbook.

FC puts each line that a function writes into the field `message`; ours are JSON (`shared/log.py`), so an index of JSON
keys makes every field a column. The template's resources and the tables of `docs/runbook.md` are made from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PROJECT, STORE = "${Prefix}-logs", "functions"

TEXTS = (
    "event",
    "function",
    "request",
    "job",
    "step",
    "item",
    "state",
    "verdict",
    "effect",
    "note",
    "why",
    "what",
    "code",
    "reason",
    "alarm",
    "about",
    "waits_for",
    "provider",
)
LONGS = ("ms", "attempt")
DOUBLES = ("spent", "age_s")
"""The fields of our lines by the type of their column."""


@dataclass(frozen=True)
class Question:
    """Something an operator asks at night: in both languages, what to ask the log, and what to type."""

    title: str
    zh: str
    en: str
    query: str
    command: str
    chart: str = "table"
    hours: int = 24


@dataclass(frozen=True)
class Alarm:
    """Rings when `condition` holds for the row that `query` gives over the last `minutes`."""

    name: str
    title: str
    query: str
    condition: str
    minutes: int
    every_minutes: int
    severity: int = 8


QUESTIONS = (
    Question(
        "Where a story stands",
        "这个故事走到哪一步了，卡在哪里？",
        "Where does this story stand, and what does it wait for?",
        'message.job: "JOB" and message.event: turn | select __time__, "message.step", "message.item", '
        '"message.state", "message.note" order by __time__ desc limit 100',
        "echobot status JOB",
    ),
    Question(
        "What failed",
        "今晚有哪些故事失败了，为什么？",
        "Which stories failed tonight, and why?",
        "message.event: turn and (message.state: failed or message.state: refused) | select "
        '"message.job", "message.step", "message.note", count(*) as times '
        "group by 1, 2, 3 order by times desc limit 100",
        "echobot explain JOB",
    ),
    Question(
        "What waits for a person",
        "有什么在等人处理？",
        "What waits for a person?",
        'message.event: alarm | select __time__, "message.alarm", "message.about", "message.code" '
        "order by __time__ desc limit 100",
        "echobot status JOB",
    ),
    Question(
        "What waits for long",
        "什么等得最久？",
        "What has been waiting longest?",
        'message.event: waiting | select "message.job", "message.step", "message.waits_for", '
        'max("message.age_s") / 60 as minutes group by 1, 2, 3 order by minutes desc limit 100',
        "echobot explain JOB",
    ),
    Question(
        "Money by day",
        "今天花了多少钱，花在哪里？",
        "What was spent today, and on what?",
        'message.event: effect | select "message.effect", sum("message.spent") as yuan, count(*) as calls '
        "group by 1 order by yuan desc",
        "echobot cost",
    ),
    Question(
        "Dear stories",
        "哪个故事最贵？",
        "Which story costs most?",
        'message.event: effect | select "message.job", sum("message.spent") as yuan '
        "group by 1 order by yuan desc limit 20",
        "echobot cost JOB",
        hours=168,
    ),
    Question(
        "Crashes",
        "函数有没有崩溃？",
        "Do functions crash?",
        'message.event: ran and message.verdict: crashed | select "message.function", "message.code", '
        "count(*) as times group by 1, 2 order by times desc",
        "echobot logs JOB",
    ),
    Question(
        "Dead letters",
        "有没有投递不了的消息？",
        "Are there messages that nobody could take?",
        'message.event: "put aside" or message.event: "gave up" | select "message.event", "message.function", '
        '"message.step", "message.reason", count(*) as times group by 1, 2, 3, 4 order by times desc limit 100',
        "echobot redrive --queue failures",
    ),
    Question(
        "How long functions run",
        "函数跑得慢吗？",
        "Are functions slow?",
        'message.event: ran | select "message.function", approx_percentile("message.ms", 0.5) as middle_ms, '
        'approx_percentile("message.ms", 0.99) as slow_ms, count(*) as times group by 1 order by slow_ms desc',
        "echobot logs JOB",
    ),
    Question(
        "Is it alive",
        "定时巡检还在跑吗？事件到了吗？",
        "Does the sweep still run, and do the vendors' events arrive?",
        "message.event: swept or message.event: reported | select date_trunc('hour', __time__) as hour, "
        '"message.event", count(*) as times group by 1, 2 order by hour limit 1000',
        "echobot doctor",
    ),
)

ALARMS = (
    Alarm(
        "dead-letters",
        "Dead letters are not empty",
        'message.event: alarm and message.alarm: "dead-letters" | select count(*) as n',
        "n > 0",
        15,
        5,
    ),
    Alarm(
        "for-a-person",
        "A story waits for a person",
        'message.event: alarm not message.alarm: "dead-letters" | select count(*) as n',
        "n > 0",
        15,
        5,
    ),
    Alarm(
        "waiting",
        "A step has been waiting for hours",
        'message.event: waiting | select coalesce(max("message.age_s"), 0) as n',
        "n > 14400",
        15,
        15,
        6,
    ),
    Alarm(
        "crashes",
        "Functions crash",
        "message.event: ran and message.verdict: crashed | select count(*) as n",
        "n > 5",
        15,
        5,
    ),
    Alarm(
        "spend",
        "More was spent in a day than allowed",
        'message.event: effect | select coalesce(sum("message.spent"), 0) as n',
        "n > ${SpendYuanADay}",
        1440,
        15,
    ),
    Alarm("silence", "The sweep does not run", "message.event: swept | select count(*) as n", "n == 0", 10, 5, 10),
)

COLUMNS, WIDTH, HEIGHT = 2, 5, 5
"""Charts in a row of the dashboard, and the size of one."""


def resources() -> dict[str, Any]:
    """Index, dashboard and alarms, by the resources' names."""
    alarms = {f"{''.join(part.capitalize() for part in one.name.split('-'))}Alarm": _alarm(one) for one in ALARMS}
    return {"LogIndex": _index(), "Dashboard": _dashboard(), **alarms}


def _index() -> dict[str, Any]:
    typed = [*((name, "text") for name in TEXTS), *((name, "long") for name in LONGS)]
    typed += [(name, "double") for name in DOUBLES]
    keys = [{"Name": name, "Type": kind, "EnableAnalytics": True} for name, kind in typed]
    message = {"Name": "message", "Type": "json", "IncludeChinese": True, "JsonKeyIndices": keys}
    plain = [{"Name": name, "Type": "text", "EnableAnalytics": True} for name in ("functionName", "instanceID")]
    return {
        "Type": "ALIYUN::SLS::Index",
        "DependsOn": "LogStore",
        "Properties": {
            "ProjectName": _sub(PROJECT),
            "LogstoreName": STORE,
            "FullTextIndex": {"Enable": True, "IncludeChinese": True},
            "KeyIndices": [message, *plain],
        },
    }


def _dashboard() -> dict[str, Any]:
    charts = [
        {
            "title": f"chart-{at + 1}",
            "type": one.chart,
            "search": {
                "logstore": STORE,
                "topic": "",
                "query": one.query.replace('message.job: "JOB" and ', ""),
                "start": f"-{one.hours * 3600}s",
                "end": "now",
            },
            "display": {
                "displayName": one.title,
                "xPos": at % COLUMNS * WIDTH,
                "yPos": at // COLUMNS * HEIGHT,
                "width": WIDTH,
                "height": HEIGHT,
            },
        }
        for at, one in enumerate(QUESTIONS)
    ]
    properties = {"ProjectName": _sub(PROJECT), "DashboardName": "echobot", "DisplayName": "Echobot", "Charts": charts}
    return {"Type": "ALIYUN::SLS::Dashboard", "DependsOn": "LogIndex", "Properties": properties}


def _alarm(alarm: Alarm) -> dict[str, Any]:
    query = {
        "StoreType": "log",
        "Project": _sub(PROJECT),
        "Store": STORE,
        "Region": {"Ref": "ALIYUN::Region"},
        "Query": alarm.query,
        "TimeSpanType": "Relative",
        "Start": f"-{alarm.minutes}m",
        "End": "now",
    }
    condition = _sub(alarm.condition) if "${" in alarm.condition else alarm.condition
    configuration = {
        "Version": "2.0",
        "Type": "default",
        "Dashboard": "echobot",
        "QueryList": [query],
        "GroupConfiguration": {"Type": "no_group"},
        "SeverityConfigurations": [{"Severity": alarm.severity, "EvalCondition": {"Condition": condition}}],
        "Annotations": [{"Key": "title", "Value": alarm.title}, {"Key": "desc", "Value": f"{alarm.title}: ${{n}}"}],
        "PolicyConfiguration": {
            "AlertPolicyId": "sls.builtin.dynamic",
            "ActionPolicyId": {"Ref": "AlarmsTo"},
            "RepeatInterval": "1h",
        },
        "Threshold": 1,
        "SendResolved": True,
        "NoDataFire": False,
    }
    detail = {
        "Name": _sub(f"${{Prefix}}-{alarm.name}"),
        "DisplayName": alarm.title,
        "Type": "Alert",
        "State": "Enabled",
        "Schedule": {"Type": "FixedRate", "Interval": f"{alarm.every_minutes}m"},
        "Configuration": configuration,
    }
    properties = {"Project": _sub(PROJECT), "Detail": detail}
    return {"Type": "ALIYUN::SLS::Alert", "DependsOn": "Dashboard", "Properties": properties}


def _sub(text: str) -> dict[str, str]:
    return {"Fn::Sub": text}
