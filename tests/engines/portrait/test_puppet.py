"""The puppet does what it is asked, as a face reader sees it who knows nothing of puppets."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from local.engines.contract import Box
from local.engines.portrait.detector import Sighting, find_faces
from local.engines.portrait.landmarks import (
    EYE_LEFT,
    EYE_RIGHT,
    MOUTH_LEFT,
    MOUTH_RIGHT,
    NOSE_TIP,
    Landmarks,
    read_landmarks,
)
from local.engines.portrait.lips import measure_lips
from local.engines.portrait.pose import Pose, Turn
from local.engines.portrait.puppet import Puppet
from local.engines.portrait.sitting import sit

Image = NDArray[np.uint8]
CROP: Box = (91, 0, 360, 269)
SQUARE = (512, 512)
LIP_UPPER, LIP_LOWER, LID_UPPER, LID_LOWER = 13, 14, 159, 145


@pytest.fixture(scope="module")
def puppet(portrait: Image, seen: tuple[Sighting, Landmarks]) -> Puppet:
    return Puppet(portrait, seen[1], CROP, SQUARE)


@pytest.fixture(scope="module")
def shut_puppet(portrait: Image, puppet: Puppet) -> Puppet:
    """A puppet of a photo whose mouth is shut: the first one's face at rest."""
    photo = puppet.frame(Pose())
    return Puppet(photo, read_landmarks(photo, find_faces(photo)[0]), (0, 0, 512, 512), SQUARE)


def points(frame: Image) -> NDArray[np.float64]:
    return read_landmarks(frame, find_faces(frame)[0]).points


def gap(frame: Image) -> float:
    """Between the inner lips, in distances of the eyes."""
    seen = points(frame)
    return float((seen[LIP_LOWER, 1] - seen[LIP_UPPER, 1]) / (seen[EYE_RIGHT, 0] - seen[EYE_LEFT, 0]))


def test_at_rest_the_mouth_is_shut_though_the_photo_smiles(puppet: Puppet, seen: tuple[Sighting, Landmarks]) -> None:
    eyes = seen[1].points[EYE_RIGHT, 0] - seen[1].points[EYE_LEFT, 0]
    in_photo = (seen[1].points[LIP_LOWER, 1] - seen[1].points[LIP_UPPER, 1]) / eyes

    assert gap(puppet.frame(Pose())) < 0.4 * in_photo


def test_the_mouth_opens_as_far_as_it_is_asked(puppet: Puppet) -> None:
    gaps = [gap(puppet.frame(Pose(opening=opening))) for opening in (0.0, 0.3, 0.6, 1.0)]

    assert gaps == sorted(gaps)
    assert gaps[-1] > gaps[0] + 0.08


def test_a_mouth_shut_in_the_photo_opens_too(shut_puppet: Puppet) -> None:
    shut, half, wide = (gap(shut_puppet.frame(Pose(opening=opening))) for opening in (0.0, 0.4, 1.0))

    assert shut < 0.06 < half < wide


def test_the_corners_come_together_for_round_sounds_and_part_for_wide_ones(puppet: Puppet) -> None:
    def corners(width: float) -> float:
        seen = points(puppet.frame(Pose(opening=0.3, width=width)))
        return float(seen[MOUTH_RIGHT, 0] - seen[MOUTH_LEFT, 0])

    assert corners(-1) < corners(0) - 4 < corners(0) < corners(1) - 2


def test_the_lids_come_down(puppet: Puppet) -> None:
    def open_eye(blink: float) -> float:
        seen = points(puppet.frame(Pose(blink=blink)))
        return float(seen[LID_LOWER, 1] - seen[LID_UPPER, 1])

    assert open_eye(1.0) < 0.65 * open_eye(0.0)


@pytest.mark.parametrize(
    ("turn", "axis"), [(Turn(yaw=6), 0), (Turn(pitch=6), 1), (Turn(right=0.03), 0), (Turn(down=0.03), 1)]
)
def test_the_head_turns_to_where_it_is_asked(puppet: Puppet, turn: Turn, axis: int) -> None:
    moved = points(puppet.frame(Pose(turn=turn)))[NOSE_TIP] - points(puppet.frame(Pose()))[NOSE_TIP]

    assert moved[axis] > 2
    assert abs(moved[1 - axis]) < moved[axis]


