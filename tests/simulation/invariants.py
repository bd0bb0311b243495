"""What must hold when a run has come to rest.

S1 a clip is bought once, and one at a time; S2 nothing is bought that the ledger does not know, and nothing too
often; S4 a job ends once, with one story; S5 nothing is used before it is made; S7 no secret in a line of the log; S8
no more than the price of one clip a segment. L1 every story is told, or ends for a reason that the faults account
for; L2 nothing is left open, and nobody holds the studio; L3 the story is the one that a calm day gives; L4 nothing
of it lies about; L5 no vendor is asked without end; L6 a person is asked only about a riddle; L7 each
end is announced. S3, S6 and S9 are watched all the time (`watch`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, TextIO
from urllib.parse import urlsplit

from shared import log
from shared.domain import keys
from shared.domain.announcement import ANNOUNCED
from shared.domain.job import TASTE, WHOLE, JobState, StepState
from shared.engine import effects, narrators, studio, wakes, withdrawal
from shared.engine.effects import INHERITED, EffectRow
from shared.engine.ledger import SENDS_MAX
from shared.ports import Bucket, Place, Table
from shared.ports import Kind as Task
from shared.steps import generating
from tests import stage
from tests.simulation.faults import Kind
from tests.simulation.simulation import REVIEW, Simulation
from tests.simulation.swarm import Plan, Request, Story, Weather
from tests.simulation.watch import Violation

ASKED_MAX = 40
"""Queries for one task: asked after 10 to 30 minutes, then at twice the pause each time, and again where one failed."""

MOST = {"clip": 1, "film": 1, "opening": 1, "ocr": 2, "asr": 2, "music": 2}
"""How often a call may be paid for, as docs/promises.md has it; what is spoken or looked at, as often as it is sent."""

CALM_SETTINGS = {"segment_s_max": 5.0}

UNHEARD = (Kind.CRASH_BEFORE, Kind.CRASH_AFTER, Kind.TIMEOUT, Kind.LATE, Kind.BROKEN, Kind.HALF, Kind.PAUSE)
RIDDLES: Mapping[Kind, int] = {**dict.fromkeys(UNHEARD, 1), Kind.DOOM: 4}
"""How many calls a fault may leave of which nobody knows whether they happened. A pause may outlast its function."""

RIDDLES_MIN = 2

SPARED = MUSIC, LISTENING = "music", "listen"
"""Beginnings of the names of calls that a story goes on without."""

DEATHS = ("crash", "doom", "half", "pause")
SILENCE = ("broken", "throttle", "timeout", "late")
BLAMED: Mapping[str, tuple[str, ...]] = {
    "url.expired": ("expire",),
    "vendor.contract": ("lie",),
    "film.bad_result": ("lie",),
    "label.missing": ("lie",),
    "vendor.busy": SILENCE,
    "vendor.unanswered": ("forget", "expire", *SILENCE),
    "vendor.rejected": ("fail", *DEATHS, *SILENCE),
    "internal": DEATHS,
}
"""What a job may fail for, and the weather that accounts for it: a call that was sent five times was refused, or its
answer never written down; "internal" is a function that died again and again.
"""

TAKEN_BACK_S_MAX = 3600.0
"""Some passes of the sweep, in a world in which nothing goes wrong any more."""

WITHDRAWN = frozenset({JobState.CANCELLED.value, JobState.ERASED.value})
TAKES_ITS_VOICE = WITHDRAWN | {JobState.REFUSED.value}
UNDER_WAY_S = 240.0
"""Longer than a function at the vendor's door lives: what it had begun may still come."""


Rule = Callable[[Simulation], Iterator[str]]


def check(simulation: Simulation) -> list[Violation]:
    """Everything that is broken, S3 and S6 included."""
    found = [Violation(letter, what) for letter, rule in RULES for what in rule(simulation)]
    return simulation.violations + found


# ---- safety


