"""What the documents point at is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.docs import markdown
from tests.docs.markdown import PAGES, ROOT

DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
ARCHITECTURE_LINES_MAX = 59
DECISION_LINES_MAX = 45

_PATH = re.compile(r"(?:shared|functions|local|cli|tests|docs|bench)/[\w./-]*\w|[\w.-]+\.(?:ya?ml|toml|txt|in)")
_TEST = re.compile(r"(tests/[\w/]+\.py)::(test_\w+)")


@pytest.mark.parametrize("page", PAGES, ids=markdown.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    dead = []
    for link in markdown.links(page):
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        if not path.exists() or (anchor and anchor not in markdown.anchors(path)):
            dead.append(link)

    assert [] == dead


@pytest.mark.parametrize("page", PAGES, ids=markdown.name)
def test_every_file_of_the_project_that_is_named_exists(page: Path) -> None:
    words = [word.partition("::")[0] for code in markdown.inline(page) for word in code.split()]
    named = [word.rstrip("/") for word in words if _PATH.fullmatch(word.rstrip("/"))]

    assert [] == [path for path in named if not (ROOT / path).exists()]


@pytest.mark.parametrize("page", PAGES, ids=markdown.name)
def test_every_test_that_is_named_exists(page: Path) -> None:
    named = _TEST.findall(markdown.text(page))

    assert [] == [f"{path}::{test}" for path, test in named if test not in _tests_in(ROOT / path)]


def test_promises_name_the_tests_that_show_them() -> None:
    assert len(set(_TEST.findall(markdown.text(ROOT / "docs" / "promises.md")))) > 10


def test_the_architecture_fits_on_a_page() -> None:
    assert len(markdown.text(ROOT / "ARCHITECTURE.md").splitlines()) <= ARCHITECTURE_LINES_MAX


@pytest.mark.parametrize("page", DECISIONS, ids=markdown.name)
def test_a_decision_says_why_what_and_at_which_price_on_one_page(page: Path) -> None:
    text = markdown.text(page)

    assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == ["Context", "Decision", "Price"]
    assert text.startswith(f"# {int(page.name[:4])}. ")
    assert len(text.splitlines()) <= DECISION_LINES_MAX


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_every_pin_that_ships_has_its_reason() -> None:
    pins = re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    page = markdown.text(ROOT / "docs" / "dependencies.md")
    rows = re.findall(r"^\| ([\w.-]+) \| ([\d.]+) \|", page, re.MULTILINE)

    assert sorted(pins) == sorted(rows)


def _tests_in(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    body = ast.parse(path.read_text("utf-8")).body
    return {node.name for node in body if isinstance(node, ast.FunctionDef)}
