"""Runs functions for the FC stand-in: an invocation is a forked process with the function's folder and environment."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from local.standins.fc.state import Invocation, Ran

ROOT = Path(__file__).resolve().parents[2]


class ProcessRunner:
    """The runtime's process starts when this is made; `wait` until it runs functions.

    `env` is laid over each function's own environment: the endpoint and the made-up credentials.
    """

    def __init__(self, logs: Path, region: str, account_id: str) -> None:
        self._env: dict[str, str] | None = None
        self._logs = logs
        self._region = region
        self._account_id = account_id
        logs.mkdir(parents=True, exist_ok=True)
        # A Unix socket's path is at most 108 bytes: the system's own folder for temporary files is short enough.
        self._folder = Path(tempfile.mkdtemp(prefix="echobot-"))
        self._socket = self._folder / "zygote"
        with (logs / "zygote.log").open("ab") as log:
            self._zygote = subprocess.Popen(
                [sys.executable, "-m", "local.runtime.zygote", str(self._socket)],
                cwd=ROOT,
                stdin=subprocess.PIPE,  # closed with this process, however that ends: the runtime ends with it
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )

    def wait(self, env: Mapping[str, str]) -> None:
        """RuntimeError when it does not start."""
        self._env = dict(env)
        if not self._is_ready():
            self.close()
            raise RuntimeError(f"the function runtime did not start: see {self._logs / 'zygote.log'}")

    def __call__(self, invocation: Invocation) -> Ran:
        if self._env is None:
            return _error("ServiceUnavailable", "the function runtime is not up")
        function = invocation.function
        request = {
            "name": function.name,
            "code": str((ROOT / function.code).resolve()),
            "handler": function.handler,
            "timeout_s": function.timeout_s,
            "memory_mb": function.memory_mb,
            "env": self._environment(invocation, self._env),
            "event": base64.b64encode(invocation.event).decode(),
            "request_id": invocation.request_id,
            "region": self._region,
            "account_id": self._account_id,
            "log": str(self._logs / f"{function.name}.log"),
        }
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
            try:
                channel.connect(str(self._socket))
            except OSError as error:
                return _error("ServiceUnavailable", f"the function runtime is not there: {error}")
            channel.sendall(json.dumps(request).encode() + b"\n")
            with channel.makefile("rb") as answers:
                return self._result(channel, answers.readline, function.timeout_s)

    @staticmethod
    def _result(channel: socket.socket, readline: Callable[[], bytes], timeout_s: int) -> Ran:
        first = readline()
        if not first:
            return _error("FunctionExited", "the process could not be started")
        pid = int(json.loads(first)["pid"])
        channel.settimeout(timeout_s)
        try:
            line = readline()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            return _error("FunctionTimedOut", f"Function timed out after {timeout_s} seconds")
        if not line:
            return _error("FunctionExited", "the process ended without an answer")
        answer = json.loads(line)
        return Ran(base64.b64decode(answer["body"]), answer["error_type"])

    def _environment(self, invocation: Invocation, env: Mapping[str, str]) -> dict[str, str]:
        function = invocation.function
        return {
            "PATH": os.environ.get("PATH", ""),
            "HOME": os.environ.get("HOME", "/tmp"),  # noqa: S108  only a fallback for programs that insist on one
            "FC_FUNCTION_NAME": function.name,
            "FC_REGION": self._region,
            "FC_ACCOUNT_ID": self._account_id,
            **function.env,
            **env,
        }

    def _is_ready(self) -> bool:
        """The runtime says one line when it listens, and never another."""
        if self._zygote.stdout is None:
            return False
        with self._zygote.stdout as said:
            return said.readline() == b"ready\n"

    def close(self) -> None:
        """Once more does no harm."""
        if self._zygote.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._zygote.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._zygote.wait(10)
        for pipe in (self._zygote.stdin, self._zygote.stdout):
            if pipe is not None:
                pipe.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _error(kind: str, message: str) -> Ran:
    return Ran(json.dumps({"errorMessage": message, "errorType": kind}).encode(), kind)
