"""Weights are found, checked and built once, or the error says which package to install."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from local.engines import weights


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ECHOBOT_MODEL_DIR", str(tmp_path / "models"))
    return tmp_path / "models"


def test_the_projects_own_weights_are_small_and_as_noted() -> None:
    noted = (weights.SMALL_FOLDER / "NOTICE").read_text("utf-8")

    for name, sha256 in weights.SMALL_SHA256.items():
        assert weights.small(name).stat().st_size < 3_000_000
        assert f"{name}\n" in noted
        assert sha256 in noted


def test_a_package_that_is_missing_is_named() -> None:
    with pytest.raises(weights.WeightsError, match="the package no-such-weights is not installed"):
        weights.packaged("no-such-weights", "part.bin")


def test_a_file_missing_in_its_package_is_named() -> None:
    with pytest.raises(weights.WeightsError, match=r"numpy has no numpy/part\.bin"):
        weights.packaged("numpy", "numpy/part.bin")


def test_other_bytes_than_those_expected_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "vtab.npz").write_bytes(b"other")
    monkeypatch.setattr(weights, "SMALL_FOLDER", tmp_path)

    with pytest.raises(weights.WeightsError, match="sha256 differs"):
        weights.small("vtab.npz")


def test_a_model_is_built_once(cache: Path) -> None:
    built: list[Path] = []

    def build(path: Path) -> None:
        built.append(path)
        path.write_bytes(b"model")

    first, second = (weights.cached("model.onnx", build) for _ in range(2))

    assert first == second == cache / "model.onnx"
    assert first.read_bytes() == b"model"
    assert len(built) == 1
    assert list(cache.iterdir()) == [first]


def test_a_build_that_fails_leaves_nothing_behind(cache: Path) -> None:
    def build(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        weights.cached("model.onnx", build)

    assert list(cache.iterdir()) == []


def test_two_builders_at_once_both_get_the_whole_file(cache: Path) -> None:
    together = threading.Barrier(2)
    found: list[bytes] = []

    def build(path: Path) -> None:
        together.wait(10)
        path.write_bytes(b"model" * 100_000)

    def use() -> None:
        found.append(weights.cached("model.onnx", build).read_bytes())

    threads = [threading.Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [b"model" * 100_000] * 2
    assert [path.name for path in cache.iterdir()] == ["model.onnx"]


def test_once_loads_once_for_all_threads() -> None:
    loads: list[int] = []

    def load() -> int:
        loads.append(1)
        return len(loads)

    once = weights.Once(load)
    threads = [threading.Thread(target=once) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert once() == 1
    assert loads == [1]


def test_a_load_that_failed_is_tried_again() -> None:
    tries: list[int] = []

    def load() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise weights.WeightsError("not installed yet")
        return "loaded"

    once = weights.Once(load)
    with pytest.raises(weights.WeightsError):
        once()

    assert once() == "loaded"
