"""A table: its schema, its options, and its rows in key order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from local.standins.tablestore.errors import invalid, invalid_key
from local.standins.tablestore.values import (
    AutoIncrement,
    Infinity,
    Key,
    KeyType,
    RangeKey,
    Value,
    WrittenKey,
    size_of,
    variant,
    variant_of,
)

if TYPE_CHECKING:
    from local.standins.tablestore.reads import Look

KEY_BYTES_MAX: Final = 1024
"""Text or binary in a key column; help.aliyun.com, Tablestore, "宽表模型限制"."""


@dataclass(frozen=True)
class KeyColumn:
    name: str
    type: KeyType = KeyType.STRING
    auto_increment: bool = False


@dataclass(frozen=True)
class TableOptions:
    """`ttl_s` is -1 for ever; `deviation_s` is how far from now a version given by a client may be."""

    ttl_s: int = -1
    max_versions: int = 1
    deviation_s: int = 86400
    allow_update: bool = True


@dataclass(frozen=True)
class Index:
    """A secondary index: rows of the table once more, under `key` (completed by the table's own key columns)."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...] = ()
    is_local: bool = False


class Cell(NamedTuple):
    """One version of one column; the version is milliseconds since the epoch."""

    version_ms: int
    value: Value


class Newest(tuple[tuple[str, Cell], ...]):  # noqa: SLOT001  its cached properties need a dict
    """The newest version of each column, in the order of their names; `look` is how it was last shown."""

    look: Look | None = None

    @cached_property
    def values(self) -> Mapping[str, Value]:
        return MappingProxyType({name: value for name, (_, value) in self})

    @cached_property
    def size(self) -> int:
        """What the service counts for them in bytes, names included."""
        return sum([len(name) + size_of(value, name) for name, (_, value) in self])


@dataclass(frozen=True)
class Row:
    """Columns with their versions, newest first. `touched_ms`, when something was last put, keeps a row without
    columns alive: deleting all columns does not delete a row.
    """

    touched_ms: int
    columns: Mapping[str, tuple[Cell, ...]]

    def versions(self, column: str) -> list[Value]:
        return [cell.value for cell in self.columns.get(column, ())]

    # A row is read far more often than it changes: what a plain read shows of it is worked out once.

    @cached_property
    def newest(self) -> Newest:
        columns = self.columns
        return Newest([(name, columns[name][0]) for name in sorted(columns)])

    @cached_property
    def oldest_ms(self) -> int:
        """The version of its oldest cell; that of the row itself when it has none."""
        return min((cell.version_ms for cells in self.columns.values() for cell in cells), default=self.touched_ms)


@dataclass(frozen=True)
class Throughput:
    """Reserved capacity units per second, and when (epoch, seconds) they were last set."""

    read: int = 0
    write: int = 0
    since: int = 0


@dataclass
class Table:
    name: str
    key_columns: tuple[KeyColumn, ...]
    options: TableOptions = TableOptions()
    throughput: Throughput = Throughput()
    defined_columns: tuple[tuple[str, str], ...] = ()
    indexes: tuple[Index, ...] = ()
    last_auto: int = 0
    rows: dict[Key, Row] = field(default_factory=dict)
    _order: list[Key] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key_names = tuple(column.name for column in self.key_columns)
        self._key_types = tuple(column.type.accepts for column in self.key_columns)
        self.is_textual = all(kind is str for kind in self._key_types)
        self.auto_position = next((at for at, column in enumerate(self.key_columns) if column.auto_increment), None)
        self._order = sorted(self.rows)

    def keep(self, key: Key, row: Row) -> None:
        if key not in self.rows:
            insort(self._order, key)
        self.rows[key] = row

    def remove(self, key: Key) -> None:
        if self.rows.pop(key, None) is not None:
            del self._order[bisect_left(self._order, key)]

    def between(self, start: RangeKey, end: RangeKey, *, forward: bool) -> Sequence[Key]:
        """Keys from `start` (included) to `end` (excluded), in the direction asked for."""
        if forward:
            low = bisect_left(self._order, start)
            return self._order[low : bisect_left(self._order, end, low)]
        low, high = bisect_right(self._order, end), bisect_right(self._order, start)
        return self._order[low:high][::-1]

    def check_key(self, key: Sequence[object]) -> None:
        """Refuse a key that does not fit the schema; infinities and the auto-increment mark fit any column."""
        if len(key) != len(self.key_columns):
            raise invalid_key(f"Validate PK size fail. Input: {len(key)}, Meta: {len(self.key_columns)}.")
        for value, expected in zip(key, self._key_types, strict=True):
            if type(value) is not expected and not isinstance(value, (Infinity, AutoIncrement)):
                raise invalid_key(f"Validate PK type fail. Input: {variant(value)}, Meta: {variant_of(expected)}.")

    def is_plain(self, key: tuple[object, ...], *, is_bound: bool = False) -> bool:
        """Short ASCII text in every column (or, in a bound, an infinity), as nearly always: nothing to refuse in it."""
        if not self.is_textual or len(key) != len(self._key_types):
            return False
        return key in self.rows or _is_plain(key, is_bound=is_bound)  # text equals nothing but text

    def check_names(self, names: Sequence[str]) -> None:
        if len(names) != len(self.key_names):
            raise invalid_key(f"Validate PK size fail. Input: {len(names)}, Meta: {len(self.key_names)}.")
        for name, expected in zip(names, self.key_names, strict=True):
            if name != expected:
                raise invalid_key(f"Validate PK name fail. Input: {name}, Meta: {expected}.")

    def next_auto(self, now_us: int) -> int:
        """Unique and growing, not consecutive: enough for every partition."""
        self.last_auto = max(now_us, self.last_auto + 1)
        return self.last_auto


def check_key_sizes(names: Sequence[str], key: Sequence[object]) -> None:
    for name, value in zip(names, key, strict=False):
        if isinstance(value, (str, bytes)):
            size = size_of(value, name)
            if size > KEY_BYTES_MAX:
                raise invalid(
                    f"The length of primary key column: '{name}' exceeds the MaxLength:{KEY_BYTES_MAX} "
                    f"with CurrentLength:{size}."
                )


@lru_cache(maxsize=4096)
def _is_plain(key: tuple[object, ...], *, is_bound: bool) -> bool:
    for value in key:
        is_text = type(value) is str and len(value) <= KEY_BYTES_MAX and value.isascii()
        if not is_text and not (is_bound and type(value) is Infinity):
            return False
    return True


@lru_cache(maxsize=4096)
def key_size(names: tuple[str, ...], key: Key | WrittenKey) -> int:
    return sum(len(name) + size_of(value, name) for name, value in zip(names, key, strict=True))


def values_of(table: Table, key: Key, row: Row | None) -> Callable[[str], Sequence[Value]]:
    """How conditions look a column up, be it of the key or not; a missing row has neither."""

    def values(column: str) -> Sequence[Value]:
        if row is None:
            return ()
        if column in table.key_names:
            return (key[table.key_names.index(column)],)
        return row.versions(column)

    return values


def living(row: Row | None, options: TableOptions, now_ms: int) -> Row | None:
    """The row as it is seen now: expired cells are gone, and with the last of them the row itself."""
    if row is None or options.ttl_s < 0:
        return row
    oldest_ms = now_ms - options.ttl_s * 1000
    if row.oldest_ms >= oldest_ms:
        return row
    columns = {
        name: kept
        for name, cells in row.columns.items()
        if (kept := tuple(cell for cell in cells if cell.version_ms >= oldest_ms))
    }
    if not columns and row.touched_ms < oldest_ms:
        return None
    return row if len(columns) == len(row.columns) and _same(columns, row.columns) else Row(row.touched_ms, columns)


def _same(kept: Mapping[str, tuple[Cell, ...]], before: Mapping[str, tuple[Cell, ...]]) -> bool:
    return all(len(cells) == len(before[name]) for name, cells in kept.items())
