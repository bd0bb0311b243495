"""People moved by a template: AnimateAnyone (three models that run one after the other) and Emoji.

Source: help.aliyun.com/zh/model-studio, animate-anyone and emoji API references. Notice 118434 of 2026-07-10 ends the
shared models on 2026-10-10; instances of one's own go on.
"""

from __future__ import annotations

from dataclasses import replace

from shared.domain.catalogue.model import File, Form, Input, Link, Medium, Model, Parameter, Pricing, Status, Way
from shared.domain.catalogue.rules import Box, Choice, Flag, Text

CHECK_PATH = "image2video/face-detect"
TASK_PATH = "image2video/video-synthesis"
OFF_ON = "2026-10-10"

PERSON = File(Medium.PICTURE, ("jpeg", "png", "bmp"), mb_max=5, side_px=(1, 4096), ratio_max=2.0)
DANCE = File(
    Medium.FILM,
    ("mp4", "avi", "mov"),
    mb_max=200,
    side_px=(200, 2048),
    seconds=(2.0, 60.0),
    fps=(24.0, 1000.0),
    codecs=("avc", "hevc"),
)
HEAD = File(Medium.PICTURE, ("jpeg", "png", "bmp", "webp"), mb_max=10, side_px=(400, 7000))

DETECT_GEN2 = Model(
    name="animate-anyone-detect-gen2",
    title="checks a photo for AnimateAnyone",
    path="image2video/aa-detect",
    forms=(Form((Input("image_url", file=PERSON),)),),
    way=Way.AT_ONCE,
    passes="check_pass",
    result=(("bodystyle",),),
    usage=("image_count",),
    pricing=Pricing({"": "animate-anyone-detect-gen2"}),
    free=200,
    per_s=5,
    at_once=5,
    status=Status.ANNOUNCED_OFF,
    off_on=OFF_ON,
    source="help.aliyun.com/zh/model-studio/animate-anyone-detect-api",
)
TEMPLATE_GEN2 = Model(
    name="animate-anyone-template-gen2",
    title="takes the movements out of a film",
    path="image2video/aa-template-generation/",
    forms=(Form((Input("video_url", file=DANCE),)),),
    result=(("template_id",),),
    usage=("video_duration", "duration"),
    pricing=Pricing({"": "animate-anyone-template-gen2"}, seconds_of="video_url"),
    free=1800,
    per_s=5,
    at_once=1,
    status=Status.ANNOUNCED_OFF,
    off_on=OFF_ON,
    source="help.aliyun.com/zh/model-studio/animate-anyone-template-api",
)
GENERATE_GEN2 = Model(
    name="animate-anyone-gen2",
    title="a person who moves like the one in a film",
    path="image2video/video-synthesis/",
    forms=(
        Form(
            (Input("image_url", file=PERSON), Input("template_id", rule=Text(128))),
            (
                Parameter("use_ref_img_bg", Flag(), default=False),
                Parameter("video_ratio", Choice(("9:16", "3:4")), "9:16"),
            ),
        ),
    ),
    before=(
        Link("animate-anyone-detect-gen2", ("image_url",)),
        Link("animate-anyone-template-gen2", ("video_url",), {"template_id": "template_id"}),
    ),
    result=(("video_url",),),
    usage=("video_duration", "duration"),
    pricing=Pricing({"": "animate-anyone-gen2"}, seconds_of="video_url"),
    free=1800,
    per_s=5,
    at_once=1,
    status=Status.ANNOUNCED_OFF,
    off_on=OFF_ON,
    likely=("free quota",),
    source="help.aliyun.com/zh/model-studio/animateanyone-video-generation-api",
)
ON_AN_INSTANCE = Pricing({"": "deployed"})

MODELS: tuple[Model, ...] = (
    DETECT_GEN2,
    TEMPLATE_GEN2,
    GENERATE_GEN2,
    replace(
        DETECT_GEN2,
        name="animate-anyone-detect",
        pricing=ON_AN_INSTANCE,
        free=0,
        status=Status.DEPLOYED_ONLY,
        off_on="",
        likely=("fields: those of gen2",),
    ),
    replace(
        GENERATE_GEN2,
        name="animate-anyone",
        before=(
            Link("animate-anyone-detect", ("image_url",)),
            Link("animate-anyone-template-gen2", ("video_url",), {"template_id": "template_id"}),
        ),
        pricing=ON_AN_INSTANCE,
        free=0,
        status=Status.DEPLOYED_ONLY,
        off_on="",
        likely=("fields: those of gen2",),
    ),
    Model(
        name="emoji-detect-v1",
        title="finds the face for an emoji",
        path=CHECK_PATH,
        forms=(Form((Input("image_url", file=HEAD),), (Parameter("ratio", Choice(("1:1",)), "1:1"),)),),
        way=Way.AT_ONCE,
        result=(("bbox_face",), ("ext_bbox_face",)),
        usage=("image_count",),
        pricing=Pricing({"": "emoji-detect-v1"}),
        free=200,
        per_s=5,
        at_once=5,
        status=Status.ANNOUNCED_OFF,
        off_on=OFF_ON,
        source="help.aliyun.com/zh/model-studio/emoji-detect-api",
    ),
    Model(
        name="emoji-v1",
        title="a face that pulls the face of a template",
        path=TASK_PATH,
        forms=(
            Form(
                (
                    Input("image_url", file=HEAD),
                    Input("driven_id", rule=Text(128)),
                    Input("face_bbox", rule=Box()),
                    Input("ext_bbox", rule=Box(("1:1",))),
                ),
            ),
        ),
        before=(
            Link(
                "emoji-detect-v1",
                ("image_url",),
                {"bbox_face": "face_bbox", "ext_bbox_face": "ext_bbox"},
                parameters=("ratio",),
            ),
        ),
        result=(("video_url",),),
        usage=("video_duration", "duration"),
        pricing=Pricing({"": "emoji-v1"}),
        free=500,
        per_s=5,
        at_once=1,
        status=Status.ANNOUNCED_OFF,
        off_on=OFF_ON,
        likely=("running tasks",),
        source="help.aliyun.com/zh/model-studio/emoji-api",
    ),
)
