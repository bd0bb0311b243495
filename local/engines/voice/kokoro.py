"""Kokoro-82M: phonemes and a style in, 24 kHz speech and the length of each phoneme out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from local.engines import weights
from local.engines.sound.resample import resample
from local.engines.weights import Model, Once

SAMPLE_RATE = 24000
FRAME_S = 0.025  # the unit of phoneme lengths
TOKENS_MAX = 509  # with the two that mark the ends, one less than the rows of a style table

_ACOUSTIC = 128  # the first half of a style colours the sound, the second sets melody and rhythm

_CACHED = f"kokoro-{weights.KOKORO_SHA256[:8]}-3"  # the last figure is ours: raise it with what changes the graph


@dataclass(frozen=True)
class Spoken:
    """Samples with silence at both ends, and the frames each token takes, the two end marks included."""

    samples: NDArray[np.float32]
    lengths: NDArray[np.float32]


@dataclass(frozen=True)
class Tone:
    """How to speak: stock voices and their shares for the timbre, one native voice for melody and rhythm.

    `formants` moves the resonances alone, as a longer (below 1) or shorter vocal tract does; pitch and pace stay.
    """

    timbre: Mapping[str, float]
    melody: str
    f0_scale: float = 1.0
    speed: float = 1.0
    formants: float = 1.0


@dataclass(frozen=True)
class StockVoices:
    """`styles` is voice x row x 256; `rows` says for how many tokens, less one, each row is meant."""

    names: tuple[str, ...]
    rows: NDArray[np.int16]
    styles: NDArray[np.float32]

    def style(self, tone: Tone, tokens: int) -> NDArray[np.float32]:
        """The 256 numbers for a sentence of so many tokens."""
        wanted = tokens - 1
        upper = int(np.clip(np.searchsorted(self.rows, wanted), 1, len(self.rows) - 1))
        below, above = int(self.rows[upper - 1]), int(self.rows[upper])
        part = min(1.0, (wanted - below) / (above - below))
        styles = self.styles[:, upper - 1] * (1 - part) + self.styles[:, upper] * part
        shares = np.array([tone.timbre.get(name, 0.0) for name in self.names], np.float32)
        melody = styles[self.names.index(tone.melody), _ACOUSTIC:]
        return np.concatenate([shares @ styles[:, :_ACOUSTIC], melody])


def ready() -> None:
    """Load the model; WeightsError when its weights are missing."""
    _speech_model()


def tokens(phonemes: str) -> list[int]:
    """The model's numbers for phonemes; those it does not know are left out."""
    vocabulary = _vocabulary()
    return [vocabulary[phoneme] for phoneme in phonemes if phoneme in vocabulary]


def say(spoken: list[int], tone: Tone) -> Spoken:
    """Between 1 and TOKENS_MAX tokens as one breath of speech. The same input gives the same samples."""
    # Formants: what is said higher and faster is then played slower, which brings only these two back.
    inputs = {**_inputs(spoken, tone), "f0_scale": np.array([tone.f0_scale / tone.formants], np.float32)}
    samples, told = _speech_model().run(["audio", "lengths"], inputs)
    played = resample(samples.ravel(), round(SAMPLE_RATE * tone.formants), SAMPLE_RATE)
    return Spoken(played, told.ravel() / np.float32(tone.formants))


def lengths(spoken: list[int], tone: Tone) -> NDArray[np.float32]:
    """The `lengths` that `say` would tell, without speaking."""
    told: NDArray[np.float32] = _lengths_model().run(["lengths"], _inputs(spoken, tone))[0].ravel()
    return np.asarray(told / np.float32(tone.formants))


def _inputs(spoken: list[int], tone: Tone) -> dict[str, NDArray[Any]]:
    return {
        "tokens": np.array([[0, *spoken, 0]], np.int64),
        "style": stock_voices().style(tone, len(spoken))[None],
        "speed": np.array([tone.speed / tone.formants], np.float32),
    }


def _load_speech_model() -> Model:
    return Model(speech_graph())


def _load_lengths_model() -> Model:
    return Model(weights.cached(f"{_CACHED}-lengths.onnx", _build_lengths))


def speech_graph() -> Path:
    """Two forms, for a cache folder may be shared with a machine that reckons otherwise."""
    signed = multiplies_signed()
    return weights.cached(f"{_CACHED}{'-signed' if signed else ''}.onnx", partial(_build_speech, signed))


def multiplies_signed() -> bool:
    """Whether this machine gets the largest sums of bytes with a sign times bytes without right."""
    products = Model(weights.cached(f"{_CACHED}-products.onnx", _build_products))
    return all(
        (products.run(["y"], {"x": np.full((1, 64, 1), byte, np.int8)})[0] == 64 * 255 * byte).all()
        for byte in (-128, 127)
    )


def _build_speech(signed: bool, path: Path) -> None:
    from local.engines.voice.kokoro_graph import with_pitch_and_lengths  # noqa: PLC0415 - only for an empty cache

    with_pitch_and_lengths(weights.kokoro(), path, signed=signed)


def _build_products(path: Path) -> None:
    from local.engines.voice.kokoro_graph import signed_products  # noqa: PLC0415 - only for an empty cache

    signed_products(path)


def _build_lengths(path: Path) -> None:
    from local.engines.voice.kokoro_graph import lengths_only  # noqa: PLC0415 - only for an empty cache

    lengths_only(speech_graph(), path)


def _load_stock_voices() -> StockVoices:
    with np.load(weights.small("kokoro_voices.npz"), allow_pickle=False) as packed:
        names = tuple(str(name) for name in packed["names"])
        return StockVoices(names, packed["row"], packed["style"].astype(np.float32))


def _load_vocabulary() -> dict[str, int]:
    vocabulary: dict[str, int] = json.loads(weights.small("kokoro_vocab.json").read_text("utf-8"))
    return vocabulary


_speech_model = Once(_load_speech_model)
_lengths_model = Once(_load_lengths_model)
_vocabulary = Once(_load_vocabulary)
stock_voices = Once(_load_stock_voices)
