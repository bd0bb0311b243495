"""A voice is enrolled and speaks: the whole engine, on real models."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from local.engines.contract import Speech, SpeechStyle
from local.engines.sound.loudness import integrated
from local.engines.sound.resample import resample
from local.engines.voice import enrol, kokoro, pitch, sample, speak, speaker
from local.engines.voice.accents import accent_of
from local.engines.voice.language import units
from local.engines.voice.profile import Accent, Profile
from local.engines.voice.speaking import LOUDNESS_LUFS
from tests.engines.voice.recordings import SAMPLES

pytestmark = pytest.mark.media

CHINESE = "从前，有一只小狐狸，住在森林里。"


def samples(speech: Speech) -> sample.Samples:
    return np.asarray(np.frombuffer(speech.pcm, "<i2") / 32768, np.float32)


def seconds(speech: Speech) -> float:
    return len(samples(speech)) / speech.sample_rate


def identity(speech: Speech) -> speaker.Embedding:
    return speaker.embedding(resample(samples(speech), speech.sample_rate, speaker.SAMPLE_RATE))


def median_f0(sound: sample.Samples, rate: int) -> float:
    return float(np.median(pitch.voiced_f0(resample(sound, rate, pitch.SAMPLE_RATE))))


def centre_hz(sound: sample.Samples) -> float:
    """Where the middle of the spectrum lies."""
    power = np.abs(np.fft.rfft(sound)) ** 2
    hz = np.fft.rfftfreq(len(sound), 1 / kokoro.SAMPLE_RATE)
    speech = (hz > 300) & (hz < 4000)
    return float((hz * power)[speech].sum() / power[speech].sum())


@pytest.fixture(scope="module")
def held_out() -> speaker.Embedding:
    """The part of the mother's recording that the voice is not enrolled from."""
    later = sample.load(SAMPLES / "mother.wav")[round(10.5 * sample.SAMPLE_RATE) :]
    return speaker.embedding(resample(later, sample.SAMPLE_RATE, speaker.SAMPLE_RATE))


@pytest.fixture(scope="module")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first ten seconds of the mother's recording."""
    first = sample.load(SAMPLES / "mother.wav")[: round(10.5 * sample.SAMPLE_RATE)]
    recording: Path = tmp_path_factory.mktemp("samples") / "mother.wav"
    soundfile.write(recording, first, sample.SAMPLE_RATE)
    return recording


@pytest.fixture(scope="module")
def mother(beginning: Path) -> bytes:
    return enrol(beginning)


def test_a_recording_that_was_enrolled_is_known_wherever_it_lies(
    mother: bytes, beginning: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "again.wav"
    shutil.copy(beginning, elsewhere)

    assert enrol(elsewhere) is mother


@pytest.fixture(scope="module")
def chinese(mother: bytes) -> Speech:
    return speak(mother, CHINESE, SpeechStyle())


def test_the_voice_is_nearer_to_the_mother_than_the_stock_voice_is(
    mother: bytes, held_out: speaker.Embedding, chinese: Speech
) -> None:
    stock = Accent("zf_xiaobei", 1.0, (0.0,) * 40)
    nobody = Profile(230.0, {"zf_xiaobei": 1.0}, {"zh": stock, "en": stock}).to_bytes()

    ours = float(held_out @ identity(chinese))
    theirs = float(held_out @ identity(speak(nobody, CHINESE, SpeechStyle())))

    assert ours > theirs + 0.08


def test_the_voice_has_the_mothers_pitch(mother: bytes, chinese: Speech) -> None:
    assert median_f0(samples(chinese), chinese.sample_rate) == pytest.approx(Profile.from_bytes(mother).f0_hz, rel=0.12)


def test_formants_move_while_pitch_and_pace_stay() -> None:
    line = kokoro.tokens("".join(unit.phonemes for unit in units(CHINESE)))
    usual, large = (
        kokoro.say(line, kokoro.Tone({"zf_xiaobei": 1.0}, "zf_xiaobei", formants=formants)) for formants in (1.0, 0.91)
    )

    assert centre_hz(large.samples) < 0.97 * centre_hz(usual.samples)
    # whole frames a phoneme: the pace is kept as far as the model can
    assert large.lengths.sum() == pytest.approx(usual.lengths.sum(), rel=0.08)
    assert len(large.samples) == pytest.approx(len(usual.samples), rel=0.08)
    assert median_f0(large.samples, kokoro.SAMPLE_RATE) == pytest.approx(
        median_f0(usual.samples, kokoro.SAMPLE_RATE), rel=0.03
    )


def test_chinese_speech_is_trimmed_levelled_and_timed(chinese: Speech) -> None:
    spoken = samples(chinese)
    loud = np.flatnonzero(np.abs(spoken) > 0.02)

    assert chinese.sample_rate == 22050
    assert 2.5 < seconds(chinese) < 5
    assert integrated(spoken, 22050) == pytest.approx(LOUDNESS_LUFS, abs=0.5)
    assert loud[0] < 0.1 * 22050
    assert loud[-1] > len(spoken) - 0.1 * 22050
    assert "".join(word.text for word in chinese.words) == "从前有一只小狐狸住在森林里"
    moments = [moment for word in chinese.words for moment in (word.start_s, word.end_s)]
    assert moments == sorted(moments)
    assert 0 <= moments[0] < 0.1
    assert seconds(chinese) - 0.2 < moments[-1] <= seconds(chinese)


def test_the_same_words_sound_the_same_every_time(mother: bytes, chinese: Speech) -> None:
    assert speak(mother, CHINESE, SpeechStyle(seed=7)) == chinese


def test_the_accent_of_another_language_is_found_when_it_is_spoken(mother: bytes) -> None:
    assert Profile.from_bytes(mother).accents.keys() == {"zh"}

    found = accent_of(mother, "en")

    assert found.melody == "af_heart"
    assert accent_of(mother, "en") is found


def test_an_english_line_at_a_given_rate_and_sample_rate(mother: bytes) -> None:
    line = "The little bear opened the window and saw the snow."

    usual = speak(mother, line, SpeechStyle(sample_rate=48000))
    quick = speak(mother, line, SpeechStyle(rate=1.25))

    assert [word.text for word in usual.words] == line.removesuffix(".").split()
    assert usual.sample_rate == 48000
    assert seconds(quick) == pytest.approx(seconds(usual) / 1.25, rel=0.07)


def test_a_mixed_line_in_ssml_has_its_pause_and_both_languages(mother: bytes) -> None:
    speech = speak(mother, "<speak>我叫Tom<break time='700ms'/>你呢？</speak>", SpeechStyle(ssml=True, volume=20))

    assert [word.text for word in speech.words] == ["我", "叫", "Tom", "你", "呢"]
    assert speech.words[3].start_s - speech.words[2].end_s == pytest.approx(0.72, abs=0.1)
    assert integrated(samples(speech), 22050) == pytest.approx(LOUDNESS_LUFS - 8, abs=0.5)
