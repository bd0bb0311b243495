"""How well voice and music come apart, how fast, and how loud a finished film is; beside what plain means reach.

A real voice is laid over music of equal power, which is louder music than a story has. Recordings put into
`<work>/parents` and `<work>/music` are tried too.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from bench.media.rows import Row, at_least, at_most, peer
from local.engines import ffmpeg
from local.engines.contract import SpeechStyle
from local.engines.film import render
from local.engines.sound import separate
from local.engines.sound.decode import decode
from local.engines.sound.levelling import true_peak_db
from local.engines.sound.loudness import integrated
from local.engines.sound.separation import SAMPLE_RATE
from local.engines.voice import enrol, speak
from local.samples.story.schedule import schedule
from local.samples.story.soundtrack import MUSIC_GAIN, compose
from local.samples.story.text import LINES
from shared.domain.timeline import Bed, FilmTrack, SpeechTrack, compose_timeline

SAMPLES = Path(__file__).resolve().parents[2] / "local" / "samples"
AUDIBLE = 0.01  # where the voice counts as speaking
SPEECH_HZ = 24_000
MIX_LUFS, MIX_TRUE_PEAK_DB = -16.0, -1.0  # of the finished film

Frames = NDArray[np.float32]


def measure(work: Path) -> list[Row]:
    """Rows for each voice over each music, for voices alone, and for a film rendered with speech and music."""
    rows: list[Row] = []
    voices = [SAMPLES / "mother.wav", SAMPLES / "father.wav", *sorted((work / "parents").glob("*.wav"))]
    for path in voices:
        voice = _frames(path)
        for name, music in _musics(work, len(voice)):
            rows += _apart(f"{path.stem} over {name}", voice, music, work)
        rows += _alone(path, work)
    return rows + list(_film(work))


def _musics(work: Path, length: int) -> Iterator[tuple[str, Frames]]:
    yield "the story's music", compose(length / SAMPLE_RATE)[:length]
    for path in sorted((work / "music").glob("*.wav")):
        yield path.stem, np.resize(_frames(path), (length, 2))


def _apart(what: str, voice: Frames, music: Frames, work: Path) -> Iterator[Row]:
    length = min(len(voice), len(music))
    voice, music = voice[:length], music[:length]
    music = music * np.sqrt((voice**2).mean() / (music**2).mean())
    mix = voice + music
    soundfile.write(work / "mix.wav", mix, SAMPLE_RATE, subtype="FLOAT")
    started = time.perf_counter()
    found = separate(work / "mix.wav", work / "apart")
    took_s = time.perf_counter() - started
    heard = np.zeros_like(music) if found.music is None else _frames(found.music)
    better_db = si_sdr_db(heard, music) - si_sdr_db(mix, music)
    yield at_least("sound", f"{what}: music stands out more than in the mix by", better_db, 10, "dB")
    yield at_most("sound", f"{what}: voice left in the music", left_db(heard, music, voice), -14, "dB")
    yield peer(
        "sound",
        f"{what}: voice stands out more than in the mix by",
        si_sdr_db(_frames(found.voice), voice) - si_sdr_db(mix, voice),
        "dB",
    )
    yield peer(
        "sound",
        f"{what}: centre taken out, music stands out more by",
        si_sdr_db(_without_centre(mix), music) - si_sdr_db(mix, music),
        "dB",
    )
    yield peer("sound", f"{what}: time a second takes", took_s / (length / SAMPLE_RATE), "s")


def _alone(path: Path, work: Path) -> Iterator[Row]:
    """A voice without music must not be said to have any."""
    found = separate(path, work / "alone")
    yield at_most("sound", f"{path.stem} alone: music found", float(found.music is not None), 0, "")


def _film(work: Path) -> Iterator[Row]:
    """The story's lines in the mother's voice over its music, composed and rendered as a story is."""
    voice = enrol(SAMPLES / "mother.wav")
    spoken = [speak(voice, line.chinese, SpeechStyle(sample_rate=SPEECH_HZ)).pcm for line in LINES]
    captions, length_s = schedule([len(pcm) / 2 / SPEECH_HZ for pcm in spoken])
    narration = np.zeros(round(length_s * SPEECH_HZ), np.int16)
    for caption, pcm in zip(captions, spoken, strict=True):
        samples = np.frombuffer(pcm, np.int16)
        first = round(caption.start_s * SPEECH_HZ)
        narration[first : first + len(samples)] = samples
    soundfile.write(work / "narration.wav", narration, SPEECH_HZ)
    soundfile.write(work / "bed.wav", compose(length_s) * MUSIC_GAIN, SAMPLE_RATE)
    ffmpeg.run(
        ["-f", "lavfi", "-i", f"color=s=256x144:r=25:d={length_s}", "-preset", "ultrafast", str(work / "film.mp4")]
    )
    length_ms = round(length_s * 1000)
    timeline = compose_timeline(
        FilmTrack("film.mp4", 256, 144, length_ms),
        [SpeechTrack("narration.wav", 0, length_ms)],
        [],
        beds=[Bed("bed.wav", length_ms)],
    )
    render(timeline, {"MediaURL": "story.mp4"}, lambda url: work / url, work / "story.mp4")
    story = _frames(work / "story.mp4")
    loudness = integrated(story, SAMPLE_RATE)
    yield peer("sound", "a finished film: loudness", loudness, "LUFS")
    yield at_most("sound", "a finished film: away from the target of -16 LUFS", abs(loudness - MIX_LUFS), 1, "LU")
    yield at_most("sound", "a finished film: true peak", true_peak_db(story), MIX_TRUE_PEAK_DB, "dBTP")


def si_sdr_db(found: Frames, wanted: Frames) -> float:
    """How far the wanted sound stands out of everything else, whatever its level (scale-invariant SDR)."""
    found, wanted = found - found.mean(), wanted - wanted.mean()
    share = (found * wanted).sum() / (wanted**2).sum()
    return float(10 * np.log10(((share * wanted) ** 2).sum() / (((found - share * wanted) ** 2).sum() + 1e-12) + 1e-12))


def left_db(found: Frames, music: Frames, voice: Frames) -> float:
    """All that is in the music and should not be, while the voice speaks, against that voice."""
    speaking = np.abs(voice).mean(axis=1) > AUDIBLE
    return float(10 * np.log10(((found - music)[speaking] ** 2).mean() / (voice[speaking] ** 2).mean() + 1e-12))


def _without_centre(mix: Frames) -> Frames:
    """The old way: what both ears hear alike is taken for the voice."""
    side = (mix[:, 0] - mix[:, 1]) / 2
    return np.stack([side, -side], axis=1)


def _frames(path: Path) -> Frames:
    return np.concatenate(list(decode(path, SAMPLE_RATE, channels=2)))