def _s1_clips_are_bought_once(simulation: Simulation) -> Iterator[str]:
    """A submission follows another of the same segment only when that one has failed, or a person said so."""
    for (job_id, item, _), tasks in _clips(simulation).items():
        for before, after in pairwise(tasks):
            is_over = before.status == "FAILED" and before.ended_at <= after.submitted_at
            if not is_over and (job_id, item) not in simulation.decided:
                yield f"{job_id}/{item} was submitted again at {after.submitted_at} while {before.task_id} stood"


def _s2_the_ledger_knows_what_was_bought(simulation: Simulation) -> Iterator[str]:
    rows = {(job, step, item, row.name): row for job, step, item, row in _ledger(simulation)}
    bought, paid = _bought(simulation), _paid(simulation)
    for name, times in bought.items():
        if simulation.watch.jobs.get(name[0]) == JobState.ERASED.value:
            continue  # and its ledger with it
        row = rows.get(name)
        if row is None:
            yield f"{'/'.join(name)} was bought, and no row knows it"
        elif name[0] not in simulation.redriven and times > min(row.sends, MOST.get(kind_of(row), SENDS_MAX)):
            yield f"{'/'.join(name)} was bought {times} times, sent {row.sends} times"
    for name, row in rows.items():
        is_anothers = (kind_of(row) == "clip" and simulation.plan.weather.foreign > 0) or row.inputs == INHERITED
        is_bought = bought[name] or row.task in paid  # a task that is older than a day the vendor has forgotten
        if row.state.value == "done" and row.price and not is_bought and not is_anothers:
            yield f"{'/'.join(name)} is done, and was never bought"


def _s1_one_clip_of_ours_at_a_time(simulation: Simulation) -> Iterator[str]:
    """The studio's slot: nothing of ours waits at the vendor, unless its step was let go."""
    clips = sorted(
        (one for tasks in _clips(simulation).items() for one in _owned(*tasks) if one[1].model == "emo-v1"),
        key=lambda one: one[1].number,
    )
    for (owner, before), (_, after) in pairwise(clips):
        since_s, until_s = (one.submitted_at - simulation.began_at for one in (before, after))
        is_let_go = any(since_s <= left_s <= until_s for left_s in simulation.watch.let_go.get(owner[:2], ()))
        if (before.ended_at or after.submitted_at + 1) > after.submitted_at and not is_let_go:
            yield f"{after.task_id} was submitted while {'/'.join(owner)} was at the vendor"


def _s2_nothing_is_bought_for_a_job_that_was_withdrawn(simulation: Simulation) -> Iterator[str]:
    for (job_id, item, _), tasks in _clips(simulation).items():
        if simulation.watch.jobs.get(job_id) in WITHDRAWN:
            until = simulation.began_at + simulation.watch.ended[job_id] + UNDER_WAY_S
            late = [task for task in tasks if task.submitted_at > until]
            yield from (f"{job_id}/{item}: {task.task_id} was submitted long after its end" for task in late)


def _s4_a_job_ends_once(simulation: Simulation) -> Iterator[str]:
    """With one story. A job that failed may be taken up again, one refused at the door be corrected, or be refused for
    what was forgotten with its narrator.
    """
    for job_id, ends in simulation.watch.ends.items():
        for before, after in pairwise(ends):
            is_over = before == JobState.DONE.value and after != JobState.ERASED.value
            is_refused_again = before == after == JobState.REFUSED.value and not simulation.is_without_narrator(job_id)
            if is_over or is_refused_again:
                yield f"{job_id} ended as {before}, and then as {after}"
    for key, films in simulation.watch.handed_over.items():
        if len(films) > 1:
            yield f"{key} was handed over as {len(films)} films"


def _s5_nothing_is_used_before_it_is_made(simulation: Simulation) -> Iterator[str]:
    yield from simulation.purchases.early


