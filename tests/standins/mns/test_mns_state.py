from __future__ import annotations

import threading
from pathlib import Path

import pytest

from local.standins.account import Account
from local.standins.mns.errors import MnsError
from local.standins.mns.queues import Message
from local.standins.mns.state import MnsState
from local.standins.store import FolderStore
from local.standins.timing import RealTiming, VirtualTiming


@pytest.fixture
def queue(state: MnsState) -> str:
    state.create_queue("dub")
    return "dub"


def refused(code: str) -> pytest.RaisesExc[MnsError]:
    return pytest.raises(MnsError, match=rf"^\d+ {code}: ")


def test_a_message_is_received_once_within_its_visibility_timeout(state: MnsState, queue: str) -> None:
    state.send(queue, "hello")

    assert [message.body for message in state.receive(queue)] == ["hello"]
    assert state.receive(queue) == []


def test_a_message_not_deleted_comes_again_after_its_visibility_timeout(
    state: MnsState, queue: str, timing: VirtualTiming
) -> None:
    state.send(queue, "hello")
    first = state.receive(queue)[0]
    timing.advance(30)
    second = state.receive(queue)[0]

    assert (first.dequeue_count, second.dequeue_count) == (1, 2)
    assert first.first_dequeued_at == second.first_dequeued_at
    assert first.handle != second.handle


def test_a_deleted_message_never_comes_again(state: MnsState, queue: str, timing: VirtualTiming) -> None:
    state.send(queue, "hello")
    state.delete(queue, state.receive(queue)[0].handle)
    timing.advance(31)

    assert state.receive(queue) == []


def test_the_handle_of_an_earlier_receive_no_longer_deletes(state: MnsState, queue: str, timing: VirtualTiming) -> None:
    state.send(queue, "hello")
    stale = state.receive(queue)[0].handle
    timing.advance(30)
    state.receive(queue)

    with refused("MessageNotExist"):
        state.delete(queue, stale)


def test_a_handle_is_worthless_once_the_message_is_visible_again(
    state: MnsState, queue: str, timing: VirtualTiming
) -> None:
    state.send(queue, "hello")
    late = state.receive(queue)[0].handle
    timing.advance(30)

    with refused("MessageNotExist"):
        state.delete(queue, late)


def test_what_is_no_handle_at_all_is_refused_as_such(state: MnsState, queue: str) -> None:
    with refused("ReceiptHandleError"):
        state.delete(queue, "nonsense")


def test_a_changed_visibility_counts_from_now_and_renews_the_handle(
    state: MnsState, queue: str, timing: VirtualTiming
) -> None:
    state.send(queue, "hello")
    first = state.receive(queue)[0]
    timing.advance(10)
    changed = state.change_visibility(queue, first.handle, 100)

    assert changed.visible_at == timing.now() + 100
    with refused("MessageNotExist"):
        state.delete(queue, first.handle)
    state.delete(queue, changed.handle)
    assert state.attributes(queue)["InactiveMessages"] == "0"


