"""Fewer passes over the same numbers: steps of Kokoro's published graph that one operator does as well.

Each operator of a decoder reads and writes megabytes, and that takes longer than the sums. Two places are worth it:

- Each channel is normalised over time, with a scale and an offset that come of the style, and a wave is let grow on
  it: `x + sin(a x)**2 / a`. Published that is twelve operators in a row. One operator normalises, scales and offsets;
  as `a` is constant it goes into both, so that of the wave `(z + sin(z)**2) / a` is left.
- Sums of bytes become numbers by a cast and a multiplication; one operator does both, the same to the last bit.

The result differs from the published one by rounding, which the quantisation after it turns into small shifts of phase.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

_EPSILON = 1e-5
_FLAT = "passes_flat"  # the shape of one number for each channel
_TIME = (2, -1)  # axes of batch x channels x time


def save_passes(graph: onnx.GraphProto) -> None:
    """Change the graph in place. What is not found in it is left as it is."""
    _normalise_at_once(graph)
    _scale_at_once(graph)


@dataclass(frozen=True)
class _Norm:
    """`(x - mean) / deviation * scale + offset`, up to `made`; `scale` and `offset` are 1 x channels x 1."""

    x: str
    scale: str
    offset: str
    made: str


@dataclass(frozen=True)
class _Wave:
    """What grows on a norm: `a` and its `inverse`, 1 x channels x 1, up to `made`."""

    a: str
    inverse: str
    made: str


class _Whole:
    """Who makes and who takes what in a graph."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.maker = {name: node for node in graph.node for name in node.output}
        self.takers: dict[str, list[onnx.NodeProto]] = {}
        for node in graph.node:
            for name in node.input:
                self.takers.setdefault(name, []).append(node)
        self._constants = {each.name: each for each in graph.initializer}

    def constant(self, name: str) -> NDArray[np.float64] | None:
        kept = self._constants.get(name)
        return None if kept is None else np.asarray(numpy_helper.to_array(kept), np.float64)

    def made_by(self, name: str, *kinds: str) -> onnx.NodeProto | None:
        node = self.maker.get(name)
        return node if node is not None and node.op_type in kinds else None

    def only_taker(self, name: str, kind: str) -> onnx.NodeProto | None:
        takers = self.takers.get(name, [])
        return takers[0] if len(takers) == 1 and takers[0].op_type == kind else None


def _normalise_at_once(graph: onnx.GraphProto) -> None:
    whole = _Whole(graph)
    instead: dict[str, list[onnx.NodeProto]] = {}
    for norm in _norms(graph, whole):
        wave = _wave(norm, whole)
        instead[wave.made if wave else norm.made] = _at_once(norm, wave)
    if instead:
        graph.initializer.append(numpy_helper.from_array(np.array([-1], np.int64), _FLAT))
        _replace(graph, instead)


def _norms(graph: onnx.GraphProto, whole: _Whole) -> Iterator[_Norm]:
    for node in graph.node:
        if node.op_type != "Div" or (centred := whole.made_by(node.input[0], "Sub")) is None:
            continue
        if not (_is_mean(centred.input[1], centred.input[0], whole) and _is_deviation(node.input[1], centred, whole)):
            continue
        for scaled in whole.takers.get(node.output[0], []):
            offset = whole.only_taker(scaled.output[0], "Add")
            if scaled.op_type == "Mul" and offset is not None:
                scale, plus = _other(scaled, node.output[0]), _other(offset, scaled.output[0])
                yield _Norm(centred.input[0], scale, plus, offset.output[0])


def _is_mean(name: str, of: str, whole: _Whole) -> bool:
    """Over time."""
    mean = whole.made_by(name, "ReduceMean")
    axes = whole.constant(mean.input[1]) if mean is not None and len(mean.input) > 1 else None
    return mean is not None and mean.input[0] == of and axes is not None and axes.tolist() in [[at] for at in _TIME]


def _is_deviation(name: str, centred: onnx.NodeProto, whole: _Whole) -> bool:
    """The root of the mean square over time and a little."""
    root = whole.made_by(name, "Sqrt")
    total = whole.made_by(root.input[0], "Add") if root is not None else None
    if total is None:
        return False
    little = [found for each in total.input if (found := whole.constant(each)) is not None]
    squares = [
        square
        for each in total.input
        if (mean := whole.made_by(each, "ReduceMean")) is not None
        and (square := whole.made_by(mean.input[0], "Mul", "Pow")) is not None
        and _is_mean(each, square.output[0], whole)
    ]
    is_square = all(square.input[0] == centred.output[0] for square in squares)
    return len(little) == len(squares) == 1 and is_square and bool(np.allclose(little[0], _EPSILON))


