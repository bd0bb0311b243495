"""The MNS operations on queues and messages: each takes a call, asks the state, words the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from xml.etree import ElementTree as ET

from local.standins.mns.errors import MnsError, not_by_schema, out_of_range
from local.standins.mns.queues import (
    BATCH_BYTES_MAX,
    BATCH_MAX,
    DELAY_S_MAX,
    PRIORITY_DEFAULT,
    PRIORITY_MAX,
    VISIBILITY_S_MAX,
    WAIT_S_MAX,
    Message,
    whole_number,
)
from local.standins.mns.state import MnsState
from local.standins.mns.wire import Call, Reply, element, fields

Operation = Callable[[MnsState, Call], Reply]
Item = TypeVar("Item")

LIST_MAX = 1000
_MESSAGE_FIELDS = ("MessageBody", "DelaySeconds", "Priority")
# DlqPolicy is not among them: it is set by the console, ROS and the RPC API, and an answer with a nested element
# breaks GetQueueAttributes of aliyun-mns-sdk 1.3.0 (AttributeError)
_QUEUE_FIELDS = (
    "VisibilityTimeout",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "DelaySeconds",
    "PollingWaitSeconds",
    "LoggingEnabled",
)


def create_queue(state: MnsState, call: Call) -> Reply:
    name = call.names["queue"]
    attributes = fields(call.document("Queue"), _QUEUE_FIELDS) if call.request.body else {}
    is_new = state.create_queue(name, **attributes)
    return Reply(201 if is_new else 204, headers=call.location(f"/queues/{name}"))


def set_queue_attributes(state: MnsState, call: Call) -> Reply:
    state.set_attributes(call.names["queue"], **fields(call.document("Queue"), _QUEUE_FIELDS))
    return Reply(204)


def get_queue_attributes(state: MnsState, call: Call) -> Reply:
    return Reply(200, element("Queue", _told_attributes(state, call.names["queue"]), root=True))


def delete_queue(state: MnsState, call: Call) -> Reply:
    state.delete_queue(call.names["queue"])
    return Reply(204)


def list_queue(state: MnsState, call: Call) -> Reply:
    names, marker = page(state.queue_names(), str, call)
    with_meta = call.request.headers.get("x-mns-with-meta") == "true"

    def listed(name: str) -> str:
        meta = _told_attributes(state, name) if with_meta else {}
        return element("Queue", {"QueueURL": call.location(f"/queues/{name}")["Location"], **meta})

    return Reply(200, element("Queues", "".join(map(listed, names)) + marker, root=True))


def send_message(state: MnsState, call: Call) -> Reply:
    sent = _send(state, call.names["queue"], call.document("Message"))
    return Reply(201, element("Message", _sent(sent), root=True))


def batch_send_message(state: MnsState, call: Call) -> Reply:
    """All or nothing here: every message is checked before the first one is kept."""
    entries = list(call.document("Messages"))
    if not 1 <= len(entries) <= BATCH_MAX:
        raise out_of_range("Messages", 1, BATCH_MAX, "messages")
    bodies = [_message_fields(entry)["MessageBody"] for entry in entries]
    for body in bodies:
        state.check_body(call.names["queue"], body)
    if sum(len(body.encode()) for body in bodies) > BATCH_BYTES_MAX:
        raise out_of_range("Messages", 1, BATCH_BYTES_MAX, "bytes")
    sent = [_send(state, call.names["queue"], entry) for entry in entries]
    return Reply(201, element("Messages", "".join(element("Message", _sent(one)) for one in sent), root=True))


def receive_message(state: MnsState, call: Call) -> Reply:
    found = state.receive(call.names["queue"], 1, _wait_s(state, call))
    return Reply(200, element("Message", _received(_at_least_one(found)[0]), root=True))


def batch_receive_message(state: MnsState, call: Call) -> Reply:
    found = state.receive(call.names["queue"], _count(call), _wait_s(state, call))
    return _messages([_received(message) for message in _at_least_one(found)])


def peek_message(state: MnsState, call: Call) -> Reply:
    found = state.peek(call.names["queue"], 1)
    return Reply(200, element("Message", _peeked(_at_least_one(found)[0]), root=True))


def batch_peek_message(state: MnsState, call: Call) -> Reply:
    found = state.peek(call.names["queue"], _count(call))
    return _messages([_peeked(message) for message in _at_least_one(found)])


def delete_message(state: MnsState, call: Call) -> Reply:
    if "receipthandle" not in call.query:
        raise MnsError("MissingReceiptHandle")
    state.delete(call.names["queue"], call.query["receipthandle"])
    return Reply(204)


def batch_delete_message(state: MnsState, call: Call) -> Reply:
    handles = [child.text or "" for child in call.document("ReceiptHandles")]
    if not 1 <= len(handles) <= BATCH_MAX:
        raise out_of_range("ReceiptHandles", 1, BATCH_MAX, "handles")
    failed = ""
    for handle in handles:
        try:
            state.delete(call.names["queue"], handle)
        except MnsError as error:
            if error.code == "QueueNotExist":
                raise
            told = {"ErrorCode": error.code, "ErrorMessage": error.message, "ReceiptHandle": handle}
            failed += element("Error", told)
    return Reply(404, element("Errors", failed, root=True)) if failed else Reply(204)


def change_message_visibility(state: MnsState, call: Call) -> Reply:
    if "receipthandle" not in call.query:
        raise MnsError("MissingReceiptHandle")
    if "visibilitytimeout" not in call.query:
        raise MnsError("MissingVisibilityTimeout")
    timeout_s = whole_number("VisibilityTimeout", call.query["visibilitytimeout"], 0, VISIBILITY_S_MAX)
    message = state.change_visibility(call.names["queue"], call.query["receipthandle"], timeout_s)
    told = {"ReceiptHandle": message.handle, "NextVisibleTime": _ms(message.visible_at)}
    return Reply(200, element("ChangeVisibility", told, root=True))


def page(items: Sequence[Item], name_of: Callable[[Item], str], call: Call) -> tuple[list[Item], str]:
    """The items that the x-mns-prefix, -marker and -ret-number headers ask for, and the NextMarker element."""
    headers = call.request.headers
    prefix, marker = headers.get("x-mns-prefix", ""), headers.get("x-mns-marker", "")
    wanted = whole_number("x-mns-ret-number", headers.get("x-mns-ret-number", LIST_MAX), 1, LIST_MAX, "")
    found = [item for item in items if name_of(item).startswith(prefix) and name_of(item) > marker]
    more = element("NextMarker", name_of(found[wanted - 1])) if len(found) > wanted else ""
    return found[:wanted], more


def _told_attributes(state: MnsState, queue: str) -> dict[str, str]:
    return {name: value for name, value in state.attributes(queue).items() if isinstance(value, str)}


def _send(state: MnsState, queue: str, entry: ET.Element) -> Message:
    sent = _message_fields(entry)
    delay_s = whole_number("DelaySeconds", sent["DelaySeconds"], 0, DELAY_S_MAX) if "DelaySeconds" in sent else None
    priority = whole_number("Priority", sent.get("Priority", PRIORITY_DEFAULT), 1, PRIORITY_MAX, "")
    return state.send(queue, sent["MessageBody"], delay_s, priority)


def _message_fields(entry: ET.Element) -> dict[str, str]:
    sent = fields(entry, _MESSAGE_FIELDS)
    if "MessageBody" not in sent:
        raise not_by_schema("MessageBody")
    return sent


def _sent(message: Message) -> dict[str, str]:
    handle = {"ReceiptHandle": message.handle} if message.handle else {}
    return {"MessageId": message.id, "MessageBodyMD5": message.body_md5, **handle}


def _peeked(message: Message) -> dict[str, str]:
    return {
        "MessageId": message.id,
        "MessageBody": message.body,
        "MessageBodyMD5": message.body_md5,
        "EnqueueTime": _ms(message.enqueued_at),
        "FirstDequeueTime": _ms(message.first_dequeued_at),
        "DequeueCount": str(message.dequeue_count),
        "Priority": str(message.priority),
    }


def _received(message: Message) -> dict[str, str]:
    return {**_peeked(message), "ReceiptHandle": message.handle, "NextVisibleTime": _ms(message.visible_at)}


def _messages(told: Sequence[Mapping[str, str]]) -> Reply:
    return Reply(200, element("Messages", "".join(element("Message", one) for one in told), root=True))


def _at_least_one(found: list[Message]) -> list[Message]:
    if not found:
        raise MnsError("MessageNotExist")
    return found


def _count(call: Call) -> int:
    return whole_number("numOfMessages", call.query["numofmessages"], 1, BATCH_MAX, "")


def _wait_s(state: MnsState, call: Call) -> int:
    asked = call.query.get("waitseconds", state.attributes(call.names["queue"])["PollingWaitSeconds"])
    return whole_number("waitseconds", asked, 0, WAIT_S_MAX)


def _ms(seconds: float) -> str:
    return str(int(seconds * 1000))


OPERATIONS: dict[str, Operation] = {
    "CreateQueue": create_queue,
    "SetQueueAttributes": set_queue_attributes,
    "GetQueueAttributes": get_queue_attributes,
    "DeleteQueue": delete_queue,
    "ListQueue": list_queue,
    "SendMessage": send_message,
    "BatchSendMessage": batch_send_message,
    "ReceiveMessage": receive_message,
    "BatchReceiveMessage": batch_receive_message,
    "PeekMessage": peek_message,
    "BatchPeekMessage": batch_peek_message,
    "DeleteMessage": delete_message,
    "BatchDeleteMessage": batch_delete_message,
    "ChangeMessageVisibility": change_message_visibility,
}