def _s7_no_secret_is_logged(simulation: Simulation) -> Iterator[str]:
    """Rendered as production renders it; looked at in some seeds, because it takes time."""
    if simulation.plan.seed % 50:
        return
    lines: list[str] = []

    class Out:
        def write(self, text: str) -> None:
            lines.append(text)

        def flush(self) -> None:
            return None

    out: Any = Out()
    stream: TextIO = out
    write = log.json_lines(stream, simulation.timing)
    for event, fields in simulation.world.lines:
        write(event, fields)
    secrets = ("Signature=", "Expires=", "sk-test", stage.CONSENT["text"], stage.CONSENT["who"], "test-secret")
    for secret in secrets:
        for line in lines:
            if str(secret) in line:
                yield f"{secret} in {line[:200]}"


def _s8_no_more_than_one_clip_is_paid_a_segment(simulation: Simulation) -> Iterator[str]:
    till = {charge.ref: charge.amount_yuan for charge in simulation.stand_ins.model_studio.register}
    for (job_id, item, _), tasks in _clips(simulation).items():
        paid = [task.task_id for task in tasks if task.task_id in till]
        if len(paid) > 1 and (job_id, item) not in simulation.decided:
            yield f"{job_id}/{item} was paid {len(paid)} times"
    yield from simulation.overspent
    for job_id, _, item, row in _ledger(simulation):
        if (job_id, item) in simulation.decided:
            continue  # the ledger adds up what was bought before a person's word, and what an adopted stranger cost
        if (
            kind_of(row) == "clip"
            and row.state.value == "done"
            and abs(row.spent / 1e6 - till.get(row.task, 0.0)) > 0.01
        ):
            yield f"{job_id}/{item}: the ledger says {row.spent / 1e6}, the till {till.get(row.task)}"


# ---- liveness


def _l1_every_story_ends(simulation: Simulation) -> Iterator[str]:
    for job_id, is_flawed in _expected(simulation).items():
        state = simulation.watch.jobs.get(job_id)
        wanted = JobState.REFUSED if is_flawed else JobState.DONE
        if simulation.withdrawals.done.get(job_id) is JobState.ERASED:
            wanted = JobState.ERASED
        elif _may_end_otherwise(simulation, job_id, state):
            continue
        if state != wanted.value and not _is_cheated(simulation, job_id):
            job = simulation.job(job_id) if state else None
            yield f"{job_id} is {state}, not {wanted.value}: {dict(job.error) if job else ''}"


def _l1_what_fails_was_made_to(simulation: Simulation) -> Iterator[str]:
    """An operator who takes a job up again brings it to its end, so what it had failed for is looked at by itself."""
    for job_id, code in simulation.needed.items():
        if code != REVIEW and not any(getattr(simulation.plan.weather, name) for name in BLAMED.get(code, ())):
            yield f"{job_id} failed for {code}, and nothing in its world accounts for that"


def _may_end_otherwise(simulation: Simulation, job_id: str, state: str | None) -> bool:
    """Whether a family or a narrator did not wish it to be told."""
    if state in WITHDRAWN and simulation.was_withdrawn(job_id):
        return True
    return simulation.is_without_narrator(job_id) or _is_of_erased(simulation, job_id)


def _is_of_erased(simulation: Simulation, job_id: str) -> bool:
    """Whether a corrected edition has gone with its story, or never came to be."""
    first, number = keys.edition_of(job_id)
    is_gone = simulation.watch.jobs.get(job_id) in {None, JobState.ERASED.value}
    return number > 1 and is_gone and simulation.watch.jobs.get(first) == JobState.ERASED.value


def _expected(simulation: Simulation) -> dict[str, bool]:
    """Every job, and whether something is wrong with what it was given."""
    stories = {story.job_id: bool(story.flaw) for story in simulation.stories}
    return stories | {request.job_id: False for request in simulation.plan.requests}


def _l2_nothing_is_left_open(simulation: Simulation) -> Iterator[str]:
    done = [wanted.job_id for wanted in simulation.wanted if _is_done(simulation, wanted)]
    for job_id in done:
        for (step, item), row in simulation.steps(job_id).items():
            if row.state is not StepState.DONE:
                yield f"{job_id}/{step}/{item} is {row.state.value}"
        for effect in effects.rows_of(simulation.world, job_id):
            if effect.state.value not in {"done", "refused"} and not _is_given_up(effect):
                yield f"{job_id}: effect {effect.name} is {effect.state.value}"
    holder = simulation.studio_holder()
    waiting = [key for key, _ in simulation.world.rows.range(Table.STUDIO, ("emo",)) if key[1] != studio.SLOT]
    if waiting and simulation.watch.jobs.get(holder) != JobState.OPEN.value:
        yield f"{waiting} wait for the studio, which {holder or 'nobody'} holds"