def _wave(norm: _Norm, whole: _Whole) -> _Wave | None:
    for angle in whole.takers.get(norm.made, []):
        if angle.op_type != "Mul" or (a := whole.constant(_other(angle, norm.made))) is None:
            continue
        sine = whole.only_taker(angle.output[0], "Sin")
        square = whole.only_taker(sine.output[0], "Pow") if sine is not None else None
        shrunk = whole.only_taker(square.output[0], "Mul") if square is not None else None
        grown = whole.only_taker(shrunk.output[0], "Add") if shrunk is not None else None
        if square is None or shrunk is None or grown is None or _other(grown, shrunk.output[0]) != norm.made:
            continue
        inverse = whole.constant(_other(shrunk, square.output[0]))
        if inverse is not None and np.allclose(a * inverse, 1, rtol=1e-3):
            return _Wave(_other(angle, norm.made), _other(shrunk, square.output[0]), grown.output[0])
    return None


def _at_once(norm: _Norm, wave: _Wave | None) -> list[onnx.NodeProto]:
    """The nodes for one norm and the wave on it, named after what they make."""
    made = wave.made if wave else norm.made
    nodes: list[onnx.NodeProto] = []

    def step(kind: str, inputs: list[str], name: str) -> str:
        nodes.append(helper.make_node(kind, inputs, [name], name=f"{name}_at_once"))
        return name

    scale, offset = norm.scale, norm.offset
    if wave:
        scale = step("Mul", [scale, wave.a], f"{made}_by")
        offset = step("Mul", [offset, wave.a], f"{made}_plus")
    flat = [step("Reshape", [each, _FLAT], f"{made}_{what}") for each, what in ((scale, "scales"), (offset, "offsets"))]
    normed = step("InstanceNormalization", [norm.x, *flat], f"{made}_angle" if wave else made)
    nodes[-1].attribute.append(helper.make_attribute("epsilon", _EPSILON))
    if wave:
        sine = step("Sin", [normed], f"{made}_sine")
        square = step("Mul", [sine, sine], f"{made}_square")
        grown = step("Add", [normed, square], f"{made}_grown")
        step("Mul", [grown, wave.inverse], made)
    return nodes


def _scale_at_once(graph: onnx.GraphProto) -> None:
    whole = _Whole(graph)
    instead: dict[str, list[onnx.NodeProto]] = {}
    for cast in graph.node:
        if cast.op_type != "Cast" or not _is_sum_of_bytes(cast.input[0], whole):
            continue
        scaled = whole.only_taker(cast.output[0], "Mul")
        if scaled is not None and _is_one_number(scale := _other(scaled, cast.output[0]), whole):
            made = scaled.output[0]
            inputs = [cast.input[0], scale]
            instead[made] = [helper.make_node("DequantizeLinear", inputs, [made], name=f"{made}_at_once")]
    _replace(graph, instead)


def _is_sum_of_bytes(name: str, whole: _Whole) -> bool:
    """Of a convolution, with or without its offset."""
    added = whole.made_by(name, "Add")
    return any(whole.made_by(each, "ConvInteger") for each in (added.input if added is not None else [name]))


def _is_one_number(name: str, whole: _Whole) -> bool:
    """The step of the bytes multiplied by that of the weights: one for all channels where that of the weights is."""
    product = whole.made_by(name, "Mul")
    constants = [kept for each in product.input if (kept := whole.constant(each)) is not None] if product else []
    return bool(constants) and all(kept.ndim == 0 for kept in constants)


def _replace(graph: onnx.GraphProto, instead: dict[str, list[onnx.NodeProto]]) -> None:
    """Other nodes where the named outputs were made; whatever nobody takes any more goes."""
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        nodes += next((instead[name] for name in node.output if name in instead), [node])
    wanted = {each.name for each in graph.output}
    kept: list[onnx.NodeProto] = []
    for node in reversed(nodes):
        if wanted.intersection(node.output):
            wanted.update(node.input)
            kept.append(node)
    del graph.node[:]
    graph.node.extend(kept[::-1])
    constants = [each for each in graph.initializer if each.name in wanted]
    del graph.initializer[:]
    graph.initializer.extend(constants)


def _other(node: onnx.NodeProto, name: str) -> str:
    one, other = node.input
    return str(other if one == name else one)
