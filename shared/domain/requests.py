"""A request file, `requests/<id>.json`: read, checked whole, and turned into the calls that it takes.

    {"model": "emo-v1", "input": {"image_url": "requests/one/photo.png", "audio_url": "https://…"},
     "parameters": {"ratio": "3:4"}, "deployed": {"emo-v1": "emo-of-ours"}, "cap_yuan": 2.5, "family": "lin"}

Apart from the catalogue, which says what each model takes: here is what Echobot adds. A chain (check, template,
generate) is one request; files are keys of the input bucket, signed when they are sent, or https urls.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any

from shared.domain.catalogue import CATALOGUE
from shared.domain.catalogue.checking import Fields, model_named, problems, wanted
from shared.domain.catalogue.files import FileFacts
from shared.domain.catalogue.model import File, Input, Link, Model, Parameter, Status, Way
from shared.domain.catalogue.rules import shape_of
from shared.domain.errors import Refused
from shared.domain.frozen import frozen
from shared.domain.prices import PRICES, YUAN, Item, Quote, Unit, amount

BYTES_MAX = 64 * 1024
KNOWN = ("model", "input", "parameters", "deployed", "cap_yuan", "family")
CAP_YUAN_MAX = 10_000
DEPLOYED = "deployed"
"""The tariff of an instance of one's own: nothing a call."""

UNTOLD_S = (0.0, 60.0)
"""Nothing tells how long the result will be: a minute is the longest that a template can be."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_FAMILY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?")


@frozen
class Request:
    """What was asked for, checked. `deployed` maps a model to the name of an instance of one's own."""

    model: Model
    inputs: Fields
    parameters: Fields
    deployed: Mapping[str, str] = field(default_factory=dict)
    cap_yuan: float = 0.0
    family: str = "family"

    @property
    def is_dated(self) -> bool:
        """Whether the shared model was announced as switched off and no instance stands in for it."""
        return self.model.status is Status.ANNOUNCED_OFF and self.model.name not in self.deployed


@frozen
class Call:
    """One call of a request; `called` is the name the vendor is given. `link` is None for the last one."""

    model: Model
    called: str
    inputs: tuple[Input, ...]
    parameters: tuple[Parameter, ...]
    link: Link | None = None

    @property
    def is_task(self) -> bool:
        return self.model.way is Way.TASK


# --- reading


def read(data: bytes) -> Request:
    """The request, as far as the file alone tells; `Wrong` with everything that is wrong with it."""
    found = _load(data)
    wrong = [
        Refused("request.field", name=name[:40], known=", ".join(KNOWN), nearest="input, parameters")
        for name in found
        if name not in KNOWN
    ]
    inputs, parameters, deployed = (found.get(name, {}) for name in ("input", "parameters", "deployed"))
    for name, part in (("input", inputs), ("parameters", parameters), ("deployed", deployed)):
        if not isinstance(part, dict):
            wrong.append(Refused("request.value", name=name, value=str(part)[:60], rule="{ }", nearest="{ }"))
    wrong.extend(_of_own_fields(found))
    try:
        model = model_named(found.get("model"))
    except Refused as error:
        raise Wrong([error, *wrong]) from error
    if all(isinstance(part, dict) for part in (inputs, parameters, deployed)):
        wrong.extend(problems(model, inputs, parameters))
        wrong.extend(_of_deployment(model, deployed))
    if wrong:
        raise Wrong(wrong)
    cap, family = float(found.get("cap_yuan", 0.0)), str(found.get("family", "family"))
    return Request(model, inputs, parameters, deployed, cap, family)


class Wrong(Exception):  # noqa: N818  the project's words, not Python's suffix
    """All that is wrong with a request, so that nobody need come back for each."""

    def __init__(self, found: list[Refused]) -> None:
        super().__init__("; ".join(problem.sentence.en for problem in found))
        self.problems = tuple(found)


