"""Inputs that once got through, each with what it did. One is added with every fault that fuzzing finds."""

from __future__ import annotations

import json
import struct

import pytest

from local.standins.http import Response
from tests.fuzz.harness import survive
from tests.fuzz.harnesses import BY_NAME
from tests.fuzz.parsers.media import FILM, SOUND

DEEP = b'{"output": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
HUGE = b"9" * 400
CUT_SHORT = FILM.replace(b"\x00\x00\x00\x14stco", b"\x00\x00\x00\x12stco")


def said(body: bytes, status: int = 200, **headers: str) -> Response:
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


FOUND: tuple[tuple[str, str, object], ...] = (
    ("film-label", "ValueError: a table of places that is cut short", CUT_SHORT),
    ("label-field", "RecursionError in the reader of JSON", '{"Label": ' + "[" * 100_000),
    (
        "robot-answer",
        "a code of thousands of characters, which no row takes",
        b'{"errcode": {"' + b"a" * 9_000 + b'": null}}',
    ),
    ("families", "half a surrogate pair in a refused name, which no answer takes", ("wang", "\ud800")),
    ("families", "half a surrogate pair in a refused name, which no answer takes", ("\ud800", "mama")),
    ("model-studio-tasks", "RecursionError in the reader of JSON", (1, said(DEEP))),
    ("model-studio-tasks", "AttributeError: an output that is a list", (0, said(b'{"output": [1]}'))),
    ("model-studio-tasks", "ValueError: pages that are no number", (2, said(b'{"data": [], "total_page": "many"}'))),
    ("model-studio-tasks", "KeyError: a listed task without an id", (2, said(b'{"data": [{"gmt_create": 1}]}'))),
    (
        "model-studio-tasks",
        "OverflowError: a time of 400 digits",
        (2, said(b'{"data": [{"task_id": "t", "gmt_create": ' + HUGE + b"}]}")),
    ),
    (
        "model-studio-tasks",
        "NaN as a length",
        (1, said(b'{"output": {"task_status": "SUCCEEDED", "video_url": "u"}, "usage": {"duration": NaN}}')),
    ),
    ("model-studio-detect", "AttributeError: an output that is true", (0, said(b'{"output": true}'))),
    (
        "model-studio-detect",
        "OverflowError: a box without end",
        (0, said(b'{"output": {"check_pass": true, "face_bbox": [0, 0, Infinity, 1], "ext_bbox": [0, 0, 1, 1]}}')),
    ),
    (
        "model-studio-detect",
        "half a surrogate pair in the words of an error, which no row takes",
        (0, said(b'{"code": "\\ud800", "message": "\\udfff"}', 400)),
    ),
    ("model-studio-voices", "KeyError: a listed voice without an id", (2, said(b'{"output": {"voice_list": [{}]}}'))),
    ("ims", "RecursionError in the SDK", (0, said(DEEP))),
    ("ims", "TypeError in the SDK: an error that is a number", (0, said(b"9.4e8", 500))),
    ("ims", "UnicodeDecodeError in the SDK", (0, said(b"\x03U\x05\xd6", 302))),
    ("ims", "AttributeError: a job that is text", (2, said(b'{"MediaProducingJob": "x"}'))),
    ("ims", "ValueError: brackets in a url", (3, said(b'{"Status": "Success", "OutputUrls": ["http://["]}'))),
    ("ims-sentences", "OverflowError: a time of 400 digits", json.dumps([{"text": "a", "from": 10**400, "to": 1}])),
    ("ims-sentences", "ValueError: NaN as a time", '[{"text": "a", "from": NaN, "to": Infinity}]'),
    ("oss", "ValueError in oss2: a size that is none", (2, said(b"x", Content_Length=""))),
    ("oss", "ValueError in oss2: a date that is none", (0, said(b"", Last_Modified="", Content_Length="1"))),
    ("oss", "UnicodeDecodeError in oss2", (6, said(b"\x9b\x0b", 429))),
    ("oss", "no range was asked for, yet its end was reached", (6, said(b"", 416))),
    ("output-media", "ValueError: brackets in a url", {"MediaURL": "http://[a]"}),
    ("result-bytes", "ValueError: a date after the copy was stored", (0, said(SOUND, Date="yesterday"))),
    ("result-bytes", "ValueError: a digit that is no number", (0, said(SOUND, Content_Length="\u00b2"))),
    ("result-url", "UnicodeEncodeError in the words of a refusal", "\ud800"),
    ("sentences", "a time that the captions' own reader does not read", [(10**12, 10**12, "a")]),
    ("settings", "UnicodeEncodeError in the words of a refusal", {"ECHOBOT_\ud800": "x"}),
    ("settings", "a limit that nothing reaches", {"ECHOBOT_FILM_S_MAX": "nan"}),
    ("settings", "a limit without end", {"ECHOBOT_FILM_S_MAX": "inf"}),
    (
        "speech",
        "RuntimeError: a chunk that leads out of the file",
        SOUND[:36] + b"dat\x7f" + struct.pack("<I", 0xFFFFFFFF) + SOUND[44:],
    ),
    ("request", "half a surrogate pair in the words of a refusal", b'{"\\ud800": 1}'),
    ("timeline", "UnicodeEncodeError in the words of a refusal", {"\ud800": 1}),
    (
        "output-media",
        "OverflowError: a length of 400 digits",
        {"MediaURL": "https://b.oss-cn-beijing.aliyuncs.com/a.mp4", "MaxDuration": 10**400},
    ),
)


@pytest.mark.parametrize(("name", "what_it_did", "value"), FOUND, ids=[f"{name}: {what}" for name, what, _ in FOUND])
def test_what_once_got_through_is_stopped(name: str, what_it_did: str, value: object) -> None:
    survive(BY_NAME[name], value)
