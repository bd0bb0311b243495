"""The unmodified aliyun-mns-sdk against the stand-in, through both doors."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from mns.account import Account as MnsAccount
from mns.mns_exception import MNSServerException
from mns.queue import Message, QueueMeta
from mns.subscription import SubscriptionMeta
from mns.topic import TopicMessage, TopicMeta

from local.standins.account import Account
from local.standins.mns.state import MnsState
from local.standins.timing import VirtualTiming


@pytest.fixture
def queue(sdk: Any) -> Any:
    queue = sdk.get_queue("dub")
    queue.create(QueueMeta())
    return queue


def code_of(call: Any, *args: Any) -> str:
    with pytest.raises(MNSServerException) as refusal:
        call(*args)
    assert refusal.value.req_id
    return str(refusal.value.type)


def test_a_queue_is_created_changed_listed_and_deleted(sdk: Any) -> None:
    meta = QueueMeta()
    meta.set_visibilitytimeout(60)
    queue = sdk.get_queue("story-1")
    url = queue.create(meta)
    sdk.get_queue("story-2").create(QueueMeta())
    sdk.get_queue("other").create(QueueMeta())
    meta.set_delay_seconds(3)
    queue.set_attributes(meta)
    attributes = queue.get_attributes()
    first, marker = sdk.list_queue(prefix="story-", ret_number=1)
    second, end = sdk.list_queue(prefix="story-", ret_number=1, marker=marker)
    queue.delete()
    left, _ = sdk.list_queue()

    assert url.endswith("/queues/story-1")
    assert (attributes.queue_name, attributes.visibility_timeout, attributes.delay_seconds) == ("story-1", 60, 3)
    assert [name.rsplit("/", 1)[1] for name in first + second] == ["story-1", "story-2"]
    assert (marker, end) == ("story-1", "")
    assert [name.rsplit("/", 1)[1] for name in left] == ["other", "story-2"]


@pytest.mark.parametrize(("encoding", "received"), [(True, "你好 <&>".encode()), (False, "你好 <&>")])
def test_a_body_comes_back_as_it_was_sent(queue: Any, encoding: bool, received: object) -> None:
    queue.set_encoding(encoding)
    sent = queue.send_message(Message("你好 <&>"))
    message = queue.receive_message(0)
    queue.delete_message(message.receipt_handle)

    assert message.message_body == received
    assert (message.message_id, message.message_body_md5) == (sent.message_id, sent.message_body_md5)
    assert (message.dequeue_count, message.priority) == (1, 8)
    assert code_of(queue.receive_message, 0) == "MessageNotExist"


def test_the_service_keeps_the_base64_the_sdk_makes(queue: Any, state: MnsState) -> None:
    queue.send_message(Message("hello"))

    assert [message.body for message in state.peek("dub")] == ["aGVsbG8="]


def test_a_delayed_message_comes_in_its_time(queue: Any, timing: VirtualTiming) -> None:
    queue.send_message(Message("later", delay_seconds=20))
    assert code_of(queue.receive_message, 0) == "MessageNotExist"
    timing.advance(20)

    assert queue.receive_message(0).message_body == b"later"


def test_a_changed_visibility_gives_a_new_handle(queue: Any, timing: VirtualTiming) -> None:
    queue.send_message(Message("hello"))
    first = queue.receive_message(0)
    changed = queue.change_message_visibility(first.receipt_handle, 100)
    timing.advance(60)

    assert int(changed.next_visible_time) == int((timing.now() + 40) * 1000)
    assert code_of(queue.delete_message, first.receipt_handle) == "MessageNotExist"
    queue.delete_message(changed.receipt_handle)


def test_batches_send_peek_receive_and_delete(queue: Any) -> None:
    sent = queue.batch_send_message([Message("a"), Message("b", priority=1)])
    peeked = queue.batch_peek_message(16)
    received = queue.batch_receive_message(16, 0)
    queue.batch_delete_message([message.receipt_handle for message in received])

    assert len({message.message_id for message in sent}) == 2
    assert [message.message_body for message in peeked] == [b"b", b"a"]
    assert [message.message_body for message in received] == [b"b", b"a"]
    assert code_of(queue.batch_receive_message, 16, 0) == "MessageNotExist"


def test_a_batch_delete_tells_which_handles_failed(queue: Any) -> None:
    queue.send_message(Message("a"))
    good = queue.receive_message(0).receipt_handle
    with pytest.raises(MNSServerException) as refusal:
        queue.batch_delete_message([good, "nonsense"])

    assert refusal.value.type == "ReceiptHandleError"
    assert [error["ReceiptHandle"] for error in refusal.value.sub_errors] == ["nonsense"]
    assert code_of(queue.delete_message, good) == "MessageNotExist"


def test_a_peek_leaves_the_message(queue: Any) -> None:
    queue.send_message(Message("a"))

    assert queue.peek_message().message_body == b"a"
    assert queue.receive_message(0).dequeue_count == 1


def test_a_message_received_too_often_is_found_in_the_dead_letter_queue(
    sdk: Any, queue: Any, state: MnsState, timing: VirtualTiming
) -> None:
    dead = sdk.get_queue("dead")
    dead.create(QueueMeta())
    state.set_attributes("dub", DlqPolicy={"Enabled": True, "DeadLetterTargetQueue": "dead", "MaxReceiveCount": 1})
    queue.send_message(Message("poison"))
    queue.receive_message(0)
    timing.advance(30)

    assert code_of(queue.receive_message, 0) == "MessageNotExist"
    assert dead.receive_message(0).message_body == b"poison"
    assert queue.get_attributes().queue_name == "dub"
    assert state.attributes("dub")["InactiveMessages"] == "0"


@pytest.mark.parametrize(
    ("key_id", "secret", "code"),
    [("test-id", "wrong", "SignatureDoesNotMatch"), ("nobody", "test-secret", "InvalidAccessKeyId")],
)
def test_wrong_keys_are_refused(endpoint: str, queue: Any, key_id: str, secret: str, code: str) -> None:
    stranger = MnsAccount(endpoint, key_id, secret)

    assert code_of(stranger.get_queue("dub").send_message, Message("x")) == code
    stranger.get_client().close_connection()


def test_a_security_token_is_accepted(endpoint: str, queue: Any) -> None:
    role = MnsAccount(endpoint, "test-id", "test-secret", security_token="sts")

    assert role.get_queue("dub").send_message(Message("x")).message_id
    role.get_client().close_connection()


def test_the_refusals_of_the_service_keep_their_codes(sdk: Any, queue: Any) -> None:
    other = QueueMeta()
    other.set_delay_seconds(9)
    too_long = QueueMeta()
    too_long.set_polling_wait_seconds(31)

    assert code_of(sdk.get_queue("nowhere").send_message, Message("x")) == "QueueNotExist"
    assert code_of(queue.create, other) == "QueueAlreadyExist"
    assert code_of(sdk.get_queue("long").create, too_long) == "InvalidArgument"
    assert code_of(sdk.get_queue("a_b").create, QueueMeta()) == "InvalidQueueName"
    assert code_of(queue.send_message, Message("x" * 50_000)) == "InvalidArgument"
    assert code_of(queue.send_message, Message("x", priority=17)) == "InvalidArgument"
    assert code_of(queue.receive_message, 31) == "InvalidArgument"
    assert code_of(queue.batch_receive_message, 17, 0) == "InvalidArgument"
    assert code_of(queue.delete_message, "nonsense") == "ReceiptHandleError"


def test_a_refused_batch_leaves_nothing_behind(queue: Any) -> None:
    assert code_of(queue.batch_send_message, [Message("a"), Message("x" * 50_000)]) == "InvalidArgument"
    assert code_of(queue.batch_send_message, [Message("x" * 40_000)] * 2) == "InvalidArgument"
    assert code_of(queue.batch_send_message, [Message("a")] * 17) == "InvalidArgument"
    assert code_of(queue.peek_message) == "MessageNotExist"


def test_the_account_notes_what_was_asked(queue: Any, account: Account) -> None:
    queue.batch_send_message([Message("a"), Message("b")])
    queue.receive_message(0)

    assert account.count("mns") == {"CreateQueue": 1, "BatchSendMessage": 1, "ReceiveMessage": 1}


def test_one_account_per_thread_loses_nothing(endpoint: str, queue: Any, state: MnsState) -> None:
    def send() -> None:
        own = MnsAccount(endpoint, "test-id", "test-secret")
        for number in range(10):
            own.get_queue("dub").send_message(Message(str(number)))
        own.get_client().close_connection()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert state.attributes("dub")["ActiveMessages"] == "80"


def subscribed(sdk: Any, name: str, **meta: str) -> None:
    endpoint = "acs:mns:cn-beijing:1234567890123456:queues/dub"
    sdk.get_subscription("news", name).subscribe(SubscriptionMeta(endpoint, **meta))


def test_a_topic_pushes_to_the_queues_that_subscribed(sdk: Any, queue: Any) -> None:
    queue.set_encoding(False)
    topic = sdk.get_topic("news")
    topic.create(TopicMeta())
    subscribed(sdk, "plain", notify_content_format="SIMPLIFIED")
    subscribed(sdk, "tagged", notify_content_format="SIMPLIFIED", filter_tag="red")
    topic.publish_message(TopicMessage("one"))
    topic.publish_message(TopicMessage("two", "red"))
    bodies = sorted(message.message_body for message in queue.batch_receive_message(16, 0))
    urls, _ = topic.list_subscription()

    assert bodies == ["one", "two", "two"]
    assert [url.rsplit("/", 1)[1] for url in urls] == ["plain", "tagged"]
    assert sdk.get_subscription("news", "tagged").get_attributes().filter_tag == "red"
    assert [url.rsplit("/", 1)[1] for url in sdk.list_topic()[0]] == ["news"]


def test_the_refusals_of_topics_keep_their_codes(sdk: Any, queue: Any) -> None:
    topic = sdk.get_topic("news")
    assert code_of(topic.publish_message, TopicMessage("x")) == "TopicNotExist"
    topic.create(TopicMeta())
    far = SubscriptionMeta("acs:mns:cn-beijing:1234567890123456:queues/nowhere")
    web = SubscriptionMeta("http://example.com/push")

    assert code_of(sdk.get_subscription("news", "far").subscribe, far) == "QueueNotExist"
    assert code_of(sdk.get_subscription("news", "web").subscribe, web) == "InvalidArgument"
    assert code_of(sdk.get_subscription("news", "none").get_attributes) == "SubscriptionNotExist"
    topic.delete()
    assert code_of(topic.get_attributes) == "TopicNotExist"
