"""Finding a face and its points, wherever and however large it is."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from local.engines.portrait.detector import Sighting, find_faces
from local.engines.portrait.landmarks import (
    CHIN,
    EYE_LEFT,
    EYE_RIGHT,
    FOREHEAD_TOP,
    MOUTH_LEFT,
    MOUTH_RIGHT,
    NOSE_TIP,
    Landmarks,
    read_landmarks,
)
from local.engines.portrait.weights import SHA256, WeightsError, read_weights

Image = NDArray[np.uint8]


def test_one_face_is_seen_once(portrait: Image) -> None:
    sightings = find_faces(portrait)

    assert len(sightings) == 1
    assert sightings[0].score > 0.9
    assert np.abs(sightings[0].box - [176, 74, 278, 176]).max() < 8


def test_the_eye_on_the_left_comes_first(portrait: Image) -> None:
    left, right = find_faces(portrait)[0].eyes

    assert left[0] + 20 < right[0]


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_size_of_the_photo_only_scales_the_box(portrait: Image, factor: float) -> None:
    sighting = find_faces(cv2.resize(portrait, None, fx=factor, fy=factor).astype(np.uint8))[0]

    assert np.abs(sighting.box / factor - [176, 74, 278, 176]).max() < 8


def test_a_face_of_a_twentieth_of_the_photo_is_found(portrait: Image) -> None:
    far = np.full((1700, 1700, 3), 128, np.uint8)
    far[1000:1512, 1100:1612] = portrait

    sightings = find_faces(far)

    assert len(sightings) == 1
    assert np.abs(sightings[0].box - [1276, 1074, 1378, 1176]).max() < 15


def test_nothing_is_seen_in_noise() -> None:
    assert find_faces(np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)) == []


def test_the_points_lie_where_their_names_say(seen: tuple[Sighting, Landmarks]) -> None:
    x, y = seen[1].points[:, 0], seen[1].points[:, 1]

    assert seen[1].confidence > 0.95
    assert x[EYE_LEFT] < x[NOSE_TIP] < x[EYE_RIGHT]
    assert x[MOUTH_LEFT] < x[NOSE_TIP] < x[MOUTH_RIGHT]
    assert y[FOREHEAD_TOP] < y[EYE_LEFT] < y[NOSE_TIP] < y[MOUTH_LEFT] < y[CHIN]


def test_the_points_move_with_the_face(portrait: Image, seen: tuple[Sighting, Landmarks]) -> None:
    shifted = np.roll(portrait, (30, 40), axis=(0, 1))

    points = read_landmarks(shifted, find_faces(shifted)[0]).points

    assert np.abs(points[:, :2] - seen[1].points[:, :2] - [40, 30]).mean() < 1


def test_a_leaning_head_has_a_roll(portrait: Image) -> None:
    matrix = cv2.getRotationMatrix2D((225, 122), -12, 1)
    leaning = cv2.warpAffine(portrait, matrix, (512, 512)).astype(np.uint8)

    roll = read_landmarks(leaning, find_faces(leaning)[0]).roll

    assert np.degrees(roll) == pytest.approx(12 + 2.6, abs=2.5)


@pytest.mark.parametrize("name", sorted(SHA256))
def test_the_weights_are_the_ones_this_code_was_made_for(name: str) -> None:
    assert len(read_weights(name)) > 100_000


def test_other_weights_of_the_same_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "viseme.npz").write_bytes(b"other")

    with pytest.raises(WeightsError, match="is not the file its name says"):
        read_weights("viseme.npz", tmp_path)
    with pytest.raises(WeightsError, match="is missing"):
        read_weights("face_landmark.onnx", tmp_path)
