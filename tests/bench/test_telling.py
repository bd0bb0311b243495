"""How the bench of telling hears when words begin, and where it writes what it found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.media.rows import at_most, peer
from bench.telling import __main__ as bench_telling
from bench.telling.onsets import Samples, errors_s, onsets

RATE = 24_000


def sound(*parts: tuple[float, float]) -> Samples:
    """Seconds and loudness of each part."""
    tone = np.sin(np.arange(RATE * 10) / 10).astype(np.float32)
    return np.concatenate([loud * tone[: round(seconds * RATE)] for seconds, loud in parts])


def test_words_begin_where_it_was_quiet_before() -> None:
    heard = sound((1.0, 0.0), (0.5, 0.3), (0.02, 0.0), (0.5, 0.3), (0.6, 0.0), (0.4, 0.2))

    assert onsets(heard, RATE) == pytest.approx([1.0, 2.62], abs=0.006)


def test_in_silence_no_words_begin() -> None:
    assert onsets(sound((2.0, 0.0)), RATE) == []


def test_the_error_of_a_beginning_is_that_of_the_nearest_one() -> None:
    assert errors_s([1.02, 5.0], [1.0, 3.0, 4.9]) == [pytest.approx(0.02), None, pytest.approx(0.1)]
    assert errors_s([], [1.0]) == [None]


def test_a_table_takes_the_place_of_the_one_before_and_leaves_the_others(tmp_path: Path) -> None:
    page = tmp_path / "telling.md"
    page.write_text("# Page\n\n<!-- measured: long -->\nold\n<!-- end of long -->\n\n<!-- measured: films -->\nkept\n")
    bench_telling.keep(
        page, "long", bench_telling.table([at_most("long", "late", 7, 5, "ms"), peer("long", "n", 2, "")], "Now.")
    )

    text = page.read_text()
    assert "| late | 7 ms | <= 5 ms | **no** |" in text
    assert "| n | 2 | - |  |" in text
    assert "old" not in text
    assert "kept" in text
    with pytest.raises(LookupError):
        bench_telling.keep(page, "films", "table")


def test_every_part_has_its_place_in_the_page() -> None:
    page = bench_telling.PAGE.read_text("utf-8")

    assert all(
        f"<!-- measured: {part} -->" in page and f"<!-- end of {part} -->" in page for part in bench_telling.PARTS
    )
