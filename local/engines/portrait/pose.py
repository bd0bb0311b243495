"""What the puppet is asked to do in one frame."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Turn:
    """Of the head: degrees; shifts are fractions of the face's width, `brow` is 0 at rest and 1 raised."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    right: float = 0.0
    down: float = 0.0
    brow: float = 0.0


@dataclass(frozen=True)
class Pose:
    """`opening` 0 to 1, `width` of the mouth -1 (round) to 1 (spread), `blink` 0 to 1."""

    opening: float = 0.0
    width: float = 0.0
    blink: float = 0.0
    turn: Turn = Turn()
