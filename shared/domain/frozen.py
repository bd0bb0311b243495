"""Frozen dataclasses whose methods are made when the first instance is: a quarter of a cold start.

`dataclass(frozen=True)` writes and compiles six methods of each class while its module is imported; in Python 3.12 that
takes half a millisecond a class, and a function imports a hundred classes to make instances of twenty.
Measured by `python -m bench.coldstart`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_):
        return lambda decorator: decorator


T = TypeVar("T")

_LOCK = RLock()  # two threads may make the first instance of a class; a class's bases are finished within


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """What `dataclass(frozen=True)` makes of a class, to `replace`, `fields`, `asdict` and all else, a little later."""
    unfinished: Any = cls
    unfinished.__doc__ = cls.__doc__ or cls.__name__  # else dataclass works one out from the signature
    pending = _Pending(cls)
    unfinished.__new__ = staticmethod(pending.first)
    unfinished.__dataclass_fields__ = pending
    return cls


class _Pending:
    """Stands where a class's fields will be: whoever asks for them, or for an instance, has the class finished."""

    def __init__(self, cls: type) -> None:
        self._cls: Any = cls

    def __get__(self, instance: object, owner: Any) -> Any:
        self._finish()
        return owner.__dataclass_fields__

    def first(self, cls: type[T], *_: object, **__: object) -> T:
        self._finish()
        return object.__new__(cls)

    def _finish(self) -> None:
        with _LOCK:
            if self._cls.__dict__["__dataclass_fields__"] is self:
                dataclass(frozen=True)(self._cls)
                # Last, so that no other thread sees a class half made. Deleted, it would leave a class that takes
                # no arguments.
                self._cls.__new__ = staticmethod(_new)


def _new(cls: type[T], *_: object, **__: object) -> T:
    return object.__new__(cls)
