"""Films from films: the five functions of `wanx2.1-vace-plus`, and `video-style-transform`.

Source: help.aliyun.com/zh/model-studio, wanx-vace-api-reference and the style-transform page.
"""

from __future__ import annotations

from shared.domain.catalogue.model import File, Form, Input, Medium, Model, Parameter, Pricing
from shared.domain.catalogue.prompted import COMMON, EXTEND, PATH, PROMPT, SEED, USAGE, WATERMARK
from shared.domain.catalogue.rules import Choice, Flag, Number, Several, Whole

PICTURE = File(Medium.PICTURE, ("jpeg", "png", "bmp", "tiff", "webp"), mb_max=10, side_px=(360, 2000))
FILM = File(Medium.FILM, ("mp4",), mb_max=50, seconds=(0.0, 5.0))
CLIP = File(Medium.FILM, ("mp4",), mb_max=50, seconds=(0.0, 3.0))
STYLED = File(
    Medium.FILM,
    ("mp4", "mov", "avi", "matroska", "flash video", "mpeg-ts"),
    mb_max=100,
    side_px=(256, 4096),
    ratio_max=1.8,
    seconds=(0.0, 30.0),
)

SIZE = Parameter("size", Choice(("1280*720", "720*1280", "960*960", "832*1088", "1088*832")), "1280*720")
SHAPES = ("posebodyface", "posebody", "depth", "scribble")
CONDITION = Parameter("control_condition", Choice(SHAPES))
EDIT_CONDITION = Parameter("control_condition", Choice(("", *SHAPES)), "")
EDGE = Number(1.0, 2.0)


def _function(name: str) -> Input:
    return Input("function", rule=Choice((name,)))


def _edge(name: str) -> Parameter:
    return Parameter(name, EDGE, 1.0)


IMAGE_REFERENCE = Form(
    (_function("image_reference"), PROMPT, Input("ref_images_url", file=PICTURE, files=3)),
    (Parameter("obj_or_bg", Several(Choice(("obj", "bg")), 1, 3)), SIZE, *COMMON),
    name="image_reference",
    alike=(("ref_images_url", "obj_or_bg"),),
)
VIDEO_REPAINTING = Form(
    (
        _function("video_repainting"),
        PROMPT,
        Input("video_url", file=FILM),
        Input("ref_images_url", file=PICTURE, needed=False, files=1),
    ),
    (CONDITION, Parameter("strength", Number(0.0, 1.0), 1.0), EXTEND, SEED, WATERMARK),
    name="video_repainting",
    seconds_of="video_url",
)
VIDEO_EDIT = Form(
    (
        _function("video_edit"),
        PROMPT,
        Input("video_url", file=FILM),
        Input("mask_image_url", file=PICTURE, needed=False),
        Input("mask_video_url", file=FILM, needed=False),
        Input("mask_frame_id", rule=Whole(1, 300), needed=False),
        Input("ref_images_url", file=PICTURE, needed=False, files=1),
    ),
    (
        EDIT_CONDITION,
        Parameter("mask_type", Choice(("tracking", "fixed")), "tracking"),
        Parameter("expand_ratio", Number(0.0, 1.0), 0.05),
        Parameter("expand_mode", Choice(("hull", "bbox", "original")), "hull"),
        SIZE,
        *COMMON,
    ),
    name="video_edit",
    seconds_of="video_url",
    one_of=(("mask_image_url", "mask_video_url"),),
)
VIDEO_EXTENSION = Form(
    (
        _function("video_extension"),
        PROMPT,
        Input("first_frame_url", file=PICTURE, needed=False),
        Input("last_frame_url", file=PICTURE, needed=False),
        Input("first_clip_url", file=CLIP, needed=False),
        Input("last_clip_url", file=CLIP, needed=False),
        Input("video_url", file=FILM, needed=False),
    ),
    (EDIT_CONDITION, *COMMON),
    name="video_extension",
    some_of=(("first_frame_url", "last_frame_url", "first_clip_url", "last_clip_url"),),
)
VIDEO_OUTPAINTING = Form(
    (_function("video_outpainting"), PROMPT, Input("video_url", file=FILM)),
    (_edge("top_scale"), _edge("bottom_scale"), _edge("left_scale"), _edge("right_scale"), *COMMON),
    name="video_outpainting",
    seconds_of="video_url",
)

STYLE = Parameter("style", Whole(0, 7))
"""Japanese comic, American comic, fresh comic, 3D cartoon, Chinese cartoon, paper art, illustration, Chinese ink."""

MODELS: tuple[Model, ...] = (
    Model(
        name="wanx2.1-vace-plus",
        title="a film edited by words: from pictures, repainted, in part, longer, wider",
        path=PATH,
        forms=(IMAGE_REFERENCE, VIDEO_REPAINTING, VIDEO_EDIT, VIDEO_EXTENSION, VIDEO_OUTPAINTING),
        result=(("video_url",),),
        usage=USAGE,
        pricing=Pricing({"": "wanx2.1-vace-plus"}, seconds_of=5.0),
        free=50,
        likely=("expand_mode", "video_url of video_extension"),
        source="help.aliyun.com/zh/model-studio/wanx-vace-api-reference",
    ),
    Model(
        name="video-style-transform",
        title="a film in another style",
        path=PATH,
        forms=(
            Form(
                (Input("video_url", file=STYLED),),
                (
                    STYLE,
                    Parameter("video_fps", Whole(15, 25), 15),
                    Parameter("animate_emotion", Flag(), default=True),
                    Parameter("min_len", Choice((540, 720)), 720),
                    Parameter("use_SR", Flag(), default=False),
                ),
            ),
        ),
        result=(("output_video_url",),),
        usage=("duration", "video_duration"),
        pricing=Pricing(
            {"540": "video-style-transform.540P", "720": "video-style-transform.720P"},
            by="min_len",
            seconds_of="video_url",
        ),
        free=600,
        per_s=20,
        at_once=2,
        likely=("submissions a second", "names of the styles"),
        source="help.aliyun.com/zh/model-studio/video-style-transform-api",
    ),
)
