"""People who speak: a portrait, or a film of a person, with the lips of a recording.

Source: help.aliyun.com/zh/model-studio, the EMO, LivePortrait, wan2.2-s2v, wan2.7 image-to-video and VideoRetalk
API references. Notice 118434 of 2026-07-10 ends the shared EMO and LivePortrait models on 2026-10-10.
"""

from __future__ import annotations

from shared.domain.catalogue.model import File, Form, Input, Link, Medium, Model, Parameter, Pricing, Status, Way
from shared.domain.catalogue.people import CHECK_PATH, HEAD, OFF_ON, TASK_PATH
from shared.domain.catalogue.prompted import COMMON, FRAME, MAY_PROMPT, NEGATIVE, PATH
from shared.domain.catalogue.rules import Box, Choice, Flag, Number, Whole

RATIOS = ("1:1", "3:4")
RATIO = Parameter("ratio", Choice(RATIOS), "1:1")
STYLES = Choice(("normal", "calm", "active"), meant={"subtle": "calm"})

SPOKEN_EMO = File(Medium.SOUND, ("wav", "mp3"), mb_max=15, seconds=(0.0, 60.0))
SPOKEN_S2V = File(Medium.SOUND, ("wav", "mp3"), mb_max=15, seconds_below=20.0)
SPOKEN_I2V = File(Medium.SOUND, ("wav", "mp3"), mb_max=15, seconds=(2.0, 30.0))
SPOKEN_LIVE = File(Medium.SOUND, ("wav", "mp3"), mb_max=15, seconds=(1.0, 180.0))
SPOKEN_RETALK = File(Medium.SOUND, ("wav", "mp3", "aac"), mb_max=30, seconds=(2.0, 120.0))
LIVE_PHOTO = File(Medium.PICTURE, ("jpeg", "png", "bmp", "webp"), mb_max=10, side_px=(1, 4096), ratio_max=2.0)
TALKING = File(
    Medium.FILM,
    ("mp4", "avi", "mov"),
    mb_max=300,
    side_px=(640, 2048),
    seconds=(2.0, 120.0),
    fps=(15.0, 60.0),
    codecs=("avc", "hevc"),
)