def test_a_delayed_message_is_not_visible_before_its_time(state: MnsState, queue: str, timing: VirtualTiming) -> None:
    state.send(queue, "later", delay_s=604_800 // 2)
    assert state.attributes(queue)["DelayMessages"] == "1"
    timing.advance(604_800 // 2 - 1)
    assert state.receive(queue) == []
    timing.advance(1)

    assert [message.body for message in state.receive(queue)] == ["later"]


def test_the_queues_own_delay_holds_unless_the_message_has_one(state: MnsState, timing: VirtualTiming) -> None:
    state.create_queue("slow", DelaySeconds=60)
    state.send("slow", "default")
    state.send("slow", "own", delay_s=0)

    assert [message.body for message in state.peek("slow", 16)] == ["own"]
    state.delete("slow", state.receive("slow")[0].handle)
    timing.advance(60)
    assert [message.body for message in state.receive("slow", 16)] == ["default"]


def test_a_delayed_message_can_be_taken_back_by_its_sender(state: MnsState, queue: str, timing: VirtualTiming) -> None:
    sent = state.send(queue, "later", delay_s=60)
    state.delete(queue, sent.handle)
    timing.advance(60)

    assert state.receive(queue) == []


def test_urgent_messages_come_first_and_equals_in_order(state: MnsState, queue: str, timing: VirtualTiming) -> None:
    for body, priority in (("a", 8), ("b", 8), ("urgent", 1), ("idle", 16)):
        state.send(queue, body, priority=priority)
        timing.advance(1)

    assert [message.body for message in state.receive(queue, 16)] == ["urgent", "a", "b", "idle"]


def test_a_peek_changes_nothing(state: MnsState, queue: str) -> None:
    state.send(queue, "hello")

    assert [message.dequeue_count for message in state.peek(queue)] == [0]
    assert [message.dequeue_count for message in state.receive(queue)] == [1]


def test_a_message_is_dropped_when_its_retention_is_over(state: MnsState, timing: VirtualTiming) -> None:
    state.create_queue("short", MessageRetentionPeriod=60)
    state.send("short", "hello")
    timing.advance(60)

    assert state.receive("short") == []
    assert state.attributes("short")["ActiveMessages"] == "0"


@pytest.mark.parametrize(
    ("body", "delay_s", "priority"),
    [
        ("", 0, 8),
        ("x" * 65_537, 0, 8),
        ("声" * 21_846, 0, 8),
        ("x", 604_801, 8),
        ("x", -1, 8),
        ("x", 0, 0),
        ("x", 0, 17),
    ],
)
def test_a_message_beyond_the_limits_is_refused(
    state: MnsState, queue: str, body: str, delay_s: int, priority: int
) -> None:
    with refused("InvalidArgument"):
        state.send(queue, body, delay_s, priority)


def test_a_message_at_the_limits_is_taken(state: MnsState, queue: str) -> None:
    assert state.send(queue, "x" * 65_536, 604_800, 16).priority == 16


@pytest.mark.parametrize(
    ("name", "code"), [("-a", "InvalidQueueName"), ("a_b", "InvalidQueueName"), ("a" * 257, "QueueNameLengthError")]
)
def test_a_queue_name_the_service_would_not_take_is_refused(state: MnsState, name: str, code: str) -> None:
    with refused(code):
        state.create_queue(name)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("VisibilityTimeout", 0),
        ("VisibilityTimeout", 43_201),
        ("MaximumMessageSize", 1023),
        ("MessageRetentionPeriod", 59),
        ("DelaySeconds", 604_801),
        ("PollingWaitSeconds", 31),
        ("LoggingEnabled", "maybe"),
        ("Colour", "red"),
    ],
)
def test_an_attribute_beyond_its_limits_is_refused(state: MnsState, attribute: str, value: object) -> None:
    with refused("InvalidArgument"):
        state.create_queue("q", **{attribute: value})


def test_creating_a_queue_again_is_fine_only_with_the_same_attributes(state: MnsState) -> None:
    assert state.create_queue("q", DelaySeconds=5)
    assert not state.create_queue("q", DelaySeconds=5)
    with refused("QueueAlreadyExist"):
        state.create_queue("q", DelaySeconds=6)


def test_a_queue_that_is_not_there_is_named_so(state: MnsState) -> None:
    with refused("QueueNotExist"):
        state.receive("nowhere")


def dead_letter_pair(state: MnsState) -> None:
    state.create_queue("dead")
    policy = {"Enabled": True, "DeadLetterTargetQueue": "dead", "MaxReceiveCount": 2}
    state.create_queue("live", VisibilityTimeout=10, DlqPolicy=policy)


def test_a_message_received_too_often_goes_to_the_dead_letter_queue(state: MnsState, timing: VirtualTiming) -> None:
    dead_letter_pair(state)
    state.send("live", "poison")
    for _ in range(2):
        assert [message.body for message in state.receive("live")] == ["poison"]
        assert state.receive("dead") == []
        timing.advance(10)

    assert state.receive("live") == []
    assert [(message.body, message.dequeue_count) for message in state.receive("dead")] == [("poison", 1)]


