"""What goes into the layer: pinned as everything else is, the same each time, and not too much."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path

import pytest

from deploy import package
from deploy.package import PackageError, Packed
from local.deployment import ROOT

# Not in the layer though something asks for them; why: the head of deploy/layer.txt.
NOT_IN_THE_LAYER = {"crcmod", "numpy", "future"}
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def pins(text: str) -> dict[str, str]:
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in PIN.findall(text)}


def locked() -> dict[str, str]:
    return pins(package.LOCK.read_text())


def test_the_layer_has_what_the_functions_ask_for_in_the_same_version() -> None:
    wanted = pins((ROOT / "requirements.txt").read_text())

    assert {name: locked().get(name) for name in wanted} == wanted


def test_the_layer_has_the_versions_that_are_tested() -> None:
    """But for platform-only packages, what the tests run on is what ships."""
    tested = pins((ROOT / "requirements-dev.txt").read_text())
    differing = {
        name: (tested[name], version) for name, version in locked().items() if tested.get(name, version) != version
    }

    assert differing == {}
    assert NOT_IN_THE_LAYER.isdisjoint(locked())


def test_every_package_of_the_layer_is_held_by_its_hash() -> None:
    lines = [line for line in package.LOCK.read_text().splitlines() if line and not line.startswith("#")]

    assert [line for line in lines if not re.search(r" --hash=sha256:[0-9a-f]{64}$", line)] == []


def folder(tmp_path: Path, name: str) -> Path:
    made = tmp_path / name
    (made / "inner").mkdir(parents=True)
    (made / "handler.py").write_text("handler = print\n")
    (made / "inner" / "more.py").write_text("MORE = 1\n")
    return made


def test_the_same_files_make_the_same_bytes_whenever_they_were_written(tmp_path: Path) -> None:
    first, second = folder(tmp_path, "first"), folder(tmp_path, "second")
    os.utime(second / "handler.py", (1, 1))
    (second / "handler.py").chmod(0o600)

    one = package.zipped("speak", first, tmp_path / "one.zip")
    other = package.zipped("speak", second, tmp_path / "other.zip")

    assert one.path.read_bytes() == other.path.read_bytes()


def test_a_package_holds_no_leftovers_of_tests(tmp_path: Path) -> None:
    made = folder(tmp_path, "speak")
    (made / "__pycache__").mkdir()
    (made / "__pycache__" / "handler.cpython-312.pyc").write_bytes(b"\0")

    with zipfile.ZipFile(package.zipped("speak", made, tmp_path / "speak.zip").path) as archive:
        assert archive.namelist() == ["handler.py", "inner/more.py"]


def test_the_layer_keeps_its_byte_code_and_its_libraries_can_be_loaded(tmp_path: Path) -> None:
    layer = folder(tmp_path, "layer")
    (layer / "library.so.0").write_bytes(b"\x7fELF")
    (layer / "handler.cpython-312.pyc").write_bytes(b"\0")

    with zipfile.ZipFile(package.zipped("layer", layer, tmp_path / "layer.zip").path) as archive:
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}

    assert modes["library.so.0"] & 0o777 == 0o755
    assert "handler.cpython-312.pyc" in modes


def test_a_layer_above_its_budget_is_not_made(tmp_path: Path) -> None:
    heavy = tmp_path / "layer.zip"
    heavy.write_bytes(b"\0" * (int(package.LAYER_MB_MAX * 1_000_000) + 1))

    with pytest.raises(PackageError, match=r"layer: 25000 kB zipped, above the budget of 25000 kB"):
        package.weigh([Packed("layer", heavy)])


def test_a_library_for_a_newer_system_is_found_before_it_fails_in_the_cloud(tmp_path: Path) -> None:
    (tmp_path / "good.so").write_bytes(b"..GLIBC_2.2.5..GLIBC_2.31..")
    package.check_glibc(tmp_path)
    (tmp_path / "new.so.1").write_bytes(b"..GLIBC_2.14..GLIBC_2.34..")

    with pytest.raises(PackageError, match=re.escape("new.so.1 needs glibc 2.34; FC has 2.31")):
        package.check_glibc(tmp_path)


def test_what_differs_from_machine_to_machine_stays_behind(tmp_path: Path) -> None:
    info = tmp_path / "oss2-2.19.1.dist-info"
    info.mkdir()
    for name in ("METADATA", "RECORD", "direct_url.json"):
        (info / name).write_text("x")
    (tmp_path / "Crypto" / "SelfTest").mkdir(parents=True)

    package.trim(tmp_path)

    assert [path.name for path in info.iterdir()] == ["METADATA"]
    assert not (tmp_path / "Crypto" / "SelfTest").exists()


def test_another_pythons_byte_code_is_not_shipped(tmp_path: Path) -> None:
    other = tmp_path / "python3.12"
    other.write_text("#!/bin/sh\necho 3.11\n")
    other.chmod(0o755)

    with pytest.raises(PackageError, match=r"is Python 3\.11; the runtime is 3\.12"):
        package.compile_all(tmp_path, str(other))
