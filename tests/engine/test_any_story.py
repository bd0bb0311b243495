"""What holds of every story, whatever its captions say, and of every correction of it.

Stories are drawn at random: crowded and empty captions, out of order, in two languages, with tags, beyond the film's
end; readers, portraits, tastes; then lines changed or left out, by `edits.json` or in the published captions, again
and again; some are called off on their way, and in the end all are erased. The same ones each time, a few;
`STORIES=300` draws as many new ones.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shared.domain import cues, keys, prices
from shared.domain.cues import Cue
from shared.domain.errors import Refused
from shared.domain.job import JobState
from shared.domain.keys import Asset
from shared.engine import effects, withdrawal
from shared.ports import Bucket
from tests.engine.test_cast import both
from tests.engine.test_withdrawal import objects, rest
from tests.stage import Stage
from tests.toys import asked_in, toy_film

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text())
STORIES = int(os.environ.get("STORIES", "0"))
FEW = settings(
    max_examples=STORIES or 10,
    derandomize=not STORIES,
    database=None,
    deadline=None,
    phases=[Phase.generate, *([Phase.shrink] if STORIES else [])],
    suppress_health_check=list(HealthCheck),
)
JOB = "fox"
BY_SAVED_PARENTS: Mapping[str, bytes | None] = {"voice": None, "photo": None, "consent": None}

BOUGHT = ("emo-v1", "emo-detect-v1", "wan2.2-s2v", "wan2.2-s2v-detect", "voice.create_voice", "speech")

WORDS = st.one_of(
    st.text("从前有一只小狐狸它每天晚上数星星", min_size=1, max_size=50),
    st.lists(st.sampled_from(["once", "there", "was", "a", "little", "fox"]), min_size=1, max_size=20).map(" ".join),
    st.sampled_from(
        ["[音乐]", "♪ 啦啦啦 ♪", "（风声）", "...", "啦啦啦", "- 谁？\n- 我。", "晚安。\nGood night, little fox."]
    ),
)
TAGS = st.sampled_from(["", "", "", "[original]", "[papa]"])
PAUSES_S = st.sampled_from([-0.5, 0.0, 0.05, 0.2, 1.0, 3.0])
LENGTHS_S = st.sampled_from([0.3, 0.8, 1.5, 2.5, 4.0, 8.0])
OPTIONS = st.fixed_dictionaries(
    {"language": st.sampled_from(["zh", "en"])},
    optional={
        "burn_captions": st.booleans(),
        "quote": st.sampled_from(["taste", "wait"]),
        "listen": st.booleans(),
        "engines": st.lists(st.sampled_from(["emo", "wan-s2v", "still", "none"]), min_size=1, max_size=2, unique=True),
        "music": st.sampled_from(["keep", "none"]),
        "mask": st.just("round"),
    },
)


@st.composite
def captions(draw: st.DrawFn) -> bytes:
    """As a family or OCR may give them."""
    at_s, found = draw(st.floats(0, 2)), []
    for number in range(1, draw(st.integers(1, 16)) + 1):
        length_s = draw(LENGTHS_S)
        span = max(0, round(at_s * 1000)), round((at_s + length_s) * 1000)
        found.append(Cue(number, *span, draw(TAGS) + draw(WORDS)))
        at_s += length_s + draw(PAUSES_S)
    return cues.write_srt(found).encode()


@FEW
@given(captions(), OPTIONS, st.sampled_from([5, 10, 24, 40]), st.booleans(), st.data())
def test_any_story_is_told_or_refused_in_words_and_so_is_any_correction(
    srt: bytes, options: dict[str, Any], film_s: int, is_cast: bool, data: st.DataObject
) -> None:
    stage = given_to(srt, options, film_s, is_cast=is_cast)
    ended = run(stage, JOB)
    if ended is JobState.REFUSED:
        assert stage.error(JOB)["problems"]
        return
    assert ended is JobState.DONE
    report, told_last = sound_report(stage, JOB, film_s), JOB

    for number in range(2, 2 + data.draw(st.integers(1, 3))):
        lines = {line["number"]: told(line) for line in report["lines"]}
        stage.timing.advance(1.0)
        changed = change(stage, data.draw, told_last, [*lines])
        stage.run()
        edition = keys.edition(JOB, number)
        if edition not in {job.job_id for job in stage.jobs()}:
            assert stage.error(JOB)["problems"]
            break
        if run(stage, edition) is JobState.REFUSED:
            assert stage.error(edition)["problems"]
            break
        assert stage.job(edition).state is JobState.DONE
        report, told_last = sound_report(stage, edition, film_s), edition
        assert not bought(stage, edition, report) & {line for number, line in lines.items() if number != changed}
    assert_is_booked(stage)
    assert_can_be_erased(stage)


@FEW
@given(captions(), OPTIONS, st.booleans(), st.sampled_from([0.5, 3.0, 20.0, 45.0, 90.0, 150.0, 300.0]))
def test_any_story_can_be_called_off_at_any_moment(
    srt: bytes, options: dict[str, Any], is_cast: bool, after_s: float
) -> None:
    stage = given_to(srt, options, 24, is_cast=is_cast)
    stage.run(after_s)
    if not any(job.job_id == JOB and not job.is_final for job in stage.jobs()):
        with pytest.raises(Refused, match=r"job\.(unknown|over)"):
            withdrawal.cancel(stage.world, JOB)
        return
    withdrawal.cancel(stage.world, JOB)
    before = stage.account.count("model_studio")
    rest(stage)

    assert stage.job(JOB).state is JobState.CANCELLED
    assert not {what for what in BOUGHT if stage.account.count("model_studio")[what] > before[what]}
    assert objects(stage, Bucket.OUTPUT) == [keys.story_error(JOB)]
    assert_can_be_erased(stage)


def given_to(srt: bytes, options: dict[str, Any], film_s: int, *, is_cast: bool) -> Stage:
    """A stage on which the story's files have arrived."""
    stage = both() if is_cast else Stage(settings={"face_pause_s": 0.9})
    if is_cast:
        options["cast"] = {"alternate": ["mama", "papa"]}
    chosen, others = json.dumps(options).encode(), BY_SAVED_PARENTS if is_cast else {}
    stage.tell(JOB, film=toy_film(float(film_s)), options=chosen, captions=srt, **others)
    return stage


