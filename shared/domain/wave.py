"""Sound as bytes: WAV in and out, levels, silence, and pieces joined at their times.

Apart, and with the standard library only, because it runs inside a function: 60 s are worked on in a fraction of a
second without numpy. Sound is mono, signed 16 bit, little-endian (`pcm`), unless it says otherwise. Every machine this
runs on is little-endian, so the arrays are read as they lie.
"""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from operator import mul

from shared.domain.errors import Refused
from shared.domain.frozen import frozen

PEAK = 32767
WINDOW_MS = 10
# Quieter than this nobody hears a voice, whatever the recording.
FLOOR_DB = -50.0
# Nor is anything so far below the loudest moments part of the speech.
BELOW_LOUDEST_DB = 35.0
# Soft first and last sounds lie under the threshold: that much is kept around what is over it.
KEPT_BEFORE_MS = 20
KEPT_AFTER_MS = 60
# Long enough against a click, too short to be heard.
FADE_MS = 4
SILENCE_DB = -120.0

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_FLOATS = {4: "f", 8: "d"}


@frozen
class Sound:
    """The first channel of a WAV; the voice model takes the first channel, too. `bits` as the file had them."""

    pcm: bytes
    rate: int
    bits: int

    @property
    def length_ms(self) -> int:
        return duration_ms(self.pcm, self.rate)


@frozen
class _Format:
    tag: int
    channels: int
    rate: int
    frame: int
    bits: int


def read(data: bytes) -> Sound:
    """A RIFF WAV of 8 to 32 bit integers or floats; unknown chunks, wrong sizes and a missing tail are forgiven.

    `Refused("wave.unreadable")` for anything else.
    """
    layout, body = None, None
    for name, chunk in _chunks(data):
        if name == b"fmt " and layout is None:
            layout = _format(chunk)
        elif name == b"data":
            body = chunk
            break
    if layout is None or body is None:
        raise Refused("wave.unreadable", why="no fmt or data chunk")
    body = body[: len(body) - len(body) % layout.frame]
    return Sound(_to_16_bit(body, layout), layout.rate, layout.bits)


def write(pcm: bytes, rate: int) -> bytes:
    """A plain WAV of mono 16 bit pcm."""
    layout = struct.pack("<4sIHHIIHH", b"fmt ", 16, _PCM, 1, rate, rate * 2, 2, 16)
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + len(pcm), b"WAVE") + layout + struct.pack("<4sI", b"data", len(pcm)) + pcm
    )


def duration_ms(pcm: bytes, rate: int) -> int:
    return len(pcm) // 2 * 1000 // rate


def levels(pcm: bytes, rate: int) -> list[float]:
    """Loudness of each 10 ms in dB below full scale, at least -120; a shorter rest counts as a whole window."""
    return [*_levels(pcm, rate)]


def loudest_ms(pcm: bytes, rate: int) -> int:
    """Where the loudest 10 ms begin; 0 for no sound at all."""
    heard = levels(pcm, rate)
    return max(range(len(heard)), key=heard.__getitem__) * WINDOW_MS if heard else 0


def voiced_ms(pcm: bytes, rate: int) -> int:
    """How much of it is clearly louder than silence."""
    heard = levels(pcm, rate)
    threshold = _threshold(heard)
    return sum(level >= threshold for level in heard) * WINDOW_MS


def silences(pcm: bytes, rate: int, least_ms: int) -> list[tuple[int, int]]:
    """From and to, in ms, where it is silent for `least_ms` or longer between sounds."""
    heard = levels(pcm, rate)
    threshold = _threshold(heard)
    over = [place for place, level in enumerate(heard) if level >= threshold]
    gaps = [((before + 1) * WINDOW_MS, after * WINDOW_MS) for before, after in pairwise(over)]
    return [(start, end) for start, end in gaps if end - start >= max(least_ms, WINDOW_MS)]


def trim_silence(pcm: bytes, rate: int) -> tuple[bytes, int]:
    """The sound without the silence around it, and how many ms were taken from its beginning.

    Of sound that is silent throughout nothing is left.
    """
    heard = levels(pcm, rate)
    threshold = _threshold(heard)
    over = [place for place, level in enumerate(heard) if level >= threshold]
    if not over:
        return b"", duration_ms(pcm, rate)
    lead_ms = max(0, over[0] * WINDOW_MS - KEPT_BEFORE_MS)
    end_ms = (over[-1] + 1) * WINDOW_MS + KEPT_AFTER_MS
    return pcm[_offset(lead_ms, rate) : _offset(end_ms, rate)], lead_ms


