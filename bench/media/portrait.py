"""How well the portrait speaks, as a face reader sees it who knows nothing of how it is made, and how fast it is made.

Every parent's photo speaks every voice: recorded ones, and one synthesised. Photos put into `<work>/photos` and
recordings put into `<work>/parents` are tried too. The peer is the same photo standing still.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path

import cv2
import numpy as np
import soundfile
from numpy.typing import NDArray
from pypinyin import lazy_pinyin
from scipy.ndimage import binary_erosion, gaussian_filter1d

from bench.media import report
from bench.media.rows import Row, at_least, at_most, peer
from local.engines import ffmpeg
from local.engines.contract import Face, LivePortraitStyle, SpeechStyle
from local.engines.portrait import animate, detect, live_portrait, retalk
from local.engines.portrait.checks import find_person
from local.engines.portrait.landmarks import CHIN, NOSE_TIP
from local.engines.portrait.photo import load_photo
from local.engines.portrait.pose import Pose
from local.engines.portrait.puppet import Puppet
from local.engines.portrait.tracking import Tracker
from local.engines.voice import enrol, speak

SAMPLES = Path(__file__).resolve().parents[2] / "local" / "samples"
PHOTO = SAMPLES / "portrait.png"
FPS = 25
SPEECH_HZ = 24_000
CLIP_S = 15.0
LIP_UPPER, LIP_LOWER = 13, 14
STYLES = ("calm", "normal", "active")
LIPS = (  # many syllables begin with b, p or m
    "爸爸抱抱宝宝，妈妈摸摸猫咪。明明跑步，伯伯买馒头。",
    "爸爸背着包，跑步去买苹果和面包。",
    "小白马慢慢地爬上半山坡，拍拍尾巴。",
    "婆婆把冰棒放进棉布包，帮妹妹搬木板。",
    "奶奶捧着一盆白米饭，猫咪扑过来摸一摸。",
)
LIPS_SHUT_INITIALS = frozenset("bpm")
STORY = "从前，有一只小狐狸住在森林里。有一天，它看见了一条会说话的鱼。鱼说：请你带我回家吧！"

R_MIN, LAG_FRAMES_MAX = 0.6, 1
PAUSE_DB, SPAN_DB = -32.0, 40.0  # below the loud parts
SHUT_MAX = 0.15  # of the way from shut lips to a mouth wide open, as the face reader sees both on this face
OUTSIDE_MAX = 0.6  # mean difference from frame to frame, of 255
FRAMES_PER_S_MIN = 100.0
LIVELIER_MIN = 1.25
SHEET = (6, 5)
SHEET_PX = 200

Frames = NDArray[np.uint8]
Line = NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """One value a frame: the gap between the lips in widths of the face, and where the nose is in pixels; the middle of
    the face and its size to the chin, over all frames.
    """

    gap: Line
    nose: NDArray[np.float64]
    middle: tuple[float, float]
    reach: float


def measure(work: Path) -> Iterator[Row]:
    """Rows for lips, silence, styles, steadiness and speed; the contact sheet goes beside the report."""
    work.mkdir(parents=True, exist_ok=True)
    photos = [PHOTO, *sorted((work / "photos").glob("*"))]
    contact_sheet(work, report.IMAGES)
    for photo in photos:
        for name, speech in _voices(work):
            yield from _lips(photo, name, speech, work)
    yield from _bilabials(work)
    yield from _styles(work)
    yield from _still(work)
    yield from _retold(work)
    yield from _speed(work)


def contact_sheet(work: Path, images: Path) -> Path:
    """Thirty frames of a talking clip in one picture, `portrait.jpg` in `images`."""
    work.mkdir(parents=True, exist_ok=True)
    frames = frames_of(talking_clip(PHOTO, cut(SAMPLES / "mother.wav", work), work))
    across, down = SHEET
    chosen = frames[np.linspace(12, len(frames) - 12, across * down).astype(int)]
    small = [cv2.resize(frame, (SHEET_PX, SHEET_PX), interpolation=cv2.INTER_AREA) for frame in chosen]
    sheet = np.vstack([np.hstack(small[row * across : (row + 1) * across]) for row in range(down)])
    images.mkdir(parents=True, exist_ok=True)
    path = images / "portrait.jpg"
    cv2.imwrite(str(path), sheet, [cv2.IMWRITE_JPEG_QUALITY, 82])
    return path


def frames_of(clip: Path) -> Frames:
    media = ffmpeg.probe(clip)
    raw = ffmpeg.run([*ffmpeg.Input(clip).arguments(), "-f", "rawvideo", "-pix_fmt", "bgr24", "pipe:1"])
    return np.frombuffer(raw, np.uint8).reshape(-1, media.height, media.width, 3)


def read(frames: Frames) -> Seen:
    tracker = Tracker()
    faces = [face for face in (tracker.see(frame) for frame in frames) if face is not None]
    if len(faces) < len(frames):
        raise ValueError(f"no face in {len(frames) - len(faces)} frames")
    points = np.array([face.points for face in faces])
    width = np.ptp(points[:, :, 0], axis=1)
    middle = points[:, :, :2].mean(axis=(0, 1))
    return Seen(
        gap=(points[:, LIP_LOWER, 1] - points[:, LIP_UPPER, 1]) / width,
        nose=points[:, NOSE_TIP, :2],
        middle=(float(middle[0]), float(middle[1])),
        reach=float(points[:, CHIN, 1].mean() - middle[1]),
    )


def loudness(speech: Path, frames: int) -> Line:
    """Of each frame, in decibels below the loud parts, at most SPAN_DB of them."""
    samples, rate = soundfile.read(str(speech), dtype="float64", always_2d=True)
    step = rate / FPS
    mono = np.pad(samples.mean(axis=1), (0, int(frames * step) + 1))
    power = [np.mean(mono[int(at * step) : int((at + 1) * step)] ** 2) for at in range(frames)]
    level = 10 * np.log10(np.array(power) + 1e-10)
    return np.asarray(np.clip(level - np.percentile(level, 95), -SPAN_DB, 0))


def _voices(work: Path) -> Iterator[tuple[str, Path]]:
    for path in (SAMPLES / "mother.wav", SAMPLES / "father.wav", *sorted((work / "parents").glob("*.wav"))):
        yield f"{path.stem}, recorded", cut(path, work)
    yield "mother, synthesised", _spoken("mother", STORY, work / "story.wav")[0]


def cut(speech: Path, work: Path, seconds: float = CLIP_S) -> Path:
    """The beginning of a recording, in one channel."""
    beginning = work / f"{speech.stem}-cut.wav"
    ffmpeg.run(["-i", speech.absolute(), "-t", str(seconds), "-ac", "1", beginning.absolute()])
    return beginning


def _spoken(parent: str, text: str, path: Path) -> tuple[Path, list[float]]:
    """The text in a parent's voice, and the start of each of its characters that begins with shut lips."""
    said = speak(enrol(SAMPLES / f"{parent}.wav"), text, SpeechStyle(sample_rate=SPEECH_HZ))
    soundfile.write(str(path), np.frombuffer(said.pcm, "<i2"), said.sample_rate)
    return path, [word.start_s for word in said.words if lazy_pinyin(word.text)[0][:1] in LIPS_SHUT_INITIALS]


