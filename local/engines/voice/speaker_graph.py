"""The speaker encoder's weights as a graph: three LSTM layers over mel frames, then a projection of the last state."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

_LAYERS, _WIDTH, _MELS = 3, 256, 40

Weights = Mapping[str, NDArray[np.float32]]


def write(weights: Weights, model: Path) -> None:
    """`sequence` (frames x windows x mels) in, `projected` (windows x 256) out; `weights` by PyTorch's names."""
    nodes: list[onnx.NodeProto] = []
    constants: dict[str, NDArray[np.float32] | NDArray[np.int64]] = {
        "directions": np.array([1], np.int64),
        "projection": weights["linear.weight"].T,
        "offset": weights["linear.bias"],
    }
    sequence = "sequence"
    for layer in range(_LAYERS):
        biases = np.concatenate([_gates(weights[f"lstm.bias_{side}_l{layer}"]) for side in ("ih", "hh")])
        constants |= {f"b{layer}": biases[None]} | {
            f"{short}{layer}": _gates(weights[f"lstm.weight_{side}_l{layer}"])[None]
            for short, side in (("w", "ih"), ("r", "hh"))
        }
        outputs = [f"states{layer}", f"last{layer}"]
        inputs = [sequence, f"w{layer}", f"r{layer}", f"b{layer}"]
        nodes.append(helper.make_node("LSTM", inputs, outputs, hidden_size=_WIDTH))
        sequence = f"flat{layer}"
        nodes.append(helper.make_node("Squeeze", [outputs[0], "directions"], [sequence]))
    nodes += [
        helper.make_node("Squeeze", [f"last{_LAYERS - 1}", "first"], ["last"]),
        helper.make_node("Gemm", ["last", "projection", "offset"], ["sums"]),
        helper.make_node("Relu", ["sums"], ["projected"]),
    ]
    constants["first"] = np.array([0], np.int64)
    ends = [
        helper.make_tensor_value_info("sequence", TensorProto.FLOAT, ["frames", "windows", _MELS]),
        helper.make_tensor_value_info("projected", TensorProto.FLOAT, ["windows", _WIDTH]),
    ]
    kept = [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "speaker", ends[:1], ends[1:], kept)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made)
    onnx.save(made, str(model))


def _gates(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """PyTorch has in, forget, cell, out; ONNX in, out, forget, cell."""
    into, forget, cell, out = np.split(values, 4)
    return np.concatenate([into, out, forget, cell])
