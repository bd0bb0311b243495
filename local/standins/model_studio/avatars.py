"""The portrait models that run as tasks: a photo and speech become a talking clip.

emo-v1: help.aliyun.com/zh/model-studio/emo-api. wan2.2-s2v: .../wan-s2v-api. liveportrait: .../liveportrait-api.
Submission looks only at what is missing; everything else is found out when the task runs, and fails the task.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.engines.contract import Box, Engines, Face, LivePortraitStyle, Progress, no_progress
from local.standins.model_studio import refusals
from local.standins.model_studio.bench import as_files
from local.standins.model_studio.inputs import Picture, checked_picture, checked_sound, film_of
from local.standins.model_studio.resolutions import PIXELS
from shared.domain.catalogue import CATALOGUE

STYLES = ("normal", "calm", "active")
PORTRAIT_PATH = "image2video/video-synthesis"
EMO_SOUND_S_MAX = 60
S2V_SOUND_S_MAX = 20  # less than
LIVEPORTRAIT_SOUND_S_MIN, LIVEPORTRAIT_SOUND_S_MAX = 1, 180
EMO_YUAN_PER_S = {"1:1": 0.08, "3:4": 0.16}
S2V_FPS = 25
S2V_YUAN_PER_S = {"480P": 0.5, "720P": 0.9}
LIVEPORTRAIT_YUAN_PER_S = 0.02
RATIO_TOLERANCE = 0.02


@dataclass(frozen=True)
class Asked:
    """A task's request, the bytes behind its urls, and who wants to know how far it has come."""

    input: Mapping[str, Any]
    parameters: Mapping[str, Any]
    media: Mapping[str, bytes]
    progress: Progress = no_progress


@dataclass(frozen=True)
class Made:
    """A result to be stored; its url goes to `place` in the output of the task, beside `more`. Without a body there is
    nothing to store, and `more` is all that the output says.
    """

    body: bytes
    content_type: str
    place: tuple[str, ...]
    usage: Mapping[str, Any]
    price_yuan: float
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TaskModel:
    """One asynchronous model. `needs` are input fields without which it takes no task, `media` those it downloads, or
    `urls` tells them from the input; `check` and `make` raise VendorError or RejectionError. A new model is one more of
    these.
    """

    name: str
    path: str
    needs: Mapping[str, type]
    media: tuple[str, ...]
    check: Callable[[Asked], object]
    make: Callable[[Engines, Asked], Made]
    submissions_per_s: int = 5
    at_once: int = 1
    urls: Callable[[Mapping[str, Any]], Mapping[str, object]] | None = None

    def places(self, given: Mapping[str, Any]) -> Mapping[str, object]:
        """The urls to download, by the name that `Asked.media` has for them."""
        return self.urls(given) if self.urls else {name: given[name] for name in self.media}


def check_emo(asked: Asked) -> str:
    """The ratio of the clip to be: `1:1` or `3:4`, as the dynamic region has it."""
    picture = checked_picture(asked.media["image_url"])
    if checked_sound(asked.media["audio_url"]) > EMO_SOUND_S_MAX:
        raise refusals.sound_too_long(EMO_SOUND_S_MAX)
    if asked.parameters.get("style_level", "normal") not in STYLES:
        raise refusals.invalid_parameter("The style_level is invalid.")
    box_in(asked.input["face_bbox"], picture, "face_bbox")
    x1, y1, x2, y2 = box_in(asked.input["ext_bbox"], picture, "ext_bbox")
    ratio = (x2 - x1) / (y2 - y1)
    for name, wanted in (("1:1", 1.0), ("3:4", 0.75)):
        if abs(ratio - wanted) <= RATIO_TOLERANCE * wanted:
            return name
    raise refusals.invalid_parameter("Invalid ext_bbox.")


def make_emo(engines: Engines, asked: Asked) -> Made:
    ratio = check_emo(asked)
    face = Face(_box(asked.input["face_bbox"]), _box(asked.input["ext_bbox"]))
    style = asked.parameters.get("style_level", "normal")
    with as_files({"photo": asked.media["image_url"], "speech": asked.media["audio_url"]}) as (folder, files):
        clip = folder / "clip.mp4"
        seconds = engines.animate(files["photo"], files["speech"], face, style, clip, asked.progress)
        body = clip.read_bytes()
    usage = {"video_duration": round(seconds, 2), "video_ratio": ratio}
    return Made(body, "video/mp4", ("results", "video_url"), usage, EMO_YUAN_PER_S[ratio] * round(seconds, 2))