def _l2_nobody_waits_for_who_is_over(simulation: Simulation) -> Iterator[str]:
    """The studio is taken from a holder who has ended when the sweep next comes by, not when its lease is over."""
    watch = simulation.watch
    for before, after, at_s in watch.taken_back:
        since = (watch.ended.get(before), watch.queued_at.get(after), simulation.healed_s or None)
        if all(one is not None and one + TAKEN_BACK_S_MAX < at_s for one in since) and before != after:
            yield f"{after} waited for the studio until {at_s:.0f} s, which {before} held, who was over"


def _l3_the_story_is_whole(simulation: Simulation) -> Iterator[str]:
    for story in simulation.stories:
        if not _is_done(simulation, story) or _is_cheated(simulation, story.job_id):
            continue
        told, calm = _told(simulation, story), on_a_calm_day(_at_once(story))
        if told["music"] != calm["music"] and _is_without(simulation, story, MUSIC):
            calm = {**calm, "music": told["music"], "story.mp4": told["story.mp4"]}  # without music, as promised then
        if told["listening"] != calm["listening"] and _may_go_unheard(simulation, story):
            continue  # nobody listened in a segment, and its lines are what they were at first
        if story.job_id in simulation.corrected and simulation.is_without_narrator(story.job_id):
            calm = {**calm, "error": told["error"]}  # its correction came too late, and was told so
        yield from (f"{story.job_id}: {name} is not that of a calm day" for name in calm if told[name] != calm[name])


def _is_without(simulation: Simulation, story: Story, what: str) -> bool:
    """Whether the story, or the one that it corrects, gave up on something that it can do without."""
    editions = {story.job_id, keys.edition_of(story.job_id)[0]}
    found = [effect for job_id in editions for effect in effects.rows_of(simulation.world, job_id)]
    return any(effect.name.startswith(what) and _is_given_up(effect) for effect in found)


def _is_given_up(effect: EffectRow) -> bool:
    """A call that a story can do without was sent as often as any is; of the last nobody may know what became of it."""
    return effect.name.startswith(SPARED) and effect.state.value != "done" and effect.sends >= SENDS_MAX


def _may_go_unheard(simulation: Simulation, story: Story) -> bool:
    """Listening is never what a story stops for: not when the vendor cannot, nor when a limit leaves nothing for it,
    which depends on when the family raises it.
    """
    return _is_without(simulation, story, LISTENING) or bool(story.budget_yuan)


def _l3_the_result_is_whole(simulation: Simulation) -> Iterator[str]:
    for request in simulation.plan.requests:
        if _is_done(simulation, request) and not _is_cheated(simulation, request.job_id):
            made, calm = _result(simulation, request), asked_on_a_calm_day(replace(request, at_s=0.0))
            if made != calm:
                yield f"{request.job_id}: the result is {made}, not {calm}, that of a calm day"


