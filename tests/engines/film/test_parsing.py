"""What the renderer takes and what it refuses, by name, before it looks at any file."""

from __future__ import annotations

from typing import Any

import pytest

from local.engines.contract import RejectionError
from local.engines.film.parsing import parse_output, parse_timeline
from local.engines.film.timeline import Adapt, ClipKind, Container, Fade, Loudness, Measure

FILM = "https://b.oss-cn-beijing.aliyuncs.com/story.mp4"
LEVEL = {"Type": "Volume", "Gain": 1, "Level": 2}
Json = dict[str, Any]


def film_with(**fields: object) -> Json:
    return {"VideoTracks": [{"VideoTrackClips": [{"MediaURL": FILM, **fields}]}]}


def sound_with(**fields: object) -> Json:
    return {"AudioTracks": [{"AudioTrackClips": [{"MediaURL": FILM, **fields}]}]}


def text_with(**fields: object) -> Json:
    words = {"Type": "Text", "Content": "晚安", "FontSize": 40}
    return film_with() | {"SubtitleTracks": [{"SubtitleTrackClips": [words | fields]}]}


def refused(timeline: object) -> str:
    with pytest.raises(RejectionError) as caught:
        parse_timeline(timeline)
    assert caught.value.code == "TimelineFormatError"
    return caught.value.message


def refused_output(output: object) -> str:
    with pytest.raises(RejectionError) as caught:
        parse_output(output)
    assert caught.value.code == "InvalidParameter"
    return caught.value.message


def test_a_composition_is_read_field_by_field() -> None:
    timeline = parse_timeline(
        {
            "VideoTracks": [
                {
                    "MainTrack": True,
                    "VideoTrackClips": [{"MediaURL": FILM, "Effects": [{"Type": "Volume", "Gain": 0}]}],
                },
                {
                    "VideoTrackClips": [
                        {
                            "Type": "Video",
                            "MediaURL": "u/clip.mp4",
                            "X": 0.75,
                            "Y": 40,
                            "Width": 300,
                            "Height": 0.5,
                            "AdaptMode": "Cover",
                            "TimelineIn": 3.2,
                            "TimelineOut": 18.9,
                            "In": 1,
                            "Out": 20,
                            "Speed": 2,
                            "Opacity": 0.5,
                            "MaskVideoUrl": "u/mask.mp4",
                        }
                    ]
                },
            ],
            "AudioTracks": [],
            "EffectTracks": [],
        }
    )

    film, portrait = timeline.video_tracks
    clip = portrait.clips[0]
    assert (film.is_main, portrait.is_main) == (True, False)
    assert film.clips[0].loudness == Loudness(gain=0.0)
    assert clip.kind is ClipKind.VIDEO
    assert (clip.x, clip.y) == (Measure(0.75, is_fraction=True), Measure(40, is_fraction=False))
    assert (clip.width, clip.height) == (Measure(300, is_fraction=False), Measure(0.5, is_fraction=True))
    assert (clip.adapt, clip.opacity, clip.mask_url) == (Adapt.COVER, 0.5, "u/mask.mp4")
    assert (clip.span.timeline_in_s, clip.span.timeline_out_s) == (3.2, 18.9)
    assert (clip.span.in_s, clip.span.out_s, clip.span.speed) == (1.0, 20.0, 2.0)


def test_music_is_read_with_its_loop_and_fades() -> None:
    effects = [
        {"Type": "Volume", "Gain": 0.3},
        {"Type": "AFade", "SubType": "In", "Duration": 1},
        {"Type": "AFade", "SubType": "Out", "Duration": 2, "Curve": "exp"},
    ]

    clip = parse_timeline(sound_with(LoopMode=True, Effects=effects)).audio_tracks[0].clips[0]

    assert clip.is_looped
    assert clip.loudness == Loudness(0.3, (Fade(True, 1.0, "tri"), Fade(False, 2.0, "exp")))


def test_a_timeline_of_captions_only_is_refused_in_the_words_of_ims() -> None:
    captions = {"SubtitleTracks": [{"SubtitleTrackClips": [{"Type": "Subtitle", "FileURL": "u/a.srt"}]}]}

    assert refused(captions) == "Both video tracks and audio tracks are empty."


@pytest.mark.parametrize("timeline", [{}, {"VideoTracks": []}, {"VideoTracks": [{"VideoTrackClips": []}]}])
def test_tracks_without_a_clip_are_refused_as_empty(timeline: Json) -> None:
    assert refused(timeline) == "Both video tracks and audio tracks are empty."


def test_a_timeline_that_is_no_object_is_refused() -> None:
    assert refused("[]") == "The timeline must be a JSON object."


