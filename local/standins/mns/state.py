"""All rules of MNS queues: delay, visibility, receipt handles, long polling, retention and dead letters.

No HTTP here: `api.py` is the wire, and a local cloud calls these methods directly. Not offered: FIFO queues, message
properties, account attributes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from local.standins.account import Account
from local.standins.mns.errors import MnsError, not_by_schema, out_of_range
from local.standins.mns.queues import (
    DELAY_S_MAX,
    PRIORITY_DEFAULT,
    PRIORITY_MAX,
    VISIBILITY_S_MAX,
    Message,
    Queue,
    QueueAttributes,
    check_handle,
    check_name,
    kept_message,
    message_of_kept,
    new_handle,
    whole_number,
)
from local.standins.store import MemoryStore
from local.standins.timing import VirtualTiming

Listener = Callable[[str, float], None]
Notices = list[tuple[str, float]]

_QUEUES = "mns.queues"
_MESSAGES = "mns.messages"
_WAIT_S_MIN = 0.01


class MnsState:
    """Queues of one account.

    `listeners` are called as `(queue, visible_at)` after each change that makes a message visible, now or later,
    and outside the account's lock (unless the caller holds it). They may be told more often than needed.
    """

    def __init__(self, account: Account) -> None:
        self.listeners: list[Listener] = []
        self._account = account
        self._kept = not isinstance(account.store, MemoryStore)  # spares the encoding of what nobody keeps
        self._changed = threading.Condition(account.lock)
        self._queues = {name: Queue.of_kept(name, kept) for name, kept in account.store.load(_QUEUES).items()}
        for key, kept in account.store.load(_MESSAGES).items():
            self._queues[key.split("/")[0]].messages[key.split("/")[1]] = message_of_kept(kept)

    def create_queue(self, name: str, **attributes: object) -> bool:
        """True when it is new, False when it is there with these attributes (vendor's names: `DelaySeconds=5`)."""
        check_name(name)
        with self._changing():
            known = self._queues.get(name)
            wanted = (known.attributes if known else QueueAttributes()).with_sent(attributes)
            self._check_dlq(name, wanted)
            if known:
                if wanted != known.attributes:
                    raise MnsError("QueueAlreadyExist")
                return False
            now = self._account.now()
            self._keep_queue(Queue(name, wanted, now, now))
            return True

    def set_attributes(self, name: str, **attributes: object) -> None:
        with self._changing() as notices:
            queue = self._queue(name)
            wanted = queue.attributes.with_sent(attributes)
            self._check_dlq(name, wanted)
            queue.attributes = wanted
            queue.modified_at = self._account.now()
            self._keep_queue(queue)
            notices.extend(self._next_delivery(queue, message) for message in queue.messages.values())

    def delete_queue(self, name: str) -> None:
        """The queue and its messages; deleting one that is not there is no error, as in the service."""
        with self._changing():
            queue = self._queues.pop(name, None)
            if queue is None:
                return
            for message in queue.messages.values():
                self._account.store.drop(_MESSAGES, f"{name}/{message.id}")
            self._account.store.drop(_QUEUES, name)

    def queue_names(self) -> list[str]:
        with self._account.lock:
            return sorted(self._queues)

    def attributes(self, name: str) -> dict[str, str | dict[str, str]]:
        """As GetQueueAttributes answers; the three message counts are exact here, approximate in the service."""
        with self._changing():
            queue = self._queue(name)
            self._settle()
            now = self._account.now()
            active = sum(message.visible_at <= now for message in queue.messages.values())
            delayed = sum(m.visible_at > now and m.dequeue_count == 0 for m in queue.messages.values())
            counts = {
                "QueueName": name,
                "CreateTime": str(int(queue.created_at)),
                "LastModifyTime": str(int(queue.modified_at)),
                "ActiveMessages": str(active),
                "InactiveMessages": str(len(queue.messages) - active - delayed),
                "DelayMessages": str(delayed),
            }
            return {**counts, **queue.attributes.as_sent()}

    def send(self, queue: str, body: str, delay_s: int | None = None, priority: int = PRIORITY_DEFAULT) -> Message:
        """Enqueue a body as it is. `delay_s` None takes the queue's own; priority 1 goes first, 16 last."""
        with self._changing() as notices:
            home = self._queue(queue)
            self.check_body(queue, body)
            delay_s = home.attributes.delay_s if delay_s is None else delay_s
            whole_number("DelaySeconds", delay_s, 0, DELAY_S_MAX)
            whole_number("Priority", priority, 1, PRIORITY_MAX, "")
            now = self._account.now()
            message = Message(self._account.new_id(32), body, priority, now, now + delay_s)
            if delay_s:  # a delayed message can be deleted or changed by its sender
                message = replace(message, handle=self._new_handle(message))
            self._keep(home, message)
            notices.append((queue, message.visible_at))
            return message

    def check_body(self, queue: str, body: str) -> None:
        """Raises what a send of this body would be refused with."""
        bytes_max = self._queue(queue).attributes.message_bytes_max
        if not body:
            raise not_by_schema("MessageBody")
        if len(body.encode()) > bytes_max:
            raise out_of_range("MessageBody", 1, bytes_max, "bytes")

    def receive(self, queue: str, count: int = 1, wait_s: float = 0) -> list[Message]:
        """Up to `count` visible messages, hidden from now on for the queue's visibility timeout.

        Waits up to `wait_s` real seconds for one, with the lock released. Virtual time does not pass while somebody
        waits for it, so there the answer comes at once.
        """
        with self._changing() as notices:
            found = self._visible_within(queue, count, wait_s)
            received = [self._keep(self._queue(queue), self._received(queue, message)) for message in found]
            notices.extend(self._next_delivery(self._queue(queue), message) for message in received)
            return received

    def peek(self, queue: str, count: int = 1) -> list[Message]:
        """Up to `count` visible messages, left as they are."""
        with self._changing():
            return self._visible(queue, count)

    def delete(self, queue: str, handle: str) -> None:
        """Only with the handle of the latest receive, and before the message is visible again."""
        with self._changing():
            message = self._held(queue, handle)
            self._forget(self._queue(queue), message)

    def change_visibility(self, queue: str, handle: str, timeout_s: int) -> Message:
        """Hide a received message for `timeout_s` seconds from now; its handle is a new one."""
        whole_number("VisibilityTimeout", timeout_s, 0, VISIBILITY_S_MAX)
        with self._changing() as notices:
            message = replace(self._held(queue, handle), visible_at=self._account.now() + timeout_s)
            message = self._keep(self._queue(queue), replace(message, handle=self._new_handle(message)))
            notices.append(self._next_delivery(self._queue(queue), message))
            return message

    def announce(self) -> None:
        """Tell the listeners of every message there is: for those who start after a restart."""
        with self._changing() as notices:
            for queue in self._queues.values():
                notices.extend(self._next_delivery(queue, message) for message in queue.messages.values())

    @contextmanager
    def _changing(self) -> Iterator[Notices]:
        """Hold the lock; then, without it, tell the listeners what was noticed."""
        notices: Notices = []
        try:
            with self._changed:
                yield notices
                if notices:
                    self._changed.notify_all()
        finally:
            for queue, visible_at in notices:
                for listener in tuple(self.listeners):
                    listener(queue, visible_at)

    def _visible_within(self, name: str, count: int, wait_s: float) -> list[Message]:
        ends_at = time.monotonic() + wait_s
        while not (found := self._visible(name, count)):
            left_s = ends_at - time.monotonic()
            if left_s <= 0 or isinstance(self._account.timing, VirtualTiming):
                return []
            now = self._account.now()
            coming = (m.visible_at - now for queue in self._queues.values() for m in queue.messages.values())
            soonest_s = min((wait for wait in coming if wait > 0), default=left_s)
            self._changed.wait(max(_WAIT_S_MIN, min(left_s, soonest_s)))
        return found

    def _received(self, queue: str, message: Message) -> Message:
        now = self._account.now()
        taken = replace(
            message,
            visible_at=now + self._queue(queue).attributes.visibility_timeout_s,
            dequeue_count=message.dequeue_count + 1,
            first_dequeued_at=message.first_dequeued_at or now,
        )
        return replace(taken, handle=self._new_handle(taken))

    def _visible(self, name: str, count: int) -> list[Message]:
        queue = self._queue(name)
        self._settle()
        now = self._account.now()
        visible = (message for message in queue.messages.values() if message.visible_at <= now)
        return sorted(visible, key=lambda message: (message.priority, message.enqueued_at))[:count]

    def _settle(self) -> None:
        """What time alone does: messages past their retention go, those received too often move."""
        now = self._account.now()
        for queue in self._queues.values():
            for message in tuple(queue.messages.values()):
                if message.enqueued_at + queue.attributes.retention_s <= now:
                    self._forget(queue, message)
                elif message.visible_at <= now and (target := self._dead_letter_target(queue, message)):
                    self._forget(queue, message)
                    # retention goes on counting (help.aliyun.com/en/mns/developer-reference/dead-letter-queue)
                    self._keep(target, replace(message, handle="", dequeue_count=0, first_dequeued_at=0.0))

    def _dead_letter_target(self, queue: Queue, message: Message) -> Queue | None:
        policy = queue.attributes.dlq
        if policy is None or message.dequeue_count < policy.max_receive_count:
            return None
        return self._queues.get(policy.target)

    def _next_delivery(self, queue: Queue, message: Message) -> tuple[str, float]:
        return (self._dead_letter_target(queue, message) or queue).name, message.visible_at

    def _queue(self, name: str) -> Queue:
        if name not in self._queues:
            raise MnsError("QueueNotExist")
        return self._queues[name]

    def _held(self, queue: str, handle: str) -> Message:
        home = self._queue(queue)
        check_handle(handle)
        now = self._account.now()
        for message in home.messages.values():
            if message.handle == handle and message.visible_at > now:
                return message
        raise MnsError("MessageNotExist")

    def _new_handle(self, message: Message) -> str:
        return new_handle(self._account.randomness.getrandbits(40), message)

    def _keep(self, queue: Queue, message: Message) -> Message:
        queue.messages[message.id] = message
        if self._kept:
            self._account.store.save(_MESSAGES, f"{queue.name}/{message.id}", kept_message(message))
        return message

    def _forget(self, queue: Queue, message: Message) -> None:
        del queue.messages[message.id]
        self._account.store.drop(_MESSAGES, f"{queue.name}/{message.id}")

    def _keep_queue(self, queue: Queue) -> None:
        self._queues[queue.name] = queue
        if self._kept:
            self._account.store.save(_QUEUES, queue.name, queue.kept())

    @staticmethod
    def _check_dlq(name: str, attributes: QueueAttributes) -> None:
        if attributes.dlq and attributes.dlq.target == name:
            raise MnsError("InvalidArgument", "A queue cannot be its own dead-letter queue.")
