"""SDKs imported without the parts that no call of ours reaches: half of a cold start.

tablestore imports aiohttp for its asynchronous client; oss2 imports the core SDK and KMS for encryption on the client's
side. Neither can be told not to. Measured by `python -m bench.coldstart`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


@contextmanager
def without(*packages: str) -> Iterator[None]:
    """Inside, importing one of `packages` gives a hollow module; afterwards it can be imported for real.

    Every name can be imported from a hollow module, and none can be used. A package that was imported before stays
    what it is.
    """
    finder = _Finder(packages)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in finder.made:
            sys.modules.pop(name, None)


class Hollow(ModuleType):
    """A module that was left out."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return Hollow(f"{self.__name__}.{name}")

    def __call__(self, *_: object, **__: object) -> object:
        raise ImportError(f"{self.__name__} was left out when its SDK was imported (shared/clients/lean.py)")


class _Finder(MetaPathFinder, Loader):
    def __init__(self, packages: Sequence[str]) -> None:
        self._packages = packages
        self.made: list[str] = []

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        del path, target
        if name.partition(".")[0] not in self._packages:
            return None
        self.made.append(name)
        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return Hollow(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing in it."""
