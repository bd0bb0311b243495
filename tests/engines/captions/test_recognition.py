"""What was heard becomes sentences with the times of the speech they were heard in."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from local.engines import ffmpeg
from local.engines.captions import recognise
from local.engines.captions.recognition import is_alone, sentences, unavailable
from local.engines.captions.speech import RATE, Region
from local.engines.captions.whisper import Token
from local.engines.contract import Caption, RejectionError
from local.engines.weights import WeightsError

SAMPLES = Path(__file__).resolve().parents[3] / "local" / "samples"
FIRST, SECOND = Region(1.0, 3.0), Region(5.0, 7.0)
WANTS_RECOGNISER = "speech recognition is not installed: make install-asr"

has_recogniser = importlib.util.find_spec("ctranslate2") is not None


def tokens(*pieces: tuple[str | bytes, float], start_s: float = 1.0) -> list[Token]:
    """Pieces of text with their ends, each beginning where the last one ended."""
    found = []
    for text, end_s in pieces:
        found.append(Token(text if isinstance(text, bytes) else text.encode(), start_s, end_s))
        start_s = end_s
    return found


def test_each_stretch_of_speech_is_a_sentence_at_its_time() -> None:
    heard = tokens(("月亮", 2.0), ("出来了", 3.0), ("。", 3.1), ("晚", 5.5), ("安", 6.0), ("。", 7.0))

    assert sentences(heard, [FIRST, SECOND]) == [Caption(1.0, 3.0, "月亮出来了。"), Caption(5.0, 7.0, "晚安。")]


def test_the_first_word_after_a_pause_goes_to_what_follows_though_it_seems_to_begin_before() -> None:
    heard = tokens((" Good", 2.0), (" night", 3.0), (" moon", 5.6), (" said", 6.0))

    assert [one.text for one in sentences(heard, [FIRST, SECOND])] == ["Good night", "moon said"]


def test_marks_stay_with_the_words_before_them_whenever_they_seem_to_be_said() -> None:
    heard = tokens(("月亮", 3.0), ("！", 5.5), ("晚安", 6.5))

    assert [one.text for one in sentences(heard, [FIRST, SECOND])] == ["月亮！", "晚安"]


def test_a_character_spread_over_several_tokens_stays_whole() -> None:
    moon = "月".encode()
    heard = tokens(("好", 2.0), (moon[:1], 5.4), (moon[1:], 5.5), ("亮", 6.0))

    assert [one.text for one in sentences(heard, [FIRST, SECOND])] == ["好", "月亮"]


def test_time_does_not_go_back() -> None:
    heard = [*tokens(("晚", 5.5), ("安", 6.0), start_s=5.0), Token("月".encode(), 2.0, 2.2)]

    assert [one.text for one in sentences(heard, [FIRST, SECOND])] == ["晚安月"]


def test_a_full_stop_in_the_middle_of_speech_begins_a_new_sentence() -> None:
    heard = tokens((" It rained", 3.0), (".", 3.2), (" We", 3.5), (" stayed", 5.0), (".", 5.1))

    assert sentences(heard, [Region(1.0, 5.2)]) == [Caption(1.0, 3.2, "It rained."), Caption(3.2, 5.2, "We stayed.")]


def test_a_short_word_with_a_full_stop_is_no_sentence() -> None:
    heard = tokens((" Mr", 1.3), (".", 1.4), (" Fox", 2.0), (" laughed", 3.0), (".", 3.0))

    assert [one.text for one in sentences(heard, [FIRST])] == ["Mr. Fox laughed."]


def test_chinese_is_written_with_wide_marks() -> None:
    assert [one.text for one in sentences(tokens(("别怕,", 2.0), ("我来了", 2.5)), [FIRST])] == ["别怕，我来了"]


def a_sound(between: float, speech: float = 0.2, seconds: float = 8.0) -> NDArray[np.float32]:
    """Noise as loud as speech in both stretches, and softer or louder between them."""
    noise = np.random.default_rng(1).standard_normal(int(seconds * RATE)).astype(np.float32)
    level = np.full(len(noise), between, np.float32)
    for region in (FIRST, SECOND):
        level[int(region.start_s * RATE) : int(region.end_s * RATE)] = speech
    return noise * level


def test_a_voice_with_silent_pauses_is_alone() -> None:
    assert is_alone(a_sound(between=0.0), [FIRST, SECOND])
    assert is_alone(a_sound(between=0.001), [FIRST, SECOND])


def test_what_is_heard_in_the_pauses_is_taken_for_music() -> None:
    assert not is_alone(a_sound(between=0.01), [FIRST, SECOND])


def test_a_voice_without_pauses_may_have_music_under_it() -> None:
    assert not is_alone(a_sound(between=0.0, seconds=3.1), [Region(0.0, 3.0)])


def test_a_breath_in_a_pause_is_no_music() -> None:
    sound = a_sound(between=0.0)
    sound[int(3.5 * RATE) : int(3.7 * RATE)] = a_sound(between=0.01)[: int(0.2 * RATE)]

    assert is_alone(sound, [FIRST, SECOND])


def test_nothing_heard_is_no_sentence() -> None:
    assert sentences([], [FIRST]) == []


def test_without_a_recogniser_a_person_is_told_what_is_missing_what_to_do_and_where_somebody_speaks() -> None:
    words = unavailable(WeightsError("the package ctranslate2 is not installed"), [FIRST, SECOND])

    assert "Somebody speaks 2 times in the film (1.0-3.0 s, 5.0-7.0 s)" in words
    assert "ctranslate2" in words
    assert "make install-asr" in words
    assert "captions.srt" in words


def test_without_anything_that_hears_speech_only_what_is_missing_and_what_to_do_is_said() -> None:
    words = unavailable(WeightsError("the package faster-whisper is not installed"), [])

    assert words.startswith("No speech recogniser is installed on this machine: the package faster-whisper")


@pytest.mark.skipif(has_recogniser, reason="speech recognition is installed")
def test_a_film_with_sound_is_refused_when_no_recogniser_is_installed() -> None:
    with pytest.raises(RejectionError) as refused:
        recognise(SAMPLES / "mother.wav")

    assert refused.value.code == "ASRUnavailable"


def test_a_film_without_sound_has_no_sentences(tmp_path: Path) -> None:
    ffmpeg.run(["-f", "lavfi", "-i", "color=black:s=64x64:r=10:d=1", tmp_path / "silent.mp4"])

    assert recognise(tmp_path / "silent.mp4") == []


@pytest.mark.media
@pytest.mark.skipif(not has_recogniser, reason=WANTS_RECOGNISER)
def test_a_reading_voice_is_written_down_with_its_times_and_progress() -> None:
    seen: list[float] = []

    found = recognise(SAMPLES / "father.wav", seen.append)

    text = " ".join(one.text for one in found).lower()
    assert "sense and sensibility" in text or "dashwood" in text
    assert all(one.start_s < one.end_s for one in found)
    assert [one.start_s for one in found] == sorted(one.start_s for one in found)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
