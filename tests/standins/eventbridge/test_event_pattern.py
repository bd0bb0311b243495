from __future__ import annotations

import json
from typing import Any

import pytest

from local.standins.eventbridge import pattern
from local.standins.eventbridge.errors import EventBridgeError

EVENT = {
    "source": "acs.dashscope",
    "type": "dashscope:System:AsyncTaskFinish",
    "subject": "acs:oss:cn-beijing:1:story/film.mp4",
    "data": {
        "user_api_unique_key": "apikey:v1:aigc:image2video:video-synthesis:emo-v1",
        "count": 5,
        "ratio": 1.0,
        "done": True,
        "nothing": None,
        "empty": "",
        "ip": "10.0.0.7",
        "tags": ["red", "blue"],
    },
}


def matches(wanted: dict[str, Any]) -> bool:
    return pattern.matches(pattern.parse(json.dumps(wanted)), EVENT)


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"source": ["acs.dashscope"]},
        {"source": ["acs.oss", "acs.dashscope"]},
        {"source": ["acs.dashscope"], "type": ["dashscope:System:AsyncTaskFinish"]},
        {"data": {"user_api_unique_key": [{"suffix": ":wan2.2-s2v"}, {"suffix": ":emo-v1"}]}},
        {"source": [{"prefix": "acs."}]},
        {"subject": [{"prefix": "acs:oss:", "suffix": ".mp4"}]},
        {"type": [{"contains": "System"}]},
        {"source": [{"anything-but": "acs.oss"}]},
        {"source": [{"anything-but": ["acs.oss", "acs.mns"]}]},
        {"source": [{"anything-but": {"prefix": "aws."}}]},
        {"data": {"count": [{"anything-but": 4}]}},
        {"data": {"count": [5]}},
        {"data": {"ratio": [1]}},
        {"data": {"count": [{"numeric": [">", 0, "<=", 5]}]}},
        {"data": {"count": [{"numeric": ["=", 5]}]}},
        {"data": {"done": [True]}},
        {"data": {"nothing": [None]}},
        {"data": {"empty": [""]}},
        {"data": {"ip": [{"cidr": "10.0.0.0/24"}]}},
        {"data": {"tags": ["blue"]}},
        {"data": {"count": [{"exists": True}]}},
        {"data": {"absent": [{"exists": False}]}},
        {"absent": {"inner": [{"exists": False}]}},
    ],
)
def test_an_event_is_wanted(wanted: dict[str, Any]) -> None:
    assert matches(wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        {"source": ["ACS.dashscope"]},
        {"source": ["acs.dashscope"], "type": ["other"]},
        {"subject": [{"prefix": "acs:oss:", "suffix": ".txt"}]},
        {"type": [{"contains": "system"}]},
        {"source": [{"anything-but": ["acs.oss", "acs.dashscope"]}]},
        {"source": [{"anything-but": {"prefix": "acs."}}]},
        {"data": {"absent": [{"anything-but": "x"}]}},
        {"data": {"done": [1]}},
        {"data": {"count": ["5"]}},
        {"data": {"count": [{"numeric": [">", 5]}]}},
        {"data": {"done": [{"numeric": ["=", 1]}]}},
        {"data": {"count": [{"prefix": "5"}]}},
        {"data": {"nothing": [""]}},
        {"data": {"ip": [{"cidr": "10.0.1.0/24"}]}},
        {"data": {"empty": [{"cidr": "10.0.1.0/24"}]}},
        {"data": {"tags": ["green"]}},
        {"data": {"count": [{"exists": False}]}},
        {"data": {"absent": [{"exists": True}]}},
        {"source": {"inner": ["acs.dashscope"]}},
        {"absent": ["x"]},
    ],
)
def test_an_event_is_not_wanted(wanted: dict[str, Any]) -> None:
    assert not matches(wanted)


@pytest.mark.parametrize(
    "text",
    [
        "source: acs.oss",
        "[]",
        '"acs.oss"',
        '{"source": "acs.oss"}',
        '{"source": []}',
        '{"source": ["1", "2", "3", "4", "5", "6"]}',
        '{"source": [["acs.oss"]]}',
        '{"source": [{}]}',
        '{"source": [{"wildcard": "*"}]}',
        '{"source": [{"prefix": 1}]}',
        '{"source": [{"exists": "yes"}]}',
        '{"source": [{"anything-but": {"suffix": "x"}}]}',
        '{"count": [{"numeric": [">"]}]}',
        '{"count": [{"numeric": ["!=", 1]}]}',
        '{"count": [{"numeric": [">", "1"]}]}',
        '{"ip": [{"cidr": "10.0.0.0/33"}]}',
    ],
)
def test_a_pattern_the_service_could_not_use_is_refused(text: str) -> None:
    with pytest.raises(EventBridgeError) as refusal:
        pattern.parse(text)

    assert refusal.value.code == "InvalidArgument"
