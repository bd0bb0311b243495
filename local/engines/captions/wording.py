"""The words of a caption as they should be written: one line for each line shown, Chinese first."""

from __future__ import annotations

import re
from collections.abc import Iterable

from local.engines.captions.words import with_spaces

# A line with both languages side by side: three English words or more at one end are a translation.
_WORD = r"[A-Za-z][A-Za-z'’-]*"
_ENGLISH = rf"{_WORD}(?:[\s,.;:!?…\"“”]+{_WORD}){{2,}}[\s,.;:!?…\"“”]*"
_SIDE_BY_SIDE = (re.compile(rf"^(?P<en>{_ENGLISH})(?P<zh>.+)$"), re.compile(rf"^(?P<zh>.+?)\s*(?P<en>{_ENGLISH})$"))
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
# The reader cannot always tell the wide marks of Chinese from the narrow ones.
_MARK_BY_HAN = re.compile(
    "(?<=[\u3400-\u9fff\uf900-\ufaff”’》」])[,?!:;]|[,?!:;](?=\\s*[\u3400-\u9fff\uf900-\ufaff“‘《「])"
)
_STOP_AFTER_HAN = re.compile("(?<=[\u3400-\u9fff\uf900-\ufaff”’》」])\\.$")
_WIDE = str.maketrans(",?!:;", "，？！：；")
_SPACE_BETWEEN_HAN = re.compile("(?<=[，。？！：；、])\\s+|\\s+(?=[，。？！：；、])")


def has_han(text: str) -> bool:
    return _HAN.search(text) is not None


def word_characters(text: str) -> int:
    """How many letters, figures and Chinese characters there are."""
    return sum(character.isalnum() for character in text)


def written(lines: Iterable[str]) -> str:
    """The text of a caption from its lines as read, in the order they are shown."""
    parts = [part for line in lines for part in _languages(line)]
    chinese = [_chinese(part) for part in parts if has_han(part)]
    others = [with_spaces(part) for part in parts if not has_han(part)]
    return "\n".join([*chinese, *others])


def _languages(line: str) -> list[str]:
    """A line cut where its language changes."""
    if has_han(line):
        for pattern in _SIDE_BY_SIDE:
            sides = pattern.match(line)
            if sides and has_han(sides["zh"]):
                return [sides["zh"].strip(), sides["en"].strip()]
    return [line]


def _chinese(line: str) -> str:
    wide = _MARK_BY_HAN.sub(lambda mark: mark.group().translate(_WIDE), line)
    return _SPACE_BETWEEN_HAN.sub("", _STOP_AFTER_HAN.sub("。", wide))
