"""Names, sizes and options the service accepts, before it looks at any data.

Source: help.aliyun.com, Tablestore, "宽表模型限制" and "二级索引限制"; texts as asserted by the vendor's Java SDK tests
(`ParameterLegalityTest`, `RestrictedItemTest`, `FilterTest`). A text that is marked as ours is documented nowhere.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from local.standins.tablestore.conditions import ColumnTest, leaves, nodes
from local.standins.tablestore.errors import invalid
from local.standins.tablestore.tables import Index, KeyColumn, Table, TableOptions
from local.standins.tablestore.values import KeyType, Value, size_of

ATTRIBUTE_BYTES_MAX: Final = 2 * 1024 * 1024
COLUMNS_PER_WRITE_MAX: Final = 1024
COLUMNS_TO_GET_MAX: Final = 128
ROWS_PER_BATCH_READ_MAX: Final = 100
ROWS_PER_BATCH_WRITE_MAX: Final = 200
BATCH_WRITE_BYTES_MAX: Final = 4 * 1024 * 1024
REQUEST_BYTES_MAX: Final = 5 * 1024 * 1024
PAGE_ROWS_MAX: Final = 5000
PAGE_BYTES_MAX: Final = 4 * 1024 * 1024
TABLES_MAX: Final = 64
INDEXES_MAX: Final = 5
CONDITIONS_MAX: Final = 10
FILTER_NODES_MAX: Final = 32
TTL_S_MIN: Final = 86400
INT64_MAX: Final = 2**63 - 1
VERSION_MS_MAX: Final = INT64_MAX // 1000

_TABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")


@lru_cache(maxsize=1024)
def check_table_name(name: str) -> None:
    if not _TABLE_NAME.fullmatch(name):
        raise invalid(f"Invalid table name: '{name}'.")


def check_column_names(names: Iterable[str]) -> None:
    """The page asks for letters, digits and underscores; the service itself takes anything but a leading `#`."""
    for name in names:
        check_column_name(name)


@lru_cache(maxsize=1024)
def check_column_name(name: str) -> None:
    """The same few names come with every write."""
    if not name or name.startswith("#") or size_of(name, name) > 255:
        raise invalid(f"Invalid column name: '{name}'.")


def check_schema(columns: Sequence[KeyColumn], table: str) -> None:
    if not 1 <= len(columns) <= 4:
        raise invalid("The number of primary key columns must be in range: [1, 4].")
    check_column_names(column.name for column in columns)
    seen: set[str] = set()
    for column in columns:
        if column.name in seen:
            raise invalid(f"Duplicated primary key name: '{column.name}'.")
        seen.add(column.name)
    counting = [column for column in columns if column.auto_increment]
    if len(counting) > 1:
        raise invalid("AUTO_INCREMENT primary key count must <= 1.")
    if any(column.type is not KeyType.INTEGER for column in counting):
        raise invalid("AUTO_INCREMENT primary key must be integer.")
    if columns[0].auto_increment:
        raise invalid(f"First primary key can't be auto increment, table: {table}.")


def check_options(options: TableOptions) -> None:
    if options.ttl_s == 0 or options.ttl_s < -1:
        raise invalid("TimeToLive cannot be 0 or less than -1.")
    if 0 < options.ttl_s < TTL_S_MIN:
        raise invalid(f"TimeToLive must be -1 or at least {TTL_S_MIN}.")  # our text
    if options.max_versions <= 0:
        raise invalid("The maximum versions cannot be less than or equal to 0")
    if not 0 <= options.deviation_s <= INT64_MAX // 1_000_000:
        raise invalid("The maximum deviation must be in range [0, INT64_MAX/1000000].")


def check_defined_columns(columns: Sequence[tuple[str, str]]) -> None:
    if len(columns) > 32:
        raise invalid("The number of defined columns must be in range: [0, 32].")
    check_column_names(name for name, _ in columns)


def check_indexes(table: Table) -> None:
    """An index needs a table without old versions, and without expiry as long as rows may be updated."""
    if not table.indexes:
        return
    if table.options.ttl_s != -1 and table.options.allow_update:
        raise invalid("Don't support allow update operation on table with index and ttl")
    if table.options.max_versions > 1:
        raise invalid("Don't support multiple versions on table with index")  # our text
    if len(table.indexes) > INDEXES_MAX:
        raise invalid(f"The number of indexes exceeds the limit: {INDEXES_MAX}.")  # our text
    for index in table.indexes:
        _check_index(table, index)


def _check_index(table: Table, index: Index) -> None:
    check_table_name(index.name)
    types = {column.name: column.type.value for column in table.key_columns} | dict(table.defined_columns)
    if not 1 <= len(index.key) <= 4:
        raise invalid("The number of primary key columns must be in range: [1, 4].")
    for name in (*index.key, *index.columns):
        if name not in types:
            raise invalid(f"Column does not exist:{name}.")
    for name in index.key:
        if types[name] not in KeyType.__members__:
            raise invalid("Invalid column type, only STRING,INTEGER,BINARY is allowed.")
    if index.is_local and index.key[0] != table.key_names[0]:
        raise invalid("The first column of a local index must be the partition key.")  # our text


def check_values(columns: Iterable[tuple[str, Value]]) -> None:
    for name, value in columns:
        check_value(name, value)


def check_value(name: str, value: Value) -> None:
    if type(value) is str and len(value) <= ATTRIBUTE_BYTES_MAX and value.isascii():
        return
    if type(value) is float and math.isfinite(value):
        return
    if isinstance(value, float) and math.isnan(value):
        raise invalid("NaN can't be set to double value.")
    if isinstance(value, float) and math.isinf(value):
        raise invalid("Infinity can't be set to double value.")
    if type(value) is int and not -INT64_MAX - 1 <= value <= INT64_MAX:
        raise invalid(f"Invalid column type: {name} is not a 64 bit integer.")  # our text, no SDK can send it
    size = size_of(value, name)
    if size > ATTRIBUTE_BYTES_MAX:
        raise invalid(
            f"The length of attribute column: '{name}' exceeds the MaxLength:{ATTRIBUTE_BYTES_MAX} "
            f"with CurrentLength:{size}."
        )


def check_column_count(count: int) -> None:
    if count > COLUMNS_PER_WRITE_MAX:
        raise invalid(
            "The number of attribute columns exceeds the limit, "
            f"limit count: {COLUMNS_PER_WRITE_MAX}, column count: {count}."
        )


def check_column_test(test: ColumnTest | None) -> None:
    """Ten conditions are documented; thirty-two conditions and combinations are what the service counts to."""
    if test is None:
        return
    if nodes(test) > FILTER_NODES_MAX:
        raise invalid(f"The count of filter exceeds the max: {FILTER_NODES_MAX}.")
    tests = leaves(test)
    if len(tests) > CONDITIONS_MAX:
        raise invalid(f"The count of filter exceeds the max: {CONDITIONS_MAX}.")
    check_column_names(leaf.column for leaf in tests)
    check_values((leaf.column, leaf.value) for leaf in tests)


def check_columns_to_get(columns: Sequence[str]) -> None:
    if len(columns) > COLUMNS_TO_GET_MAX:
        raise invalid(
            "The number of columns from the request exceeds the limit, "
            f"limit count: {COLUMNS_TO_GET_MAX}, column count: {len(columns)}."
        )
    check_column_names(columns)
