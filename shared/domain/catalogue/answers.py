"""What a model's answer says: where the result is, what it counts, and what its status words mean.

Places differ from model to model and from page to page (`output.results.video_url` for portraits, `output.video_url`
for wan, `output.output_video_url` for styles, `output.template_id` for templates; in older text `results` is a list, or
`video_url` is), so one reader takes them all, and words it does not know mean that the task goes on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import field
from enum import Enum

from shared.domain.catalogue.model import Model
from shared.domain.frozen import frozen

Fields = Mapping[str, object]

URL_FIELDS = ("video_url", "output_video_url", "url")
SECONDS_FIELDS = ("video_duration", "duration", "output_video_duration")
RATIO_FIELDS = ("video_ratio", "size")


class Word(str, Enum):
    """What a task's status means to us."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    FORGOTTEN = "forgotten"


WORDS: Mapping[str, Word] = {
    "PENDING": Word.RUNNING,
    "PRE-PROCESSING": Word.RUNNING,
    "RUNNING": Word.RUNNING,
    "POST-PROCESSING": Word.RUNNING,
    "SUSPENDED": Word.RUNNING,
    "SUCCEEDED": Word.SUCCEEDED,
    "FAILED": Word.FAILED,
    "CANCELED": Word.CANCELLED,
    "CANCELLED": Word.CANCELLED,
    "UNKNOWN": Word.FORGOTTEN,
}


@frozen
class Made:
    """A finished task: `url` of a film, or `template_id`; `seconds` and `images` as they are billed, 0 when untold."""

    url: str = ""
    template_id: str = ""
    seconds: float = 0.0
    images: int = 0
    ratio: str = ""
    usage: Fields = field(default_factory=dict)

    @property
    def is_something(self) -> bool:
        return bool(self.url or self.template_id)


def word_of(status: object) -> Word:
    return WORDS.get(str(status).upper(), Word.RUNNING)


def made_of(output: object, usage: object) -> Made:
    """What a finished task made, whatever the shape of its answer."""
    found, counted = _fields(output), _fields(usage)
    template = found.get("template_id")
    return Made(
        url=next(_urls(found), ""),
        template_id=template if isinstance(template, str) else "",
        seconds=next(_numbers(counted, SECONDS_FIELDS), 0.0),
        images=round(next(_numbers(counted, ("image_count",)), 0.0)),
        ratio=str(next((counted[name] for name in RATIO_FIELDS if name in counted), "")),
        usage=counted,
    )


def passes(model: Model, output: object) -> bool:
    """Whether a check let its picture pass: by its word where it has one, and with everything it is to tell.

    A rejection comes as HTTP 200, with empty code and message, and is billed; emoji-detect-v1 has no word at all.
    """
    found = _fields(output)
    if model.passes:
        return found.get(model.passes) is True
    return all(_fields(found).get(place[-1]) for place in model.result)


def _fields(value: object) -> Fields:
    return value if isinstance(value, Mapping) else {}


def _urls(output: Fields) -> Iterator[str]:
    results = output.get("results")
    for place in (*(results if isinstance(results, list) else [results]), output):
        for name in URL_FIELDS:
            told = _fields(place).get(name)
            yield from (url for url in (told if isinstance(told, list) else [told]) if isinstance(url, str) and url)


def _numbers(counted: Fields, names: tuple[str, ...]) -> Iterator[float]:
    for name in names:
        value = counted.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value >= 0:
            yield float(value)
