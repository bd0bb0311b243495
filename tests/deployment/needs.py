"""What a call of a port needs of the account, in the words of `deploy/rights.py`: what the clients really send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from deploy import rights
from shared.ports import Bucket, Kind, Place, Queue, Table

Need = tuple[str, str]
"""A place and an action on it."""

OBJECT_ACTIONS = {
    "head": (rights.GET,),
    "read": (rights.GET,),
    "share": (rights.GET,),  # whoever signs must be allowed to read
    "frame": (rights.GET,),
    "small_frame": (rights.GET,),
    "facts": (rights.GET,),
    "write": (rights.PUT,),
    "write_new": (rights.PUT,),
    "keep": (rights.PUT,),
    "delete": (rights.DELETE,),
    "plain_url": (),  # IMS opens it with a role of its own
}
FROM_TO = frozenset({"copy", "patch"})
ROW_ACTIONS = {
    "get": rights.GET_ROW,
    "insert": rights.PUT_ROW,
    "update": rights.UPDATE,
    "merge": rights.UPDATE,
    "range": rights.RANGE,
    "delete": rights.DROP,
}
UPLOAD_ACTIONS = {
    "hosts": (),
    "form": (rights.PUT,),
    "begin": (rights.PUT,),
    "part_urls": (rights.PUT,),
    "parts": (rights.LIST_PARTS,),
    "complete": (rights.PUT, rights.LIST_PARTS),
    "view": (rights.GET,),
}
QUEUE_ACTIONS = {"send": rights.SEND, "waiting": rights.PEEK}
QUEUE_PLACES = {
    Queue.RECHECK: "recheck",
    Queue.FAILED: "failed",
    Queue.FINISHED: "finished",
    Queue.ANNOUNCE: "announce",
    Queue.DEAD_IMS: "ims-dead",
    Queue.DEAD_MODEL_STUDIO: "model-studio-dead",
    Queue.DEAD_RECHECK: "recheck-dead",
    Queue.DEAD_FAILED: "failed-dead",
    Queue.DEAD_ANNOUNCE: "announce-dead",
}
SUBMISSIONS = {
    "read_captions": Kind.IMS_PRODUCTION,
    "split_music": Kind.IMS_PRODUCTION,
    "recognise": Kind.IMS_SMART,
    "compose": Kind.IMS_PRODUCING,
}


def needs(name: str, args: tuple[Any, ...], more: dict[str, Any]) -> Iterator[Need]:
    """Of one call; `name` is `port.method`. What knows no roles (Model Studio) needs none."""
    port, _, method = name.partition(".")
    given = [*args, *more.values()]
    if port == "rows":
        yield f"table {_first(given, Table).value}", ROW_ACTIONS[method]
    elif port == "queues":
        yield f"queue {QUEUE_PLACES[_first(given, Queue)]}", QUEUE_ACTIONS[method]
    elif port == "channels":
        yield "topic announcements", rights.PUBLISH
    elif port == "media":
        kind = SUBMISSIONS.get(method) or _first(given, Kind)
        wanted = rights.SUBMITS if method in SUBMISSIONS else rights.QUERIES
        yield from (("ims", action) for action in wanted[kind])
    elif port == "uploads":
        places = [one for one in given if isinstance(one, Place)]
        yield from ((_area(one.bucket, one.key), action) for one in places for action in UPLOAD_ACTIONS[method])
    elif port in {"objects", "probe"}:
        yield from _of_objects(method, given)


def _of_objects(method: str, given: list[Any]) -> Iterator[Need]:
    if method == "listing":
        prefix = next((one for one in given if isinstance(one, str) and not isinstance(one, Bucket)), "")
        yield f"list {_area(_first(given, Bucket), prefix)}", rights.LIST
        return
    places = [one for one in given if isinstance(one, Place)]
    if method in FROM_TO:
        yield _area(places[0].bucket, places[0].key), rights.GET
        yield _area(places[1].bucket, places[1].key), rights.PUT
        return
    for action in OBJECT_ACTIONS[method]:
        for place in places:
            yield _area(place.bucket, place.key), action


def _area(bucket: Bucket, key: str) -> str:
    return f"{bucket.value}/{key.partition('/')[0]}/"


def _first(given: list[Any], kind: type) -> Any:
    return next(one for one in given if isinstance(one, kind))
