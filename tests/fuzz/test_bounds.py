"""The worst inputs that the size limits let through take little time and little memory.

Time is the processor's, not the clock's, and the bounds are many times what is needed: they tell a quadratic reader
(minutes, gigabytes) from a linear one (tenths of a second, some megabytes), on any machine.
"""

from __future__ import annotations

import base64
import json
import signal
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from shared.clients import results
from shared.clients.transport import harmless
from shared.domain import cues
from shared.domain.options import OPTIONS_BYTES_MAX
from shared.engine.events import EVENT_CHARS_MAX
from shared.log import redact
from tests.fuzz.harness import survive
from tests.fuzz.harnesses import BY_NAME
from tests.fuzz.parsers.vendors import HOST, PRODUCTION

CPU_S_MAX = 20.0
MEMORY_MB_MAX = 256


@contextmanager
def bounded() -> Iterator[None]:
    def too_long(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"more than {CPU_S_MAX} s of work")

    before = signal.signal(signal.SIGVTALRM, too_long)
    tracemalloc.start()
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_S_MAX)
    try:
        yield
        peak_mb = tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        tracemalloc.stop()
        signal.signal(signal.SIGVTALRM, before)
    assert peak_mb <= MEMORY_MB_MAX


def filled(unit: str, size: int) -> bytes:
    body = unit.encode()
    return (body * (size // len(body) + 1))[:size]


CAPTIONS = {
    "opened markup": "<i",
    "markup in markup": "<<i>i>",
    "braces": "{\\",
    "nothing but digits": "1",
    "nothing but colons and digits": "1:",
    "spaces before an arrow": "1:1                    ",
    "timings": "0:1 --> 0:2\n",
    "timings with text": "\n1\n0:1 --> 0:2\nwort",
    "controls": "\x01",
    "one line of text": "\n1\n0:1 --> 0:2\n" + "很" * 5000,
    "line breaks": "\n",
    "damaged Chinese": "\x81",
}


@pytest.mark.parametrize("unit", CAPTIONS.values(), ids=CAPTIONS.keys())
def test_captions_at_their_limit_are_read_or_refused_in_no_time(unit: str) -> None:
    with bounded():
        survive(BY_NAME["srt"], filled(unit, cues.FILE_BYTES_MAX))


@pytest.mark.parametrize("unit", ["[", "(", "【", "- ", ">>", "♪", "a b c ", "[a](b)", "很a b c"])
def test_the_longest_caption_is_made_speakable_in_no_time(unit: str) -> None:
    text = (unit * cues.TEXT_CHARACTERS_MAX)[: cues.TEXT_CHARACTERS_MAX]
    with bounded():
        cues.speakable(text, "zh")
        cues.speakable(text, "en")


EVENTS = {
    "nesting": b"[" * EVENT_CHARS_MAX,
    "objects in objects": filled('{"events":', EVENT_CHARS_MAX),
    "base64 of nesting": base64.b64encode(b"[" * (EVENT_CHARS_MAX * 3 // 4)),
    "digits": b"9" * EVENT_CHARS_MAX,
    "a list of many": b"[" + filled("{},", EVENT_CHARS_MAX - 4) + b"{}]",
    "text of text": json.dumps(json.dumps(json.dumps("\\" * (EVENT_CHARS_MAX // 20)))).encode(),
    "more than is read": b"[" * (4 * EVENT_CHARS_MAX),
    "escapes": b'"' + filled("\\ud800", EVENT_CHARS_MAX - 2) + b'"',
}


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS.keys())
@pytest.mark.parametrize("reader", ["event-objects", "event-ims-jobs", "event-failures"])
def test_the_largest_event_is_read_or_put_aside_in_no_time(reader: str, event: bytes) -> None:
    with bounded():
        survive(BY_NAME[reader], event)


@pytest.mark.parametrize("unit", ["[", '{"a":', "9", '"', "\\u00e4", '{"a":1},'])
@pytest.mark.parametrize("reader", ["options", "consent"])
def test_the_largest_file_of_options_is_read_or_refused_in_no_time(reader: str, unit: str) -> None:
    with bounded():
        survive(BY_NAME[reader], filled(unit, OPTIONS_BYTES_MAX))


TEXTS = [
    "OSS-",
    "acs ",
    "Bearer ",
    "sk-",
    "http://",
    "x-oss-signature",
    "credential-",
    "a?",
    "?",
    "token=",
    "LTAI",
    "\ud800",
]


@pytest.mark.parametrize("unit", TEXTS)
def test_a_text_of_any_length_is_redacted_in_no_time(unit: str) -> None:
    text = unit * 500_000
    with bounded():
        redact(text)
        harmless(text)


@pytest.mark.parametrize("unit", ["a", "@", ":", "/", "[", ".", "%", "-internal"])
def test_an_address_of_any_length_is_judged_in_no_time(unit: str) -> None:
    with bounded():
        survive(BY_NAME["result-url"], f"https://{unit * 500_000}{HOST}/{unit}")
        results.trusted(f"https://{HOST}/{'a' * 500_000}", PRODUCTION)
