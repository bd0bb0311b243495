"""What ships stays small, waits for nothing, and does not know where it runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.deployment import ROOT
from shared.pipeline import BESIDE, FUNCTIONS

HANDLER_LINES_MAX = 60
HANDLERS = sorted((ROOT / "functions").glob("*/handler.py"))
SHIPPED = sorted([*HANDLERS, *(ROOT / "shared").rglob("*.py")])
MOMENTS = {"shared/engine/patience.py": ["self.clock.wait"], "shared/wiring.py": ["time.sleep"]}
LAPTOP = re.compile(r"127\.0\.0\.1|localhost|loopback|test-id|test-secret|sk-test|\bfrom local\b|\bimport local\b")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def called(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def endless_loops(tree: ast.AST) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and node.test.value
    ]


def test_there_is_one_handler_for_each_function() -> None:
    assert {path.parent.name for path in HANDLERS} == {*FUNCTIONS, *BESIDE}


@pytest.mark.parametrize("path", HANDLERS, ids=named)
def test_a_handler_is_read_in_one_glance(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= HANDLER_LINES_MAX


@pytest.mark.parametrize("path", HANDLERS, ids=named)
def test_a_function_folder_holds_only_its_handler(path: Path) -> None:
    """Everything else travels in the layer."""
    assert [one.name for one in path.parent.iterdir() if one.name != "__pycache__"] == ["handler.py"]


@pytest.mark.parametrize("path", HANDLERS, ids=named)
def test_a_handler_says_what_it_does_and_has_its_two_names(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assigned = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}

    assert ast.get_docstring(tree)
    assert "handler" in assigned
    assert "run" in assigned | defined


@pytest.mark.parametrize("path", SHIPPED, ids=named)
def test_what_ships_does_not_know_of_the_laptop(path: Path) -> None:
    assert LAPTOP.findall(path.read_text()) == []


@pytest.mark.parametrize("path", SHIPPED, ids=named)
def test_nothing_that_ships_waits(path: Path) -> None:
    """But for a moment, when one of our own stores is busy (`shared/engine/patience.py`)."""
    tree = ast.parse(path.read_text())
    waits = [name for name in called(tree) if name.rpartition(".")[2] in {"sleep", "wait", "join_thread"}]

    assert waits == MOMENTS.get(named(path), [])


@pytest.mark.parametrize("path", [path for path in SHIPPED if "domain" not in path.parts], ids=named)
def test_nothing_that_touches_the_world_loops_without_an_end(path: Path) -> None:
    assert endless_loops(ast.parse(path.read_text())) == []


@pytest.mark.parametrize("path", SHIPPED, ids=named)
def test_importing_a_module_reads_no_environment(path: Path) -> None:
    """`wiring` reads it when a function first runs."""
    tree = ast.parse(path.read_text())
    outside = [node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]

    assert [ast.unparse(node) for node in outside if "os.environ" in ast.unparse(node)] == []


def test_a_loop_without_an_end_and_a_wait_would_be_seen() -> None:
    tree = ast.parse("import time\nwhile True:\n    time.sleep(1)\nwhile 1:\n    pass\nwhile x:\n    pass\n")

    assert endless_loops(tree) == [2, 4]
    assert list(called(tree)) == ["time.sleep"]
    assert LAPTOP.findall("http://127.0.0.1:9000 test-id from local import x") == ["127.0.0.1", "test-id", "from local"]
