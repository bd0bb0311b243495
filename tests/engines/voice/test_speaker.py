"""The speaker encoder's graph gives what its sums, done one by one, give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from local.engines.voice.speaker_graph import Weights, write
from local.engines.weights import Model

WIDTH, MELS = 256, 40


def some_weights() -> Weights:
    rng = np.random.default_rng(9)
    sizes = {"linear.weight": (WIDTH, WIDTH), "linear.bias": (WIDTH,)}
    for layer in range(3):
        sizes[f"lstm.weight_ih_l{layer}"] = (4 * WIDTH, WIDTH if layer else MELS)
        sizes[f"lstm.weight_hh_l{layer}"] = (4 * WIDTH, WIDTH)
        sizes[f"lstm.bias_ih_l{layer}"] = sizes[f"lstm.bias_hh_l{layer}"] = (4 * WIDTH,)
    return {name: rng.normal(0, 0.1, size).astype(np.float32) for name, size in sizes.items()}


def sigmoid(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-x)), np.float32)


def by_hand(weights: Weights, sequence: NDArray[np.float32]) -> NDArray[np.float32]:
    for layer in range(3):
        hidden = cell = np.zeros((sequence.shape[1], WIDTH), np.float32)
        states = []
        for frame in sequence:
            driven = frame @ weights[f"lstm.weight_ih_l{layer}"].T + weights[f"lstm.bias_ih_l{layer}"]
            driven += hidden @ weights[f"lstm.weight_hh_l{layer}"].T + weights[f"lstm.bias_hh_l{layer}"]
            into, forget, candidate, out = np.split(driven, 4, axis=1)
            cell = sigmoid(forget) * cell + sigmoid(into) * np.tanh(candidate)
            hidden = sigmoid(out) * np.tanh(cell)
            states.append(hidden)
        sequence = np.stack(states)
    return np.asarray(np.maximum(sequence[-1] @ weights["linear.weight"].T + weights["linear.bias"], 0))


def test_the_graph_is_three_layers_and_a_projection_of_the_last_state(tmp_path: Path) -> None:
    weights = some_weights()
    sequence = np.random.default_rng(10).normal(size=(7, 2, MELS)).astype(np.float32)
    write(weights, tmp_path / "speaker.onnx")

    (projected,) = Model(tmp_path / "speaker.onnx").run(["projected"], {"sequence": sequence})

    assert projected == pytest.approx(by_hand(weights, sequence), abs=1e-5)
