"""What OSS allows and we hold ourselves to, whichever way an object is reached."""

from __future__ import annotations

from shared.domain.errors import Corrupt

SHARE_S_MAX = 604_800
"""A V4 signature lives 7 days at most; oss2 does not check it."""


def our_key(key: str) -> str:
    """Keys of ours are ASCII: nowhere in the pipeline is a key encoded or decoded."""
    if not key or not key.isascii() or not key.isprintable():
        raise Corrupt("internal", f"not a key of ours: {key!r}")
    return key


def sharing_s(lasting_s: int) -> int:
    if not 0 < lasting_s <= SHARE_S_MAX:
        raise Corrupt("internal", f"a url cannot be signed for {lasting_s} s")
    return lasting_s
