"""The report keeps what was measured, engine by engine, and shows what is not met."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.media import __main__ as bench_media
from bench.media import report
from bench.media.rows import Row, at_least, at_most, peer

PAGE = f"# Title\n\nBefore.\n\n{report.BEGIN}\nold\n{report.END}\n\nAfter.\n"


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(report, "KEPT", tmp_path / "benchmarks.json")
    monkeypatch.setattr(report, "PAGE", tmp_path / "benchmarks.md")
    monkeypatch.setattr(report, "IMAGES", tmp_path / "images")
    (tmp_path / "benchmarks.md").write_text(PAGE)
    return tmp_path


def test_the_page_shows_what_is_met_and_what_is_not(docs: Path) -> None:
    rows = [
        at_most("film", "memory", 3.5, 3, "GB"),
        at_least("film", "speed", 0.9, 0.8, "x"),
        peer("film", "limit", 4, "x"),
    ]
    report.keep("film", rows, docs, others=0.126)
    report.write()

    page = (docs / "benchmarks.md").read_text()
    assert page.startswith("# Title\n\nBefore.\n")
    assert page.endswith("\n\nAfter.\n")
    assert "Other programs took 13 % of the machine meanwhile." in page
    assert "| memory | 3.5 GB | <= 3 GB | **no** |" in page
    assert "| speed | 0.9 x | >= 0.8 x | yes |" in page
    assert "| limit | 4 x | - |  |" in page
    assert (docs / "images" / "bench-goals.png").stat().st_size > 1000


def test_a_new_run_replaces_that_engines_figures_and_no_others(docs: Path) -> None:
    report.keep("film", [peer("film", "old", 1, "x")], docs, others=0)
    report.keep("voice", [Row("voice", "kept", 2, "x", "like the parent", True)], docs, others=0)
    report.keep("film", [peer("film", "new", 3, "x")], docs, others=0)
    report.write()

    page = (docs / "benchmarks.md").read_text()
    assert "old" not in page
    assert "| new | 3 x |" in page
    assert "| kept | 2 x | like the parent | yes |" in page


def test_rows_are_kept_when_what_follows_them_fails(docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(work: Path) -> Iterator[Row]:
        yield peer("film", f"in {work.name}", 1, "x")
        raise RuntimeError("the story ended as refused")

    def goes_well(work: Path) -> list[Row]:
        return [at_most("voice", f"also in {work.name}", 1, 2, "x")]

    measures = {"film": fails, "voice": goes_well}
    monkeypatch.setattr(bench_media, "measure_of", measures.__getitem__)

    assert bench_media.main(("film", "voice"), docs) == 1
    page = (docs / "benchmarks.md").read_text()
    assert f"| in {docs.name} | 1 x |" in page
    assert f"| also in {docs.name} | 1 x |" in page


def test_every_module_that_measures_is_an_engine_of_the_command() -> None:
    folder = Path(str(bench_media.__file__)).parent
    measuring = {path.stem for path in folder.glob("*.py") if "\ndef measure(" in path.read_text("utf-8")}

    assert measuring <= set(bench_media.ENGINES)
