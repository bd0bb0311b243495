"""The contracts of all ports can be tried against the layer, and against nothing else by mistake."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import contract
from deploy.package import PackageError
from local.deployment import ROOT


def test_what_lies_beside_the_layer_has_the_versions_that_are_tested() -> None:
    found = contract.locked(contract.LOCK.read_text())

    assert {line.partition("==")[0] for line in found} == set(contract.BESIDE)
    assert [line for line in found if line.startswith("hypothesis") and "python_full_version >= '3.11'" in line]


def test_nothing_beside_the_layer_is_in_it_but_for_parts_that_the_layer_leaves_out() -> None:
    layer = {line.partition("==")[0] for line in (ROOT / "deploy" / "layer.txt").read_text().splitlines()}

    assert layer & set(contract.BESIDE) == {"cffi", "pycparser"}


def test_the_repositorys_own_shared_is_not_where_the_tests_look() -> None:
    assert "shared" not in contract.SEEN
    assert [name for name in contract.SEEN if not (ROOT / name).exists()] == []


def test_a_module_from_elsewhere_is_found_before_any_test_runs(tmp_path: Path) -> None:
    for package in ("shared", "oss2"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("")
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}

    contract.prove(sys.executable, tmp_path, env)
    with pytest.raises(PackageError, match=r"not of the layer: .*shared"):
        contract.prove(sys.executable, tmp_path / "layer", env)


def test_without_a_python_of_the_runtimes_version_it_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.contract"],
        cwd=ROOT,
        env={"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (
        0,
        "Skipped: no python3.12 on this machine, and the layer is for that one (--python names another).\n",
    )
