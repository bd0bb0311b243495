"""The protocol with one guard switched off, to see whether the simulation can see.

A mutant lives while the context is open; names of modules are swapped for others, nothing else. One that survives a
campaign is either a guard that something else covers, which is said here, or a hole in the net.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from local.direct.media_jobs import DirectMediaJobs
from local.direct.rows import DirectRows
from shared.clients.codes import unanswered
from shared.domain.errors import Conflict, Retry, Unknown
from shared.engine import effects, enrolment, ledger, leftovers, records, step, studio, sweep, wakes, waking
from shared.engine.effects import Effect, EffectRow, NotSent, Sent
from shared.engine.ending import end_job
from shared.engine.enrolment import Standing
from shared.engine.ledger import Ledger
from shared.pipeline import Step
from shared.ports import Columns, Key, Kind, Table
from shared.steps import clips, faces
from tests.simulation import faults
from tests.simulation.simulation import Simulation
from tests.simulation.sometimes import Sometimes
from tests.simulation.swaps import Swap, swapped
from tests.simulation.swarm import Plan


@dataclass(frozen=True)
class Mutant:
    """`survives` says why no campaign can catch it; empty where one must. `caught_at` is the first seed that did, None
    where a commit is too short to look for it: `make sim RECORD=1` hunts them, too. `world` turns up the faults that it
    takes, where a campaign has them too seldom. `blinds` is a road that nobody takes any more: a campaign that never
    saw it fails, though no promise is broken.
    """

    name: str
    swaps: Callable[[], list[Swap]]
    caught_at: int | None = None
    survives: str = ""
    world: Callable[[Plan], Plan] = lambda plan: plan
    blinds: Sometimes | None = None

    @contextmanager
    def alive(self) -> Iterator[None]:
        with swapped(self.swaps()):
            yield


def crowded(plan: Plan) -> Plan:
    """Others use the account whenever we do, and many a submission gets no answer. No vendor lies, forgets or loses."""
    weather = replace(plan.weather, foreign=2, broken=0.05, timeout=0.05, lie=0.0, forget=0.0, expire=0.0)
    return replace(plan, weather=weather)


def doubtful(plan: Plan) -> Plan:
    """Many a submission gets no answer, and each story takes two, the second soon after the first."""
    weather = replace(plan.weather, foreign=0, broken=0.05, timeout=0.05, lie=0.0, forget=0.0, expire=0.0, clog=0.0)
    stories = tuple(replace(story, lines=2) for story in plan.stories)
    return replace(plan, weather=weather, stories=stories, pace=replace(plan.pace, task_queue_s=0.0, task_run_s=10.0))


def fickle(plan: Plan) -> Plan:
    """Nearly every family calls its story off, and functions pause for long."""
    return replace(plan, weather=replace(plan.weather, withdraw=0.9, pause=0.5, pause_s=30.0))


def puzzled(plan: Plan) -> Plan:
    """Two families want the studio at once, others use the account, and many a submission gets no answer: some clips
    wait for a person, while their story holds the studio.
    """
    story = replace(plan.stories[0], narrator="", beside="", flaw="", tastes=False, listens=False, captions="file")
    story = replace(story, lines=2, at_s=0.0, yes_after_s=0.0, budget_yuan=0.0, redo_after_s=0.0)
    stories = tuple(replace(story, job_id=name, family=name) for name in ("fox", "owl"))
    honest = replace(plan.weather, is_deaf=False, drop=0.0, lie=0.0, forget=0.0, expire=0.0, withdraw=0.0, fail=0.0)
    weather = replace(honest, foreign=2, broken=0.05, timeout=0.1)
    pace = replace(plan.pace, task_run_s=300.0, ims_run_s=5.0, ims_queue_s=1.0)
    return replace(plan, stories=stories, requests=(), faults_s=1800.0, pace=pace, weather=weather)


def forgotten(plan: Plan) -> Plan:
    """Every narrator wishes to be forgotten, and functions die often."""
    stories = tuple(replace(story, narrator=story.narrator or "mama") for story in plan.stories)
    return replace(plan, stories=stories, weather=replace(plan.weather, part=1.0, crash=max(plan.weather.crash, 0.03)))


def _nobody_sweeps() -> list[Swap]:
    return [(Simulation, "_sweep", lambda _simulation: None)]


def _film_without_token() -> list[Swap]:
    """Each submission looks like a new one to IMS."""
    compose, tokens = DirectMediaJobs.compose, count()

    def anew(self: DirectMediaJobs, *args: Any) -> str:
        timeline, output, film, _, label = args
        return compose(self, timeline, output, film, f"token-{next(tokens)}", label)

    return [(DirectMediaJobs, "compose", anew)]


def _repeats_without_end() -> list[Swap]:
    """What takes no token and is in no list is sent again however often nobody answered."""
    resolve = Ledger._resolve

    def never_ambiguous(self: Ledger, effect: Effect, row: EffectRow) -> object:
        return resolve(self, effect, row) if effect.find is not None else NotSent()

    return [(Ledger, "_resolve", never_ambiguous)]


def _no_lease() -> list[Swap]:
    """A claim may be taken over at once."""
    return [(Step, "lease_s", property(lambda _step: 0))]


def _silence_means_no() -> list[Swap]:
    """A call that got no answer is taken for one that did not happen."""

    def no_answer(call: faults.Call) -> Exception:
        return unanswered(call.vendor, TimeoutError("timed out"), sent=False)

    return [(faults, "no_answer", no_answer)]


def _sends_without_looking() -> list[Swap]:
    return [(clips, "orphan", lambda _turn, _model, _since: NotSent())]


def _adopts_without_doubt() -> list[Swap]:
    """The last task of the list is ours, whoever owns it."""

    def first(turn: Any, model: str, since: float) -> object:
        seen = turn.world.avatars.tasks(model, since - clips.CLOCK_SKEW_S, turn.world.clock.now() + clips.CLOCK_SKEW_S)
        return Sent(seen[-1].task_id) if seen else NotSent()

    return [(clips, "orphan", first)]


def _any_length_will_do() -> list[Swap]:
    return [(clips, "LENGTH_MS_OFF_MAX", 1e9)]


def _everybody_has_the_studio() -> list[Swap]:
    return [(studio, "enter", lambda _world, _engine, _who: True)]


def _late_writers_win() -> list[Swap]:
    """Writes to steps and effects ask nothing of the row."""
    update = DirectRows.update

    def unconditional(self: DirectRows, table: Table, key: Key, put: Columns, *, expect: Columns, **more: Any) -> None:
        update(self, table, key, put, expect={} if table in {Table.STEPS, Table.EFFECTS} else expect, **more)

    return [(DirectRows, "update", unconditional)]


def _step_closes_before_its_job() -> list[Swap]:
    """The child's row says that it is over before the parent's does."""

    def end(world: Any, claim: Any, state: Any, job_state: Any, error: Any) -> None:
        step._put(world, claim, state, {"error": records.error_of(error), "waits_for": ""}, error.code)
        end_job(world, claim.job, job_state, [error], f"{claim.step.name}/{claim.item}")

    return [(step, "_end", end)]


def _call_then_record() -> list[Swap]:
    """The ledger hears of a call only when it was answered."""
    perform = Ledger.perform

    def afterwards(self: Ledger, effect: Effect) -> EffectRow:
        key = (self.job_id, self.step, self.item, effect.name)
        if self.world.rows.get(Table.EFFECTS, key) is not None:
            return perform(self, effect)
        answer = effect.call()
        return self._answered(self._intend(effect), answer, "answered")

    return [(Ledger, "perform", afterwards)]


def _asks_at_every_wake() -> list[Swap]:
    return [(ledger, "is_news", lambda _world, row, _now: row.state is effects.EffectState.SENT)]


def _asks_only_when_told() -> list[Swap]:
    """No deadline after which a vendor is asked unbidden."""

    def is_news(world: Any, row: EffectRow, _now: float) -> bool:
        task = world.rows.get(Table.TASKS, (row.kind.provider, row.task)) or {}
        is_told = task.get("report", "") != task.get("asked", "")
        return row.state is effects.EffectState.SENT and (is_told or row.kind is Kind.VOICE)

    return [(ledger, "is_news", is_news)]


def _everybody_enrols() -> list[Swap]:
    """Two stories of one narrator enrol the voice at the same time."""
    return [(enrolment, "reserve", lambda _world, _wanted, job_id: Standing("", job_id))]


def _no_way_back_for_voices() -> list[Swap]:
    return [(leftovers, "settle", lambda _world, _job: None)]


def _studio_is_never_taken_back() -> list[Swap]:
    return [(studio, "_needs_it", lambda _world, _job_id, _item: True)]


def _own_writes_look_foreign() -> list[Swap]:
    """A conditional write that timed out, and won, is taken for one that was lost."""

    def settle(
        world: Any, table: Table, key: Key, put: Columns, *, expect: Columns, remove: Sequence[str] = ()
    ) -> None:
        for attempt in range(records.RECORD_TRIES):
            try:
                world.rows.update(table, key, put, expect=expect, remove=remove)
            except Conflict:
                raise
            except (Retry, Unknown):
                if attempt + 1 == records.RECORD_TRIES:
                    raise
            else:
                return

    return [(owner, "settle", settle) for owner in (records, step, ledger)]


def _deaf_to_early_news() -> list[Swap]:
    return [(waking, "report", _report_owned)]


def _report_owned(world: Any, provider: str, task: str) -> bool:
    """Nothing is noted of a task that no row names yet."""
    row = world.rows.get(Table.TASKS, (provider, task)) or {}
    if "job" not in row:
        return False
    world.rows.merge(Table.TASKS, (provider, task), {"report": world.ids.token()})
    wakes.wake(world, str(row["job"]), str(row["step"]), str(row["item"]), "reported")
    return True


def _buys_for_the_withdrawn() -> list[Swap]:
    """A call begins for a job that has ended meanwhile, or that has no budget left."""
    return [(Ledger, "_check", lambda _ledger, _effect, _row: False)]


def _models_change_in_mid_job() -> list[Swap]:
    owners = (enrolment, clips, faces)
    return [(owner, "settings_of", lambda world, _job: world.settings) for owner in owners]


def _nobody_forgets_to_the_end() -> list[Swap]:
    """The sweep looks after no narrator's wish."""
    return [(sweep, "_narrators", lambda _world, _counts: None)]