def test_the_shoulders_and_the_edges_stay_when_the_head_turns(puppet: Puppet) -> None:
    still, turned = puppet.frame(Pose()).astype(int), puppet.frame(Pose(turn=Turn(yaw=6, pitch=3, roll=3))).astype(int)

    assert np.abs(still - turned)[-40:].max() == 0
    assert np.abs(still - turned)[:, :12].max() == 0


def test_what_does_not_move_is_the_photo_itself(puppet: Puppet, portrait: Image) -> None:
    crop = cv2.resize(portrait[0:269, 91:360], SQUARE, interpolation=cv2.INTER_CUBIC).astype(int)

    difference = np.abs(puppet.frame(Pose()).astype(int) - crop)

    assert difference[:170, :120].mean() < 6
    assert difference[400:].mean() < 10


def test_a_crop_drawn_by_hand_is_honoured(portrait: Image, seen: tuple[Sighting, Landmarks]) -> None:
    nose = points(Puppet(portrait, seen[1], (130, 20, 330, 220), SQUARE).frame(Pose()))[NOSE_TIP]

    assert nose[0] == pytest.approx((seen[1].points[NOSE_TIP, 0] - 130) * 512 / 200, abs=8)
    assert nose[1] == pytest.approx((seen[1].points[NOSE_TIP, 1] - 20) * 512 / 200, abs=8)


def test_a_half_figure_is_not_stretched(portrait: Image, seen: tuple[Sighting, Landmarks]) -> None:
    face = points(Puppet(portrait, seen[1], (92, 0, 359, 356), (512, 704)).frame(Pose()))
    shape = np.ptp(face[:, 0]) / np.ptp(face[:, 1])
    in_photo = np.ptp(seen[1].points[:, 0]) / np.ptp(seen[1].points[:, 1])

    assert shape == pytest.approx(in_photo, rel=0.04)


def test_teeth_are_seen_in_a_smile_and_not_in_a_shut_mouth(
    portrait: Image, seen: tuple[Sighting, Landmarks], puppet: Puppet
) -> None:
    photo = puppet.frame(Pose())
    face = read_landmarks(photo, find_faces(photo)[0])

    assert measure_lips(sit(portrait, seen[1], CROP, SQUARE)).has_teeth
    assert not measure_lips(sit(photo, face, (0, 0, 512, 512), SQUARE)).has_teeth


def test_a_leaning_head_leans_in_the_clip_too(portrait: Image) -> None:
    matrix = cv2.getRotationMatrix2D((225, 122), -15, 1)
    leaning = cv2.warpAffine(portrait, matrix, (512, 512), borderMode=cv2.BORDER_REPLICATE).astype(np.uint8)
    face = read_landmarks(leaning, find_faces(leaning)[0])

    frame = Puppet(leaning, face, CROP, SQUARE).frame(Pose(opening=0.5))

    assert read_landmarks(frame, find_faces(frame)[0]).roll == pytest.approx(face.roll, abs=0.05)


def test_the_same_pose_gives_the_same_frame(puppet: Puppet) -> None:
    pose = Pose(0.4, -0.3, 0.5, Turn(1, 2, 1, 0.01, 0.01, 0.5))

    assert (puppet.frame(pose) == puppet.frame(pose)).all()


def test_a_mouth_wide_open_in_the_photo_shuts(puppet: Puppet, shut_puppet: Puppet) -> None:
    photo = puppet.frame(Pose(opening=1.0))
    shouting = Puppet(photo, read_landmarks(photo, find_faces(photo)[0]), (0, 0, 512, 512), SQUARE)

    assert gap(photo) > 0.15
    assert gap(shouting.frame(Pose())) < 1.5 * gap(shut_puppet.frame(Pose())) < 0.08
