"""Corrected stories: the door for corrections of a finished one, and what its new edition need not buy again.

A correction is `captions.srt` or `edits.json` in the folder of a story that is done. Of the edition before, a segment
is taken over as it is when nothing of it has changed; in one that has, each line whose words and time are the same
keeps its readings. What the bucket has forgotten meanwhile is made anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from shared.domain import changes, cues, directions, edits, keys, prices
from shared.domain.cues import Cue
from shared.domain.directions import Direction
from shared.domain.errors import Refused
from shared.domain.job import WHOLE, JobState, StepRow, StepState
from shared.domain.keys import Asset
from shared.domain.script import Heard, Line, Script, ScriptSegment, heard_of
from shared.domain.segments import Slot
from shared.engine import editions, effects, status
from shared.engine.editions import Correction
from shared.engine.effects import EffectRow, EffectState
from shared.engine.ending import write_error
from shared.engine.enrolment import SAMPLE
from shared.engine.records import Job, load_job, load_steps, settings_of
from shared.engine.turn import Begin, Done, Outcome, Turn
from shared.engine.world import World
from shared.ports import Bucket, Place
from shared.steps import captions, scripts
from shared.steps.speaking import CUE, is_first

# --- the door


def look(world: World, job_id: str) -> bool:
    """Open an edition for each correction of a finished story that none was made of; whether there was one."""
    first = load_job(world, job_id)
    if first is None or first.state is not JobState.DONE:
        return False
    opened = [_correct(world, first, correction) for correction in editions.unheard(world, first)]
    return any(opened)


def quote(world: World, latest: Job, body: bytes) -> Mapping[str, object]:
    """What the next edition will cost, about, with these edits of the latest one; `Refused` when it cannot be made."""
    whole = scripts.find(world, latest.job_id)
    if whole is None:
        raise Refused("edits.late")
    found = edits.read(body)
    edits.check(edits.apply(whole.cues, found), whole.language)
    facts = changes.facts(
        whole,
        found,
        engine=str(load_steps(world, latest.job_id)["detect", WHOLE].result["engine"]),
        voice_model=settings_of(world, latest).voice_model,
        ratio=latest.options.ratio,
    )
    cost, touched = prices.estimate(facts), changes.touched(whole, found)
    return {
        "low_yuan": prices.yuan(cost.low),
        "high_yuan": prices.yuan(cost.high),
        "lines": len(touched.lines),
        "clips": len(touched.segments),
    }


def answer_early(world: World, job: Job) -> None:
    """Whoever has watched the taste may put a correction before saying yes: it is told that it is kept. The sweep comes
    to it when the story is done, like to any correction whose event was lost.
    """
    if job.state is JobState.ASKED and job.opened_at and editions.unheard(world, job):
        write_error(world, job.job_id, job.state, [Refused("edits.early")])
        status.tell(world, job.job_id)


def _correct(world: World, first: Job, correction: Correction) -> bool:
    latest = [job for job in editions.of(world, first.job_id) if job.state is JobState.DONE][-1]
    try:
        corrected, told = _corrected(world, latest, correction)
        job = editions.reserve(world, latest, correction)
    except Refused as error:
        write_error(world, first.job_id, first.state, [error])
        editions.refuse(world, first, correction)
        return False
    world.objects.delete(Place(Bucket.OUTPUT, keys.story_error(first.job_id)))
    world.objects.write(captions.place(job.job_id), cues.write_srt(corrected).encode(), captions.SRT)
    place = Place(Bucket.WORK, keys.job_directions(job.job_id))
    world.objects.write(place, directions.dump(told), "application/json")
    source = {"from": f"corrected by {correction.place.key.rpartition('/')[2]}"}
    editions.begin(world, job, latest, {("separate", "captions"): source})
    return True


def _corrected(world: World, latest: Job, correction: Correction) -> tuple[tuple[Cue, ...], Mapping[int, Direction]]:
    """The captions, and how each is told, by the time at which it begins."""
    whole = scripts.find(world, latest.job_id)
    if whole is None:
        raise Refused("edits.late")
    place, told = correction.place, whole.told
    if correction.asset is Asset.EDITS:
        found = edits.read(world.objects.read(place, 0, edits.BYTES_MAX + 1))
        lines, told = edits.apply(whole.cues, found), edits.directed(found, told)
    else:
        given = cues.read_srt(world.objects.read(place, 0, cues.FILE_BYTES_MAX + 1), says_again=True).cues
        published = Place(Bucket.OUTPUT, keys.story_captions(latest.job_id))
        lines = edits.retimed(given, cues.read_written(world.objects.read(published)), whole.cues)
    edits.check(lines, whole.language)
    return lines, edits.carried(lines, whole.cues, told)


# --- what an edition takes over


def told(turn: Turn) -> Mapping[int, Direction] | None:
    """How the captions of a corrected story are told, by the time at which each begins; None for a first edition."""
    place = Place(Bucket.WORK, keys.job_directions(turn.job.job_id))
    return directions.load(turn.world.objects.read(place)) if turn.world.objects.head(place) is not None else None


def heard(turn: Turn, reader: str) -> Heard | None:
    """The line by which the edition before came to know the voice: so all that has not changed is planned as it was."""
    found = next((heard_of(was.heard, reader) for _, was in _editions_before(turn)), None)
    return replace(found, number=0) if found else None


def spoken(begin: Begin) -> Begin:
    """`speak`, but for a segment of which nothing has changed; in others lines keep the readings that they have."""

    def speak(turn: Turn) -> Outcome:
        before = editions.before(turn.world, turn.job)
        if before is None or not _is_same_voice(turn.job, before):
            return begin(turn)
        whole, was = (scripts.find(turn.world, job_id) for job_id in (turn.job.job_id, before.job_id))
        if whole is None or was is None:
            return begin(turn)
        segment, rows = whole.segment(turn.item), load_steps(turn.world, before.job_id)
        for old in was.segments:
            row = rows.get(("speak", old.item))
            if _is_same(segment, old) and row is not None and _is_there(turn.world, row):
                return Done(_renumbered(row.result, old, segment))
        for line in segment.lines:
            _inherit_readings(turn, line, segment.reader)
        return begin(turn)

    return speak


def shown(begin: Begin) -> Begin:
    """`animate`, but for a segment that is spoken as it was."""

    def animate(turn: Turn) -> Outcome:
        before = editions.before(turn.world, turn.job)
        if before is None or turn.ledger.rows():
            return begin(turn)
        speech = turn.result("speak", turn.item)["speech"]
        rows = load_steps(turn.world, before.job_id)
        for (step, item), row in rows.items():
            is_it = step == "speak" and row.result.get("speech") == speech
            clip = rows.get(("animate", item)) if is_it else None
            if clip is not None and _is_there(turn.world, clip):
                return Done(clip.result)
        return begin(turn)

    return animate


def _inherit_readings(turn: Turn, line: Line, reader: str) -> None:
    """All takes of a line, from the edition that read it. The sound comes first: no row names one that is not there."""
    for edition, was in _editions_before(turn):
        same = [segment for segment in was.segments if segment.reader == reader]
        found = [(segment.item, old) for segment in same for old in segment.lines if _is_line(old, line)]
        for item, old in found:
            heard = heard_of(was.heard, reader)
            first = heard.take if heard is not None and is_first(heard, old) else None
            rows = [
                *(effects.rows_of(turn.world, edition.job_id, "script", WHOLE) if first is not None else ()),
                *effects.rows_of(turn.world, edition.job_id, "speak", item),
            ]
            takes = [row for row in rows if row.name.startswith(f"{CUE}{old.number:04d}-")]
            if not takes:
                continue  # the whole segment was that of the edition before
            for row in takes:
                _inherit(turn, edition, old, line, row, first=1 if first is None else first)
            return


def _inherit(turn: Turn, edition: Job, old: Line, line: Line, row: EffectRow, first: int) -> None:
    """The readings of a line in their order, from 1: an edition reads none of them before the others."""
    take = int(row.name.rpartition("-")[2])
    anew = take - first + 1
    source = Place(Bucket.WORK, keys.job_take(edition.job_id, old.number, take))
    target = Place(Bucket.WORK, keys.job_take(turn.job.job_id, line.number, anew))
    if row.state is EffectState.DONE and turn.world.objects.head(source) is not None:
        turn.world.objects.copy(source, target)
        name = f"{CUE}{line.number:04d}-{anew}"
        effects.inherit(turn.world, (turn.job.job_id, "speak", turn.item, name), row)


def _editions_before(turn: Turn) -> Iterator[tuple[Job, Script]]:
    """The latest first."""
    job: Job | None = turn.job
    while job is not None and (job := editions.before(turn.world, job)) is not None:
        was = scripts.find(turn.world, job.job_id)
        if was is not None and _is_same_voice(turn.job, job):
            yield job, was


def _is_line(old: Line, line: Line) -> bool:
    was, now = (replace(one, number=0, slot=Slot(one.slot.start_ms, 0), joins=()) for one in (old, line))
    return was == now


def _is_same_voice(job: Job, before: Job) -> bool:
    is_same = all(job.asset(SAMPLE, who).etag == before.asset(SAMPLE, who).etag for who in job.all_readers)
    return is_same and job.models.get("voice_model") == before.models.get("voice_model")


def _is_same(segment: ScriptSegment, old: ScriptSegment) -> bool:
    """Words and times; a line that was dropped elsewhere only moves the numbers."""

    def bare(one: ScriptSegment) -> ScriptSegment:
        return replace(one, item="", lines=tuple(_unnumbered(line) for line in one.lines))

    return bare(segment) == bare(old)


def _is_there(world: World, row: StepRow) -> bool:
    """Whether a step is done, and all that it made still lies in our bucket."""
    made = [text for text in editions.strings(row.result) if text.startswith(keys.JOBS)]
    return row.state is StepState.DONE and all(world.objects.head(Place(Bucket.WORK, key)) is not None for key in made)


def _unnumbered(line: Line) -> Line:
    return replace(line, number=0, joins=tuple(replace(join, number=0) for join in line.joins))


def _numbers(segment: ScriptSegment) -> list[int]:
    return [number for line in segment.lines for number in (line.number, *(join.number for join in line.joins))]


def _renumbered(result: Mapping[str, Any], old: ScriptSegment, new: ScriptSegment) -> Mapping[str, Any]:
    numbers = dict(zip(_numbers(old), _numbers(new), strict=True))
    names = ("number", "joined_to")
    lines = [{**line, **{name: numbers[line[name]] for name in names if name in line}} for line in result["lines"]]
    return {**result, "lines": lines}
