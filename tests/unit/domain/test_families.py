"""Whose a job or a narrator is, told from its name."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import families, keys
from shared.domain.errors import Refused

NAMES = st.from_regex(r"[a-z][a-z0-9]{1,15}", fullmatch=True).filter(lambda name: name != "request")
LABELS = st.from_regex(r"[a-z0-9](-?[a-z0-9]){0,9}", fullmatch=True)
TOKENS = st.from_regex(r"[0-9a-f]{32}", fullmatch=True)
AT = datetime(2026, 11, 21, 15, 38, 44, tzinfo=timezone.utc)


@given(family=NAMES, token=TOKENS)
def test_a_job_belongs_to_the_family_that_it_is_named_after(family: str, token: str) -> None:
    job_id = families.new_job(family, AT.timestamp(), token)

    assert families.is_of(family, job_id)
    assert families.of(job_id) == family
    assert job_id.startswith(families.prefix(family))
    assert families.started_at(job_id) == AT
    assert keys.parse_made(keys.story_status(job_id)).owner == job_id


@given(one=NAMES, other=NAMES, token=TOKENS)
def test_no_name_belongs_to_two_families(one: str, other: str, token: str) -> None:
    assert families.is_of(other, families.new_job(one, AT.timestamp(), token)) == (one == other)


@given(family=NAMES, label=LABELS)
def test_a_narrator_stays_within_its_family(family: str, label: str) -> None:
    name = families.narrator(family, label)

    assert families.of(name) == family
    assert keys.narrator(name).startswith(keys.NARRATORS + families.prefix(family))


@pytest.mark.parametrize("name", ["", "l", "Lin", "lin-li", "9lives", "request", "x" * 17])
def test_what_cannot_be_a_familys_name_is_refused(name: str) -> None:
    with pytest.raises(Refused) as refused:
        families.checked(name)

    assert refused.value.code == "family.name"


@pytest.mark.parametrize("label", ["", "a--b", "-a", "妈妈", "x" * 21])
def test_what_cannot_be_a_narrators_name_is_refused(label: str) -> None:
    with pytest.raises(Refused) as refused:
        families.narrator("lin", label)

    assert refused.value.code == "narrator.name"


@pytest.mark.parametrize("name", ["story", "request--cat", "lin--", "--lin", "Lin--a", "20261121-101207-7e8e5c"])
def test_a_name_of_another_kind_belongs_to_no_family(name: str) -> None:
    assert families.of(name) == ""
    assert not families.is_of("", name)


def test_a_story_whose_name_tells_no_time_was_started_nobody_knows_when() -> None:
    assert families.started_at("lin--someday") is None
