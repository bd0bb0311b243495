"""The sample film's parts: schedule, sound, brushes, pictures."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from local.samples.story.brush import Sprite, curve, ellipse, glow, lay, shine, turned
from local.samples.story.creatures import Arms, Fox, Gesture, Star
from local.samples.story.scenes import Scenes
from local.samples.story.schedule import FPS, scene_starts, schedule
from local.samples.story.soundtrack import RATE_HZ, compose, mix, narrate, trimmed, write_wav
from local.samples.story.stage import Moment
from local.samples.story.text import LINES

SMALL = (320, 180)


def tone(seconds: float, rate_hz: int = 24000, level: float = 0.2) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.asarray(level * np.sin(2 * np.pi * 200 * np.arange(int(seconds * rate_hz)) / rate_hz), np.float32)


# --- text and schedule ---


def test_the_story_has_eight_bilingual_lines() -> None:
    assert len(LINES) == 8
    for line in LINES:
        assert all(ord(character) > 0x2000 for character in line.chinese)
        assert line.english.isascii()
        assert line.shown == f"{line.chinese}\n{line.english}"


@pytest.mark.parametrize("spoken_s", [[2.2] * 8, [3.0] * 8, [1.5, 4.5, 2, 3, 3, 2, 4, 3.5]])
def test_an_ordinary_narrator_makes_a_film_of_forty_seconds(spoken_s: list[float]) -> None:
    captions, length_s = schedule(spoken_s)

    assert length_s == 40.0
    assert [round(caption.end_s - caption.start_s - 0.25, 3) for caption in captions] == spoken_s


@pytest.mark.parametrize("each_s", [0.4, 2.5, 6.0])
def test_captions_never_overlap_and_lie_within_the_film(each_s: float) -> None:
    captions, length_s = schedule([each_s] * 8)

    times = [time for caption in captions for time in (caption.start_s, caption.end_s)]
    assert times == sorted(times)
    assert times[0] > 1
    assert times[-1] < length_s - 1
    assert (length_s * FPS).is_integer()


def test_a_picture_comes_a_little_before_its_line() -> None:
    captions, _ = schedule([2.5] * 8)

    starts = scene_starts(captions)

    assert starts[0] == 0.0
    assert all(start < caption.start_s for start, caption in zip(starts, captions, strict=True))
    assert all(start > before.end_s for start, before in zip(starts[1:], captions, strict=False))


# --- sound ---


def test_a_line_is_brought_to_the_films_rate_without_the_silence_around_it() -> None:
    silence = np.zeros(12000, np.float32)

    line = trimmed(np.concatenate([silence, tone(1.0), silence]), 24000)

    assert len(line) == pytest.approx(RATE_HZ, rel=0.01)
    assert np.abs(line).max() == pytest.approx(0.75, rel=0.05)


def test_a_narrator_may_speak_in_stereo_and_whole_numbers_of_any_rate() -> None:
    pcm = (np.stack([tone(0.5, 16000), tone(0.5, 16000)], axis=1) * 32767).astype(np.int16)

    assert len(trimmed(pcm, 16000)) == pytest.approx(RATE_HZ / 2, rel=0.02)


@pytest.mark.parametrize("pcm", [np.zeros(2400, np.float32), np.zeros(0, np.float32)])
def test_a_narrator_who_says_nothing_is_an_error(pcm: np.ndarray[tuple[int], np.dtype[np.float32]]) -> None:
    with pytest.raises(ValueError, match="said nothing"):
        trimmed(pcm, 24000)


def test_lines_are_heard_at_their_times() -> None:
    narration = narrate([tone(1, RATE_HZ), tone(1, RATE_HZ)], [0.5, 3.0], 5.0)

    seconds = np.abs(narration).reshape(10, -1).mean(axis=1) > 0.01
    assert seconds.tolist() == [False, True, True, False, False, False, True, True, False, False]


def test_music_fills_the_film_and_fades_at_both_ends() -> None:
    music = compose(12.0)

    level = np.abs(music).reshape(24, -1).mean(axis=1)
    assert music.shape == (12 * RATE_HZ, 2)
    assert np.abs(music).max() == pytest.approx(0.9, abs=0.001)
    assert level[0] < level[4] > 5 * level[-1]
    assert level[2:-4].min() > 0.01


def test_the_same_length_gives_the_same_music_different_in_each_ear() -> None:
    music = compose(3.0)

    assert (music == compose(3.0)).all()
    assert np.abs(music[:, 0] - music[:, 1]).max() > 0.05


def test_the_voice_stands_well_above_the_music() -> None:
    music = compose(3.0)
    voice = narrate([tone(3, RATE_HZ, 0.5)], [0.0], 3.0)

    under = mix(np.zeros_like(voice), music)

    assert np.abs(mix(voice, music)).max() <= 1
    assert np.std(under) < 0.3 * np.std(voice)


def test_sound_is_written_as_16_bit_wav(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", np.asarray([[0.0, 1.5], [-1.0, 0.5]], np.float32))

    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE_HZ)
        assert np.frombuffer(file.readframes(2), "<i2").tolist() == [0, 32767, -32767, 16383]


# --- brushes ---


def test_a_smooth_outline_passes_through_its_points() -> None:
    line = curve([(0.1, 0.1), (0.9, 0.2), (0.8, 0.9), (0.2, 0.8)])

    for point in ((0.1, 0.1), (0.9, 0.2), (0.8, 0.9), (0.2, 0.8)):
        assert np.abs(line - point).sum(axis=1).min() < 1e-5


def test_a_filled_shape_is_opaque_inside_and_clear_outside() -> None:
    disc = Sprite.empty(60, 40).fill(ellipse((60, 40), (0.5, 0.5), (0.3, 0.3)), (10, 20, 30), (90, 100, 110))

    assert disc.alpha[20, 30] == pytest.approx(1)
    assert disc.alpha[2, 2] == 0
    assert disc.color[10, 30, 0] < disc.color[30, 30, 0]


def test_a_sprite_lies_between_pixels_and_across_the_edge() -> None:
    dot = Sprite.empty(1, 1).fill(np.ones((1, 1)), (200, 200, 200))
    frame = np.zeros((4, 4, 3), np.uint8)

    lay(frame, dot, 1.25, 2.0)
    lay(frame, dot, -5, 0)

    assert frame[2, :, 0].tolist() == [0, 150, 50, 0]
    assert frame.sum() == 3 * 200


def test_light_only_brightens() -> None:
    frame = np.full((30, 30, 3), 100, np.uint8)

    shine(frame, glow(20, (255, 255, 255)), 15, 15, 0.5)
    shine(frame, glow(20, (255, 255, 255)), 200, 200)

    assert frame.min() == 100
    assert frame[15, 15].min() > 150


def test_a_turned_sprite_keeps_its_size_and_its_pivot() -> None:
    bar = Sprite.empty(41, 41)
    bar.fill(ellipse((41, 41), (0.75, 0.5), (0.2, 0.04)), (255, 255, 255))

    up = turned(bar, 90, (0.5, 0.5))

    assert up.size == (41, 41)
    assert up.alpha[10, 20] > 0.8
    assert bar.alpha[10, 20] == 0


def test_the_fox_changes_with_its_gesture() -> None:
    fox = Fox(96)
    rest = fox.posed(Gesture())

    for gesture in (
        Gesture(tail=10),
        Gesture(head=8),
        Gesture(gaze=1),
        Gesture(eyes_shut=True),
        Gesture(arms=Arms.HUG),
    ):
        assert np.abs(fox.posed(gesture).color - rest.color).max() > 40
    assert rest.alpha.max() <= 1.0001


def test_the_star_shines_beyond_its_edge() -> None:
    star = Star(80).posed()

    assert star.alpha[40, 40] == pytest.approx(1, abs=0.01)
    assert 0 < star.alpha[40, 8] < 0.5


# --- pictures ---


@pytest.fixture(scope="module")
def scenes() -> Scenes:
    return Scenes(SMALL)


@pytest.mark.parametrize("number", range(8))
def test_every_scene_fills_the_picture_and_moves(scenes: Scenes, number: int) -> None:
    frames = [scenes.paint(number, Moment(share, 5 * number + 5 * share)) for share in (0.0, 0.5, 1.0)]

    assert all(frame.shape == (180, 320, 3) and frame.dtype == np.uint8 for frame in frames)
    assert all(frame.std() > 20 for frame in frames)
    assert all(20 < frame.mean() < 160 for frame in frames)
    assert np.abs(frames[0].astype(int) - frames[2]).mean() > 2


def test_no_two_scenes_look_the_same(scenes: Scenes) -> None:
    frames = [scenes.paint(number, Moment(0.5, 3.0)).astype(int) for number in range(8)]

    for number, frame in enumerate(frames):
        assert all(np.abs(frame - other).mean() > 1.5 for other in frames[:number])


def test_the_same_moment_is_painted_the_same_by_everyone(scenes: Scenes) -> None:
    moment = Moment(0.4, 7.0)

    assert (Scenes(SMALL).paint(3, moment) == scenes.paint(3, moment)).all()


def test_there_is_room_for_a_portrait_at_the_top_right(scenes: Scenes) -> None:
    """Nothing bright or orange, no moon and no actor, is in the corner that the parent's portrait will cover."""
    for number in range(8):
        for share in np.linspace(0, 1, 9):
            corner = scenes.paint(number, Moment(float(share), 4.0 + share * 5))[6:60, 260:314].astype(int)
            is_lit = corner[..., 2] > 190
            assert is_lit.mean() < 0.02, number
