"""How single captions are to be told, beside their words: by whom, how fast, and their names said how.

Written into the script, so that a correction of the story tells all other lines as they were told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from shared.domain.frozen import frozen
from shared.domain.readers import OWN


@frozen
class Direction:
    """`by` is a reader, or the film's own voice (`readers.ORIGINAL`); a `rate` of 0 is whatever the line's slot needs;
    `say` is a lexicon for this line alone, which counts before the story's.
    """

    by: str = OWN
    rate: float = 0.0
    say: Mapping[str, str] = field(default_factory=dict)


AS_USUAL = Direction()

Directions = Mapping[int, Direction]
"""By the caption's number, unless said otherwise; what has none is told as usual."""


def as_json(directions: Directions) -> dict[str, Any]:
    """What says something, and only that."""
    return {
        str(number): {name: value for name, value in vars(one).items() if value}
        for number, one in sorted(directions.items())
        if one != AS_USUAL
    }


def from_json(found: Mapping[str, Any]) -> dict[int, Direction]:
    return {int(number): Direction(**one) for number, one in found.items()}


def dump(directions: Directions) -> bytes:
    return json.dumps(as_json(directions), ensure_ascii=False).encode()


def load(data: bytes) -> dict[int, Direction]:
    return from_json(json.loads(data))
