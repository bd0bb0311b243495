"""Patience with our own stores: a row, an object or a message that is turned away for a moment is asked for again,
within the same invocation, before the step gives up and comes back minutes later.

Only `Retry` is repeated: the call certainly did not happen. Vendors' calls are not: whether those are repeated is for
the ledger to say. Whoever runs a function hands it a patient world (`shared.wiring`, and the tests' stage).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, cast

from shared.domain.errors import Retry
from shared.engine.world import World
from shared.ports import Avatars, Channels, Clock, Generators, Ids, Log, MediaJobs, Objects, Probe, Queues, Rows, Voices
from shared.settings import Settings

TRIES_MAX = 6
FIRST_S = 0.5
LONGEST_S = 8.0
"""The longest pause is drawn from 0.5, 1, 2, 4, 8 s, each from nothing on ("full jitter")."""

ASKED_S_MAX = 5.0
"""A store that asks for a longer pause is not merely busy."""

SPARE_S = 5.0
"""What is left of an invocation's time for giving up in good order."""


class PatientWorld:
    """The same world, whose stores are asked again until `ends_at`. Ports are made when they are first used."""

    def __init__(self, world: World, ends_at: float) -> None:
        self._world = world
        self._ends_at = ends_at
        self.settings: Settings = world.settings
        self.clock: Clock = world.clock
        self.ids: Ids = world.ids
        self.log: Log = world.log

    @cached_property
    def objects(self) -> Objects:
        return cast("Objects", _Patient(self._world.objects, self._again))

    @cached_property
    def rows(self) -> Rows:
        return cast("Rows", _Patient(self._world.rows, self._again))

    @cached_property
    def queues(self) -> Queues:
        return cast("Queues", _Patient(self._world.queues, self._again))

    @cached_property
    def probe(self) -> Probe:
        return cast("Probe", _Patient(self._world.probe, self._again))

    @property
    def media(self) -> MediaJobs:
        return self._world.media

    @property
    def voices(self) -> Voices:
        return self._world.voices

    @property
    def avatars(self) -> Avatars:
        return self._world.avatars

    @property
    def generators(self) -> Generators:
        return self._world.generators

    @property
    def channels(self) -> Channels:
        return self._world.channels

    def _again(self, call: Callable[[], Any], refused: Retry) -> Any:
        """Make a call anew that was refused once."""
        for number in range(1, TRIES_MAX):
            wait_s = self.ids.fraction() * min(LONGEST_S, FIRST_S * 2.0 ** (number - 1))
            is_long = (refused.after_s or 0.0) > ASKED_S_MAX
            if is_long or self.clock.now() + wait_s > self._ends_at:
                raise refused
            self.clock.wait(wait_s)
            try:
                return call()
            except Retry as error:
                refused = error
        raise refused


def patient(world: World, timeout_s: float) -> World:
    """The world for one invocation that FC ends after `timeout_s`."""
    return PatientWorld(world, world.clock.now() + timeout_s - SPARE_S)


class _Patient:
    """A port each of whose calls may be made again. Methods are bound when they are first called."""

    def __init__(self, port: object, again: Callable[[Callable[[], Any], Retry], Any]) -> None:
        self._port = port
        self._again = again

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method, again = getattr(self._port, name), self._again

        def patiently(*args: Any, **more: Any) -> Any:
            try:
                return method(*args, **more)
            except Retry as error:
                return again(partial(method, *args, **more), error)

        setattr(self, name, patiently)
        return patiently