EMO = (
    Model(
        name="emo-detect-v1",
        title="finds the face for EMO",
        path=CHECK_PATH,
        forms=(Form((Input("image_url", file=HEAD),), (RATIO,)),),
        way=Way.AT_ONCE,
        passes="check_pass",
        result=(("face_bbox",), ("ext_bbox",)),
        usage=("image_count",),
        pricing=Pricing({"": "emo-detect-v1"}),
        free=200,
        per_s=5,
        at_once=5,
        status=Status.ANNOUNCED_OFF,
        off_on=OFF_ON,
        source="help.aliyun.com/zh/model-studio/emo-detect-api",
    ),
    Model(
        name="emo-v1",
        title="a portrait that speaks",
        path=TASK_PATH,
        forms=(
            Form(
                (
                    Input("image_url", file=HEAD),
                    Input("audio_url", file=SPOKEN_EMO),
                    Input("face_bbox", rule=Box()),
                    Input("ext_bbox", rule=Box(RATIOS)),
                ),
                (Parameter("style_level", STYLES, "normal"),),
            ),
        ),
        before=(
            Link(
                "emo-detect-v1",
                ("image_url",),
                {"face_bbox": "face_bbox", "ext_bbox": "ext_bbox"},
                parameters=("ratio",),
            ),
        ),
        result=(("results", "video_url"), ("video_url",)),
        usage=("video_duration", "duration"),
        pricing=Pricing({"1:1": "emo-v1.1:1", "3:4": "emo-v1.3:4"}, by="ext_bbox", seconds_of="audio_url"),
        free=1800,
        per_s=5,
        at_once=1,
        status=Status.ANNOUNCED_OFF,
        off_on=OFF_ON,
        source="help.aliyun.com/zh/model-studio/emo-api",
    ),
)
LIVEPORTRAIT = (
    Model(
        name="liveportrait-detect",
        title="checks a photo for LivePortrait",
        path=CHECK_PATH,
        forms=(Form((Input("image_url", file=LIVE_PHOTO),)),),
        way=Way.AT_ONCE,
        passes="pass",
        result=(("message",),),
        usage=("image_count",),
        pricing=Pricing({"": "liveportrait-detect"}),
        free=200,
        per_s=5,
        at_once=5,
        status=Status.ANNOUNCED_OFF,
        off_on=OFF_ON,
        source="help.aliyun.com/zh/model-studio/liveportrait-detect-api",
    ),
    Model(
        name="liveportrait",
        title="a portrait that speaks, quick and light",
        path="image2video/video-synthesis/",
        forms=(
            Form(
                (Input("image_url", file=LIVE_PHOTO), Input("audio_url", file=SPOKEN_LIVE)),
                (
                    Parameter("template_id", STYLES, "normal"),
                    Parameter("eye_move_freq", Number(0.0, 1.0), 0.5),
                    Parameter("video_fps", Whole(15, 30), 24),
                    Parameter("mouth_move_strength", Number(0.0, 1.5), 1.0),
                    Parameter("paste_back", Flag(), default=True),
                    Parameter("head_move_strength", Number(0.0, 1.0), 0.7),
                ),
            ),
        ),
        before=(Link("liveportrait-detect", ("image_url",)),),
        result=(("results", "video_url"), ("video_url",)),
        usage=("video_duration", "duration"),
        pricing=Pricing({"": "liveportrait"}, seconds_of="audio_url"),
        free=1800,
        per_s=5,
        at_once=1,
        status=Status.ANNOUNCED_OFF,
        off_on=OFF_ON,
        likely=("running tasks",),
        source="help.aliyun.com/zh/model-studio/liveportrait-api",
    ),
)
LIVING = (
    Model(
        name="wan2.2-s2v-detect",
        title="checks a photo for wan2.2-s2v",
        path=CHECK_PATH,
        forms=(Form((Input("image_url", file=HEAD),)),),
        way=Way.AT_ONCE,
        passes="check_pass",
        result=(("humanoid",),),
        usage=("image_count",),
        pricing=Pricing({"": "wan2.2-s2v-detect"}),
        per_s=5,
        at_once=5,
        source="help.aliyun.com/zh/model-studio/wan-s2v-detect-api",
    ),
    Model(
        name="wan2.2-s2v",
        title="a portrait that speaks",
        path=TASK_PATH,
        forms=(
            Form(
                (Input("image_url", file=HEAD), Input("audio_url", file=SPOKEN_S2V)),
                (Parameter("resolution", Choice(("480P", "720P")), "480P"),),
            ),
        ),
        before=(Link("wan2.2-s2v-detect", ("image_url",)),),
        result=(("results", "video_url"), ("video_url",)),
        usage=("duration", "video_duration"),
        pricing=Pricing(
            {"480P": "wan2.2-s2v.480P", "720P": "wan2.2-s2v.720P"}, by="resolution", seconds_of="audio_url"
        ),
        per_s=5,
        at_once=1,
        source="help.aliyun.com/zh/model-studio/wan-s2v-api",
    ),
    Model(
        name="wan2.7-i2v",
        title="a film from its first frame, spoken by a recording",
        path=PATH,
        forms=(
            Form(
                (
                    Input("first_frame_url", file=FRAME, listed_as="first_frame"),
                    Input("driving_audio_url", file=SPOKEN_I2V, listed_as="driving_audio"),
                    Input("last_frame_url", file=FRAME, needed=False, listed_as="last_frame"),
                    MAY_PROMPT,
                    NEGATIVE,
                ),
                (
                    Parameter("resolution", Choice(("720P", "1080P")), "1080P"),
                    Parameter("duration", Whole(2, 15), 5),
                    *COMMON,
                ),
            ),
        ),
        result=(("video_url",), ("results", "video_url")),
        usage=("video_duration", "duration"),
        pricing=Pricing(
            {"720P": "wan2.7-i2v.720P", "1080P": "wan2.7-i2v.1080P"}, by="resolution", seconds_of="duration"
        ),
        per_s=5,
        at_once=5,
        likely=("price", "usual duration", "that longer speech is cut"),
        source="help.aliyun.com/zh/model-studio/image-to-video-general-api-reference",
    ),
    Model(
        name="videoretalk",
        title="a film of a person with other words",
        path="image2video/video-synthesis/",
        forms=(
            Form(
                (
                    Input("video_url", file=TALKING),
                    Input("audio_url", file=SPOKEN_RETALK),
                    Input("ref_image_url", file=LIVE_PHOTO, needed=False),
                ),
                (
                    Parameter("video_extension", Flag(), default=False),
                    Parameter("query_face_threshold", Whole(120, 200), 170),
                ),
            ),
        ),
        result=(("video_url",), ("results", "video_url")),
        usage=("video_duration", "duration"),
        pricing=Pricing({"": "videoretalk"}, seconds_of="audio_url", ends_with="video_url", goes_on="video_extension"),
        free=1800,
        per_s=1,
        at_once=1,
        source="help.aliyun.com/zh/model-studio/videoretalk-api",
    ),
)

MODELS: tuple[Model, ...] = (*EMO, *LIVEPORTRAIT, *LIVING)
