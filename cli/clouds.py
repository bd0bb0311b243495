"""Which cloud a command talks to: the one that the environment configures, else the laptop's own.

A local cloud that is already up is used; otherwise one is started for as long as the command runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local.home import default_home, running_endpoint
from shared.engine.world import World
from shared.settings import Settings
from shared.wiring import CloudWorld

NAMES = {
    "ECHOBOT_INPUT_BUCKET": "{}-input",
    "ECHOBOT_WORK_BUCKET": "{}-work",
    "ECHOBOT_OUTPUT_BUCKET": "{}-output",
    "ECHOBOT_INSTANCE": "{}",
    "ECHOBOT_RECHECK_QUEUE": "{}-recheck",
    "ECHOBOT_FAILED_QUEUE": "{}-failed",
    "ECHOBOT_FINISHED_QUEUE": "{}-finished",
    "ECHOBOT_ANNOUNCE_QUEUE": "{}-announce",
    "ECHOBOT_ANNOUNCE_TOPIC": "{}-announcements",
    "ECHOBOT_IMS_CALLBACK_QUEUE": "ice-callback-{}",
    "ECHOBOT_MODEL_STUDIO_QUEUE": "{}-model-studio",
}
"""What a deployment's parts are called, by its prefix."""


def named(env: Mapping[str, str]) -> dict[str, str]:
    """The environment with the names that `s.yaml` makes of the prefix, where it gives no others."""
    prefix = env.get("ECHOBOT_PREFIX", "")
    return {**({name: pattern.format(prefix) for name, pattern in NAMES.items()} if prefix else {}), **env}


def is_configured() -> bool:
    """Whether the environment names a real cloud: an account, or an endpoint of its own."""
    return bool(os.environ.get("ECHOBOT_ACCOUNT_ID") or os.environ.get("ECHOBOT_ENDPOINT"))


@contextmanager
def connected(home: Path | None = None) -> Iterator[World]:
    """A world of real clients on the configured cloud or on a local one."""
    with opened(home) as env:
        yield CloudWorld(Settings.from_env(env), env, sys.stderr)


@contextmanager
def opened(home: Path | None = None) -> Iterator[Mapping[str, str]]:
    """The environment of the configured cloud, or of a local one that is up as long as it is needed."""
    if is_configured():
        yield named(os.environ)
        return
    folder = home or default_home()
    endpoint = running_endpoint(folder)
    if endpoint:
        yield _local_env(endpoint)
        return
    from local.cloud import LocalCloud  # noqa: PLC0415  loads the media engines: only when a cloud is really started

    with LocalCloud.open(folder) as cloud:
        yield _local_env(cloud.endpoint)


def local_world(endpoint: str) -> World:
    """Clients pointed at the loopback endpoint, with the local cloud's made-up keys."""
    env = _local_env(endpoint)
    return CloudWorld(Settings.from_env(env), env)


def _local_env(endpoint: str) -> Mapping[str, str]:
    from local.cloud import client_env  # noqa: PLC0415  see above

    return {**os.environ, **client_env(endpoint)}
