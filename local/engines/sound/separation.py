"""Take the sound of a film apart into voice and music, block by block: an hour needs no more memory than a minute."""

from __future__ import annotations

import tempfile
import wave
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from local.engines import weights
from local.engines.contract import Progress, RejectionError, Separation, no_progress
from local.engines.sound import spectrum
from local.engines.sound.decode import DecodeError, decode, probe
from local.engines.sound.loudness import Meter
from local.engines.sound.wiener import placed
from local.engines.weights import Model, Once

SAMPLE_RATE = 44100  # the nets were trained at it
STEMS = ("vocals", "accompaniment")

# What the nets leave over of a voice alone lies 28 to 48 LU below that voice (measured on five recordings). Music that
# comes out below this line was mixed some 20 LU under the voice and is hardly heard in the film.
MUSIC_BELOW_VOICE_LU = 24.0
MUSIC_MIN_LUFS = -60.0

# How a bin is shared by what the nets hear in it. Their authors share by powers, 2; between that and magnitudes both
# halves come out cleaner. What is heard of the voice counts a half more: a bin in doubt had better be silent than
# speak with the old narrator's voice in the music. Together 0.7 dB less of a noisy voice is left there (measured).
SHARED_BY, VOICE_FIRST = 1.5, 1.5

_FRAMES, _BINS = 512, 1024  # what the nets see at a time; bins above 11 kHz they never see
_MARGIN = 32  # frames at both ends of a block that only give the nets their surroundings
_CORE = _FRAMES - 2 * _MARGIN
_STEP = _CORE * spectrum.HOP
_BLOCK = (_FRAMES - 1) * spectrum.HOP + spectrum.WINDOW
_LEAD = _MARGIN * spectrum.HOP + spectrum.OVERLAP  # silence put before the sound, for the margin and the first windows

Frames = NDArray[np.float32]


def separate(film: Path, folder: Path, progress: Progress = no_progress) -> Separation:
    """Write `voice.wav` and, where there is music, `music.wav` (44.1 kHz stereo) into `folder`.

    Raises RejectionError(`InvalidParameter`) for a file without sound that can be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    voice, music = folder / "voice.wav", folder / "music.wav"
    loudness = {voice: Meter(SAMPLE_RATE), music: Meter(SAMPLE_RATE)}
    try:
        expected = max(1.0, probe(film).duration_s * SAMPLE_RATE)
        done = 0
        with ExitStack() as files:
            outputs = {path: files.enter_context(_wav(path)) for path in loudness}
            for mix, accompaniment in _separated(decode(film, SAMPLE_RATE, channels=2)):
                for path, frames in ((voice, mix - accompaniment), (music, accompaniment)):
                    loudness[path].hear(frames)
                    outputs[path].writeframesraw(_pcm(frames))
                done += len(mix)
                progress(min(1.0, done / expected))
    except DecodeError as cause:
        raise RejectionError("InvalidParameter", f"The audio of the input file cannot be read. {cause}") from cause
    progress(1.0)  # the file may have promised more than it held
    if not has_music(loudness[music].integrated(), loudness[voice].integrated()):
        music.unlink()
        return Separation(voice, None)
    return Separation(voice, music)


def voice_alone(media: Path, sample_rate: int, progress: Progress = no_progress) -> NDArray[np.float32]:
    """The voice of a film without its music, mono samples: what a recogniser hears best. Raises as `separate` does."""
    with tempfile.TemporaryDirectory(prefix="voice-") as folder:
        halves = separate(media, Path(folder), progress)
        return np.concatenate([block.ravel() for block in decode(halves.voice, sample_rate, channels=1)])


def has_music(music_lufs: float, voice_lufs: float) -> bool:
    """Whether the accompaniment is more than what the nets leave over of a voice alone."""
    return music_lufs > max(MUSIC_MIN_LUFS, voice_lufs - MUSIC_BELOW_VOICE_LU)


def _separated(source: Iterator[Frames]) -> Iterator[tuple[Frames, Frames]]:
    """Mix and accompaniment, in step, from the first sample to the last."""
    tail = np.zeros((spectrum.OVERLAP, 2), np.float32)
    for block, wanted in _blocks(source):
        bins = spectrum.forward(block)
        accompaniment = placed(bins, _share_of_music(np.abs(bins)))
        music = spectrum.backward(accompaniment[:, _MARGIN:-_MARGIN])
        music[: spectrum.OVERLAP] += tail
        tail = music[_STEP:]
        mix = block[_MARGIN * spectrum.HOP :]
        yield mix[wanted], music[wanted]


def _blocks(source: Iterator[Frames]) -> Iterator[tuple[Frames, slice]]:
    """Blocks a step apart with silence before and after the sound, and the part of each core that is sound."""
    buffer = np.zeros((_LEAD, 2), np.float32)
    heard, at = 0, -spectrum.OVERLAP
    for frames in source:
        heard += len(frames)
        buffer = np.concatenate([buffer, frames])
        while len(buffer) >= _BLOCK:
            yield buffer[:_BLOCK], slice(max(0, -at), _STEP)
            buffer, at = buffer[_STEP:], at + _STEP
    while at < heard:
        padded = np.pad(buffer, ((0, max(0, _BLOCK - len(buffer))), (0, 0)))
        yield padded[:_BLOCK], slice(max(0, -at), min(_STEP, heard - at))
        buffer, at = padded[_STEP:], at + _STEP


def _share_of_music(magnitudes: NDArray[np.float32]) -> NDArray[np.float32]:
    """For each bin of each frame the accompaniment's part of the power, 0 to 1."""
    known = magnitudes[None, :, :, :_BINS]
    vocals, accompaniment = (net.run(["stem"], {"spectrum": known})[0][0] for net in _nets())
    against, share = (VOICE_FIRST * vocals) ** SHARED_BY + 5e-11, accompaniment**SHARED_BY + 5e-11
    share /= against + share
    above = np.repeat(share[:, :, -64:].mean(axis=2, keepdims=True), magnitudes.shape[2] - _BINS, axis=2)
    return np.concatenate([share, above], axis=2)


@contextmanager
def _wav(path: Path) -> Iterator[wave.Wave_write]:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        yield file


def _pcm(frames: Frames) -> bytes:
    return np.clip(np.round(frames * 32767), -32768, 32767).astype("<i2").tobytes()


def _load_nets() -> tuple[Model, ...]:
    def build(stem: str, path: Path) -> None:
        # Imported here: the onnx package is only needed where the cache is still empty.
        from local.engines.sound import checkpoint, unet  # noqa: PLC0415 - see above

        unet.write(checkpoint.variables(*weights.spleeter()), stem, path)

    name = f"spleeter-{weights.SPLEETER_SHA256['model.data-00000-of-00001'][:8]}-1"
    return tuple(Model(weights.cached(f"{name}-{stem}.onnx", partial(build, stem))) for stem in STEMS)


_nets = Once(_load_nets)
