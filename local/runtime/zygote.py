"""A process that has imported the SDKs and the layer once and forks itself for every invocation, so that each runs in a
fresh interpreter, with its own environment and code folder, within milliseconds, and can be killed at its timeout.

Started by `local.runtime.runner`; speaks JSON lines, payloads in base64, over a Unix socket that only
this user can reach. It ends, with all that it runs, when whoever started it is gone.
"""

from __future__ import annotations

import base64
import gc
import importlib
import json
import mimetypes
import os
import pkgutil
import select
import shutil
import signal
import socketserver
import sys
import traceback
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

PRELOADED = ("oss2", "tablestore", "mns.account", "aliyunsdkcore.client", "requests", "pymediainfo")
ON_FIRST_USE = ("encodings.utf_8_sig", "encodings.idna", "xml.dom.expatbuilder")
"""What these import when they are first used."""

MOMENT = "2026-01-01T00:00:00.000Z", "%Y-%m-%dT%H:%M:%S.%fZ"
"""As Tablestore dates its answers: reading one makes a regular expression, which is kept."""

LAYER = "shared"
MAX_CHILDREN = 24


@dataclass(frozen=True)
class FunctionContext:
    name: str
    handler: str
    memory: int
    timeout: int
    version_id: str = ""
    qualifier: str = "LATEST"


@dataclass(frozen=True)
class Context:
    """FC's context of the python3.12 runtime, which has no credentials: they are in the environment."""

    request_id: str
    region: str
    account_id: str
    function: FunctionContext


class Serve(socketserver.StreamRequestHandler):
    """One invocation: a request line in; the process id at once, then the result line out."""

    def handle(self) -> None:
        line = self.rfile.readline()
        if not line:
            return
        request = json.loads(line)
        self.wfile.write(json.dumps({"pid": os.getpid()}).encode() + b"\n")
        assert isinstance(self.server, Zygote)  # noqa: S101  it is what starts handlers
        self.server.layer.forget_if_changed()
        self.wfile.write(json.dumps(invoke(request)).encode() + b"\n")


class Layer:
    """The modules of a package, imported before anybody asks, for as long as their files stay what they are."""

    def __init__(self, package: str) -> None:
        self._package = package
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            _finish(importlib.import_module(found.name))
        self._times = self._changed_at()

    def forget_if_changed(self) -> None:
        """Somebody works on the code while the cloud runs: read it anew."""
        if self._changed_at() != self._times:
            for name in self._loaded():
                del sys.modules[name]

    def _loaded(self) -> list[str]:
        return [name for name in sys.modules if name.partition(".")[0] == self._package]

    def _changed_at(self) -> dict[Path, int | None]:
        """None for a file that is gone."""
        files = [Path(file) for name in self._loaded() if (file := sys.modules[name].__file__)]
        return {file: file.stat().st_mtime_ns if file.exists() else None for file in files}


def _finish(module: ModuleType) -> None:
    """Have its frozen classes make their methods now, once, and not again in each child (`shared.domain.frozen`)."""
    for each in vars(module).values():
        if is_dataclass(each):
            fields(each)


class Zygote(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    max_children = MAX_CHILDREN

    def __init__(self, path: str, layer: Layer) -> None:
        super().__init__(path, Serve)
        self.layer = layer

    def service_actions(self) -> None:
        """Between two requests: nothing is ever sent to standard input, so what there is to read is its end."""
        super().service_actions()
        if select.select([sys.stdin], [], [], 0)[0]:
            shutil.rmtree(Path(str(self.server_address)).parent)
            os.killpg(0, signal.SIGKILL)


def invoke(request: dict[str, Any]) -> dict[str, str]:
    """Run one handler in this very process, which ends afterwards."""
    _redirect(request["log"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.path[:0] = [request["code"]]
    module, _, name = request["handler"].rpartition(".")
    try:
        handler = getattr(importlib.import_module(module), name)
        body = _body_of(handler(base64.b64decode(request["event"]), _context(request)))
    except Exception as error:  # noqa: BLE001  whatever a function raises is its result
        traceback.print_exc()
        document = {
            "errorMessage": str(error),
            "errorType": type(error).__name__,
            "stackTrace": traceback.format_exc().splitlines(),
        }
        return _answer("UnhandledInvocationError", json.dumps(document, ensure_ascii=False).encode())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return _answer("", body)


def _body_of(returned: object) -> bytes:
    """What FC makes of a handler's return value: text and bytes as they are, anything else as JSON."""
    if isinstance(returned, bytes):
        return returned
    return (returned if isinstance(returned, str) else json.dumps(returned)).encode()


def _answer(error_type: str, body: bytes) -> dict[str, str]:
    return {"error_type": error_type, "body": base64.b64encode(body).decode()}


def _context(request: dict[str, Any]) -> Context:
    function = FunctionContext(request["name"], request["handler"], request["memory_mb"], request["timeout_s"])
    return Context(request["request_id"], request["region"], request["account_id"], function)


def _redirect(log: str) -> None:
    """What the function prints goes to its own log file; there is nothing for it to read."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for opened, number in ((nothing, 0), (target, 1), (target, 2)):
        os.dup2(opened, number)
    for opened in (nothing, target):
        os.close(opened)


def preload() -> None:
    """Have done once, by now, what nearly every child would do for itself."""
    for name in (*PRELOADED, *ON_FIRST_USE):
        importlib.import_module(name)
    importlib.import_module("pymediainfo").MediaInfo.can_parse()
    mimetypes.init()
    datetime.strptime(*MOMENT)  # noqa: DTZ007  what is read is thrown away


def main(path: str) -> None:
    """Serve until the other end of standard input is let go."""
    preload()
    layer = Layer(LAYER)
    gc.collect()
    gc.freeze()  # a collection in a child would touch, and so copy, every page of what is loaded here
    os.umask(0o077)
    with Zygote(path, layer) as server:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        server.serve_forever(poll_interval=0.2)


if __name__ == "__main__":
    main(sys.argv[1])
