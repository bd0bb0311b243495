"""Generated parts say what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import generate
from docs.languages import Language


@pytest.mark.parametrize("part", [*generate.PARTS, generate.CODES])
def test_a_generated_part_is_fresh(part: str) -> None:
    assert [] == generate.stale([part])


@pytest.mark.parametrize("part", ["settings", "options", "prices"])
def test_both_readmes_have_the_part(part: str) -> None:
    assert {"README.md", "README.zh.md"} == {path.name for path, _ in generate.pages([part])}


def test_a_part_that_was_changed_by_hand_is_stale_and_is_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- generated: prices -->\nfree of charge\n<!-- end of prices -->\nafter\n", "utf-8")
    monkeypatch.setattr(generate, "PAGES", {page: Language.EN})

    ((_, renewed),) = generate.pages(["prices"])

    assert [page] == generate.stale(["prices"])
    assert [] == generate.stale(["settings"])
    assert "free of charge" not in renewed
    assert "`emo-v1.1:1`" in renewed
    assert (renewed.startswith("before\n"), renewed.endswith("after\n")) == (True, True)
