"""How each model's clip is made, and what its answer says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from local.engines import ffmpeg
from local.engines.contract import Engines, LivePortraitStyle, Movement, RejectionError, Shot, no_progress
from local.standins.model_studio import refusals
from local.standins.model_studio.avatars import Asked, Made, TaskModel
from local.standins.model_studio.bench import as_files
from local.standins.model_studio.models import templates
from local.standins.model_studio.models.judging import judge
from local.standins.model_studio.resolutions import PIXELS
from shared.domain.catalogue import CATALOGUE
from shared.domain.catalogue.model import Model
from shared.domain.prices import PRICES, YUAN

MP4 = "video/mp4"
GRIMACE_S = 3.0
PROMPTED_FPS = 30
DANCE_SIZES = {"9:16": (720, 1280), "3:4": (720, 960)}
EDGES = ("top_scale", "bottom_scale", "left_scale", "right_scale")

Parameters = Mapping[str, Any]
MediaNames = Mapping[str, str]
"""The engine's name of each file, by the vendor's field."""


def urls_of(model: Model, given: Mapping[str, Any]) -> dict[str, object]:
    """Every file that a request names, by field; those of a list as `name.0`, `name.1`."""
    listed = {one.listed_as: one.name for form in model.forms for one in form.inputs if one.listed_as}
    found: dict[str, object] = {}
    for each in given.get("media") or []:
        if isinstance(each, dict) and each.get("type") in listed:
            found[listed[str(each["type"])]] = each.get("url")
    for form in model.forms:
        for one in form.inputs:
            value = given.get(one.name)
            if one.file is None or value is None:
                continue
            if isinstance(value, list):
                found.update({f"{one.name}.{number}": url for number, url in enumerate(value)})
            else:
                found[one.name] = value
    return found


def values(model: Model, asked: Asked) -> dict[str, Any]:
    """The parameters with the vendor's defaults filled in."""
    form = judge(model, asked)
    defaults = {one.name: one.default for one in form.parameters}
    return {**defaults, **asked.parameters}


def price_yuan(model: Model, key: str, seconds: float) -> float:
    tariff = PRICES[model.pricing.tariffs[key]]
    return tariff.micro_yuan / YUAN * round(seconds, 2)


def filmed(engines: Engines, shot: Shot, asked: Asked, names: MediaNames) -> tuple[bytes, float]:
    """The clip and its length; files of a list keep their number."""
    media = {}
    for field, body in asked.media.items():
        name, _, number = field.partition(".")
        if name in names:
            media[f"{names[name]}.{number}" if number else names[name]] = body
    with as_files(media) as (folder, files):
        clip = folder / "clip.mp4"
        seconds = engines.shoot(shot, files, clip, no_progress)
        return clip.read_bytes(), seconds


def _size(text: str) -> tuple[int, int]:
    width, height = text.split("*")
    return int(width), int(height)


def _prompted(model: Model, engines: Engines, asked: Asked) -> Made:
    """From words, from a first frame, from a first frame to a last one."""
    given = values(model, asked)
    words = str(asked.input.get("prompt", ""))
    size, pixels = (_size(given["size"]), 0) if "size" in given else ((0, 0), PIXELS[given["resolution"]])
    kind = "words" if "size" in given else "morph" if "first_frame_url" in asked.media else "still"
    number = int(given.get("seed") or 0)
    shot = Shot(kind, size, float(given["duration"]), words, number, pixels=pixels)
    names = {"img_url": "first", "first_frame_url": "first", "last_frame_url": "last"}
    body, seconds = filmed(engines, shot, asked, names)
    key = str(given.get(model.pricing.by, "")) if model.pricing.by else ""
    ratio = str(given.get("size") or given.get("resolution"))
    usage = {"video_duration": round(seconds, 2), "video_ratio": ratio, "video_count": 1}
    return Made(body, MP4, ("video_url",), usage, price_yuan(model, key, seconds), _prompts(words))


def _prompts(words: str) -> dict[str, str]:
    return {"orig_prompt": words, "actual_prompt": words} if words else {}


