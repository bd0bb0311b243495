"""Spleeter's U-Nets as ONNX: from a magnitude spectrum of the mix to the one of a stem.

Architecture: Deezer's spleeter, `model/functions/unet.py` (MIT). One checkpoint holds both stems, numbered on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

STEMS = ("vocals", "accompaniment")
FRAMES, BINS = 512, 1024

_LEVELS = 6
_HALF_FROM = 64  # smaller tensors stay float32: they cost nothing

Variables = dict[str, NDArray[np.float32]]


def write(variables: Variables, stem: str, model: Path) -> None:
    """One stem's net: `spectrum` (n x 2 x FRAMES x BINS) in, `stem` of the same shape out."""
    graph = _Graph(variables, STEMS.index(stem))
    found = graph.build()
    shape: list[str | int | None] = ["n", 2, FRAMES, BINS]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("spectrum", found)]
    built = helper.make_graph(graph.nodes, "unet", ends[:1], ends[1:], graph.weights)
    made = helper.make_model(built, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 8
    onnx.checker.check_model(made)
    onnx.save(made, str(model))


class _Graph:
    """Nodes and weights as they are laid down, level by level."""

    def __init__(self, variables: Variables, stem: int) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self._variables = variables
        self._stem = stem

    def build(self) -> str:
        """Down six levels, up again with what was seen on the way down, then a mask over the input."""
        seen: list[str] = []
        at = "spectrum"
        for level in range(_LEVELS):
            # The skips are taken before the normalisation.
            seen.append(self._conv(at, level, f"down{level}", strides=[2, 2], pads=[1, 1, 2, 2]))
            if level < _LEVELS - 1:
                normal = self._normalised(seen[-1], level, f"down{level}_normal")
                at = self._add("LeakyRelu", [normal], f"down{level}_active", alpha=0.2)
        at = seen[-1]
        for level in range(_LEVELS):
            at = self._normalised(self._widened(at, level), _LEVELS + level, f"up{level}_normal")
            if level < _LEVELS - 1:
                at = self._add("Concat", [seen[_LEVELS - 2 - level], at], f"up{level}_joined", axis=1)
        logit = self._conv(at, _LEVELS, "logit", dilations=[2, 2], pads=[3, 3, 3, 3])
        mask = self._add("Sigmoid", [logit], "mask")
        return self._add("Mul", [mask, "spectrum"], "stem")

    def _conv(self, at: str, number: int, output: str, **how: list[int]) -> str:
        name = self._name("conv2d", 7, number)
        kernel = self._weight(f"{name}/kernel", transpose=True)
        return self._add("Conv", [at, kernel, self._weight(f"{name}/bias")], output, **how)

    def _widened(self, at: str, number: int) -> str:
        name = self._name("conv2d_transpose", 6, number)
        inputs = [at, self._weight(f"{name}/kernel", transpose=True), self._weight(f"{name}/bias")]
        wide = self._add("ConvTranspose", inputs, f"up{number}", strides=[2, 2], pads=[1, 1, 2, 2])
        return self._add("Relu", [wide], f"up{number}_active")

    def _normalised(self, at: str, number: int, output: str) -> str:
        name = self._name("batch_normalization", 12, number)
        learned = [self._weight(f"{name}/{part}") for part in ("gamma", "beta", "moving_mean", "moving_variance")]
        return self._add("BatchNormalization", [at, *learned], output, epsilon=1e-3)

    def _name(self, kind: str, per_stem: int, number: int) -> str:
        """TensorFlow's own numbering: `conv2d`, `conv2d_1`, ... through both stems."""
        nth = per_stem * self._stem + number
        return f"{kind}_{nth}" if nth else kind

    def _weight(self, name: str, *, transpose: bool = False) -> str:
        """A variable as a constant of the graph, large ones at half precision."""
        values = self._variables[name]
        values = np.ascontiguousarray(values.transpose(3, 2, 0, 1) if transpose else values)
        if values.size <= _HALF_FROM:
            self.weights.append(numpy_helper.from_array(values, name))
            return name
        self.weights.append(numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
        return self._add("Cast", [f"{name}_half"], name, to=TensorProto.FLOAT)

    def _add(self, kind: str, inputs: list[str], output: str, **how: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], **how))
        return output
