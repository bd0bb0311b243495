"""Small films, really rendered: what is asked for is what is seen and heard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from local.engines import ffmpeg
from local.engines.contract import RejectionError
from local.engines.counted import Counted
from local.engines.film import render
from local.engines.film.fonts import find_font
from local.engines.sound.levelling import true_peak_db

Json = dict[str, Any]
RED, BLUE, GREEN, BLACK = (254, 0, 0), (0, 0, 254), (0, 128, 0), (0, 0, 0)
OUTPUT: Json = {"MediaURL": "u/o.mp4"}
LOSSLESS: Json = {**OUTPUT, "Video": {"Crf": 0}}


@pytest.fixture(scope="session")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A blue film with a low tone, a red clip with a high one, a mono voice, a mask and a green picture."""
    folder = tmp_path_factory.mktemp("material")
    picture = ["-c:v", "libx264", "-preset", "ultrafast"]

    def make(name: str, *arguments: str) -> None:
        sources = [part for source in arguments if "=" in source for part in ("-f", "lavfi", "-i", source)]
        ffmpeg.run([*sources, *(argument for argument in arguments if "=" not in argument), name], folder=folder)

    make("film.mp4", "color=blue:s=256x144:r=25:d=4", "aevalsrc=0.1*sin(2*PI*200*t):s=48000:d=4", *picture)
    make("clip.mp4", "color=red:s=64x96:r=25:d=1", "aevalsrc=0.1*sin(2*PI*3000*t):s=48000:d=1", *picture)
    make("moving.mp4", "testsrc2=s=64x64:r=25:d=1", *picture)
    make("voice.wav", "aevalsrc=0.5*sin(2*PI*1000*t):s=24000:d=1")
    make("half.mp4", "color=black:s=64x64:r=25:d=0.2,drawbox=0:0:32:64:white:fill", *picture)
    make("dot.png", "color=green:s=40x40", "-frames:v", "1")
    (folder / "words.srt").write_text("1\n00:00:00,000 --> 00:00:04,000\nMMMMMM\n", encoding="utf-8")
    return folder


@pytest.fixture
def rendered(material: Path, tmp_path: Path) -> Any:
    """Render a timeline whose addresses are names in the material folder; the film's path."""

    def run(timeline: Json, output: Json = OUTPUT) -> Path:
        render(timeline, output, lambda url: material / url, tmp_path / "film")
        return tmp_path / "film"

    return run


def frames(film: Path) -> NDArray[np.uint8]:
    return _raw(film, "rgb24", 3)


def brightness(film: Path) -> NDArray[np.float64]:
    """As the film holds it: colours too strong for a screen would be cut off."""
    return _raw(film, "gray", 1)[..., 0].astype(float)


def _raw(film: Path, layout: str, channels: int) -> NDArray[np.uint8]:
    media = ffmpeg.probe(film)
    raw = ffmpeg.run([*ffmpeg.Input(film).arguments(), "-f", "rawvideo", "-pix_fmt", layout, "pipe:1"])
    return np.frombuffer(raw, np.uint8).reshape(-1, media.height, media.width, channels)


def samples(film: Path) -> NDArray[np.float32]:
    raw = ffmpeg.run([*ffmpeg.Input(film).arguments(), "-f", "f32le", "-ac", "2", "-ar", "48000", "pipe:1"])
    return np.frombuffer(raw, np.float32).reshape(-1, 2)


def tone(sound: NDArray[np.float32], hz: float, start_s: float, end_s: float) -> float:
    """Amplitude of a tone on the left."""
    part = sound[int(start_s * 48000) : int(end_s * 48000), 0]
    wave = np.exp(-2j * np.pi * hz * np.arange(len(part)) / 48000)
    return float(2 * abs(part @ wave) / len(part))


def is_color(pixel: NDArray[np.uint8], color: tuple[int, int, int]) -> bool:
    return bool(np.abs(pixel.astype(int) - color).max() <= 12)


def film_under(*tracks: Json) -> Json:
    return {"VideoTracks": [{"MainTrack": True, "VideoTrackClips": [{"MediaURL": "film.mp4"}]}, *tracks]}


def over(**fields: object) -> Json:
    return {"VideoTrackClips": [{"MediaURL": "clip.mp4", **fields}]}


def test_sounds_that_add_up_too_loud_stay_below_the_peak_of_the_broadcasters(rendered: Any) -> None:
    voice = {"MediaURL": "voice.wav", "TimelineIn": 0, "TimelineOut": 1}
    pictures = [{"VideoTrackClips": [{"MediaURL": "film.mp4"}]}]

    film = rendered({"VideoTracks": pictures, "AudioTracks": [{"AudioTrackClips": [voice]}] * 3})

    assert -3 < true_peak_db(samples(film)) <= -1


