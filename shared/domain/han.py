"""Chinese characters."""

from __future__ import annotations


def is_han(character: str) -> bool:
    """A Chinese character: spoken as one syllable, billed as two characters."""
    point = ord(character)
    return (
        0x4E00 <= point <= 0x9FFF
        or 0x3400 <= point <= 0x4DBF
        or 0x20000 <= point <= 0x3134F
        or 0xF900 <= point <= 0xFAFF
        or point == 0x3007
    )
