"""The timeline says what IMS can render: the film muted, the portrait in its corner, every word whole, the label."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import label
from shared.domain.errors import Corrupt, Refused
from shared.domain.portrait import (
    CAPTION_ZONE,
    CORNERS,
    FRAME_MS,
    RATIOS,
    Box,
    PortraitClip,
    PortraitPlace,
    even,
    portrait_box,
)
from shared.domain.timeline import (
    Bed,
    BurntCaptions,
    FilmTrack,
    Look,
    SpeechTrack,
    compose_timeline,
    film_size,
    opening_box,
    opening_timeline,
)

FILM = FilmTrack("https://b/story.mp4", 1920, 1080, 60_000)
SIDES = st.integers(128, 2160)
PLACES = st.builds(
    PortraitPlace, st.sampled_from(CORNERS), st.floats(0.15, 0.5), st.floats(0, 0.1), st.sampled_from(sorted(RATIOS))
)
A_PAUSE = {"one": (1000, 5000), "other": (7000, 12_000)}
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


def test_where_the_films_own_voice_stays_the_film_is_heard_and_its_music_pauses() -> None:
    found = composed(
        FILM,
        [],
        [],
        beds=[Bed("https://b/music.wav", 60_000, -20.0, is_own=True)],
        own=[(4010, 6000), (58_000, 61_000)],
    )
    (film,), (music, _) = found["VideoTracks"], found["AudioTracks"]

    assert times(film) == [(0, 4.0), (4.0, 6.0), (6.0, 58.0), (58.0, 60.0)]
    assert [clip["Effects"][0]["Gain"] for clip in film["VideoTrackClips"]] == [0, 1, 0, 1]
    assert times(music) == [(0, 4.0), (6.0, 58.0)]
    for clip in (*film["VideoTrackClips"], *music["AudioTrackClips"]):
        assert (clip["In"], clip["Out"]) == (clip["TimelineIn"], clip["TimelineOut"])


def test_given_music_goes_on_under_the_films_own_voice() -> None:
    found = composed(FILM, [], [], beds=[Bed("https://b/music.mp3", 60_000)], own=[(0, 6000)])

    assert times(found["VideoTracks"][0]) == [(0, 6.0), (6.0, 60.0)]
    assert times(found["AudioTracks"][0]) == [(0, 60.0)]


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 9000)), max_size=12))
def test_the_film_is_whole_however_often_its_own_voice_is_heard(lengths: list[tuple[int, int]]) -> None:
    own, now_ms = [], 0
    for pause_ms, length_ms in lengths:
        own.append((now_ms + pause_ms, now_ms + pause_ms + length_ms))
        now_ms = own[-1][1]
    own = [(start, end) for start, end in own if start < FILM.length_ms]
    (track,) = composed(FILM, [], [], own=own)["VideoTracks"]

    found = times(track)
    assert found[0][0] == 0
    assert found[-1][1] == 60.0
    assert all(before[1] == after[0] and before[0] < before[1] for before, after in pairwise(found))


def test_talking_clips_lie_muted_on_a_second_track_at_the_top_right_and_fade() -> None:
    _, track = composed(FILM, [], clips((3200, 18_900)))["VideoTracks"]

    place = {"X": 1564, "Y": 32, "Width": 324, "Height": 324, "AdaptMode": "Cover"}
    clip = {"Type": "Video", "MediaURL": "https://b/3200.mp4", **place}
    muted = {"Effects": [{"Type": "Volume", "Gain": 0}]}
    assert track["VideoTrackClips"] == [
        {**clip, "TimelineIn": 3.2, "TimelineOut": 3.28, "Opacity": 0.33, **muted},
        {**clip, "TimelineIn": 3.28, "TimelineOut": 3.36, "Opacity": 0.67, "In": 0.08, **muted},
        {**clip, "TimelineIn": 3.36, "TimelineOut": 18.74, "In": 0.16, **muted},
        {**clip, "TimelineIn": 18.74, "TimelineOut": 18.82, "Opacity": 0.67, "In": 15.54, **muted},
        {**clip, "TimelineIn": 18.82, "TimelineOut": 18.9, "Opacity": 0.33, "In": 15.62, **muted},
    ]


def test_between_two_clips_a_still_waits_below_and_the_second_begins_as_it_looks() -> None:
    one, other = (PortraitClip(f"{name}.mp4", *span, still_url=f"{name}.jpg") for name, span in A_PAUSE.items())
    _, below, above = composed(FILM, [], [one, other])["VideoTracks"]

    (still,) = below["VideoTrackClips"]
    assert (still["Type"], still["MediaURL"]) == ("Image", "other.jpg")
    assert (still["TimelineIn"], still["TimelineOut"]) == (4.84, 7.0)
    joined = [clip for clip in above["VideoTrackClips"] if clip["MediaURL"] == "other.mp4"]
    assert (joined[0]["TimelineIn"], "Opacity" in joined[0], "In" in joined[0]) == (7.0, False, False)


def handover(pause_ms: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What lies below, and the stills above, where papa speaks that long after mama."""
    mama = PortraitClip("mama.mp4", 1000, 5000, still_url="mama.jpg")
    papa = PortraitClip("papa.mp4", 5000 + pause_ms, 11_000 + pause_ms, still_url="papa.jpg", who="papa")
    _, below, above = composed(FILM, [], [mama, papa])["VideoTracks"]
    return below["VideoTrackClips"], [clip for clip in above["VideoTrackClips"] if clip["Type"] == "Image"]


