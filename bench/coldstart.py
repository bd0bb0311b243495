"""How long a function takes to start, from the layer as it ships: `python -m bench.coldstart PYTHON3.12`.

Which ports a function uses is not declared anywhere: a whole story is told, and each call is noted. Then a fresh
process imports the handler and makes exactly those clients; another imports the same SDKs plainly, as any program
would. Figures are the best of several runs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from deploy import package
from tests.simulation.choke import throttle
from tests.stage import Stage

RATIO_MAX = 0.7
RUNS = 7
SDKS = {
    "objects": ("oss2",),
    "rows": ("tablestore",),
    "queues": ("mns.account", "mns.queue"),
    "media": ("aliyunsdkcore.client", "aliyunsdkice"),
    "voices": ("requests",),
    "avatars": ("requests",),
    "probe": ("pymediainfo",),
    "channels": ("mns.account", "mns.topic", "requests"),
}
ENV = {
    "ECHOBOT_ACCOUNT_ID": "1234567890123456",
    "ECHOBOT_MODEL_STUDIO_API_KEY": "sk-0",
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "id",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "secret",
    "ALIBABA_CLOUD_SECURITY_TOKEN": "token",
}
ALONE = ("-P", "-S", "-W", "ignore")
"""Neither the folder that this runs in nor what is installed on this machine is on FC; nothing comes from either."""
TIMED = "import time; began = time.perf_counter(); {}; print(time.perf_counter() - began)"


def ports_of_functions() -> dict[str, set[str]]:
    """The ports that each function calls while a story is told and the sweep passes by."""
    used: dict[str, set[str]] = {}
    running: list[str] = []

    def note(name: str, method: Callable[..., Any], args: tuple[Any, ...], more: dict[str, Any]) -> Any:
        used.setdefault(running[-1], set()).add(name.partition(".")[0])
        return method(*args, **more)

    def around(function: str, run: Callable[[], None]) -> None:
        running.append(function)
        try:
            run()
        finally:
            running.pop()

    stage = throttle(Stage(), note)
    stage.around = around
    stage.tell()
    stage.run()
    return used


def start_s(python: str, modules: Path, function: str, ports: Iterable[str]) -> float:
    """Seconds to import a function's handler and to make its clients."""
    makes = "; ".join(f"world().{port}" for port in sorted(ports))
    return _best(python, [modules, package.ROOT / "functions" / function], f"import handler; {_WORLD}; {makes}")


def plain_s(python: str, modules: Path, ports: Iterable[str]) -> float:
    """Seconds to import the SDKs behind some ports."""
    names = sorted({sdk for port in ports for sdk in SDKS[port]})
    return _best(python, [modules], f"import {', '.join(names)}")


def _best(python: str, paths: Iterable[Path], code: str) -> float:
    env = {**ENV, "PYTHONPATH": ":".join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"}
    runs = [
        subprocess.run([python, *ALONE, "-c", TIMED.format(code)], env=env, capture_output=True, check=True)
        for _ in range(RUNS)
    ]
    return min(float(run.stdout) for run in runs)


_WORLD = "from shared.wiring import world"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("python", help="a Python of the runtime's version, 3.12")
    python = parser.parse_args().python
    used = ports_of_functions()
    slow = []
    with tempfile.TemporaryDirectory() as folder:
        package.build(Path(folder) / "build", python)
        modules = Path(folder) / "build" / "layer" / "python"
        print(f"{'function':24} {'start':>8} {'plainly':>8} {'ratio':>6}")
        for function, ports in sorted(used.items()):
            start, plain = start_s(python, modules, function, ports), plain_s(python, modules, ports)
            print(f"{function:24} {start:7.3f}s {plain:7.3f}s {start / plain:6.2f}")
            slow += [function] if start / plain > RATIO_MAX else []
    if slow:
        print(f"above {RATIO_MAX} of importing the SDKs plainly: {', '.join(slow)}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