def resampled(sound: Sound, rate: int) -> bytes:
    """The pcm at another rate, by straight lines between samples: for the odd voice, not for music."""
    samples = _samples(sound.pcm)
    if sound.rate == rate or not samples:
        return sound.pcm
    samples.append(samples[-1])
    made = array("h", bytes(2 * ((len(samples) - 1) * rate // sound.rate)))
    # Every `up`-th new sample lies equally far between two old ones, so that each phase is one pass over two slices.
    shared = math.gcd(rate, sound.rate)
    up, down = rate // shared, sound.rate // shared
    for phase in range(min(up, len(made))):
        whole, part = divmod(phase * down, up)
        pairs = zip(samples[whole:-1:down], samples[whole + 1 :: down], strict=True)
        values = [one + (other - one) * part // up for one, other in pairs]
        made[phase::up] = array("h", values[: len(made[phase::up])])
    return made.tobytes()


def assemble(pieces: Sequence[tuple[int, bytes]], length_ms: int, rate: int) -> bytes:
    """A WAV of `length_ms` with each piece of pcm at its time in ms, its edges faded against clicks.

    A piece that passes the end prolongs the WAV, since words are never cut; where pieces overlap they are added up,
    and held at full scale.
    """
    mix = array("h", bytes(_offset(length_ms, rate)))
    for at_ms, pcm in sorted(pieces, key=lambda piece: piece[0]):
        start = max(0, at_ms) * rate // 1000
        piece = _faded(pcm, rate)
        missing = start + len(piece) - len(mix)
        if missing > 0:
            mix.frombytes(bytes(2 * missing))
        below = mix[start : start + len(piece)]
        if any(below):
            piece = array("h", [max(-PEAK, min(PEAK, one + other)) for one, other in zip(piece, below, strict=True)])
        mix[start : start + len(piece)] = piece
    return write(mix.tobytes(), rate)


# --- reading


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Chunks are even-sized; a stream's header may promise more than there is, or nothing at all."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise Refused("wave.unreadable", why="not RIFF WAVE")
    place = 12
    while place + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, place)
        is_endless = name == b"data" and size in {0, 0xFFFFFFFF}
        yield name, data[place + 8 :] if is_endless else data[place + 8 : place + 8 + size]
        place += 8 + size + size % 2


def _format(chunk: bytes) -> _Format:
    if len(chunk) < 16:
        raise Refused("wave.unreadable", why="fmt chunk too short")
    tag, channels, rate, _, frame, bits = struct.unpack_from("<HHIIHH", chunk)
    if tag == _EXTENSIBLE and len(chunk) >= 26:
        tag = struct.unpack_from("<H", chunk, 24)[0]
    width = frame // channels if channels else 0
    is_known = (tag == _PCM and width in {1, 2, 3, 4}) or (tag == _FLOAT and width in _FLOATS)
    if not is_known or frame != width * channels or not 1000 <= rate <= 768_000:
        raise Refused("wave.unreadable", why=f"format {tag}, {bits} bit, {channels} channels, {rate} Hz")
    return _Format(tag, channels, rate, frame, bits)


def _to_16_bit(body: bytes, layout: _Format) -> bytes:
    """The first channel; of wider integers the two upper bytes."""
    width = layout.frame // layout.channels
    channel = [body[place :: layout.frame] for place in range(width)]
    if layout.tag == _FLOAT:
        return _from_floats(channel, width)
    out = bytearray(2 * len(channel[0]))
    if width == 1:
        # 8 bit samples are unsigned: their upper bit turned over makes them the upper byte of a signed one.
        out[1::2] = channel[0].translate(bytes(value ^ 0x80 for value in range(256)))
    else:
        out[0::2], out[1::2] = channel[width - 2], channel[width - 1]
    return bytes(out)


def _from_floats(channel: Sequence[bytes], width: int) -> bytes:
    joined = bytearray(width * len(channel[0]))
    for place, values in enumerate(channel):
        joined[place::width] = values
    floats = array(_FLOATS[width], bytes(joined))
    # Written so that a NaN becomes full scale rather than an error.
    return array("h", [int(PEAK * max(-1.0, min(1.0, value))) for value in floats]).tobytes()


# --- measuring


def _samples(pcm: bytes) -> array[int]:
    return array("h", pcm[: len(pcm) // 2 * 2])


@lru_cache(maxsize=2)
def _levels(pcm: bytes, rate: int) -> tuple[float, ...]:
    """Kept, for one reading is asked about again and again: its silence, its gaps, its end."""
    samples = _samples(pcm)
    size = max(1, rate * WINDOW_MS // 1000)
    return tuple(_decibels(samples[start : start + size]) for start in range(0, len(samples), size))


def _offset(ms: int, rate: int) -> int:
    """Bytes before that time."""
    return 2 * (ms * rate // 1000)


def _decibels(window: array[int]) -> float:
    power = sum(map(mul, window, window)) / len(window) / (PEAK * PEAK)
    return max(SILENCE_DB, 10 * math.log10(power)) if power else SILENCE_DB


def _threshold(heard: Sequence[float]) -> float:
    """Relative to the loud moments, not to the one loudest: a knock on the table must not silence the rest."""
    loud = sorted(heard)[int(len(heard) * 0.95)] if heard else SILENCE_DB
    return max(FLOOR_DB, loud - BELOW_LOUDEST_DB)


def _faded(pcm: bytes, rate: int) -> array[int]:
    samples = _samples(pcm)
    size = min(rate * FADE_MS // 1000, len(samples) // 2)
    for place in range(size):
        samples[place] = samples[place] * place // size
        samples[-1 - place] = samples[-1 - place] * place // size
    return samples
