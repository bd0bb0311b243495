"""The timeline says what IMS can render: the film muted, the portrait in its corner, every word whole, the label."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import timeline
from shared.domain.errors import Corrupt, Refused
from shared.domain.timeline import (
    CORNERS,
    FRAME_MS,
    LABEL,
    RATIOS,
    Bed,
    Box,
    FilmTrack,
    PortraitClip,
    PortraitPlace,
    SpeechTrack,
    compose_timeline,
    film_size,
    portrait_box,
)

FILM = FilmTrack("https://b/story.mp4", 1920, 1080, 60_000)
SIDES = st.integers(128, 2160)
PLACES = st.builds(
    PortraitPlace, st.sampled_from(CORNERS), st.floats(0.15, 0.5), st.floats(0, 0.1), st.sampled_from(sorted(RATIOS))
)
SPANS = st.lists(st.tuples(st.integers(-500, 70_000), st.integers(-500, 70_000)), max_size=12)


def composed(*args: Any, **options: Any) -> dict[str, Any]:
    return json.loads(json.dumps(compose_timeline(*args, **options)))  # type: ignore[no-any-return]  # JSON is Any


def speech(*spans: tuple[int, int]) -> list[SpeechTrack]:
    return [SpeechTrack(f"https://b/{start}.wav", start, end) for start, end in spans]


def clips(*spans: tuple[int, int]) -> list[PortraitClip]:
    return [PortraitClip(f"https://b/{start}.mp4", start, end) for start, end in spans]


def times(track: dict[str, Any]) -> list[tuple[float, float]]:
    (name,) = [name for name in track if name.endswith("Clips")]
    return [(clip["TimelineIn"], clip["TimelineOut"]) for clip in track[name]]


def test_the_film_is_the_main_track_muted_and_whole() -> None:
    (track,) = composed(FILM, [], [])["VideoTracks"]

    assert track == {
        "MainTrack": True,
        "VideoTrackClips": [
            {
                "Type": "Video",
                "MediaURL": "https://b/story.mp4",
                "X": 0,
                "Y": 0,
                "Width": 1920,
                "Height": 1080,
                "AdaptMode": "Contain",
                "TimelineIn": 0,
                "TimelineOut": 60.0,
                "Effects": [{"Type": "Volume", "Gain": 0}],
            }
        ],
    }


def test_talking_clips_lie_muted_on_a_second_track_at_the_top_right() -> None:
    _, track = composed(FILM, [], clips((3200, 18_900)))["VideoTracks"]

    assert track == {
        "VideoTrackClips": [
            {
                "Type": "Video",
                "MediaURL": "https://b/3200.mp4",
                "X": 1564,
                "Y": 32,
                "Width": 324,
                "Height": 324,
                "AdaptMode": "Cover",
                "TimelineIn": 3.2,
                "TimelineOut": 18.9,
                "Effects": [{"Type": "Volume", "Gain": 0}],
            }
        ]
    }


def test_a_still_portrait_is_an_image_and_has_no_volume() -> None:
    _, track = composed(FILM, [], [PortraitClip("https://b/photo.jpg", 0, 5000, is_image=True)])["VideoTracks"]

    assert track["VideoTrackClips"][0]["Type"] == "Image"
    assert "Effects" not in track["VideoTrackClips"][0]


def test_speech_and_the_films_own_music_have_a_track_each() -> None:
    voice, music = composed(FILM, speech((3200, 18_900)), [], bed=Bed("https://b/music.wav"))["AudioTracks"]

    assert voice == {"AudioTrackClips": [{"MediaURL": "https://b/3200.wav", "TimelineIn": 3.2, "TimelineOut": 18.9}]}
    assert music["AudioTrackClips"][0]["TimelineOut"] == 60.0
    assert music["AudioTrackClips"][0]["Effects"] == [{"Type": "Volume", "Gain": timeline.ACCOMPANIMENT_GAIN}]
    assert "LoopMode" not in music["AudioTrackClips"][0]


def test_given_music_is_repeated_softer_and_fades_at_the_end() -> None:
    (music,) = composed(FILM, [], [], bed=Bed("https://b/music.mp3", is_given=True))["AudioTracks"]

    clip = music["AudioTrackClips"][0]
    assert clip["LoopMode"] is True
    assert clip["Effects"][0]["Gain"] < timeline.ACCOMPANIMENT_GAIN
    assert (clip["Effects"][1]["Type"], clip["Effects"][1]["SubType"]) == ("AFade", "Out")


def test_the_label_stands_for_the_whole_film_in_letters_large_enough_by_law() -> None:
    (track,) = composed(FILM, [], [])["SubtitleTracks"]

    label = track["SubtitleTrackClips"][0]
    assert (label["Type"], label["Content"]) == ("Text", LABEL)
    assert (label["TimelineIn"], label["TimelineOut"]) == (0, 60.0)
    assert label["FontSize"] >= 0.05 * 1080
    assert label["Y"] > 1080 / 2


def test_the_label_makes_room_for_a_portrait_at_the_bottom_left() -> None:
    def x_of(corner: str) -> int:
        (track,) = composed(FILM, [], [], portrait=PortraitPlace(corner=corner))["SubtitleTracks"]
        return int(track["SubtitleTrackClips"][0]["X"])

    assert x_of("top-right") == x_of("bottom-right") < 1920 / 2 < x_of("bottom-left")


def test_captions_are_burnt_in_only_when_given_and_under_the_label() -> None:
    captions, label = composed(FILM, [], [], captions_url="https://b/captions.srt")["SubtitleTracks"]

    assert captions == {"SubtitleTrackClips": [{"Type": "Subtitle", "FileURL": "https://b/captions.srt"}]}
    assert label["SubtitleTrackClips"][0]["Content"] == LABEL
    assert "SubtitleTracks" not in composed(FILM, [], [], label=None)
    assert "AudioTracks" not in composed(FILM, [], [], label=None)


def test_a_frames_overlap_of_speech_by_rounding_is_cut_from_the_earlier() -> None:
    (track,) = composed(FILM, speech((0, 5001), (5000, 9000)), [])["AudioTracks"]

    assert times(track) == [(0.0, 5.0), (5.0, 9.0)]


def test_a_longer_overlap_of_speech_costs_a_track_and_no_word() -> None:
    one, other = composed(FILM, speech((0, 6000), (5000, 9000), (6000, 7000)), [])["AudioTracks"]

    assert (times(one), times(other)) == ([(0.0, 6.0), (6.0, 7.0)], [(5.0, 9.0)])


def test_more_tracks_than_the_vendor_takes_are_a_fault_of_ours() -> None:
    with pytest.raises(Corrupt) as caught:
        compose_timeline(FILM, speech(*[(0, 60_000)] * 101), [])

    assert caught.value.code == "internal"


def test_of_two_overlapping_pictures_the_earlier_ends_where_the_later_begins() -> None:
    _, track = composed(FILM, [], clips((4000, 9000), (0, 5000), (8980, 9000), (9000, 12_000)))["VideoTracks"]

    assert times(track) == [(0.0, 4.0), (4.0, 8.98), (9.0, 12.0)]


def test_what_lies_outside_the_film_is_left_out() -> None:
    made = composed(FILM, speech((-300, 900), (59_000, 70_000), (61_000, 62_000)), clips((70_000, 71_000)))

    assert times(made["AudioTracks"][0]) == [(0.0, 0.9), (59.0, 60.0)]
    assert len(made["VideoTracks"]) == 1


def test_an_odd_sized_film_is_made_even() -> None:
    assert film_size(1279, 719) == (1278, 718)


@pytest.mark.parametrize(("width", "height"), [(127, 500), (500, 127), (4097, 500), (500, 4098), (2161, 2161)])
def test_a_film_that_cannot_be_written_is_refused(width: int, height: int) -> None:
    with pytest.raises(Refused) as caught:
        film_size(width, height)

    assert caught.value.code == "film.resolution"


def test_a_three_to_four_portrait_is_taller_than_wide() -> None:
    assert portrait_box(1920, 1080, PortraitPlace(ratio="3:4", size=0.3)) == Box(1564, 32, 324, 432)
    assert portrait_box(1080, 1920, PortraitPlace("bottom-left", 0.5, 0.05, "3:4")) == Box(54, 1146, 540, 720)


@given(st.tuples(SIDES, st.integers(128, 4096)) | st.tuples(st.integers(128, 4096), SIDES), PLACES)
def test_the_portrait_is_even_inside_the_film_and_of_its_shape(size: tuple[int, int], place: PortraitPlace) -> None:
    width, height = film_size(*size)

    box = portrait_box(width, height, place)

    assert all(side % 2 == 0 for side in (box.x, box.y, box.width, box.height))
    assert box.x >= 2
    assert box.y >= 2
    assert box.x + box.width <= width
    assert box.y + box.height <= height
    across, down = RATIOS[place.ratio]
    assert abs(box.height - box.width * down / across) <= 2
    gaps = {"left": box.x, "right": width - box.x - box.width, "top": box.y, "bottom": height - box.y - box.height}
    upright, sideways = place.corner.split("-")
    assert gaps[sideways] == min(gaps["left"], gaps["right"])
    assert gaps[upright] == min(gaps["top"], gaps["bottom"])


@given(st.tuples(SIDES, SIDES), st.integers(1, 70_000), SPANS, SPANS, PLACES)
def test_no_number_is_negative_no_clips_of_a_track_overlap_and_nothing_passes_the_film(
    size: tuple[int, int],
    length_ms: int,
    spoken: list[tuple[int, int]],
    shown: list[tuple[int, int]],
    place: PortraitPlace,
) -> None:
    film = FilmTrack("u", *size, length_ms)

    made = composed(film, speech(*spoken), clips(*shown), bed=Bed("m"), portrait=place)

    assert len(made["VideoTracks"]) <= 2
    assert len(made["AudioTracks"]) <= 100
    for track in [*made["VideoTracks"], *made["AudioTracks"], *made["SubtitleTracks"]]:
        spans = times(track)
        assert all(0 <= start < end <= length_ms / 1000 for start, end in spans)
        assert all(before[1] <= after[0] for before, after in pairwise(spans))
        assert all(round(moment, 4) == moment for span in spans for moment in span)
    label = made["SubtitleTracks"][-1]["SubtitleTrackClips"][0]
    assert all(label[name] >= 2 for name in ("X", "Y"))
    assert label["X"] < film.width
    assert label["Y"] + label["FontSize"] <= film.height


@given(SPANS)
def test_speech_loses_at_most_a_frame_of_any_clip_inside_the_film(spoken: list[tuple[int, int]]) -> None:
    held = sorted((max(0, start), min(end, 60_000)) for start, end in spoken)
    wanted = sorted((start, end) for start, end in held if start < end)

    tracks = composed(FILM, speech(*spoken), [])["AudioTracks"] if wanted else []

    found = sorted(span for track in tracks for span in times(track))
    assert [start for start, _ in found] == [start / 1000 for start, _ in wanted]
    assert sum(end - start for start, end in wanted) / 1000 - sum(end - start for start, end in found) <= (
        FRAME_MS / 1000 * len(wanted) + 1e-6
    )
