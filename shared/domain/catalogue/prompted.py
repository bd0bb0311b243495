"""Films from words and pictures: the wan and wanx models that follow a prompt.

Source: help.aliyun.com/zh/model-studio, text-to-video, image-to-video and first-and-last-frame API references. All
write mp4 at 30 frames a second; `fps` is a parameter of none of them, and a wrong value fails the task, not the call.
"""

from __future__ import annotations

from shared.domain.catalogue.model import File, Form, Input, Medium, Model, Parameter, Pricing
from shared.domain.catalogue.rules import Choice, Flag, Text, Whole

PATH = "video-generation/video-synthesis"
FRAMES_PATH = "image2video/video-synthesis"
RESULT = (("video_url",),)
USAGE = ("video_duration", "duration")

SEED = Parameter("seed", Whole(0, 2_147_483_647))
WATERMARK = Parameter("watermark", Flag(), default=False)
EXTEND = Parameter("prompt_extend", Flag(), default=True)
FIVE_SECONDS = Parameter("duration", Choice((5,)), default=5)
COMMON = (EXTEND, SEED, WATERMARK)

PROMPT = Input("prompt", rule=Text(800))
MAY_PROMPT = Input("prompt", rule=Text(800), needed=False)
NEGATIVE = Input("negative_prompt", rule=Text(500), needed=False)
TEMPLATE = Input("template", rule=Text(64), needed=False)
"""Names of effects; the vendor's list of them changes."""

FRAME = File(Medium.PICTURE, ("jpeg", "png", "bmp", "webp"), mb_max=10, side_px=(360, 2000))

SIZES_480 = ("832*480", "480*832", "624*624")
SIZES_720 = ("1280*720", "720*1280", "960*960", "1088*832", "832*1088")
SIZES_1080 = ("1920*1080", "1080*1920", "1440*1440", "1632*1248", "1248*1632")


def _from_words(
    name: str, sizes: tuple[str, ...], usual: str, pricing: Pricing, *, free: int, likely: tuple[str, ...] = ()
) -> Model:
    return Model(
        name=name,
        title="a film from words",
        path=PATH,
        forms=(Form((PROMPT, NEGATIVE), (Parameter("size", Choice(sizes), usual), FIVE_SECONDS, *COMMON)),),
        result=RESULT,
        usage=USAGE,
        pricing=pricing,
        free=free,
        likely=likely,
        source="help.aliyun.com/zh/model-studio/text-to-video-api-reference",
    )


def _from_picture(
    name: str,
    resolutions: tuple[str, ...],
    duration: Parameter,
    pricing: Pricing,
    *,
    usual: str,
    free: int,
    template: bool,
    likely: tuple[str, ...] = (),
) -> Model:
    inputs = (Input("img_url", file=FRAME), MAY_PROMPT, NEGATIVE, *([TEMPLATE] if template else []))
    return Model(
        name=name,
        title="a film from its first frame",
        path=PATH,
        forms=(Form(inputs, (Parameter("resolution", Choice(resolutions), usual), duration, *COMMON)),),
        result=RESULT,
        usage=USAGE,
        pricing=pricing,
        free=free,
        likely=likely,
        source="help.aliyun.com/zh/model-studio/image-to-video-api-reference",
    )


MODELS: tuple[Model, ...] = (
    _from_words(
        "wan2.2-t2v-plus",
        (*SIZES_1080, *SIZES_480),
        "1920*1080",
        Pricing(
            {
                **dict.fromkeys(SIZES_480, "wan2.2-t2v-plus.480P"),
                **dict.fromkeys(SIZES_1080, "wan2.2-t2v-plus.1080P"),
            },
            by="size",
            seconds_of="duration",
        ),
        free=50,
    ),
    _from_words(
        "wanx2.1-t2v-turbo",
        (*SIZES_480, *SIZES_720),
        "1280*720",
        Pricing({"": "wanx2.1-t2v-turbo"}, seconds_of="duration"),
        free=200,
        likely=("sizes",),
    ),
    _from_words(
        "wanx2.1-t2v-plus",
        SIZES_720,
        "1280*720",
        Pricing({"": "wanx2.1-t2v-plus"}, seconds_of="duration"),
        free=200,
        likely=("sizes",),
    ),
    _from_picture(
        "wan2.2-i2v-plus",
        ("480P", "1080P"),
        FIVE_SECONDS,
        Pricing(
            {"480P": "wan2.2-i2v-plus.480P", "1080P": "wan2.2-i2v-plus.1080P"}, by="resolution", seconds_of="duration"
        ),
        usual="1080P",
        free=50,
        template=False,
    ),
    _from_picture(
        "wanx2.1-i2v-turbo",
        ("480P", "720P"),
        Parameter("duration", Choice((3, 4, 5)), default=5),
        Pricing({"": "wanx2.1-i2v-turbo"}, seconds_of="duration"),
        usual="720P",
        free=200,
        template=True,
        likely=("resolution", "duration"),
    ),
    _from_picture(
        "wanx2.1-i2v-plus",
        ("720P",),
        FIVE_SECONDS,
        Pricing({"": "wanx2.1-i2v-plus"}, seconds_of="duration"),
        usual="720P",
        free=200,
        template=True,
        likely=("resolution", "duration"),
    ),
    Model(
        name="wanx2.1-kf2v-plus",
        title="a film from its first frame to its last",
        path=FRAMES_PATH,
        forms=(
            Form(
                (
                    Input("first_frame_url", file=FRAME),
                    Input("last_frame_url", file=FRAME, needed=False),
                    MAY_PROMPT,
                    NEGATIVE,
                    TEMPLATE,
                ),
                (Parameter("resolution", Choice(("720P",)), "720P"), FIVE_SECONDS, *COMMON),
                some_of=(("last_frame_url", "template"),),
            ),
        ),
        result=RESULT,
        usage=USAGE,
        pricing=Pricing({"": "wanx2.1-kf2v-plus"}, seconds_of="duration"),
        free=200,
        source="help.aliyun.com/zh/model-studio/image-to-video-by-first-and-last-frame-api-reference",
    ),
)
