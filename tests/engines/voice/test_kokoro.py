"""The speech model's graph, changed to be faster, says the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from local.engines import weights
from local.engines.voice import kokoro
from local.engines.voice.kokoro_graph import with_pitch_and_lengths
from local.engines.weights import Model


def published() -> bytes:
    """A graph with the two nodes that are looked for, and a convolution of bytes as the model has them."""
    rng = np.random.default_rng(5)
    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["x"], ["bytes", "step", "zero"]),
        helper.make_node("ConvInteger", ["bytes", "w", "zero", "w_zero"], ["sums"], pads=[1, 1]),
        helper.make_node("Cast", ["sums"], ["audio"], to=TensorProto.FLOAT),
        helper.make_node("Identity", ["x"], ["curve"], name="/encoder/Squeeze"),
        helper.make_node("Identity", ["curve"], ["clipped"], name="/encoder/Clip"),
    ]
    weights_of = [
        numpy_helper.from_array(rng.integers(0, 256, (8, 16, 3)).astype(np.uint8), "w"),
        numpy_helper.from_array(np.array(77, np.uint8), "w_zero"),
    ]
    x, audio = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, None, None]) for name in ("x", "audio"))
    graph = helper.make_graph(nodes, "small", [x], [audio], weights_of)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    return bytes(made.SerializeToString())


def test_products_with_a_sign_are_the_same_to_the_last_bit(tmp_path: Path) -> None:
    sound = np.random.default_rng(6).normal(size=(1, 16, 50)).astype(np.float32)
    heard = {}
    for signed in (False, True):
        with_pitch_and_lengths(published(), tmp_path / "small.onnx", signed=signed)
        inputs = {"x": sound, "f0_scale": np.ones(1, np.float32)}
        heard[signed] = Model(tmp_path / "small.onnx").run(["audio"], inputs)[0]

    assert np.abs(heard[False]).max() > 0
    np.testing.assert_array_equal(heard[True], heard[False])


def test_the_convolutions_take_bytes_with_a_sign(tmp_path: Path) -> None:
    with_pitch_and_lengths(published(), tmp_path / "small.onnx", signed=True)

    graph = onnx.load(str(tmp_path / "small.onnx")).graph
    convolution = next(node for node in graph.node if node.op_type == "ConvInteger")
    makers = {node.output[0]: node for node in graph.node}

    assert [makers[convolution.input[place]].op_type for place in (0, 2)] == ["Cast", "Cast"]


def test_the_form_of_the_graph_is_the_one_this_machine_can_reckon_with() -> None:
    chosen = kokoro.speech_graph()

    assert chosen.parent == weights.cache_folder()
    assert chosen.stem.endswith("-signed") == kokoro.multiplies_signed()
