"""Whatever a parser is given, it gives a value or an error of the tree: a short campaign on each commit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.harness import Harness, survive
from tests.fuzz.harnesses import BY_NAME, HARNESSES

EXAMPLES = 150


@pytest.mark.parametrize("harness", HARNESSES, ids=lambda harness: harness.name)
def test_a_parser_gives_a_value_or_an_error_of_the_tree(harness: Harness) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def campaign(data: Any) -> None:
        survive(harness, data.draw(harness.inputs))

    campaign()


def test_every_harness_has_a_name_of_its_own() -> None:
    assert len(HARNESSES) == len(BY_NAME)
