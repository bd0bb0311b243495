"""A layer is published once, and no function is deployed on another."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import layer
from local.deployment import ROOT


class Account:
    """An account with layers."""

    def __init__(self) -> None:
        self.layers: list[tuple[str, str]] = []

    def versions(self, name: str) -> Iterator[tuple[str, str]]:
        yield from reversed(self.layers)

    def publish(self, name: str, archive: bytes, description: str) -> str:
        arn = f"acs:fc:cn-beijing:1:layers/{name}/versions/{len(self.layers) + 1}"
        self.layers.append((arn, description))
        return arn


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "layer.zip"
    path.write_bytes(b"first")
    return path


def test_a_layer_is_published_with_its_digest(archive: Path) -> None:
    account = Account()

    assert layer.ensure(account, archive) == "acs:fc:cn-beijing:1:layers/echobot/versions/1"
    assert account.layers[0][1] == f"sha256 {hashlib.sha256(b'first').hexdigest()}"


def test_the_same_layer_is_not_published_again_even_when_another_came_since(archive: Path) -> None:
    account = Account()
    first = layer.ensure(account, archive)
    archive.write_bytes(b"second")
    second = layer.ensure(account, archive)
    archive.write_bytes(b"first")

    assert layer.ensure(account, archive) == first != second
    assert len(account.layers) == 2


def test_functions_on_another_layer_are_not_deployed() -> None:
    assert layer.judge("arn:2", "arn:2") == ""
    assert "export ECHOBOT_LAYER_ARN=arn:2" in layer.judge("arn:2", "arn:1")


def test_without_an_account_it_says_so_before_anything_is_built() -> None:
    env = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-m", "deploy.layer"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "An account is needed from here on: ALIBABA_CLOUD_ACCESS_KEY_ID" in done.stderr
