"""Puts the sample film together: pictures, sound, captions."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from local.engines import ffmpeg
from local.engines.captions.srt import format_srt
from local.engines.contract import Caption
from local.engines.film.fonts import find_font
from local.engines.film.lettering import write_ass
from local.engines.film.plan import PlacedText
from local.engines.film.timeline import Lettering, Measure
from local.samples.story.brush import Frame
from local.samples.story.scenes import Scenes
from local.samples.story.schedule import FPS, scene_starts, schedule
from local.samples.story.soundtrack import compose, mix, narrate, trimmed, write_wav
from local.samples.story.stage import Moment
from local.samples.story.text import LINES

Say = Callable[[str], tuple[NDArray[Any], int]]

CROSSFADE_S = 0.5
CHINESE_HEIGHT, ENGLISH_HEIGHT, FOOT = 0.062, 0.040, 0.055  # of the picture


@dataclass(frozen=True)
class StoryPaths:
    """The film, its captions beside it, and what its sound was mixed from (for judging how well that is undone)."""

    film: Path
    captions: Path
    narration: Path
    music: Path
    cues: tuple[Caption, ...]
    length_s: float


def make_story(
    folder: Path, say: Say, *, width: int = 1280, height: int = 720, burn_captions: bool = False
) -> StoryPaths:
    """Make the sample film in `folder` (story.mp4 and files beside it), with 8 captions as a text track.

    `say` speaks a Chinese line: samples from -1 to 1 and their rate. The same narrator gives the same film. With
    `burn_captions` the captions are also drawn into the picture; FontMissingError when no font can.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = _paths(folder)
    spoken = [trimmed(*say(line.chinese)) for line in LINES]
    captions, length_s = schedule([len(line) / 44100 for line in spoken])
    narration = narrate(spoken, [caption.start_s for caption in captions], length_s)
    music = compose(length_s)
    write_wav(paths["narration"], narration)
    write_wav(paths["music"], music)
    paths["captions"].write_text(format_srt(captions), encoding="utf-8", newline="\n")
    with tempfile.TemporaryDirectory(prefix="story-") as name:
        work = Path(name)
        write_wav(work / "mix.wav", mix(narration, music))
        burning = _write_lettering(captions, (width, height), work) if burn_captions else []
        arguments = _encoding(work, paths, burning, length_s)
        with ffmpeg.frame_writer(width, height, FPS, arguments, folder=work) as write:
            for frame in _frames(Scenes((width, height)), captions, length_s):
                write(frame)
    return StoryPaths(**paths, cues=tuple(captions), length_s=length_s)


class FontMissingError(Exception):
    """No font on this machine can draw the captions."""


def _paths(folder: Path) -> dict[str, Path]:
    names = {"film": "story.mp4", "captions": "story.srt", "narration": "narration.wav", "music": "music.wav"}
    return {part: (folder / name).absolute() for part, name in names.items()}


def _frames(scenes: Scenes, captions: Sequence[Caption], length_s: float) -> Iterator[Frame]:
    """Every frame of the film; one picture fades into the next."""
    starts = scene_starts(captions)
    ends = [*starts[1:], length_s]
    for number in range(round(length_s * FPS)):
        seconds = number / FPS
        scene = max(index for index, start_s in enumerate(starts) if seconds >= start_s - 1e-6)

        def paint(scene: int, seconds: float = seconds) -> Frame:
            share = (seconds - starts[scene]) / (ends[scene] + CROSSFADE_S - starts[scene])
            return scenes.paint(scene, Moment(min(1.0, share), seconds))

        frame = paint(scene)
        new = (seconds - starts[scene]) / CROSSFADE_S
        if scene > 0 and new < 1:
            frame = cv2.addWeighted(frame, new, paint(scene - 1), 1 - new, 0).astype(np.uint8, copy=False)
        yield frame


def _encoding(work: Path, paths: dict[str, Path], burning: list[str], length_s: float) -> list[ffmpeg.Argument]:
    return [
        *ffmpeg.Input(work / "mix.wav").arguments(),
        *ffmpeg.Input(paths["captions"]).arguments(),
        *("-map", "0:v", "-map", "1:a", "-map", "2:s", *burning, "-t", f"{length_s:.3f}"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-g", "50"),
        *("-c:a", "aac", "-b:a", "128k", "-c:s", "mov_text", "-metadata:s:s:0", "language=chi"),
        *("-movflags", "+faststart", "-f", "mp4", paths["film"]),
    ]


def _write_lettering(captions: Sequence[Caption], size: tuple[int, int], work: Path) -> list[str]:
    """Chinese over smaller English, white with a dark edge."""
    font = find_font()
    if font is None or not font.has_chinese:
        raise FontMissingError("no font with Chinese letters is installed")
    (work / "fonts").mkdir()
    shutil.copyfile(font.path, work / "fonts" / font.path.name)
    look = Lettering(size[1] * CHINESE_HEIGHT, outline=size[1] / 270, outline_color="081830")
    foot = Measure(FOOT, is_fraction=True)
    small = f"{{\\fs{size[1] * ENGLISH_HEIGHT:.0f}}}"
    texts = [
        PlacedText(
            caption.text.replace("\n", f"\\N{small}"), look, "BottomCenter", None, foot, caption.start_s, caption.end_s
        )
        for caption in captions
    ]
    (work / "text.ass").write_text(write_ass(size, font.family, texts, []), encoding="utf-8", newline="\n")
    return ["-vf", "ass=text.ass:fontsdir=fonts"]
