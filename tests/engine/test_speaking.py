"""How lines come to be spoken: listened to, read again when they went wrong, and fitted without cutting a word."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import pytest

from shared.domain import wave
from shared.domain.cues import read_srt
from shared.domain.job import JobState
from shared.ports import Bucket, Place, Spoken
from tests.engine.given import Call, interpose
from tests.stage import Killed, Stage
from tests.toys import asked_in, seconds_of, toy_film

MODEL = "cosyvoice-v3.5-plus"
TELLING = ((1.0, 4.0, "从前有一只小狐狸。"), (5.0, 8.0, "它每天晚上数星星。"))
Mend = Callable[[bytes], bytes]


def told(stage: Stage, *lines: tuple[float, float, str], seconds: float = 10.0) -> Stage:
    stage.tell(film=toy_film(seconds, lines or TELLING))
    stage.run()
    return stage


def spoiling(stage: Stage, *takes: tuple[str, int], with_: Mend) -> None:
    """Spoil the sound of readings, named by their text and the number of the take."""

    def between(call: Call) -> Any:
        spoken: Spoken = call()
        if (call.args[2], call.keywords["seed"]) in takes:
            sound = wave.read(spoken.wav)
            return Spoken(wave.write(with_(sound.pcm), sound.rate), spoken.characters)
        return spoken

    interpose(stage, "voices.speak", between)


def lines_of(stage: Stage) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = stage.report()["lines"]
    return lines


@pytest.mark.parametrize(
    ("with_", "doubt"),
    [
        pytest.param(lambda pcm: b"", "silent", id="nothing"),
        pytest.param(lambda pcm: bytes(len(pcm)), "silent", id="silence"),
        pytest.param(lambda pcm: pcm[: len(pcm) // 4] + bytes(4000), "short", id="words are missing"),
        pytest.param(lambda pcm: pcm * 3, "long", id="it stumbles"),
        pytest.param(lambda pcm: pcm[:-4000], "cut-off", id="its end is missing"),
        pytest.param(lambda pcm: array("h", [sample * 4 for sample in array("h", pcm)]).tobytes(), "", id="loud"),
    ],
)
def test_a_reading_that_went_wrong_is_read_once_more_with_another_seed(with_: Mend, doubt: str) -> None:
    stage = Stage()
    spoiling(stage, (TELLING[1][2], 1), with_=with_)
    told(stage)

    assert stage.job().state is JobState.DONE
    _, second = lines_of(stage)
    assert (second["takes"], second["doubts"]) == ((2, []) if doubt else (1, []))


def test_a_line_that_stays_doubtful_is_read_twice_more_and_then_told_to_a_person() -> None:
    stage = Stage()
    spoiling(stage, *((TELLING[1][2], take) for take in (1, 2, 3)), with_=lambda pcm: pcm[:-4000])
    told(stage)

    assert stage.job().state is JobState.DONE
    first, second = lines_of(stage)
    assert (first["takes"], first["doubts"]) == (1, [])
    assert (second["takes"], second["doubts"]) == (3, ["cut-off"])
    assert stage.charges().count(MODEL) == 4


def test_a_line_that_stays_silent_fails_the_story_rather_than_leave_it_out() -> None:
    stage = Stage()
    spoiling(stage, *((TELLING[1][2], take) for take in (1, 2, 3)), with_=lambda _: b"")
    told(stage)

    assert stage.job().state is JobState.FAILED
    assert [problem["code"] for problem in stage.error()["problems"]] == ["vendor.contract"]


def test_the_first_line_is_read_once_though_two_steps_need_it() -> None:
    stage = told(Stage())

    assert stage.charges().count(MODEL) == len(TELLING)
    assert [line["takes"] for line in lines_of(stage)] == [1, 1]


def test_what_the_first_line_taught_of_the_voice_saves_the_others_a_second_reading() -> None:
    """The toy voice is slower than the usual one; told so, it is asked to hurry at once."""
    first, hurried = (0.5, 6.0, "从前有一只小狐狸住在森林边上的一个树洞里。"), (6.1, 8.6, "它每天晚上数星星看月亮")
    stage = told(Stage(), first, hurried, (8.8, 9.9, "好的。"))

    assert stage.job().state is JobState.DONE
    second = lines_of(stage)[1]
    assert second["takes"] == 1
    assert second["rate"] > 1.0
    assert second["doubts"] == []


def test_the_same_rates_are_asked_for_after_a_crash_though_the_sound_is_another() -> None:
    """What was measured of a reading is in its row: a sound that arrived late in its place changes no later call."""
    stage = Stage(settings={"keep_work": True})
    first = Place(Bucket.WORK, "jobs/story/takes/0001-0.wav")
    died: list[str] = []

    def dying_before_the_second(call: Call) -> Any:
        if call.args[2] == TELLING[1][2] and not died:
            died.append(call.args[2])
            sound = wave.read(stage.world.objects.read(first))
            stage.world.objects.write(first, wave.write(sound.pcm[: len(sound.pcm) // 2], sound.rate), "audio/wav")
            raise Killed
        return call()

    interpose(stage, "voices.speak", dying_before_the_second)
    told(stage)

    assert died
    assert stage.job().state is JobState.DONE
    assert [line["rate"] for line in lines_of(stage)] == [line["rate"] for line in lines_of(told(Stage()))]


def test_a_line_that_no_rate_can_fit_is_told_to_a_person_and_no_word_of_it_is_cut() -> None:
    stage = told(Stage(), (1.0, 2.0, "小狐狸划着树叶船把小星星轻轻地捞了起来。"), (2.2, 9.0, "从前有一只小狐狸。"))

    first, second = lines_of(stage)
    assert first["rate"] * first["squeeze"] <= 1.3
    assert "crowded" in first["doubts"]
    assert second["spoken"][0] == first["spoken"][1]


def test_words_that_the_end_of_the_film_cuts_off_are_told_to_a_person() -> None:
    crowd = "小狐狸划着树叶船把小星星轻轻地捞了起来，又带着它慢慢地回到了湖边的家。"
    stage = told(Stage(), (1.0, 4.0, "从前有一只小狐狸。"), (7.0, 8.0, crowd), (9.0, 9.8, "晚安。"))

    in_time, cut, lost = lines_of(stage)
    assert "unheard" not in in_time["doubts"]
    assert {"crowded", "unheard"} <= set(cut["doubts"])
    assert lost["spoken"][0] > 10_000
    assert "unheard" in lost["doubts"]
    assert stage.report()["doubtful"] == [2, 3]
    spoken: Mapping[str, Any] = stage.steps()["speak", "0001"].result
    speech = stage.world.objects.read(Place(Bucket.WORK, spoken["speech"]))
    assert spoken["end_ms"] == 10_000
    assert seconds_of(speech) == 10.0 - spoken["start_ms"] / 1000


def test_a_segment_waits_until_the_one_before_is_through() -> None:
    crowd = "小狐狸划着树叶船把小星星轻轻地捞了起来，又带着它慢慢地回到了湖边的家。"
    lines = ((1.0, 2.0, crowd), (4.0, 6.0, "从前有一只小狐狸。"), (8.0, 9.0, "晚安。"), (14.0, 16.0, "天亮了。"))
    stage = told(Stage(settings={"face_pause_s": 0.9}), *lines, seconds=20.0)

    found = lines_of(stage)
    assert all(before["spoken"][1] <= after["spoken"][0] for before, after in pairwise(found))
    assert found[2]["late_ms"] > 1000
    assert found[3]["late_ms"] == 0
    shown = read_srt(stage.output("stories/story/captions.srt")).cues
    assert [cue.start_ms for cue in shown] == [line["spoken"][0] for line in found]
    timeline = asked_in(stage.output("stories/story/story.mp4"))["timeline"]
    for kind, needle in (("Audio", "/speech/"), ("Video", "/clips/")):
        tracks = [clip for track in timeline[f"{kind}Tracks"] for clip in track[f"{kind}TrackClips"]]
        times = sorted((one["TimelineIn"], one["TimelineOut"]) for one in tracks if needle in one["MediaURL"])
        assert all(before[1] <= after[0] for before, after in pairwise(times)), kind


def test_a_short_text_in_a_long_cue_is_told_to_a_person() -> None:
    stage = told(Stage(), (1.0, 9.0, "从前有一只小狐狸。"))

    (line,) = lines_of(stage)
    assert line["rate"] == 0.9
    assert line["doubts"] == ["dead-air"]


def test_a_joined_line_in_doubt_is_not_taken_for_its_first_cue_which_was_read_before() -> None:
    """The voice's pace is learned from that cue alone; then it is read once more, with the next."""
    stage, sent = Stage(), list[str]()

    def lost(call: Call) -> Any:
        sent.append(call.args[2])
        if "，" in call.args[2] and sent.count(call.args[2]) == 1:
            raise Killed("before it was sent")
        return call()

    interpose(stage, "voices.speak", lost)
    told(stage, (1.0, 2.8, "小狐狸划着树叶船从湖"), (2.9, 8.0, "的那边回来了。"))

    whole = "小狐狸划着树叶船从湖，的那边回来了。"
    assert sent == ["小狐狸划着树叶船从湖", whole, whole]
    assert lines_of(stage)[0]["takes"] == 1


