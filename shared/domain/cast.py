"""Who reads which caption: the story's own narrator, another saved one, or the film's own voice.

A caption is given to somebody by its number in `job.json` (`{"cast": {"original": [3, 5], "papa": [2]}}`), or by a tag
at its beginning (`[original]`, `【原声】`, `[papa]`, `[narrator]`), which is for us and not for those who watch it;
the tag counts first. Of the others, `{"cast": {"alternate": ["mama", "papa"]}}` has narrators take turns. A narrator is
known by the name under `narrators/`; the story's own one, saved or not, is OWN here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace

from shared.domain import keys
from shared.domain.cues import CUES_MAX, Cue
from shared.domain.errors import Refused
from shared.domain.frozen import frozen
from shared.domain.readers import ALTERNATE, ORIGINAL, OWN, READERS_MAX, readers
from shared.domain.segments import GUARD_MS

# Cues of the film's own voice that lie so near together are one stretch of it.
TOUCHING_MS = 400

_TAG = re.compile(r"\s*[\[【［]\s*([^\[\]【】［］]{1,60}?)\s*[\]】］]\s*[:：]?\s*")
_TAGS = {**dict.fromkeys((ORIGINAL, "原声", "原聲"), ORIGINAL), **dict.fromkeys(("narrator", "旁白"), OWN)}
# A caption that ends so, or that is followed by a small letter, is not the end of a sentence.
_GOES_ON = ",，、;；:："


@frozen
class Casting:
    """Who may read: `numbers` gives captions by number, `tags` says whom a tag means, `turns` who takes turns with all
    that is given to nobody; without them OWN reads it.
    """

    numbers: Mapping[int, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=lambda: _TAGS)
    turns: tuple[str, ...] = ()


@frozen
class Cast:
    """All captions without their tags, and by number whom a caption was given to."""

    cues: tuple[Cue, ...]
    parts: Mapping[int, str]


@frozen
class Run:
    """What one reader reads in a row, and until when it may be read."""

    reader: str
    cues: tuple[Cue, ...]
    until_ms: int


def is_cast(value: object) -> bool:
    """Whether `job.json` may say this: at most READERS_MAX narrators, no caption given twice."""
    if not isinstance(value, dict) or not all(isinstance(given, list) for given in value.values()):
        return False
    turns = value.get(ALTERNATE)
    given = {name: numbers for name, numbers in value.items() if name != ALTERNATE}
    numbers = [number for some in given.values() for number in some]
    return (
        (turns is None or (len(turns) > 1 and all(map(_is_name, turns)) and len(turns) == len(set(turns))))
        and all(name == ORIGINAL or _is_name(name) for name in given)
        and all(map(_is_number, numbers))
        and len(numbers) == len(set(numbers))
        and len(readers(value, None)) <= READERS_MAX
    )


def casting(wanted: Mapping[str, Sequence[object]], narrator: str | None) -> Casting:
    """What `is_cast` lets pass, for a story whose own narrator may be a saved one. A tag may leave a family's name out
    (`[mama]` for `li--mama`).
    """
    numbers = {
        int(str(number)): _reader(name, narrator)
        for name, given in wanted.items()
        if name != ALTERNATE
        for number in given
    }
    names = [*readers(wanted, narrator), *([narrator] if narrator else [])]
    tags = {tag: _reader(name, narrator) for name in names for tag in (name.rpartition("--")[2], name)}
    turns = tuple(_reader(str(name), narrator) for name in wanted.get(ALTERNATE, ()))
    return Casting(numbers, {**_TAGS, **tags}, turns)


def cast(cues: Iterable[Cue], who: Casting) -> Cast:
    """The captions, told apart. A tag with nothing behind it keeps its words: a caption is never empty."""
    untagged: list[Cue] = []
    parts: dict[int, str] = {}
    for cue in cues:
        tag = _TAG.match(cue.text)
        meant = who.tags.get(tag.group(1).casefold()) if tag else None
        words = cue.text[tag.end() :] if tag and meant is not None else cue.text
        part = who.numbers.get(cue.number) if meant is None else meant
        if part is not None:
            parts[cue.number] = part
        untagged.append(replace(cue, text=words or cue.text))
    return Cast(tuple(untagged), parts)


def in_turns(spoken: Sequence[Cue], parts: Mapping[int, str], turns: Sequence[str]) -> dict[int, str]:
    """Who reads each cue: whom it was given to, else the next whose turn it is. A turn lasts until a sentence ends."""
    found: dict[int, str] = {}
    turn, before = 0, None
    for cue in spoken:
        if cue.number in parts or not turns:
            found[cue.number] = parts.get(cue.number, OWN)
            continue
        if before is not None and not _goes_on(before.text, cue.text):
            turn += 1
        before = cue
        found[cue.number] = turns[turn % len(turns)]
    return found


def stretches(cues: Iterable[Cue], originals: Collection[int]) -> tuple[tuple[int, int], ...]:
    """From and to, in ms, where the film's own voice is heard."""
    found: list[tuple[int, int]] = []
    for cue in cues:
        if cue.number not in originals:
            continue
        if found and cue.start_ms - found[-1][1] <= TOUCHING_MS:
            found[-1] = found[-1][0], cue.end_ms
        else:
            found.append((cue.start_ms, cue.end_ms))
    return tuple(found)


def runs(
    spoken: Sequence[Cue], own: Sequence[tuple[int, int]], film_ms: int, who: Mapping[int, str] | None = None
) -> list[Run]:
    """What is read in a row: up to the film's own voice, and up to another reader. `who` reads each cue; else OWN."""
    found: list[tuple[str, int, list[Cue]]] = []
    edges = [*(start_ms for start_ms, _ in own), film_ms]
    for cue in spoken:
        edge_ms = next((edge for edge in edges if edge > cue.start_ms), film_ms)
        reader = (who or {}).get(cue.number, OWN)
        if found and found[-1][:2] == (reader, edge_ms):
            found[-1][2].append(cue)
        else:
            found.append((reader, edge_ms, [cue]))
    ends = [(edge_ms, cues[0].start_ms) for _, edge_ms, cues in found[1:]] + [(0, 0)]
    return [
        Run(reader, tuple(cues), max(cues[-1].end_ms, next_ms - GUARD_MS) if next_edge_ms == edge_ms else edge_ms)
        for (reader, edge_ms, cues), (next_edge_ms, next_ms) in zip(found, ends, strict=False)
    ]


def _reader(name: str, narrator: str | None) -> str:
    return OWN if name == narrator else name


def _goes_on(text: str, following: str) -> bool:
    """Whether the sentence does; captions without punctuation are each taken for one."""
    return text.rstrip()[-1:] in _GOES_ON or following.lstrip()[:1].islower()


def _is_name(name: object) -> bool:
    try:
        return isinstance(name, str) and name not in {ORIGINAL, ALTERNATE} and bool(keys.narrator(name))
    except Refused:
        return False


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= CUES_MAX
