"""Each invariant can be broken, and is then seen: a checker that never fails proves nothing.

A calm story is told, one thing is done to it that must never happen, and the letter is named.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from local.stand_ins import RESULTS_BUCKET
from local.standins.model_studio.tasks import Task
from shared.domain import keys
from shared.domain.job import JobState, StepState
from shared.engine import studio
from shared.engine.spending import BUDGET_WAIT
from shared.ports import Bucket, Columns, Place, Table
from tests import stage
from tests.simulation import invariants
from tests.simulation.errand import Errand
from tests.simulation.faults import Fault, Kind
from tests.simulation.invariants import ASKED_MAX, CALM_SETTINGS, check
from tests.simulation.simulation import Simulation
from tests.simulation.swarm import Plan, Story, Weather
from tests.toys import toy_wav

JOB = "fox"
FILM = (JOB, "compose", "-", "film")
CLIP = (JOB, "animate", "0001", "clip")

Deed = Callable[[Simulation], None]


def told(weather: Weather | None = None) -> Simulation:
    """A story on a calm day."""
    simulation = Simulation(Plan(0, (Story(JOB),), weather or Weather(), stage.PACE, CALM_SETTINGS, 60.0, 3600.0))
    simulation.play()
    assert check(simulation) == []
    return simulation


def clip_is_submitted_again(simulation: Simulation) -> None:
    _submit(simulation, "0001")


def clip_is_submitted_beside_another(simulation: Simulation) -> None:
    """A third segment that no row knows, while the second is at the vendor."""
    _, second = _tasks(simulation)
    _shelve(simulation, replace(second, ended_at=simulation.timing.now() + 60.0))
    simulation.watch.let_go.clear()
    simulation.watch.ends_at.clear()
    _submit(simulation, "0003")


def something_is_bought_that_no_row_knows(simulation: Simulation) -> None:
    simulation.purchases.bought[JOB, "speak", "0001", "cue-0009-1"] += 1


def something_is_bought_more_often_than_sent(simulation: Simulation) -> None:
    simulation.purchases.bought[JOB, "script", "-", "cue-0001-0"] += 1


def a_row_says_done_of_what_was_never_bought(simulation: Simulation) -> None:
    del simulation.purchases.bought[JOB, "script", "-", "cue-0001-0"]


def a_finished_job_moves(simulation: Simulation) -> None:
    simulation.world.rows.merge(Table.JOBS, (JOB,), {"state": JobState.FAILED.value})


def a_finished_step_moves(simulation: Simulation) -> None:
    simulation.writer = _errand(simulation, "compose")
    _step(simulation, "compose", {"state": StepState.WAITING.value})


def a_finished_effect_moves(simulation: Simulation) -> None:
    simulation.writer = _errand(simulation, "compose")
    simulation.world.rows.merge(Table.EFFECTS, FILM, {"state": "sent"})


def another_film_is_handed_over(simulation: Simulation) -> None:
    simulation.world.objects.write(Place(Bucket.OUTPUT, f"{keys.story(JOB)}story.mp4"), b"another", "video/mp4")


def a_clip_is_made_before_its_speech(simulation: Simulation) -> None:
    _step(simulation, "speak", {"state": StepState.WAITING.value}, "0001")
    simulation.purchases.noting("avatars.animate", keys.wake("animate", JOB, "0001"), lambda: None)()


def somebody_writes_under_anothers_claim(simulation: Simulation) -> None:
    simulation.watch.jobs[JOB] = JobState.OPEN.value
    simulation.writer = _errand(simulation, "compose")
    _step(simulation, "compose", {"state": StepState.CLAIMED.value, "fence": "mine"})
    simulation.writer = _errand(simulation, "compose")
    simulation.world.rows.merge(Table.EFFECTS, FILM, {"fence": "theirs"})


def somebody_lets_go_of_anothers_claim(simulation: Simulation) -> None:
    simulation.writer = _errand(simulation, "compose")
    _step(simulation, "compose", {"state": StepState.CLAIMED.value, "fence": "mine"})
    simulation.writer = _errand(simulation, "compose")
    _step(simulation, "compose", {"state": StepState.DONE.value})


def a_consent_is_logged(simulation: Simulation) -> None:
    simulation.world.log("a line", {"note": stage.CONSENT["text"]})


def the_ledger_forgets_what_a_clip_cost(simulation: Simulation) -> None:
    simulation.world.rows.merge(Table.EFFECTS, CLIP, {"spent": 1})


def a_story_has_spent_more_than_its_family_granted(simulation: Simulation) -> None:
    """Found when the family hears that its story waits for a larger budget."""
    simulation.plan = replace(simulation.plan, stories=(Story(JOB, budget_yuan=0.03),))
    simulation.world.rows.merge(Table.JOBS, (JOB,), {"state": JobState.OPEN.value})
    _step(simulation, "animate", {"state": StepState.REVIEW.value, "waits_for": BUDGET_WAIT}, "0001")
    simulation._grant(JOB)


def a_job_stays_open(simulation: Simulation) -> None:
    simulation.world.rows.merge(Table.JOBS, (JOB,), {"state": JobState.OPEN.value})


def a_job_fails_for_nothing(simulation: Simulation) -> None:
    simulation.needed[JOB] = "url.expired"


def an_effect_stays_open(simulation: Simulation) -> None:
    simulation.world.rows.merge(Table.EFFECTS, FILM, {"state": "sent"})


def a_step_stays_open(simulation: Simulation) -> None:
    _step(simulation, "publish", {"state": StepState.WAITING.value})


def the_studio_is_held_for_nobody(simulation: Simulation) -> None:
    rows = simulation.world.rows
    rows.merge(Table.STUDIO, ("emo", studio.SLOT), {"job": "nobody", "lease_until": 0.0})
    rows.insert(Table.STUDIO, ("emo", "wait/owl/0001"), {"job": "owl", "item": "0001", "family": "x", "since": 0.0})


def the_captions_are_anothers(simulation: Simulation) -> None:
    simulation.world.objects.write(Place(Bucket.OUTPUT, f"{keys.story(JOB)}captions.srt"), b"1", "text/plain")


def a_work_file_is_left(simulation: Simulation) -> None:
    simulation.world.objects.write(Place(Bucket.WORK, f"{keys.job(JOB)}left.wav"), b"left", "audio/wav")


def a_voice_is_left(simulation: Simulation) -> None:
    audio = toy_wav(6.0)
    simulation.stand_ins.oss.put(RESULTS_BUCKET, "voice.wav", audio)
    base = f"https://{RESULTS_BUCKET}.oss-{simulation.stand_ins.account.region}.aliyuncs.com"
    url = simulation.stand_ins.oss.presign_get(RESULTS_BUCKET, "voice.wav", 3600, base)
    simulation.world.voices.enrol(simulation.settings.voice_model, "leftover", url, "zh")


def a_vendor_is_asked_for_ever(simulation: Simulation) -> None:
    task = _tasks(simulation)[0].task_id
    for _ in range(ASKED_MAX):
        simulation.timing.advance(1.0)
        simulation.world.avatars.verdict(task)


def a_person_is_asked_without_a_reason(simulation: Simulation) -> None:
    simulation.writer = _errand(simulation, "animate", "0001")
    _step(simulation, "animate", {"state": StepState.CLAIMED.value, "fence": "mine"}, "0001")
    _step(simulation, "animate", {"state": StepState.REVIEW.value}, "0001")


def a_function_stumbles_over_its_own_code(simulation: Simulation) -> None:
    simulation.watch.raised(_errand(simulation, "publish", ""), KeyError("history"))


def an_end_is_announced_to_nobody(simulation: Simulation) -> None:
    simulation.announced.heard.clear()


def an_end_is_announced_twice(simulation: Simulation) -> None:
    (told,) = simulation.announced.heard
    simulation.announced.heard[told] += 1


def an_announcement_is_left(simulation: Simulation) -> None:
    simulation.world.rows.merge(Table.JOBS, (JOB,), {"news": "x"})


DEEDS: tuple[tuple[str, Deed], ...] = (
    ("S1", clip_is_submitted_again),
    ("S1", clip_is_submitted_beside_another),
    ("S2", something_is_bought_that_no_row_knows),
    ("S2", something_is_bought_more_often_than_sent),
    ("S2", a_row_says_done_of_what_was_never_bought),
    ("S3", a_finished_job_moves),
    ("S3", a_finished_step_moves),
    ("S3", a_finished_effect_moves),
    ("S4", a_finished_job_moves),
    ("S4", another_film_is_handed_over),
    ("S5", a_clip_is_made_before_its_speech),
    ("S6", somebody_writes_under_anothers_claim),
    ("S6", somebody_lets_go_of_anothers_claim),
    ("S7", a_consent_is_logged),
    ("S8", the_ledger_forgets_what_a_clip_cost),
    ("S8", a_story_has_spent_more_than_its_family_granted),
    ("S9", a_function_stumbles_over_its_own_code),
    ("L1", a_job_stays_open),
    ("L1", a_job_fails_for_nothing),
    ("L2", a_step_stays_open),
    ("L2", an_effect_stays_open),
    ("L2", the_studio_is_held_for_nobody),
    ("L3", the_captions_are_anothers),
    ("L4", a_work_file_is_left),
    ("L4", a_voice_is_left),
    ("L5", a_vendor_is_asked_for_ever),
    ("L6", a_person_is_asked_without_a_reason),
    ("L7", an_end_is_announced_to_nobody),
    ("L7", an_end_is_announced_twice),
    ("L7", an_announcement_is_left),
)


@pytest.mark.parametrize(("letter", "deed"), DEEDS, ids=[f"{letter}-{deed.__name__}" for letter, deed in DEEDS])
def test_what_must_never_happen_is_seen(letter: str, deed: Deed) -> None:
    simulation = told()
    deed(simulation)

    assert letter in {violation.letter for violation in check(simulation)}


def test_every_invariant_can_be_broken() -> None:
    letters = {letter for letter, _ in invariants.RULES} | {"S3", "S6", "S9"}

    assert letters == {letter for letter, _ in DEEDS}
    assert letters == {f"S{number}" for number in range(1, 10)} | {f"L{number}" for number in range(1, 8)}


def test_a_fault_at_every_call_is_a_reason_to_ask_a_person() -> None:
    """The other side of L6: with two faults at the step nothing is said."""
    simulation = told()
    a_person_is_asked_without_a_reason(simulation)
    site = f"animate {keys.wake('animate', JOB, '0001')} avatars.animate"
    for visit in range(2):
        simulation.faults.struck.append(Fault(site, visit, Kind.CRASH_AFTER))

    assert "L6" not in {violation.letter for violation in check(simulation)}


@pytest.mark.parametrize("later", [JobState.REFUSED, JobState.CANCELLED])
def test_a_voice_that_went_with_its_job_is_no_riddle(later: JobState) -> None:
    """`detect` refuses the photo and has the voice deleted while `clone` asks the vendor about it; then its family may
    call the story off.
    """
    simulation = told()
    simulation.writer = _errand(simulation, "clone")
    _step(simulation, "clone", {"state": StepState.CLAIMED.value, "fence": "mine"})
    _step(simulation, "clone", {"state": StepState.REVIEW.value})
    simulation.watch.ends[JOB] = [JobState.REFUSED.value, later.value]
    simulation.watch.jobs[JOB] = later.value
    assert "L6" not in {violation.letter for violation in check(simulation)}

    simulation.watch.ends[JOB] = [JobState.DONE.value]
    simulation.watch.jobs[JOB] = JobState.DONE.value
    assert "L6" in {violation.letter for violation in check(simulation)}


def _errand(simulation: Simulation, step: str, item: str = "") -> Errand:
    return Errand(simulation, step, keys.wake(step, JOB, item), 60.0)


def _step(simulation: Simulation, step: str, columns: Columns, item: str = "-") -> None:
    simulation.world.rows.merge(Table.STEPS, (JOB, step, item), columns)


def _tasks(simulation: Simulation) -> list[Task]:
    return list(simulation.stand_ins.model_studio._tasks._tasks.rows.values())


def _submit(simulation: Simulation, item: str) -> None:
    """A clip of this segment, past the ledger."""
    *_, last = _tasks(simulation)
    url = str(last.input["audio_url"]).replace("0002.wav", f"{item}.wav")
    now, number = simulation.timing.now(), last.number + 1
    again = replace(last, task_id=f"again-{item}", number=number, submitted_at=now, ended_at=now)
    _shelve(simulation, replace(again, input={**last.input, "audio_url": url}))


def _shelve(simulation: Simulation, task: Task) -> None:
    simulation.stand_ins.model_studio._tasks._tasks.rows[task.task_id] = task
