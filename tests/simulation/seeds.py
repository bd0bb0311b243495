"""Which seeds a commit plays: all that ever failed, and some that nobody has played before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import blake2b
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KNOWN = Path(__file__).with_name("seeds.txt")
CODE = ("shared", "functions", "tests/simulation")

FRESH_MAX = 2**48

_LINE = re.compile(r"(\d+)  (\S.*\.)")


@cache
def known() -> Mapping[int, str]:
    """The seeds of seeds.txt with their sentences; `ValueError` for a line that is neither that nor a remark."""
    found: dict[int, str] = {}
    for line in KNOWN.read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None or int(match[1]) in found:
            raise ValueError(f"{KNOWN.name}: {line!r}")
        found[int(match[1])] = match[2]
    return found


def fresh(count: int) -> range:
    """Seeds that follow from the code as it is: other code, other seeds; the same code always plays the same ones."""
    digest = blake2b(digest_size=8)
    for path in _sources():
        digest.update(path.read_bytes())
    first = int.from_bytes(digest.digest(), "big") % FRESH_MAX
    return range(first, first + count)


def _sources() -> Iterator[Path]:
    for folder in CODE:
        yield from sorted((ROOT / folder).rglob("*.py"))
