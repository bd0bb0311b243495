"""Voice and music taken apart."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from local.engines.contract import RejectionError
from local.engines.sound import separate, voice_alone
from local.engines.sound.decode import decode
from local.engines.sound.separation import SAMPLE_RATE, has_music

SAMPLES = Path(__file__).resolve().parents[3] / "local" / "samples"
Frames = NDArray[np.float32]


def film(path: Path, *inputs: str) -> Path:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *inputs, "-shortest", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)  # noqa: S603 - an argument list of our own
    return path


def sound(path: Path) -> Frames:
    return np.concatenate(list(decode(path, SAMPLE_RATE, channels=2)))


def music_box(samples: int) -> Frames:
    """Plucked notes of a pentatonic scale, with overtones, slightly apart in both ears."""
    rng = np.random.default_rng(1)
    heard = np.zeros(samples)
    for start in range(0, samples, round(0.4 * SAMPLE_RATE)):
        moments = np.arange(min(samples - start, round(1.6 * SAMPLE_RATE))) / SAMPLE_RATE
        hz = 220 * 2 ** (rng.choice([0, 2, 4, 7, 9, 12]) / 12)
        note = sum(np.sin(2 * np.pi * hz * k * moments) / k**1.5 for k in (1, 2, 3))
        heard[start : start + len(moments)] += np.exp(-3 * moments) * note
    heard *= 0.3 / np.abs(heard).max()
    return np.stack([heard, np.roll(heard, 300)], axis=1).astype(np.float32)


def si_sdr_db(found: Frames, wanted: Frames) -> float:
    """How far the wanted sound stands out of everything else, whatever its level."""
    share = (found * wanted).sum() / (wanted**2).sum()
    return float(10 * np.log10(((share * wanted) ** 2).sum() / ((found - share * wanted) ** 2).sum()))


@pytest.mark.parametrize(
    ("music_lufs", "voice_lufs", "kept"),
    [(-30.0, -18.0, True), (-46.0, -18.0, False), (-58.0, -70.0, True), (-65.0, -70.0, False), (-70.0, -70.0, False)],
)
def test_music_is_kept_when_it_is_more_than_a_rest_of_the_voice(
    music_lufs: float, voice_lufs: float, kept: bool
) -> None:
    assert has_music(music_lufs, voice_lufs) is kept


def test_a_film_without_sound_is_refused(tmp_path: Path) -> None:
    silent = film(tmp_path / "film.mp4", "-f", "lavfi", "-i", "color=size=64x64:duration=1")

    with pytest.raises(RejectionError) as refused:
        separate(silent, tmp_path / "out")

    assert refused.value.code == "InvalidParameter"


def test_what_is_no_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"no film" * 1000)

    with pytest.raises(RejectionError) as refused:
        separate(tmp_path / "film.mp4", tmp_path / "out")

    assert refused.value.code == "InvalidParameter"


@pytest.mark.media
def test_music_and_voice_of_a_film_come_apart(tmp_path: Path) -> None:
    voice = sound(SAMPLES / "mother.wav")
    voice *= 0.5 / np.abs(voice).max()
    music = music_box(len(voice))
    mix = voice + music
    soundfile.write(tmp_path / "mix.wav", mix, SAMPLE_RATE, subtype="FLOAT")
    picture = ("-f", "lavfi", "-i", "color=size=64x64:duration=60", "-i", str(tmp_path / "mix.wav"))
    told: list[float] = []

    found = separate(film(tmp_path / "film.mov", *picture, "-c:a", "pcm_s16le"), tmp_path / "out", told.append)

    assert found.music is not None
    voice_found, music_found = sound(found.voice), sound(found.music)
    assert len(voice_found) == len(music_found) == len(mix)
    assert si_sdr_db(music_found, music) > si_sdr_db(mix, music) + 9
    assert si_sdr_db(voice_found, voice) > si_sdr_db(mix, voice) + 9
    assert told == sorted(told)
    assert told[-1] == 1


@pytest.mark.media
@pytest.mark.parametrize("name", ["mother.wav", "father.wav"])
def test_a_voice_alone_has_no_music(tmp_path: Path, name: str) -> None:
    found = separate(SAMPLES / name, tmp_path / "out")

    assert found.music is None
    assert not (tmp_path / "out" / "music.wav").exists()
    assert si_sdr_db(sound(found.voice), sound(SAMPLES / name)) > 20


@pytest.mark.media
def test_a_recogniser_gets_the_voice_without_the_music(tmp_path: Path) -> None:
    voice = sound(SAMPLES / "mother.wav")[: 6 * SAMPLE_RATE]
    voice *= 0.5 / np.abs(voice).max()
    soundfile.write(tmp_path / "voice.wav", voice, SAMPLE_RATE)
    soundfile.write(tmp_path / "mix.wav", voice + music_box(len(voice)), SAMPLE_RATE)

    alone = voice_alone(tmp_path / "mix.wav", 16_000)

    wanted = np.concatenate(list(decode(tmp_path / "voice.wav", 16_000, channels=1))).ravel()
    assert len(alone) == len(wanted)
    assert si_sdr_db(alone, wanted) > 9