def test_a_clip_is_seen_in_exactly_its_frames_and_its_place(rendered: Any) -> None:
    seen = frames(rendered(film_under(over(X=160, Y=20, Width=64, Height=64, TimelineIn=1.03, TimelineOut=1.63))))

    red = [number for number, frame in enumerate(seen) if is_color(frame[52, 192], RED)]
    assert len(seen) == 100
    assert red == list(range(25, 41))
    assert is_color(seen[30][24, 164], RED)
    assert is_color(seen[30][80, 220], RED)
    assert is_color(seen[30][52, 156], BLUE)
    assert is_color(seen[30][88, 192], BLUE)


def test_a_later_track_lies_on_top(rendered: Any) -> None:
    dot = {"VideoTrackClips": [{"Type": "Image", "MediaURL": "dot.png", "X": 160, "Y": 20, "Duration": 1}]}

    below, above = (
        frames(rendered(film_under(*tracks)))[5]
        for tracks in ([dot, over(X=160, Y=20)], [over(X=160, Y=20), dot])
    )  # fmt: skip

    assert is_color(below[30, 170], RED)
    assert is_color(above[30, 170], GREEN)
    assert is_color(above[80, 170], RED)


def test_half_opacity_lets_the_film_through(rendered: Any) -> None:
    pixel = frames(rendered(film_under(over(X=160, Y=20, Opacity=0.5))))[5][60, 190]

    assert is_color(pixel, (127, 0, 126))


def test_a_clip_cut_in_pieces_fades_where_they_meet_and_moves_on_as_if_it_were_whole(rendered: Any) -> None:
    place = {"MediaURL": "moving.mp4", "X": 160, "Y": 20}
    pieces = [
        {**place, "TimelineIn": 1.0, "TimelineOut": 1.08, "Opacity": 0.5},
        {**place, "TimelineIn": 1.08, "TimelineOut": 1.6, "In": 0.08},
        {**place, "TimelineIn": 1.6, "TimelineOut": 1.8, "In": 0.6, "Opacity": 0.25},
    ]

    film, whole, cut = (
        brightness(rendered(film_under(*tracks), LOSSLESS))[:, 20:84, 160:224]
        for tracks in (
            [],
            [{"VideoTrackClips": [{**place, "TimelineIn": 1.0, "TimelineOut": 1.8}]}],
            [{"VideoTrackClips": pieces}],
        )
    )

    opacity = np.r_[np.zeros(25), [0.5] * 2, [1] * 13, [0.25] * 5, np.zeros(55)].reshape(-1, 1, 1)
    assert np.abs(whole[26] - whole[38]).max() > 100  # it does move
    assert np.abs(cut - (opacity * whole + (1 - opacity) * film)).max() <= 4


def test_a_mask_video_hides_where_it_is_black_and_holds_its_last_frame(rendered: Any) -> None:
    clip = over(X=160, Y=20, Width=64, Height=64, MaskVideoUrl="half.mp4")

    seen = frames(rendered(film_under(clip)))

    for number in (2, 20):
        assert is_color(seen[number][52, 170], RED)
        assert is_color(seen[number][52, 215], BLUE)


def test_a_short_film_under_a_longer_main_track_ends_in_black(rendered: Any) -> None:
    main = {"MainTrack": True, "VideoTrackClips": [{"MediaURL": "film.mp4", "X": 200, "Width": 32, "Height": 18}]}
    timeline = {"VideoTracks": [{"VideoTrackClips": [{"MediaURL": "clip.mp4"}]}, main]}

    seen = frames(rendered(timeline, OUTPUT | {"Width": 256, "Height": 144}))

    assert len(seen) == 100
    assert is_color(seen[24][72, 128], RED)
    assert is_color(seen[24][72, 20], BLACK)
    assert is_color(seen[26][72, 128], BLACK)


def test_a_player_finds_a_whole_picture_every_four_seconds(rendered: Any) -> None:
    film = rendered({"VideoTracks": [{"MainTrack": True, "VideoTrackClips": [{"MediaURL": "film.mp4"}] * 2}]})

    whole = ffmpeg.Input(film, ("-skip_frame", "nokey")).arguments()
    shown = ffmpeg.run([*whole, "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"])
    assert len(frames(film)) == 200
    assert len(shown) == 2 * 256 * 144


def test_a_part_at_double_speed_is_half_as_long(rendered: Any) -> None:
    clip = {"MediaURL": "film.mp4", "In": 1, "Out": 3, "Speed": 2}

    film = rendered({"VideoTracks": [{"VideoTrackClips": [clip]}]})

    assert len(frames(film)) == 25
    assert tone(samples(film), 200, 0.2, 0.8) == pytest.approx(0.1, rel=0.15)


def test_the_length_is_returned_and_progress_ends_at_one(material: Path, tmp_path: Path) -> None:
    seen: list[float] = []

    length_s = render(film_under(), OUTPUT, lambda url: material / url, tmp_path / "o.mp4", seen.append)

    assert length_s == 4.0
    assert seen == sorted(seen)
    last = seen[-1]
    assert isinstance(last, Counted)
    assert (last, last.done, last.total, last.unit) == (1.0, 100, 100, "frames")


