"""Where the bytes of objects lie: in memory, or one file each below the store's folder.

Bodies are immutable and have names of their own, so an overwrite never disturbs a reader and a copy is a link.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from pathlib import Path


class Bodies:
    """Not locked: whoever holds the names (`Catalogue`) guards them."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder / "objects" if folder else None
        self._memory: dict[str, bytes] = {}
        if self._folder:
            self._folder.mkdir(parents=True, exist_ok=True)

    def keep(self, name: str, body: bytes) -> None:
        if self._folder is None:
            self._memory[name] = body
            return
        # written aside first: a crash leaves no half body under a name that a row may mention
        aside = self._folder / f"{name}.part"
        aside.write_bytes(body)
        aside.replace(self._folder / name)

    def duplicate(self, name: str, copy: str) -> None:
        if self._folder is None:
            self._memory[copy] = self._memory[name]
        else:
            _link_or_copy(self._folder / name, self._folder / copy)

    def read(self, name: str, start: int = 0, end: int | None = None) -> bytes:
        """Bytes from `start` up to, not including, `end`."""
        if self._folder is None:
            return self._memory[name][start:end]
        with (self._folder / name).open("rb") as file:
            file.seek(start)
            return file.read() if end is None else file.read(max(0, end - start))

    def lay_out(self, name: str, file: Path) -> None:
        """Make the body readable at `file`, for programs that want a path."""
        if self._folder is None:
            file.write_bytes(self._memory[name])
        else:
            _link_or_copy(self._folder / name, file)

    def drop(self, name: str) -> None:
        if self._folder is None:
            self._memory.pop(name, None)
        else:
            (self._folder / name).unlink(missing_ok=True)

    def retain_only(self, names: Collection[str]) -> None:
        """Remove what no row mentions any more: left behind when the process ended between two writes."""
        if self._folder is None:
            return
        for file in self._folder.iterdir():
            if file.name not in names:
                file.unlink()


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another device, or a file system without links
        shutil.copyfile(source, target)
