"""LivePortrait's behaviour: one photo speaks within its own picture, as strongly and often as its parameters say."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from local.engines import ffmpeg
from local.engines.contract import Box, LivePortraitStyle, Progress, RejectionError, no_progress
from local.engines.counted import Counted
from local.engines.portrait.checks import RATIOS, dynamic_area, find_person
from local.engines.portrait.clip import encoding, samples_of
from local.engines.portrait.drive import LIVELINESS, Manner, drive
from local.engines.portrait.photo import Image, load_photo
from local.engines.portrait.puppet import Puppet
from local.engines.sizes import of_pixels

HEAD_USUAL, EYES_USUAL = 0.7, 0.5  # the vendor's defaults of head_move_strength and eye_move_freq
FACE_PX = 512
WHOLE_PX_MAX = 1280  # of the longer side; LivePortrait's vendor does not say how large its films are
FEATHER = 0.05  # of the face's part, along its edges

BAD_TEMPLATE = RejectionError("InvalidParameter", "The type or value of template_id is out of definition.")


def live_portrait(
    photo: Path, speech: Path, style: LivePortraitStyle, clip: Path, progress: Progress = no_progress
) -> float:
    """Write `clip` and return its length in seconds: the whole photo with the face speaking in it, of so many `pixels`
    where the style says so, or with `paste_back` off the face's part alone. RejectionError as `detect` has it for a
    photo that will not do.
    """
    if style.template not in LIVELINESS:
        raise BAD_TEMPLATE
    image = load_photo(photo)
    _, face = find_person(image)
    area = dynamic_area(image, face, RATIOS["1:1"])
    puppet = Puppet(image, face, area, (FACE_PX, FACE_PX))
    manner = Manner(style.head_strength / HEAD_USUAL, style.mouth_strength, style.eye_frequency / EYES_USUAL)
    poses = drive(samples_of(speech), style.fps, style.template, manner=manner)
    asked = of_pixels((image.shape[1], image.shape[0]), style.pixels) if style.pixels else None
    frame_of = _Pasted(image, area, asked) if style.paste_back else None
    width, height = frame_of.size if frame_of else (FACE_PX, FACE_PX)
    to_size = _covering(asked) if asked else ()
    arguments = encoding(speech, clip.absolute(), len(poses), style.fps, to_size)
    try:
        with ffmpeg.frame_writer(width, height, style.fps, arguments) as write:
            for number, pose in enumerate(poses):
                shown = puppet.frame(pose)
                write(frame_of.paste(shown) if frame_of else shown)
                progress(Counted(number, len(poses), "frames"))
    except BaseException:
        clip.unlink(missing_ok=True)
        raise
    progress(Counted(len(poses), len(poses), "frames"))
    return len(poses) / style.fps


def _covering(size: tuple[int, int]) -> tuple[str, ...]:
    """The encoder brings the frames to their size: pasting into larger ones would cost more and show no more."""
    wide_high = f"{size[0]}:{size[1]}"
    return ("-vf", f"scale={wide_high}:force_original_aspect_ratio=increase,crop={wide_high},setsar=1")


class _Pasted:
    """The whole photo at the size of the film or below it, with a place for the face's part."""

    def __init__(self, photo: Image, area: Box, asked: tuple[int, int] | None) -> None:
        scale = min(1.0, WHOLE_PX_MAX / max(photo.shape[:2]))
        if asked:
            scale = min(scale, max(asked[0] / photo.shape[1], asked[1] / photo.shape[0]))
        self.size = tuple(round(side * scale / 2) * 2 for side in (photo.shape[1], photo.shape[0]))
        self._photo = cv2.resize(photo, self.size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        x1, y1, x2, y2 = (round(edge * scale) for edge in area)
        self._rows, self._columns = slice(y1, min(y2, self.size[1])), slice(x1, min(x2, self.size[0]))
        under = self._photo[self._rows, self._columns]
        self._under = under.astype(np.float32)
        side = under.shape[:2]
        edge = max(1, int(FEATHER * min(side)))
        ramps = [np.clip(np.minimum(np.arange(n) + 0.5, n - np.arange(n) - 0.5) / edge, 0, 1) for n in side]
        self._share = np.outer(*ramps).astype(np.float32)[..., None]

    def paste(self, part: Image) -> Image:
        height, width = self._under.shape[:2]
        smooth = cv2.INTER_AREA if width < part.shape[1] else cv2.INTER_LINEAR
        fitted = cv2.resize(part, (width, height), interpolation=smooth).astype(np.float32)
        whole: Image = self._photo.copy()
        whole[self._rows, self._columns] = self._under + (fitted - self._under) * self._share + 0.5
        return whole
