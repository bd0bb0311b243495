"""Whether a recogniser understood what the lines of a segment should say.

Apart from `hearing`, which measures sound: this compares words. By characters, in their order: Chinese ones, Latin
letters without their case, digits as they are said one by one in Chinese. A recogniser writes other characters for the
same sound now and then, and names as it likes, so that only a line of which it understood little is doubtful.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from shared.domain.han import is_han

# Of fewer characters too little can be said.
JUDGED_MIN = 4
UNDERSTOOD_MIN = 0.5

_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")


def units(text: str) -> str:
    """What of a text is compared."""
    return "".join(
        one for one in text.casefold().translate(_DIGITS) if is_han(one) or (one.isascii() and one.isalnum())
    )


def understood(lines: Sequence[str], heard: str) -> list[float]:
    """The share of each line's characters that was heard, in order; 1.0 for a line that is too short to be judged."""
    wanted = [units(line) for line in lines]
    matcher = SequenceMatcher(None, "".join(wanted), units(heard), autojunk=False)
    found = {at for block in matcher.get_matching_blocks() for at in range(block.a, block.a + block.size)}
    shares, begin = [], 0
    for line in wanted:
        end = begin + len(line)
        known = sum(at in found for at in range(begin, end))
        shares.append(round(known / len(line), 2) if len(line) >= JUDGED_MIN else 1.0)
        begin = end
    return shares


def is_misheard(share: float) -> bool:
    """Whether so little was understood that the line should be read again."""
    return share < UNDERSTOOD_MIN