def test_gain_zero_mutes_and_voices_keep_their_level_and_time(rendered: Any) -> None:
    film = {
        "MainTrack": True,
        "VideoTrackClips": [{"MediaURL": "film.mp4", "Effects": [{"Type": "Volume", "Gain": 0}]}],
    }
    voices = {"AudioTrackClips": [{"MediaURL": "voice.wav", "TimelineIn": start_s} for start_s in (0.5, 2.25)]}

    sound = samples(rendered({"VideoTracks": [film], "AudioTracks": [voices]}))

    assert tone(sound, 200, 0, 4) < 0.001
    assert tone(sound, 1000, 0.6, 1.4) == pytest.approx(0.5, rel=0.03)
    assert tone(sound, 1000, 2.3, 3.2) == pytest.approx(0.5, rel=0.03)
    assert tone(sound, 1000, 1.6, 2.2) < 0.01


def test_music_loops_under_the_voice_and_fades_out(rendered: Any) -> None:
    effects = [{"Type": "Volume", "Gain": 0.5}, {"Type": "AFade", "SubType": "Out", "Duration": 1}]
    music = {"MediaURL": "voice.wav", "LoopMode": True, "Effects": effects}

    sound = samples(rendered(film_under() | {"AudioTracks": [{"AudioTrackClips": [music]}]}))

    assert len(sound) == pytest.approx(4 * 48000, abs=2048)
    assert tone(sound, 1000, 2.1, 2.9) == pytest.approx(0.25, rel=0.05)
    assert tone(sound, 1000, 3.4, 3.6) == pytest.approx(0.125, rel=0.15)
    assert tone(sound, 200, 2.1, 2.9) == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize(("ending", "codec"), [("mp3", b"ID3"), ("wav", b"RIFF")])
def test_sound_alone_becomes_a_recording(rendered: Any, ending: str, codec: bytes) -> None:
    timeline = {"AudioTracks": [{"AudioTrackClips": [{"MediaURL": "film.mp4", "In": 1}]}]}

    film = rendered(timeline, {"MediaURL": f"u/o.{ending}"})

    media = ffmpeg.probe(film)
    assert film.read_bytes().startswith(codec)
    assert not media.has_picture
    assert media.duration_s == pytest.approx(3.0, abs=0.06)


@pytest.mark.skipif(find_font() is None, reason="no font on this machine")
def test_captions_and_labels_are_drawn_where_they_belong(rendered: Any) -> None:
    label = {"Type": "Text", "Content": "MMM", "FontSize": 30, "X": 4, "Y": 4, "TimelineOut": 2}
    clips = [label, {"Type": "Subtitle", "FileURL": "words.srt", "FontSize": 24}]

    seen = frames(rendered(film_under() | {"SubtitleTracks": [{"SubtitleTrackClips": clips}]}))

    def is_lettered(frame: NDArray[np.uint8]) -> bool:
        return bool((frame.min(axis=2) > 200).any())

    assert [is_lettered(frame[:40, :100]) for frame in (seen[10], seen[60])] == [True, False]
    assert [is_lettered(frame[110:]) for frame in (seen[10], seen[60])] == [True, True]
    assert not is_lettered(seen[10][50:100])


def test_a_silent_film_has_no_sound_track(rendered: Any) -> None:
    dot = {"Type": "Image", "MediaURL": "dot.png", "Duration": 1}

    film = rendered({"VideoTracks": [{"VideoTrackClips": [dot]}]}, OUTPUT | {"Width": 128, "Height": 128})

    assert not ffmpeg.probe(film).has_audio


def test_the_film_does_not_tell_where_it_was_taken(material: Path, tmp_path: Path) -> None:
    place = ["-metadata", "location=+39.9+116.4/", "-movflags", "use_metadata_tags"]
    ffmpeg.run(["-i", material / "film.mp4", "-c", "copy", *place, tmp_path / "a.mp4"])

    render(film_under(), OUTPUT, lambda url: tmp_path / "a.mp4", tmp_path / "o.mp4")

    assert b"+39.9+116.4" in (tmp_path / "a.mp4").read_bytes()
    assert b"+39.9+116.4" not in (tmp_path / "o.mp4").read_bytes()


def test_material_that_cannot_be_read_is_refused_with_its_address(material: Path, tmp_path: Path) -> None:
    with pytest.raises(RejectionError, match=r"InvalidParameter: words\.txt cannot be read"):
        render(
            {"VideoTracks": [{"VideoTrackClips": [{"MediaURL": "words.txt"}]}]},
            OUTPUT,
            lambda url: material / url,
            tmp_path / "o.mp4",
        )


def test_a_failed_render_leaves_no_half_film(material: Path, tmp_path: Path) -> None:
    broken = (material / "film.mp4").read_bytes()
    (tmp_path / "a.mp4").write_bytes(broken)

    def fetch(url: str) -> Path:
        return tmp_path / "a.mp4"

    def stop(fraction: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render(film_under(), OUTPUT, fetch, tmp_path / "o.mp4", stop)

    assert not (tmp_path / "o.mp4").exists()


def test_the_same_timeline_renders_to_the_same_bytes(rendered: Any) -> None:
    timeline = film_under(over(X=160, Y=20))

    assert rendered(timeline).read_bytes() == rendered(timeline).read_bytes()
