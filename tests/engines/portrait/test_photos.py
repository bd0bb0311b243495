"""The check of photos as one table: photos made by script from one portrait, and what EMO's check says to each.

The codes and messages are those of the EMO API reference.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from local.engines.contract import RejectionError
from local.engines.portrait import detect
from local.samples.photos import Image, Portrait, covering, drawing, look_at, spoiling, turning

SAMPLES = Path(__file__).resolve().parents[3] / "local" / "samples"

TAKEN = None
NOBODY = (
    "InvalidFile.Content",
    "The input image has no human body. Please upload other image with single person.",
)
SEVERAL = (
    "InvalidFile.Content",
    "The input image has multi human bodies. Please upload other image with single person.",
)
SIZE_IN_PHOTO = (
    "InvalidFile.BodyProportion",
    "The proportion of the detected person in the picture is too large or too small, please upload other image.",
)
RESOLUTION = (
    "InvalidFile.Resolution",
    (
        "The image resolution is invalid, please make sure that the largest length of image is smaller than 7000, and "
        "the smallest length of image is larger than 400."
    ),
)
UNCLEAR = ("InvalidFile.Value", "The value of the image is invalid, please upload other clearer image.")
NOT_WHOLE = (
    "InvalidFile.FullFace",
    "The pose of the detected face is invalid, please upload other image with whole face.",
)
NOT_FRONTAL = (
    "InvalidFile.FrontBody",
    "The pose of the detected person is invalid, please upload other image with the front view.",
)
TURNED = (
    "InvalidFile.FacePose",
    "The pose of the detected face is invalid, please upload other image with the expected orientation.",
)

PHOTOS: dict[str, tuple[Callable[[Portrait], Image], tuple[str, str] | None]] = {
    "as it is": (lambda one: one.image, TAKEN),
    "mirrored": (lambda one: spoiling.mirrored(one.image), TAKEN),
    "in black and white": (lambda one: spoiling.gray(one.image), TAKEN),
    "dim": (lambda one: spoiling.dimmed(one.image, 0.45), TAKEN),
    "a little soft": (lambda one: spoiling.blurred(one.image, 1.0), TAKEN),
    "a little tilted": (lambda one: spoiling.tilted(one.image, 15, middle(one)), TAKEN),
    "with clear glasses": (covering.clear_glasses, TAKEN),
    "with a full beard": (covering.beard, TAKEN),
    "head cut out": (turning.turned, TAKEN),
    "turned a little left": (lambda one: turning.turned(one, yaw_deg=-20), TAKEN),
    "turned a little right": (lambda one: turning.turned(one, yaw_deg=20), TAKEN),
    "looking a little up": (lambda one: turning.turned(one, pitch_deg=-15), TAKEN),
    "a cat": (lambda _: sample("cat.jpg"), NOBODY),
    "a child's drawing": (lambda _: drawing.child_drawing(), NOBODY),
    "a robot": (lambda _: drawing.robot(), NOBODY),
    "a wall": (lambda _: drawing.blank(), NOBODY),
    "noise": (lambda _: drawing.noise(), NOBODY),
    "without the head": (lambda one: one.image[230:, :420].repeat(2, axis=0), NOBODY),
    "two side by side": (lambda one: spoiling.side_by_side(one.image), SEVERAL),
    "a collage of four": (lambda one: spoiling.collage(one.image), SEVERAL),
    "from far away": (lambda one: spoiling.far_away(one.image, 1200), SIZE_IN_PHOTO),
    "from very far away": (lambda one: spoiling.far_away(one.image, 1700), SIZE_IN_PHOTO),
    "nothing but the face": (lambda one: spoiling.scaled(one.image[64:182, 172:280], 5), SIZE_IN_PHOTO),
    "cut off at the ear": (lambda one: spoiling.scaled(one.image[:, 205:], 1.6), NOT_WHOLE),
    "cut off at the brows": (lambda one: spoiling.scaled(one.image[88:], 1.3), NOT_WHOLE),
    "dark": (lambda one: spoiling.dimmed(one.image, 0.2), UNCLEAR),
    "nearly black": (lambda one: spoiling.dimmed(one.image, 0.08), UNCLEAR),
    "overexposed": (lambda one: spoiling.overexposed(one.image, 2.5), UNCLEAR),
    "out of focus": (lambda one: spoiling.blurred(one.image, 3.0), UNCLEAR),
    "far out of focus": (lambda one: spoiling.blurred(one.image, 5.0), UNCLEAR),
    "shaken": (lambda one: spoiling.shaken(one.image, 25), UNCLEAR),
    "in half profile, left": (lambda one: turning.turned(one, yaw_deg=-60), TURNED),
    "in half profile, right": (lambda one: turning.turned(one, yaw_deg=60), TURNED),
    "in profile": (lambda _: sample("cameraman.jpg"), NOT_FRONTAL),
    "in profile, made": (lambda one: turning.turned(one, yaw_deg=-75), NOT_FRONTAL),
    "looking at the ceiling": (lambda one: turning.turned(one, pitch_deg=-45), TURNED),
    "looking at the floor": (lambda one: turning.turned(one, pitch_deg=35), TURNED),
    "tilted far": (lambda one: spoiling.tilted(one.image, 40, middle(one)), TURNED),
    "lying on the side": (lambda one: np.rot90(one.image).copy(), TURNED),
    "upside down": (lambda one: np.rot90(one.image, 2).copy(), TURNED),
    "with a blue mask": (covering.mask, NOT_WHOLE),
    "with a black mask": (lambda one: covering.mask(one, covering.BLACK), NOT_WHOLE),
    "with a skin-coloured mask": (covering.skin_mask, NOT_WHOLE),
    "in grey, with a mask": (lambda one: spoiling.gray(covering.mask(one)), NOT_WHOLE),
    "with a scarf to the nose": (lambda one: covering.strip(one, covering.CHIN, covering.SCARF_GREEN, 0.3), NOT_WHOLE),
    "hand over the mouth": (covering.hand, NOT_WHOLE),
    "hand over the eyes": (lambda one: covering.hand(one, covering.EYES), NOT_WHOLE),
    "bar over the eyes": (lambda one: covering.strip(one, covering.EYES), NOT_WHOLE),
    "white bar over the eyes": (lambda one: covering.strip(one, covering.EYES, covering.WHITE), NOT_WHOLE),
    "with dark glasses": (covering.sunglasses, NOT_WHOLE),
    "half behind a book": (covering.half, NOT_WHOLE),
    "too small": (lambda one: one.image[:399, :500], RESOLUTION),
    "too long": (lambda one: cv2.resize(one.image, (7001, 500)).astype(np.uint8), RESOLUTION),
}


def middle(portrait: Portrait) -> tuple[float, float]:
    x, y = portrait.points[:, :2].mean(axis=0)
    return float(x), float(y)


def sample(name: str) -> Image:
    picture = cv2.imread(str(SAMPLES / name))
    assert picture is not None
    return picture.astype(np.uint8)


@pytest.fixture(scope="module")
def one() -> Portrait:
    return look_at(sample("portrait.png"))


@pytest.mark.parametrize("name", PHOTOS)
def test_each_photo_gets_the_answer_it_deserves(name: str, one: Portrait, tmp_path: Path) -> None:
    make, answer = PHOTOS[name]
    cv2.imwrite(str(tmp_path / "photo.png"), make(one))

    assert verdict(tmp_path / "photo.png") == answer


def verdict(photo: Path) -> tuple[str, str] | None:
    try:
        detect(photo, "1:1")
    except RejectionError as error:
        return error.code, error.message
    return None


EXIF_LYING = bytes.fromhex("ffe100224578696600004d4d002a00000008000101120003000000010006000000000000")


def test_a_photo_lying_on_its_side_with_a_note_of_it_is_taken(one: Portrait, tmp_path: Path) -> None:
    lying = cv2.imencode(".jpg", np.rot90(one.image).copy())[1].tobytes()
    (tmp_path / "noted.jpg").write_bytes(lying[:2] + EXIF_LYING + lying[2:])
    (tmp_path / "bare.jpg").write_bytes(lying)

    assert verdict(tmp_path / "noted.jpg") is TAKEN
    assert verdict(tmp_path / "bare.jpg") == TURNED


@pytest.mark.parametrize("content", [b"GIF89a" + bytes(100), b"%PDF-1.7", b"", b"<html>no such key</html>"])
def test_what_is_no_photo_is_refused_by_its_format(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(content)

    answer = verdict(tmp_path / "photo.jpg")

    assert answer is not None
    assert answer[0] == "InvalidURL"
    assert answer[1].endswith("one of the following types: JPEG, JPG, PNG, BMP, and WEBP.")
