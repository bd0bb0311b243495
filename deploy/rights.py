"""What each function may do in the account, and nothing more: the roles of `template.yaml` are written from here.

A right is an action of RAM on a place: `input/inbox/` (objects under a prefix), `table jobs`, `queue recheck`, `ims`,
`log`. Tests play stories, refusals, withdrawals and rescues, and hold every call of a port to this table: what a
function does must be in it, and what is in it must be done by somebody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.domain import keys
from shared.pipeline import FUNCTIONS
from shared.ports import Kind

Rights = Mapping[str, frozenset[str]]
"""Actions by place."""

GET, PUT, DELETE, LIST = "oss:GetObject", "oss:PutObject", "oss:DeleteObject", "oss:ListObjects"
GET_ROW, PUT_ROW, UPDATE, RANGE, DROP = "ots:GetRow", "ots:PutRow", "ots:UpdateRow", "ots:GetRange", "ots:DeleteRow"
LIST_PARTS = "oss:ListParts"
SEND, PEEK, PUBLISH = "mns:SendMessage", "mns:PeekMessage", "mns:PublishMessage"
LOG = "log:PostLogStoreLogs"

INBOX, NARRATORS, REQUESTS = f"input/{keys.INBOX}", f"input/{keys.NARRATORS}", f"input/{keys.REQUESTS}"
WAKES, FILES, ALARMS = f"work/{keys.STEPS}", f"work/{keys.JOBS}", f"work/{keys.ALARMS}"
STORIES, RESULTS = f"output/{keys.STORIES}", f"output/{keys.RESULTS}"
DELETE_ALL = (DELETE, "oss:DeleteObjectVersion")
LIST_ALL = (LIST, "oss:ListObjectVersions")
"""The output bucket is versioned: what a family has erased must be gone in each of its versions."""

SUBMITS: Mapping[Kind, frozenset[str]] = {
    Kind.IMS_PRODUCING: frozenset({"ice:SubmitMediaProducingJob"}),
    Kind.IMS_PRODUCTION: frozenset({"ice:SubmitIProductionJob"}),
    Kind.IMS_SMART: frozenset({"ice:SubmitASRJob"}),
}
QUERIES: Mapping[Kind, frozenset[str]] = {
    Kind.IMS_PRODUCING: frozenset({"ice:GetMediaProducingJob"}),
    Kind.IMS_PRODUCTION: frozenset({"ice:QueryIProductionJob"}),
    Kind.IMS_SMART: frozenset({"ice:GetSmartHandleJob"}),
}
"""RAM's actions of IMS. Model Studio, voices among it, is reached by an API key and knows no roles."""


def _may(**places: Iterable[str]) -> dict[str, Iterable[str]]:
    """Rights on tables and queues, by their names in Python: `jobs`, `to_recheck`."""
    return {
        f"queue {name.removeprefix('to_').replace('_', '-')}" if name.startswith("to_") else f"table {name}": actions
        for name, actions in places.items()
    }


def joined(*parts: Mapping[str, Iterable[str]]) -> Rights:
    """All of these together."""
    found: dict[str, frozenset[str]] = {}
    for part in parts:
        for place, actions in part.items():
            found[place] = found.get(place, frozenset()) | frozenset(actions)
    return found


EVERY: Rights = joined({"log": (LOG,)}, _may(to_failed=(SEND,)))
"""FC itself uses the function's role for its log and its failure destination."""

POISON: Rights = joined(_may(to_failed_dead=(SEND,)))
"""What cannot be read is put aside (`shared.engine.poison`)."""

WAKE: Rights = joined({WAKES: (PUT,)}, _may(jobs=(GET_ROW,)))

REMIND: Rights = joined(_may(to_recheck=(SEND,)))

REPORT: Rights = joined(WAKE, _may(tasks=(GET_ROW, UPDATE)))
"""A vendor says that a task has ended (`shared.engine.waking.report`)."""

END: Rights = joined(
    {STORIES: (PUT,), ALARMS: (PUT,)},
    _may(jobs=(GET_ROW, UPDATE), voices=(GET_ROW, DROP), to_finished=(SEND,), to_announce=(SEND,)),
)
"""A job is refused, failed or done: the words, the row, the voice, the announcement."""

STUDIO: Rights = joined(_may(studio=(GET_ROW, PUT_ROW, UPDATE, RANGE, DROP), watch=(GET_ROW, RANGE, UPDATE, DROP)))
"""Turns at the avatar engine, and how fast it is."""

CLEAR: Rights = joined(
    {f"list {place}": (LIST,) for place in (INBOX, FILES, WAKES)},
    dict.fromkeys((INBOX, FILES, WAKES, ALARMS), (DELETE,)),
    {f"list {STORIES}": LIST_ALL, STORIES: DELETE_ALL},
    _may(
        jobs=(GET_ROW, UPDATE),
        steps=(RANGE, DROP),
        effects=(RANGE, DROP),
        voices=(GET_ROW, UPDATE, DROP),
    ),
    STUDIO,
)
"""A job was cancelled or erased while a step of it was at work: what the step made goes with the rest
(`shared.engine.leftovers.clear_late`).
"""

TURN: Rights = joined(POISON, WAKE, REMIND, END, _may(steps=(GET_ROW, PUT_ROW, UPDATE, RANGE), effects=(RANGE,)), CLEAR)
"""The life of a step (`shared.engine.step`)."""