def test_retention_goes_on_counting_in_the_dead_letter_queue(state: MnsState, timing: VirtualTiming) -> None:
    dead_letter_pair(state)
    state.set_attributes("dead", MessageRetentionPeriod=60)
    state.send("live", "poison")
    for _ in range(2):
        state.receive("live")
        timing.advance(10)
    assert [message.body for message in state.peek("dead")] == ["poison"]
    timing.advance(40)

    assert state.peek("dead") == []


def test_a_queue_cannot_be_its_own_dead_letter_queue(state: MnsState) -> None:
    with refused("InvalidArgument"):
        state.create_queue("q", DlqPolicy={"Enabled": True, "DeadLetterTargetQueue": "q", "MaxReceiveCount": 3})


def test_without_its_target_queue_a_dead_letter_policy_moves_nothing(state: MnsState, timing: VirtualTiming) -> None:
    dead_letter_pair(state)
    state.delete_queue("dead")
    state.send("live", "poison")
    for _ in range(3):
        assert [message.body for message in state.receive("live")] == ["poison"]
        timing.advance(10)


def test_listeners_hear_when_each_message_will_be_visible(state: MnsState, timing: VirtualTiming) -> None:
    dead_letter_pair(state)
    heard: list[tuple[str, float]] = []
    state.listeners.append(lambda queue, visible_at: heard.append((queue, visible_at - timing.now())))
    state.send("live", "one", delay_s=7)
    timing.advance(7)
    state.receive("live")
    timing.advance(10)
    state.receive("live")

    assert heard == [("live", 7), ("live", 10), ("dead", 10)]


def test_listeners_are_called_without_the_lock(account: Account, state: MnsState, queue: str) -> None:
    free: list[bool] = []

    def try_lock() -> None:
        free.append(account.lock.acquire(blocking=False))
        if free[-1]:
            account.lock.release()

    def listen(heard: str, visible_at: float) -> None:
        other = threading.Thread(target=try_lock)
        other.start()
        other.join()

    state.listeners.append(listen)
    state.send(queue, "hello")

    assert free == [True]


def test_messages_and_queues_survive_a_restart(tmp_path: Path, timing: VirtualTiming) -> None:
    store = FolderStore(tmp_path)
    before = MnsState(Account(timing=timing, store=store))
    before.create_queue("q", VisibilityTimeout=60)
    before.create_queue("gone")
    before.delete_queue("gone")
    before.send("q", "waiting", delay_s=5)
    before.send("q", "taken")
    handle = before.receive("q")[0].handle
    store.close()

    store = FolderStore(tmp_path)
    after = MnsState(Account(timing=timing, store=store))
    heard: list[tuple[str, float]] = []
    after.listeners.append(lambda queue, visible_at: heard.append((queue, visible_at - timing.now())))
    after.announce()
    after.delete("q", handle)
    timing.advance(5)

    assert after.queue_names() == ["q"]
    assert after.attributes("q")["VisibilityTimeout"] == "60"
    assert sorted(heard) == [("q", 5), ("q", 60)]
    assert [message.body for message in after.receive("q", 16)] == ["waiting"]
    store.close()


def test_a_long_poll_lets_others_in_and_gets_their_message() -> None:
    timing = RealTiming(workers=1)
    account = Account(timing=timing)
    state = MnsState(account)
    state.create_queue("q")
    received: list[Message] = []
    waiting = threading.Thread(target=lambda: received.extend(state.receive("q", wait_s=30)))
    waiting.start()
    state.send("q", "hello")
    waiting.join()
    timing.close()

    assert [message.body for message in received] == ["hello"]


def test_a_long_poll_in_virtual_time_answers_at_once(state: MnsState, queue: str) -> None:
    assert state.receive(queue, wait_s=1_000_000) == []
