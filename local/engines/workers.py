"""The engines of this machine in processes of their own, one for each family, and two for the voice.

A crash or a runaway in an engine costs one call, not the local cloud; families work side by side, so that a story's
captions are read while its music is separated. Each process keeps its models for as long as the cloud runs, takes one
call at a time, is started again when it died, and cannot outlive the process that started it (`local.engines.worker`).
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

from local.engines.contract import (
    Caption,
    Face,
    FetchMedia,
    LivePortraitStyle,
    Movement,
    Progress,
    RejectionError,
    Separation,
    Shot,
    Speech,
    SpeechStyle,
    no_progress,
)
from local.engines.messages import WARM, Answer, Call, Fetched, Report, Wanted
from local.engines.threads import THREADS

ROOT = Path(__file__).resolve().parents[2]
STORY = ("voice", "portrait", "reading", "sound", "film")
"""The families that a story needs, in that order."""

FAMILIES = (*STORY, "pictures")

VOICES = min(2, os.cpu_count() or 1)
"""Processes of the voice. Its model is a long row of small steps that a second thread can do little about; two lines
read side by side keep two processors busy.
"""

MEMORY_MB_MAX = 2048
"""Of each process, ffmpeg under it counted by itself; the largest need seen is a third of it."""

ROOMY = {"film": 4096, "reading": 4096}
"""A film of many pictures has ffmpeg open an input for each, with the stacks of its threads: room that is counted here
and hardly used (a story of 47 inputs asked for 1.76 GB and took 0.35). Who reads captions and has written down what is
said asks for 2.1 GB and takes 1.0.
"""

NICENESS = {"voice": 3, "sound": 5}
"""Who gives way, beside everybody's 0. A line that is spoken a moment later costs nothing as long as there are clips to
make of those before it, and the last clips then end with the last line; nobody waits for music before the story is put
together. Only a little: somebody else's programs are not to stop them (at 5 they get a third of another's share).
"""

SILENT_S_MAX = 1900.0
"""Longer than any ffmpeg may run. A process that says nothing for so long hangs."""


class EngineFailedError(Exception):
    """An engine broke, or its process did; the stand-in tells it as the vendor tells an internal error."""


class Worker:
    """The process of one family, started when first asked. Calls from several threads wait for one another.

    `threads` is how many its models may use. `module` is what runs in it; tests put engines there that misbehave.
    """

    def __init__(
        self,
        family: str,
        logs: Path,
        memory_mb: int = MEMORY_MB_MAX,
        module: str = "local.engines.worker",
        threads: int | None = None,
    ) -> None:
        self.family = family
        self._log = logs / f"engine-{family}.log"
        self._memory_mb = memory_mb
        self._module = module
        self._threads = {THREADS: str(threads)} if threads else {}
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Connection | None = None
        self._leash: int | None = None
        self._is_closed = False

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def call(
        self,
        method: str,
        arguments: dict[str, object],
        progress: Progress = no_progress,
        fetch: FetchMedia | None = None,
    ) -> object:
        """The engine's answer; RejectionError and ValueError as the engine raised them, else EngineFailedError."""
        callbacks = frozenset({"progress"} if progress is not no_progress else set())
        callbacks |= {"fetch"} if fetch else set()
        with self._turn:
            channel = self._started()
            try:
                channel.send(Call(method, arguments, callbacks))
                answer, trouble = _followed(channel, progress, fetch)
            except (EOFError, OSError) as error:
                raise EngineFailedError(f"the {self.family} engine's process {self._ended()}") from error
            except BaseException:
                self._end()  # it is in the middle of a call that nobody follows any more
                raise
        if trouble is not None:
            raise trouble
        return _value(answer)

    def close(self) -> None:
        """End the process, whatever it is doing; the call at work fails."""
        self._is_closed = True
        if (process := self._process) is not None:
            _kill(process)
        with self._turn:
            self._end()

    def _started(self) -> Connection:
        if self._is_closed:
            raise EngineFailedError("the engines are closed")
        if self._channel is not None and not self._channel.poll(0):  # unasked it says nothing: this would be its end
            return self._channel
        self._end()
        ours, theirs = socket.socketpair()
        held, self._leash = os.pipe()
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with theirs, self._log.open("ab") as log:
            numbers = (str(theirs.fileno()), str(held), str(self._memory_mb))
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module, self.family, *numbers],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(theirs.fileno(), held),
                start_new_session=True,
                env={**os.environ, **self._threads, "PYTHONPATH": str(ROOT)},
            )
        _give_way(self._process.pid, NICENESS.get(self.family, 0))
        os.close(held)
        self._channel = Connection(ours.detach())
        if self._is_closed:  # while it was being started
            self._end()
            raise EngineFailedError("the engines are closed")
        return self._channel

    def _ended(self) -> str:
        """Words for how it ended; it is gone afterwards."""
        process = self._process
        self._end()
        code = process.returncode if process else None
        return f"was ended by signal {-code}" if code is not None and code < 0 else f"ended ({code})"

    def _end(self) -> None:
        if self._process is not None:
            _kill(self._process)
            self._process.wait()
        if self._channel is not None:
            self._channel.close()
        if self._leash is not None:
            os.close(self._leash)
        self._process = self._channel = self._leash = None


