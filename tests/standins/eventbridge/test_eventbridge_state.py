from __future__ import annotations

import base64
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from local.standins.account import Account
from local.standins.eventbridge.errors import EventBridgeError
from local.standins.eventbridge.mns_target import send_to_queue
from local.standins.eventbridge.rules import Event, Target
from local.standins.eventbridge.state import EventBridgeState
from local.standins.mns.state import MnsState
from local.standins.store import FolderStore, MemoryStore, Store
from local.standins.timing import VirtualTiming

TASK_ENDED = {"source": ["acs.dashscope"], "type": ["dashscope:System:AsyncTaskFinish"]}
EVENT = {
    "source": "acs.dashscope",
    "type": "dashscope:System:AsyncTaskFinish",
    "data": {"task_id": "t-1", "task_status": "SUCCEEDED", "ids": [7, 8]},
}


class Cloud:
    """EventBridge with MNS beside it and a function that fails as often as it is told."""

    def __init__(self, store: Store | None = None, timing: VirtualTiming | None = None) -> None:
        self.timing = timing or VirtualTiming()
        self.account = Account(timing=self.timing, store=store or MemoryStore())
        self.mns = MnsState(self.account)
        self.bridge = EventBridgeState(self.account)
        self.called: list[tuple[float, str]] = []
        self.fails = 0
        self.started_at = self.timing.now()
        self.bridge.targets = {"acs.fc.function": self.call, "acs.mns.queue": send_to_queue(self.mns)}

    def call(self, target: Target, event: Event) -> None:
        self.called.append((self.timing.now() - self.started_at, event["data"]["task_id"]))
        if self.fails:
            self.fails -= 1
            raise RuntimeError("the function failed")

    def bodies(self, queue: str) -> list[str]:
        return [message.body for message in self.mns.peek(queue, 16)]


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


def function(**more: Any) -> dict[str, Any]:
    return {"Id": "fn", "Type": "acs.fc.function", "Endpoint": "acs:fc:cn-beijing:1:functions/f", **more}


def queue(*params: dict[str, str], **more: Any) -> dict[str, Any]:
    name = {"ResourceKey": "queue", "Form": "CONSTANT", "Value": "ended"}
    endpoint = "acs:mns:cn-beijing:1234567890123456:queues/ended"
    return {"Id": "q", "Type": "acs.mns.queue", "Endpoint": endpoint, "ParamList": [name, *params], **more}


def body(form: str, **more: str) -> dict[str, str]:
    return {"ResourceKey": "Body", "Form": form, **more}


def refused(code: str) -> pytest.RaisesExc[EventBridgeError]:
    return pytest.raises(EventBridgeError, match=rf"^\d+ {code}: ")


def test_an_event_is_stamped_as_the_service_stamps_it(cloud: Cloud) -> None:
    cloud.mns.create_queue("ended")
    cloud.bridge.create_rule("default", "r", TASK_ENDED, [queue(body("ORIGINAL"))])
    event_id = cloud.bridge.publish("default", EVENT)
    cloud.timing.run()

    assert json.loads(cloud.bodies("ended")[0]) == {
        **EVENT,
        "id": event_id,
        "specversion": "1.0",
        "datacontenttype": "application/json;charset=utf-8",
        "time": "2026-11-18T11:06:40.000Z",
        "aliyunaccountid": "1234567890123456",
        "aliyunoriginalaccountid": "1234567890123456",
        "aliyunpublishtime": "2026-11-18T11:06:40.000Z",
        "aliyuneventbusname": "default",
        "aliyunregionid": "cn-beijing",
    }


def test_what_the_publisher_says_of_id_and_time_stays(cloud: Cloud) -> None:
    seen: list[Event] = []
    cloud.bridge.targets["acs.fc.function"] = lambda _, event: seen.append(event)
    cloud.bridge.create_rule("default", "r", {}, [function()])
    event_id = cloud.bridge.publish("default", {**EVENT, "id": "mine", "time": "2026-11-21T00:00:00Z"})
    cloud.timing.run()

    assert event_id == "mine"
    assert [(event["id"], event["time"]) for event in seen] == [("mine", "2026-11-21T00:00:00Z")]


def test_nothing_is_delivered_inside_publish(cloud: Cloud) -> None:
    cloud.bridge.create_rule("default", "r", {}, [function()])
    cloud.bridge.publish("default", EVENT)
    assert cloud.called == []
    cloud.timing.run()

    assert cloud.called == [(0, "t-1")]


def test_only_rules_that_want_the_event_get_it(cloud: Cloud) -> None:
    cloud.bridge.create_bus("mine")
    cloud.bridge.create_rule("default", "other", {"source": ["acs.oss"]}, [function()])
    cloud.bridge.create_rule("default", "off", TASK_ENDED, [function()], is_enabled=False)
    cloud.bridge.create_rule("mine", "elsewhere", TASK_ENDED, [function()])
    cloud.bridge.publish("default", EVENT)
    cloud.timing.run()
    assert cloud.called == []
    cloud.bridge.change_rule("default", "off", is_enabled=True)
    cloud.bridge.publish("default", EVENT)
    cloud.timing.run()

    assert cloud.called == [(0, "t-1")]


