"""Template ids of AnimateAnyone. The vendor's are opaque; these hold the movement itself, so nothing has to be kept."""

from __future__ import annotations

import hashlib
import re

from local.engines.contract import Movement

_ID = re.compile(r"AACT\.s(\d+)-x(\d+)-y(\d+)-b(\d+)-[0-9a-f]{8}")


def write(movement: Movement, film: bytes) -> str:
    numbers = (movement.seconds, movement.sway, movement.bounce, movement.beats)
    s, x, y, b = (round(number * 1000) for number in numbers)
    return f"AACT.s{s}-x{x}-y{y}-b{b}-{hashlib.sha256(film).hexdigest()[:8]}"


def read(template_id: str) -> Movement | None:
    """None for an id that was never given."""
    found = _ID.fullmatch(template_id)
    if found is None:
        return None
    seconds, sway, bounce, beats = (int(number) / 1000 for number in found.groups())
    return Movement(seconds, sway, bounce, beats)
