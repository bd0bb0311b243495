"""Stories are cheap in all of this folder's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulation.quick import quickly


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with quickly():
        yield
