"""The engines of this machine as one set. Each loads its models when first asked, and keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from local.engines.contract import (
    Caption,
    Face,
    FetchMedia,
    LivePortraitStyle,
    Movement,
    Progress,
    Separation,
    Shot,
    Speech,
    SpeechStyle,
    no_progress,
)

# Engines are imported when first used: a command that only looks at rows should not load neural networks.
# ruff: noqa: PLC0415


class RealEngines:
    """`contract.Engines` by the packages beside this file."""

    def captions(self, film: Path, progress: Progress = no_progress) -> list[Caption]:
        from local.engines.captions import read_captions

        return read_captions(film, progress)

    def recognise(self, film: Path, progress: Progress = no_progress) -> list[Caption]:
        from local.engines.captions import recognise

        return recognise(film, progress)

    def separate(self, film: Path, folder: Path, progress: Progress = no_progress) -> Separation:
        from local.engines.sound import separate

        return separate(film, folder, progress)

    def enrol(self, sample: Path, language: str) -> bytes:
        from local.engines.voice import enrol

        return enrol(sample, "en" if language == "en" else "zh")

    def speak(self, profile: bytes, text: str, style: SpeechStyle) -> Speech:
        from local.engines.voice import speak

        return speak(profile, text, style)

    def detect(self, photo: Path, ratio: str) -> Face:
        from local.engines.portrait import detect

        return detect(photo, ratio)

    def frame(self, film: Path, at_s: float, kind: str, width: int = 0) -> bytes:
        from local.engines.film.frame import frame

        return frame(film, at_s, kind, width)

    def animate(
        self, photo: Path, speech: Path, face: Face, style: str, clip: Path, progress: Progress = no_progress
    ) -> float:
        from local.engines.portrait import animate

        return animate(photo, speech, face, style, clip, progress)

    def live_portrait(
        self, photo: Path, speech: Path, style: LivePortraitStyle, clip: Path, progress: Progress = no_progress
    ) -> float:
        from local.engines.portrait import live_portrait

        return live_portrait(photo, speech, style, clip, progress)

    def retalk(
        self, film: Path, speech: Path, clip: Path, *, extend: bool = False, progress: Progress = no_progress
    ) -> float:
        from local.engines.portrait import retalk

        return retalk(film, speech, clip, extend=extend, progress=progress)

    def render(
        self,
        timeline: dict[str, object],
        output: dict[str, object],
        fetch: FetchMedia,
        film: Path,
        progress: Progress = no_progress,
    ) -> float:
        from local.engines.film import render

        return render(timeline, output, fetch, film, progress)

    def shoot(self, shot: Shot, media: Mapping[str, Path], clip: Path, progress: Progress = no_progress) -> float:
        from local.engines.pictures import shoot

        return shoot(shot, media, clip, progress)

    def movement(self, film: Path) -> Movement:
        from local.engines.pictures import movement

        return movement(film)
