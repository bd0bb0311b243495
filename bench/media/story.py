"""A whole story from the command line's side: upload, wait, done; and what all processes of the local cloud need.

The cloud runs as a process of its own, as `echobot local up` does. Cold is the first story of a new cloud with no
state, its start and the loading of all models included; warm is the second one, with the voice enrolled again. Memory
is the proportional share (PSS) of every process under the cloud, added up, looked at twice a second; of a process that
is as large as it was it is not read again, for reading it takes 20 ms of a processor. What other
programs took of the machine meanwhile stands beside each figure, for the goals are meant for a machine that has nothing
else to do; and how long a plain re-encode of the film took just before, for one that is shared out may be slow without
saying so. Of a warm story the stages are told one by one, and which engine kept the processors busy when.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.media.film import encode_again
from bench.media.films import Film, other_film, sample_film
from bench.media.load import busy_s
from bench.media.rows import Row, at_most, peer
from bench.media.schedule import Schedule, cpu_s, shares, stages
from cli import clouds, telling
from local import home
from local.samples.demo import SAMPLES
from shared.domain.job import JobState
from shared.engine.world import World
from shared.ports import Table

HD, FULL_HD = (1280, 720), (1920, 1080)
WARM_MAX = {HD: 0.75, FULL_HD: 1.0}
COLD_MAX = {HD: 1.0}
MEMORY_GB_MAX = 3.0
LOOK_EVERY_S = 0.5
SAME_BYTES = 1 << 20
PATIENCE_S = 240


class StoryError(Exception):
    """A story that was not told; the message says which and why."""


@dataclass(frozen=True)
class Told:
    """One story: seconds from the upload, processor seconds of the cloud and of other programs, when each step ran.

    `busy`: how many processors each engine kept busy in each second. `again_s`: the film encoded again, just before.
    """

    again_s: float
    wall_s: float
    cpu_s: float
    others_s: float
    spans: dict[str, tuple[float, float]]
    busy: dict[str, list[float]]


@dataclass
class Watched:
    """The cloud's processes, looked at for as long as `watching` lasts."""

    cloud: psutil.Process
    peak_bytes: int = 0
    shares: dict[psutil.Process, tuple[int, int]] = field(default_factory=dict)
    schedule: Schedule = field(default_factory=Schedule)
    stopped: threading.Event = field(default_factory=threading.Event)

    def processes(self) -> list[psutil.Process]:
        with suppress(psutil.Error):
            return [self.cloud, *self.cloud.children(recursive=True)]
        return []

    def watch(self) -> None:
        while not self.stopped.wait(LOOK_EVERY_S):
            processes = self.processes()
            self.schedule.look(time.time(), processes)
            # Shares are dear to read, and never more than what is resident: only what may be a new peak is looked at.
            if sum(map(_resident, processes)) > self.peak_bytes:
                self.peak_bytes = max(self.peak_bytes, sum(map(self._share, processes)))

    def _share(self, process: psutil.Process) -> int:
        resident, (known_at, share) = _resident(process), self.shares.get(process, (0, 0))
        if abs(resident - known_at) > SAME_BYTES:
            share = _memory(process)
            self.shares[process] = resident, share
        return share if resident else 0

    def cpu_s(self) -> float:
        """Processor seconds of all, those that have ended and been waited for included."""
        used_s = 0.0
        for process in self.processes():
            with suppress(psutil.Error):
                used_s += cpu_s(process)
        return used_s


def measure(work: Path) -> Iterator[Row]:
    """Both films, small and large, cold and warm. A story that fails leaves its rows out, and is told of in the end."""
    peak_bytes, failed = 0, []
    for make, size in ((sample_film, HD), (other_film, HD), (sample_film, FULL_HD)):
        film = make(work, size)
        name = f"{film.name} film ({film.language}), {film.width}x{film.height}"
        home_folder = work / f"home-{film.name}-{film.height}"
        shutil.rmtree(home_folder, ignore_errors=True)  # cold is without state, also when the folder is used again
        with _cloud(home_folder) as (watched, started_s, world):
            try:
                for temper in ("cold", "warm"):
                    told = tell(world, watched, film, f"{film.name}-{temper}", work)
                    wall_s = told.wall_s + (started_s if temper == "cold" else 0)
                    _keep(work, f"{film.name}-{film.height}-{temper}", told, film)
                    yield from _rows(name, temper, size, wall_s / film.length_s, told, film)
            except StoryError as error:
                failed.append(f"{name}: {error}")
            peak_bytes = max(peak_bytes, watched.peak_bytes)
    yield at_most("story", "memory of all processes of the local cloud, peak", peak_bytes / 1e9, MEMORY_GB_MAX, "GB")
    if failed:
        raise StoryError("; ".join(failed))


