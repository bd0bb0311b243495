"""What a row may hold, and the order its keys have."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final

from local.standins.tablestore.errors import invalid

KeyValue = int | str | bytes
Value = int | float | bool | str | bytes
Key = tuple[KeyValue, ...]


class Infinity:
    """Below or above every key value, as `INF_MIN` and `INF_MAX` are in a range."""

    def __init__(self, name: str, *, above: bool) -> None:
        self.name = name
        self._above = above

    def __repr__(self) -> str:
        return self.name

    def __lt__(self, other: object) -> bool:
        return not self._above and other is not self

    def __gt__(self, other: object) -> bool:
        return self._above and other is not self

    def __le__(self, other: object) -> bool:
        return not self._above or other is self

    def __ge__(self, other: object) -> bool:
        return self._above or other is self


class AutoIncrement:
    """Stands in a written key where the service is to choose the number."""

    def __repr__(self) -> str:
        return "PK_AUTO_INCR"


INF_MIN: Final = Infinity("VT_INF_MIN", above=False)
INF_MAX: Final = Infinity("VT_INF_MAX", above=True)
AUTO_INCREMENT: Final = AutoIncrement()

Bound = KeyValue | Infinity
RangeKey = tuple[Bound, ...]
WrittenKey = tuple[KeyValue | AutoIncrement, ...]


class KeyType(Enum):
    """The types a key column may have; tuples compare as the service orders rows (text by its UTF-8 bytes)."""

    INTEGER = "INTEGER"
    STRING = "STRING"
    BINARY = "BINARY"

    @property
    def accepts(self) -> type[Any]:
        return {KeyType.INTEGER: int, KeyType.STRING: str, KeyType.BINARY: bytes}[self]


_VARIANTS: dict[type[Any], str] = {
    bool: "VT_BOOLEAN",
    int: "VT_INTEGER",
    float: "VT_DOUBLE",
    str: "VT_STRING",
    bytes: "VT_BLOB",
    AutoIncrement: "VT_AUTO_INCREMENT",
}


def variant(value: object) -> str:
    """The name the service's messages give to the type of a value: `VT_STRING`."""
    return value.name if isinstance(value, Infinity) else variant_of(type(value))


def variant_of(kind: type[Any]) -> str:
    return _VARIANTS.get(kind, kind.__name__)


def size_of(value: object, column: str) -> int:
    """Bytes the service counts for a value; raises when text is not UTF-8."""
    if type(value) is float or type(value) is int:
        return 8
    if isinstance(value, str):
        if value.isascii():
            return len(value)
        try:
            return len(value.encode())
        except UnicodeEncodeError as error:
            raise invalid(f"Value of column '{column}' must be UTF8 encoding.") from error
    if isinstance(value, bytes):
        return len(value)
    return 1 if isinstance(value, bool) else 8
