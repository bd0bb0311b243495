"""Where a stand-in keeps its state: nowhere but memory, or also in a folder so that it survives a restart."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Protocol


class Store(Protocol):
    """A journal of key-value rows under a name (`"oss.objects"`). Cores keep their own dicts and write through."""

    folder: Path | None

    def load(self, name: str) -> dict[str, bytes]: ...
    def save(self, name: str, key: str, value: bytes) -> None: ...
    def drop(self, name: str, key: str) -> None: ...


class MemoryStore:
    """State lives in the cores' own dicts; nothing is written."""

    folder: Path | None = None

    def load(self, name: str) -> dict[str, bytes]:
        del name
        return {}

    def save(self, name: str, key: str, value: bytes) -> None:
        """Nothing to keep."""

    def drop(self, name: str, key: str) -> None:
        """Nothing to forget."""


class FolderStore:
    """State in `<folder>/state.sqlite`; large bodies are files the OSS core keeps beside it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder: Path | None = folder
        self._lock = threading.Lock()
        self._db = sqlite3.connect(folder / "state.sqlite", check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("CREATE TABLE IF NOT EXISTS kept (name TEXT, key TEXT, value BLOB, PRIMARY KEY (name, key))")

    def load(self, name: str) -> dict[str, bytes]:
        with self._lock:
            return dict(self._db.execute("SELECT key, value FROM kept WHERE name = ?", (name,)))

    def save(self, name: str, key: str, value: bytes) -> None:
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", (name, key, value))

    def drop(self, name: str, key: str) -> None:
        with self._lock:
            self._db.execute("DELETE FROM kept WHERE name = ? AND key = ?", (name, key))

    def close(self) -> None:
        with self._lock:
            self._db.close()
