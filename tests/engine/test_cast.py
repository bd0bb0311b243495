"""Two parents tell one story: each with a voice, a photo and a consent of their own."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

import pytest

from shared.domain.errors import Refused
from shared.domain.job import JobState
from shared.domain.keys import Asset
from shared.engine import effects, narrators
from shared.engine.enrolment import ON_ITS_WAY_S
from shared.engine.sweep import sweep
from shared.ports import Bucket, Place, Table
from tests.engine.given import always, interpose
from tests.engine.test_voices import calls, enrol_narrator, voices_alive
from tests.stage import Stage
from tests.toys import asked_in, toy_film, toy_png

SAID = ("从前有一只小狐狸。", "它每天晚上数星星。", "有一天下雨了。", "星星都不见了。")
TURNS: dict[str, Any] = {"cast": {"alternate": ["mama", "papa"]}}


def srt(said: tuple[str, ...] = SAID) -> bytes:
    blocks = [f"{n}\n00:00:{4 * n:02},000 --> 00:00:{4 * n + 3:02},000\n{words}\n" for n, words in enumerate(said, 1)]
    return "\n".join(blocks).encode()


def both() -> Stage:
    stage = Stage()
    enrol_narrator(stage)
    enrol_narrator(stage, "papa", voice_s=14.0)
    stage.world.objects.write(Place(Bucket.INPUT, "narrators/papa/photo.png"), toy_png(600, 600), "image/png")
    return stage


def tell(stage: Stage, job_id: str = "fox", said: tuple[str, ...] = SAID, **options: object) -> Stage:
    chosen = json.dumps(options or TURNS).encode()
    film = toy_film(4.0 * (len(said) + 2))
    stage.tell(job_id, film=film, options=chosen, captions=srt(said), voice=None, photo=None, consent=None)
    stage.run()
    return stage


def problems(stage: Stage, job_id: str = "fox") -> dict[str, str]:
    return {one["code"]: one["en"] for one in stage.error(job_id)["problems"]}


def voices_that_read(stage: Stage, job_id: str = "fox") -> dict[int, str]:
    lines = stage.report(job_id)["lines"]
    return {line["number"]: line.get("reader", "") for line in lines}


def test_two_parents_take_turns_each_in_voice_and_picture() -> None:
    stage = tell(both())

    assert stage.job("fox").state is JobState.DONE
    assert voices_that_read(stage) == {1: "", 2: "papa", 3: "", 4: "papa"}
    assert calls(stage, "create_voice") == 2
    assert stage.charges().count("emo-detect-v1") == 2
    tracks = asked_in(stage.output("stories/fox/story.mp4"))["timeline"]["VideoTracks"]
    clips = [clip["MediaURL"] for track in tracks[1:] for clip in track["VideoTrackClips"] if clip["Type"] == "Video"]
    assert len(set(clips)) == 4


def test_each_clip_shows_the_parent_who_is_heard_in_it() -> None:
    stage = tell(both())

    photos = {name: digest_of(stage, f"narrators/{name}/photo.png") for name in ("mama", "papa")}
    shown = [
        asked_in(stage.world.objects.read(Place(Bucket.WORK, f"jobs/fox/clips/{item:04}.mp4")))["photo"]
        for item in range(1, 5)
    ]
    assert shown == [photos["mama"], photos["papa"], photos["mama"], photos["papa"]]


def digest_of(stage: Stage, key: str) -> str:
    body = stage.world.objects.read(Place(Bucket.INPUT, key))
    return hashlib.sha256(body).hexdigest()[:16]


def test_the_report_says_what_each_has_told_and_what_that_cost() -> None:
    stage = tell(both())
    report = stage.report("fox")

    mama, papa = report["readers"]
    assert (mama["name"], papa["name"]) == ("mama", "papa")
    assert (mama["segments"], mama["lines"], papa["segments"], papa["lines"]) == (2, 2, 2, 2)
    by_step = {line["step"]: float(line["spent_yuan"]) for line in report["receipt"]}
    paid = sum(by_step[step] for step in ("speak", "animate", "detect"))
    assert float(mama["spent_yuan"]) + float(papa["spent_yuan"]) == pytest.approx(paid, abs=0.02)
    quote = json.loads(stage.output("stories/fox/quote.json"))
    assert [(one["name"], one["lines"]) for one in quote["readers"]] == [("mama", 2), ("papa", 2)]


def test_the_second_story_of_both_enrols_nobody() -> None:
    stage = tell(tell(both()), "owl")

    assert stage.job("owl").state is JobState.DONE
    assert calls(stage, "create_voice") == 2
    assert stage.charges().count("emo-detect-v1") == 2
    assert all(one["voice_reused"] and one["photo_check_reused"] for one in stage.report("owl")["readers"])


def test_a_parent_who_came_with_the_story_reads_beside_a_saved_one_who_is_named_by_tags() -> None:
    stage = Stage()
    enrol_narrator(stage, "papa", voice_s=14.0)
    said = (SAID[0], f"[papa] {SAID[1]}", f"【原声】{SAID[2]}", SAID[3])
    options = json.dumps({"cast": {"papa": []}}).encode()
    stage.tell("fox", film=toy_film(24.0), options=options, captions=srt(said))
    stage.run()

    assert stage.job("fox").state is JobState.DONE
    assert voices_that_read(stage) == {1: "", 2: "papa", 4: ""}
    assert [one["name"] for one in stage.report("fox")["readers"]] == [None, "papa"]
    assert "papa" not in stage.output("stories/fox/captions.srt").decode()
    assert voices_alive(stage) == 1  # the saved one's


# --- who is not there, or will not do


def test_somebody_in_the_cast_who_is_not_saved_is_named_before_anything_is_paid_for() -> None:
    stage = Stage()
    enrol_narrator(stage)
    tell(stage)

    assert stage.job("fox").state is JobState.REFUSED
    assert "papa" in problems(stage)["narrator.unknown"]
    assert stage.charges() == []


def test_the_story_opens_once_the_missing_consent_is_there() -> None:
    stage = both()
    consent = Place(Bucket.INPUT, "narrators/papa/consent.json")
    given = stage.world.objects.read(consent)
    stage.world.objects.delete(consent)
    tell(stage)
    assert "papa still lacks: consent" in problems(stage)["narrator.incomplete"]
    assert stage.charges() == []

    stage.world.objects.write(consent, given, "application/json")
    stage.run()
    assert stage.job("fox").state is JobState.DONE


def test_a_file_of_the_other_parent_that_will_not_do_is_laid_at_the_right_door() -> None:
    stage = both()
    stage.world.objects.write(Place(Bucket.INPUT, "narrators/papa/photo.png"), toy_png(100, 100), "image/png")
    tell(stage)

    assert "papa" in problems(stage)["narrator.refused"]
    assert "100x100" in problems(stage)["narrator.refused"]


def test_a_face_or_a_voice_that_the_vendor_refuses_is_named_too() -> None:
    for port in ("avatars.detect", "voices.enrol"):
        stage = both()
        enrolled = tell(stage, "before", narrator="mama")
        assert enrolled.job("before").state is JobState.DONE
        interpose(stage, port, always(lambda: Refused("photo.no_face")))
        tell(stage)
        assert stage.job("fox").state is JobState.REFUSED
        assert problems(stage)["narrator.refused"].startswith("The narrator papa: No face")


# --- forgotten


def test_a_story_that_one_of_two_wants_no_more_is_called_off_and_what_it_was_made_of_deleted() -> None:
    stage = both()
    options = json.dumps(TURNS).encode()
    stage.tell("fox", film=toy_film(24.0), options=options, captions=srt(), voice=None, photo=None, consent=None)
    stage.run(60.0, sweep_every_s=None)
    narrators.erase(stage.world, "papa")
    stage.timing.run(2 * ON_ITS_WAY_S)
    for _ in range(3):
        sweep(stage.world)
        stage.timing.run(ON_ITS_WAY_S)

    assert stage.job("fox").state is JobState.CANCELLED
    assert narrators.erase(stage.world, "papa").is_clean
    assert {key[0] for key, _ in stage.world.rows.range(Table.VOICES, where={"narrator": "papa"})} == set()
    assert stage.world.objects.listing(Bucket.WORK, "jobs/") == []


def test_stories_are_listed_with_each_who_told_them() -> None:
    stage = tell(both())

    assert [(one.name, one.voices, one.stories) for one in narrators.listed(stage.world)] == [
        ("mama", 1, ("fox",)),
        ("papa", 1, ("fox",)),
    ]


# --- corrected


def correct(stage: Stage, lines: dict[str, dict[str, object]]) -> Counter[str]:
    before = Counter(stage.charges())
    stage.timing.advance(1.0)
    stage.upload("fox", Asset.EDITS, "json", json.dumps({"lines": lines}).encode())
    stage.run()
    return Counter(stage.charges()) - before


def read_anew(stage: Stage, job_id: str = "fox.v2") -> list[str]:
    rows = effects.rows_of(stage.world, job_id)
    return [row.name for row in rows if row.name.startswith("cue-") and row.inputs != effects.INHERITED]


def test_in_a_corrected_story_everybody_reads_what_they_read_before() -> None:
    stage = tell(both())
    bought = correct(stage, {"1": {"drop": True}, "3": {"text": "有一天刮风了。"}})

    assert stage.job("fox.v2").state is JobState.DONE
    assert voices_that_read(stage, "fox.v2") == {1: "papa", 2: "", 3: "papa"}
    assert bought["emo-v1"] == 1


def test_what_keeps_the_films_voice_keeps_it_in_a_corrected_story() -> None:
    stage = Stage()
    said = (SAID[0], f"[original] {SAID[1]}", *SAID[2:])
    stage.tell("fox", film=toy_film(24.0), options=b'{"cast": {"original": [4]}}', captions=srt(said))
    stage.run()
    correct(stage, {"1": {"drop": True}})

    assert sorted(voices_that_read(stage)) == [1, 3]
    assert sorted(voices_that_read(stage, "fox.v2")) == [2]


def test_another_speed_and_sound_buy_one_reading_and_one_clip_and_stay() -> None:
    stage = tell(both())
    bought = correct(stage, {"2": {"rate": 0.95, "say": {"星星": "xing1 xing5"}}})

    assert read_anew(stage) == ["cue-0002-1"]
    assert bought["emo-v1"] == 1
    line = next(line for line in stage.report("fox.v2")["lines"] if line["number"] == 2)
    assert (line["rate"], line["reader"], line["takes"]) == (0.95, "papa", 1)

    correct(stage, {"4": {"text": "月亮出来了。"}})
    assert read_anew(stage, "fox.v3") == ["cue-0004-1"]
    line = next(line for line in stage.report("fox.v3")["lines"] if line["number"] == 2)
    assert line["rate"] == 0.95
