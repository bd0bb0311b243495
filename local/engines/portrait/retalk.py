"""VideoRetalk's behaviour: a film of a person says other words. Only the lips and the jaw change, frame by frame.

Two passes: the first follows the face, the second moves its mouth. What is added to a frame is the difference that the
moved mouth makes, so that all else keeps its pixels.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import cv2
import numpy as np

from local.engines import ffmpeg
from local.engines.contract import Box, Progress, RejectionError, no_progress
from local.engines.portrait.clip import encoding, samples_of
from local.engines.portrait.drive import Manner, drive
from local.engines.portrait.landmarks import Landmarks
from local.engines.portrait.mouth import Mouth
from local.engines.portrait.photo import Image
from local.engines.portrait.pose import Pose
from local.engines.portrait.sitting import sit
from local.engines.portrait.tracking import Tracker, steadied

FPS_MAX = 60
KEPT_QUALITY = 96  # of the frames between the passes, as JPEG
AROUND = 0.85  # of the face's larger side, from its middle to each edge of what is worked on
WORK_PX_MIN, WORK_PX_MAX = 160, 640

NO_FILM = RejectionError("InvalidFile.Openerror", "The input video cannot be opened.")
# The code is the vendor's; its words for it are not published.
NO_FACE = RejectionError("InvalidFile.Content", "The input video has no human face.")


def retalk(film: Path, speech: Path, clip: Path, *, extend: bool = False, progress: Progress = no_progress) -> float:
    """Write `clip`: the film with the lips moved to the speech, which is its sound. Returns its length in seconds, that
    of the shorter of the two; with `extend` that of the speech, the film going back and forth as long as it takes.

    Frames without a face stay as they are. RejectionError for what is no film, no recording, or shows no face at all.
    """
    samples = samples_of(speech)
    media = _film(film)
    fps = max(1, min(FPS_MAX, round(media.fps or 25)))
    poses = drive(samples, fps, "calm", manner=Manner(head=0, blinks=0))
    with _kept_frames() as kept:
        tracker = Tracker()
        track: list[Landmarks | None] = []
        wanted = min(len(poses), round(media.duration_s * fps) or len(poses))
        for frame in _frames(film, media, fps, len(poses)):
            kept.add(frame)
            track.append(tracker.see(frame))
            progress(0.5 * min(1.0, len(track) / wanted))
        if not any(track):
            raise NO_FACE
        faces = steadied(track)
        count = len(poses) if extend else min(len(poses), len(faces))
        try:
            with ffmpeg.frame_writer(
                media.width // 2 * 2, media.height // 2 * 2, fps, encoding(speech, clip.absolute(), count, fps)
            ) as write:
                for number in range(count):
                    at = _there_and_back(number, len(faces))
                    write(_spoken(kept.frame(at), faces[at], poses[number]))
                    progress(0.5 + 0.5 * number / count)
        except BaseException:
            clip.unlink(missing_ok=True)
            raise
    progress(1.0)
    return count / fps


def _film(path: Path) -> ffmpeg.Media:
    try:
        media = ffmpeg.probe(path)
    except ffmpeg.FfmpegError as error:
        raise NO_FILM from error
    if not media.has_picture:
        raise NO_FILM
    return media


def _frames(film: Path, media: ffmpeg.Media, fps: int, count: int) -> Iterator[Image]:
    """At most so many frames at a steady rate; an odd last row or column is left out, as the encoder needs it."""
    width, height = media.width // 2 * 2, media.height // 2 * 2
    picture = f"fps={fps}:start_time=0,crop={width}:{height}:0:0"
    raw = ["-map", "0:v:0", "-vf", picture, "-frames:v", str(count), "-f", "rawvideo", "-pix_fmt", "bgr24", "pipe:1"]
    with ffmpeg.frame_reader([*ffmpeg.Input(film).arguments(), *raw], width * height * 3) as read:
        for content in read:
            yield np.frombuffer(content, np.uint8).reshape(height, width, 3)


def _there_and_back(number: int, count: int) -> int:
    """0 1 2 3 2 1 0 1 ...: a film that goes on without a jump."""
    period = max(1, 2 * (count - 1))
    at = number % period
    return min(at, period - at)


def _spoken(frame: Image, face: Landmarks | None, pose: Pose) -> Image:
    """The frame with the mouth as in the pose."""
    if face is None:
        return frame
    crop = _around(face)
    work_px = int(np.clip(crop[2] - crop[0], WORK_PX_MIN, WORK_PX_MAX))
    sitting = sit(frame, face, crop, (work_px, work_px), work_px)
    moved = sitting.picture.copy()
    Mouth(sitting, own_teeth=False).draw(moved, pose.opening, pose.width)
    change = moved.astype(np.float32) - sitting.picture
    x1, y1, x2, y2 = _inside(crop, frame)
    onto = sitting.onto.copy()
    onto[:, 2] += onto[:, :2] @ np.array([x1, y1], np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    back = cv2.warpAffine(change, onto, (x2 - x1, y2 - y1), flags=flags, borderMode=cv2.BORDER_CONSTANT)
    spoken: Image = frame.copy()
    spoken[y1:y2, x1:x2] = np.clip(frame[y1:y2, x1:x2] + back + 0.5, 0, 255)
    return spoken


def _around(face: Landmarks) -> Box:
    """A square around the face; it may reach out of the frame."""
    x1, y1, x2, y2 = face.box
    half = AROUND * max(x2 - x1, y2 - y1)
    left, top = round((x1 + x2) / 2 - half), round((y1 + y2) / 2 - half)
    side = max(2, round(2 * half))
    return left, top, left + side, top + side


def _inside(box: Box, frame: Image) -> Box:
    height, width = frame.shape[:2]
    return max(0, box[0]), max(0, box[1]), min(width, box[2]), min(height, box[3])


class _Kept:
    """The frames of a film in a file, to be had again in any order."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._places: list[tuple[int, int]] = []

    def add(self, frame: Image) -> None:
        content = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, KEPT_QUALITY])[1].tobytes()
        self._places.append((self._file.tell(), len(content)))
        self._file.write(content)

    def frame(self, number: int) -> Image:
        start, length = self._places[number]
        self._file.seek(start)
        decoded = cv2.imdecode(np.frombuffer(self._file.read(length), np.uint8), cv2.IMREAD_COLOR)
        assert decoded is not None  # noqa: S101  written by `add`
        return decoded.astype(np.uint8, copy=False)


@contextmanager
def _kept_frames() -> Iterator[_Kept]:
    with tempfile.TemporaryFile(prefix="retalk-") as file:
        yield _Kept(file)
