"""The ports under test, through each door."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.ports import Avatars, MediaJobs, Objects, Probe, Queues, Rows, Voices
from tests.contract.cloud import Cloud, Ports, opened

DOORS = ("direct", "in_process", pytest.param("loopback", marks=pytest.mark.loopback))


@pytest.fixture(params=DOORS)
def ports(request: pytest.FixtureRequest) -> Iterator[Ports]:
    with opened(request.param) as found:
        yield found


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
