"""Where the laptop's cloud keeps its state, and how a command finds one that is already up."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from pathlib import Path

STATE = "running.json"
LOOK_S_MAX = 2.0


def default_home() -> Path:
    """`ECHOBOT_HOME`, or `.echobot` in the current folder."""
    return Path(os.environ.get("ECHOBOT_HOME", ".echobot")).resolve()


def remember(home: Path, endpoint: str) -> None:
    home.mkdir(parents=True, exist_ok=True)
    (home / STATE).write_text(json.dumps({"endpoint": endpoint, "pid": os.getpid()}))


def forget(home: Path) -> None:
    (home / STATE).unlink(missing_ok=True)


def running_endpoint(home: Path) -> str:
    """The endpoint of a local cloud that answers; empty when there is none."""
    try:
        endpoint = str(json.loads((home / STATE).read_text())["endpoint"])
        with urllib.request.urlopen(f"{endpoint}/_echobot/health", timeout=LOOK_S_MAX) as answer:  # noqa: S310  our own loopback address, read from our own file
            return endpoint if answer.status == 200 else ""
    except (OSError, ValueError, KeyError, TypeError, urllib.error.URLError):
        return ""
