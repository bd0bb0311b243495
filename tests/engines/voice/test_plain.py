"""Without Kokoro's weights espeak-ng speaks, and where that is not installed either both are named."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

import numpy as np
import pytest

from local.engines.contract import RejectionError, Speech, SpeechStyle
from local.engines.sound.loudness import integrated
from local.engines.sound.resample import resample
from local.engines.voice import enrol, espeak, kokoro, pitch, sample, speak
from local.engines.voice.envelope import BANDS_HZ
from local.engines.voice.profile import Accent, Profile
from local.engines.voice.speaking import LOUDNESS_LUFS
from local.engines.weights import Model, Once, WeightsError, packaged
from tests.engines.voice.recordings import SAMPLES

CHINESE = "从前，有一只小狐狸，住在森林里。"

needs_espeak = pytest.mark.skipif(not espeak.is_installed(), reason="the program espeak-ng is not installed")


def missing() -> Model:
    packaged("no-kokoro-here", "part.bin")
    raise AssertionError("a package of that name is installed")


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The father's, as a file that nobody enrolled yet, on a machine without Kokoro's weights."""
    monkeypatch.setattr(kokoro, "_speech_model", Once(missing))
    path = tmp_path / "father.wav"
    mark = hashlib.sha256(str(tmp_path).encode()).digest()
    path.write_bytes((SAMPLES / "father.wav").read_bytes() + b"note" + len(mark).to_bytes(4, "little") + mark)
    return path


def samples(speech: Speech) -> sample.Samples:
    return np.asarray(np.frombuffer(speech.pcm, "<i2") / 32768, np.float32)


def length_s(speech: Speech) -> float:
    return len(samples(speech)) / speech.sample_rate


def median_f0(speech: Speech) -> float:
    heard = resample(samples(speech), speech.sample_rate, pitch.SAMPLE_RATE)
    return float(np.median(pitch.voiced_f0(heard)))


@needs_espeak
def test_a_voice_is_enrolled_and_the_log_says_what_speaks(recording: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        profile = Profile.from_bytes(enrol(recording))

    assert profile.is_plain
    assert "no-kokoro-here is not installed" in caplog.text
    assert "espeak-ng speaks instead" in caplog.text


@needs_espeak
@pytest.mark.parametrize(("text", "words"), [(CHINESE, "从前有一只小狐狸住在森林里"), ("One night, a star fell.", "")])
def test_it_speaks_at_the_parents_pitch_and_the_usual_loudness(recording: Path, text: str, words: str) -> None:
    profile = enrol(recording)

    speech = speak(profile, text, SpeechStyle())

    assert median_f0(speech) == pytest.approx(Profile.from_bytes(profile).f0_hz, rel=0.15)
    assert integrated(samples(speech), speech.sample_rate) == pytest.approx(LOUDNESS_LUFS, abs=0.5)
    assert "".join(word.text for word in speech.words) == (words or "Onenight,astarfell.")
    assert 0 <= speech.words[0].start_s < speech.words[-1].end_s <= length_s(speech)
    assert speak(profile, text, SpeechStyle()) == speech


@needs_espeak
@pytest.mark.parametrize("text", [CHINESE, "At the edge of the forest lived a little fox who loved the stars."])
@pytest.mark.parametrize("rate", [0.8, 1.25])
def test_a_rate_is_kept_within_a_tenth(recording: Path, text: str, rate: float) -> None:
    profile = enrol(recording)

    usual, changed = (speak(profile, text, SpeechStyle(rate=one)) for one in (1.0, rate))

    assert length_s(usual) / length_s(changed) == pytest.approx(rate, rel=0.1)


@needs_espeak
def test_pinyin_that_is_wanted_is_spoken_and_pauses_are_kept(recording: Path) -> None:
    profile = enrol(recording)

    def spoken(ssml: str) -> bytes:
        return speak(profile, ssml, SpeechStyle(ssml=True)).pcm

    assert spoken('<speak><phoneme alphabet="py" ph="zhong4">重</phoneme></speak>') == spoken("<speak>众</speak>")
    assert len(spoken('<speak>重<break time="1s"/>山</speak>')) > len(spoken("<speak>重山</speak>")) + 22050


@needs_espeak
def test_both_languages_of_a_line_are_read_by_voices_of_their_own(recording: Path) -> None:
    speech = speak(enrol(recording), "小星星说 good night", SpeechStyle())

    assert [word.text for word in speech.words] == ["小", "星", "星", "说", "good", "night"]


@needs_espeak
def test_a_text_without_a_sound_is_refused(recording: Path) -> None:
    with pytest.raises(RejectionError) as refusal:
        speak(enrol(recording), "……", SpeechStyle())

    assert refusal.value.code == "InvalidParameter"


@pytest.mark.parametrize("text", ["-v", "--version"])
@needs_espeak
def test_a_text_is_never_an_option(text: str) -> None:
    assert espeak.say(f"{text} one two three", "en-us").size > kokoro.SAMPLE_RATE // 2


def test_without_either_both_are_named(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "PROGRAM", "no-espeak-here")

    with pytest.raises(WeightsError, match=r"no-kokoro-here is not installed.*; no-espeak-here would speak"):
        enrol(recording)


def test_a_voice_of_a_program_that_is_gone_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "PROGRAM", "no-espeak-here")
    accent = Accent("cmn-latn-pinyin", 1.0, (0.0,) * len(BANDS_HZ))
    plain = Profile(100.0, {}, {"zh": accent, "en": accent})

    with pytest.raises(WeightsError, match="the program no-espeak-here is not installed"):
        speak(plain.to_bytes(), CHINESE, SpeechStyle())
