"""The page of Model Studio's models, from the catalogue: what each takes, gives and costs, and a request to copy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from cli.catalogue import free_of, limits_of, prices_of, state_of
from docs.languages import Language, table
from shared.domain import requests
from shared.domain.catalogue import CATALOGUE
from shared.domain.catalogue.checking import wanted
from shared.domain.catalogue.model import File, Form, Input, Model, Parameter, Status, Way
from shared.domain.prices import yuan
from shared.domain.requests import Request

EXAMPLES = Path(__file__).resolve().parents[1] / "examples" / "requests"
CODECS = {"avc": "H.264", "hevc": "H.265"}
ANY_FPS = 1000.0
"""No limit, as the catalogue writes it."""


def render(language: Language) -> str:
    """The page is written in English only."""
    del language
    head = ["model", "what it makes", "yuan", "free", "a second / at once", "state"]
    overview = table(head, [_row(model) for model in CATALOGUE.values()])
    return "\n".join([overview, *(_chapter(model) for model in CATALOGUE.values())])


def examples() -> dict[str, Request]:
    """Every request of `examples/requests`, by the name of its file."""
    return {path.stem: requests.read(path.read_bytes()) for path in sorted(EXAMPLES.glob("*.json"))}


def _row(model: Model) -> list[str]:
    link = f"[`{model.name}`](#{_anchor(model)})"
    return [link, model.title, prices_of(model), free_of(model), limits_of(model), state_of(model)]


def _anchor(model: Model) -> str:
    return model.name.replace(".", "")


def _chapter(model: Model) -> str:
    parts = [f"### {model.name}\n", f"{model.title[0].upper()}{model.title[1:]}. {_address(model)}\n"]
    parts += [_fields(model, form) for form in model.forms]
    parts.append(_result(model))
    if model.likely:
        parts.append(f"Known from one secondary source only: {', '.join(model.likely)}.\n")
    parts.extend(_copies(model))
    return "\n".join(parts)


def _address(model: Model) -> str:
    way = "with the asynchronous header" if model.way is Way.TASK else "answered at once"
    return f"`POST /services/aigc/{model.path}`, {way}. State: {state_of(model)}. Page: {model.source}."


def _fields(model: Model, form: Form) -> str:
    fields = wanted(model, {"function": form.name} if form.name else {})
    rows = [[f"`input.{one.name}`", _rule(one), _need(fields.form, one), "-"] for one in fields.inputs]
    rows += [[f"`parameters.{one.name}`", f"`{one.rule.words}`", "-", _default(one)] for one in fields.parameters]
    title = f"With `function` = `{form.name}`:\n\n" if form.name else ""
    return f"{title}{table(['field', 'allowed', 'needed', 'default'], rows)}"


def _rule(one: Input) -> str:
    if one.rule is not None:
        return f"`{one.rule.words}`"
    assert one.file is not None  # noqa: S101  an input is one or the other, a test says
    listed = f", up to {one.files}" if one.files else ""
    return f"{one.file.medium.value}{listed}: {', '.join(_limits(one.file))}"


def _limits(limits: File) -> Iterator[str]:
    yield "/".join(limits.containers)
    if limits.mb_max:
        yield f"{limits.mb_max:g} MB"
    if limits.side_px != (0, 0):
        yield f"{limits.side_px[0]}-{limits.side_px[1]} px a side"
    if limits.ratio_max:
        yield f"ratio up to {limits.ratio_max:g}"
    if limits.seconds != (0.0, 0.0):
        yield f"{limits.seconds[0]:g}-{limits.seconds[1]:g} s"
    if limits.seconds_below:
        yield f"under {limits.seconds_below:g} s"
    if limits.fps != (0.0, 0.0):
        slow, fast = limits.fps
        yield f"from {slow:g} fps" if fast >= ANY_FPS else f"{slow:g}-{fast:g} fps"
    if limits.codecs:
        yield "/".join(CODECS[codec] for codec in limits.codecs)


def _need(form: Form, one: Input) -> str:
    for names in form.one_of:
        if one.name in names:
            return f"one of {', '.join(names)}"
    for names in form.some_of:
        if one.name in names:
            return f"at least one of {', '.join(names)}"
    return "yes" if one.needed else "-"


def _default(one: Parameter) -> str:
    return "-" if one.default is None else f"`{json.dumps(one.default)}`"


def _result(model: Model) -> str:
    places = " or ".join(f"`output.{'.'.join(path)}`" for path in model.result)
    counted = f"`usage.{model.usage[0]}`"
    before = "".join(f" Runs `{link.model}` first." for link in model.before)
    passes = f" Passed when `output.{model.passes}` is true." if model.passes else ""
    return f"Result: {places}; billed by {counted}; {prices_of(model)}.{before}{passes}\n"


def _copies(model: Model) -> Iterator[str]:
    for name, request in examples().items():
        if request.model is model:
            text = (EXAMPLES / f"{name}.json").read_text("utf-8").strip()
            quoted = requests.quote(request, {})
            low, high = yuan(quoted.low), yuan(quoted.high)
            cost = "" if model.status is Status.DEPLOYED_ONLY else f", {low if low == high else f'{low} - {high}'} yuan"
            yield f"`examples/requests/{name}.json`{cost}:\n\n```json\n{text}\n```\n"