class Crew:
    """Several processes of one family; a call goes to one that is free, the first of them by preference."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self.workers = tuple(workers)
        self._free: queue.PriorityQueue[int] = queue.PriorityQueue()
        for number in range(len(self.workers)):
            self._free.put(number)

    def call(self, method: str, arguments: dict[str, object]) -> object:
        """As `Worker.call`; waits while all are at work."""
        number = self._free.get()
        try:
            return self.workers[number].call(method, arguments)
        finally:
            self._free.put(number)


class WorkerEngines:
    """`contract.Engines`, each family in its process, the voice in several. `close` ends them all."""

    def __init__(self, logs: Path) -> None:
        self._workers = {
            family: Worker(family, logs, ROOMY.get(family, MEMORY_MB_MAX)) for family in FAMILIES if family != "voice"
        }
        threads = max(1, (os.cpu_count() or 1) // VOICES)
        self._voices = Crew([Worker("voice", logs, threads=threads) for _ in range(VOICES)])
        self._is_warming = threading.Lock()

    def prepare(self) -> None:
        """Have the process that enrols a voice load its models, without waiting: a story asks for that first."""
        _warm_aside(self._voices.workers[0])

    def warm(self) -> None:
        """Have every family load its models, without waiting; once, for a story will ask for all of them."""
        if self._is_warming.acquire(blocking=False):
            for worker in (*self._voices.workers, *(self._workers[family] for family in STORY if family != "voice")):
                _warm_aside(worker)

    def close(self) -> None:
        for worker in (*self._voices.workers, *self._workers.values()):
            worker.close()

    def captions(self, film: Path, progress: Progress = no_progress) -> list[Caption]:
        return cast("list[Caption]", self._workers["reading"].call("captions", {"film": film}, progress))

    def recognise(self, film: Path, progress: Progress = no_progress) -> list[Caption]:
        return cast("list[Caption]", self._workers["reading"].call("recognise", {"film": film}, progress))

    def separate(self, film: Path, folder: Path, progress: Progress = no_progress) -> Separation:
        arguments: dict[str, object] = {"film": film, "folder": folder}
        return cast("Separation", self._workers["sound"].call("separate", arguments, progress))

    def enrol(self, sample: Path, language: str) -> bytes:
        self.warm()
        return cast("bytes", self._voices.call("enrol", {"sample": sample, "language": language}))

    def speak(self, profile: bytes, text: str, style: SpeechStyle) -> Speech:
        arguments: dict[str, object] = {"profile": profile, "text": text, "style": style}
        return cast("Speech", self._voices.call("speak", arguments))

    def detect(self, photo: Path, ratio: str) -> Face:
        self.warm()
        return cast("Face", self._workers["portrait"].call("detect", {"photo": photo, "ratio": ratio}))

    def frame(self, film: Path, at_s: float, kind: str, width: int = 0) -> bytes:
        asked = {"film": film, "at_s": at_s, "kind": kind, "width": width}
        return cast("bytes", self._workers["film"].call("frame", asked))

    def animate(
        self, photo: Path, speech: Path, face: Face, style: str, clip: Path, progress: Progress = no_progress
    ) -> float:
        arguments: dict[str, object] = {"photo": photo, "speech": speech, "face": face, "style": style, "clip": clip}
        return cast("float", self._workers["portrait"].call("animate", arguments, progress))

    def live_portrait(
        self, photo: Path, speech: Path, style: LivePortraitStyle, clip: Path, progress: Progress = no_progress
    ) -> float:
        arguments: dict[str, object] = {"photo": photo, "speech": speech, "style": style, "clip": clip}
        return cast("float", self._workers["portrait"].call("live_portrait", arguments, progress))

    def retalk(
        self, film: Path, speech: Path, clip: Path, *, extend: bool = False, progress: Progress = no_progress
    ) -> float:
        arguments: dict[str, object] = {"film": film, "speech": speech, "clip": clip, "extend": extend}
        return cast("float", self._workers["portrait"].call("retalk", arguments, progress))

    def render(
        self,
        timeline: dict[str, object],
        output: dict[str, object],
        fetch: FetchMedia,
        film: Path,
        progress: Progress = no_progress,
    ) -> float:
        arguments: dict[str, object] = {"timeline": timeline, "output": output, "film": film}
        return cast("float", self._workers["film"].call("render", arguments, progress, fetch))

    def shoot(self, shot: Shot, media: Mapping[str, Path], clip: Path, progress: Progress = no_progress) -> float:
        arguments: dict[str, object] = {"shot": shot, "media": dict(media), "clip": clip}
        return cast("float", self._workers["pictures"].call("shoot", arguments, progress))

    def movement(self, film: Path) -> Movement:
        return cast("Movement", self._workers["pictures"].call("movement", {"film": film}))


def _followed(channel: Connection, progress: Progress, fetch: FetchMedia | None) -> tuple[Answer, Exception | None]:
    """Listen until the answer comes; with it the reason why material could not be brought, if that was so."""
    trouble: Exception | None = None
    while channel.poll(SILENT_S_MAX):
        said = channel.recv()
        if isinstance(said, Answer):
            return said, trouble
        if isinstance(said, Report):
            progress(said.value)
        elif isinstance(said, Wanted) and fetch is not None:
            path = None
            try:
                path = fetch(said.url)
            except Exception as error:  # noqa: BLE001  the asker's own reason, kept for the asker
                trouble = error
            channel.send(Fetched(path))
    raise EOFError(f"nothing was said for {SILENT_S_MAX:g} s")


def _give_way(pid: int, niceness: int) -> None:
    """From outside, before the process has threads of its own; they and its children will be as nice. Where that is not
    allowed it does not matter.
    """
    if not niceness:
        return
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, 0) + niceness)
    # Linux weighs sessions against each other where it groups them, and the niceness of processes within one only.
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(niceness), encoding="ascii")


def _kill(process: subprocess.Popen[bytes]) -> None:
    """With everything that it has started. Not yet waited for, so its number is nobody else's."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _value(answer: Answer) -> object:
    if answer.rejected is not None:
        raise RejectionError(*answer.rejected)
    if answer.invalid is not None:
        raise ValueError(answer.invalid)
    if answer.failed is not None:
        raise EngineFailedError(answer.failed)
    return answer.value


def _warm_aside(worker: Worker) -> None:
    threading.Thread(target=_warmed, args=(worker,), name=f"warm {worker.family}", daemon=True).start()


def _warmed(worker: Worker) -> None:
    """What cannot be loaded now is the trouble of the call that needs it, which will say so."""
    with contextlib.suppress(EngineFailedError, RejectionError, ValueError):
        worker.call(WARM, {})
