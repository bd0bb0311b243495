"""How a command finds a local cloud that is already up."""

from __future__ import annotations

from pathlib import Path

import pytest

from local import home
from local.standins.doors.loopback import LoopbackServer
from local.standins.doors.router import Router


def test_a_home_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ECHOBOT_HOME", str(tmp_path / "cloud"))
    assert home.default_home() == tmp_path / "cloud"

    monkeypatch.delenv("ECHOBOT_HOME")
    monkeypatch.chdir(tmp_path)
    assert home.default_home() == tmp_path / ".echobot"


def test_where_nothing_was_started_nothing_is_found(tmp_path: Path) -> None:
    assert home.running_endpoint(tmp_path / "nowhere") == ""


@pytest.mark.parametrize("left", ["", "{", "[]", "{}", '{"endpoint": "no address"}', '{"endpoint": 7}'])
def test_a_file_that_says_nothing_is_as_good_as_none(tmp_path: Path, left: str) -> None:
    (tmp_path / home.STATE).write_text(left)

    assert home.running_endpoint(tmp_path) == ""


@pytest.mark.loopback
def test_a_cloud_that_answers_is_found(tmp_path: Path) -> None:
    with LoopbackServer(Router({})) as server:
        home.remember(tmp_path / "cloud", server.url)

        assert home.running_endpoint(tmp_path / "cloud") == server.url


@pytest.mark.loopback
def test_a_cloud_that_died_is_not_found(tmp_path: Path) -> None:
    """Its file is still there, but nobody answers."""
    with LoopbackServer(Router({})) as server:
        home.remember(tmp_path, server.url)

    assert home.running_endpoint(tmp_path) == ""


def test_a_cloud_that_stopped_is_forgotten(tmp_path: Path) -> None:
    home.remember(tmp_path, "http://127.0.0.1:1")
    home.forget(tmp_path)
    home.forget(tmp_path)

    assert not (tmp_path / home.STATE).exists()