@pytest.mark.parametrize(
    ("timeline", "name"),
    [
        (film_with() | {"FECanvas": {"Width": 720}}, "FECanvas"),
        (film_with() | {"ImageTracks": [{}]}, "ImageTracks"),
        (film_with() | {"EffectTracks": [{"EffectTrackItems": []}]}, "EffectTracks"),
        (film_with(Volume=1), "VideoTracks[0].VideoTrackClips[0].Volume"),
        (film_with(ReferenceClipId="a"), "VideoTracks[0].VideoTrackClips[0].ReferenceClipId"),
        (film_with(Effects=[LEVEL]), "VideoTracks[0].VideoTrackClips[0].Effects[0].Level"),
        (sound_with(X=1), "AudioTracks[0].AudioTrackClips[0].X"),
        ({"AudioTracks": [{"TrackShortenMode": "AutoSpeed"}]}, "AudioTracks[0].TrackShortenMode"),
        (text_with(AdaptMode="AutoWrap"), "SubtitleTracks[0].SubtitleTrackClips[0].AdaptMode"),
        (text_with(FontFace={"Bold": True, "Fat": True}), "SubtitleTracks[0].SubtitleTrackClips[0].FontFace.Fat"),
    ],
)
def test_what_this_renderer_does_not_know_is_refused_by_its_path(timeline: Json, name: str) -> None:
    assert refused(timeline) == f"{name} is not supported."


def test_an_effect_of_another_type_is_refused_by_name() -> None:
    assert refused(film_with(Effects=[{"Type": "Background"}])).endswith("Effects[0].Type Background is not supported.")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"MediaURL": None}, "MediaURL is missing."),
        ({"MediaURL": ""}, "MediaURL must be a string that is not empty."),
        ({"MediaURL": 7}, "MediaURL must be a string that is not empty."),
        ({"Type": "Film"}, "Type must be one of Video, Image, GlobalImage."),
        ({"AdaptMode": "Stretch", "Width": 2, "Height": 2}, "AdaptMode must be one of Contain, Cover, Fill."),
        ({"AdaptMode": "Cover", "Width": 300}, "AdaptMode needs both Width and Height."),
        ({"X": -1}, "X must be at least 0."),
        ({"X": 1}, "X must be a fraction from 0 to 0.9999 or a whole number of pixels from 2."),
        ({"Y": 40.5}, "Y must be a fraction from 0 to 0.9999 or a whole number of pixels from 2."),
        ({"Width": 0}, "Width must be more than 0."),
        ({"Height": 1.5}, "Height must be a fraction from 0 to 0.9999 or a whole number of pixels from 2."),
        ({"Opacity": 1.1}, "Opacity must be between 0 and 1."),
        ({"Speed": 0}, "Speed must be between 0.1 and 100."),
        ({"Speed": 2, "Type": "Image"}, "Speed is only for videos."),
        ({"TimelineIn": -0.1}, "TimelineIn must be at least 0."),
        ({"TimelineIn": 3, "TimelineOut": 3}, "TimelineOut must be later than TimelineIn."),
        ({"TimelineIn": "3"}, "TimelineIn must be a number."),
        ({"TimelineIn": True}, "TimelineIn must be a number."),
        ({"TimelineIn": float("nan")}, "TimelineIn must be a number."),
        ({"In": 5, "Out": 4}, "Out must be later than In."),
        ({"In": 5, "MaxOut": 5}, "MaxOut must be later than In."),
        ({"Duration": 0}, "Duration must be more than 0."),
        ({"Effects": {"Type": "Volume"}}, "Effects must be a list."),
        ({"Effects": [{"Type": "Volume"}]}, "Effects[0].Gain is missing."),
        ({"Effects": [{"Type": "Volume", "Gain": -1}]}, "Effects[0].Gain must be between 0 and 100."),
        (
            {"Effects": [{"Type": "AFade", "SubType": "Up", "Duration": 1}]},
            "Effects[0].SubType must be one of In, Out.",
        ),
        ({"Effects": ["Volume"]}, "Effects[0] must be a JSON object."),
    ],
)
def test_a_wrong_value_is_refused_with_its_place_and_what_it_must_be(fields: Json, why: str) -> None:
    assert refused(film_with(**fields)) == f"VideoTracks[0].VideoTrackClips[0].{why}"


def test_only_audio_clips_loop() -> None:
    assert refused(film_with(LoopMode=True)) == "VideoTracks[0].VideoTrackClips[0].LoopMode is not supported."


def test_a_flag_is_true_or_false_and_nothing_like_it() -> None:
    assert refused(sound_with(LoopMode="true")).endswith("LoopMode must be true or false.")


def test_a_hundred_and_one_tracks_are_refused() -> None:
    track = {"VideoTrackClips": [{"MediaURL": FILM}]}

    assert len(parse_timeline({"VideoTracks": [track] * 100}).video_tracks) == 100
    assert refused({"VideoTracks": [track] * 101}) == "VideoTracks must not hold more than 100."


def test_two_main_tracks_are_refused() -> None:
    main = {"MainTrack": True, "VideoTrackClips": [{"MediaURL": FILM}]}

    assert refused({"VideoTracks": [main, main]}) == "Only one track can be the MainTrack."


def test_a_name_and_a_comment_on_a_clip_change_nothing() -> None:
    assert parse_timeline(film_with(ClipId="a", Comment="the film")) == parse_timeline(film_with())


def test_null_counts_as_not_given() -> None:
    assert parse_timeline(film_with(X=None, Opacity=None, Nonsense=None)) == parse_timeline(film_with())


