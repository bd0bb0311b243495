"""EMO's refusals told apart, each with the vendor's own code and words, on changes to one good portrait."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from local.engines.contract import Face, RejectionError
from local.engines.portrait import detect
from local.engines.portrait.checks import _check_pose
from local.engines.portrait.detector import Sighting
from local.engines.portrait.landmarks import Landmarks

Image = NDArray[np.uint8]
Photo = Callable[[Image], Path]

NO_HUMAN = "The input image has no human body. Please upload other image with single person."
MANY_HUMANS = "The input image has multi human bodies. Please upload other image with single person."
PROPORTION = (
    "The proportion of the detected person in the picture is too large or too small, please upload other image."
)
UNCLEAR = "The value of the image is invalid, please upload other clearer image."
NOT_WHOLE = "The pose of the detected face is invalid, please upload other image with whole face."
TURNED = "The pose of the detected face is invalid, please upload other image with the expected orientation."


def refused(path: Path, ratio: str = "1:1") -> tuple[str, str]:
    with pytest.raises(RejectionError) as caught:
        detect(path, ratio)
    return caught.value.code, caught.value.message


def scaled(image: Image, factor: float) -> Image:
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA).astype(np.uint8)


def turned(image: Image, degrees: float) -> Image:
    matrix = cv2.getRotationMatrix2D((225, 122), degrees, 1)
    return cv2.warpAffine(image, matrix, (512, 512), borderMode=cv2.BORDER_REFLECT).astype(np.uint8)


def test_a_good_portrait_gets_both_boxes(portrait: Image, photo: Photo) -> None:
    face = detect(photo(portrait), "1:1")

    x1, y1, x2, y2 = face.face_bbox
    assert (x1 + x2) / 2 == pytest.approx(225, abs=6)
    assert (y1 + y2) / 2 == pytest.approx(122, abs=6)
    assert x2 - x1 == pytest.approx(94, abs=8)


@pytest.mark.parametrize(("ratio", "shape"), [("1:1", (1, 1)), ("3:4", (3, 4))])
def test_the_dynamic_area_has_the_ratio_and_holds_the_face(
    portrait: Image, photo: Photo, ratio: str, shape: tuple[int, int]
) -> None:
    face = detect(photo(portrait), ratio)

    left, top, right, bottom = face.ext_bbox
    assert (right - left) * shape[1] == (bottom - top) * shape[0]
    assert 0 <= left <= face.face_bbox[0] < face.face_bbox[2] <= right <= 512
    assert 0 <= top <= face.face_bbox[1] < face.face_bbox[3] <= bottom <= 512


@pytest.mark.parametrize("name", ["photo.jpg", "photo.webp", "photo.bmp"])
def test_the_format_of_the_photo_makes_no_difference(portrait: Image, photo: Photo, tmp_path: Path, name: str) -> None:
    cv2.imwrite(str(tmp_path / name), portrait)

    assert close(detect(tmp_path / name, "1:1"), detect(photo(portrait), "1:1"))


def close(one: Face, other: Face) -> bool:
    return bool(np.abs(np.subtract(one.ext_bbox, other.ext_bbox)).max() <= 6)


def test_a_picture_without_a_person_is_refused(photo: Photo) -> None:
    field = np.random.default_rng(1).integers(0, 255, (40, 40, 3), np.uint8)

    assert refused(photo(scaled(field, 12))) == ("InvalidFile.Content", NO_HUMAN)


def test_two_people_are_refused(portrait: Image, photo: Photo) -> None:
    assert refused(photo(np.hstack([portrait, portrait]))) == ("InvalidFile.Content", MANY_HUMANS)


def test_a_small_face_in_the_background_is_no_second_person(portrait: Image, photo: Photo) -> None:
    crowd = cv2.resize(portrait, None, fx=2, fy=2).astype(np.uint8)
    crowd[600:856, 700:956] = scaled(portrait, 0.5)

    assert detect(photo(crowd), "1:1").face_bbox[2] < 600


def test_a_face_too_small_is_refused_as_such_not_as_missing(portrait: Image, photo: Photo) -> None:
    far = np.full((1200, 1200, 3), 128, np.uint8)
    far[300:812, 300:812] = portrait

    assert refused(photo(far)) == ("InvalidFile.BodyProportion", PROPORTION)


def test_a_face_that_fills_the_photo_is_refused(portrait: Image, photo: Photo) -> None:
    near = cv2.resize(portrait[64:182, 172:280], None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC)

    assert refused(photo(near.astype(np.uint8))) == ("InvalidFile.BodyProportion", PROPORTION)


def test_a_face_cut_off_by_the_edge_is_refused(portrait: Image, photo: Photo) -> None:
    assert refused(photo(scaled(portrait[:, 205:], 1.6))) == ("InvalidFile.FullFace", NOT_WHOLE)


@pytest.mark.parametrize("gain", [0.2, 0.08])
def test_a_dark_photo_is_refused(portrait: Image, photo: Photo, gain: float) -> None:
    assert refused(photo((portrait * gain).astype(np.uint8))) == ("InvalidFile.Value", UNCLEAR)


@pytest.mark.parametrize("sigma", [2.5, 5.0])
def test_a_blurred_photo_is_refused(portrait: Image, photo: Photo, sigma: float) -> None:
    assert refused(photo(cv2.GaussianBlur(portrait, (0, 0), sigma).astype(np.uint8))) == ("InvalidFile.Value", UNCLEAR)


def test_a_dim_portrait_is_taken(portrait: Image, photo: Photo) -> None:
    assert close(detect(photo((portrait * 0.4).astype(np.uint8)), "1:1"), detect(photo(portrait), "1:1"))


@pytest.mark.parametrize("degrees", [35, -35, 60])
def test_a_tilted_head_is_refused(portrait: Image, photo: Photo, degrees: float) -> None:
    assert refused(photo(turned(portrait, degrees))) == ("InvalidFile.FacePose", TURNED)


@pytest.mark.parametrize("way", [cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE])
def test_a_photo_lying_on_its_side_or_head_is_refused(portrait: Image, photo: Photo, way: int) -> None:
    assert refused(photo(cv2.rotate(portrait, way).astype(np.uint8))) == ("InvalidFile.FacePose", TURNED)


@pytest.mark.parametrize("degrees", [15, -15])
def test_a_slightly_tilted_head_is_taken(portrait: Image, photo: Photo, degrees: float) -> None:
    face = detect(photo(turned(portrait, degrees)), "1:1")

    assert face.face_bbox[0] == pytest.approx(178, abs=10)


def looking(portrait_points: NDArray[np.float64], yaw_deg: float) -> Landmarks:
    """The face turned to the side about its middle."""
    angle = np.radians(yaw_deg)
    middle = portrait_points.mean(axis=0)
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    return Landmarks((portrait_points - middle) @ turn + middle, 1.0)


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(("yaw_deg", "code"), [(40, "InvalidFile.FacePose"), (70, "InvalidFile.FrontBody")])
def test_a_face_turned_away_is_told_apart_from_a_profile(
    portrait: Image, seen: tuple[Sighting, Landmarks], yaw_deg: float, code: str, side: int
) -> None:
    with pytest.raises(RejectionError) as caught:
        _check_pose(portrait, seen[0], looking(seen[1].points, yaw_deg * side))

    assert caught.value.code == code


def test_a_ratio_emo_does_not_know_is_refused(portrait: Image, photo: Photo) -> None:
    assert refused(photo(portrait), "16:9")[0] == "InvalidParameter"


def test_the_same_photo_gets_the_same_boxes(portrait: Image, photo: Photo) -> None:
    assert detect(photo(portrait), "3:4") == detect(photo(portrait), "3:4")
