"""`echobot models` and `echobot emo prepare`: what Model Studio's models cost and allow, and a request for EMO."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.domain import requests
from shared.domain.catalogue import CATALOGUE
from shared.domain.catalogue.model import Model, Way
from shared.domain.errors import Refused
from shared.domain.prices import COMPARED, PRICES, Price, Quote, Unit, yuan
from shared.domain.requests import Request
from shared.ports import Face

HEAD = ("what it makes", "yuan", "free", "a second / at once", "state")
UNITS = {Unit.SECOND: "s", Unit.IMAGE: "picture"}
EMO, DETECT = "emo-v1", "emo-detect-v1"
REQUEST, EVIDENCE = "request.json", "evidence.json"
CREDENTIALS = Path(".alibabacloud") / "credentials"

_KEY = re.compile(r"^\s*dashscope_api_key\s*[=:]\s*[\"']?([^\s\"'#]+)", re.MULTILINE)


# --- echobot models


def rows(words: str = "") -> list[list[str]]:
    """One row a model: name, purpose, prices, free, limits, state."""
    return [
        [model.name, model.title, prices_of(model), free_of(model), limits_of(model), state_of(model)]
        for model in found(words)
    ]


def found(words: str) -> list[Model]:
    """Those whose name or purpose holds the words."""
    return [model for model in CATALOGUE.values() if words.lower() in f"{model.name} {model.title}".lower()]


def document(model: Model) -> dict[str, object]:
    """The same of one model for scripts. Prices are by the word that chooses them, empty where there is one only; an
    instance of one's own is paid by the hour, and has none.
    """
    prices = {word: PRICES[name] for word, name in model.pricing.tariffs.items()}
    return {
        "model": model.name,
        "makes": model.title,
        "yuan": {
            word: {"yuan": yuan(price.micro_yuan), "per": UNITS[price.unit], "is_estimate": price.estimate}
            for word, price in prices.items()
            if price.name != requests.DEPLOYED
        },
        "free": model.free,
        "submissions_per_s": model.per_s,
        "at_once": model.at_once if model.way is Way.TASK else None,
        "state": model.status.value,
        "off_on": model.off_on or None,
        "source": model.source,
    }


def state_of(model: Model) -> str:
    return f"{model.status.value} {model.off_on}" if model.off_on else model.status.value


def prices_of(model: Model) -> str:
    """Each tariff once, in yuan, with the word that chooses it where there are several."""
    tariffs = list(dict.fromkeys(model.pricing.tariffs.values()))
    if len(tariffs) == 1:
        return _price(PRICES[tariffs[0]])
    return ", ".join(f"{name.rpartition('.')[2]} {_price(PRICES[name])}" for name in tariffs)


def free_of(model: Model) -> str:
    unit = UNITS[PRICES[next(iter(model.pricing.tariffs.values()))].unit]
    return f"{model.free} {unit}" if model.free else "-"


def limits_of(model: Model) -> str:
    """Submissions a second, and tasks that run at once."""
    return f"{model.per_s} / {model.at_once if model.way is Way.TASK else '-'}"


def _price(price: Price) -> str:
    if price.name == requests.DEPLOYED:
        return "by the hour"
    doubt = " (a guess)" if price.source == COMPARED else " (one source)" if price.estimate else ""
    return f"{yuan(price.micro_yuan)}/{UNITS[price.unit]}{doubt}"


# --- echobot emo prepare


@dataclass(frozen=True)
class EmoRequest:
    """What a person asks for; boxes are both given, or none."""

    image: str
    audio: str
    face_bbox: str = ""
    ext_bbox: str = ""
    style: str = "normal"
    ratio: str = "1:1"
    model: str = EMO


@dataclass(frozen=True)
class Prepared:
    """A request that can be run, where its boxes are from, and what it will cost."""

    request: Request
    boxes: str
    quote: Quote


Detect = Callable[[str, str], Face]
"""Finds the face in the picture at an address, for a ratio."""


def prepare(asked: EmoRequest, detect: Detect | None = None) -> Prepared:
    """The request, checked as it will be when it is run; `Wrong` or `Refused` when it will not do.

    Boxes come from EMO's own detection: those given, those `detect` finds now, or else those that the request's first
    call will find. None is ever made up.
    """
    given = {name: box_of(name, text) for name, text in _boxes(asked).items() if text}
    boxes = "given" if given else "left to the request"
    if detect is not None and not given:
        if not asked.image.startswith("https://"):  # the vendor fetches the picture itself
            raise Refused(
                "request.value", name="--image", value=asked.image[:60], rule="https://…", nearest="https://…"
            )
        face = detect(asked.image, asked.ratio)
        found = {"face_bbox": face.face_bbox, "ext_bbox": face.ext_bbox}
        given = {name: list(box) for name, box in found.items() if box is not None}
        boxes = "detected"
    parameters = {"style_level": asked.style} | ({} if given else {"ratio": asked.ratio})
    whole = {
        "model": EMO,
        "input": {"image_url": asked.image, "audio_url": asked.audio, **given},
        "parameters": parameters,
        "deployed": {} if asked.model == EMO else {EMO: asked.model},
    }
    request = requests.read(json.dumps(whole).encode())
    return Prepared(request, boxes, requests.quote(request, {}))


def box_of(name: str, text: str) -> list[int]:
    """`302,286,610,593` as a box; `request.value` for anything else."""
    parts = [part.strip() for part in text.strip("[] ").split(",")]
    if len(parts) != 4 or not all(re.fullmatch(r"[0-9]{1,5}", part) for part in parts):
        rule = "x1,y1,x2,y2"
        raise Refused("request.value", name=name, value=text[:60], rule=rule, nearest=rule)
    return [int(part) for part in parts]


def write(prepared: Prepared, folder: Path) -> list[Path]:
    """The request, and beside it the evidence: style, boxes, and where they are from."""
    folder.mkdir(parents=True, exist_ok=True)
    request = prepared.request
    evidence: Mapping[str, object] = {
        "model": request.deployed.get(EMO, EMO),
        "style_level": request.parameters.get("style_level"),
        "face_bbox": request.inputs.get("face_bbox"),
        "ext_bbox": request.inputs.get("ext_bbox"),
        "boxes": prepared.boxes,
        "calls": [call.called for call in requests.calls(request)],
        "yuan": [yuan(prepared.quote.low), yuan(prepared.quote.high)],
    }
    bodies = {REQUEST: requests.write(request), EVIDENCE: json.dumps(evidence, ensure_ascii=False, indent=2).encode()}
    for name, body in bodies.items():
        (folder / name).write_bytes(body + b"\n")
    return [folder / name for name in bodies]


def api_key(env: Mapping[str, str], home: Path) -> str:
    """`DASHSCOPE_API_KEY`, else `dashscope_api_key` of `~/.alibabacloud/credentials`; empty when in neither."""
    if env.get("DASHSCOPE_API_KEY"):
        return env["DASHSCOPE_API_KEY"]
    path = home / CREDENTIALS
    found = _KEY.search(path.read_text("utf-8", "replace")) if path.is_file() else None
    return found.group(1) if found else ""


def _boxes(asked: EmoRequest) -> Mapping[str, str]:
    return {"face_bbox": asked.face_bbox, "ext_bbox": asked.ext_bbox}