def _l4_nothing_lies_about(simulation: Simulation) -> Iterator[str]:
    for story in simulation.wanted:
        if simulation.watch.jobs.get(story.job_id) == JobState.DONE.value:
            left = simulation.world.objects.listing(Bucket.WORK, keys.job(story.job_id))
            spent = [info for info in left if not keys.is_for_corrections(story.job_id, info.key)]
            yield from (f"{info.key} was left behind" for info in spent)
        if simulation.watch.jobs.get(story.job_id) == JobState.CANCELLED.value:
            left = simulation.world.objects.listing(Bucket.WORK, keys.job(story.job_id))
            left += simulation.world.objects.listing(Bucket.OUTPUT, keys.story(story.job_id))
            yield from (f"{info.key} was left" for info in left if not info.key.endswith("/error.json"))
        elif simulation.watch.jobs.get(story.job_id) == JobState.ERASED.value:
            yield from _left_of_erased(simulation, story)
    voices = Counter(voice.prefix for voice in simulation.stand_ins.model_studio._voices._voices.rows.values())
    parted = simulation.withdrawals.parted
    shared = {
        name for story in simulation.plan.stories for name in story.narrators if not _is_forgotten(simulation, name)
    }
    if len(voices) > len(shared) + sum(_may_go_on(simulation, story) for story in simulation.stories):
        yield f"{len(voices)} voices are left, {len(shared)} narrators have one"
    yield from (f"{count} voices of one sample are left" for count in voices.values() if count > 1)
    for name in parted:
        if _is_forgotten(simulation, name):
            told = narrators.check(simulation.world, name)
            yield from (
                f"{name} was forgotten, and {count} {what} are left" for what, count in told.left.items() if count
            )


def _is_forgotten(simulation: Simulation, name: str) -> bool:
    """Whether nobody has put a file of a narrator who was forgotten since: that is a family's own affair."""
    parted_s = simulation.withdrawals.parted.get(name)
    return parted_s is not None and simulation.last_put_s.get(name, 0.0) < parted_s


def _l5_no_vendor_is_asked_without_end(simulation: Simulation) -> Iterator[str]:
    asked = Counter(
        (note.operation, note.detail)
        for note in simulation.stand_ins.account.asked
        if note.operation in {"tasks.get", "GetMediaProducingJob", "QueryIProductionJob", "GetSmartHandleJob"}
    )
    yield from (f"{what} was asked {count} times" for what, count in asked.items() if count > ASKED_MAX)


def _l6_a_person_is_asked_only_about_a_riddle(simulation: Simulation) -> Iterator[str]:
    """One fault leaves no riddle. Two at the same step may, and so may strangers and vendors that lie or forget."""
    weather = simulation.plan.weather
    if weather.foreign or _is_cheated(simulation, ""):
        return
    for job_id, step, item in sorted(simulation.watch.asked):
        site = f"{step} {wakes.wake_key(job_id, step, item)}"
        struck = sum(RIDDLES.get(fault.kind, 0) for fault in simulation.faults.struck if fault.site.startswith(site))
        if struck < RIDDLES_MIN and not (step == "clone" and _took_its_voice(simulation, job_id)):
            yield f"a person was asked about {job_id}/{step}/{item} after {struck} faults"


def _l7_each_end_is_announced(simulation: Simulation) -> Iterator[str]:
    """At least once; again only where a fault met whoever told it. An end that another one followed may be passed
    over, and of an erased job nobody hears.
    """
    heard = simulation.announced.heard
    states = {(job_id, state) for job_id, state, _ in heard}
    for job_id, state in simulation.watch.jobs.items():
        if JobState(state) in ANNOUNCED and (job_id, state) not in states:
            yield f"{job_id} is {state}, and nobody was told"
    for key, columns in simulation.world.rows.range(Table.JOBS):
        if "news" in columns:
            yield f"{key[0]}: {columns['news']} is still to be told"
    again = sum(times - 1 for times in heard.values())
    faults = sum(fault.site.startswith("announce") for fault in simulation.faults.struck)
    if again > faults:
        yield f"{again} announcements were made again, for {faults} faults"


def _took_its_voice(simulation: Simulation, job_id: str) -> bool:
    """Whether the job was refused or withdrawn, whatever came after: its voice is deleted before its row says so, and
    whoever asks the vendor about it just then is told that there is none.
    """
    return not TAKES_ITS_VOICE.isdisjoint(simulation.watch.ends.get(job_id, ()))


