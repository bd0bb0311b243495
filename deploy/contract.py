"""The contracts of all ports against the layer as it ships: `python -m deploy.contract`, or `make contracts`.

On the runtime's Python, with the layer's packages and its `shared/` in front. What only tests and stand-ins need comes
from the lock of the development environment, in a folder behind the layer; the repository itself is not on the path, so
that nothing of it can stand in for what ships.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from deploy.package import PYTHON, ROOT, PackageError, build

LOCK = ROOT / "requirements-dev.txt"
BESIDE = (
    *("pytest", "iniconfig", "packaging", "pluggy", "pygments"),
    *("hypothesis", "sortedcontainers", "responses", "pyyaml"),
    *("h11", "wsproto", "numpy", "soundfile", "cffi", "pycparser", "aiosmtpd", "atpublic"),
)
"""What tests and stand-ins import and the layer does not have."""
SEEN = (
    "docs",
    "cli",
    "tests",
    "local",
    "functions",
    "deploy",
    "s.yaml",
    "s.prod.yaml",
    "template.yaml",
    "pyproject.toml",
    "requirements.txt",
)
"""What of the repository the tests read: all but `shared/`."""
PROOF = "import shared, oss2; print(shared.__file__); print(oss2.__file__)"


def run(python: str, more: list[str]) -> int:
    """Exit status of pytest. PackageError when what would be tested is not the layer."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        build(place / "build", python)
        layer = place / "build" / "layer" / "python"
        beside = place / "beside"
        install(python, beside, place / "beside.txt")
        seen = place / "seen"
        seen.mkdir()
        for name in SEEN:
            (seen / name).symlink_to(ROOT / name)
        env = {**os.environ, "PYTHONPATH": f"{layer}:{seen}:{beside}", "PYTHONDONTWRITEBYTECODE": "1"}  # noqa: TID251  a command of the operator's
        prove(python, layer, env)
        command = [python, "-P", "-m", "pytest", "-o", "pythonpath=", "-p", "no:cacheprovider", "tests/contract", *more]
        return subprocess.run(command, cwd=seen, env=env, check=False).returncode


def install(python: str, into: Path, asked: Path) -> None:
    """The packages beside the layer, in the versions of the lock."""
    asked.write_text("\n".join(locked(LOCK.read_text())))
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    if subprocess.run([*command, "--target", str(into), "--requirement", str(asked)], check=False).returncode:
        raise PackageError("pip could not install what the contracts need beside the layer; its words are above")


def locked(lock: str) -> list[str]:
    """The lock's lines of the packages beside the layer, with their markers."""
    return [line for line in lock.splitlines() if line.partition("==")[0] in BESIDE]


def prove(python: str, layer: Path, env: dict[str, str]) -> None:
    """PackageError when a module that ships would be taken from elsewhere."""
    found = subprocess.run([python, "-c", PROOF], cwd="/", env=env, check=True, capture_output=True, text=True)
    strange = [path for path in found.stdout.split() if not Path(path).is_relative_to(layer)]
    if strange:
        raise PackageError(f"not of the layer: {', '.join(strange)}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", default=shutil.which(f"python{PYTHON}"), help="a Python of the runtime's version")
    given, more = parser.parse_known_args()
    if given.python is None:
        print(f"Skipped: no python{PYTHON} on this machine, and the layer is for that one (--python names another).")
        return 0
    try:
        return run(given.python, more)
    except PackageError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
