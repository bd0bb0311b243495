"""The small networks behind the portrait: where they are, that they are whole, and how they are run."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

FOLDER = Path(__file__).resolve().parents[2] / "weights" / "face"
SHA256 = {
    "face_detection_short_range.onnx": "8664998ae0fa5f6c068ad82ea9a10722abfdce3391378266d0be0eedc1593f27",
    "face_landmark.onnx": "3f01ef019a1d848420e5c333d8570fe09d6a685609548fe773e6eaab7b9a8c06",
    "viseme.npz": "9aafa1e14beb87ee210534cf258f1baf64baa61e4408fd3b26d25e06fde4ae90",
}

Array = NDArray[np.floating[Any]]


class WeightsError(Exception):
    """A file of weights is missing or is not the one this code was made for."""


def read_weights(name: str, folder: Path = FOLDER) -> bytes:
    """The bytes of a file of weights, checked."""
    path = folder / name
    if not path.is_file():
        raise WeightsError(f"{path} is missing")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        raise WeightsError(f"{path} is not the file its name says")
    return content


def run_network(name: str, image: Array) -> list[Array]:
    """The outputs of an ONNX network for one image of shape height x width x 3."""
    session = _session(name)
    outputs: list[Array] = session.run(None, {session.get_inputs()[0].name: image[None].astype(np.float32)})
    return outputs


@cache
def _session(name: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # a few milliseconds each: threads cost more than they give
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(read_weights(name), options, providers=["CPUExecutionProvider"])
