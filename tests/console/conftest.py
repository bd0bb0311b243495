from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.console.house import House, Visitor, opened


@pytest.fixture
def house() -> Iterator[House]:
    with opened() as found:
        yield found


@pytest.fixture
def family(house: House) -> Visitor:
    return house.add()