def tell(world: World, watched: Watched, film: Film, job_id: str, work: Path) -> Told:
    """Tell a story and look at the clock; StoryError when it does not become one in time."""
    parent = (SAMPLES / "mother.wav", SAMPLES / "portrait.png")
    wanted = telling.Telling(film.path, *parent, consent="bench", options={"language": film.language})
    begun = time.time()
    encode_again(film, work)
    again_s = time.time() - begun
    busy, cpu, begun = busy_s(), watched.cpu_s(), time.time()

    def be_patient(_state: JobState | None, _rows: object) -> None:
        if time.time() - begun > PATIENCE_S:
            raise StoryError(f"{job_id} is not told after {PATIENCE_S} s")

    telling.put(world, telling.uploads(job_id, wanted))
    ended = telling.watch(world, job_id, be_patient)
    wall_s, used_s = time.time() - begun, watched.cpu_s() - cpu
    if ended.state is not JobState.DONE:
        raise StoryError(f"{job_id} ended as {ended.state.value}: {ended.problems}")
    others_s = max(0.0, busy_s() - busy - used_s)
    seconds = shares(watched.schedule.looks, begun, begun + wall_s)
    return Told(again_s, wall_s, used_s, others_s, _spans(world, job_id, begun), seconds)


def _rows(name: str, temper: str, size: tuple[int, int], share: float, told: Told, film: Film) -> list[Row]:
    limit = (WARM_MAX if temper == "warm" else COLD_MAX).get(size)
    what = f"{name}, {temper}"
    unit = "x film"
    first = at_most("story", what, share, limit, unit) if limit else peer("story", what, share, unit)
    processors = (os.cpu_count() or 1) * told.wall_s
    rows = [
        first,
        peer("story", f"{what}: a plain re-encode of the film just before", told.again_s / film.length_s, unit),
        peer("story", f"{what}: processor time of the local cloud", told.cpu_s / film.length_s, unit),
        peer(
            "story", f"{what}: taken by other programs meanwhile", 100 * told.others_s / processors, "% of the machine"
        ),
    ]
    if temper == "warm":
        rows += [
            peer("story", f"{what}: {name}", end - begin, "s") for name, (begin, end) in stages(told.spans).items()
        ]
    return rows


@contextmanager
def _cloud(folder: Path) -> Iterator[tuple[Watched, float, World]]:
    """A local cloud in a process of its own: what to watch, how long its start took, and clients of it."""
    begun = time.time()
    command = [sys.executable, "-m", "cli.app", "local", "up", "--port", "0", "--home", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=Path(__file__).resolve().parents[2]) as process:
        watched = Watched(psutil.Process(process.pid))
        watching = threading.Thread(target=watched.watch, daemon=True)
        try:
            while not (endpoint := home.running_endpoint(folder)):
                if process.poll() is not None or time.time() - begun > PATIENCE_S:
                    raise RuntimeError("the local cloud did not start")
                time.sleep(0.05)
            started_s = time.time() - begun
            watching.start()
            yield watched, started_s, clouds.local_world(endpoint)
        finally:
            watched.stopped.set()
            process.terminate()


def _spans(world: World, job_id: str, begun: float) -> dict[str, tuple[float, float]]:
    """From the first claim of each step's item to its end, in seconds from the upload."""
    spans = {}
    for key, columns in world.rows.range(Table.STEPS, (job_id,)):
        moments = [float(at) for at, _, _ in json.loads(str(columns.get("history", "[]")))]
        if moments:
            spans["/".join(part for part in key[1:] if part != "-")] = (moments[0] - begun, moments[-1] - begun)
    return spans


def _keep(work: Path, name: str, told: Told, film: Film) -> None:
    """For the plot."""
    document = {"wall_s": told.wall_s, "film_s": film.length_s, "spans": told.spans, "busy": told.busy}
    (work / f"spans-{name}.json").write_text(json.dumps(document))


def _resident(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def _memory(process: psutil.Process) -> int:
    """Proportional share where the system tells it, else what is resident: shared pages then count for each."""
    with suppress(psutil.Error):
        full = process.memory_full_info()
        return int(getattr(full, "pss", full.rss))
    return 0
