"""How much memory each function takes in a story of twenty minutes: `python -m bench.memory PYTHON3.12`.

The story is told in virtual time on the stand-ins, with toy media of full length and 400 captions. Each function runs
in a process of its own, from the layer as it ships, and all invocations in as few of them as can be, as on instances
that FC keeps. The figure is the most that its process ever held. Linux only.
"""

from __future__ import annotations

import argparse
import copyreg
import pickle
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, cast

from bench.coldstart import ALONE, ENV
from deploy import package
from shared.pipeline import FUNCTIONS
from tests.stage import REGION, Stage
from tests.toys import toy_film

SHARE_MAX = 0.5
FILM_S = 1200.0
LINES = 400
LINE = "从前有一只小狐狸，它每天晚上都要数星星。"
CHILD = Path(__file__).with_name("function_process.py")
SWEPT_S = 600.0  # each minute as deployed would only take ten times as long here
TIMEOUT_S = 60


def _as_dict(proxy: MappingProxyType[Any, Any]) -> Any:
    return dict, (dict(proxy),)


copyreg.pickle(MappingProxyType, _as_dict)


class FailedError(Exception):
    """A function failed; in its own words."""


@dataclass
class Process:
    """A function that waits for events."""

    child: subprocess.Popen[bytes]
    take: IO[bytes]
    give: IO[bytes]
    stage: Stage
    peak_mb: float = 0.0
    is_busy: bool = False

    def run(self, name: str, event: bytes) -> None:
        """Answer its ports until it has ended. FailedError with what it raised."""
        self.is_busy = True
        self._give((event, FUNCTIONS[name].timeout_s if name in FUNCTIONS else TIMEOUT_S))
        while True:
            said = pickle.load(self.take)  # noqa: S301  our own child's words
            if said[0] == "call":
                self._answer(*said[1:])
                continue
            kind, raised, words, self.peak_mb = said
            self.is_busy = False
            if kind == "failed":
                raise FailedError(f"{name}: {raised}: {words}")
            return

    def _answer(self, port: str, method: str, args: tuple[Any, ...], more: dict[str, Any]) -> None:
        try:
            answer = getattr(getattr(self.stage.world, port), method)(*args, **more)
        except Exception as error:  # noqa: BLE001  it is the function's to handle
            self._give(("raised", error))
        else:
            self._give(("returned", list(answer) if hasattr(answer, "__next__") else answer))

    def _give(self, said: object) -> None:
        self.give.write(pickle.dumps(said))
        self.give.flush()


def tell(python: str, layer: Path) -> dict[str, float]:
    """The peak of each function's process in MB, after a whole story and a sweep."""
    stage = Stage()
    processes: dict[str, list[Process]] = {}
    with ExitStack() as stack:

        def call(name: str, event: bytes) -> None:
            kept = processes.setdefault(name, [])
            idle = next((process for process in kept if not process.is_busy), None)
            if idle is None:  # what a function writes may wake it again at once; FC would start another instance
                idle = started(python, layer, name, stage)
                kept.append(idle)
                stack.callback(idle.child.communicate)
            idle.run(name, event)

        stage.call = call  # type: ignore[method-assign]  # here functions are processes
        slot_s = FILM_S / LINES
        captions = [(at * slot_s + 0.2, (at + 1) * slot_s - 0.2, f"{at + 1}，{LINE}") for at in range(LINES)]
        stage.tell(film=toy_film(FILM_S, captions))
        stage.run(48 * 3600.0, sweep_every_s=SWEPT_S)
        job = stage.job()
        if job.state.value != "done":
            raise FailedError(f"the story is {job.state.value}: {job.error}")
        return {name: max(process.peak_mb for process in kept) for name, kept in processes.items()}


def started(python: str, layer: Path, name: str, stage: Stage) -> Process:
    path = f"{layer}:{package.ROOT / 'functions' / name}"
    env = {**ENV, "ECHOBOT_REGION": REGION, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    child = subprocess.Popen([python, *ALONE, str(CHILD)], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process = Process(child, cast("IO[bytes]", child.stdout), cast("IO[bytes]", child.stdin), stage)
    process._give(stage.settings)  # noqa: SLF001  the first thing it is told
    return process


def given_mb() -> dict[str, int]:
    """What `s.yaml` gives each function."""
    return {function.code.rpartition("/")[2]: function.memory_mb for function in Stage().declared.functions}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("python", help="a Python of the runtime's version, 3.12")
    python = parser.parse_args().python
    with tempfile.TemporaryDirectory() as folder:
        package.build(Path(folder) / "build", python)
        peaks = tell(python, Path(folder) / "build" / "layer" / "python")
    given = given_mb()
    print("| function | peak | given | share |\n| --- | ---: | ---: | ---: |")
    for name, peak in sorted(peaks.items()):
        print(f"| {name} | {peak:.0f} MB | {given[name]} MB | {peak / given[name]:.2f} |")
    large = [name for name, peak in peaks.items() if peak > SHARE_MAX * given[name]]
    if large:
        print(f"above {SHARE_MAX} of what s.yaml gives: {', '.join(sorted(large))}")
    return 1 if large else 0


if __name__ == "__main__":
    sys.exit(main())