def write(request: Request) -> bytes:
    """The request in its normal form: `read` gives the same back. It goes with the result as evidence."""
    whole: dict[str, object] = {
        "model": request.model.name,
        "input": dict(request.inputs),
        "parameters": dict(request.parameters),
        "deployed": dict(request.deployed),
        "cap_yuan": request.cap_yuan,
        "family": request.family,
    }
    kept = {name: value for name, value in whole.items() if value or name in {"model", "input"}}
    return json.dumps(kept, ensure_ascii=False, indent=2, sort_keys=True).encode()


def _load(data: bytes) -> dict[str, Any]:
    if len(data) > BYTES_MAX:
        raise Wrong([Refused("request.too_large", limit=BYTES_MAX // 1024)])
    try:
        found = json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair is valid JSON and breaks every file
    except (ValueError, RecursionError) as error:
        raise Wrong([Refused("request.not_json", why=str(error)[:200])]) from error
    if not isinstance(found, dict):
        raise Wrong([Refused("request.not_json", why="{ … } ?")])
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _of_own_fields(found: Mapping[str, Any]) -> Iterator[Refused]:
    cap, family = found.get("cap_yuan", 0), found.get("family", "family")
    is_number = isinstance(cap, (int, float)) and not isinstance(cap, bool)
    if not is_number or not 0 <= cap <= CAP_YUAN_MAX:
        rule = f"0 - {CAP_YUAN_MAX}"
        yield Refused("request.value", name="cap_yuan", value=str(cap)[:60], rule=rule, nearest=rule)
    if not isinstance(family, str) or not _FAMILY.fullmatch(family):
        yield Refused("request.value", name="family", value=str(family)[:60], rule="a-z 0-9 -", nearest="family")


def _of_deployment(model: Model, deployed: Mapping[str, Any]) -> Iterator[Refused]:
    chain = [link.model for link in model.before] + [model.name]
    for name, called in deployed.items():
        if name not in chain:
            yield Refused("request.field", name=f"deployed.{name[:40]}", known=", ".join(chain), nearest=chain[-1])
        elif not isinstance(called, str) or not _NAME.fullmatch(called):
            rule = "A-Z a-z 0-9 . _ -"
            yield Refused("request.value", name=f"deployed.{name}", value=str(called)[:60], rule=rule, nearest=rule)
    for name in chain:
        if CATALOGUE[name].status is Status.DEPLOYED_ONLY and name not in deployed:
            yield Refused("request.missing", name=f"deployed.{name}", rule="A-Z a-z 0-9 . _ -")


# --- the calls


def calls(request: Request) -> tuple[Call, ...]:
    """What has to be called, in order; the last one makes the result."""
    fields = wanted(request.model, request.inputs)
    chain = [
        Call(CATALOGUE[link.model], request.deployed.get(link.model, link.model), form.inputs, form.parameters, link)
        for link in fields.links
        for form in CATALOGUE[link.model].forms
    ]
    model, form = request.model, fields.form
    return (*chain, Call(model, request.deployed.get(model.name, model.name), form.inputs, form.parameters))


def body(call: Call, request: Request, answers: Fields, url_of: Callable[[str], str]) -> dict[str, Any]:
    """The document to send: fields of the request and of earlier answers, each file as the url that `url_of` gives."""
    given = {**request.inputs, **answers}
    sent: dict[str, object] = {}
    media: list[dict[str, str]] = []
    for one in call.inputs:
        if one.name not in given:
            continue
        value = _located(one, given[one.name], url_of)
        if one.listed_as:
            media.append({"type": one.listed_as, "url": str(value)})
        else:
            sent[one.name] = value
    if media:
        sent["media"] = media
    parameters = {one.name: _parameter(one, request) for one in call.parameters}
    return {
        "model": call.called,
        "input": sent,
        "parameters": {name: value for name, value in parameters.items() if value is not None},
    }


def files(request: Request) -> Iterator[tuple[str, File, str]]:
    """Each file of the request: its field, the limits it must keep, and its key or url."""
    for one in wanted(request.model, request.inputs).inputs:
        value = request.inputs.get(one.name)
        if one.file is not None and value is not None:
            for each in value if isinstance(value, list) else [value]:
                yield f"input.{one.name}", one.file, str(each)


def answered(call: Call, output: Fields) -> dict[str, object]:
    """What a call's answer fills in for the next ones."""
    gives = call.link.gives if call.link else {}
    return {into: output[name] for name, into in gives.items() if name in output}


def _located(one: Input, value: object, url_of: Callable[[str], str]) -> object:
    if one.file is None:
        return value
    if one.files:
        return [url_of(str(each)) for each in (value if isinstance(value, list) else [value])]
    return url_of(str(value))


def _parameter(one: Parameter, request: Request) -> object:
    """The vendor's default is sent along where the request has no own value: its pages are not of one mind on them."""
    return request.parameters.get(one.name, one.default)


# --- the price


def tariff(call: Call, request: Request, answers: Fields) -> str:
    """The tariff of one call; that of an instance of one's own is nothing a call."""
    if call.called != call.model.name or call.model.status is Status.DEPLOYED_ONLY:
        return DEPLOYED
    pricing = call.model.pricing
    return pricing.tariffs[_tariff_key(call, request, answers)]


def _tariff_key(call: Call, request: Request, answers: Fields) -> str:
    by = call.model.pricing.by
    if not by:
        return ""
    box = {**request.inputs, **answers}.get(by)
    ratios = tuple(call.model.pricing.tariffs)
    if isinstance(box, (list, tuple)):
        return shape_of([int(edge) for edge in box], ratios) or ratios[-1]
    defaults = {one.name: one.default for one in call.parameters}
    known = {**defaults, **request.parameters}
    key = str(known.get(by, known.get("ratio", "")))
    return key if key in ratios else ratios[0]


def quote(request: Request, facts: Mapping[str, FileFacts]) -> Quote:
    """What a request will cost, from and to; `facts` of those files (by key) that could be looked into."""
    items = []
    for call in calls(request):
        price = PRICES[tariff(call, request, {})]
        low, high = (1.0, 1.0) if price.unit is Unit.IMAGE else seconds(call, request, facts)
        is_open = price.estimate or low != high
        cheap, dear = amount(price.low, price.per, low), amount(price.micro_yuan, price.per, high)
        items.append(Item(price.name, cheap, dear, is_open))
    return Quote(tuple(items))


def check_cap(request: Request, quoted: Quote) -> None:
    """`request.cap` when the request may cost more than it says it may."""
    if request.cap_yuan and quoted.high > request.cap_yuan * YUAN:
        high = f"{quoted.high / YUAN:.2f}"
        raise Refused("request.cap", cap=f"{request.cap_yuan:.2f}", high=high)


def seconds(call: Call, request: Request, facts: Mapping[str, FileFacts]) -> tuple[float, float]:
    """How long the result of a call will be, from and to."""
    of = wanted(call.model, request.inputs).form.seconds_of or call.model.pricing.seconds_of
    if isinstance(of, float):
        return of, of
    parameter = next((one for one in call.parameters if one.name == of), None)
    if parameter is not None:
        told = _parameter(parameter, request)
        return (float(told), float(told)) if isinstance(told, (int, float)) else UNTOLD_S
    low, high = _file_seconds(request, of, facts) or UNTOLD_S
    if (end := _file_seconds(request, _ends_with(call, request), facts)) is None:
        return low, high
    return min(low, end[0]), min(high, end[1])


def _ends_with(call: Call, request: Request) -> str:
    """The input with whose end the result ends at the latest; empty where there is none."""
    pricing = call.model.pricing
    goes_on = any(_parameter(one, request) for one in call.parameters if one.name == pricing.goes_on)
    return "" if goes_on else pricing.ends_with


def _file_seconds(request: Request, field_name: str, facts: Mapping[str, FileFacts]) -> tuple[float, float] | None:
    """How long an input file is, from and to; None when the request names none."""
    for name, limits, where in files(request):
        if name == f"input.{field_name}":
            if where in facts:
                return facts[where].seconds, facts[where].seconds
            return limits.seconds[0], limits.seconds[1] or limits.seconds_below
    return None
