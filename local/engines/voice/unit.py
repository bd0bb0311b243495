"""The smallest piece of text whose time in the speech is known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """A Chinese character or an English word, and how it sounds. Pauses and spaces between have no text."""

    text: str
    phonemes: str