def talking_clip(photo: Path, speech: Path, work: Path, style: str = "normal", ratio: str = "1:1") -> Path:
    """The photo speaking, as a story has it."""
    clip = work / f"{photo.stem}-{speech.stem}-{style}-{ratio[0]}.mp4"
    animate(photo, speech, detect(photo, ratio), style, clip)
    return clip


def _lips(photo: Path, name: str, speech: Path, work: Path) -> Iterator[Row]:
    seen = read(frames_of(talking_clip(photo, speech, work)))
    level = loudness(speech, len(seen.gap))
    who = f"{photo.stem}, {name}"
    lag, correlation = _best_lag(seen.gap, gaussian_filter1d(level, 1.0))
    yield at_least("portrait", f"lip opening against loudness, {who}", round(correlation, 3), R_MIN, "r")
    yield at_most("portrait", f"lag of the lips, {who}", abs(lag), LAG_FRAMES_MAX, "frames")
    pauses = binary_erosion(level < PAUSE_DB, iterations=3)
    if pauses.any():
        shut = float(np.mean(_opened(photo, seen.gap)[pauses] < SHUT_MAX))
        yield at_least("portrait", f"frames of pauses with the mouth shut, {who}", round(100 * shut, 1), 95, "%")


def _best_lag(gap: Line, level: Line) -> tuple[int, float]:
    """By how many frames the lips are late, and the correlation there."""
    found = []
    for lag in range(-4, 5):
        late, early = gap[max(0, lag) : len(gap) + min(0, lag)], level[max(0, -lag) : len(level) + min(0, -lag)]
        found.append((float(np.corrcoef(late, early)[0, 1]), lag))
    correlation, lag = max(found)
    return lag, correlation


def _opened(photo: Path, gap: Line) -> Line:
    """The gaps as shares of the way from the mouth shut to the mouth wide open."""
    image = load_photo(photo)
    _, face = find_person(image)
    puppet = Puppet(image, face, detect(photo, "1:1").ext_bbox, (512, 512))
    shut, wide = (read(puppet.frame(Pose(opening=opening))[None]).gap[0] for opening in (0.0, 1.0))
    return np.asarray((gap - shut) / (wide - shut))


