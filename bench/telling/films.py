"""The sample films told by the local cloud, twice each: with their music, for the loudness of the whole, and without,
so that on the finished film it can be heard when each line begins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bench.media.films import Film, other_film, sample_film
from bench.media.rows import Row, at_least, at_most, peer
from bench.telling.onsets import errors_s, onsets
from cli import clouds, telling
from local.cloud import LocalCloud
from local.engines.sound.decode import decode
from local.engines.sound.loudness import integrated
from local.samples.demo import SAMPLES
from shared.domain import fitting, keys
from shared.domain.job import JobState
from shared.engine.records import load_steps
from shared.engine.world import World
from shared.ports import Bucket, Place

SIZE = (1280, 720)
HEARD_HZ, MIX_HZ = 24_000, 48_000
TARGET_LUFS = -16.0
LIMIT_S = 0.05


def measure(work: Path) -> list[Row]:
    """Rows for both films."""
    rows: list[Row] = []
    with LocalCloud.open(work / "home", port=0) as cloud:
        world = clouds.local_world(cloud.endpoint)
        for make in (sample_film, other_film):
            film = make(work, SIZE)
            rows += _rows(world, film, work)
    return rows


def _rows(world: World, film: Film, work: Path) -> list[Row]:
    what = f"{film.name} film ({film.language})"
    alone, report = _tell(world, film, work, "none")
    mix, _ = _tell(world, film, work, "keep")
    lines = [one for one in report["lines"] if "joined_to" not in one]
    heard = np.concatenate(list(decode(alone, HEARD_HZ, channels=1)))[:, 0]
    late = errors_s(onsets(heard, HEARD_HZ), [line["slot"][0] / 1000 for line in lines])
    known = [abs(one) for one in late if one is not None]
    rates = [line["rate"] * line["squeeze"] for line in lines]
    is_usual = [0.9 - 1e-9 <= rate <= 1.2 + 1e-9 for rate in rates]
    sent_s = _sent_s(world, _job_id(film, "none"))
    loudness = integrated(np.concatenate(list(decode(mix, MIX_HZ, channels=2))), MIX_HZ)
    return [
        at_most("films", f"{what}: lines whose beginning could not be heard", len(late) - len(known), 0, ""),
        at_most(
            "films", f"{what}: line start error, the largest of {len(lines)}", 1000 * max(known), 1000 * LIMIT_S, "ms"
        ),
        at_least(
            "films", f"{what}: lines read at 0.9 to 1.2 of the usual speed", 100 * float(np.mean(is_usual)), 95, "%"
        ),
        at_most("films", f"{what}: the fastest line", max(rates), fitting.RATE_MAX, "x"),
        at_most("films", f"{what}: lines that pass their slot or were doubtful", sum(map(_is_doubtful, lines)), 0, ""),
        at_most(
            "films", f"{what}: sent to the avatar engine, of the narration's length", sent_s / film.length_s, 0.75, "x"
        ),
        at_most("films", f"{what}: loudness off its target", abs(loudness - TARGET_LUFS), 1, "LU"),
        peer("films", f"{what}: readings bought for each line", sum(line["takes"] for line in lines) / len(lines), ""),
    ]


def _tell(world: World, film: Film, work: Path, music: str) -> tuple[Path, Mapping[str, Any]]:
    """The finished film and its report; RuntimeError when there is none."""
    job_id = _job_id(film, music)
    options = {"language": film.language, "music": music}
    parent = (SAMPLES / "mother.wav", SAMPLES / "portrait.png")
    wanted = telling.Telling(film.path, *parent, consent="bench", options=options)
    telling.put(world, telling.uploads(job_id, wanted))
    ended = telling.watch(world, job_id, lambda _state, _rows: None)
    if ended.state is not JobState.DONE:
        raise RuntimeError(f"{job_id} ended as {ended.state.value}: {ended.problems}")
    told = work / f"{job_id}.mp4"
    told.write_bytes(world.objects.read(Place(Bucket.OUTPUT, keys.story_film(job_id))))
    return told, json.loads(world.objects.read(Place(Bucket.OUTPUT, keys.story_report(job_id))))


def _job_id(film: Film, music: str) -> str:
    return f"{film.name}-{music}"


def _sent_s(world: World, job_id: str) -> float:
    return sum(_length_s(row.result) for (step, _), row in load_steps(world, job_id).items() if step == "speak")


def _length_s(spoken: Mapping[str, Any]) -> float:
    return float(spoken["end_ms"] - spoken["start_ms"]) / 1000


def _is_doubtful(line: Mapping[str, Any]) -> bool:
    return bool(line["doubts"]) or line["overrun_ms"] > fitting.TOLERANCE_MS
