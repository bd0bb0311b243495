from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.console.house import House, Visitor, opened
from tests.simulation.quick import measured_once


@pytest.fixture(autouse=True, scope="module")
def cheap() -> Iterator[None]:
    """The same few toy sounds are measured once."""
    with measured_once():
        yield


@pytest.fixture
def house() -> Iterator[House]:
    with opened() as found:
        yield found


@pytest.fixture
def family(house: House) -> Visitor:
    return house.add()