RULES: tuple[tuple[str, Rule], ...] = (
    ("S1", _s1_clips_are_bought_once),
    ("S1", _s1_one_clip_of_ours_at_a_time),
    ("S2", _s2_the_ledger_knows_what_was_bought),
    ("S2", _s2_nothing_is_bought_for_a_job_that_was_withdrawn),
    ("S4", _s4_a_job_ends_once),
    ("S5", _s5_nothing_is_used_before_it_is_made),
    ("S7", _s7_no_secret_is_logged),
    ("S8", _s8_no_more_than_one_clip_is_paid_a_segment),
    ("L1", _l1_every_story_ends),
    ("L1", _l1_what_fails_was_made_to),
    ("L2", _l2_nothing_is_left_open),
    ("L2", _l2_nobody_waits_for_who_is_over),
    ("L3", _l3_the_story_is_whole),
    ("L3", _l3_the_result_is_whole),
    ("L4", _l4_nothing_lies_about),
    ("L5", _l5_no_vendor_is_asked_without_end),
    ("L6", _l6_a_person_is_asked_only_about_a_riddle),
    ("L7", _l7_each_end_is_announced),
)


# ---- what is there


Owner = tuple[str, str, str]
"""Job, segment and effect whose task it is; a request has one step for all its calls."""


def _clips(simulation: Simulation) -> dict[Owner, list[Any]]:
    """Tasks of ours at the avatar vendor, by whose they are, in the order they were submitted."""
    found: dict[Owner, list[Any]] = {}
    requests = {request.name: request.job_id for request in simulation.plan.requests}
    tasks = simulation.stand_ins.model_studio._tasks._tasks.rows.values()
    for task in sorted(tasks, key=lambda task: task.number):
        media = next((task.input[name] for name in ("audio_url", "video_url", "image_url") if name in task.input), "")
        parts = urlsplit(media).path.strip("/").split("/")
        named = parts[1] if parts[0] == "requests" else task.input.get("prompt", "").removeprefix("一只")
        if parts[0] == "jobs":
            found.setdefault((parts[1], parts[3].removesuffix(".wav"), "clip"), []).append(task)
        elif named in requests:
            found.setdefault((requests[named], WHOLE, CALLS_OF_CHAINS.get(task.model, "call-1")), []).append(task)
    return found


CALLS_OF_CHAINS = {"emo-v1": "call-2", "animate-anyone-template-gen2": "call-2", "animate-anyone-gen2": "call-3"}


def _owned(owner: Owner, tasks: list[Any]) -> list[tuple[Owner, Any]]:
    return [(owner, task) for task in tasks]


def _ledger(simulation: Simulation) -> Iterator[tuple[str, str, str, EffectRow]]:
    for key, columns in simulation.world.rows.range(Table.EFFECTS):
        yield key[0], key[1], key[2], effects.row_of(key[3], columns)


def _bought(simulation: Simulation) -> Counter[tuple[str, str, str, str]]:
    """How often each effect happened at a vendor, by the vendor's own books."""
    bought = Counter(simulation.purchases.bought)
    paid = _paid(simulation)
    for (job_id, item, effect), tasks in _clips(simulation).items():
        name = (job_id, "generate" if keys.request_of(job_id) else "animate", item, effect)
        bought[name] += sum(task.task_id in paid for task in tasks)
    ims = simulation.stand_ins.ims
    for shelf in (ims._producing._jobs, ims._production._jobs, ims._smart._jobs):
        for job in shelf.rows.values():
            job_id, _, what = json.loads(job.user_data)["label"].partition("/")
            if job.job_id in paid:
                step, item, effect = _effect_of(what, getattr(job, "key", ""))
                bought[job_id, step, item, effect] += 1
    return bought


def _paid(simulation: Simulation) -> set[str]:
    """What the vendors' charges are for: tasks, and calls."""
    return {charge.ref for charge in (*simulation.stand_ins.ims.register, *simulation.stand_ins.model_studio.register)}


def kind_of(row: EffectRow) -> str:
    """A request's task is counted as a clip is."""
    return "clip" if row.kind is Task.GENERATION else row.name


