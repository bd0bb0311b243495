"""The talking clip: photo and speech in, an mp4 out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from local.engines import ffmpeg
from local.engines.contract import Box, Face, Progress, RejectionError, no_progress
from local.engines.counted import Counted
from local.engines.portrait.checks import NO_HUMAN
from local.engines.portrait.detector import find_faces
from local.engines.portrait.drive import LIVELINESS, drive
from local.engines.portrait.landmarks import Landmarks, read_landmarks
from local.engines.portrait.photo import Image, load_photo
from local.engines.portrait.puppet import Puppet
from local.engines.portrait.visemes import RATE_HZ

FPS = 25
# EMO's two outputs: a head for an area of 1:1, a half figure for one of 3:4 (the latter a little narrower than 3:4).
SQUARE, UPRIGHT = (512, 512), (512, 704)
UPRIGHT_FROM = 7 / 6  # height to width of the area, half way between the two

BAD_STYLE = RejectionError("InvalidParameter", "The style_level is invalid.")
BAD_BOX = RejectionError(
    "InvalidParameter",
    "The request is missing required parameters or in a wrong format, please check the parameters that you send.",
)
BAD_SOUND = RejectionError("InvalidURL", "File type is not supported. Allowed types are: .wav, .mp3.")


def animate(photo: Path, speech: Path, face: Face, style: str, clip: Path, progress: Progress = no_progress) -> float:
    """Write `clip`: the photo's part within `ext_bbox` speaking. Returns its length in seconds.

    Raises RejectionError with EMO's codes for a style it does not know, boxes outside the photo, a photo without a
    face in `face_bbox`, and speech that is no recording.
    """
    if style not in LIVELINESS:
        raise BAD_STYLE
    image = load_photo(photo)
    _check_boxes(face, image)
    samples = samples_of(speech)
    crop = face.ext_bbox
    shape = UPRIGHT if (crop[3] - crop[1]) / (crop[2] - crop[0]) > UPRIGHT_FROM else SQUARE
    puppet = Puppet(image, _landmarks(image, face.face_bbox), crop, shape)
    poses = drive(samples, FPS, style)
    try:
        with ffmpeg.frame_writer(*shape, FPS, encoding(speech, clip.absolute(), len(poses), FPS)) as write:
            for number, pose in enumerate(poses):
                write(puppet.frame(pose))
                progress(Counted(number, len(poses), "frames"))
    except BaseException:
        clip.unlink(missing_ok=True)
        raise
    progress(Counted(len(poses), len(poses), "frames"))
    return len(poses) / FPS


def _check_boxes(face: Face, image: Image) -> None:
    height, width = image.shape[:2]
    for x1, y1, x2, y2 in (face.face_bbox, face.ext_bbox):
        if not (0 <= x1 < x2 <= width and 0 <= y1 < y2 <= height):
            raise BAD_BOX


def samples_of(speech: Path) -> NDArray[np.float32]:
    """Mono at 16 kHz; RejectionError for what is no recording."""
    try:
        if not ffmpeg.probe(speech).has_audio:
            raise BAD_SOUND
        plain = ["-vn", "-ac", "1", "-ar", str(RATE_HZ), "-f", "f32le", "pipe:1"]
        return np.frombuffer(ffmpeg.run([*ffmpeg.Input(speech).arguments(), *plain]), np.float32)
    except ffmpeg.FfmpegError as error:
        raise BAD_SOUND from error


def _landmarks(image: Image, box: Box) -> Landmarks:
    """The points of the face that the box is drawn around."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    within = [
        sighting
        for sighting in find_faces(image, score_min=0.5)
        if sighting.box[0] <= x <= sighting.box[2] and sighting.box[1] <= y <= sighting.box[3]
    ]
    if not within:
        raise RejectionError(*NO_HUMAN)
    return read_landmarks(image, within[0])


def encoding(speech: Path, clip: Path, frames: int, fps: int, shown: tuple[str, ...] = ()) -> list[ffmpeg.Argument]:
    """The speech goes in as it is and is filled up with silence to the last frame; `shown` changes the pictures."""
    length_s = f"{frames / fps:.3f}"
    return [
        *ffmpeg.Input(speech.absolute(), ("-vn",)).arguments(),
        *("-map", "0:v", "-map", "1:a", *shown, "-af", f"apad=whole_dur={length_s}", "-t", length_s),
        *("-c:v", "libx264", "-preset", "veryfast", "-subq", "1", "-crf", "18", "-pix_fmt", "yuv420p"),
        *("-c:a", "aac", "-b:a", "96k", "-ar", "44100"),
        *("-map_metadata", "-1", "-movflags", "+faststart", "-f", "mp4", clip),
    ]
