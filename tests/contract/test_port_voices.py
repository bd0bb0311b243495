"""What every `Voices` promises."""

from __future__ import annotations

import io
import wave

import pytest

from shared.domain.errors import Corrupt, Offline, Refused, Retry
from shared.ports import Bucket, Fate, Objects, Place, Voices
from tests.contract.cloud import Cloud
from tests.toys import toy_wav

MODEL = "cosyvoice-v3.5-plus"
SAMPLE = Place(Bucket.INPUT, "narrators/mum/voice.wav")


@pytest.fixture
def sample_url(objects: Objects) -> str:
    objects.write(SAMPLE, toy_wav(12.0), "audio/wav")
    return objects.share(SAMPLE, 3600)


@pytest.fixture
def voice_id(voices: Voices, sample_url: str, cloud: Cloud) -> str:
    found = voices.enrol(MODEL, "mum01", sample_url, "zh")
    cloud.clock.advance(60)
    return found


def test_a_voice_is_usable_when_its_verdict_says_so(voices: Voices, sample_url: str, cloud: Cloud) -> None:
    voice_id = voices.enrol(MODEL, "mum01", sample_url, "zh")

    assert voices.verdict(voice_id).fate is Fate.RUNNING

    cloud.clock.advance(60)
    assert voices.verdict(voice_id).fate is Fate.SUCCEEDED


def test_a_voice_that_is_turned_down_is_the_familys_to_mend(voices: Voices, sample_url: str, cloud: Cloud) -> None:
    cloud.studio.undeployable_prefixes.add("mum01")
    voice_id = voices.enrol(MODEL, "mum01", sample_url, "zh")
    cloud.clock.advance(60)
    verdict = voices.verdict(voice_id)

    assert verdict.fate is Fate.FAILED
    assert isinstance(verdict.error, Refused)
    assert verdict.error.code == "voice.rejected"


@pytest.mark.parametrize(
    ("sample", "code"),
    [(b"SILENT", "voice.silent"), (b"TOOSHORT", "voice.too_short")],
)
def test_a_bad_sample_is_refused_with_its_reason(voices: Voices, objects: Objects, sample: bytes, code: str) -> None:
    objects.write(SAMPLE, toy_wav(12.0) + sample, "audio/wav")
    with pytest.raises(Refused) as refusal:
        voices.enrol(MODEL, "mum01", objects.share(SAMPLE, 3600), "zh")

    assert refusal.value.code == code


def test_a_sample_that_cannot_be_fetched_is_refused(voices: Voices, objects: Objects) -> None:
    with pytest.raises(Refused) as refusal:
        voices.enrol(MODEL, "mum01", objects.share(SAMPLE, 3600), "zh")

    assert refusal.value.code == "voice.rejected"


@pytest.mark.parametrize("prefix", ["", "Mum", "mum-1", "tencharact", "妈妈"])
def test_a_prefix_the_service_would_not_take_is_our_fault(voices: Voices, sample_url: str, prefix: str) -> None:
    with pytest.raises(Corrupt):
        voices.enrol(MODEL, prefix, sample_url, "zh")
    with pytest.raises(Corrupt):
        voices.enrolled(prefix)


def test_the_voices_of_a_prefix_come_oldest_first(voices: Voices, sample_url: str, cloud: Cloud) -> None:
    ids = []
    for _ in range(12):
        ids.append(voices.enrol(MODEL, "mum01", sample_url, "zh"))
        cloud.clock.advance(2)
    voices.enrol(MODEL, "mum02", sample_url, "zh")
    cloud.clock.advance(2)

    assert [voice.voice_id for voice in voices.enrolled("mum01")] == ids


def test_a_deleted_voice_is_gone_and_may_be_deleted_again(voices: Voices, voice_id: str) -> None:
    voices.delete(voice_id)
    voices.delete(voice_id)

    assert voices.enrolled("mum01") == []
    assert voices.verdict(voice_id).fate is Fate.FORGOTTEN


def test_speech_is_a_mono_wav_of_16_bits(voices: Voices, voice_id: str) -> None:
    spoken = voices.speak(MODEL, voice_id, "从前有只狐狸。", rate=1.0, seed=7)
    with wave.open(io.BytesIO(spoken.wav)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)
        assert sound.getnframes() > 0


def test_a_chinese_character_is_billed_twice(voices: Voices, voice_id: str) -> None:
    assert voices.speak(MODEL, voice_id, "狐狸ab。", rate=1.0, seed=7).characters == 7


def test_a_faster_rate_gives_a_shorter_sound(voices: Voices, voice_id: str, cloud: Cloud) -> None:
    slow = voices.speak(MODEL, voice_id, "从前有只狐狸。", rate=0.5, seed=7)
    cloud.clock.advance(2)
    fast = voices.speak(MODEL, voice_id, "从前有只狐狸。", rate=2.0, seed=7)

    assert len(fast.wav) < len(slow.wav)


@pytest.mark.parametrize(
    ("text", "rate", "seed"),
    [("", 1.0, 0), (" \n", 1.0, 0), ("a", 0.49, 0), ("a", 2.01, 0), ("a", 1.0, -1), ("a", 1.0, 65_536)],
)
def test_what_cannot_be_spoken_is_never_asked_for(
    voices: Voices, voice_id: str, text: str, rate: float, seed: int, cloud: Cloud
) -> None:
    with pytest.raises(Corrupt) as fault:
        voices.speak(MODEL, voice_id, text, rate=rate, seed=seed)

    assert fault.value.code == "internal"
    assert cloud.account.count("model_studio")["tts"] == 0


def test_a_voice_of_another_model_is_our_fault(voices: Voices, voice_id: str) -> None:
    with pytest.raises(Corrupt) as fault:
        voices.speak("cosyvoice-v2", voice_id, "狐狸", rate=1.0, seed=0)

    assert (fault.value.code, fault.value.fields["vendor_code"]) == ("vendor.rejected", "InvalidParameter")


def test_a_model_that_is_switched_off_says_so(voices: Voices, voice_id: str, cloud: Cloud) -> None:
    cloud.studio.offline_models.add(MODEL)
    with pytest.raises(Offline) as fault:
        voices.speak(MODEL, voice_id, "狐狸", rate=1.0, seed=0)

    assert (fault.value.code, fault.value.fields["model"]) == ("engine.offline", MODEL)


def test_too_many_calls_in_a_second_are_tried_again(voices: Voices, voice_id: str) -> None:
    def many() -> None:
        for _ in range(6):
            voices.speak(MODEL, voice_id, "狐狸", rate=1.0, seed=0)

    with pytest.raises(Retry) as fault:
        many()

    assert (fault.value.code, fault.value.after_s) == ("vendor.busy", 2)