def _edited(model: Model, engines: Engines, asked: Asked) -> Made:
    """The five functions of vace."""
    given = values(model, asked)
    words, function = str(asked.input["prompt"]), str(asked.input["function"])
    numbers = tuple(float(given.get(name) or 1.0) for name in EDGES)
    scales = (numbers[0], numbers[1], numbers[2], numbers[3])
    strength = float(given.get("strength", given.get("expand_ratio", 1.0)))
    size = _size(given["size"]) if "size" in given else (0, 0)
    kind, seconds = {
        "image_reference": ("reference", 5.0),
        "video_repainting": ("repaint", 0.0),
        "video_edit": ("edit", 0.0),
        "video_extension": ("extend", 5.0),
        "video_outpainting": ("outpaint", 0.0),
    }[function]
    shot = Shot(kind, size, seconds, words, strength=strength, scales=scales)
    names = {
        "ref_images_url": "picture",
        "video_url": "film",
        "mask_image_url": "mask",
        "mask_video_url": "mask_film",
        "first_frame_url": "first",
        "last_frame_url": "last",
        "first_clip_url": "first_film",
        "last_clip_url": "last_film",
    }
    body, length = filmed(engines, shot, asked, names)
    usage = {"video_duration": round(length, 2), "video_ratio": "1280*720", "video_count": 1}
    extra = {**_prompts(words), "task_metrics": {"TOTAL": 1, "SUCCEEDED": 1, "FAILED": 0}}
    return Made(body, MP4, ("video_url",), usage, price_yuan(model, "", length), extra)


def _styled(model: Model, engines: Engines, asked: Asked) -> Made:
    given = values(model, asked)
    short = int(given["min_len"])
    shot = Shot("restyle", (0, short), 0.0, number=int(given.get("style") or 0), fps=int(given["video_fps"]))
    body, seconds = filmed(engines, shot, asked, {"video_url": "film"})
    usage = {"duration": round(seconds, 2), "SR": short}
    return Made(body, MP4, ("output_video_url",), usage, price_yuan(model, str(short), seconds))


def _template(model: Model, engines: Engines, asked: Asked) -> Made:
    judge(model, asked)
    with as_files({"film": asked.media["video_url"]}) as (_, files):
        movement = engines.movement(files["film"])
    usage = {"video_duration": round(movement.seconds, 2), "video_count": 1}
    price = price_yuan(model, "", movement.seconds)
    written = templates.write(movement, asked.media["video_url"])
    return Made(b"", "", ("template_id",), usage, price, {"template_id": written})


def _danced(model: Model, engines: Engines, asked: Asked) -> Made:
    given = values(model, asked)
    movement = _movement(asked)
    ratio = str(given["video_ratio"])
    shot = Shot("dance", DANCE_SIZES[ratio], movement.seconds, movement=movement)
    body, seconds = filmed(engines, shot, asked, {"image_url": "picture"})
    usage = {"video_duration": round(seconds, 2), "video_ratio": ratio}
    return Made(body, MP4, ("video_url",), usage, price_yuan(model, "", seconds))


def _movement(asked: Asked) -> Movement:
    movement = templates.read(str(asked.input["template_id"]))
    if movement is None:
        raise refusals.invalid_parameter("The template_id is invalid.")
    return movement


def _grimaced(model: Model, engines: Engines, asked: Asked) -> Made:
    judge(model, asked)
    left, top, right, bottom = (int(edge) for edge in asked.input["face_bbox"])
    words = str(asked.input["driven_id"])
    shot = Shot("grimace", (512, 512), GRIMACE_S, words, box=(left, top, right, bottom))
    body, seconds = filmed(engines, shot, asked, {"image_url": "picture"})
    usage = {"video_duration": round(seconds, 2), "video_ratio": "1:1"}
    return Made(body, MP4, ("video_url",), usage, price_yuan(model, "", seconds))


