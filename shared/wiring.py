"""The composition root: the only place that reads the environment and knows both ports and clients.

A function's module asks for its FC entry point here. Clients are made when first used and kept while the instance
lives; credentials are read from the environment on each use, because FC renews them under a living instance.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Protocol, TextIO

from shared.engine.patience import patient
from shared.engine.world import World
from shared.log import json_lines, redact_text
from shared.ports import Avatars, Channels, Generators, MediaJobs, Objects, Probe, Queues, Rows, Uploads, Voices
from shared.settings import Settings
from shared.telling import Telling

if TYPE_CHECKING:
    from shared.console.desk import Desk
    from shared.console.http import Response

# SDKs are imported where a client is first needed, so that a cold start pays only for what its step calls.
# ruff: noqa: PLC0415

Run = Callable[[object, World], None]


class Function(Protocol):
    timeout: int  # seconds


class Context(Protocol):
    """What we need of FC's context."""

    request_id: str
    function: Function


Handler = Callable[[object, Context], str]


class CrashedError(Exception):
    """What is told of an error that leaves the function: FC writes it, and all that caused it, into the function's log
    and into its failure record, and an SDK's error may quote a signed url.
    """


def entry(run: Run) -> Handler:
    """An FC event handler. What it returns is for a person who calls it by hand; FC ignores it."""

    def handler(event: object, context: Context) -> str:
        with _invocation(context):
            run(event, patient(world(), context.function.timeout))
        return "ok"

    return handler


def page_entry(run: Callable[[object, Desk], Response]) -> Callable[[object, Context], dict[str, object]]:
    """An FC handler of an HTTP trigger. An error that nobody foresaw leaves as one of FC's own, without its words."""
    from shared.console.desk import Desk

    def handler(event: object, context: Context) -> dict[str, object]:
        with _invocation(context):
            return run(event, Desk(patient(world(), context.function.timeout), world().uploads)).as_event()

    return handler


@contextmanager
def _invocation(context: Context) -> Iterator[None]:
    """Told in one line; whatever leaves it goes on to FC without its words."""
    try:
        with world().log.told(context.request_id):
            yield
    except Exception as error:  # noqa: BLE001  whatever it is, it goes on to FC
        words = redact_text(f"{type(error).__name__}: {error}")
        raise CrashedError(words).with_traceback(error.__traceback__) from None


@lru_cache(maxsize=1)
def world() -> CloudWorld:
    """The real world, as the environment describes it."""
    return CloudWorld(Settings.from_env(os.environ), os.environ)


class SystemClock:
    def now(self) -> float:
        return time.time()

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)


class SystemIds:
    def token(self) -> str:
        return os.urandom(16).hex()

    def fraction(self) -> float:
        return random.random()


class CloudWorld:
    """Clients on the vendors' SDKs, wherever the settings point them."""

    def __init__(self, settings: Settings, env: Mapping[str, str], out: TextIO | None = None) -> None:
        """Log lines go to `out`, or to where FC takes them from."""
        self.settings = settings
        self.clock = SystemClock()
        self.ids = SystemIds()
        self._env = env
        self._out = out

    @cached_property
    def log(self) -> Telling:
        lines = json_lines(self._out or sys.stdout, self.clock, function=self._env.get("FC_FUNCTION_NAME", "-"))
        return Telling(lines, self.clock)

    @cached_property
    def objects(self) -> Objects:
        from shared.clients.oss import OssObjects

        return OssObjects(self.settings, self._env)

    @cached_property
    def uploads(self) -> Uploads:
        from shared.clients.oss_uploads import OssUploads

        return OssUploads(self.settings, self._env)

    @cached_property
    def rows(self) -> Rows:
        from shared.clients.tablestore import TablestoreRows

        return TablestoreRows(self.settings, self._env)

    @cached_property
    def queues(self) -> Queues:
        from shared.clients.mns import MnsQueues

        return MnsQueues(self.settings, self._env)

    @cached_property
    def channels(self) -> Channels:
        from shared.clients.channels import OutsideChannels

        return OutsideChannels(self.settings, self._env)

    @cached_property
    def media(self) -> MediaJobs:
        from shared.clients.ims import ImsMediaJobs

        return ImsMediaJobs(self.settings, self._env)

    @cached_property
    def voices(self) -> Voices:
        from shared.clients.cosyvoice import CosyVoices

        return CosyVoices(self.settings)

    @cached_property
    def avatars(self) -> Avatars:
        from shared.clients.model_studio import ModelStudioAvatars

        return ModelStudioAvatars(self.settings)

    @cached_property
    def generators(self) -> Generators:
        from shared.clients.generators import ModelStudioGenerators

        return ModelStudioGenerators(self.settings)

    @cached_property
    def probe(self) -> Probe:
        from shared.clients.probe import MediaInfoProbe

        return MediaInfoProbe(self.objects)
