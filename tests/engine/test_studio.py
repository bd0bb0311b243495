"""One avatar task at a time for the whole account: who may submit, in which order, and how the studio gets free."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import Corrupt, Refused, Retry, Unknown
from shared.domain.job import JobState, StepState
from shared.engine import effects, forecast, studio, withdrawal
from shared.engine.forecast import Forecast
from shared.engine.studio import LEASE_S, Waiting, choose
from shared.engine.sweep import sweep
from shared.ports import Bucket, Columns, Fate, Table, Verdict
from tests.engine.given import Call, done, interpose, open_job, raising, row_of
from tests.stage import Stage

TWO_SEGMENTS = {"segment_s_max": 5.0}


@pytest.fixture
def stage() -> Stage:
    """Three open stories, each with a segment that wants to be animated."""
    stage = Stage()
    for job_id in ("ann", "bob", "cid"):
        open_job(stage.world, job_id)
        wants_the_studio(stage, job_id)
    return stage


def wants_the_studio(stage: Stage, job_id: str, item: str = "0001") -> None:
    stage.world.rows.merge(
        Table.STEPS,
        (job_id, "animate", item),
        {"state": "waiting", "waits_for": studio.TURN, "due_at": stage.timing.now() + 1800, "fence": "fence"},
    )


def enter(stage: Stage, job_id: str, family: str = "", item: str = "0001") -> bool:
    stage.timing.advance(1.0)
    who = Waiting(job_id, item, family or job_id, stage.timing.now())
    return studio.enter(stage.functions_world, "emo", who)


def woken(stage: Stage) -> list[str]:
    return [info.key for info in stage.world.objects.listing(Bucket.WORK, "steps/animate/")]


# --- who is next


def test_the_first_to_come_is_the_first_to_enter(stage: Stage) -> None:
    assert enter(stage, "ann")
    assert not enter(stage, "bob")
    assert not enter(stage, "cid")

    studio.leave(stage.world, "emo", "ann", "0001")

    assert stage.studio_holder() == "bob"


def test_whoever_holds_the_studio_may_enter_again(stage: Stage) -> None:
    """A step that is run again, after a crash or for another try, still has its turn."""
    assert enter(stage, "ann")
    assert enter(stage, "ann")
    assert not enter(stage, "bob")


def test_coming_back_does_not_cost_ones_place(stage: Stage) -> None:
    enter(stage, "ann")
    enter(stage, "bob")
    enter(stage, "cid")
    enter(stage, "bob")
    studio.leave(stage.world, "emo", "ann", "0001")

    assert stage.studio_holder() == "bob"


def test_each_engine_has_a_studio_of_its_own(stage: Stage) -> None:
    assert enter(stage, "ann")
    assert studio.enter(stage.world, "wan-s2v", Waiting("bob", "0001", "bob", 0.0))


def test_a_family_that_was_served_goes_to_the_end_of_the_queue(stage: Stage) -> None:
    """One family with many stories does not keep the others waiting."""
    for item in ("0002", "0003"):
        wants_the_studio(stage, "ann", item)
    enter(stage, "ann", item="0001")
    for item in ("0002", "0003"):
        enter(stage, "ann", item=item)
    enter(stage, "bob")

    order = []
    for _ in range(4):
        slot = stage.world.rows.get(Table.STUDIO, ("emo", studio.SLOT)) or {}
        order.append((slot["job"], slot["item"]))
        stage.timing.advance(60.0)
        studio.leave(stage.world, "emo", str(slot["job"]), str(slot["item"]))

    assert order == [("ann", "0001"), ("bob", "0001"), ("ann", "0002"), ("ann", "0003")]


def test_nobody_waits_nobody_is_chosen() -> None:
    assert choose([], {"ann": 1.0}) is None


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), min_size=1, max_size=12),
    st.dictionaries(st.sampled_from("abc"), st.floats(0, 1e6)),
)
def test_the_chosen_one_is_of_a_family_that_waited_longest_and_the_first_of_it(
    comers: list[tuple[str, int]], served: dict[str, float]
) -> None:
    waiting = [Waiting(f"job-{at}", "0001", family, float(since)) for at, (family, since) in enumerate(comers)]

    chosen = choose(waiting, served)

    assert chosen is not None
    assert all(served.get(chosen.family, 0.0) <= served.get(one.family, 0.0) for one in waiting)
    assert all(chosen.since <= one.since for one in waiting if one.family == chosen.family)


def test_of_two_that_grant_at_once_one_writes(stage: Stage) -> None:
    studio.enter(stage.world, "emo", Waiting("cid", "0001", "cid", 0.0))
    studio.leave(stage.world, "emo", "cid", "0001")
    rivals = [lambda: studio.enter(stage.world, "emo", Waiting("ann", "0001", "ann", 5.0))]

    def let_the_rival_go_first(call: Call) -> Any:
        while rivals:
            assert rivals.pop()()
        return call()

    interpose(stage, "rows.update", let_the_rival_go_first)

    assert not enter(stage, "bob")
    assert stage.studio_holder() == "ann"


# --- how it gets free


def test_leaving_wakes_who_is_next(stage: Stage) -> None:
    enter(stage, "ann")
    enter(stage, "bob")

    studio.leave(stage.world, "emo", "ann", "0001")

    assert woken(stage) == ["steps/animate/bob/0001.json"]


def test_leaving_twice_takes_the_studio_from_nobody(stage: Stage) -> None:
    enter(stage, "ann")
    enter(stage, "bob")
    studio.leave(stage.world, "emo", "ann", "0001")
    studio.leave(stage.world, "emo", "ann", "0001")

    assert stage.studio_holder() == "bob"


def test_who_leaves_without_having_held_it_only_gives_up_waiting(stage: Stage) -> None:
    enter(stage, "ann")
    enter(stage, "bob")
    enter(stage, "cid")
    studio.leave(stage.world, "emo", "bob", "0001")
    studio.leave(stage.world, "emo", "ann", "0001")

    assert stage.studio_holder() == "cid"


def test_a_leave_that_comes_after_the_slot_was_granted_anew_changes_nothing(stage: Stage) -> None:
    """Between its look and its write, the lease ended and somebody else got in."""
    enter(stage, "ann")
    late = ["bob"]

    def meanwhile(call: Call) -> Any:
        while late:
            stage.timing.advance(LEASE_S)
            studio.enter(stage.world, "emo", Waiting(late.pop(), "0001", "bob", 0.0))
        return call()

    interpose(stage, "rows.update", meanwhile)
    studio.leave(stage.functions_world, "emo", "ann", "0001")

    assert stage.studio_holder() == "bob"


def test_the_lease_outlasts_every_task_and_then_frees_the_studio(stage: Stage) -> None:
    enter(stage, "ann")
    stage.timing.advance(LEASE_S - 2.0)
    assert not enter(stage, "bob")

    stage.timing.advance(2.0)

    assert enter(stage, "bob")


@pytest.mark.parametrize("state", [JobState.DONE, JobState.REFUSED, JobState.FAILED])
def test_a_job_that_ended_holds_nothing_and_waits_for_nothing(stage: Stage, state: JobState) -> None:
    for job_id in ("ann", "bob", "cid"):
        enter(stage, job_id)
    for job_id in ("ann", "bob"):
        stage.world.rows.merge(Table.JOBS, (job_id,), {"state": state.value})

    sweep(stage.world)

    assert stage.studio_holder() == "cid"
    assert woken(stage) == ["steps/animate/cid/0001.json"]


def test_a_job_that_is_gone_holds_nothing(stage: Stage) -> None:
    enter(stage, "ann")
    stage.world.rows.delete(Table.JOBS, ("ann",))

    assert enter(stage, "bob")


@pytest.mark.parametrize("state", [StepState.REVIEW, StepState.FAILED, StepState.DONE, StepState.REFUSED])
def test_a_step_that_will_not_act_holds_nothing(stage: Stage, state: StepState) -> None:
    enter(stage, "ann")
    stage.world.rows.merge(Table.STEPS, ("ann", "animate", "0001"), {"state": state.value})

    assert enter(stage, "bob")


def test_a_step_that_a_person_must_look_at_keeps_no_other_of_its_family_waiting(stage: Stage) -> None:
    """All stories without a family of their own are of one family, and the oldest goes first."""
    enter(stage, "ann", family="family")
    enter(stage, "bob", family="family")
    stage.world.rows.merge(Table.STEPS, ("ann", "animate", "0001"), {"state": StepState.REVIEW.value})

    sweep(stage.world)

    assert stage.studio_holder() == "bob"
    assert woken(stage) == ["steps/animate/bob/0001.json"]


def test_the_sweep_wakes_a_holder_who_does_not_know_it_yet(stage: Stage) -> None:
    """The wake that came with the slot was lost."""
    enter(stage, "ann")

    sweep(stage.world)

    assert row_of(stage.world, "animate", "0001", "ann").due_at == 0.0
    assert woken(stage) == ["steps/animate/ann/0001.json"]


def test_a_holder_who_is_taken_at_this_moment_is_not_woken(stage: Stage) -> None:
    enter(stage, "ann")

    def taken_meanwhile(call: Call) -> Any:
        stage.world.rows.merge(Table.STEPS, ("ann", "animate", "0001"), {"state": "claimed", "fence": "another"})
        return call()

    interpose(stage, "rows.update", taken_meanwhile)
    studio.wake_holder(stage.functions_world, "emo")

    assert woken(stage) == []


@pytest.mark.parametrize("waits_for", ["vendor.busy", "vendor.unanswered", "account.overdue"])
def test_a_holder_who_waits_for_something_else_is_left_alone(stage: Stage, waits_for: str) -> None:
    """Above all one whose submission may still be on its way: looking for it too early finds nothing."""
    enter(stage, "ann")
    stage.world.rows.merge(
        Table.STEPS, ("ann", "animate", "0001"), {"waits_for": waits_for, "due_at": stage.timing.now() + 90}
    )

    for _ in range(3):
        sweep(stage.world)

    assert row_of(stage.world, "animate", "0001", "ann").due_at > stage.timing.now()
    assert woken(stage) == []


# --- whole stories


def tell_three(stage: Stage) -> None:
    for job_id in ("ann", "bob", "cid"):
        stage.tell(job_id, options=f'{{"family": "{job_id}"}}'.encode())


def submissions(stage: Stage) -> list[tuple[str, int]]:
    """Whose segments are submitted, in order, each with how many tasks of the account are not over at that moment."""
    seen: list[tuple[str, int]] = []

    def note(call: Call) -> Any:
        now = stage.timing.now()
        running = [task for task in stage.world.avatars.tasks("emo-v1", now - 3600, now) if _is_open(task.status)]
        seen.append((stage.studio_holder(), len(running)))
        return call()

    interpose(stage, "avatars.animate", note)
    return seen


def _is_open(status: str) -> bool:
    return status in {"PENDING", "RUNNING"}


def test_three_stories_at_once_have_one_task_at_a_time_and_take_turns() -> None:
    stage = Stage(settings=TWO_SEGMENTS)
    seen = submissions(stage)
    tell_three(stage)
    stage.run()

    assert [JobState.DONE] * 3 == [job.state for job in stage.jobs()]
    assert [0] * 6 == [running for _, running in seen]
    families = [family for family, _ in seen]
    assert set(families[:3]) == set(families[3:]) == {"ann", "bob", "cid"}
    assert stage.charges().count("emo-v1") == 6
    assert stage.studio_holder() == ""


def test_who_waits_is_woken_by_the_verdict_and_needs_no_sweep() -> None:
    stage = Stage()
    tell_three(stage)
    stage.run(900.0, sweep_every_s=None)

    assert [JobState.DONE] * 3 == [job.state for job in stage.jobs()]


def test_a_refused_clip_frees_the_studio_at_once() -> None:
    stage = Stage()
    verdicts = [Verdict(Fate.FAILED, error=Refused("content.blocked"))]
    interpose(stage, "avatars.verdict", lambda call: verdicts.pop() if verdicts else call())
    tell_three(stage)
    stage.run(900.0, sweep_every_s=None)

    assert sorted(job.state.value for job in stage.jobs()) == ["done", "done", "refused"]
    assert stage.studio_holder() == ""


@pytest.mark.parametrize(
    ("error", "state"), [(Refused("content.blocked"), JobState.REFUSED), (Corrupt("vendor.rejected"), JobState.FAILED)]
)
def test_a_submission_that_ends_the_job_frees_the_studio_with_the_next_sweep(error: Exception, state: JobState) -> None:
    stage = Stage()
    interpose(stage, "avatars.animate", raising(error))
    tell_three(stage)
    stage.run()

    assert sorted(job.state.value for job in stage.jobs()) == sorted([state.value, "done", "done"])


def test_a_busy_vendor_does_not_cost_the_studio() -> None:
    stage = Stage()
    seen = submissions(stage)
    interpose(stage, "avatars.animate", raising(*(Retry("vendor.busy", after_s=60.0) for _ in range(3))))
    tell_three(stage)
    stage.run()

    assert [JobState.DONE] * 3 == [job.state for job in stage.jobs()]
    assert len(seen) == 3


def test_a_submission_that_is_still_on_its_way_is_not_made_a_second_time() -> None:
    """It timed out here and arrives there later: nobody looks for it before it must have arrived."""
    stage = Stage()
    lost = [Unknown("vendor.unanswered", "timed out")]

    def arrives_late(call: Call) -> Any:
        if not lost:
            return call()
        stage.timing.later(80.0, call)
        raise lost.pop()

    interpose(stage, "avatars.animate", arrives_late)
    stage.tell()
    stage.run()

    assert stage.job().state is JobState.DONE
    assert stage.charges().count("emo-v1") == 1


# --- how long it takes


def forecast_of(stage: Stage, job_id: str) -> Forecast | None:
    return forecast.of(stage.world, stage.job(job_id), stage.steps(job_id))


def scripted(stage: Stage, *job_ids: str) -> None:
    for job_id in job_ids:
        done(stage.world, "detect", job_id=job_id, engine="emo")
        done(stage.world, "script", job_id=job_id, items=("0001", "0002"))
        stage.world.rows.merge(Table.JOBS, (job_id,), {"family": job_id})


def test_the_wait_is_that_of_the_queue_played_on_at_the_usual_pace(stage: Stage) -> None:
    scripted(stage, "ann", "bob")
    forecast.learn(stage.world, "emo", 100.0)
    enter(stage, "ann")
    enter(stage, "bob")
    stage.timing.advance(39.0)

    assert forecast_of(stage, "ann") == Forecast(own=2, others=1, seconds=60.0 + 2 * 100.0)
    assert forecast_of(stage, "bob") == Forecast(own=2, others=1, seconds=60.0 + 2 * 100.0)


def test_the_pace_is_learned_from_the_clips_that_were_made() -> None:
    stage = Stage(settings=TWO_SEGMENTS)
    assert forecast.clip_s(stage.world, "emo") == forecast.CLIP_S
    tell_three(stage)
    stage.run()

    assert forecast.clip_s(stage.world, "emo") == pytest.approx(61.0, abs=5.0)


def test_there_is_nothing_to_wait_for_before_the_script_and_after_the_last_clip(stage: Stage) -> None:
    assert forecast_of(stage, "ann") is None
    scripted(stage, "ann")
    for item in ("0001", "0002"):
        done(stage.world, "animate", item, job_id="ann")

    assert forecast_of(stage, "ann") is None


# --- a task that may be another's


def test_a_submission_in_doubt_is_remembered_when_its_job_ends_and_nobody_adopts_its_task() -> None:
    """Ann's submission was taken and never answered; she gives up. Bob's never arrived: the one task without an owner
    is not his.
    """
    stage = Stage()
    taken = [True]

    def unanswered(call: Call) -> Any:
        if taken:
            taken.pop()
            call()
            withdrawal.cancel(stage.world, stage.studio_holder())
            raise Unknown("vendor.unanswered")
        raise Unknown("vendor.unanswered")

    interpose(stage, "avatars.animate", unanswered)
    stage.tell("ann", options=b'{"family": "ann"}')
    stage.run(60.0)
    (clip,) = [row for row in effects.rows_of(stage.world, "ann") if row.name == "clip"]
    behind: Columns = {"since": clip.since - studio.ON_ITS_WAY_S}  # her clock was: so her place is given up at once
    stage.world.rows.merge(Table.EFFECTS, ("ann", "animate", "0001", "clip"), behind)
    stage.tell("bob", options=b'{"family": "bob"}')
    stage.run(1800.0)

    assert stage.job("ann").state is JobState.CANCELLED
    row = stage.steps("bob")["animate", "0001"]
    assert row.state is StepState.REVIEW
