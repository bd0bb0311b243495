"""Change Kokoro's published graph: pitch can be set exactly, the length of each phoneme is told, and it runs faster."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnx.utils
from onnx import TensorProto, helper, numpy_helper

from local.engines.voice.kokoro_passes import save_passes

_PITCH_NODE = "/encoder/Squeeze"  # its output is the pitch curve, in Hz, that the decoder's harmonic source follows
_LENGTHS_NODE = "/encoder/Clip"  # its output is the length of each phoneme, in frames
_SIGN_BIT = "sign_bit"  # with it turned over, 0..255 counts as -128..127


def with_pitch_and_lengths(published: bytes, model: Path, *, signed: bool) -> None:
    """Write the graph with one more input, `f0_scale` (float 1), and one more output, `lengths` (one per token).

    `signed` gives the bytes that convolutions multiply by their weights a sign. The result is the same to the last bit,
    in two thirds of the time (measured), where `signed_products` come out right.
    """
    graph = onnx.load_model_from_string(published)
    nodes = graph.graph.node
    at, pitch = next((at, node) for at, node in enumerate(nodes) if node.name == _PITCH_NODE)
    curve = pitch.output[0]
    pitch.output[0] = f"{curve}_unscaled"
    nodes.insert(at + 1, helper.make_node("Mul", [pitch.output[0], "f0_scale"], [curve], name="f0_scale_mul"))
    graph.graph.input.append(helper.make_tensor_value_info("f0_scale", TensorProto.FLOAT, [1]))

    lengths = next(node for node in nodes if node.name == _LENGTHS_NODE)
    nodes.append(helper.make_node("Identity", [lengths.output[0]], ["lengths"], name="lengths"))
    graph.graph.output.append(helper.make_tensor_value_info("lengths", TensorProto.FLOAT, None))
    if signed:
        _give_signs(graph.graph)
    save_passes(graph.graph)
    onnx.save(graph, str(model))


def signed_products(model: Path) -> None:
    """Write a graph that multiplies bytes `x` (1 x 64 x 1) with a sign by the greatest bytes without.

    Processors with 8-bit dot products are made for this pairing; on others that have wide registers onnxruntime adds
    such products up in 16 bits, which large ones overflow.
    """
    greatest = numpy_helper.from_array(np.full((16, 64, 1), 255, np.uint8), "w")
    ends = [
        helper.make_tensor_value_info(name, kind, [1, size, 1])
        for name, kind, size in (("x", TensorProto.INT8, 64), ("y", TensorProto.INT32, 16))
    ]
    node = helper.make_node("ConvInteger", ["x", "w"], ["y"])
    graph = helper.make_graph([node], "products", ends[:1], ends[1:], [greatest])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8), str(model))


def lengths_only(full: Path, model: Path) -> None:
    """Write the part of the graph above that leads to `lengths`; it runs in a hundredth of the time."""
    extractor = onnx.utils.Extractor(onnx.load(str(full)))
    onnx.save(extractor.extract_model(["tokens", "style", "speed"], ["lengths"]), str(model))


def _give_signs(graph: onnx.GraphProto) -> None:
    """For every convolution, to its bytes and to their zero point."""
    graph.initializer.append(numpy_helper.from_array(np.array(0x80, np.uint8), _SIGN_BIT))
    signed: set[str] = set()
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        if node.op_type == "ConvInteger":
            for place in (0, 2):
                name = node.input[place]
                if name not in signed:
                    nodes.append(helper.make_node("BitwiseXor", [name, _SIGN_BIT], [f"{name}_turned"]))
                    nodes.append(helper.make_node("Cast", [f"{name}_turned"], [f"{name}_signed"], to=TensorProto.INT8))
                    signed.add(name)
                node.input[place] = f"{name}_signed"
        nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
