"""Fewer operators in the speech model's graph come to the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from local.engines.voice.kokoro_passes import save_passes
from local.engines.weights import Model

Kept = dict[str, NDArray[np.generic]]

CHANNELS, TIMES = 6, 400
RNG = np.random.default_rng(11)
SOUND = RNG.normal(1.5, 2.0, (1, CHANNELS, TIMES)).astype(np.float32)
STYLE: Kept = {
    "scale": RNG.uniform(0.5, 2, (1, CHANNELS, 1)).astype(np.float32),
    "offset": RNG.normal(size=(1, CHANNELS, 1)).astype(np.float32),
}


def graph_of(nodes: Sequence[NodeProto], made: Sequence[str], kept: Kept) -> onnx.GraphProto:
    x, *outputs = (helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("x", *made))
    constants = [numpy_helper.from_array(value, name) for name, value in kept.items()]
    return helper.make_graph(list(nodes), "small", [x], outputs, constants)


def run(graph: onnx.GraphProto, path: Path, x: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.save(made, str(path))
    return Model(path).run([each.name for each in graph.output], {"x": x})


def kinds(graph: onnx.GraphProto) -> list[str]:
    return [node.op_type for node in graph.node]


def norm(axis: int) -> tuple[list[NodeProto], Kept]:
    """As it is published, up to `normed`."""
    nodes = [
        helper.make_node("ReduceMean", ["x", "axis"], ["mean"]),
        helper.make_node("Sub", ["x", "mean"], ["centred"]),
        helper.make_node("Mul", ["centred", "centred"], ["squares"]),
        helper.make_node("ReduceMean", ["squares", "axis"], ["variance"]),
        helper.make_node("Add", ["variance", "little"], ["more"]),
        helper.make_node("Sqrt", ["more"], ["deviation"]),
        helper.make_node("Div", ["centred", "deviation"], ["standard"]),
        helper.make_node("Mul", ["scale", "standard"], ["scaled"]),
        helper.make_node("Add", ["scaled", "offset"], ["normed"]),
    ]
    return nodes, {**STYLE, "axis": np.array([axis], np.int64), "little": np.array(1e-5, np.float32)}


def wave(inverse_of: float = 1.0) -> tuple[list[NodeProto], Kept]:
    """`normed + sin(a normed)**2 / a`, up to `grown`."""
    nodes = [
        helper.make_node("Mul", ["a", "normed"], ["angle"]),
        helper.make_node("Sin", ["angle"], ["sine"]),
        helper.make_node("Pow", ["sine", "two"], ["square"]),
        helper.make_node("Mul", ["inverse", "square"], ["shrunk"]),
        helper.make_node("Add", ["normed", "shrunk"], ["grown"]),
    ]
    a = np.linspace(0.2, 3, CHANNELS, dtype=np.float32).reshape(1, CHANNELS, 1)
    return nodes, {"a": a, "inverse": inverse_of / a, "two": np.array(2, np.float32)}


def test_a_norm_over_time_is_one_operator(tmp_path: Path) -> None:
    nodes, kept = norm(axis=2)
    graph = graph_of(nodes, ["normed"], kept)
    (before,) = run(graph, tmp_path / "before.onnx", SOUND)

    save_passes(graph)

    assert kinds(graph) == ["Reshape", "Reshape", "InstanceNormalization"]
    np.testing.assert_allclose(run(graph, tmp_path / "after.onnx", SOUND)[0], before, atol=2e-6)


def test_a_wave_grows_on_it_as_before(tmp_path: Path) -> None:
    nodes, kept = norm(axis=2)
    waves, more = wave()
    graph = graph_of([*nodes, *waves], ["grown"], {**kept, **more})
    (before,) = run(graph, tmp_path / "before.onnx", SOUND)

    save_passes(graph)

    assert kinds(graph) == ["Mul", "Mul", "Reshape", "Reshape", "InstanceNormalization", "Sin", "Mul", "Add", "Mul"]
    np.testing.assert_allclose(run(graph, tmp_path / "after.onnx", SOUND)[0], before, atol=5e-6)


def test_a_norm_that_is_taken_elsewhere_too_is_kept_for_that(tmp_path: Path) -> None:
    nodes, kept = norm(axis=2)
    waves, more = wave()
    graph = graph_of([*nodes, *waves], ["grown", "normed"], {**kept, **more})
    before = run(graph, tmp_path / "before.onnx", SOUND)

    save_passes(graph)

    for old, new in zip(before, run(graph, tmp_path / "after.onnx", SOUND), strict=True):
        np.testing.assert_allclose(new, old, atol=5e-6)


def test_what_is_not_the_norm_looked_for_is_left_alone() -> None:
    nodes, kept = norm(axis=1)
    graph = graph_of(nodes, ["normed"], kept)

    save_passes(graph)

    assert kinds(graph) == [node.op_type for node in nodes]


def test_a_wave_of_another_height_keeps_its_own_operators(tmp_path: Path) -> None:
    nodes, kept = norm(axis=2)
    waves, more = wave(inverse_of=2.0)
    graph = graph_of([*nodes, *waves], ["grown"], {**kept, **more})
    (before,) = run(graph, tmp_path / "before.onnx", SOUND)

    save_passes(graph)

    assert kinds(graph)[2:] == ["InstanceNormalization", *(node.op_type for node in waves)]
    np.testing.assert_allclose(run(graph, tmp_path / "after.onnx", SOUND)[0], before, atol=5e-6)


def test_sums_of_bytes_become_the_same_numbers_to_the_last_bit(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["x"], ["bytes", "step", "zero"]),
        helper.make_node("ConvInteger", ["bytes", "w", "zero"], ["sums"]),
        helper.make_node("Add", ["sums", "bias"], ["more"]),
        helper.make_node("Cast", ["more"], ["whole"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["step", "w_step"], ["scale"]),
        helper.make_node("Mul", ["whole", "scale"], ["made"]),
    ]
    kept: Kept = {
        "w": RNG.integers(0, 256, (8, CHANNELS, 3)).astype(np.uint8),
        "bias": RNG.integers(-9999, 9999, (1, 8, 1)).astype(np.int32),
        "w_step": np.array(0.013, np.float32),
    }
    graph = graph_of(nodes, ["made"], kept)
    (before,) = run(graph, tmp_path / "before.onnx", SOUND)

    save_passes(graph)

    assert kinds(graph)[-1] == "DequantizeLinear"
    assert "Cast" not in kinds(graph)
    np.testing.assert_array_equal(run(graph, tmp_path / "after.onnx", SOUND)[0], before)
