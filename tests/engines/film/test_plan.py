"""When everything is on: the timeline joined with what the files hold. No file is touched here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from local.engines.contract import Caption, RejectionError
from local.engines.ffmpeg import Media
from local.engines.film.parsing import parse_output, parse_timeline
from local.engines.film.plan import Plan, make_plan

Json = dict[str, Any]
MATERIAL = {
    "film": Media(60.0, 1280, 720, 25.0, channels=2),
    "clip": Media(10.0, 512, 704, 25.0, channels=1),
    "voice": Media(4.0, channels=1),
    "music": Media(20.0, channels=2),
    "ring": Media(0.0, 300, 300),
    "tall": Media(30.0, 641, 1137, 29.97),
}
CAPTIONS = [Caption(1.0, 3.0, "one"), Caption(5.0, 8.0, "two")]


def planned(timeline: Json, **output: object) -> Plan:
    wanted = parse_output({"MediaURL": "u/o.mp4"} | output)
    return make_plan(parse_timeline(timeline), wanted, MATERIAL.__getitem__, lambda url: CAPTIONS)


def refused(timeline: Json, **output: object) -> RejectionError:
    with pytest.raises(RejectionError) as caught:
        planned(timeline, **output)
    return caught.value


def video(*clips: Json, **track: object) -> Json:
    return {"VideoTrackClips": list(clips), **track}


def audio(*clips: Json, **track: object) -> Json:
    return {"AudioTrackClips": list(clips), **track}


def clip(name: str, start: float | None = None, end: float | None = None, **fields: object) -> Json:
    return {"MediaURL": name, "TimelineIn": start, "TimelineOut": end, **fields}


MUTED = {"Effects": [{"Type": "Volume", "Gain": 0}]}
FILM = video(clip("film"), MainTrack=True)


def test_the_main_track_decides_the_length() -> None:
    plan = planned({"VideoTracks": [FILM, video(clip("clip", 55))], "AudioTracks": [audio(clip("music", 50))]})

    assert plan.length_s == 60.0
    assert plan.frames == 1500
    assert [(picture.first, picture.end) for picture in plan.pictures] == [(0, 1500), (1375, 1500)]
    assert [sound.length_s for sound in plan.sounds] == [60.0, 5.0, 10.0]


def test_a_short_main_track_cuts_the_others() -> None:
    plan = planned({"VideoTracks": [video(clip("film")), video(clip("clip"), MainTrack=True)]})

    assert plan.length_s == 10.0
    assert [picture.end for picture in plan.pictures] == [250, 250]


def test_an_audio_track_can_be_the_main_track() -> None:
    music = audio(clip("music"), MainTrack=True)

    assert planned({"VideoTracks": [video(clip("film"))], "AudioTracks": [music]}).length_s == 20.0


def test_without_a_main_track_the_longest_video_track_decides_even_if_audio_is_longer() -> None:
    plan = planned({"VideoTracks": [video(clip("clip")), video(clip("tall"))], "AudioTracks": [audio(clip("film"))]})

    assert plan.length_s == 30.0


def test_max_duration_wins_over_the_main_track() -> None:
    assert planned({"VideoTracks": [FILM]}, MaxDuration=12.5).length_s == 12.5


def test_clips_without_a_place_follow_each_other() -> None:
    plan = planned({"VideoTracks": [video(clip("clip"), clip("tall", None, None, Out=2), clip("clip"))]})

    assert [(picture.first, picture.end) for picture in plan.pictures] == [(0, 250), (250, 300), (300, 550)]


def test_in_out_speed_and_place_together_give_a_clips_time() -> None:
    plan = planned({"VideoTracks": [FILM, video(clip("clip", 8.0, None, In=2, Out=8, Speed=2))]})

    picture = plan.pictures[1]
    assert (picture.first, picture.end, picture.in_s, picture.speed) == (200, 275, 2.0, 2.0)


@pytest.mark.parametrize(
    ("fields", "end_s"),
    [
        ({"TimelineOut": 6}, 6),  # cut
        ({"TimelineOut": 50}, 10),  # the material is no longer
        ({"Duration": 3}, 3),
        ({"MaxOut": 4}, 4),
        ({"MaxOut": 40}, 10),
        ({"Out": 10.02}, 10),  # headers round
    ],
)
def test_a_clip_is_never_longer_than_its_material(fields: Json, end_s: float) -> None:
    assert planned({"VideoTracks": [video({"MediaURL": "clip"} | fields)]}).length_s == end_s


def test_a_start_between_two_frames_is_moved_to_the_frame_before() -> None:
    plan = planned({"VideoTracks": [FILM, video(clip("clip", 3.1999)), video(clip("clip", 3.2))]})

    assert [picture.first for picture in plan.pictures[1:]] == [79, 80]


def test_pieces_of_a_clip_that_go_on_from_one_another_are_one_picture() -> None:
    pieces = (
        clip("clip", 2.0, 2.08, Opacity=0.33),
        clip("clip", 2.08, 4.15, In=0.08),
        clip("clip", 4.15, 4.23, In=2.15, Opacity=0.5),
    )

    (picture,) = planned({"VideoTracks": [FILM, video(*pieces)]}).pictures[1:]

    assert (picture.first, picture.end, picture.in_s) == (50, 106, 0.0)
    # the last begins between two frames: it has the one that the piece before would have ended with
    assert [(stage.frames, stage.opacity) for stage in picture.stages] == [(2, 0.33), (51, 1.0), (3, 0.5)]


@pytest.mark.parametrize(
    "second",
    [
        clip("clip", 4, 6, In=2.5),
        clip("clip", 4.04, 6, In=2.04),
        clip("clip", 4, 6, In=2, X=40),
        clip("clip", 4, 5, In=2, Speed=2),
        clip("clip", 4, 6, In=2, MaskVideoUrl="ring"),
        clip("film", 4, 6, In=2, Width=512, Height=704),
    ],
)
def test_a_clip_that_is_not_what_the_one_before_would_go_on_with_is_a_picture_of_its_own(second: Json) -> None:
    plan = planned({"VideoTracks": [FILM, video(clip("clip", 2, 4), second)]})

    assert len(plan.pictures) == 3


def test_a_film_that_is_heard_in_parts_is_seen_as_a_whole() -> None:
    parts = (clip("film", 0, 8, In=0, **MUTED), clip("film", 8, 12, In=8), clip("film", 12, 60, In=12, **MUTED))

    plan = planned({"VideoTracks": [video(*parts, MainTrack=True)]})

    assert [(picture.first, picture.end, picture.is_opaque) for picture in plan.pictures] == [(0, 1500, True)]
    assert [(sound.start_s, sound.length_s) for sound in plan.sounds] == [(8, 4)]


def test_an_image_lasts_as_long_as_it_says() -> None:
    ring = {"MediaURL": "ring", "Type": "Image"}
    lengths: list[Json] = [{"TimelineIn": 1, "TimelineOut": 4}, {"Duration": 2}, {"Out": 5}]

    plan = planned({"VideoTracks": [FILM, *(video(ring | length) for length in lengths)]})

    assert [(picture.first, picture.end) for picture in plan.pictures[1:]] == [(25, 100), (0, 50), (0, 125)]
    assert all(picture.is_still for picture in plan.pictures[1:])


def test_an_image_without_a_length_is_refused() -> None:
    error = refused({"VideoTracks": [FILM, video({"MediaURL": "ring", "Type": "Image"})]})

    assert (error.code, error.message) == (
        "TimelineFormatError",
        "VideoTracks[1].VideoTrackClips[0].Duration is missing.",
    )


def test_a_picture_declared_a_video_is_refused() -> None:
    assert "needs the Type Image" in refused({"VideoTracks": [video(clip("ring"))]}).message


def test_a_global_image_is_there_all_the_time() -> None:
    plan = planned({"VideoTracks": [FILM, video({"MediaURL": "ring", "Type": "GlobalImage"})]})

    assert (plan.pictures[1].first, plan.pictures[1].end) == (0, 1500)


def test_global_images_alone_give_no_length() -> None:
    error = refused({"VideoTracks": [video({"MediaURL": "ring", "Type": "GlobalImage"})]})

    assert error.message == "No clip gives the output a duration."


def test_a_part_beyond_the_material_is_refused() -> None:
    error = refused({"VideoTracks": [video(clip("clip", In=10))]})

    assert error.message == "VideoTracks[0].VideoTrackClips[0].In is beyond the end of the material."


@pytest.mark.parametrize("second_s", [0.0, 3.99])
def test_overlapping_clips_of_one_audio_track_are_refused(second_s: float) -> None:
    error = refused({"VideoTracks": [FILM], "AudioTracks": [audio(clip("voice", 0), clip("voice", second_s))]})

    assert (error.code, error.message) == (
        "TimelineFormatError",
        "AudioTracks[0].AudioTrackClips[1] overlaps the clip before it.",
    )


def test_clips_that_touch_do_not_overlap_even_if_headers_round() -> None:
    plan = planned({"VideoTracks": [FILM], "AudioTracks": [audio(clip("voice", 1), clip("voice", 4.999))]})

    assert [sound.start_s for sound in plan.sounds[1:]] == [1.0, 4.999]


def test_a_looped_clip_lasts_to_the_end_and_nothing_can_follow_it() -> None:
    music = clip("music", 5, LoopMode=True, In=1, Out=9)

    plan = planned({"VideoTracks": [FILM], "AudioTracks": [audio(music)]})
    error = refused({"VideoTracks": [FILM], "AudioTracks": [audio(music, clip("voice", 50))]})

    assert (plan.sounds[1].length_s, plan.sounds[1].loop_s) == (55.0, 8.0)
    assert error.message == "AudioTracks[0].AudioTrackClips[1] overlaps the clip before it."


def test_sounds_turned_down_to_nothing_are_not_decoded() -> None:
    film = clip("film") | MUTED

    assert planned({"VideoTracks": [video(film)]}).sounds == ()


def test_an_audio_clip_of_a_film_uses_its_sound() -> None:
    plan = planned({"VideoTracks": [video(clip("film") | MUTED)], "AudioTracks": [audio(clip("film", 2))]})

    assert [(sound.url, sound.start_s, sound.length_s) for sound in plan.sounds] == [("film", 2.0, 58.0)]


def test_a_mono_voice_is_marked_so_that_it_keeps_its_level() -> None:
    plan = planned({"VideoTracks": [FILM], "AudioTracks": [audio(clip("voice"))]})

    assert [sound.is_mono for sound in plan.sounds] == [False, True]


def test_an_audio_clip_of_silent_material_is_refused() -> None:
    assert refused({"AudioTracks": [audio(clip("tall"))]}, MediaURL="u/o.wav").message.endswith(
        "MediaURL has no sound."
    )


def test_a_video_clip_of_a_recording_is_refused() -> None:
    assert refused({"VideoTracks": [video(clip("film")), video(clip("voice"))]}).message.endswith("has no picture.")


def test_sound_alone_is_rendered_to_mp3_for_its_longest_track() -> None:
    tracks = [audio(clip("voice", 1)), audio(clip("music"))]

    plan = planned({"AudioTracks": tracks}, MediaURL="u/o.mp3")

    assert (plan.length_s, plan.pictures, len(plan.sounds)) == (20.0, (), 2)


def test_sound_alone_is_refused_for_an_mp4() -> None:
    assert refused({"AudioTracks": [audio(clip("voice"))]}).code == "InvalidParameter"


def test_the_canvas_is_the_largest_material_made_even() -> None:
    assert planned({"VideoTracks": [video(clip("tall")), video(clip("clip"))]}).canvas == (640, 1136)


def test_the_canvas_is_what_was_asked_for() -> None:
    assert planned({"VideoTracks": [FILM]}, Width=1920, Height=1080).canvas == (1920, 1080)


def test_frames_follow_the_main_film_unless_asked_otherwise() -> None:
    tracks = {"VideoTracks": [video({"MediaURL": "ring", "Type": "Image", "Duration": 30}), video(clip("tall"))]}

    assert planned(tracks).fps == pytest.approx(30000 / 1001, abs=1e-9)
    assert planned(tracks, Video={"Fps": 24}).fps == 24.0


def test_text_lasts_for_the_whole_film_unless_told_otherwise() -> None:
    words = {"Type": "Text", "Content": "a", "FontSize": 20}
    clips = [words, words | {"TimelineIn": 2, "TimelineOut": 5}, words | {"TimelineIn": 70}]

    plan = planned({"VideoTracks": [FILM], "SubtitleTracks": [{"SubtitleTrackClips": clips}]})

    assert [(text.start_s, text.end_s) for text in plan.texts] == [(0.0, 60.0), (2.0, 5.0)]


def test_captions_are_cut_to_their_clips_time() -> None:
    file = {"Type": "Subtitle", "FileURL": "u/a.srt", "TimelineIn": 2, "TimelineOut": 6}

    plan = planned({"VideoTracks": [FILM], "SubtitleTracks": [{"SubtitleTrackClips": [file]}]})

    assert plan.captions[0].captions == (Caption(2.0, 3.0, "one"), Caption(5.0, 6.0, "two"))


def test_the_same_timeline_gives_the_same_plan() -> None:
    timeline: Json = {"VideoTracks": [FILM, video(clip("clip", 3))], "AudioTracks": [audio(clip("voice", 3))]}

    assert planned(timeline) == replace(planned(timeline))
