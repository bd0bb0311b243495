"""A told story is corrected: a new edition beside the old, and only what has changed is bought."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from local.standins.fc.state import Ran
from shared.domain import cues, keys
from shared.domain.cues import Cue
from shared.domain.errors import Conflict, Refused
from shared.domain.job import JobState
from shared.domain.keys import Asset
from shared.engine import editions, effects, withdrawal
from shared.engine.sweep import sweep
from shared.ports import Bucket, Place, Table
from shared.steps import redoing
from tests.engine.given import Call, interpose
from tests.stage import Stage
from tests.toys import toy_film

LINES = 12
MANY = 60
LINE_S = 4


def text(number: int) -> str:
    return "狐狸数星星" + "一二三四五六七八九十"[number % 10] + "百千万"[number % 3]


def srt(changed: dict[int, str] | None = None, lines: int = LINES) -> bytes:
    blocks = []
    for number in range(1, lines + 1):
        start, words = number * LINE_S, (changed or {}).get(number, text(number))
        blocks.append(f"{number}\n{clock(start)},000 --> {clock(start + 3)},000\n{words}\n")
    return "\n".join(blocks).encode()


def clock(seconds: int) -> str:
    return f"00:{seconds // 60:02}:{seconds % 60:02}"


def long_story(lines: int = LINES) -> Stage:
    stage = Stage(settings={"segment_s_max": 30.0})
    stage.tell("fox", film=toy_film(float(LINE_S * (lines + 2))), captions=srt(lines=lines))
    stage.run()
    assert stage.job("fox").state is JobState.DONE
    return stage


def clips(stage: Stage) -> int:
    return stage.charges().count("emo-v1")


def edit(stage: Stage, lines: dict[str, dict[str, object]]) -> None:
    stage.timing.advance(1.0)
    stage.upload("fox", Asset.EDITS, "json", json.dumps({"lines": lines}).encode())
    stage.run()


def test_a_changed_line_of_sixty_buys_one_reading_and_one_clip() -> None:
    stage = long_story(MANY)
    before = Counter(stage.charges())
    edit(stage, {"31": {"text": "小猫头鹰也来了"}})
    bought = Counter(stage.charges()) - before

    assert stage.job("fox.v2").state is JobState.DONE
    assert bought["emo-v1"] == 1
    assert read_anew(stage, "fox.v2") <= 1
    assert not {name for name in bought if name.startswith(("IMS", "Submit")) and "Producing" not in name}


def read_anew(stage: Stage, job_id: str) -> int:
    rows = effects.rows_of(stage.world, job_id)
    return sum(row.name.startswith("cue-") and row.inputs != effects.INHERITED for row in rows)


def test_the_new_edition_lies_beside_the_old_and_names_it() -> None:
    stage = long_story()
    old = {info.key: info.etag for info in stage.world.objects.listing(Bucket.OUTPUT, "stories/")}
    edit(stage, {"9": {"text": "小猫头鹰也来了"}})

    found = {info.key: info.etag for info in stage.world.objects.listing(Bucket.OUTPUT, "stories/")}
    assert old.items() <= found.items()
    assert {key for key in found if key not in old} == {
        f"stories/fox/v2/{name}" for name in ("story.mp4", "captions.srt", "cover.jpg", "report.html", "report.json")
    }
    report = stage.report("fox.v2")
    assert (report["edition"], report["corrects"]) == (2, "fox")
    assert [line["text"] for line in report["lines"] if line["number"] == 9] == ["小猫头鹰也来了"]
    assert [line["number"] for line in report["lines"]] == list(range(1, LINES + 1))


def test_corrected_captions_do_the_same() -> None:
    stage = long_story()
    before = Counter(stage.charges())
    stage.timing.advance(1.0)
    stage.upload("fox", Asset.CAPTIONS, "srt", srt({7: "小猫头鹰也来了", 8: "它们一起数"}))
    stage.run()

    assert stage.job("fox.v2").state is JobState.DONE
    assert (Counter(stage.charges()) - before)["emo-v1"] == 1
    assert read_anew(stage, "fox.v2") <= 2


@pytest.mark.parametrize("asset", [Asset.EDITS, Asset.CAPTIONS])
def test_a_line_may_be_corrected_to_say_what_the_one_before_says(asset: Asset) -> None:
    """In captions that OCR has read it would be the same caption twice."""
    said = [(1, 4, "他们数呀数。"), (4, 7, "他们数啊数。"), (8, 10, "天亮了。")]
    given = cues.numbered(Cue(0, start * 1000, end * 1000, words) for start, end, words in said)
    stage = Stage()
    stage.tell("fox", film=toy_film(12.0), captions=cues.write_srt(given).encode())
    stage.run()
    stage.timing.advance(1.0)
    corrected = cues.write_srt([given[0], replace(given[1], text="他们数呀数。"), given[2]])
    edits = {"lines": {"2": {"text": "他们数呀数。"}}}
    bodies = {Asset.EDITS: json.dumps(edits), Asset.CAPTIONS: corrected}
    stage.upload("fox", asset, "json" if asset is Asset.EDITS else "srt", bodies[asset].encode())
    stage.run()

    shown = cues.read_written(stage.output("stories/fox/v2/captions.srt"))
    assert [cue.text for cue in shown] == ["他们数呀数。", "他们数呀数。", "天亮了。"]


def test_published_captions_are_corrected_line_by_line_also_those_that_were_late_or_lost() -> None:
    crowd = "小狐狸划着树叶船把小星星轻轻地捞了起来，又带着它慢慢地回到了湖边的家。"
    said = [(1, 3, "从前有一只小狐狸。"), (4, 5, crowd), (6, 7, "[音乐]"), (8, 9, "它笑了。"), (9, 10, "晚安。")]
    given = cues.numbered(Cue(0, start * 1000, end * 1000, words) for start, end, words in said)
    stage = Stage()
    stage.tell("fox", film=toy_film(10.0), captions=cues.write_srt(given).encode())
    stage.run()
    shown = stage.output("stories/fox/captions.srt").decode()
    assert "晚安" not in shown

    stage.timing.advance(1.0)
    stage.upload("fox", Asset.CAPTIONS, "srt", shown.replace("从前有一只小狐狸。", "从前有一只小熊猫。").encode())
    stage.run()

    lines = {line["number"]: line for line in stage.report("fox.v2")["lines"]}
    assert [lines[number]["text"] for number in (1, 2, 4, 5)] == ["从前有一只小熊猫。", crowd, "它笑了。", "晚安。"]
    assert {number: lines[number]["slot"] for number in (2, 4, 5)} == {
        line["number"]: line["slot"] for line in stage.report("fox")["lines"] if line["number"] != 1
    }
    assert read_anew(stage, "fox.v2") <= 2


def test_a_cue_that_was_read_first_and_then_with_the_next_may_be_parted_from_it() -> None:
    words = "小狐狸划着树叶船从湖的"
    said = (Cue(1, 1_000, 1_300, words), Cue(2, 1_400, 2_900, "那边。"), Cue(3, 3_000, 6_000, "它回来了。"))
    stage = Stage()
    stage.tell("fox", film=toy_film(10.0), captions=cues.write_srt(said).encode())
    stage.run()
    assert [line.get("joined_to") for line in stage.report("fox")["lines"]] == [None, 1, None]

    edit(stage, {"2": {"drop": True}})
    assert stage.job("fox.v2").state is JobState.DONE
    assert [line["text"] for line in stage.report("fox.v2")["lines"]] == [words, "它回来了。"]
    assert read_anew(stage, "fox.v2") <= 2


def test_a_correction_that_leaves_nothing_to_be_read_is_refused_and_no_edition_is_made() -> None:
    stage = Stage()
    stage.tell("fox", captions=cues.write_srt([Cue(1, 1_000, 4_000, "从前有一只小狐狸。")]).encode())
    stage.run()
    ways: tuple[dict[str, object], ...] = ({"drop": True}, {"text": "[音乐]"})
    for left_out in ways:
        edit(stage, {"1": left_out})

        assert [one["code"] for one in stage.error("fox")["problems"]] == ["edits.nothing"]
        assert [job.job_id for job in stage.jobs()] == ["fox"]


def test_a_line_that_is_dropped_is_not_spoken_and_the_others_keep_their_readings() -> None:
    stage = long_story()
    edit(stage, {"12": {"drop": True}})

    assert stage.job("fox.v2").state is JobState.DONE
    assert len(stage.report("fox.v2")["lines"]) == LINES - 1
    assert read_anew(stage, "fox.v2") <= 1


def test_a_correction_of_a_correction_begins_where_that_ended() -> None:
    stage = long_story()
    edit(stage, {"9": {"text": "小猫头鹰也来了"}})
    edit(stage, {"2": {"text": "从前有一只小狐狸"}})

    report = stage.report("fox.v3")
    assert report["corrects"] == "fox.v2"
    assert [line["text"] for line in report["lines"] if line["number"] in {2, 9}] == [
        "从前有一只小狐狸",
        "小猫头鹰也来了",
    ]
    assert read_anew(stage, "fox.v3") <= 1


def test_a_story_whose_voice_was_its_own_is_corrected_with_the_same_sample_and_the_voice_deleted_again() -> None:
    stage = long_story()
    edit(stage, {"9": {"text": "小猫头鹰也来了"}})

    assert stage.world.rows.range(Table.VOICES) == []
    assert len(stage.stand_ins.model_studio._voices._voices.rows) == 0


def test_what_the_bucket_has_forgotten_is_made_anew() -> None:
    stage = long_story()
    for info in stage.world.objects.listing(Bucket.WORK, "jobs/fox/clips/"):
        stage.world.objects.delete(Place(Bucket.WORK, info.key))
    before = clips(stage)
    edit(stage, {"9": {"text": "小猫头鹰也来了"}})

    assert stage.job("fox.v2").state is JobState.DONE
    assert clips(stage) - before == before


def test_a_correction_after_its_material_is_gone_is_refused_in_words() -> None:
    stage = long_story()
    stage.world.objects.delete(Place(Bucket.WORK, keys.job_script("fox")))
    edit(stage, {"9": {"text": "小猫头鹰也来了"}})

    assert [problem["code"] for problem in stage.error("fox")["problems"]] == ["edits.late"]
    assert stage.job("fox").state is JobState.DONE


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"no", "edits.wrong"), (b'{"lines": {"99": {"text": "x"}}}', "edits.line"), (b'{"lines": {}}', "edits.wrong")],
)
def test_a_correction_that_will_not_do_is_said_beside_the_story(body: bytes, code: str) -> None:
    stage = long_story()
    stage.timing.advance(1.0)
    stage.upload("fox", Asset.EDITS, "json", body)
    stage.run()

    assert [problem["code"] for problem in stage.error("fox")["problems"]] == [code]
    edit(stage, {"9": {"text": "小猫头鹰也来了"}})
    assert stage.world.objects.head(Place(Bucket.OUTPUT, keys.story_error("fox"))) is None


def test_a_correction_whose_event_was_lost_is_found_by_the_sweep() -> None:
    stage = long_story()
    stage.stand_ins.fc._runner, runner = (lambda _it: Ran(b"lost")), stage.stand_ins.fc._runner
    stage.timing.advance(1.0)
    stage.upload("fox", Asset.EDITS, "json", b'{"lines": {"9": {"drop": true}}}')
    stage.timing.run(60.0)
    stage.stand_ins.fc._runner = runner
    for _ in range(2):
        sweep(stage.world)
    stage.run()

    assert stage.job("fox.v2").state is JobState.DONE


def test_a_correction_is_found_though_what_the_sweep_sends_is_lost_as_well() -> None:
    stage = long_story()
    stage.stand_ins.fc._runner, runner = (lambda _it: Ran(b"lost")), stage.stand_ins.fc._runner
    stage.timing.advance(1.0)
    stage.upload("fox", Asset.EDITS, "json", b'{"lines": {"9": {"drop": true}}}')
    for _ in range(6):
        stage.timing.run(600.0)
        sweep(stage.world)
    stage.stand_ins.fc._runner = runner
    stage.timing.run(600.0)
    sweep(stage.world)
    stage.run()

    assert stage.job("fox.v2").state is JobState.DONE


def test_a_correction_that_was_refused_is_not_looked_at_again() -> None:
    stage = long_story()
    edit(stage, {"99": {"drop": True}})

    assert stage.error("fox")["problems"]
    assert editions.unheard(stage.world, stage.job("fox")) == []
    assert "corrected, not told" not in sweep(stage.world)


def test_one_edition_too_many_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = long_story()
    monkeypatch.setattr(keys, "EDITIONS_MAX", 1)
    edit(stage, {"9": {"drop": True}})

    assert [problem["code"] for problem in stage.error("fox")["problems"]] == ["edits.many"]


def test_an_edition_that_was_begun_and_not_opened_is_opened_by_the_sweep() -> None:
    stage = long_story()
    interpose(stage, "rows.insert", raising_at(Table.STEPS))
    stage.timing.advance(1.0)
    stage.upload("fox", Asset.EDITS, "json", b'{"lines": {"9": {"drop": true}}}')
    with pytest.raises(Conflict):
        redoing.look(stage.functions_world, "fox")
    assert stage.job("fox.v2").state is JobState.COLLECTING
    stage.functions_world = stage.world
    sweep(stage.world)
    stage.run()

    assert stage.job("fox.v2").state is JobState.DONE


def raising_at(table: Table) -> Any:
    def between(call: Call) -> Any:
        if call.args[0] is table:
            raise Conflict("row.moved")
        return call()

    return between


def test_a_correction_that_is_heard_twice_makes_one_edition() -> None:
    stage = long_story()
    edit(stage, {"9": {"text": "小猫头鹰也来了"}})

    assert not redoing.look(stage.world, "fox")
    assert [job.job_id for job in editions.of(stage.world, "fox")] == ["fox", "fox.v2"]


def test_erasing_a_story_erases_its_editions() -> None:
    stage = long_story()
    edit(stage, {"9": {"text": "小猫头鹰也来了"}})
    withdrawal.erase(stage.world, "fox")

    assert [job.state for job in editions.of(stage.world, "fox")] == [JobState.ERASED, JobState.ERASED]
    assert stage.world.objects.listing(Bucket.WORK, "jobs/") == []
    assert stage.world.objects.listing(Bucket.OUTPUT, "stories/") == []


def test_nobody_uploads_for_an_edition() -> None:
    with pytest.raises(Refused, match=r"key\.hostile"):
        keys.parse_upload("inbox/fox.v2/story.mp4")
