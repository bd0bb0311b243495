"""The long-term colour of a voice: its mean spectrum in bands, and a filter that moves one towards another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from local.engines.voice.kokoro import SAMPLE_RATE

BANDS_HZ = np.geomspace(80, 10780, 40)  # a third of an octave apart, up to where recordings still tell the speaker

_FFT = 1024
_TAPS = 1023
_LIMIT_DB = 12.0
_STRENGTH = 0.9  # all of the difference would also copy the room and the microphone
_TRUSTED_HZ = (110.0, 7500.0)  # below there is hum, above there is coding loss: hold the edge values there

Samples = NDArray[np.float32]
Curve = NDArray[np.float64]


def bands_db(samples: Samples) -> Curve:
    """Mean spectrum of the louder frames of samples at 24 kHz, each counted alike, in dB per band."""
    if len(samples) < _FFT:
        samples = np.pad(samples, (0, _FFT - len(samples)))
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FFT)[:: _FFT // 2] * np.hanning(_FFT)
    powers = np.abs(np.fft.rfft(frames)) ** 2 + 1e-12
    total = powers.sum(axis=1)
    loud = total > np.percentile(total, 60) * 0.1
    spectrum = 10 * np.log10((powers[loud] / total[loud, None]).mean(axis=0) + 1e-12)
    hz: Curve = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE).astype(np.float64)
    return np.array([_band(spectrum, hz, centre) for centre in BANDS_HZ])


def gains_db(speech: Samples, wanted_db: Curve) -> Curve:
    """What each band of `speech` (24 kHz) lacks of the wanted `bands_db`, mean 0, within the limit."""
    lacking = wanted_db - bands_db(speech)
    lacking = np.convolve(np.pad(lacking, 2, mode="edge"), [0.1, 0.2, 0.4, 0.2, 0.1], "valid")
    low, high = _TRUSTED_HZ
    trusted = (low < BANDS_HZ) & (high > BANDS_HZ)
    gains = np.clip((lacking - lacking[trusted].mean()) * _STRENGTH, -_LIMIT_DB, _LIMIT_DB)
    return np.asarray(np.interp(BANDS_HZ, BANDS_HZ[trusted], gains[trusted]))


def coloured(speech: Samples, gains: Curve) -> Samples:
    """Speech at 24 kHz through a linear-phase filter with these gains, not delayed."""
    taps = _filter(gains)
    size = len(speech) + _TAPS - 1
    filtered = np.fft.irfft(np.fft.rfft(speech, size) * np.fft.rfft(taps, size), size)
    return filtered[_TAPS // 2 : _TAPS // 2 + len(speech)].astype(np.float32)


def _filter(gains: Curve) -> Curve:
    bins = np.fft.rfftfreq(2 * _TAPS, 1 / SAMPLE_RATE)
    wanted = 10 ** (np.interp(bins, BANDS_HZ, gains) / 20)
    response = np.roll(np.fft.irfft(wanted, 2 * _TAPS), _TAPS // 2)[:_TAPS]
    return np.asarray(response * np.hamming(_TAPS))


def _band(spectrum: Curve, hz: Curve, centre: float) -> float:
    inside = (hz >= centre / 1.16) & (hz <= centre * 1.16)
    return float(spectrum[inside].mean() if inside.any() else np.interp(centre, hz, spectrum))