def check_s2v(asked: Asked) -> str:
    checked_picture(asked.media["image_url"])
    if checked_sound(asked.media["audio_url"]) >= S2V_SOUND_S_MAX:
        raise refusals.sound_too_long(S2V_SOUND_S_MAX)
    resolution = asked.parameters.get("resolution", "480P")
    if resolution not in S2V_YUAN_PER_S:
        raise refusals.invalid_parameter("The resolution is invalid.")
    return str(resolution)


def make_s2v(engines: Engines, asked: Asked) -> Made:
    """No boxes are given and nothing is cut away: the whole photo speaks."""
    resolution = check_s2v(asked)
    style = LivePortraitStyle(fps=S2V_FPS, pixels=PIXELS[resolution])
    with as_files({"photo": asked.media["image_url"], "speech": asked.media["audio_url"]}) as (folder, files):
        clip = folder / "clip.mp4"
        seconds = engines.live_portrait(files["photo"], files["speech"], style, clip, asked.progress)
        body = clip.read_bytes()
    film = film_of(body)
    usage = {
        "duration": round(seconds, 2),
        "size": f"{film.width}*{film.height}",
        "fps": S2V_FPS,
        "video_count": 1,
        "SR": int(resolution[:-1]),
    }
    price_yuan = S2V_YUAN_PER_S[resolution] * round(seconds, 2)
    return Made(body, "video/mp4", ("results", "video_url"), usage, price_yuan)


def check_liveportrait(asked: Asked) -> LivePortraitStyle:
    checked_picture(asked.media["image_url"])
    if not LIVEPORTRAIT_SOUND_S_MIN <= checked_sound(asked.media["audio_url"]) <= LIVEPORTRAIT_SOUND_S_MAX:
        raise refusals.sound_out_of_range()
    given: dict[str, Any] = {}
    for parameter in CATALOGUE["liveportrait"].forms[0].parameters:
        given[parameter.name] = asked.parameters.get(parameter.name, parameter.default)
        if not parameter.rule.admits(given[parameter.name]):
            raise refusals.invalid_parameter(f"The type or value of {parameter.name} is out of definition.")
    return LivePortraitStyle(
        template=given["template_id"],
        eye_frequency=given["eye_move_freq"],
        fps=given["video_fps"],
        mouth_strength=given["mouth_move_strength"],
        paste_back=given["paste_back"],
        head_strength=given["head_move_strength"],
    )


def make_liveportrait(engines: Engines, asked: Asked) -> Made:
    style = check_liveportrait(asked)
    with as_files({"photo": asked.media["image_url"], "speech": asked.media["audio_url"]}) as (folder, files):
        seconds = engines.live_portrait(files["photo"], files["speech"], style, folder / "clip.mp4", asked.progress)
        body = (folder / "clip.mp4").read_bytes()
    usage = {"video_duration": round(seconds, 2), "video_ratio": "standard"}
    price_yuan = LIVEPORTRAIT_YUAN_PER_S * round(seconds, 2)
    return Made(body, "video/mp4", ("results", "video_url"), usage, price_yuan)


PORTRAIT_NEEDS: Mapping[str, type] = {"image_url": str, "audio_url": str}
PORTRAIT_MEDIA = ("image_url", "audio_url")
AVATARS = (
    TaskModel(
        "emo-v1",
        PORTRAIT_PATH,
        {**PORTRAIT_NEEDS, "face_bbox": list, "ext_bbox": list},
        PORTRAIT_MEDIA,
        check_emo,
        make_emo,
    ),
    TaskModel("wan2.2-s2v", PORTRAIT_PATH, PORTRAIT_NEEDS, PORTRAIT_MEDIA, check_s2v, make_s2v),
    TaskModel("liveportrait", PORTRAIT_PATH, PORTRAIT_NEEDS, PORTRAIT_MEDIA, check_liveportrait, make_liveportrait),
)


def box_in(value: object, picture: Picture, name: str) -> Box:
    """A box of whole pixels inside the photo."""
    if not isinstance(value, list) or len(value) != 4 or not all(type(edge) is int for edge in value):
        raise refusals.missing_parameters()
    x1, y1, x2, y2 = value
    if not (0 <= x1 < x2 <= picture.width and 0 <= y1 < y2 <= picture.height):
        raise refusals.invalid_parameter(f"Invalid {name}.")
    return x1, y1, x2, y2


def _box(value: list[int]) -> Box:
    x1, y1, x2, y2 = value
    return x1, y1, x2, y2
