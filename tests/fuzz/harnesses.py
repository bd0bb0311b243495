"""Every parser that reads what others wrote. A new one is added to one of these lists and is then fuzzed everywhere:
by hypothesis on each commit (`test_harnesses.py`), by atheris for as long as wished (`make fuzz`).
"""

from __future__ import annotations

from tests.fuzz.harness import Harness
from tests.fuzz.parsers import events, media, page, uploads, vendors, wishes

HARNESSES: tuple[Harness, ...] = (
    *events.HARNESSES,
    *uploads.HARNESSES,
    *wishes.HARNESSES,
    *media.HARNESSES,
    *vendors.HARNESSES,
    *page.HARNESSES,
)
BY_NAME = {harness.name: harness for harness in HARNESSES}