def _spoken(model: Model, engines: Engines, asked: Asked) -> Made:
    """wan2.7-i2v with driving audio: a face in the first frame speaks; without one the frame moves in silence."""
    given = values(model, asked)
    key, lasting_s = str(given["resolution"]), float(given["duration"])
    try:
        body, seconds = _speaking(engines, asked, lasting_s, PIXELS[key])
    except RejectionError:
        shot = Shot("still", pixels=PIXELS[key], seconds=lasting_s)
        body, seconds = filmed(engines, shot, asked, {"first_frame_url": "first"})
    usage = {"video_duration": round(seconds, 2), "video_ratio": key, "video_count": 1}
    extra = _prompts(str(asked.input.get("prompt", "")))
    return Made(body, MP4, ("video_url",), usage, price_yuan(model, key, seconds), extra)


def _speaking(engines: Engines, asked: Asked, lasting_s: float, pixels: int) -> tuple[bytes, float]:
    """The whole picture, its face speaking. It is `duration` that counts: longer speech is cut, shorter followed by
    silence.
    """
    bodies = {"photo": asked.media["first_frame_url"], "speech": asked.media["driving_audio_url"]}
    with as_files(bodies) as (folder, files):
        heard, clip = folder / "heard.wav", folder / "clip.mp4"
        ffmpeg.run([*ffmpeg.Input(files["speech"]).arguments(), "-af", "apad", "-t", f"{lasting_s:g}", heard])
        style = LivePortraitStyle(fps=PROMPTED_FPS, pixels=pixels)
        seconds = engines.live_portrait(files["photo"], heard, style, clip, asked.progress)
        return clip.read_bytes(), seconds


def _retalked(model: Model, engines: Engines, asked: Asked) -> Made:
    """The engine keeps to the largest face; a photo of whom to look for is checked as a file and not asked for more."""
    given = values(model, asked)
    with as_files({"film": asked.media["video_url"], "speech": asked.media["audio_url"]}) as (folder, files):
        extend, clip = bool(given["video_extension"]), folder / "clip.mp4"
        seconds = engines.retalk(files["film"], files["speech"], clip, extend=extend, progress=asked.progress)
        body = clip.read_bytes()
    usage = {"video_duration": round(seconds, 2), "video_count": 1}
    return Made(body, MP4, ("video_url",), usage, price_yuan(model, "", seconds))


Make = Callable[[Model, Engines, Asked], Made]
MAKERS: Mapping[str, tuple[Make, Mapping[str, type]]] = {
    "wan2.2-t2v-plus": (_prompted, {"prompt": str}),
    "wanx2.1-t2v-turbo": (_prompted, {"prompt": str}),
    "wanx2.1-t2v-plus": (_prompted, {"prompt": str}),
    "wan2.2-i2v-plus": (_prompted, {"img_url": str}),
    "wanx2.1-i2v-turbo": (_prompted, {"img_url": str}),
    "wanx2.1-i2v-plus": (_prompted, {"img_url": str}),
    "wanx2.1-kf2v-plus": (_prompted, {"first_frame_url": str}),
    "wanx2.1-vace-plus": (_edited, {"function": str, "prompt": str}),
    "video-style-transform": (_styled, {"video_url": str}),
    "animate-anyone-template-gen2": (_template, {"video_url": str}),
    "animate-anyone-gen2": (_danced, {"image_url": str, "template_id": str}),
    "emoji-v1": (_grimaced, {"image_url": str, "driven_id": str, "face_bbox": list, "ext_bbox": list}),
    "wan2.7-i2v": (_spoken, {"media": list}),
    "videoretalk": (_retalked, {"video_url": str, "audio_url": str}),
}
"""Each model's maker, and the fields without which it takes no task."""


def _task_model(name: str) -> TaskModel:
    model = CATALOGUE[name]
    make, needs = MAKERS[name]
    return TaskModel(
        name=name,
        path=model.path.strip("/"),
        needs=needs,
        media=(),
        check=partial(judge, model),
        make=partial(make, model),
        submissions_per_s=model.per_s,
        at_once=model.at_once,
        urls=partial(urls_of, model),
    )


MODELS: tuple[TaskModel, ...] = tuple(_task_model(name) for name in MAKERS)