def _effect_of(what: str, output: str) -> tuple[str, str, str]:
    """Step, item and name of a call at IMS by its label, and by where the result of it lies."""
    item, _, listening = what.rpartition("/")
    if item:
        return "speak", item, listening
    step, item, effect = IMS_EFFECTS[what]
    is_taste = step == "compose" and output.rpartition("/")[2].startswith(f"{TASTE}.")
    return step, TASTE if is_taste else item, effect


IMS_EFFECTS = {
    "ocr": ("separate", "captions", "ocr"),
    "asr": ("separate", "captions", "asr"),
    "music": ("separate", "music", "music"),
    "film": ("compose", "-", "film"),
    "opening": ("compose", "-", "opening"),
}


def _left_of_erased(simulation: Simulation, story: Story | Request) -> Iterator[str]:
    """What the receipt counts now; files that a family uploads after that are its own affair."""
    receipt = withdrawal.check(simulation.world, story.job_id)
    is_late = simulation.watch.ended[story.job_id] <= simulation.last_put_s.get(story.job_id, 0.0)
    for place, count in receipt.left.items():
        if count and not (is_late and place == "uploads"):
            yield f"{story.job_id} was erased, and {count} {place} are left"
    if receipt.under_way:
        yield f"{story.job_id} was erased, and {receipt.under_way} calls are under way"


def _is_done(simulation: Simulation, wanted: Story | Request) -> bool:
    return simulation.watch.jobs.get(wanted.job_id) == JobState.DONE.value


def _may_go_on(simulation: Simulation, story: Story) -> bool:
    """A job that was given up may be taken up again, and keeps its voice for that."""
    return simulation.watch.jobs.get(story.job_id) not in {JobState.DONE.value, JobState.REFUSED.value, *WITHDRAWN}


def _is_cheated(simulation: Simulation, job_id: str) -> bool:
    """Whether the vendor lied, forgot or threw away: then a job may end as it likes, but not for free twice."""
    weather = simulation.plan.weather
    return bool(weather.lie or weather.forget or weather.expire)


def _told(simulation: Simulation, story: Story) -> dict[str, object]:
    """What a family has in hand."""
    objects, made = simulation.world.objects, {}
    for name in ("story.mp4", "captions.srt"):
        info = objects.head(Place(Bucket.OUTPUT, f"{keys.story(story.job_id)}{name}"))
        made[name] = info.etag if info else ""
    report = simulation.report(story.job_id)
    return {
        **made,
        "lines": report["lines"],
        "music": report["music"],
        "listening": report["listening"],
        "error": objects.head(Place(Bucket.OUTPUT, keys.story_error(story.job_id))),
    }


def _result(simulation: Simulation, request: Request) -> tuple[str, Mapping[str, object]]:
    """The film's digest, and what the report says of it."""
    objects = simulation.world.objects
    info = objects.head(Place(Bucket.OUTPUT, keys.result(request.name, generating.RESULT)))
    report = json.loads(objects.read(Place(Bucket.OUTPUT, keys.result(request.name, generating.REPORT))))
    return info.etag if info else "", report["film"]


@lru_cache(maxsize=64)
def asked_on_a_calm_day(request: Request) -> tuple[str, Mapping[str, object]]:
    calm = Simulation(Plan(0, (), Weather(), stage.PACE, CALM_SETTINGS, 60.0, 3600.0, (request,)))
    calm.play()
    return _result(calm, request)


def _at_once(story: Story) -> Story:
    """The same story without what only says who tells it when, so that the calm day of one is that of many."""
    return replace(story, family="any", at_s=0.0, gap_s=0.0, yes_after_s=story.budget_yuan, redo_after_s=0.0)


@lru_cache(maxsize=256)
def on_a_calm_day(story: Story) -> dict[str, object]:
    """The same story, or its corrected edition, in a world where nothing goes wrong."""
    first, edition = keys.edition_of(story.job_id)
    told = replace(story, job_id=first, redo_after_s=60.0 if edition > 1 else 0.0)
    calm = Simulation(Plan(0, (told,), Weather(), stage.PACE, CALM_SETTINGS, 60.0, 3600.0))
    calm.play()
    return _told(calm, story)
