"""The wire face of MNS (REST 2015-06-06, XML): authenticate, name the operation, answer."""

from __future__ import annotations

import re
from urllib.parse import unquote

from local.standins.account import Account
from local.standins.http import Request, Response
from local.standins.mns import queue_operations, topic_operations
from local.standins.mns.errors import MnsError
from local.standins.mns.state import MnsState
from local.standins.mns.topics import Topics
from local.standins.mns.wire import Call, Reply, authenticate, error_document, local_name

_QUEUE = r"/queues/(?P<queue>[^/]+)"
_TOPIC = r"/topics/(?P<topic>[^/]+)"
_SUBSCRIPTION = _TOPIC + r"/subscriptions/(?P<subscription>[^/]+)"

# method, path, name in the query that tells it apart (the first match counts), operation
_ROUTES = tuple(
    (method, re.compile(path), parameter, operation)
    for method, path, parameter, operation in (
        ("GET", r"/queues/?", "", "ListQueue"),
        ("PUT", _QUEUE, "metaoverride", "SetQueueAttributes"),
        ("PUT", _QUEUE, "", "CreateQueue"),
        ("GET", _QUEUE, "", "GetQueueAttributes"),
        ("DELETE", _QUEUE, "", "DeleteQueue"),
        ("POST", _QUEUE + "/messages", "", "SendMessage"),
        ("GET", _QUEUE + "/messages", "peekonly", "PeekMessage"),
        ("GET", _QUEUE + "/messages", "", "ReceiveMessage"),
        ("PUT", _QUEUE + "/messages", "", "ChangeMessageVisibility"),
        ("DELETE", _QUEUE + "/messages", "", "DeleteMessage"),
        ("GET", r"/topics/?", "", "ListTopic"),
        ("PUT", _TOPIC, "", "CreateTopic"),
        ("GET", _TOPIC, "", "GetTopicAttributes"),
        ("DELETE", _TOPIC, "", "DeleteTopic"),
        ("POST", _TOPIC + "/messages", "", "PublishMessage"),
        ("GET", _TOPIC + "/subscriptions/?", "", "ListSubscriptionByTopic"),
        ("PUT", _SUBSCRIPTION, "", "Subscribe"),
        ("GET", _SUBSCRIPTION, "", "GetSubscriptionAttributes"),
        ("DELETE", _SUBSCRIPTION, "", "Unsubscribe"),
    )
)
_UNKNOWN = "Unknown"


class MnsApi:
    """Answers requests for the queues of `state`; topics push into the same queues."""

    def __init__(self, account: Account, state: MnsState, topics: Topics | None = None) -> None:
        self.state = state
        self.topics = topics or Topics(account, state)
        self._account = account

    def handle(self, request: Request) -> Response:
        request_id = self._account.new_id()
        operation = _UNKNOWN
        try:
            operation, call = _route(request)
            authenticate(self._account, request)
            operation = _batch(operation, call)
            reply = self._perform(operation, call)
        except MnsError as error:
            reply = Reply(error.status, error_document(error, request_id, request.host))
        self._account.note("mns", operation, reply.status, unquote(request.raw_path))
        return _response(reply, request_id)

    def _perform(self, operation: str, call: Call) -> Reply:
        if operation in queue_operations.OPERATIONS:
            return queue_operations.OPERATIONS[operation](self.state, call)
        return topic_operations.OPERATIONS[operation](self._account, self.topics, call)


def _route(request: Request) -> tuple[str, Call]:
    for method, path, parameter, operation in _ROUTES:
        match = path.fullmatch(request.path)
        if method == request.method and match and (not parameter or parameter in request.query):
            return operation, Call(request, match.groupdict())
    raise MnsError("InvalidRequestURL")


def _batch(operation: str, call: Call) -> str:
    """Batch operations share the URLs of the single ones."""
    if operation in {"ReceiveMessage", "PeekMessage"} and "numofmessages" in call.query:
        return f"Batch{operation}"
    if operation == "DeleteMessage" and "receipthandle" not in call.query and call.request.body:
        return "BatchDeleteMessage"
    if operation == "SendMessage" and local_name(call.root) == "Messages":
        return "BatchSendMessage"
    return operation


def _response(reply: Reply, request_id: str) -> Response:
    headers = {"x-mns-request-id": request_id, "x-mns-version": "2015-06-06", **reply.headers}
    if not reply.body:
        return Response(reply.status, headers)
    body = f'<?xml version="1.0" encoding="utf-8"?>\n{reply.body}'.encode()
    return Response(reply.status, {**headers, "Content-Type": "text/xml;charset=utf-8"}, body)
