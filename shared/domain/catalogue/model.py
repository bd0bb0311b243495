"""What is known of one Model Studio model, as typed data: what it takes, gives, allows and costs.

Apart from the entries, so that a family of models is a table and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from shared.domain.catalogue.rules import Plain, Rule
from shared.domain.frozen import frozen

MB = 1024 * 1024


class Status(str, Enum):
    LIVING = "living"
    ANNOUNCED_OFF = "announced off"  # the vendor named a day on which the shared model ends
    DEPLOYED_ONLY = "deployed only"  # runs on an instance of one's own, under a name of its own


class Way(str, Enum):
    """How a model answers."""

    AT_ONCE = "at once"  # synchronous, without the async header
    TASK = "task"  # with the async header: a task id now, an event later


class Medium(str, Enum):
    PICTURE = "picture"
    SOUND = "sound"
    FILM = "film"


@frozen
class File:
    """Limits of an input file; a pair is from and to, both included, and `(0, 0)` is no limit.

    `containers` in the words of `ports.MediaFacts`. `seconds_below` is a limit that itself is not allowed any more.
    """

    medium: Medium
    containers: tuple[str, ...]
    mb_max: float = 0.0
    side_px: tuple[int, int] = (0, 0)
    ratio_max: float = 0.0
    seconds: tuple[float, float] = (0.0, 0.0)
    seconds_below: float = 0.0
    fps: tuple[float, float] = (0.0, 0.0)
    codecs: tuple[str, ...] = ()


@frozen
class Input:
    """A field of `input`: a file (`file`), a list of at most `files` files, or a plain value (`rule`).

    With `listed_as` it goes into `input.media` as `{"type": listed_as, "url": ...}` instead of a field of its own.
    """

    name: str
    file: File | None = None
    rule: Rule | None = None
    needed: bool = True
    files: int = 0
    listed_as: str = ""


@frozen
class Parameter:
    """A field of `parameters`; `default` is the vendor's, None when it has none or picks one by itself."""

    name: str
    rule: Rule
    default: Plain | None = None


@frozen
class Form:
    """What one way to call a model takes. Most models have one form; `wanx2.1-vace-plus` has one a function.

    Of each group in `one_of` exactly one input must be given, of `some_of` at least one; lists named together in
    `alike` have one length. `seconds_of` says what the length of its result follows, where that is not so for each form
    of the model (see `Pricing`).
    """

    inputs: tuple[Input, ...]
    parameters: tuple[Parameter, ...] = ()
    name: str = ""
    one_of: tuple[tuple[str, ...], ...] = ()
    some_of: tuple[tuple[str, ...], ...] = ()
    alike: tuple[tuple[str, str], ...] = ()
    seconds_of: str = ""


@frozen
class Pricing:
    """Tariffs (names in `shared.domain.prices`) by the value of a parameter or of a box's shape, named by `by`.

    With no `by` there is one tariff, under the key `""`. `seconds_of` says what the length of the result follows, so
    that it can be quoted before the call: an input file, a parameter, or a number of seconds. With the end of the file
    `ends_with` the result ends as well, if that comes first and the parameter `goes_on` is not set.
    """

    tariffs: Mapping[str, str] = field(default_factory=dict)
    by: str = ""
    seconds_of: str | float = ""
    ends_with: str = ""
    goes_on: str = ""


@frozen
class Link:
    """A model that must run before: it is given inputs and parameters of the request by the same names, and its answer
    fills inputs of the next (`gives`: its field -> the next one's). It is left out when all it gives is given.
    """

    model: str
    inputs: tuple[str, ...]
    gives: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()


@frozen
class Model:
    """One model. `path` follows `services/aigc/`.

    `result` is where the answer holds what was made: the path to a url, or to a template id; several when the
    documents differ. `passes` is the field of a check that must be true; empty when it is the boxes that tell.
    `usage` are the names under which the answer counts what is billed, best first. `free` is the free quota in units
    of the tariff; `per_s` and `at_once` are the account's limits of submissions a second and of running tasks.
    """

    name: str
    title: str
    path: str
    forms: tuple[Form, ...]
    result: tuple[tuple[str, ...], ...]
    usage: tuple[str, ...]
    pricing: Pricing
    source: str
    way: Way = Way.TASK
    passes: str = ""
    before: tuple[Link, ...] = ()
    free: int = 0
    per_s: int = 2
    at_once: int = 2
    status: Status = Status.LIVING
    off_on: str = ""
    likely: tuple[str, ...] = ()
    """What is known from a secondary source only."""

    @property
    def form_names(self) -> tuple[str, ...]:
        return tuple(form.name for form in self.forms if form.name)