def test_text_is_read_with_its_looks() -> None:
    timeline = text_with(
        X=0.05, Y=20, Alignment="TopRight", Font="AlibabaPuHuiTi", FontColor="#ffcc00", FontColorOpacity=0.7,
        Outline=2, OutlineColour="102030", FontFace={"Bold": True}, TimelineIn=1, TimelineOut=4,
    )  # fmt: skip

    clip = parse_timeline(timeline).texts[0]

    assert (clip.content, clip.alignment, clip.start_s, clip.end_s) == ("晚安", "TopRight", 1.0, 4.0)
    assert (clip.lettering.color, clip.lettering.opacity) == ("FFCC00", 0.7)
    assert (clip.lettering.outline, clip.lettering.outline_color) == (2.0, "102030")
    assert (clip.lettering.is_bold, clip.lettering.is_italic) == (True, False)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"Type": "Words"}, "Type must be one of Text, Subtitle."),
        ({"Content": None}, "Content is missing."),
        ({"FontSize": None}, "FontSize is missing."),
        ({"FontColor": "white"}, "FontColor must be a colour such as #FFFFFF."),
        ({"Alignment": "Middle"}, "Alignment must be one of"),
        ({"BorderStyle": 1.5}, "BorderStyle must be a whole number."),
        ({"TimelineIn": 4, "TimelineOut": 2}, "TimelineOut must be later than TimelineIn."),
        ({"Type": "Subtitle", "FileURL": "u/a.ass", "Content": None, "FontSize": None}, "FileURL must be an .srt file"),
        ({"Type": "Subtitle", "FileURL": "u/a.srt"}, "Content is not supported."),
    ],
)
def test_a_wrong_text_is_refused_with_its_place(fields: Json, why: str) -> None:
    assert refused(text_with(**fields)).startswith(f"SubtitleTracks[0].SubtitleTrackClips[0].{why}")


def test_a_caption_file_is_read_with_an_outline_of_its_own() -> None:
    captions = {"SubtitleTracks": [{"SubtitleTrackClips": [{"Type": "Subtitle", "FileURL": "u/a.SRT"}]}]}

    clip = parse_timeline(film_with() | captions).subtitles[0]

    assert (clip.url, clip.lettering.outline, clip.lettering.font_size) == ("u/a.SRT", 2.0, None)


@pytest.mark.parametrize(
    ("url", "container"),
    [
        ("https://b/o.mp4", Container.MP4),
        ("https://b/o.MP3", Container.MP3),
        ("https://b/a.mp4/o.wav?x=.mp4", Container.WAV),
    ],
)
def test_the_ending_of_the_address_decides_what_is_written(url: str, container: Container) -> None:
    assert parse_output({"MediaURL": url}).container is container


def test_the_output_is_read_with_its_quality() -> None:
    video = {"Fps": 30, "Codec": "H.264", "Profile": "main", "Crf": 23, "Preset": "fast"}

    output = parse_output(
        {"MediaURL": "u/o.mp4", "Width": 1280, "Height": 720, "Bitrate": 3000, "MaxDuration": 60, "Video": video}
    )

    assert (output.width, output.height, output.fps) == (1280, 720, 30.0)
    assert (output.bitrate_kbps, output.max_duration_s, output.crf) == (3000, 60.0, 23)
    assert (output.preset, output.profile) == ("fast", "main")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"MediaURL": None}, "OutputMediaConfig.MediaURL is missing."),
        ({"MediaURL": "u/o.webm"}, "OutputMediaConfig.MediaURL must end in .mp4, .mp3, .wav."),
        ({"FileName": "o.mp4"}, "OutputMediaConfig.FileName is not supported."),
        ({"Width": 127}, "OutputMediaConfig.Width must be between 128 and 4096."),
        ({"Height": 4097}, "OutputMediaConfig.Height must be between 128 and 4096."),
        ({"Width": 0.5}, "OutputMediaConfig.Width must be between 128 and 4096."),
        ({"Width": 1280.5}, "OutputMediaConfig.Width must be a whole number."),
        ({"Width": 2162, "Height": 2162}, "The short side of the output size 2162x2162 must not exceed 2160."),
        ({"Video": {"Crf": 52}}, "OutputMediaConfig.Video.Crf must be between 0 and 51."),
        ({"Video": {"Codec": "H.265"}}, "OutputMediaConfig.Video.Codec must be one of H.264."),
        ({"Video": {"Orientation": "x"}}, "OutputMediaConfig.Video.Orientation is not supported."),
        ({"Video": []}, "OutputMediaConfig.Video must be a JSON object."),
    ],
)
def test_a_wrong_output_is_refused_as_a_parameter(fields: Json, why: str) -> None:
    assert refused_output({"MediaURL": "u/o.mp4"} | fields) == why


def test_a_long_narrow_output_within_the_limits_is_taken() -> None:
    output = parse_output({"MediaURL": "u/o.mp4", "Width": 2160, "Height": 4096})

    assert (output.width, output.height) == (2160, 4096)
