"""What is wrong with a request, before any call that costs: every problem names the field, the rule and the nearest
allowed value.

Fields of a chain are asked for together: a request for `emo-v1` is checked as what `emo-detect-v1` and `emo-v1` take
between them, less what the first answers to the second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from shared.domain import keys
from shared.domain.catalogue import CATALOGUE
from shared.domain.catalogue.model import Form, Input, Link, Model, Parameter
from shared.domain.catalogue.rules import most_alike
from shared.domain.errors import Refused
from shared.domain.frozen import frozen

URL_CHARACTERS_MAX = 2048
FUNCTION = "function"

_URL = re.compile(r"https://[A-Za-z0-9.-]+(?::\d{1,5})?/[!-~]*")
_MEANT = {
    "image_url": ("img_url", "first_frame_url"),
    "img_url": ("image_url", "first_frame_url"),
    "resolution": ("size",),
    "size": ("resolution", "min_len"),
    "fps": ("video_fps",),
    "style_level": ("template_id",),
    "audio_url": ("driving_audio_url",),
}
"""Names that are right for another model, and what the same thing is called here."""

Fields = Mapping[str, object]


@frozen
class Wanted:
    """What a request for a model may hold, chain and all. `links` are those that have to run."""

    inputs: tuple[Input, ...]
    parameters: tuple[Parameter, ...]
    form: Form
    links: tuple[Link, ...]


def model_named(name: object) -> Model:
    """`request.model` with the most similar name when there is none of this one."""
    found = CATALOGUE.get(name) if isinstance(name, str) else None
    if found is None:
        nearest = most_alike(str(name), list(CATALOGUE), cutoff=0.4) or next(iter(CATALOGUE))
        raise Refused("request.model", name=_shown(name), known=", ".join(CATALOGUE), nearest=nearest)
    return found


def wanted(model: Model, given: Fields) -> Wanted:
    """The fields of this model, given some of them: its function, and whether a chain's first links may be left out."""
    form = _form(model, given)
    inputs = {one.name: one for one in form.inputs}
    parameters = {one.name: one for one in form.parameters}
    links = tuple(link for link in model.before if not _is_answered(link, given))
    for link in model.before:
        first = CATALOGUE[link.model].forms[0]
        is_left_out = link not in links
        for name in link.gives.values():
            inputs[name] = replace(inputs[name], needed=is_left_out)
        for one in first.inputs:
            if one.name in link.inputs and one.name not in inputs and not is_left_out:
                inputs[one.name] = one
        for parameter in first.parameters:
            if parameter.name in link.parameters and not is_left_out:
                parameters[parameter.name] = parameter
    return Wanted(tuple(inputs.values()), tuple(parameters.values()), form, links)


def problems(model: Model, inputs: Fields, parameters: Fields) -> list[Refused]:
    """Everything that is wrong with a request, as far as it can be told without looking into its files."""
    if model.form_names and inputs.get(FUNCTION) not in model.form_names:
        return [_wrong_function(model, inputs)]
    fields = wanted(model, inputs)
    return [
        *_of_inputs(fields, inputs),
        *_of_parameters(fields, parameters),
        *_of_groups(fields, inputs, parameters),
    ]


def _form(model: Model, given: Fields) -> Form:
    return next((form for form in model.forms if form.name == given.get(FUNCTION)), model.forms[0])


def _is_answered(link: Link, given: Fields) -> bool:
    return bool(link.gives) and all(name in given for name in link.gives.values())


def _wrong_function(model: Model, inputs: Fields) -> Refused:
    value = inputs.get(FUNCTION)
    nearest = most_alike(str(value), model.form_names, cutoff=0.3) or model.form_names[0]
    return _wrong(f"input.{FUNCTION}", value, " | ".join(model.form_names), nearest)


def _of_inputs(fields: Wanted, given: Fields) -> Iterator[Refused]:
    known = {one.name: one for one in fields.inputs}
    yield from (_unknown("input", name, known) for name in given if name not in known)
    for name, one in known.items():
        place = f"input.{name}"
        if name not in given:
            if one.needed:
                yield Refused("request.missing", name=place, rule=_words(one))
        elif one.file is not None:
            yield from _of_files(place, one, given[name])
        elif one.rule is not None and not one.rule.admits(given[name]):
            yield _wrong(place, given[name], one.rule.words, one.rule.nearest(given[name]))
    for link in fields.links:
        part = [name for name in link.gives.values() if name in given]
        if part:
            yield Refused("request.together", names=", ".join(f"input.{name}" for name in link.gives.values()))


def _of_files(place: str, one: Input, value: object) -> Iterator[Refused]:
    """A file is a key of the input bucket or an https url; where several are taken, a list of them."""
    files = value if isinstance(value, list) and one.files else [value]
    if not 1 <= len(files) <= max(1, one.files):
        yield _wrong(place, value, _words(one), f"1 - {one.files}")
    for each in files:
        if not is_place(each):
            yield _wrong(place, each, _words(one), "")


def is_place(value: object) -> bool:
    """Whether a value names a file: a key of the input bucket, or an https url."""
    if not isinstance(value, str):
        return False
    if "://" in value:
        return len(value) <= URL_CHARACTERS_MAX and bool(_URL.fullmatch(value))
    try:
        keys.input_key(value)
    except Refused:
        return False
    return True


def _of_parameters(fields: Wanted, given: Fields) -> Iterator[Refused]:
    known = {one.name: one for one in fields.parameters}
    yield from (_unknown("parameters", name, known) for name in given if name not in known)
    for name, one in known.items():
        if name in given and not one.rule.admits(given[name]):
            yield _wrong(f"parameters.{name}", given[name], one.rule.words, one.rule.nearest(given[name]))


def _of_groups(fields: Wanted, inputs: Fields, parameters: Fields) -> Iterator[Refused]:
    for names in fields.form.one_of:
        if sum(name in inputs for name in names) != 1:
            yield Refused("request.one_of", names=" | ".join(f"input.{name}" for name in names))
    for names in fields.form.some_of:
        if not any(name in inputs for name in names):
            yield Refused("request.some_of", names=" | ".join(f"input.{name}" for name in names))
    for first, second in fields.form.alike:
        one, other = inputs.get(first), parameters.get(second)
        if isinstance(other, list) and len(other) != (len(one) if isinstance(one, list) else 1):
            yield Refused("request.alike", names=f"input.{first}, parameters.{second}")


def _unknown(part: str, name: str, known: Mapping[str, object]) -> Refused:
    place = f"{part}.{_shown(name)}"
    if not known:
        return Refused("request.no_fields", name=place, part=part)
    meant = next((other for other in _MEANT.get(name, ()) if other in known), "")
    nearest = meant or most_alike(name, list(known), cutoff=0.6)
    allowed = ", ".join(known)
    return Refused("request.field", name=place, known=allowed, nearest=nearest or allowed)


def _wrong(place: str, value: object, rule: str, nearest: str) -> Refused:
    return Refused("request.value", name=place, value=_shown(value), rule=rule, nearest=nearest or rule)


def _words(one: Input) -> str:
    if one.rule is not None:
        return one.rule.words
    return "key | https://…" if not one.files else f"[key | https://…] x 1 - {one.files}"


def _shown(value: object) -> str:
    """Short, and without what breaks the file it is written to; nothing is shown as two quotation marks."""
    text = str(value)[:60] or '""'
    return "".join(character if character.isprintable() else "?" for character in text)
