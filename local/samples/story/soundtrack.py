"""A music box under the narration, composed and played by rule."""

from __future__ import annotations

import wave
from math import gcd
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve, resample_poly

RATE_HZ = 44100
BEAT_S = 0.72
MUSIC_GAIN = 0.24
NARRATION_PEAK = 0.75
SILENT = 0.003  # of the peak: what a voice leaves before and after its words

Sound = NDArray[np.float32]  # samples, or samples x 2

# One bar each: chord (root, third, fifth as MIDI notes) and melody (note, beats; 0 rests).
BARS: tuple[tuple[tuple[int, int, int], tuple[tuple[int, int], ...]], ...] = (
    ((60, 64, 67), ((76, 1), (79, 1), (84, 2))),
    ((57, 60, 64), ((83, 1), (81, 1), (76, 2))),
    ((53, 57, 60), ((81, 1), (84, 1), (77, 2))),
    ((55, 59, 62), ((79, 1), (81, 1), (74, 2))),
    ((60, 64, 67), ((76, 1), (79, 1), (84, 1), (86, 1))),
    ((52, 55, 59), ((88, 2), (83, 2))),
    ((53, 57, 60), ((84, 1), (81, 1), (77, 1), (81, 1))),
    ((55, 59, 62), ((79, 3), (0, 1))),
    ((57, 60, 64), ((84, 2), (88, 2))),
    ((53, 57, 60), ((86, 1), (84, 1), (81, 2))),
    ((60, 64, 67), ((79, 2), (76, 2))),
    ((55, 59, 62), ((74, 1), (76, 1), (79, 2))),
    ((53, 57, 60), ((81, 1), (84, 1), (89, 2))),
    ((55, 59, 62), ((88, 1), (86, 1), (83, 2))),
    ((60, 64, 67), ((84, 4),)),
    ((60, 64, 67), ((0, 4),)),
)


def compose(length_s: float) -> Sound:
    """Music of that length in stereo, its peak at 0.9."""
    frames = int(length_s * RATE_HZ)
    dry = np.zeros(frames + 6 * RATE_HZ, np.float32)
    chance = np.random.default_rng(7)
    bar_s = 4 * BEAT_S
    for bar in range(int(length_s / bar_s) + 1):
        chord, melody = BARS[bar % len(BARS)]
        _play_chord(dry, chord, bar * bar_s)
        _play_box(dry, chord, bar * bar_s, chance)
        beat = 0
        for note, beats in melody:
            if note:
                _add(dry, _bell(note, 2.6), bar * bar_s + beat * BEAT_S + chance.normal(0, 0.006), 0.30)
            beat += beats
    wet = _in_a_room(dry)[:frames]
    wet[: int(1.2 * RATE_HZ)] *= np.linspace(0, 1, int(1.2 * RATE_HZ), dtype=np.float32)[:, None]
    end = min(frames, int(3.0 * RATE_HZ))
    wet[-end:] *= np.linspace(1, 0, end, dtype=np.float32)[:, None]
    return np.asarray(wet / max(1e-6, float(np.abs(wet).max())) * 0.9, np.float32)


def trimmed(pcm: NDArray[Any], rate_hz: int) -> Sound:
    """A spoken line at the film's rate, without the silence around it, its peak the same as every other's."""
    if not pcm.any():
        raise ValueError("the narrator said nothing")
    mono = np.asarray(pcm, np.float32).reshape(len(pcm), -1).mean(axis=1)
    peak = float(np.abs(mono).max())
    heard = np.nonzero(np.abs(mono) > SILENT * peak)[0]
    words = mono[heard[0] : heard[-1] + 1] / peak * NARRATION_PEAK
    shared = gcd(rate_hz, RATE_HZ)
    return np.asarray(resample_poly(words, RATE_HZ // shared, rate_hz // shared), np.float32)


def narrate(lines: list[Sound], starts_s: list[float], length_s: float) -> Sound:
    """The spoken lines at their times, mono."""
    track = np.zeros(int(length_s * RATE_HZ), np.float32)
    for line, start_s in zip(lines, starts_s, strict=True):
        _add(track, line, start_s, 1.0)
    return track


def mix(narration: Sound, music: Sound) -> Sound:
    """Voice in the middle over quiet music."""
    return np.clip(narration[:, None] + music[: len(narration)] * MUSIC_GAIN, -1, 1)


def write_wav(path: Path, sound: Sound) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if sound.ndim == 1 else sound.shape[1])
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())


def _hertz(note: float) -> float:
    return float(440.0 * 2 ** ((note - 69) / 12))


def _bell(note: int, length_s: float) -> Sound:
    """A plucked tongue of steel: bright at first, with an overtone that is no harmonic."""
    times = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
    base = 2 * np.pi * _hertz(note) * times
    tone = np.sin(base) * np.exp(-2.6 * times) + 0.35 * np.sin(2 * base) * np.exp(-5 * times)
    tone = tone + 0.14 * np.sin(5.43 * base) * np.exp(-16 * times)
    return np.asarray(tone * (1 - np.exp(-500 * times)), np.float32)


def _pad(note: int, length_s: float) -> Sound:
    """Something like soft strings: a few harmonics of two players not quite in tune."""
    times = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
    tone = np.zeros(len(times))
    for detune in (-0.04, 0.05):
        for harmonic, level in ((1, 1.0), (2, 0.32), (3, 0.12)):
            tone += level * np.sin(2 * np.pi * _hertz(note + detune) * harmonic * times)
    swell = np.minimum(1, times / 0.9) * np.minimum(1, (length_s - times) / 1.1)
    return np.asarray(tone * np.clip(swell, 0, 1), np.float32)


def _play_chord(track: Sound, chord: tuple[int, int, int], start_s: float) -> None:
    for note in (chord[0] - 12, *chord):
        _add(track, _pad(note, 4 * BEAT_S + 1.0), start_s, 0.028)


def _play_box(track: Sound, chord: tuple[int, int, int], start_s: float, chance: np.random.Generator) -> None:
    for eighth, step in enumerate((0, 2, 1, 2, 0, 2, 1, 2)):
        note = chord[step] + (12 if eighth else 0)
        loudness = 0.105 if eighth % 4 == 0 else 0.072
        _add(track, _bell(note, 1.8), start_s + eighth * BEAT_S / 2 + chance.normal(0, 0.004), loudness)


def _add(track: Sound, tone: Sound, start_s: float, gain: float) -> None:
    start = max(0, round(start_s * RATE_HZ))
    part = tone[: max(0, len(track) - start)]
    track[start : start + len(part)] += part * np.float32(gain)


def _in_a_room(dry: Sound) -> Sound:
    """Stereo, with an echo of 1.6 s that differs from ear to ear."""
    chance = np.random.default_rng(2)
    times = np.arange(int(1.6 * RATE_HZ)) / RATE_HZ
    echoes = [chance.normal(0, 1, len(times)) * np.exp(-4.2 * times) * 0.012 for _ in range(2)]
    return np.stack([dry + fftconvolve(dry, echo)[: len(dry)] for echo in echoes], axis=1).astype(np.float32)