def _bilabials(work: Path) -> Iterator[Row]:
    """A b, p or m begins with shut lips; the one after a pause is left out, since silence shuts them anyway."""
    shut = []
    for parent, (number, text) in product(("mother", "father"), enumerate(LIPS)):
        speech, starts = _spoken(parent, text, work / f"{parent}-lips-{number}.wav")
        opened = _opened(PHOTO, read(frames_of(talking_clip(PHOTO, speech, work))).gap)
        level = loudness(speech, len(opened))
        inside = [round(start * FPS) for start in starts if level[max(0, round(start * FPS) - 3)] > PAUSE_DB]
        shut += [opened[max(0, at - 2) : at + 3].min() < SHUT_MAX for at in inside]
    share = round(100 * float(np.mean(shut)), 1)
    yield at_least("portrait", f"lips shut on b, p and m, of {len(shut)}", share, 90, "%")


def _styles(work: Path) -> Iterator[Row]:
    """How far the nose travels: the more lively, the farther."""
    speech = cut(SAMPLES / "mother.wav", work)
    travels = []
    for style in STYLES:
        nose = read(frames_of(talking_clip(PHOTO, speech, work, style))).nose
        travels.append(float(np.hypot(*nose.std(axis=0))))
        yield peer("portrait", f"travel of the nose, {style}", round(travels[-1], 2), "px")
    for number, style in enumerate(STYLES[1:]):
        times = round(travels[number + 1] / travels[number], 2)
        yield at_least("portrait", f"{style} against {STYLES[number]}", times, LIVELIER_MIN, "times")


def _still(work: Path) -> Iterator[Row]:
    """What moves where nothing should: away from the head, from frame to frame."""
    speech = cut(SAMPLES / "mother.wav", work)
    for ratio in ("1:1", "3:4"):
        frames = frames_of(talking_clip(PHOTO, speech, work, ratio=ratio))
        outside = _outside(read(frames), frames.shape[1:3])
        value = round(_flicker(frames, outside), 3)
        yield at_most("portrait", f"difference from frame to frame away from the head, {ratio}", value, OUTSIDE_MAX, "")
    still = work / "still.mp4"
    area = detect(PHOTO, "1:1").ext_bbox
    crop = f"crop={area[2] - area[0]}:{area[3] - area[1]}:{area[0]}:{area[1]},scale=512:512"
    encoding = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p"]
    ffmpeg.run(["-loop", "1", "-r", str(FPS), "-i", PHOTO, "-t", "5", "-vf", crop, *encoding, still.absolute()])
    frames = frames_of(still)
    outside = _outside(read(frames), frames.shape[1:3])
    yield peer(
        "still portrait", "difference from frame to frame away from the head", round(_flicker(frames, outside), 3), ""
    )


def _outside(seen: Seen, size: tuple[int, ...]) -> NDArray[np.bool_]:
    """Two faces and more away from the middle of the face."""
    y, x = np.mgrid[: size[0], : size[1]]
    return np.asarray(np.hypot(x - seen.middle[0], y - seen.middle[1]) > 2.6 * seen.reach)


def _flicker(frames: Frames, where: NDArray[np.bool_]) -> float:
    pairs = pairwise(frames)
    return float(np.mean([cv2.absdiff(one, other)[where].mean() for one, other in pairs]))


def _retold(work: Path) -> Iterator[Row]:
    """A film of somebody speaking the mother's words, with the father's."""
    film = talking_clip(PHOTO, cut(SAMPLES / "mother.wav", work), work, "active")
    speech = cut(SAMPLES / "father.wav", work)
    began = time.perf_counter()
    length_s = retalk(film, speech, work / "retold.mp4")
    rate = length_s * FPS / (time.perf_counter() - began)
    seen = read(frames_of(work / "retold.mp4"))
    lag, correlation = _best_lag(seen.gap, gaussian_filter1d(loudness(speech, len(seen.gap)), 1.0))
    yield at_least("videoretalk", "lip opening against the new loudness", round(correlation, 3), R_MIN, "r")
    yield at_most("videoretalk", "lag of the lips", abs(lag), LAG_FRAMES_MAX, "frames")
    yield peer("videoretalk", "frames made, with encoding", round(rate, 1), "frames/s")


def _speed(work: Path) -> Iterator[Row]:
    speech = cut(SAMPLES / "mother.wav", work)
    for ratio in ("1:1", "3:4"):
        rate = _rate(speech, detect(PHOTO, ratio), work)
        yield at_least("portrait", f"frames made, with encoding, {ratio}", rate, FRAMES_PER_S_MIN, "frames/s")
    style = LivePortraitStyle()
    began = time.perf_counter()
    length_s = live_portrait(PHOTO, speech, style, work / "live.mp4")
    rate = round(length_s * style.fps / (time.perf_counter() - began), 1)
    yield peer("liveportrait", "frames made, with encoding", rate, "frames/s")


def _rate(speech: Path, face: Face, work: Path) -> float:
    began = time.perf_counter()
    length_s = animate(PHOTO, speech, face, "normal", work / "speed.mp4")
    return round(length_s * FPS / (time.perf_counter() - began), 1)
