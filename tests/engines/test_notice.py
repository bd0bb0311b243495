"""What of others travels with Echobot, or is read by it, is named with its licence; nothing of it is under the GPL."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTICES = [ROOT / "local" / folder / "NOTICE" for folder in ("weights", "weights/face", "samples")]
TRAVELLING = [
    path
    for notice in NOTICES
    for path in sorted(notice.parent.iterdir())
    if path.is_file() and path.suffix != ".py" and path.name != "NOTICE"
]
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-weights.txt", "requirements-asr.txt")
HEAVY = {"torch", "torchaudio", "torchvision", "tensorflow", "jax", "av", "paddlepaddle"}
LESSER = {"crc32c"}
"""Under the LGPL, as NOTICE says: it may be exchanged for another, and nothing is linked to it."""


def locked() -> set[str]:
    pattern = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
    return {name.lower() for lock in LOCKS for name in pattern.findall((ROOT / lock).read_text("utf-8"))}


def licences(package: str) -> str:
    """What an installed package says of itself; empty for one that is not installed here."""
    try:
        told = importlib.metadata.metadata(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
    classifiers = [one for one in told.get_all("Classifier") or [] if one.startswith("License")]
    written = [one[:80] for name in ("License-Expression", "License") for one in told.get_all(name) or []]
    return " | ".join([*written, *classifiers])


@pytest.mark.parametrize("path", TRAVELLING, ids=lambda path: path.name)
def test_a_file_of_weights_or_samples_stands_in_the_notice_beside_it_with_its_hash(path: Path) -> None:
    notice = (path.parent / "NOTICE").read_text("utf-8")

    assert path.name in notice
    assert hashlib.sha256(path.read_bytes()).hexdigest() in notice


def test_every_hash_that_the_engines_check_stands_in_a_notice() -> None:
    notices = "".join(notice.read_text("utf-8") for notice in NOTICES)
    checked = {
        found
        for module in (ROOT / "local" / "engines").rglob("*.py")
        for found in re.findall(r'"([0-9a-f]{64})"', module.read_text("utf-8"))
    }

    assert len(checked) > 10
    assert {one for one in checked if one not in notices} == set()


@pytest.mark.parametrize("lock", ["requirements-weights.txt", "requirements-asr.txt"])
def test_every_package_of_data_is_named_in_the_projects_notice(lock: str) -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    names = re.findall(r"^([a-z0-9-]+?)(?:-(?:part)?\d)?==", (ROOT / lock).read_text("utf-8"), re.MULTILINE)

    assert {name for name in names if name not in notice} == set()


def test_no_package_of_any_lock_is_under_the_gpl() -> None:
    told = {package: licences(package) for package in locked() - LESSER}

    assert any(told.values())
    assert {package: said for package, said in told.items() if re.search(r"GPL|General Public", said)} == {}


def test_no_lock_holds_a_framework_that_engines_of_this_size_do_not_need() -> None:
    assert locked() & HEAVY == set()
