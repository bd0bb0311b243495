"""The recording a voice is enrolled from: read, and refused where the vendor would refuse it.

Codes and messages: Model Studio's error page, sections 430-Audio.* and 400-Audio.*; limits: CosyVoice's cloning page.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from local.engines.contract import RejectionError
from local.engines.sound.decode import DecodeError, decode, probe

SAMPLE_RATE = 48000  # a multiple of what the encoder (16 kHz) and the speech model (24 kHz) want

SIZE_MAX = 10 * 1024 * 1024
RATE_MIN_HZ = 16000
DURATION_MAX_S = 60.0
CONTINUOUS_MIN_S = 5.0
PAUSE_MAX_S = 1.0  # ours: a breath between two phrases does not end continuous speech
SILENT_RMS = 10 ** (-50 / 20)

_FORMATS = "wav,mp3,mov"  # ffmpeg calls m4a by the name of the first of its family
_FRAME_S = 0.02

Samples = NDArray[np.float32]


def load(sample: Path) -> Samples:
    """The first channel at 48 kHz, the only one the vendor hears. Raises RejectionError."""
    if sample.stat().st_size > SIZE_MAX:
        raise RejectionError("Audio.FileSizeExceed", "File too large")
    try:
        rate_hz = probe(sample, formats=_FORMATS).sample_rate
        blocks = list(
            decode(sample, SAMPLE_RATE, channels=1, first_channel=True, at_most_s=DURATION_MAX_S + 1, formats=_FORMATS)
        )
    except DecodeError as cause:
        raise RejectionError("Audio.DecoderError", "Decoder audio file failed.") from cause
    samples = np.concatenate([np.zeros(0, np.float32), *(block.ravel() for block in blocks)])
    _check(samples, rate_hz)
    return samples


def _check(samples: Samples, rate_hz: int) -> None:
    if rate_hz < RATE_MIN_HZ:
        raise RejectionError("Audio.AudioRateError", "File sample rate unsupported")
    if len(samples) > DURATION_MAX_S * SAMPLE_RATE:
        raise RejectionError("Audio.DurationLimitError", "Audio duration exceeds maximum allowed limit.")
    speech = speech_frames(samples)
    if not speech.any():
        raise RejectionError("Audio.AudioSilentError", "Silent file unsupported.")
    if longest_stretch_s(speech) < CONTINUOUS_MIN_S:
        raise RejectionError("Audio.AudioShortError", "valid audio too short!")


def speech_frames(samples: Samples) -> NDArray[np.bool_]:
    """For each 20 ms whether somebody speaks: louder than silence, and not far below the loudest."""
    size = round(_FRAME_S * SAMPLE_RATE)
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    if not len(frames):
        return np.zeros(0, np.bool_)
    level = np.sqrt((frames.astype(np.float64) ** 2).mean(axis=1))
    return np.asarray(level > max(SILENT_RMS, 0.05 * np.percentile(level, 95)))


def longest_stretch_s(speech: NDArray[np.bool_]) -> float:
    """Seconds of the longest run of speech, pauses up to PAUSE_MAX_S included."""
    at = np.flatnonzero(speech)
    if not len(at):
        return 0.0
    breaks = np.flatnonzero(np.diff(at) > PAUSE_MAX_S / _FRAME_S)
    starts = at[np.concatenate([[0], breaks + 1])]
    ends = at[np.concatenate([breaks, [len(at) - 1]])]
    return float((ends - starts + 1).max() * _FRAME_S)
