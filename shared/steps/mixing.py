"""The music of a story: which there is, how long it is and how loud, measured once, without reading all of it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from shared.domain import keys, loudness, mix, wave
from shared.domain.errors import EchobotError, Refused
from shared.domain.timeline import Bed
from shared.engine.turn import Turn
from shared.log import redact_text
from shared.ports import Bucket, Place

LUFS = "lufs"
HEAD_BYTES = 4096
BLOCKS = 40
# Times the length of all blocks: what is shorter is read at once, which is less than to ask for each of them.
SHORT = 4
# The end of an mp3 is told from its size, and the sound may end a little before it.
GIVEN_MS_SPARED = 100


def beds(turn: Turn, spoken: tuple[tuple[int, int], ...]) -> list[Bed]:
    """New music from the family, the film's own without its voice, both, or none; what is as good as silent is none."""
    found = []
    given = turn.job.assets.get("music")
    if given is not None and turn.job.options.music in {"replace", "add"}:
        lufs = _lufs(turn, given.place)
        found.append(_bed(turn, given.place, spoken, lufs, GIVEN_MS_SPARED))
    key = turn.result("separate", "music")["music"]
    if key and turn.job.options.keeps_music:
        lufs = _own_lufs(turn)
        found.append(replace(_bed(turn, Place(Bucket.WORK, key), spoken, lufs), is_own=True))
    return [bed for bed in found if bed.lufs is None or bed.lufs > mix.NOTHING_LUFS]


def stems(job_id: str) -> Place:
    """Where the separated sounds appear."""
    return Place(Bucket.WORK, keys.stems(job_id))


def none(error: EchobotError) -> dict[str, object]:
    """What a separation that failed comes to: a story without its music is better than no story."""
    return {"music": "", "note": redact_text(f"separation failed: {error.code} {error.detail}")[:300]}


def kept(turn: Turn, key: str) -> dict[str, object]:
    """What a separation comes to: the music at `key`, if there is any, and how loud it is. Measured here, while others
    of the story's steps are at work, and not again when all wait for the film.
    """
    if not key:
        return {"music": "", "note": "none found"}
    return {"music": key, "note": "", LUFS: _lufs(turn, Place(Bucket.WORK, key))}


def note(turn: Turn) -> str:
    """What the report says of the music."""
    if turn.job.options.music == "replace":
        return "replaced"
    found = turn.result("separate", "music")
    if found["note"]:
        return str(found["note"])
    lufs = _own_lufs(turn)
    if lufs is not None and lufs <= mix.NOTHING_LUFS:
        return "none found"
    return "kept and added to" if turn.job.options.music == "add" else "kept"


def _bed(turn: Turn, place: Place, spoken: tuple[tuple[int, int], ...], lufs: float | None, spared_ms: int = 0) -> Bed:
    length_ms = int(turn.world.probe.facts(place).seconds * 1000) - spared_ms
    return Bed(turn.world.objects.plain_url(place), max(1000, length_ms), lufs, spoken)


def _own_lufs(turn: Turn) -> float | None:
    """As it was measured when it came; a release before did not, and its music may be gone by now."""
    found = turn.result("separate", "music")
    if LUFS in found:
        return None if found[LUFS] is None else float(found[LUFS])
    place = Place(Bucket.WORK, found["music"])
    return _lufs(turn, place) if turn.world.objects.head(place) is not None else None


def _lufs(turn: Turn, place: Place) -> float | None:
    """Of its first channel and one like it; None for what is no WAV, which nothing here can decode."""
    head = turn.world.objects.read(place, 0, HEAD_BYTES)
    try:
        rate = wave.read(head).rate
        blocks = [wave.read(block).pcm for block in _blocks(turn, place, head)]
    except Refused:
        return None
    return round(loudness.loudness(blocks, rate) + 3.0, 1)


def _blocks(turn: Turn, place: Place, head: bytes) -> Iterator[bytes]:
    """Small WAVs out of one that may be large, evenly over it."""
    start = head.index(b"data") + 8
    _, _, rate, _, frame = struct.unpack_from("<HHIIH", head, head.index(b"fmt ") + 8)
    info = turn.world.objects.head(place)
    frames = ((info.size if info else 0) - start) // frame
    size = rate * loudness.BLOCK_MS // 1000
    count = min(BLOCKS, frames // size)
    read = partial(turn.world.objects.read, place)
    if 0 < frames < SHORT * BLOCKS * size:
        read = partial(_cut, read(0))
    # the header promises more than follows, which is forgiven
    for number in range(count):
        at = start + frames * number // count * frame
        yield head[:start] + read(at, size * frame)


def _cut(whole: bytes, at: int, length: int) -> bytes:
    return whole[at : at + length]