def test_in_a_pause_whoever_spoke_waits_and_whoever_speaks_next_comes_a_moment_before() -> None:
    (waits,), comes = handover(3000)

    assert (waits["MediaURL"], waits["TimelineIn"], waits["TimelineOut"]) == ("mama.jpg", 4.84, 7.16)
    assert {clip["MediaURL"] for clip in comes} == {"papa.jpg"}
    assert [(clip["TimelineIn"], clip.get("Opacity", 1)) for clip in comes] == [(7.0, 0.33), (7.08, 0.67), (7.16, 1)]
    assert comes[-1]["TimelineOut"] == 8.0


def test_in_a_short_pause_whoever_speaks_next_is_seen_at_once() -> None:
    (waits,), comes = handover(800)

    assert (waits["MediaURL"], waits["TimelineIn"], waits["TimelineOut"]) == ("papa.jpg", 4.84, 5.8)
    assert comes == []


def test_in_a_long_silence_the_portrait_goes() -> None:
    far = [PortraitClip("a.mp4", 1000, 5000, still_url="a.jpg"), PortraitClip("b.mp4", 20_000, 25_000, still_url="b")]

    assert len(composed(FILM, [], far)["VideoTracks"]) == 2


def test_a_still_portrait_is_an_image_and_has_no_volume() -> None:
    _, track = composed(FILM, [], [PortraitClip("https://b/photo.jpg", 0, 5000, is_image=True)])["VideoTracks"]

    assert {clip["Type"] for clip in track["VideoTrackClips"]} == {"Image"}
    assert not any("Effects" in clip or "In" in clip for clip in track["VideoTrackClips"])


def test_a_round_portrait_has_its_mask_on_every_picture() -> None:
    pair = [PortraitClip(f"{name}.mp4", *span, still_url=f"{name}.jpg") for name, span in A_PAUSE.items()]
    film, *faces = composed(FILM, [], pair, look=Look(mask_url="https://b/mask.mp4"))["VideoTracks"]

    assert {clip["MaskVideoUrl"] for track in faces for clip in track["VideoTrackClips"]} == {"https://b/mask.mp4"}
    assert "MaskVideoUrl" not in film["VideoTrackClips"][0]


