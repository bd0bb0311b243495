"""The caption track inside the film (mov_text: films are MP4 or MOV), when it has one."""

from __future__ import annotations

from pathlib import Path

from local.engines import ffmpeg
from local.engines.captions.srt import parse_srt, text_of
from local.engines.contract import Caption, Progress, no_progress


def read_embedded(film: Path, progress: Progress = no_progress) -> list[Caption]:
    """The captions of the first text track that has any; empty when there is none."""
    tracks = ffmpeg.probe(film).subtitles
    for position, language in enumerate(tracks):
        progress(position / len(tracks))
        if language is None:  # captions drawn as pictures hold no text
            continue
        file = ffmpeg.run([*ffmpeg.Input(film).arguments(), "-map", f"0:s:{position}", "-f", "srt", "pipe:1"])
        captions = parse_srt(text_of(file))
        if captions:
            return captions
    return []