LEDGER: Rights = joined(
    _may(effects=(GET_ROW, PUT_ROW, UPDATE), tasks=(GET_ROW, UPDATE), watch=(GET_ROW, UPDATE, DROP))
)
"""What a step that buys writes down of it (`shared.engine.ledger`), and whether the account is in credit."""

OPEN: Rights = joined(
    WAKE,
    REMIND,
    POISON,
    END,
    {STORIES: DELETE_ALL, f"list {STORIES}": LIST_ALL},
    _may(jobs=(GET_ROW, PUT_ROW, UPDATE), steps=(RANGE,), watch=(GET_ROW, RANGE, UPDATE, DROP)),
)
"""A job opens, is refused at the door, or waits for more."""

OF_STEPS: Mapping[str, Rights] = {
    "intake": joined(
        OPEN,
        {INBOX: (GET,), NARRATORS: (GET,), f"list {INBOX}": (LIST,), f"list {NARRATORS}": (LIST,)},
        {FILES: (GET, PUT), STORIES: (GET,), WAKES: (DELETE,), ALARMS: (DELETE,), f"list {ALARMS}": (LIST,)},
        _may(steps=(GET_ROW, PUT_ROW, UPDATE), effects=(RANGE, UPDATE)),
    ),
    "detect": joined(TURN, LEDGER, {INBOX: (GET,), NARRATORS: (GET,)}),
    "clone": joined(TURN, LEDGER, {INBOX: (GET,), NARRATORS: (GET,)}, _may(voices=(PUT_ROW, UPDATE))),
    "separate": joined(TURN, LEDGER, {INBOX: (GET,), FILES: (GET, PUT)}),
    "script": joined(TURN, LEDGER, {FILES: (GET, PUT)}),
    "speak": joined(TURN, LEDGER, {FILES: (GET, PUT)}),
    "animate": joined(TURN, LEDGER, STUDIO, {INBOX: (GET,), NARRATORS: (GET,), FILES: (GET, PUT)}),
    "compose": joined(TURN, LEDGER, {INBOX: (GET,), FILES: (GET, PUT)}),
    "publish": joined(TURN, {INBOX: (GET,), FILES: (GET, PUT), STORIES: (GET, PUT)}),
    "generate": joined(
        TURN,
        LEDGER,
        OPEN,
        STUDIO,
        {"input/": (GET,), FILES: (GET, PUT), RESULTS: (GET, PUT, *DELETE_ALL), f"list {RESULTS}": LIST_ALL},
    ),
}
"""A request's files may lie anywhere in the input bucket."""

DEAD_LETTERS: Rights = joined(
    {
        f"queue {name}": (PEEK,)
        for name in ("failed-dead", "ims-dead", "model-studio-dead", "recheck-dead", "announce-dead")
    }
)

OF_CALLBACKS: Mapping[str, Rights] = {
    "ims_callback": joined(POISON, REPORT),
    "model_studio_callback": joined(POISON, REPORT),
    "recheck": joined(POISON, {WAKES: (PUT,)}),
    "failed": joined(POISON, REMIND, END, _may(steps=(GET_ROW, RANGE, UPDATE), watch=(RANGE,)), {RESULTS: (PUT,)}),
    "announce": joined(
        POISON,
        {ALARMS: (PUT, DELETE), "topic announcements": (PUBLISH,)},
        _may(jobs=(GET_ROW, UPDATE), to_announce=(SEND,), to_finished=(SEND,)),
    ),
    "sweep": joined(
        TURN,
        STUDIO,
        {f"list {place}": (LIST,) for place in (NARRATORS, REQUESTS, RESULTS, ALARMS)},
        {INBOX: (GET,), NARRATORS: (DELETE,), REQUESTS: (GET,), RESULTS: (PUT,)},
        _may(tasks=(GET_ROW, UPDATE), effects=(UPDATE,), jobs=(RANGE,), voices=(GET_ROW, RANGE)),
        DEAD_LETTERS,
        {"ims": frozenset().union(*QUERIES.values())},
    ),
}


OF_PAGES: Mapping[str, Rights] = {
    "console": joined(
        OPEN,
        END,
        CLEAR,
        {INBOX: (GET, PUT, LIST_PARTS), NARRATORS: (GET, PUT), FILES: (GET,), STORIES: (GET,)},
        {f"list {place}": (LIST,) for place in (NARRATORS, ALARMS)},
        _may(families=(GET_ROW, UPDATE), visits=(GET_ROW, PUT_ROW, UPDATE), jobs=(RANGE,), voices=(RANGE,)),
        DEAD_LETTERS,
    )
}
"""A family starts stories, looks at them, calls them off; the operator looks at all of them."""


def of(function: str) -> Rights:
    """All that a function may do: its kind's rights, and those of IMS that its effects need."""
    beside = {**OF_CALLBACKS, **OF_PAGES}
    if function in beside:
        return joined(EVERY, beside[function])
    kinds = [kind for kind in FUNCTIONS[function].effects.values() if kind in SUBMITS]
    asked = [{"ims": SUBMITS[kind] | QUERIES[kind]} for kind in kinds]
    return joined(EVERY, OF_STEPS[function], *asked)


def role_of(function: str) -> str:
    """The end of the role's name; RAM's names know no underscore."""
    return function.replace("_", "-")
