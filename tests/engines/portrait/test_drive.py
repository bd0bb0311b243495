"""From sound to poses."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from local.engines.portrait.drive import LIVELINESS, drive
from local.engines.portrait.pose import Pose, Turn
from local.engines.portrait.visemes import _opening_at, read_visemes

RATE = 16000
Samples = NDArray[np.float32]


def vowel(seconds: float, pitch_hz: float = 140.0) -> Samples:
    """Something like an open vowel: harmonics around 800 and 1200 Hz."""
    times = np.arange(int(seconds * RATE)) / RATE
    harmonics = np.arange(1, 30)[:, None]
    hertz = harmonics * pitch_hz
    weights = np.exp(-(((hertz - 800) / 300) ** 2)) + 0.6 * np.exp(-(((hertz - 1200) / 300) ** 2)) + 0.03
    swell = np.sin(np.pi * np.arange(len(times)) / len(times)) ** 0.3
    return np.asarray(0.1 * (weights * np.sin(2 * np.pi * hertz * times)).sum(axis=0) * swell, np.float32)


def pause(seconds: float) -> Samples:
    return np.random.default_rng(0).normal(0, 1e-4, int(seconds * RATE)).astype(np.float32)


SPEECH = np.concatenate([pause(0.5), vowel(0.6), pause(0.6), vowel(0.3), vowel(0.4, 180), pause(0.8)])


@pytest.mark.parametrize("seconds", [0.04, 1.0, 3.21])
def test_there_is_a_frame_for_every_begun_twenty_fifth_of_a_second(seconds: float) -> None:
    assert len(read_visemes(vowel(seconds), 25).opening) == int(np.ceil(seconds * 25 - 1e-6))


@pytest.mark.parametrize("samples", [np.zeros(16000, np.float32), np.zeros(0, np.float32)])
def test_silence_keeps_the_mouth_shut(samples: Samples) -> None:
    visemes = read_visemes(samples, 25)

    assert len(visemes.opening) >= 1
    assert not visemes.opening.any()
    assert not visemes.width.any()


def test_noise_in_which_nobody_speaks_keeps_the_mouth_shut() -> None:
    noise = np.random.default_rng(1).normal(0, 0.02, 3 * RATE).astype(np.float32)

    assert read_visemes(noise, 25).opening.max() < 0.05


def test_the_mouth_is_open_while_a_vowel_sounds_and_shut_in_the_pause() -> None:
    opening = read_visemes(SPEECH, 25).opening

    assert opening[16:24].mean() > 0.3
    assert opening[:9].max() < 0.05
    assert opening[32:39].max() < 0.05
    assert opening[-15:].max() < 0.05


def test_loudness_of_the_recording_makes_no_difference() -> None:
    loud, quiet = read_visemes(SPEECH, 25), read_visemes(SPEECH * np.float32(0.05), 25)

    assert np.allclose(loud.opening, quiet.opening, atol=0.02)


def test_lips_that_shut_between_two_frames_are_seen_shut() -> None:
    opening = np.full(40, 0.6, np.float32)
    opening[16:18] = 0.02  # an m of a fiftieth of a second, between the frames at 15 and 19

    at_frames = _opening_at(np.array([7.0, 11.0, 15.0, 19.0, 23.0]), opening)

    assert at_frames.tolist() == pytest.approx([0.6, 0.6, 0.02, 0.6, 0.6], abs=0.01)


@pytest.mark.parametrize("style", sorted(LIVELINESS))
def test_the_same_speech_gives_the_same_poses(style: str) -> None:
    assert drive(SPEECH, 25, style) == drive(SPEECH, 25, style)


def test_another_seed_gives_other_turns_and_the_same_lips() -> None:
    one, other = drive(SPEECH, 25, "normal", seed=1), drive(SPEECH, 25, "normal", seed=2)

    assert [pose.opening for pose in one] == [pose.opening for pose in other]
    assert [pose.turn for pose in one] != [pose.turn for pose in other]


def test_a_lively_head_moves_more_than_a_calm_one() -> None:
    def reach(style: str) -> float:
        return max(abs(pose.turn.yaw) + abs(pose.turn.pitch) for pose in drive(SPEECH, 25, style))

    assert reach("calm") < reach("normal") < reach("active") < 20


def test_every_clip_starts_and_ends_in_the_photos_own_pose() -> None:
    poses = drive(SPEECH, 25, "active")

    assert poses[0].turn == poses[-1].turn == Turn(brow=0.0)
    assert abs(poses[4].turn.yaw) <= 8


def test_somebody_who_speaks_for_half_a_minute_blinks_several_times() -> None:
    poses = drive(np.tile(SPEECH, 10), 25, "normal")

    blinks = sum(before.blink < 0.95 <= pose.blink for before, pose in pairwise(poses))
    assert 5 <= blinks <= 20


def test_poses_stay_within_what_the_puppet_can_do() -> None:
    for pose in drive(np.tile(SPEECH, 4), 25, "active"):
        assert isinstance(pose, Pose)
        assert 0 <= pose.opening <= 1
        assert -1 <= pose.width <= 1
        assert 0 <= pose.blink <= 1
        assert -0.25 <= pose.turn.brow <= 1