@pytest.mark.parametrize(
    ("param", "expected"),
    [
        (body("JSONPATH", Value="$.data.task_id"), "t-1"),
        (body("JSONPATH", Value="$.data"), '{"task_id":"t-1","task_status":"SUCCEEDED","ids":[7,8]}'),
        (body("JSONPATH", Value="$['data'].ids[1]"), "8"),
        (body("JSONPATH", Value="$.data.absent"), "null"),
        (body("CONSTANT", Value="tick"), "tick"),
        (
            body("TEMPLATE", Value='{"id":"$.data.task_id","all":"$.data.ids"}', Template="${id} ${all} ${other}"),
            "t-1 [7,8] ${other}",
        ),
    ],
)
def test_a_target_gets_what_its_body_asks_for(cloud: Cloud, param: dict[str, str], expected: str) -> None:
    cloud.mns.create_queue("ended")
    cloud.bridge.create_rule("default", "r", TASK_ENDED, [queue(param)])
    cloud.bridge.publish("default", EVENT)
    cloud.timing.run()

    assert cloud.bodies("ended") == [expected]


def test_a_queue_gets_base64_only_when_it_asks_for_it(cloud: Cloud) -> None:
    cloud.mns.create_queue("ended")
    wanted = {"ResourceKey": "IsBase64Encode", "Form": "CONSTANT", "Value": "true"}
    cloud.bridge.create_rule("default", "r", TASK_ENDED, [queue(body("CONSTANT", Value="声"), wanted)])
    cloud.bridge.publish("default", EVENT)
    cloud.timing.run()

    assert [base64.b64decode(sent).decode() for sent in cloud.bodies("ended")] == ["声"]


def test_a_failed_delivery_is_tried_three_times_more_with_random_pauses(cloud: Cloud) -> None:
    cloud.fails = 100
    cloud.bridge.create_rule("default", "r", TASK_ENDED, [function()])
    cloud.bridge.publish("default", EVENT)
    cloud.timing.run()
    times = [at for at, _ in cloud.called]
    pauses = [later - earlier for earlier, later in pairwise(times)]

    assert len(pauses) == 3
    assert all(10 <= pause <= 20 for pause in pauses)
    assert len(set(pauses)) == 3


def test_a_delivery_that_works_at_last_is_done(cloud: Cloud) -> None:
    cloud.fails = 1
    cloud.bridge.create_rule("default", "r", TASK_ENDED, [function()])
    cloud.bridge.publish("default", EVENT)
    cloud.timing.run()

    assert len(cloud.called) == 2
    assert [asked.status for asked in cloud.account.asked] == [500, 200]


def test_exponential_retries_go_on_for_a_day(cloud: Cloud) -> None:
    cloud.fails = 1000
    cloud.bridge.create_rule("default", "r", TASK_ENDED, [function(PushRetryStrategy="EXPONENTIAL_DECAY_RETRY")])
    cloud.bridge.publish("default", EVENT)
    cloud.timing.run()
    times = [at for at, _ in cloud.called]
    pauses = [later - earlier for earlier, later in pairwise(times)]

    assert pauses[:11] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512]
    assert (len(pauses), pauses.count(512)) == (176, 167)


def test_what_is_given_up_goes_to_the_dead_letter_queue(cloud: Cloud) -> None:
    cloud.mns.create_queue("dead")
    cloud.fails = 100
    arn = "acs:mns:cn-beijing:1234567890123456:/queues/dead"
    cloud.bridge.create_rule("default", "r", TASK_ENDED, [function(DeadLetterQueue={"Arn": arn})])
    event_id = cloud.bridge.publish("default", EVENT)
    cloud.timing.run()

    assert [json.loads(sent)["id"] for sent in cloud.bodies("dead")] == [event_id]


def test_what_is_given_up_can_go_to_another_bus(cloud: Cloud) -> None:
    cloud.mns.create_queue("ended")
    cloud.bridge.create_bus("dead")
    cloud.bridge.create_rule("dead", "keep", {}, [queue(body("ORIGINAL"))])
    cloud.fails = 100
    arn = "acs:eventbridge:cn-beijing:1234567890123456:eventbus/dead"
    cloud.bridge.create_rule("default", "r", TASK_ENDED, [function(DeadLetterQueue={"Arn": arn})])
    event_id = cloud.bridge.publish("default", EVENT)
    cloud.timing.run()
    kept = json.loads(cloud.bodies("ended")[0])

    assert (kept["id"], kept["aliyuneventbusname"]) == (event_id, "dead")


def test_a_queue_that_is_not_there_is_a_failed_delivery(cloud: Cloud) -> None:
    cloud.bridge.create_rule("default", "r", TASK_ENDED, [queue(body("ORIGINAL"))])
    cloud.bridge.publish("default", EVENT)
    cloud.timing.run(5)
    cloud.mns.create_queue("ended")
    cloud.timing.run(20)

    assert len(cloud.bodies("ended")) == 1


