"""`make fuzz`: every harness for its share of the time, each in a process of its own.

With atheris, coverage guides the search, and libFuzzer bounds the time and the memory of each input; what it learns is
kept in `build/fuzz/<harness>`. Where atheris is not installed (it has wheels for Linux only), hypothesis searches at
random for as long. A finding ends its harness only; its bytes are kept, and `--replay` shows it again.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

HOME = Path("build") / "fuzz"
INPUT_S_MAX = 10
MEMORY_MB_MAX = 2048
INPUT_BYTES_MAX = 4096
"""Of the bytes that are drawn from; what is made of them may be far longer."""

QUIET = settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))


def main() -> int:
    wanted = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    wanted.add_argument("--seconds", type=int, default=600, help="for all harnesses together")
    wanted.add_argument("--only", help="one harness, for the whole time")
    wanted.add_argument("--one", help=argparse.SUPPRESS)
    wanted.add_argument("--replay", nargs=2, metavar=("HARNESS", "FILE"), help="run one harness on the bytes of a file")
    chosen = wanted.parse_args()
    if chosen.replay:
        _replay(chosen.replay[0], Path(chosen.replay[1]))
        return 0
    if chosen.one:
        _fuzz_one(chosen.one, chosen.seconds)
        return 0
    return _fuzz_all([chosen.only] if chosen.only else _names(), chosen.seconds)


def _names() -> list[str]:
    from tests.fuzz.harnesses import BY_NAME

    return list(BY_NAME)


def _fuzz_all(names: list[str], seconds: int) -> int:
    print("coverage-guided, by atheris" if _has_atheris() else "at random, by hypothesis: atheris is not installed")
    share = max(1, seconds // len(names))
    broken = [name for name in names if not _fuzzed(name, share)]
    print(f"{len(names)} harnesses, {share} s each; {len(broken)} with findings: {', '.join(broken) or 'none'}")
    return 1 if broken else 0


def _fuzzed(name: str, seconds: int) -> bool:
    began = time.monotonic()
    command = [sys.executable, "-m", "tests.fuzz.fuzz", "--one", name, "--seconds", str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603  ourselves
    print(f"{'ok     ' if done.returncode == 0 else 'FINDING'} {name} {time.monotonic() - began:.0f} s", flush=True)
    if done.returncode:
        print((done.stdout + done.stderr)[-6000:])
        for file in sorted((HOME / name).glob("finding-*")):
            print(f"again: {sys.executable} -m tests.fuzz.fuzz --replay {name} {file}")
    return done.returncode == 0


def _has_atheris() -> bool:
    return importlib.util.find_spec("atheris") is not None


def _fuzz_one(name: str, seconds: int) -> None:
    corpus = HOME / name / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    if not _has_atheris():
        _at_random(name, seconds)
        return
    import atheris

    with atheris.instrument_imports(include=["shared", "local"], enable_loader_override=False):
        from tests.fuzz.harnesses import BY_NAME  # noqa: F401  what it imports is what is to be watched
    flags = [
        f"-max_total_time={seconds}",
        f"-timeout={INPUT_S_MAX}",
        f"-rss_limit_mb={MEMORY_MB_MAX}",
        f"-max_len={INPUT_BYTES_MAX}",
        f"-artifact_prefix={HOME / name}/finding-",
        str(corpus),
    ]
    atheris.Setup([sys.argv[0], *flags], _target(name))
    atheris.Fuzz()


def _target(name: str) -> Any:
    """The harness as a function of bytes, which hypothesis reads as the choices of its strategies."""
    from tests.fuzz.harness import survive
    from tests.fuzz.harnesses import BY_NAME

    @QUIET
    @given(BY_NAME[name].inputs)
    def target(value: object) -> None:
        survive(BY_NAME[name], value)

    return target.hypothesis.fuzz_one_input  # type: ignore[attr-defined]  # hypothesis puts it there


def _at_random(name: str, seconds: int) -> None:
    from tests.fuzz.harness import survive
    from tests.fuzz.harnesses import BY_NAME

    end = time.monotonic() + seconds
    while time.monotonic() < end:

        @seed(time.monotonic_ns())
        @settings(QUIET, max_examples=200, phases=(Phase.generate, Phase.shrink))
        @given(st.data())
        def campaign(data: Any) -> None:
            survive(BY_NAME[name], data.draw(BY_NAME[name].inputs))

        campaign()


def _replay(name: str, file: Path) -> None:
    _target(name)(file.read_bytes())
    print(f"{name}: {file} is no finding any more")


if __name__ == "__main__":
    sys.exit(main())
