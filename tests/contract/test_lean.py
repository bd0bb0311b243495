"""What an SDK imports and we never reach is left out, and nothing else is."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.clients.lean import plain_certificates, without

ALONE = {"PYTHONPATH": os.pathsep.join(["", *(path for path in sys.path if path)])}
"""Without what a development environment imports at each start: there it is as on FC."""


@pytest.fixture
def sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An SDK that imports a heavy package in all the ways there are."""
    (tmp_path / "heavy" / "inner").mkdir(parents=True)
    (tmp_path / "heavy" / "__init__.py").write_text("REAL = True\n")
    (tmp_path / "heavy" / "inner" / "__init__.py").write_text("class Thing: ...\n")
    (tmp_path / "thinsdk.py").write_text(
        "import heavy\nfrom heavy import REAL\nfrom heavy.inner import Thing\n"
        "def use():\n    return heavy.Session(1)\n"
        "def light():\n    return 'done'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("thinsdk", "heavy", "heavy.inner"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return "thinsdk"


def test_the_sdk_works_without_the_part(sdk: str) -> None:
    with without("heavy"):
        module = importlib.import_module(sdk)

    assert module.light() == "done"


def test_a_call_that_needs_the_part_says_where_it_went(sdk: str) -> None:
    with without("heavy"):
        module = importlib.import_module(sdk)

    with pytest.raises(ImportError, match=r"heavy\.Session was left out .*lean\.py"):
        module.use()


def test_the_part_can_be_imported_for_real_afterwards(sdk: str) -> None:
    with without("heavy"):
        importlib.import_module(sdk)

    assert importlib.import_module("heavy").REAL is True


def test_a_part_that_is_there_already_stays_what_it_is(sdk: str) -> None:
    real = importlib.import_module("heavy")
    with without("heavy"):
        module = importlib.import_module(sdk)

    assert module.heavy is real
    assert sys.modules["heavy"] is real


def test_a_part_of_a_package_can_be_left_out_and_the_rest_is_real(sdk: str) -> None:
    with without("heavy.inner"):
        module = importlib.import_module(sdk)

    assert module.REAL is True
    with pytest.raises(ImportError, match=r"heavy\.inner\.Thing was left out"):
        module.Thing()


def test_a_part_of_a_package_can_be_imported_from_it_for_real_afterwards(sdk: str) -> None:
    with without("heavy.inner"):
        importlib.import_module(sdk)
    told: dict[str, object] = {}
    exec("from heavy import inner; thing = inner.Thing()", told)  # noqa: S102  the very words that failed

    assert type(told["thing"]).__name__ == "Thing"


@pytest.mark.parametrize("client", ["oss", "tablestore"])
def test_no_hollow_module_stays_where_others_would_find_it(client: str) -> None:
    told = (
        f"import shared.clients.{client}, sys; from importlib import metadata; metadata.version('oss2'); "
        "import pymediainfo, asyncio, idna, shared.clients.probe; "
        "hollow = [n for n, m in sys.modules.items() if type(m).__name__ == 'Hollow']; "
        "print([n for n in hollow if 'packages' not in n])"  # an old alias in requests
    )
    found = subprocess.run([sys.executable, "-S", "-c", told], env=ALONE, capture_output=True, text=True, check=True)  # noqa: S603  our own line

    assert found.stdout == "[]\n"


def test_the_lean_certificates_are_certifis_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "certifi", raising=False)
    with plain_certificates():
        lean = importlib.import_module("certifi").where()

    assert lean == importlib.import_module("certifi").where()


def test_requests_without_a_guesser_reads_a_text_as_utf_8() -> None:
    told = (
        "from shared.clients.lean_requests import requests; r = requests.Response(); "
        "r._content = '故事'.encode(); assert r.text == '故事'; print(r.apparent_encoding)"
    )
    found = subprocess.run([sys.executable, "-W", "error", "-c", told], capture_output=True, text=True, check=True)  # noqa: S603  our own line

    assert (found.stdout, found.stderr) == ("utf-8\n", "")


def test_other_packages_are_imported_as_ever(sdk: str) -> None:
    with without("heavy_of_another_name"):
        module = importlib.import_module(sdk)

    assert module.REAL is True
