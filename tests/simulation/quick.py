"""What makes a simulated story cheap: pure work is done once a process, and the files of engines stay in memory.

Nothing here changes a result. A campaign tells some hundred thousand stories of a dozen films, so the same bytes are
read, resampled, digested and measured again and again, and each engine would have its folder made and removed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, TypeVar

from local import bucket_settings
from local.standins.account import Account
from local.standins.ims import jobs, production, smart
from local.standins.model_studio import bench
from local.standins.oss import metadata
from local.standins.oss import state as oss_state
from local.standins.oss.digests import Digest
from local.standins.oss.events import ObjectEvent
from local.standins.oss.objects import Description
from local.standins.shelf import Shelf
from local.triggers import ObjectTriggers, _iso
from shared.domain import hearing, keys, label, loudness, png, tempo, wave
from shared.domain.options import read_options
from shared.engine import effects, records
from shared.ports import Columns
from tests import stage, toys
from tests.simulation.swaps import Swap, swapped

Row = TypeVar("Row")

MEDIA_KEPT = 512
TEXTS_KEPT = 8192


@contextmanager
def quickly() -> Iterator[None]:
    """Within it stories are cheap."""
    with swapped(_swaps()):
        yield


@contextmanager
def measured_once() -> Iterator[None]:
    """Within it what steps measure of the same toy sounds and frames is measured once a process."""
    with swapped(_measuring()):
        yield


@cache
def _measuring() -> tuple[Swap, ...]:
    once = lru_cache(maxsize=MEDIA_KEPT)
    return (
        *((wave, name, once(getattr(wave, name))) for name in ("read", "resampled", "trim_silence", "voiced_ms")),
        *((wave, name, once(getattr(wave, name))) for name in ("levels", "silences")),
        *((tempo, name, once(getattr(tempo, name))) for name in ("shorter", "longer")),
        *((label, name, once(getattr(label, name))) for name in ("tone", "is_heard")),
        (label, "letters_px", _letters_once(label.letters_px)),
        (hearing, "doubts", once(hearing.doubts)),
        (loudness, "loudness", _loudness_once(loudness.loudness)),
        (loudness, "levelled", once(loudness.levelled)),
        (png, "brightness", once(png.brightness)),
        (wave, "assemble", _assembled_once(wave.assemble)),
    )


def _swaps() -> list[Swap]:
    once = lru_cache(maxsize=MEDIA_KEPT)
    return [
        *_measuring(),
        *(
            (toys, name, once(getattr(toys, name)))
            for name in ("toy_wav", "toy_png", "wav_of", "toy_mp4", "_tone", "_digest_of")
        ),
        *((stage, name, once(getattr(stage, name))) for name in ("toy_wav", "toy_png", "toy_frame")),
        *((keys, name, once(getattr(keys, name))) for name in ("parse_upload", "parse_wake", "wake", "made")),
        (Digest, "of", staticmethod(once(Digest.of))),
        (bucket_settings, "documents", _of_the_same(bucket_settings.documents)),
        (oss_state, "describe", _described_once(metadata.describe)),
        (ObjectTriggers, "event_of", _framed(ObjectTriggers.event_of)),
        (records, "_json", _json_once()),
        (records, "step_of", _decoded_once(records.step_of)),
        (records, "job_of", _decoded_once(records.job_of)),
        (effects, "row_of", _decoded_once(effects.row_of)),
        (effects, "row_at", _decoded_once(effects.row_at)),
        (records, "read_options", once(read_options)),
        (Shelf, "put", _put),
        *((module, "minutes_of", _minutes_of) for module in (production, smart)),
        *((module, "tempfile", Folders) for module in (jobs, bench)),
        *((module, "Path", lambda folder: folder) for module in (jobs, bench)),
    ]


class MemoryFile:
    """As much of a Path as engines use of it."""

    def __init__(self, files: dict[str, bytes], name: str) -> None:
        self._files = files
        self._name = name

    def __truediv__(self, name: str) -> MemoryFile:
        return MemoryFile(self._files, f"{self._name}/{name}")

    @property
    def suffix(self) -> str:
        return PurePosixPath(self._name).suffix

    def exists(self) -> bool:
        return self._name in self._files

    def read_bytes(self) -> bytes:
        return self._files[self._name]

    def write_bytes(self, body: bytes) -> None:
        self._files[self._name] = body

    def write_text(self, text: str, encoding: str) -> None:
        self._files[self._name] = text.encode(encoding)


class Folders:
    """`tempfile` for those who only want a folder."""

    class TemporaryDirectory:
        def __init__(self, prefix: str = "") -> None:
            self._folder = MemoryFile({}, prefix)

        def __enter__(self) -> MemoryFile:
            return self._folder

        def __exit__(self, *_: object) -> None:
            return None

    @staticmethod
    def mkdtemp(*, dir: MemoryFile) -> MemoryFile:  # noqa: A002  the standard library's own word
        return dir / str(len(dir._files))


def _assembled_once(assemble: Callable[..., bytes]) -> Callable[..., bytes]:
    once = lru_cache(maxsize=MEDIA_KEPT)(assemble)
    return lambda pieces, length_ms, rate: once(tuple(pieces), length_ms, rate)


def _loudness_once(loudness_of: Callable[[Iterable[bytes], int], float]) -> Callable[[Iterable[bytes], int], float]:
    once = lru_cache(maxsize=MEDIA_KEPT)(loudness_of)
    return lambda blocks, rate: once(tuple(blocks), rate)


def _letters_once(letters_px: Callable[..., int]) -> Callable[..., int]:
    once = lru_cache(maxsize=MEDIA_KEPT)(letters_px)
    return lambda plain, labelled, box: once(tuple(plain), tuple(labelled), box)


def _json_once() -> Callable[[Columns, str, object], object]:
    """Rows are read many times between two writes. What comes out is typed as read-only, so it may be shared."""
    loads = lru_cache(maxsize=TEXTS_KEPT)(json.loads)

    def read(columns: Columns, name: str, empty: object) -> object:
        text = columns.get(name)
        return empty if text is None else loads(str(text))

    return read


def _decoded_once(decode: Callable[[Any, Columns], Row]) -> Callable[[Any, Columns], Row]:
    """A stand-in gives the same read-only columns until the row changes; while they live their place is theirs."""
    known: dict[int, tuple[Any, Columns, Row]] = {}

    def decoded(key: Any, columns: Columns) -> Row:
        found = known.get(id(columns))
        if found is not None and found[1] is columns and found[0] == key:
            return found[2]
        row = decode(key, columns)
        if isinstance(columns, MappingProxyType):
            if len(known) > TEXTS_KEPT:
                known.clear()
            known[id(columns)] = key, columns, row
        return row

    return decoded


def _of_the_same(documents: Callable[[Any], Iterable[Any]]) -> Callable[[Any], tuple[Any, ...]]:
    """The properties of a bucket are those that the template declares, the same in every world."""
    known: dict[int, tuple[Any, tuple[Any, ...]]] = {}

    def found(props: Any) -> tuple[Any, ...]:
        if not props:
            return ()
        if id(props) not in known:
            known[id(props)] = props, tuple(documents(props))
        return known[id(props)][1]

    return found


def _described_once(describe: Callable[..., Description]) -> Callable[..., Description]:
    once = lru_cache(maxsize=MEDIA_KEPT)(lambda headers: describe(dict(headers)))
    return lambda headers: once(tuple(headers.items()))


def _framed(event_of: Callable[[ObjectTriggers, ObjectEvent], bytes]) -> Callable[[ObjectTriggers, ObjectEvent], bytes]:
    """The same text, put together from what is common to all events of a kind and what differs between them."""

    @lru_cache(maxsize=MEDIA_KEPT)
    def frame(region: str, account_id: str, name: str, bucket: str, content_type: str) -> str:
        account = Account(region=region, account_id=account_id)
        blank = ObjectEvent(name, bucket, "<key>", "<etag>", 11111111, content_type, "<request>", 0.0, {}, 22222222)
        nobody: Any = None
        text = event_of(ObjectTriggers(account, nobody, ()), blank).decode().replace("%", "%%")
        for value in (_iso(0.0), "22222222", "<etag>", '"<key>"', "11111111", "<request>"):
            text = text.replace(value, "%s")
        return text

    def framed(triggers: ObjectTriggers, event: ObjectEvent) -> bytes:
        account = triggers._account
        if event.user_meta:
            return event_of(triggers, event)
        text = frame(account.region, account.account_id, event.name, event.bucket, event.content_type)
        key = _json_text(event.key)
        return (text % (_iso(event.time), event.delta_size, event.etag, key, event.size, event.request_id)).encode()

    return framed


_json_text = json.JSONEncoder(ensure_ascii=False).encode


def _put(shelf: Shelf[Any], key: str, row: object) -> None:
    """Without the JSON that a store in memory would throw away."""
    shelf.rows[key] = row


def _minutes_of(film: MemoryFile) -> int:
    """Without MediaInfo: toy media tell their length."""
    return max(1, -int(-toys.seconds_of(film.read_bytes()) // 60))
