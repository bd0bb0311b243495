"""Change the sample rate of a whole recording at once."""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


def resample(samples: Samples, rate: int, wanted_rate: int) -> Samples:
    """Mono samples at `wanted_rate`, band-limited: the spectrum is cut, or zeros are added to it."""
    if rate == wanted_rate or not len(samples):
        return samples.astype(np.float32)
    shared = gcd(rate, wanted_rate)
    block, wanted_block = rate // shared, wanted_rate // shared
    blocks = -(-len(samples) // block) + 1  # at least one spare block, for the transform wraps around
    spectrum = np.fft.rfft(samples, blocks * block)
    wanted = np.fft.irfft(spectrum[: blocks * wanted_block // 2 + 1], blocks * wanted_block)
    length = -(-len(samples) * wanted_rate // rate)
    return (wanted[:length] * (wanted_rate / rate)).astype(np.float32)
