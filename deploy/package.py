"""Build the layer and the functions' packages: `python -m deploy.package`, or `make package`.

The same commit gives the same bytes, on any machine with the same Python 3.12: files are sorted, times and modes fixed,
and byte code refers to /opt. Facts on FC: a layer is unpacked to /opt, which is read-only, so byte code that is not in
it is made anew at each cold start; the runtime python3.12 is Debian 11 (glibc 2.31).
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "deploy" / "layer.txt"
BUILD = ROOT / "build"
PYTHON = "3.12"
PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_27_x86_64", "manylinux_2_28_x86_64")
ABIS = ("cp312", "abi3", "none")
GLIBC_MAX = (2, 31)

LAYER_MB_MAX = 25.0  # zipped
FUNCTION_KB_MAX = 16.0

# No function needs these; what is left out is half of the layer.
LEFT_OUT = (
    "Crypto/SelfTest",
    "multidict/_testcapi.cpython-312-x86_64-linux-gnu.so",
    "bin",
    # cryptography needs their part in C only, and Crypto does as well with ctypes, which is imported sooner
    "cffi",
    "pycparser",
)
# Differ from machine to machine, and nothing reads them.
UNSTEADY = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
NOT_SHIPPED = ("*.pyi", "*.c", "*.h", "*.pyx", "*.pxd", "py.typed")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can tell


class PackageError(Exception):
    """The package cannot be built, or must not be deployed as it is; in words."""


@dataclass(frozen=True)
class Packed:
    name: str
    path: Path

    @property
    def kb(self) -> float:
        return self.path.stat().st_size / 1000


def build(into: Path = BUILD, python: str | None = None) -> list[Packed]:
    """The zips of the layer and of each function. PackageError when something is missing, wrong or too large.

    `python` is a Python of the runtime's version that makes the byte code; by default `python3.12` from the path.
    Without one the layer works and starts more slowly; a line says so.
    """
    runtime = python or shutil.which(f"python{PYTHON}")
    layer = into / "layer"
    shutil.rmtree(into, ignore_errors=True)
    modules = layer / "python"
    install(modules)
    shutil.copytree(ROOT / "shared", modules / "shared", ignore=shutil.ignore_patterns("__pycache__"))
    trim(modules)
    if runtime:
        compile_all(layer, runtime)
        import_all(modules, runtime)
    else:
        print(f"no python{PYTHON} on this machine: the layer was not tried, has no byte code, and starts 0.7 s later")
    check_glibc(modules)
    packed = [zipped("layer", layer, into / "layer.zip")]
    folders = sorted(path.parent for path in (ROOT / "functions").glob("*/handler.py"))
    packed += [zipped(folder.name, folder, into / "functions" / f"{folder.name}.zip") for folder in folders]
    weigh(packed)
    return packed


def install(modules: Path) -> None:
    """The locked packages, as files for the runtime's machine, whatever machine this is."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    command += ["--no-deps", "--require-hashes", "--target", str(modules), "--requirement", str(LOCK)]
    command += ["--implementation", "cp", "--python-version", PYTHON]
    command += [part for platform in PLATFORMS for part in ("--platform", platform)]
    command += [part for abi in ABIS for part in ("--abi", abi)]
    if subprocess.run(command, check=False).returncode:
        raise PackageError("pip could not install the packages of deploy/layer.txt; its words are above")


def trim(modules: Path) -> None:
    """Away with what no function reads."""
    for name in LEFT_OUT:
        path = modules / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    unsteady = [path for info in modules.glob("*.dist-info") for name in UNSTEADY for path in info.glob(name)]
    for path in [*unsteady, *(path for pattern in NOT_SHIPPED for path in modules.rglob(pattern))]:
        path.unlink()


def compile_all(layer: Path, python: str) -> None:
    """Byte code beside each module. It is never checked against its source: the layer's times mean nothing."""
    asked = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    version = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    if version != PYTHON:
        raise PackageError(f"{python} is Python {version}; the runtime is {PYTHON}")
    command = [python, "-W", "ignore", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    command += ["-s", str(layer), "-p", "/opt", str(layer)]
    if subprocess.run(command, check=False).returncode:
        raise PackageError(f"{python} could not compile the layer; its words are above")


def import_all(modules: Path, python: str) -> None:
    """Every client can be imported with nothing but the layer."""
    clients = sorted(path.stem for path in (modules / "shared" / "clients").glob("[a-z]*.py"))
    lines = [
        "import sys",
        f"sys.path.insert(0, {str(modules)!r})",
        *(f"import shared.clients.{name}" for name in clients),
    ]
    if subprocess.run([python, "-I", "-B", "-c", "\n".join(lines)], check=False).returncode:
        raise PackageError("a client cannot be imported from the layer; Python's words are above")


def check_glibc(modules: Path) -> None:
    """PackageError when a binary asks for a newer C library than the runtime has."""
    for path in sorted(modules.rglob("*.so*")):
        wanted = glibc_of(path.read_bytes())
        if wanted > GLIBC_MAX:
            raise PackageError(f"{path.relative_to(modules)} needs glibc {'.'.join(map(str, wanted))}; FC has 2.31")


def glibc_of(binary: bytes) -> tuple[int, ...]:
    """The newest version of the C library that a shared object names; (0,) when it names none."""
    versions = re.findall(rb"GLIBC_(\d+)\.(\d+)", binary)
    return max(((int(major), int(minor)) for major, minor in versions), default=(0,))


def zipped(name: str, folder: Path, target: Path) -> Packed:
    """All files of a folder, the same bytes whenever and wherever."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in _files(folder):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if ".so" in path.name else 0o100644) << 16
            archive.writestr(entry, path.read_bytes(), compresslevel=9)
    return Packed(name, target)


def weigh(packed: Iterable[Packed]) -> None:
    """PackageError for a package above its budget."""
    for one in packed:
        kb_max = LAYER_MB_MAX * 1000 if one.name == "layer" else FUNCTION_KB_MAX
        if one.kb > kb_max:
            raise PackageError(f"{one.name}: {one.kb:.0f} kB zipped, above the budget of {kb_max:.0f} kB")


def _files(folder: Path) -> list[Path]:
    """Byte code is taken along in the layer only: a function's folder has what tests left there."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    if folder.name != "layer":
        found = [path for path in found if path.suffix == ".py"]
    return sorted(found)


def main() -> int:
    try:
        packed = build()
    except PackageError as error:
        print(error, file=sys.stderr)
        return 1
    for one in packed:
        print(f"{one.name:24} {one.kb:10.1f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