def assert_is_booked(stage: Stage) -> None:
    """The ledger says the same of what Model Studio was paid as its till does."""
    rows = [row for job in stage.jobs() for row in effects.rows_of(stage.world, job.job_id)]
    ledger = sum(row.spent for row in rows if not row.price.startswith("ims."))
    till = sum(charge.amount_yuan for charge in stage.stand_ins.model_studio.register)
    assert ledger / prices.YUAN == pytest.approx(till)


def assert_can_be_erased(stage: Stage) -> None:
    withdrawal.erase(stage.world, JOB)
    rest(stage)
    kept = [key for bucket in (Bucket.INPUT, Bucket.WORK, Bucket.OUTPUT) for key in objects(stage, bucket)]
    assert not [key for key in kept if JOB in key]
    assert withdrawal.check(stage.world, JOB).is_clean


def run(stage: Stage, job_id: str) -> JobState:
    """To the end, with a yes where one is asked for."""
    stage.run()
    if stage.job(job_id).state is JobState.ASKED:
        stage.upload(JOB, Asset.YES, "json", b"{}")
        stage.run()
    return stage.job(job_id).state


def change(stage: Stage, draw: Any, job_id: str, numbers: list[int]) -> int:
    """A line of this edition is given other words or left out; by `edits.json`, or in the captions that were published.
    Its number.
    """
    number: int = draw(st.sampled_from(numbers))
    words = draw(WORDS)
    shown = cues.read_written(stage.output(keys.story_captions(job_id)))
    if number in {cue.number for cue in shown} and draw(st.booleans()):
        lines = (replace(cue, text=words) if cue.number == number else cue for cue in shown)
        stage.upload(JOB, Asset.CAPTIONS, "srt", cues.write_srt(lines).encode())
        return number
    edit = draw(st.sampled_from([{"text": words}, {"drop": True}, {"rate": 1.1}]))
    stage.upload(JOB, Asset.EDITS, "json", json.dumps({"lines": {str(number): edit}}).encode())
    return number


def sound_report(stage: Stage, job_id: str, film_s: int) -> dict[str, Any]:
    """The report; it fits what else was published."""
    report = stage.report(job_id)
    jsonschema.validate(report, SCHEMA)
    numbers = [line["number"] for line in report["lines"]]
    assert numbers == sorted(set(numbers))

    published = stage.output(keys.story_captions(job_id))
    shown = cues.read_written(published)
    assert all(0 <= cue.start_ms < cue.end_ms <= film_s * 1000 for cue in shown)
    assert not shown or cues.read_srt(published).cues == cues.numbered(shown)
    spoken = [line for line in report["lines"] if "spoken" in line]
    for line in spoken:
        begin_ms, end_ms = line["spoken"]
        assert (line["number"] in {cue.number for cue in shown}) == (begin_ms < film_s * 1000)
        assert end_ms <= film_s * 1000 + 200 or "unheard" in line["doubts"]

    timeline = asked_in(stage.output(keys.story_film(job_id)))["timeline"]
    heard = [clip for track in timeline["AudioTracks"] for clip in track["AudioTrackClips"]]
    assert is_one_after_another(clip for clip in heard if "/speech/" in clip["MediaURL"])
    assert all(is_one_after_another(track["VideoTrackClips"]) for track in timeline["VideoTracks"])
    return report


def is_one_after_another(clips: Iterable[Mapping[str, Any]]) -> bool:
    times = sorted((clip["TimelineIn"], clip["TimelineOut"]) for clip in clips)
    return all(before[1] <= after[0] for before, after in pairwise(times))


def bought(stage: Stage, job_id: str, report: Mapping[str, Any]) -> set[tuple[Any, ...]]:
    """The lines of an edition for which a reading was bought anew."""
    lines = {line["number"]: line for line in report["lines"]}
    rows = effects.rows_of(stage.world, job_id)
    anew = [row.name for row in rows if row.name.startswith("cue-") and row.inputs != effects.INHERITED]
    return {told(lines[int(name.split("-")[1])]) for name in anew}


def told(line: Mapping[str, Any]) -> tuple[Any, ...]:
    return line["text"], *line.get("slot", ()), line.get("reader", "")
