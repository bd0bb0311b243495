"""Inputs that nobody wished for: absurd but valid JSON, documents bent out of shape, damaged bytes, odd names."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

DEEP = "@@deep@@"
HUGE = "@@huge@@"
DEPTHS = (50, 900, 5_000, 100_000)
"""Around and far beyond what the interpreters' JSON readers take: 3.10 and 3.11 end near 1,000, 3.12 later."""

DIGITS = (20, 400, 4_299, 5_000)
"""A double ends at 309 digits, Python's own reading of integers at 4,300."""

odd_texts = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(codec=None, categories=("Cs", "Cc", "Co", "Lo")), max_size=8),
    st.sampled_from(
        [
            "",
            " ",
            "\0",
            "\ud800",
            "null",
            "NaN",
            "-1",
            "1e999",
            "../../etc/passwd",
            "http://[",
            "https://[::1",
            "a" * 3000,
        ]
    ),
)

odd_numbers = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from(
        [0, -1, 2**31, 2**53 + 1, 2**63, -(2**64), 10**400, float("inf"), float("-inf"), float("nan"), 1e308]
    ),
)

json_values: SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), odd_numbers, odd_texts, st.sampled_from([DEEP, HUGE])),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(odd_texts, inner, max_size=4)),
    max_leaves=8,
)


@st.composite
def bent(draw: Callable[..., Any], *documents: object) -> Any:
    """One of the documents, with up to three of its parts left out or replaced by anything."""
    document = copy.deepcopy(draw(st.sampled_from(documents)))
    for _ in range(draw(st.integers(0, 3))):
        places = list(_places(document))
        if not places:
            return draw(json_values)
        holder, name = draw(st.sampled_from(places))
        if isinstance(holder, dict) and draw(st.integers(0, 4)) == 0:
            del holder[name]
        else:
            holder[name] = draw(json_values)
    return document


def _places(document: object) -> Iterator[tuple[Any, Any]]:
    names: Any = (
        document.keys() if isinstance(document, dict) else range(len(document)) if isinstance(document, list) else ()
    )
    for name in list(names):
        yield document, name
        yield from _places(document[name])  # type: ignore[index]  # it has names, so it is a dict or a list


@st.composite
def json_bytes(draw: Callable[..., Any], values: SearchStrategy[Any]) -> bytes:
    """The JSON text of a value; its marks become nesting and numbers that `json.dumps` would not write."""
    text = json.dumps(draw(values), ensure_ascii=draw(st.booleans()))
    depth, digits = draw(st.sampled_from(DEPTHS)), draw(st.sampled_from(DIGITS))
    left, right = draw(st.sampled_from([("[", "]"), ('{"a":', "}")]))
    text = text.replace(f'"{DEEP}"', left * depth + "1" + right * depth, 1).replace(f'"{HUGE}"', "9" * digits, 1)
    return text.encode("utf-8", "surrogatepass")


@st.composite
def damaged(draw: Callable[..., Any], *samples: bytes) -> bytes:
    """One of the samples, cut, with some bytes overwritten: numbers that lie, chunks that end too early."""
    data = bytearray(draw(st.sampled_from(samples)))
    for _ in range(draw(st.integers(0, 6))):
        if not data:
            break
        start = draw(st.integers(0, len(data) - 1))
        patch = draw(
            st.one_of(st.binary(max_size=4), st.sampled_from([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"]))
        )
        data[start : start + len(patch)] = patch
    if draw(st.booleans()):
        del data[draw(st.integers(0, len(data))) :]
    return bytes(data)


def any_document(*documents: object) -> SearchStrategy[bytes]:
    """What an HTTP body or a family's JSON file may hold: bent documents, any JSON, and no JSON at all."""
    return st.one_of(json_bytes(bent(*documents)), json_bytes(json_values), st.binary(max_size=200))


@st.composite
def wrapped(draw: Callable[..., Any], bodies: SearchStrategy[bytes]) -> Any:
    """An event as it reaches a function: bytes, text, base64 of it, JSON text of JSON text, a list, or loaded."""
    body: Any = draw(bodies)
    for _ in range(draw(st.integers(0, 3))):
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        wrapping = draw(st.sampled_from([_plain, base64.b64encode, _quoted, _listed, _in_data]))
        body = wrapping(text)
    return draw(st.sampled_from([body, body.decode("utf-8", "replace")])) if isinstance(body, bytes) else body


def _plain(body: bytes) -> bytes:
    return body


def _quoted(body: bytes) -> bytes:
    return json.dumps(body.decode("utf-8", "replace")).encode()


def _listed(body: bytes) -> bytes:
    return b"[" + body + b"," + body + b"]"


def _in_data(body: bytes) -> bytes:
    return b'{"specversion":"1.0","data":' + body + b"}"


names = st.one_of(
    st.from_regex(r"(inbox|narrators|requests|steps|jobs|stories|results)/[a-z0-9./%\\-]{0,40}", fullmatch=True),
    st.lists(
        st.one_of(st.sampled_from(["inbox", "steps", "jobs", "..", ".", "", "story.mp4", "%2e%2e"]), odd_texts),
        max_size=6,
    ).map("/".join),
    odd_texts,
    st.text(max_size=1200),
)
"""Keys of objects and parts of keys, ours and hostile ones."""