def test_a_target_that_tolerates_no_errors_blocks_until_it_is_unblocked(cloud: Cloud) -> None:
    cloud.fails = 4
    cloud.bridge.create_rule("default", "r", TASK_ENDED, [function(ErrorsTolerance="NONE")])
    cloud.bridge.publish("default", EVENT)
    cloud.timing.run()
    cloud.bridge.publish("default", {**EVENT, "data": {"task_id": "t-2"}})
    cloud.timing.run()
    blocked = [event["data"]["task_id"] for event in cloud.bridge.blocked("default", "r", "fn")]
    cloud.called.clear()
    cloud.bridge.unblock("default", "r", "fn")
    cloud.timing.run()

    assert blocked == ["t-1", "t-2"]
    assert [task for _, task in cloud.called] == ["t-1", "t-2"]
    assert cloud.bridge.blocked("default", "r", "fn") == []


def test_a_deleted_rule_delivers_no_more(cloud: Cloud) -> None:
    cloud.fails = 1
    cloud.bridge.create_rule("default", "r", TASK_ENDED, [function()])
    cloud.bridge.publish("default", EVENT)
    cloud.timing.run(1)
    cloud.bridge.delete_rule("default", "r")
    cloud.timing.run()

    assert len(cloud.called) == 1
    assert cloud.timing.pending == 0


def test_targets_are_added_replaced_and_taken_away(cloud: Cloud) -> None:
    cloud.bridge.create_rule("default", "r", TASK_ENDED, [function()])
    cloud.bridge.put_targets("default", "r", [function(PushRetryStrategy="EXPONENTIAL_DECAY_RETRY"), function(Id="b")])
    both = [(target.id, target.retry) for target in cloud.bridge.rule("default", "r").targets]
    cloud.bridge.delete_targets("default", "r", ["fn"])

    assert both == [("fn", "EXPONENTIAL_DECAY_RETRY"), ("b", "BACKOFF_RETRY")]
    assert [target.id for target in cloud.bridge.rule("default", "r").targets] == ["b"]


@pytest.mark.parametrize(
    "target",
    [
        {"Id": "x", "Type": "acs.fc.function"},
        function(PushRetryStrategy="SOMETIMES"),
        function(ErrorsTolerance="SOME"),
        function(DeadLetterQueue={"Arn": "acs:mq:cn-beijing:1:/instances/i/topic/t"}),
        queue(body("XML")),
        queue({"Form": "ORIGINAL"}),
        queue(body("JSONPATH", Value="data")),
        queue(body("JSONPATH", Value="$..task_id")),
        queue(body("TEMPLATE", Value="not json", Template="x")),
        queue(body("TEMPLATE", Value='["$.data"]', Template="x")),
    ],
)
def test_a_target_that_could_never_work_is_refused(cloud: Cloud, target: dict[str, Any]) -> None:
    with refused("InvalidArgument"):
        cloud.bridge.create_rule("default", "r", TASK_ENDED, [target])


def test_a_rule_has_at_most_five_targets_with_different_ids(cloud: Cloud) -> None:
    with refused("InvalidArgument"):
        cloud.bridge.create_rule("default", "r", {}, [function(Id=str(number)) for number in range(6)])
    with refused("InvalidArgument"):
        cloud.bridge.create_rule("default", "r", {}, [function(), function()])


@pytest.mark.parametrize(
    "event",
    [{"type": "t"}, {"source": "s"}, {"source": 1, "type": "t"}, {"source": "s", "type": "t", "data": "x" * 65_536}],
)
def test_an_event_the_service_would_not_take_is_refused(cloud: Cloud, event: dict[str, Any]) -> None:
    with refused("InvalidArgument"):
        cloud.bridge.publish("default", event)


def test_what_is_not_there_is_named_so(cloud: Cloud) -> None:
    with refused("EventBusNotExist"):
        cloud.bridge.publish("nowhere", EVENT)
    with refused("EventRuleNotExisted"):
        cloud.bridge.rule("default", "nowhere")


def test_nothing_is_created_twice(cloud: Cloud) -> None:
    cloud.bridge.create_rule("default", "r", {})

    with refused("EventBusAlreadyExist"):
        cloud.bridge.create_bus("default")
    with refused("EventRuleAlreadyExist"):
        cloud.bridge.create_rule("default", "r", {})


def test_rules_and_deliveries_survive_a_restart(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    before = Cloud(store)
    before.bridge.create_bus("mine", "a bus")
    before.bridge.create_rule("mine", "r", TASK_ENDED, [function()])
    before.fails = 1
    before.bridge.publish("mine", EVENT)
    before.timing.run(1)
    store.close()

    store = FolderStore(tmp_path)
    after = Cloud(store, VirtualTiming(before.timing.now()))
    after.bridge.resume()
    after.timing.run()
    store.close()

    assert [bus.name for bus in after.bridge.buses()] == ["default", "mine"]
    assert after.bridge.rules("mine") == before.bridge.rules("mine")
    assert [task for _, task in after.called] == ["t-1"]
    assert 9 <= after.called[0][0] <= 19
