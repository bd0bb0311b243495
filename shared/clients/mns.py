"""Queues through aliyun-mns-sdk.

Three things of version 1.3.0 are worked around. It sends a message a second time when the answer is cut off: here the
cut answer is an ordinary error. Over https it has no timeout at all: here the connection gets one. One account holds
one connection and no lock, and a connection kept over a freeze of the instance is dead: here each message gets an
account of its own, which costs a handshake for the one or two messages a function sends.
"""

from __future__ import annotations

from collections.abc import Mapping
from http.client import BadStatusLine, HTTPResponse

from mns.account import Account
from mns.mns_exception import MNSClientException, MNSClientNetworkException, MNSServerException
from mns.mns_http import MNSHTTPConnection, MNSHTTPSConnection
from mns.queue import Message

from shared.clients.codes import Answer, Vendor, classify, unanswered
from shared.clients.credentials import Credentials
from shared.clients.endpoints import Endpoints
from shared.domain.errors import Corrupt
from shared.ports import Queue
from shared.settings import Settings

DELAY_S_MAX = 604_800
BODY_MAX = 49_152
"""A message has 64 KB at most, and the SDK encodes bodies in base64 (which FC's trigger decodes by default)."""


class MnsQueues:
    """`Queues` on MNS. One instance may serve many threads."""

    def __init__(self, settings: Settings, env: Mapping[str, str]) -> None:
        self._endpoint = Endpoints.of(settings).mns
        self._credentials = Credentials(env)
        self._timeout_s = settings.call_timeout_s
        self._names = {
            Queue.RECHECK: settings.recheck_queue,
            Queue.FAILED: settings.failed_queue,
            Queue.FINISHED: settings.finished_queue,
        }

    def send(self, queue: Queue, body: str, delay_s: int = 0) -> None:
        if not 0 <= delay_s <= DELAY_S_MAX:
            raise Corrupt("internal", f"a message cannot wait {delay_s} s")
        if len(body.encode()) > BODY_MAX:
            raise Corrupt("internal", f"a message of {len(body.encode())} bytes is too long")
        account = self._account()
        try:
            account.get_queue(self._names[queue]).send_message(Message(body, delay_seconds=delay_s))
        except MNSServerException as error:
            answer = Answer(Vendor.MNS, 0, error.type, error.message, error.request_id)
            raise classify(answer, sent=True) from error
        except MNSClientNetworkException as error:
            raise unanswered(Vendor.MNS, error, sent=True) from error
        except MNSClientException as error:
            raise Corrupt("internal", f"mns: {error.message}") from error
        finally:
            account.mns_client.close_connection()

    def _account(self) -> Account:
        account = Account(self._endpoint, credentials_provider=self._credentials)
        http = account.mns_client.http
        http.conn = _TlsConnection(http.host) if http.is_https else _PlainConnection(http.host)
        http.conn.timeout = self._timeout_s
        http.conn.connection_timeout = self._timeout_s
        return account


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
