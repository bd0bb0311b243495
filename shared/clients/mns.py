"""Queues and topics through aliyun-mns-sdk.

Three things of version 1.3.0 are worked around. It sends a message a second time when the answer is cut off: here the
cut answer is an ordinary error. Over https it has no timeout at all: here the connection gets one. One account holds
one connection and no lock, and a connection kept over a freeze of the instance is dead: here each message gets an
account of its own, which costs a handshake for the one or two messages a function sends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import BadStatusLine, HTTPResponse
from typing import Any

from mns.account import Account
from mns.mns_exception import MNSClientException, MNSClientNetworkException, MNSServerException
from mns.mns_http import MNSHTTPConnection, MNSHTTPSConnection
from mns.queue import Message
from mns.topic import TopicMessage

from shared.clients.codes import Answer, Vendor, classify, unanswered
from shared.clients.credentials import Credentials
from shared.clients.endpoints import Endpoints
from shared.domain.errors import Corrupt, EchobotError
from shared.ports import Letter, Queue
from shared.queues import names
from shared.settings import Settings

DELAY_S_MAX = 604_800
BATCH_MAX = 16

EMPTY = "MessageNotExist"
"""What a queue answers that has nothing to give."""

GONE = frozenset({EMPTY, "ReceiptHandleError"})
"""What a receipt is refused with that was used, or is too old: somebody else has the message, or it is gone."""

BODY_MAX = 49_152
"""A message has 64 KB at most, and the SDK encodes bodies in base64 (which FC's trigger decodes by default)."""


class _Mns:
    """One instance may serve many threads."""

    def __init__(self, settings: Settings, env: Mapping[str, str]) -> None:
        self._endpoint = Endpoints.of(settings).mns
        self._credentials = Credentials(env)
        self._timeout_s = settings.call_timeout_s

    @contextmanager
    def _account(self, *, sent: bool) -> Iterator[Account]:
        """The SDK's account on a connection of its own; what it raises as an error of ours."""
        account = Account(self._endpoint, credentials_provider=self._credentials)
        http = account.mns_client.http
        http.conn = _TlsConnection(http.host) if http.is_https else _PlainConnection(http.host)
        http.conn.timeout = self._timeout_s
        http.conn.connection_timeout = self._timeout_s
        try:
            yield account
        except MNSServerException as error:
            answer = Answer(Vendor.MNS, 0, error.type, error.message, error.request_id)
            raise classify(answer, sent=sent) from error
        except MNSClientNetworkException as error:
            raise unanswered(Vendor.MNS, error, sent=sent) from error
        except MNSClientException as error:
            raise Corrupt("internal", f"mns: {error.message}") from error
        finally:
            account.mns_client.close_connection()


class MnsTopics(_Mns):
    """Publishing, to whoever has subscribed."""

    def publish(self, topic: str, body: str, tag: str) -> None:
        """`body` as it is: MNS does not look into it. Subscriptions may filter by the tag (16 characters at most)."""
        with self._account(sent=True) as account:
            account.get_topic(topic).publish_message(TopicMessage(body, tag))


class MnsQueues(_Mns):
    """`Queues` on MNS."""

    def __init__(self, settings: Settings, env: Mapping[str, str]) -> None:
        super().__init__(settings, env)
        self._names = names(settings)

    def send(self, queue: Queue, body: str, delay_s: int = 0) -> None:
        if not 0 <= delay_s <= DELAY_S_MAX:
            raise Corrupt("internal", f"a message cannot wait {delay_s} s")
        if len(body.encode()) > BODY_MAX:
            raise Corrupt("internal", f"a message of {len(body.encode())} bytes is too long")
        with self._queue(queue, sent=True) as there:
            there.send_message(Message(body, delay_seconds=delay_s))

    def take(self, queue: Queue) -> list[Letter]:
        try:
            with self._queue(queue, sent=True) as there:
                there.set_encoding(False)  # not every message was sent by this SDK: the reader tells base64 from text
                found = there.batch_receive_message(BATCH_MAX)
        except EchobotError as error:
            if error.fields.get("vendor_code") == EMPTY:
                return []
            raise
        return [Letter(_text(message.message_body), message.receipt_handle) for message in found]

    def acknowledge(self, queue: Queue, receipt: str) -> None:
        try:
            with self._queue(queue, sent=True) as there:
                there.delete_message(receipt)
        except EchobotError as error:
            if error.fields.get("vendor_code") not in GONE:
                raise

    def waiting(self, queue: Queue) -> int:
        # Not by the queue's attributes: the SDK announces that their counters will go.
        try:
            with self._queue(queue, sent=False) as there:
                there.set_encoding(False)
                return len(there.batch_peek_message(BATCH_MAX))
        except EchobotError as error:
            if error.fields.get("vendor_code") == EMPTY:
                return 0
            raise

    @contextmanager
    def _queue(self, queue: Queue, *, sent: bool) -> Iterator[Any]:
        """The SDK's queue; what it raises as an error of ours."""
        with self._account(sent=sent) as account:
            yield account.get_queue(self._names[queue])


def _text(body: str | bytes) -> str:
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else body


class _HeardOnce:
    """Takes away what the SDK repeats a request for: a connection that closes instead of answering."""

    def getresponse(self) -> HTTPResponse:
        try:
            return super().getresponse()  # type: ignore[misc,no-any-return]  # of the connection it is mixed into
        except BadStatusLine as error:
            raise ConnectionResetError("the connection closed instead of answering") from error


class _PlainConnection(_HeardOnce, MNSHTTPConnection):  # type: ignore[misc]  # the SDK has no types
    pass


class _TlsConnection(_HeardOnce, MNSHTTPSConnection):  # type: ignore[misc]  # the SDK has no types
    pass