def _keeps_every_voice() -> list[Swap]:
    """Who keeps a voice does not look for others of the same sample."""

    def keep(world: Any, wanted: Any, job_id: str, voice_id: str) -> str:
        world.rows.merge(Table.VOICES, (wanted.digest,), enrolment._row(world, wanted, job_id, voice_id))
        return voice_id

    return [(enrolment, "keep", keep)]


CLAIM_COVERS = (
    "What was written stands, and whoever believes to have lost stops: the claim's lease ends, or the sweep finds what "
    "is ready. Three minutes are lost (tests/engine/test_claims.py looks at the write that knows itself)."
)
VOICES_COVERED = (
    "Two voices of one sample take an enrolment that arrives later than 90 seconds after it was sent, when its traces "
    "were looked for already; here no call is under way for more than 40 (tests/engine/test_voices.py has both)."
)

MUTANTS = (
    Mutant("nobody sweeps", _nobody_sweeps, caught_at=2),
    Mutant("the film has no token", _film_without_token, caught_at=274),
    Mutant("a call without token or list is repeated without end", _repeats_without_end, caught_at=155),
    Mutant("no lease protects a claim", _no_lease, caught_at=79),
    Mutant("silence means that it did not happen", _silence_means_no, caught_at=88),
    Mutant("a clip is sent again without a look at the list", _sends_without_looking, caught_at=55),
    Mutant("any task of the list is ours", _adopts_without_doubt, caught_at=3, world=doubtful),
    Mutant("a clip of any length will do", _any_length_will_do, caught_at=1, world=crowded),
    Mutant("everybody has the studio", _everybody_has_the_studio, caught_at=0),
    Mutant("late writers win", _late_writers_win, caught_at=3),
    Mutant("a step closes before its job", _step_closes_before_its_job, caught_at=63),
    Mutant("the call comes first, then the record", _call_then_record, caught_at=24),
    Mutant("the vendor is asked at every wake", _asks_at_every_wake, caught_at=0),
    Mutant("the vendor is asked only when it told us", _asks_only_when_told, caught_at=2),
    Mutant("everybody enrols", _everybody_enrols, caught_at=16),
    Mutant("nobody comes back for a late voice", _no_way_back_for_voices, caught_at=31),
    Mutant("the studio is never taken back", _studio_is_never_taken_back, caught_at=31, world=puzzled),
    Mutant("our own writes look like others'", _own_writes_look_foreign, survives=CLAIM_COVERS),
    Mutant("news of a task that no row names are forgotten", _deaf_to_early_news, caught_at=2, blinds=Sometimes.EARLY),
    Mutant("nobody finishes what forgetting a narrator left", _nobody_forgets_to_the_end, caught_at=0, world=forgotten),
    Mutant("a call begins for a job that was withdrawn", _buys_for_the_withdrawn, caught_at=50, world=fickle),
    Mutant("another model is deployed, and taken in mid-job", _models_change_in_mid_job, caught_at=3),
    Mutant("every voice of a sample is kept", _keeps_every_voice, survives=VOICES_COVERED),
)
