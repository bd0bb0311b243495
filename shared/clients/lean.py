"""SDKs imported without the parts that no call of ours reaches: half of a cold start.

tablestore imports aiohttp for its asynchronous client, flatbuffers for time series, and starts a program to learn how
many bits there are; oss2 imports the core SDK, KMS and a cryptography library for encryption on the client's side;
certifi the means to read its certificates out of a zip, where ours lie in a folder. None can be told not to.
Measured by `python -m bench.coldstart`.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.abc import Loader, MetaPathFinder
else:  # importlib.abc alone imports pathlib, tempfile and zipfile; what it gives has no part in how these are called
    Loader = type("Loader", (), {})
    MetaPathFinder = type("MetaPathFinder", (), {})


@contextmanager
def without(*modules: str) -> Iterator[None]:
    """Inside, importing one of `modules` or of what is in them gives a hollow module; afterwards a real one.

    Every name can be imported from a hollow module, and none can be used. A module that was imported before stays
    what it is.
    """
    finder = _Finder(modules)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in finder.made:
            _forget(name)


@contextmanager
def plain_certificates() -> Iterator[None]:
    """Inside, `import certifi` gives a module that finds the same file with fewer imports."""
    if "certifi" in sys.modules:
        yield
        return
    sys.modules["certifi"] = _Certificates("certifi")
    try:
        yield
    finally:
        del sys.modules["certifi"]


@contextmanager
def known_architecture() -> Iterator[None]:
    """Inside, `platform.architecture` knows how many bits there are without starting the program `file`."""
    asked = platform.architecture
    platform.architecture = lambda *_, **__: (f"{sys.maxsize.bit_length() + 1}bit", "")
    try:
        yield
    finally:
        platform.architecture = asked


class Hollow(ModuleType):
    """A module that was left out."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return Hollow(f"{self.__name__}.{name}")

    def __call__(self, *_: object, **__: object) -> object:
        raise ImportError(f"{self.__name__} was left out when its SDK was imported (shared/clients/lean.py)")


class _Finder(MetaPathFinder, Loader):
    def __init__(self, modules: Sequence[str]) -> None:
        self._modules = frozenset(modules)
        self.made: list[str] = []

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        del path, target
        if self._modules.isdisjoint(_with_parents(name)):
            return None
        self.made.append(name)
        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return Hollow(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing in it."""


def _forget(name: str) -> None:
    """Its package must forget it, too: `from package import module` looks there first."""
    hollow = sys.modules.pop(name, None)
    parent, _, child = name.rpartition(".")
    package = sys.modules.get(parent)
    if hollow is not None and getattr(package, child, None) is hollow:
        delattr(package, child)


def _with_parents(name: str) -> Iterator[str]:
    while name:
        yield name
        name = name.rpartition(".")[0]


class _Certificates(ModuleType):
    """The one function of certifi that an HTTP library calls."""

    @staticmethod
    def where() -> str:
        spec = PathFinder.find_spec("certifi")
        if spec is None or not spec.submodule_search_locations:
            raise ImportError("certifi is not installed")
        return f"{spec.submodule_search_locations[0]}/cacert.pem"
