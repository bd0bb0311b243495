"""Every parser that reads what others wrote. A new one is added to one of these lists and is then fuzzed everywhere:
by hypothesis on each commit (`test_harnesses.py`), by atheris for as long as wished (`make fuzz`).
"""

from __future__ import annotations

from tests.fuzz.harness import Harness
from tests.fuzz.parsers import events, media, uploads, vendors

HARNESSES: tuple[Harness, ...] = (*events.HARNESSES, *uploads.HARNESSES, *media.HARNESSES, *vendors.HARNESSES)
BY_NAME = {harness.name: harness for harness in HARNESSES}
