"""Calls that cost and leave no task behind, counted where they are made; and whether what they use was made before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from shared.domain.job import StepRow, StepState
from shared.domain.keys import parse_wake

Effect = tuple[str, str, str, str]
"""Job, step, item and name of a row of the ledger."""

LOOKED_AT = frozenset({"voices.speak", "avatars.detect", "avatars.animate", "media.compose", "generators.check"})


PAID = LOOKED_AT | {"media.read_captions", "media.split_music", "media.recognise", "voices.enrol", "generators.submit"}
"""Calls that cost, or make something of a person."""


class Purchases:
    """`steps` gives the rows of a job; `lines` are the texts that are spoken, with the numbers of their cues; `beside`
    names those who read beside a story's own narrator.
    """

    def __init__(
        self, steps: Callable[[str], dict[tuple[str, str], StepRow]], lines: Mapping[str, int], beside: Collection[str]
    ) -> None:
        self.bought: Counter[Effect] = Counter()
        self.early: list[str] = []
        self._steps = steps
        self._lines = lines
        self._beside = beside

    def noting(self, name: str, subject: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method, noted when it succeeds; `subject` is the key of the wake that the caller works on."""
        wake = parse_wake(subject)

        def call(*args: Any, **more: Any) -> Any:
            if name in {"avatars.animate", "media.compose"}:
                self._look(wake.job, wake.step, wake.item)
            result = method(*args, **more)
            if name == "voices.speak":
                cue = f"cue-{self._lines[args[2]]:04}-{more['seed']}"
                self.bought[wake.job, wake.step, wake.item or "-", cue] += 1
            elif name == "avatars.detect":
                self.bought[wake.job, "detect", "-", f"face-{args[0]}{self._reader(args[2])}"] += 1
            elif name == "generators.check":
                self.bought[wake.job, "generate", "-", "call-1"] += 1
            return result

        return call

    def _reader(self, photo_url: str) -> str:
        """As the name of a photo check ends that is of somebody who reads beside."""
        name = urlsplit(photo_url).path.split("/")[2]
        return f"-{name}" if name in self._beside else ""

    def _look(self, job_id: str, step: str, item: str) -> None:
        """S5: the speech of a clip, and every clip of a film, is there and its row says so."""
        for (made_by, made), row in self._steps(job_id).items():
            is_used = (step == "animate" and (made_by, made) == ("speak", item)) or (
                step == "compose" and made_by == "animate"
            )
            if is_used and row.state is not StepState.DONE:
                self.early.append(f"{job_id}/{step}/{item} used {made_by}/{made} while it was {row.state.value}")