def test_cues_of_one_sentence_are_read_in_one_go_and_reported_one_by_one() -> None:
    stage = told(Stage(), (1.0, 2.8, "小狐狸划着树叶船从湖"), (2.9, 8.0, "的那边回来了。"))

    first, second = lines_of(stage)
    assert first["text"] == "小狐狸划着树叶船从湖，的那边回来了。"
    assert (second["number"], second["joined_to"]) == (2, 1)
    assert stage.charges().count(MODEL) == first["takes"] + 1


def test_names_are_said_as_the_family_says_them() -> None:
    stage = Stage()
    sent: list[tuple[str, bool]] = []

    def listening(call: Call) -> Any:
        sent.append((call.args[2], call.keywords["is_ssml"]))
        return call()

    interpose(stage, "voices.speak", listening)
    stage.tell(film=toy_film(10.0, TELLING), options='{"lexicon": {"数": "shu3"}}'.encode())
    stage.run()

    assert stage.job().state is JobState.DONE
    assert sent == [
        (TELLING[0][2], False),
        ('<speak>它每天晚上<phoneme alphabet="py" ph="shu3">数</phoneme>星星。</speak>', True),
    ]
    assert [line["text"] for line in lines_of(stage)] == [text for *_, text in TELLING]


def test_a_caption_may_keep_the_films_own_voice() -> None:
    stage = Stage()
    lines = ((1.0, 3.0, "从前有一只小狐狸。"), (3.5, 5.0, "[原声]你好！"), (5.5, 8.0, "它每天晚上数星星。"))
    stage.tell(film=toy_film(10.0, lines))
    stage.run()

    assert stage.job().state is JobState.DONE
    assert [line["number"] for line in lines_of(stage)] == [1, 3]
    main, *_ = asked_in(stage.output("stories/story/story.mp4"))["timeline"]["VideoTracks"]
    gains = [(clip["TimelineIn"], clip["Effects"][0]["Gain"]) for clip in main["VideoTrackClips"]]
    assert gains == [(0, 0), (3.48, 1), (5.0, 0)]
    assert "你好！" in stage.output("stories/story/captions.srt").decode()
    assert "原声" not in stage.output("stories/story/captions.srt").decode()


def test_a_pause_in_the_reading_is_not_animated() -> None:
    lines = ((1.0, 3.0, "从前有一只小狐狸。"), (6.0, 8.0, "它每天晚上数星星。"))
    whole, cut = (told(Stage(settings={"face_pause_s": pause_s}), *lines) for pause_s in (0.0, 0.9))

    one, two = (
        [_length_ms(row.result) for (step, _), row in stage.steps().items() if step == "speak"]
        for stage in (whole, cut)
    )
    assert (len(one), len(two)) == (1, 2)
    assert sum(two) < sum(one) * 0.75


def _length_ms(spoken: Mapping[str, Any]) -> int:
    return int(spoken["end_ms"] - spoken["start_ms"])