def test_the_voice_has_a_track_of_its_own() -> None:
    (voice,) = composed(FILM, speech((3200, 18_900)), [])["AudioTracks"]

    assert voice == {"AudioTrackClips": [{"MediaURL": "https://b/3200.wav", "TimelineIn": 3.2, "TimelineOut": 18.9}]}


def test_music_lies_softly_under_all_and_once_more_in_the_pauses_of_the_voice() -> None:
    bed = Bed("https://b/music.wav", 60_000, lufs=-18.0, spoken=((3000, 20_000), (30_000, 58_000)))
    under, lifted = composed(FILM, [], [], beds=[bed])["AudioTracks"]

    assert times(under) == [(0.0, 60.0)]
    assert times(lifted) == [(1.2, 3.0), (20.0, 30.0), (58.0, 60.0)]
    assert [clip["In"] for clip in lifted["AudioTrackClips"]] == [1.2, 20.0, 58.0]
    soft, more = (track["AudioTrackClips"][0]["Effects"][0]["Gain"] for track in (under, lifted))
    assert (soft, round(soft + more, 3)) == (0.2, 0.631)
    assert [effect.get("SubType") for effect in lifted["AudioTrackClips"][1]["Effects"]] == [None, "In", "Out"]


def test_music_that_is_too_short_begins_again_and_the_end_fades() -> None:
    under, _ = composed(FILM, [], [], beds=[Bed("https://b/music.mp3", 25_000)])["AudioTracks"]

    assert times(under) == [(0.0, 25.0), (25.0, 50.0), (50.0, 60.0)]
    assert [(clip["In"], clip["Out"]) for clip in under["AudioTrackClips"]] == [(0.0, 25.0), (0.0, 25.0), (0.0, 10.0)]
    assert under["AudioTrackClips"][-1]["Effects"][-1]["SubType"] == "Out"


def test_the_label_is_heard_at_the_start_of_the_sound() -> None:
    (tone,) = composed(FILM, [], [], tone_url="https://b/tone.wav")["AudioTracks"]

    assert times(tone) == [(0.1, 1.2)]


def test_the_label_opens_large_and_then_stays_small_to_the_end() -> None:
    (opening,), (lasting,) = (track["SubtitleTrackClips"] for track in composed(FILM, [], [])["SubtitleTracks"])

    assert (opening["Type"], opening["Content"]) == ("Text", label.OPENING)
    assert (opening["TimelineIn"], opening["TimelineOut"]) == (0, label.OPENING_S)
    # of a line of libass two thirds are letters
    assert opening["FontSize"] * 0.6 >= label.LETTERS_MIN * 1080
    assert (lasting["Content"], lasting["TimelineOut"]) == (label.LASTING, 60.0)
    assert opening["FontSize"] > lasting["FontSize"]


def test_without_a_talking_portrait_the_label_speaks_of_the_voice_alone() -> None:
    opening, _ = composed(FILM, [], [], look=Look(is_animated=False))["SubtitleTracks"]

    assert opening["SubtitleTrackClips"][0]["Content"] == label.OPENING_WITHOUT_CLIP


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (720, 720), (130, 128)])
@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("ratio", sorted(RATIOS))
def test_neither_label_lies_on_the_portrait_or_among_the_captions(
    size: tuple[int, int], corner: str, ratio: str
) -> None:
    place = PortraitPlace(corner, 0.3, 0.03, ratio)
    face = portrait_box(*size, place)
    texts = composed(FilmTrack("u", *size, 60_000), [], [], look=Look(place))["SubtitleTracks"]
    for text in (track["SubtitleTrackClips"][0] for track in texts):
        width = text["FontSize"] * len(text["Content"]) * 0.9
        apart_across = text["X"] >= face.x + face.width or text["X"] + width <= face.x
        apart_down = text["Y"] >= face.y + face.height or text["Y"] + text["FontSize"] <= face.y

        assert apart_across or apart_down
        assert text["Y"] + text["FontSize"] <= size[1] * 0.8
        assert text["X"] + width <= size[0] * 1.02


