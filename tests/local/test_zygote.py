"""The layer is imported before it is needed, and read anew when somebody has changed it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.runtime.zygote import Layer

PACKAGE = "echobot_tried_layer"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module deep in a package that can be imported."""
    folder = tmp_path / PACKAGE / "deep"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / "__init__.py").touch()
    (folder / "words.py").write_text("GREETING = 'hello'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder / "words.py"
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        del sys.modules[name]


def loaded() -> set[str]:
    return {name for name in sys.modules if name.startswith(PACKAGE)}


def test_every_module_of_the_layer_is_there_before_it_is_asked_for(module: Path) -> None:
    Layer(PACKAGE)

    assert loaded() == {PACKAGE, f"{PACKAGE}.deep", f"{PACKAGE}.deep.words"}


def test_what_has_not_changed_stays_loaded(module: Path) -> None:
    layer = Layer(PACKAGE)
    layer.forget_if_changed()

    assert f"{PACKAGE}.deep.words" in loaded()


def test_a_changed_file_has_the_layer_read_anew(module: Path) -> None:
    layer = Layer(PACKAGE)
    os.utime(module, ns=(0, 0))
    layer.forget_if_changed()

    assert loaded() == set()


def test_a_file_that_is_gone_is_a_change(module: Path) -> None:
    layer = Layer(PACKAGE)
    module.unlink()
    layer.forget_if_changed()

    assert loaded() == set()
