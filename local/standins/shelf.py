"""Rows of one dataclass, kept in memory and written through to the account's store as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Generic, TypeVar

from local.standins.store import Store

Row = TypeVar("Row")


class Shelf(Generic[Row]):
    """`rows` is the truth while the stand-in runs; `put` after every change, or a restart forgets it.

    Fields must survive JSON as they are: strings, numbers, booleans, None, lists and dicts of these.
    """

    def __init__(self, store: Store, name: str, kind: type[Row]) -> None:
        self._store = store
        self._name = name
        self.rows: dict[str, Row] = {key: kind(**json.loads(value)) for key, value in store.load(name).items()}

    def get(self, key: str) -> Row | None:
        return self.rows.get(key)

    def put(self, key: str, row: Row) -> None:
        self.rows[key] = row
        fields: Any = row  # asdict wants a dataclass instance, which a type variable cannot promise
        self._store.save(self._name, key, json.dumps(asdict(fields), ensure_ascii=False).encode())

    def drop(self, key: str) -> None:
        self.rows.pop(key, None)
        self._store.drop(self._name, key)
