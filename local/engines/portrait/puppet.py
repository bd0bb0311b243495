"""The photo as a puppet: a pose in, a frame out."""

from __future__ import annotations

from local.engines.contract import Box
from local.engines.portrait.eyes import Eyes
from local.engines.portrait.landmarks import Landmarks
from local.engines.portrait.motion import HeadMotion
from local.engines.portrait.mouth import Mouth
from local.engines.portrait.photo import Image
from local.engines.portrait.pose import Pose
from local.engines.portrait.sitting import sit
from local.engines.portrait.warp import padded


class Puppet:
    """The photo's part within `crop`, shown at `shape` (width, height)."""

    def __init__(self, photo: Image, face: Landmarks, crop: Box, shape: tuple[int, int]) -> None:
        sitting = sit(photo, face, crop, shape)
        self._picture = padded(sitting.picture)
        self._mouth = Mouth(sitting)
        self._eyes = Eyes(sitting)
        self._motion = HeadMotion(sitting, shape)

    def frame(self, pose: Pose) -> Image:
        picture = self._picture.copy()
        shown = picture[:, :, :3]
        self._mouth.draw(shown, pose.opening, pose.width)
        self._eyes.draw(shown, pose.blink)
        return self._motion.show(picture, pose.turn)
