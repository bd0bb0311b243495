"""The ports under test, through each door."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from shared.ports import Avatars, MediaJobs, Objects, Probe, Queues, Rows, Voices
from shared.settings import Settings
from tests.contract.account import Belongings, belongings, missing, settings_of
from tests.contract.cloud import Cloud, Ports, opened, through_sdks

DOORS = ("direct", "in_process", pytest.param("loopback", marks=pytest.mark.loopback))
VERIFY = "VERIFY"
"""Set by `make verify`: then there is one door, that of a real account."""


@dataclass(frozen=True)
class Account:
    settings: Settings
    things: Belongings


@pytest.fixture(scope="session")
def account() -> Iterator[Account]:
    why_not = missing(os.environ)
    if why_not:
        pytest.skip(why_not)
    settings = settings_of(os.environ)
    with belongings(settings, os.environ) as things:
        yield Account(settings, things)


@pytest.fixture(params=["account"] if os.environ.get(VERIFY) else DOORS)
def ports(request: pytest.FixtureRequest) -> Iterator[Ports]:
    if request.param == "account":
        found: Account = request.getfixturevalue("account")
        yield through_sdks(None, found.settings, os.environ)
        found.things.empty()
        return
    with opened(request.param) as ports:
        yield ports


@pytest.fixture
def cloud(ports: Ports) -> Cloud:
    return ports.cloud


@pytest.fixture
def objects(ports: Ports) -> Objects:
    return ports.objects


@pytest.fixture
def rows(ports: Ports) -> Rows:
    return ports.rows


@pytest.fixture
def queues(ports: Ports) -> Queues:
    return ports.queues


@pytest.fixture
def media_jobs(ports: Ports) -> MediaJobs:
    return ports.media_jobs


@pytest.fixture
def voices(ports: Ports) -> Voices:
    return ports.voices


@pytest.fixture
def avatars(ports: Ports) -> Avatars:
    return ports.avatars


@pytest.fixture
def probe(ports: Ports) -> Probe:
    return ports.probe
