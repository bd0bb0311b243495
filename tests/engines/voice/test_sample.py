"""A recording the vendor would refuse is refused with the vendor's code, before any model is loaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from local.engines.contract import RejectionError
from local.engines.voice import enrol, sample
from tests.engines.voice.recordings import SAMPLES, encoded, hum, saved, silence


def refusal(recording: Path) -> tuple[str, str]:
    with pytest.raises(RejectionError) as refused:
        enrol(recording)
    return refused.value.code, refused.value.message


@pytest.mark.parametrize("suffix", ["wav", "mp3", "m4a"])
def test_the_vendors_three_formats_are_taken(tmp_path: Path, suffix: str) -> None:
    recording = encoded(saved(tmp_path / "a.wav", hum(6)), tmp_path / f"sample.{suffix}")

    assert len(sample.load(recording)) == pytest.approx(6 * sample.SAMPLE_RATE, rel=0.02)


def test_only_the_first_channel_is_heard(tmp_path: Path) -> None:
    stereo = np.stack([hum(6), silence(6)], axis=1)
    recording = saved(tmp_path / "sample.wav", stereo)

    assert np.abs(sample.load(recording)).max() == pytest.approx(np.abs(stereo).max(), rel=0.1)


def test_a_file_that_is_no_recording_cannot_be_decoded(tmp_path: Path) -> None:
    (tmp_path / "sample.wav").write_bytes(b"not a recording" * 100)

    assert refusal(tmp_path / "sample.wav") == ("Audio.DecoderError", "Decoder audio file failed.")


@pytest.mark.parametrize("suffix", ["flac", "ogg"])
def test_another_format_cannot_be_decoded(tmp_path: Path, suffix: str) -> None:
    recording = encoded(saved(tmp_path / "a.wav", hum(6)), tmp_path / f"sample.{suffix}")

    assert refusal(recording)[0] == "Audio.DecoderError"


def test_a_playlist_does_not_lead_to_other_files(tmp_path: Path) -> None:
    saved(tmp_path / "secret.wav", hum(6))
    playlist = tmp_path / "sample.wav"
    playlist.write_text(f"ffconcat version 1.0\nfile '{tmp_path / 'secret.wav'}'\n")

    assert refusal(playlist)[0] == "Audio.DecoderError"


def test_more_than_ten_megabytes_are_too_large(tmp_path: Path) -> None:
    recording = tmp_path / "sample.wav"
    recording.write_bytes(bytes(10 * 1024 * 1024 + 1))

    assert refusal(recording) == ("Audio.FileSizeExceed", "File too large")


def test_a_telephone_recording_has_too_low_a_rate(tmp_path: Path) -> None:
    recording = saved(tmp_path / "sample.wav", hum(6, rate=8000), rate=8000)

    assert refusal(recording) == ("Audio.AudioRateError", "File sample rate unsupported")


def test_more_than_a_minute_is_too_long(tmp_path: Path) -> None:
    recording = saved(tmp_path / "sample.wav", hum(61, rate=16000), rate=16000)

    assert refusal(recording)[0] == "Audio.DurationLimitError"


@pytest.mark.parametrize("level", [0.0, 0.002])
def test_silence_and_all_but_silence_are_refused(tmp_path: Path, level: float) -> None:
    recording = saved(tmp_path / "sample.wav", hum(8, level=level))

    assert refusal(recording) == ("Audio.AudioSilentError", "Silent file unsupported.")


def test_noise_without_a_voice_is_refused_as_silent(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 8 * 24000).astype(np.float32)

    assert refusal(saved(tmp_path / "sample.wav", noise))[0] == "Audio.AudioSilentError"


def test_four_seconds_of_speech_are_too_short(tmp_path: Path) -> None:
    recording = saved(tmp_path / "sample.wav", silence(4), hum(4), silence(4))

    assert refusal(recording) == ("Audio.AudioShortError", "valid audio too short!")


def test_two_stretches_of_three_seconds_are_not_continuous(tmp_path: Path) -> None:
    recording = saved(tmp_path / "sample.wav", hum(3), silence(2), hum(3))

    assert refusal(recording)[0] == "Audio.AudioShortError"


def test_a_breath_does_not_break_continuous_speech(tmp_path: Path) -> None:
    recording = saved(tmp_path / "sample.wav", hum(3), silence(0.6), hum(3))

    assert sample.longest_stretch_s(sample.speech_frames(sample.load(recording))) == pytest.approx(6.6, abs=0.1)


@pytest.mark.parametrize("name", ["mother.wav", "father.wav"])
def test_the_samples_of_the_project_are_good_enough(name: str) -> None:
    assert len(sample.load(SAMPLES / name)) > 15 * sample.SAMPLE_RATE