def test_the_opening_box_is_where_the_opening_label_is_written() -> None:
    opening, _ = composed(FILM, [], [])["SubtitleTracks"]
    text, box = opening["SubtitleTrackClips"][0], opening_box(1920, 1080, PortraitPlace())

    assert (box.x, box.y, box.height) == (text["X"], text["Y"], text["FontSize"])


def test_captions_are_burnt_in_only_when_given_in_the_style_that_is_asked() -> None:
    captions, *_ = composed(FILM, [], [], captions=BurntCaptions("https://b/captions.srt", "box", 0.06))[
        "SubtitleTracks"
    ]
    plain, *_ = composed(FILM, [], [], captions=BurntCaptions("https://b/captions.srt"))["SubtitleTracks"]

    clip = captions["SubtitleTrackClips"][0]
    assert (clip["Type"], clip["FileURL"], clip["FontSize"], clip["BorderStyle"]) == (
        "Subtitle",
        "https://b/captions.srt",
        65,
        3,
    )
    assert "BorderStyle" not in plain["SubtitleTrackClips"][0]
    assert len(composed(FILM, [], [])["SubtitleTracks"]) == 2


def test_the_opening_is_listened_to_alone() -> None:
    made = json.loads(json.dumps(opening_timeline("https://b/story.mp4")))

    assert list(made) == ["AudioTracks"]
    assert made["AudioTracks"][0]["AudioTrackClips"][0]["Out"] >= 2


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
    _, track = composed(FILM, [], clips((4000, 4500), (0, 4200), (4480, 4500), (4500, 5000)))["VideoTracks"]
    ends = {clip["MediaURL"]: clip["TimelineOut"] for clip in track["VideoTrackClips"]}

    assert ends == {"https://b/0.mp4": 4.0, "https://b/4000.mp4": 4.48, "https://b/4500.mp4": 5.0}


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
    assert portrait_box(1080, 1920, PortraitPlace("bottom-left", 0.5, 0.05, "3:4")) == Box(54, 816, 540, 720)


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
    if upright == "top":
        assert gaps["top"] <= gaps["bottom"]
    else:  # captions stand below
        assert gaps["bottom"] >= even(height * CAPTION_ZONE)


@given(st.tuples(SIDES, SIDES), st.integers(1, 70_000), SPANS, SPANS, PLACES)
def test_no_number_is_negative_no_clips_of_a_track_overlap_and_nothing_passes_the_film(
    size: tuple[int, int],
    length_ms: int,
    spoken: list[tuple[int, int]],
    shown: list[tuple[int, int]],
    place: PortraitPlace,
) -> None:
    film = FilmTrack("u", *size, length_ms)

    bed = Bed("m", 7000, -20.0, tuple((max(0, start), end) for start, end in spoken if 0 < end and start < end))
    faces = [PortraitClip(f"{start}", start, end, still_url="s", who="ab"[start % 2]) for start, end in shown]
    made = composed(film, speech(*spoken), faces, beds=[bed], look=Look(place))

    assert len(made["VideoTracks"]) <= 3
    assert len(made["AudioTracks"]) <= 100
    for track in [*made["VideoTracks"], *made["AudioTracks"], *made["SubtitleTracks"]]:
        spans = times(track)
        assert all(0 <= start < end <= length_ms / 1000 for start, end in spans)
        assert all(before[1] <= after[0] for before, after in pairwise(spans))
        assert all(round(moment, 4) == moment for span in spans for moment in span)
    for text in (track["SubtitleTrackClips"][0] for track in made["SubtitleTracks"]):
        assert all(text[name] >= 2 for name in ("X", "Y"))
        assert text["X"] < film.width
        assert text["Y"] + text["FontSize"] <= film.height


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
