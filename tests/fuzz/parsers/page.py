"""What browsers send to the family's page, and what those answer who are told of an end."""

from __future__ import annotations

import json
from functools import cache

from hypothesis import strategies as st

from shared.clients import dingtalk
from shared.console import http, sessions
from shared.console.http import Answered
from shared.engine.world import World
from tests.fuzz.harness import Harness
from tests.fuzz.inputs import any_document, bent, damaged, names
from tests.stage import Stage

REQUEST = {
    "version": "v1",
    "rawPath": "/stories/wang--fox",
    "headers": {"Cookie": "echobot=eyJmIjoid2FuZyJ9.abc; a=b", "Content-Type": "application/json; charset=utf-8"},
    "queryParameters": {"a": "1"},
    "body": '{"lines": {}}',
    "isBase64Encoded": False,
    "requestContext": {"http": {"method": "POST", "path": "/stories", "sourceIp": "1.2.3.4"}},
}


def _request(event: bytes) -> object:
    """All that the page reads of a request; a body that is no document is answered, and so are cookies that open
    nothing.
    """
    request = http.read(event)
    found: list[object] = [request.method, request.cookie(sessions.COOKIE)]
    for look in (request.document, lambda: sessions.visitor_of(house(), request)):
        try:
            found.append(look())
        except Answered as answered:
            found.append(answered.code)
    return len(found)


def _token(token: str) -> object:
    return [sessions.enter(house(), token)[0].family, sessions.shared_job(house(), token)]


@cache
def house() -> World:
    world = Stage(settings={"console_secret": "s" * sessions.SECRET_CHARACTERS_MIN}).world
    sessions.add(world, "wang", "王家")
    return world


@cache
def link() -> str:
    return sessions.link_token(house(), "wang")


tokens = st.one_of(
    names, st.deferred(lambda: damaged(link().encode())).map(lambda body: body.decode("utf-8", "replace"))
)

HARNESSES = (
    Harness(
        "page-request", st.one_of(any_document(REQUEST), bent(REQUEST).map(json.dumps)), _request, refuses=(Answered,)
    ),
    Harness("page-token", tokens, _token, refuses=(Answered,)),
    Harness("robot-answer", any_document({"errcode": 0, "errmsg": "ok"}), dingtalk.hear),
)
