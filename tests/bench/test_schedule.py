"""The bench of stories says which engine was at work when."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from bench.media.schedule import CLOUD, Look, Schedule, shares, stages

SPENDING = "import sys, time\nwhile time.process_time() < 0.2: pass\nprint(flush=True)\nsys.stdin.read()"


def test_processor_time_is_told_apart_by_engine_and_second() -> None:
    looks = [
        Look(9.5, {CLOUD: 0.0}),
        Look(10.0, {CLOUD: 1.0}),
        Look(10.5, {CLOUD: 1.1, "voice": 0.4}),
        Look(11.0, {CLOUD: 1.1, "voice": 0.9}),
        Look(11.5, {CLOUD: 1.2, "voice": 0.9}),
        Look(12.0, {CLOUD: 1.2, "voice": 0.9}),
        Look(12.5, {CLOUD: 9.9, "voice": 0.9}),
    ]

    found = shares(looks, 10.0, 12.0)

    assert list(found) == ["voice", CLOUD]
    assert found["voice"] == pytest.approx([0.9, 0.0])
    assert found[CLOUD] == pytest.approx([0.1, 0.1])


def test_a_process_that_has_ended_spends_nothing_less_than_nothing() -> None:
    assert shares([Look(0.0, {"film": 3.0}), Look(0.5, {"film": 1.0})], 0.0, 1.0) == {"film": [0.0]}


def test_items_of_a_step_are_one_stage_but_not_what_is_taken_apart() -> None:
    spans = {"speak/0002": (5.0, 9.0), "speak/0001": (4.0, 6.0), "separate/music": (1.0, 2.0), "compose": (9.0, 11.0)}

    assert stages(spans) == {"separate/music": (1.0, 2.0), "speak": (4.0, 9.0), "compose": (9.0, 11.0)}


def test_what_an_engine_started_counts_with_the_engine() -> None:
    starting = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SPENDING!r}])"
    command = [sys.executable, "-c", starting, "local.engines.worker", "reading"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as engine:  # noqa: S603  our own words
        assert engine.stdin is not None
        assert engine.stdout is not None
        engine.stdout.readline()
        schedule = Schedule()
        cloud = psutil.Process()

        schedule.look(0.0, [cloud, *cloud.children(recursive=True)])
        engine.stdin.close()

    assert set(schedule.looks[0].used_s) == {CLOUD, "reading"}
    assert schedule.looks[0].used_s["reading"] >= 0.2
