"""What a read shows of one row: columns, versions, filter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from local.standins.tablestore.conditions import ColumnTest, Versions, holds
from local.standins.tablestore.errors import invalid
from local.standins.tablestore.limits import check_column_test, check_columns_to_get
from local.standins.tablestore.tables import Cell, Newest, Row, Table, key_size, values_of
from local.standins.tablestore.values import Key, Value, size_of


@dataclass(frozen=True)
class TimeRange:
    """Versions from `start_ms` to before `end_ms`, or exactly `specific_ms`."""

    start_ms: int = 0
    end_ms: int = 0
    specific_ms: int | None = None

    def contains(self, version_ms: int) -> bool:
        if self.specific_ms is not None:
            return version_ms == self.specific_ms
        return self.start_ms <= version_ms < self.end_ms


@dataclass(frozen=True)
class Projection:
    """No columns named means all of them; column bounds include the start and exclude the end.

    `max_versions` None means all versions in the time range.
    """

    columns: tuple[str, ...] = ()
    max_versions: int | None = 1
    time_range: TimeRange | None = None
    start_column: str = ""
    end_column: str = ""
    where: ColumnTest | None = None

    @property
    def shows_everything(self) -> bool:
        return not (self.columns or self.time_range or self.start_column or self.end_column)

    @cached_property
    def is_plain(self) -> bool:
        """Whether it shows the newest version of every column."""
        return self.max_versions == 1 and self.shows_everything


WHOLE_ROW: Final = Projection()
"""The newest version of every column."""


class Seen(NamedTuple):
    """A row as read: its whole key, and cells by column name, newest version first."""

    key: Key
    cells: tuple[tuple[str, Cell], ...]

    def values(self) -> Mapping[str, Value]:
        """The newest value of each column."""
        if isinstance(self.cells, Newest):
            return self.cells.values
        return {name: cell.value for name, cell in self.cells}


class Look(NamedTuple):
    """`seen` is None when the row is not shown; `size` is what had to be read for that, in bytes."""

    seen: Seen | None
    size: int


def check_projection(projection: Projection) -> None:
    if projection is WHOLE_ROW:
        return
    check_columns_to_get(projection.columns)
    check_column_test(projection.where)
    if projection.max_versions is None and projection.time_range is None:
        raise invalid("No version condition is specified.")
    if projection.max_versions is not None and projection.max_versions <= 0:
        raise invalid(f"Invalid max versions: {projection.max_versions}. Reason: Max versions must be positive.")


def whole(table: Table, key: Key, row: Row) -> Look:
    """What a plain read shows of a row; the same until the row changes."""
    newest = row.newest
    if newest.look is None:
        newest.look = Look(Seen(key, newest), key_size(table.key_names, key) + newest.size)
    return newest.look


def look(table: Table, key: Key, row: Row, projection: Projection) -> Look:
    """Show a row through a projection. `row` holds living cells only.

    The filter sees the columns that are read and no others: a filter column that is not among the columns asked for
    counts as missing. A row of which nothing asked for is there is not shown, except for columns of its key.
    """
    if projection.is_plain:
        newest = row.newest
        is_shown = projection.where is None or holds(projection.where, _newest_of(table, key, row))
        return Look(Seen(key, newest) if is_shown else None, key_size(table.key_names, key) + newest.size)
    cells = tuple(_cells(row, projection, table.options.max_versions))
    size = key_size(table.key_names, key) + sum(len(name) + size_of(cell.value, name) for name, cell in cells)
    wants_key = any(name in table.key_names for name in projection.columns)
    if not cells and not projection.shows_everything and not wants_key:
        return Look(None, size)
    if projection.where is not None and not holds(projection.where, values_of(table, key, _row_of(row, cells))):
        return Look(None, size)
    return Look(Seen(key, cells), size)


def _cells(row: Row, projection: Projection, kept_versions: int) -> Iterator[tuple[str, Cell]]:
    wanted = frozenset(projection.columns)
    for name in sorted(row.columns):
        if wanted and name not in wanted:
            continue
        if name < projection.start_column or (projection.end_column and name >= projection.end_column):
            continue
        cells = row.columns[name][:kept_versions]
        if projection.time_range is not None:
            cells = tuple(cell for cell in cells if projection.time_range.contains(cell.version_ms))
        for cell in cells[: projection.max_versions]:
            yield name, cell


def _newest_of(table: Table, key: Key, row: Row) -> Versions:
    def values(column: str) -> Sequence[Value]:
        if column in table.key_names:
            return (key[table.key_names.index(column)],)
        cells = row.columns.get(column)
        return (cells[0].value,) if cells else ()

    return values


def _row_of(row: Row, cells: tuple[tuple[str, Cell], ...]) -> Row:
    columns: dict[str, tuple[Cell, ...]] = {}
    for name, cell in cells:
        columns[name] = (*columns.get(name, ()), cell)
    return Row(row.touched_ms, columns)
