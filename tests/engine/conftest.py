"""Stories of the same few toy sounds: what is measured of one need not be measured in every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulation.quick import measured_once


@pytest.fixture(autouse=True, scope="module")
def cheap() -> Iterator[None]:
    with measured_once():
        yield
