"""Chance that is tied to a place: what happens at the n-th visit of a site depends on nothing but seed, site and n.

So a fault can be taken out of a run, or a run be cut short, and the dice at every other site fall as before. That is
what makes shrinking possible; one common stream of random numbers would shift with the first difference.
"""

from __future__ import annotations

import struct
from hashlib import blake2b

_NUMBERS = struct.Struct("<4I")
_SCALE = 2.0**-32

Roll = tuple[float, float, float, float]
"""Four independent numbers, uniform in [0, 1)."""


class Dice:
    def __init__(self, seed: int) -> None:
        self._salt = seed.to_bytes(16, "big", signed=True)
        self._visits: dict[str, int] = {}

    def roll(self, site: str) -> tuple[int, Roll]:
        """Which visit of the site this is, from 0, and its numbers."""
        visit = self._visits.get(site, 0)
        self._visits[site] = visit + 1
        digest = blake2b(f"{site}#{visit}".encode(), digest_size=16, salt=self._salt).digest()
        one, two, three, four = _NUMBERS.unpack(digest)
        return visit, (one * _SCALE, two * _SCALE, three * _SCALE, four * _SCALE)
