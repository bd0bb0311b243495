"""A whole Echobot under the weather of one seed: stories come in, faults strike, then all heals and must come to rest.

Phases: faults for at most six virtual hours; then none, and at most 24 hours until every job has ended and nothing is
on its way any more. What failed or waits for a person is then taken up by an operator, and must come to an end, too.
"""

from __future__ import annotations

import importlib
import json
import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, replace
from functools import cache, partial
from typing import Any

from local.standins.fc.state import Invocation, Ran
from local.standins.oss.events import ObjectEvent
from shared.domain import keys
from shared.domain.job import JobState, StepRow, StepState, ready
from shared.domain.prices import YUAN
from shared.engine import agenda, asking, effects, forecast, repair
from shared.engine.enrolment import ON_ITS_WAY_S
from shared.engine.patience import patient
from shared.engine.world import World
from shared.pipeline import steps_of
from shared.ports import Table
from tests.simulation.choke import choked
from tests.simulation.deliveries import Deliveries
from tests.simulation.dice import Dice
from tests.simulation.errand import Errand, ErrandClock, ErrandWorld
from tests.simulation.faults import Fault, Faults, Kind
from tests.simulation.fibres import Fibres
from tests.simulation.purchases import Purchases
from tests.simulation.releases import Releases, world_before
from tests.simulation.sometimes import Seen, Sometimes
from tests.simulation.stories import GRANTED_YUAN, NUMBERS, asked, edits, uploads, yes
from tests.simulation.swarm import HOUR_S, Plan, Request, Story
from tests.simulation.trace import Trace
from tests.simulation.vendors import Announced, Clogged, Forgetful, Liars, Strangers
from tests.simulation.watch import Violation, Watch
from tests.simulation.withdrawals import Withdrawals
from tests.stage import Killed, Stage, StageWorld

CONVERGES_S_MAX = 24 * HOUR_S
DOOMED_AT_MAX = 15
RESTS = 3
"""Sweeps at the end: what is left of an ended job is looked at, waited for, and found to be gone."""

SWEEP = "echobot-sweep"

REVIEW = "review"
"""What an operator is called for where no job has failed."""


class Simulation(Stage):
    """`only` lets just the named faults strike; `trace` writes the calls down."""

    def __init__(
        self, plan: Plan, *, only: Collection[tuple[str, int, Kind]] | None = None, trace: Trace | None = None
    ) -> None:
        self.plan = plan
        self.fibres = Fibres()
        self.dice = Dice(plan.seed)
        self.faults = Faults(self.dice, plan.weather, only)
        engines, pace = Liars(self.faults, plan.weather), Clogged.of(plan.pace, self.faults, plan.weather.clog)
        super().__init__(seed=plan.seed, settings=plan.settings, pace=pace, engines=engines, timing=self.fibres)
        self.began_at = self.timing.now()
        self.trace = trace or Trace()
        self.seen = Seen()
        self.writer: Errand | None = None
        self.calls = 0
        self.sweeps = 0
        self.healed_s = 0.0
        self.converged_s = 0.0
        self.stories_put = 0
        self.last_put_s: dict[str, float] = {}
        self.purchases = Purchases(self.steps, NUMBERS, [story.beside for story in plan.stories if story.beside])
        self.corrected: set[str] = set()
        self.granted: set[str] = set()
        self.overspent: list[str] = []
        self.decided: set[tuple[str, str]] = set()
        self.redriven: set[str] = set()
        self.needed: dict[str, str] = {}
        self.watch = Watch(self.seen, self.trace, lambda: self.now_s, lambda: self.writer)
        self.stand_ins.tablestore.rows.watchers.append(self.watch.row)
        Deliveries(self.stand_ins, self.declared, self.settings, self.faults, self._object_put)
        self.announced = Announced(self.stand_ins.topics)
        Forgetful(self)
        self.strangers = Strangers(self)
        self.watch.asked_jobs = self._say_yes
        self.watch.paused = self._grant_later
        self.watch.told = self._told
        self.withdrawals = Withdrawals(self)
        self.world = self.make_world(random.Random(plan.seed + 1))
        bare = ErrandWorld(**{field.name: getattr(self.world, field.name) for field in fields(self.world)})
        clock = ErrandClock(self.timing, lambda: self.writer)
        self.functions_world = choked(bare, self._at, clock=clock, heard=self._line)
        self.releases = Releases(self)
        self.foreseen: dict[str, tuple[float, float]] = {}
        self.watch.scripted = lambda job_id: self.timing.later(0.0, lambda: self._foresee(job_id))
        self.world_before = world_before(self.functions_world)
        self._subjects: dict[str, tuple[str, Fault | None]] = {}
        self._looked_at = -1, 0
        self._was_settled = False

    @property
    def now_s(self) -> float:
        """Virtual seconds since the beginning."""
        return self.timing.now() - self.began_at

    @property
    def violations(self) -> list[Violation]:
        return self.watch.violations

    def play(self) -> None:
        """The whole run."""
        try:
            self._play()
        finally:
            self.fibres.close()

    def _play(self) -> None:
        self._schedule()
        self.strangers.arrive()
        self.withdrawals.arrive()
        self._until(self.plan.faults_s)
        self.faults.heal()
        self.healed_s = self.now_s
        self.trace.note(self.now_s, "all heals")
        self._until(self.now_s + CONVERGES_S_MAX)
        self.converged_s = self.now_s - self.healed_s
        self._rest()
        if self._call_an_operator():
            self._until(self.now_s + CONVERGES_S_MAX)
            self._rest()

    def _rest(self) -> None:
        """All that is on its way arrives, and the sweep has nothing left to do. A rest counts only where nothing is put
        off: a job that the sweep will come back to is waited for, however often it looks at others meanwhile.
        """
        self._drain()
        rests = 0
        while rests < RESTS:
            self._sweep()
            self._drain()
            rows = self.world.rows.range(Table.WATCH, (agenda.JOB,))
            waits_s = [float(columns["look_at"]) - self.timing.now() for _, columns in rows]
            soon_s = [wait_s for wait_s in waits_s if wait_s <= CONVERGES_S_MAX]
            if not (soon_s or self.withdrawals.wished):
                return  # a further sweep would look at nothing, or only for what somebody has a week to take up
            put_off_s = [wait_s for wait_s in soon_s if wait_s > 0]
            self.timing.advance(max(min(put_off_s, default=0.0), ON_ITS_WAY_S))
            rests += not put_off_s

    def _call_an_operator(self) -> bool:
        """What failed is taken up again, and what nobody can know is decided: send it once more."""
        for job_id, state in sorted(self.watch.jobs.items()):
            if state == JobState.FAILED.value or (state == JobState.OPEN.value and self._waits_for_a_person(job_id)):
                self._decide(job_id)
        return bool(self.needed)

    def _decide(self, job_id: str) -> None:
        job = self.job(job_id)
        rows = self.steps(job_id).values()
        waiting = [row for row in rows if row.state is StepState.REVIEW and row.step == "animate"]
        self.needed[job_id] = str(job.error.get("code", "")) or REVIEW
        self.trace.note(self.now_s, f"an operator takes up {job_id}: {self.needed[job_id]}")
        self.redriven.add(job_id)
        self.decided |= {(job_id, row.item) for row in rows if self._is_for_a_person(job_id, row)}
        repair.redrive(self.world, job_id)
        for row in waiting:
            repair.decide(self.world, job_id, row.step, row.item)
        self.seen.counts[Sometimes.REDRIVEN] += 1

    # ---- functions

    def run_function(self, invocation: Invocation) -> Ran:
        """As FC would, with an errand's faults around it."""
        name = invocation.function.code.rpartition("/")[2]
        subject, doom = self._subject(name, invocation)
        errand = Errand(self, name, subject, invocation.function.timeout_s)
        if doom is not None:
            errand.dies_at = 1 + int(doom.size)
        skew_s = self.plan.weather.skew_s
        skew = self.faults.chance(f"{errand.name} clock", Kind.SKEW, 1.0, 2 * skew_s) if skew_s else None
        errand.ahead_s = skew.size - skew_s if skew else 0.0
        self.writer = errand
        try:
            function(name)(invocation.event, patient(self._release(errand), invocation.function.timeout_s))
        except Killed as killed:
            return self._ended(errand, Ran(str(killed).encode(), "FunctionExited"))
        except Exception as error:  # noqa: BLE001  whatever a function raises is its result
            self.watch.raised(errand, error)
            document = {"errorMessage": str(error), "errorType": type(error).__name__}
            return self._ended(errand, Ran(json.dumps(document).encode(), "UnhandledInvocationError"))
        return self._ended(errand, Ran(b"ok"))

    def _release(self, errand: Errand) -> StageWorld:
        """The world as the release sees it that runs an invocation."""
        if not self.releases.is_before(errand.name):
            return self.functions_world
        self.seen.counts[Sometimes.RELEASE_BEFORE] += 1
        return self.world_before

    def _at(self, name: str, method: Callable[..., Any], args: tuple[Any, ...], more: dict[str, Any]) -> Any:
        """Whoever calls a port is the errand whose turn it is."""
        if self.writer is None:
            raise AssertionError(f"{name} was called, and nobody's turn it is")
        return self.writer.at(name, method, args, more)

    def _ended(self, errand: Errand, ran: Ran) -> Ran:
        self.writer = None
        self.calls += errand.calls
        if not ran.is_ok:
            self.trace.note(self.now_s, f"{errand.name}: {ran.error_type} {ran.body.decode()[:160]}")
        return ran

    def _subject(self, name: str, invocation: Invocation) -> tuple[str, Fault | None]:
        """What an invocation is about, and whether it is doomed: the same at each of its tries."""
        known = self._subjects.get(invocation.request_id)
        if known is None:
            subject = _subject_of(invocation.event)
            doom = self.faults.chance(f"{name} {subject}", Kind.DOOM, self.plan.weather.doom, DOOMED_AT_MAX)
            known = self._subjects[invocation.request_id] = subject, doom
        return known

    def _line(self, event: str, fields: Mapping[str, object]) -> None:
        self.world.lines.append((event, fields))
        self.seen.line(event, fields)
        if self.trace.is_read:
            self.trace.note(self.now_s, f"  log {event} {dict(fields)}")

    def _object_put(self, event: ObjectEvent) -> None:
        self.watch.put(event)
        if event.key.startswith(keys.STEPS) and event.name.startswith("ObjectCreated"):
            why = json.loads(self.stand_ins.oss.read(event.bucket, event.key)).get("why", "")
            self.seen.wake(why)
            if self.trace.is_read:
                self.trace.note(self.now_s, f"  wake {event.key}: {why}")

    # ---- time

    def _schedule(self) -> None:
        for story in self.plan.stories:
            for number, (owner, name, asset, extension, body) in enumerate(uploads(story)):
                key = keys.upload(owner, name, asset, extension)
                self.timing.later(story.at_s + number * story.gap_s, lambda key=key, body=body: self._upload(key, body))  # type: ignore[misc]
                self.stories_put += 1

        for request in self.plan.requests:
            for key, body in asked(request):
                put = partial(self._upload, key, body, request.job_id)
                self.timing.later(request.at_s, put)
                self.stories_put += 1

    def _say_yes(self, job_id: str) -> None:
        """A family that was asked thinks about it, and agrees, unless it has called the story off meanwhile."""
        story = self._story(job_id)
        self.seen.counts[Sometimes.TASTED if story.tastes else Sometimes.ASKED] += 1
        key = keys.upload(keys.Owner.INBOX, job_id, keys.Asset.YES, "json")

        def agree() -> None:
            if self.job(job_id).state is JobState.ASKED:
                self.stand_ins.oss.put(self.settings.input_bucket, key, yes(story.budget_yuan))

        self.timing.later(story.yes_after_s, agree)

    def _grant_later(self, job_id: str) -> None:
        """A family hears that its story has used up what it granted, and grants enough."""
        if job_id not in self.granted:
            self.granted.add(job_id)
            self.stories_put += 1
            self.timing.later(self._story(job_id).yes_after_s, lambda: self._grant(job_id))

    def _grant(self, job_id: str) -> None:
        self.stories_put -= 1
        if self.job(job_id).state is not JobState.OPEN or not asking.is_paused(self.world, job_id):
            return
        spent_yuan = sum(row.spent for row in effects.rows_of(self.world, job_id)) / YUAN
        if spent_yuan > self._story(job_id).budget_yuan:
            self.overspent.append(f"{job_id} has spent {spent_yuan:.4f} of {self._story(job_id).budget_yuan:.4f} yuan")
        self.seen.counts[Sometimes.PAUSED] += 1
        key = keys.upload(keys.Owner.INBOX, job_id, keys.Asset.YES, "json")
        self.stand_ins.oss.put(self.settings.input_bucket, key, yes(GRANTED_YUAN))

    def _told(self, job_id: str) -> None:
        self.seen.counts[Sometimes.BY_TWO] += not keys.request_of(job_id) and bool(self._story(job_id).beside)
        self._correct_later(job_id)

    def _correct_later(self, job_id: str) -> None:
        """A family has seen its story, and wishes another word in it."""
        if keys.edition_of(job_id)[1] > 1:
            self.seen.counts[Sometimes.CORRECTED] += 1
            return
        after_s = 0.0 if keys.request_of(job_id) else self._story(job_id).redo_after_s
        if after_s:
            self.stories_put += 1
            self.timing.later(after_s, lambda: self._correct(job_id))

    def _correct(self, job_id: str) -> None:
        key = keys.upload(keys.Owner.INBOX, job_id, keys.Asset.EDITS, "json")
        if self.job(job_id).state is JobState.DONE:
            self.corrected.add(job_id)
            self._upload(key, edits())
        else:
            self.stories_put -= 1

    def _story(self, job_id: str) -> Story:
        first, _ = keys.edition_of(job_id)
        return next(story for story in self.plan.stories if story.job_id == first)

    @property
    def stories(self) -> list[Story]:
        """All that were to be told, corrected editions with them."""
        editions = [replace(self._story(job_id), job_id=keys.edition(job_id, 2)) for job_id in sorted(self.corrected)]
        return [*self.plan.stories, *editions]

    @property
    def wanted(self) -> list[Story | Request]:
        """The jobs of all stories and requests."""
        return [*self.stories, *self.plan.requests]

    def _foresee(self, job_id: str) -> None:
        """What a family is told about the time that its clips will take, as soon as somebody can know."""
        ahead = forecast.of(self.world, self.job(job_id), self.steps(job_id))
        if ahead is not None:
            self.foreseen[job_id] = self.now_s, ahead.seconds

    @property
    def forecasts(self) -> list[float]:
        """Of each story that was told, the time foreseen for its clips as a share of the time that they took."""
        told = [(*self.foreseen[job_id], at_s) for job_id, at_s in self.watch.clipped.items() if self._is_told(job_id)]
        return [foreseen_s / (at_s - since_s) for since_s, foreseen_s, at_s in told if at_s > since_s]

    def _is_told(self, job_id: str) -> bool:
        return job_id in self.foreseen and self.watch.jobs[job_id] == JobState.DONE.value

    def was_withdrawn(self, job_id: str) -> bool:
        """Whether a family wished for it."""
        first, _ = keys.edition_of(job_id)
        return any(one.kind in {Kind.CANCEL, Kind.ERASE} and one.site.endswith(first) for one in self.faults.struck)

    def _upload(self, key: str, body: bytes, job_id: str = "") -> None:
        self.stories_put -= 1
        self.last_put_s[job_id or key.split("/")[1]] = self.now_s
        self.stand_ins.oss.put(self.settings.input_bucket, key, body)

    def _until(self, end_s: float) -> None:
        """Let things happen until all is settled, or the time is over."""
        next_sweep_s = self.now_s + self.plan.sweep_every_s
        while not self.is_settled():
            at = self.timing.next_at()
            if at is None or at - self.began_at > next_sweep_s:
                if next_sweep_s > end_s:
                    return
                self.timing.advance(next_sweep_s - self.now_s)
                next_sweep_s += self.plan.sweep_every_s
                self._sweep()
            elif at - self.began_at > end_s:
                return
            self._step()

    def _step(self) -> None:
        self.timing.step()
        self.faults.now_s = self.now_s

    def _sweep(self) -> None:
        self.sweeps += 1
        self.stand_ins.fc.invoke_async(SWEEP, b"{}")

    def _drain(self) -> None:
        """Everything that is on its way arrives."""
        end_s = self.now_s + CONVERGES_S_MAX
        while (at := self.timing.next_at()) is not None and at - self.began_at <= end_s:
            self._step()

    def _is_for_a_person(self, job_id: str, row: StepRow) -> bool:
        """Whether an operator's word means that a clip is bought anew: it was refused, or nobody can know."""
        if row.step not in {"animate", "generate"}:
            return False
        if row.state is StepState.REVIEW:
            return True
        clips = effects.rows_of(self.world, job_id, row.step, row.item)
        return any(clip.state.value in {"refused", "review", "lost"} for clip in clips)

    def is_settled(self) -> bool:
        """Whether every story has come and every job has ended, or waits for a person and for nothing else."""
        if self.stories_put or self.withdrawals.pending:
            return False
        seen = self.watch.changes, len(self.corrected)
        if seen != self._looked_at:  # else nothing has happened to a job since
            self._looked_at, jobs = seen, self.watch.jobs
            self._was_settled = all(self._is_settled(wanted.job_id, jobs) for wanted in self.wanted)
        return self._was_settled

    def _is_settled(self, job_id: str, jobs: Mapping[str, str]) -> bool:
        if job_id not in jobs:
            first, number = keys.edition_of(job_id)
            if number > 1 and self.is_without_narrator(job_id):
                return True  # what a correction needs went with its narrator
            return jobs.get(first) == JobState.ERASED.value  # what was corrected is no more
        if jobs[job_id] == JobState.COLLECTING.value:
            return self.is_without_narrator(job_id)
        return jobs[job_id] in ENDED or self._waits_for_a_person(job_id)

    def is_without_narrator(self, job_id: str) -> bool:
        """Whether who should have told it was forgotten."""
        job_id, _ = keys.edition_of(job_id)
        found = [name for story in self.plan.stories if story.job_id == job_id for name in story.narrators]
        return bool(found) and not self.withdrawals.parted.keys().isdisjoint(found)

    def _waits_for_a_person(self, job_id: str) -> bool:
        if job_id not in self.watch.in_review or self.watch.jobs[job_id] != JobState.OPEN.value:
            return False
        rows = self.steps(job_id)
        is_moving = any(row.state in {StepState.CLAIMED, StepState.WAITING} for row in rows.values())
        return not is_moving and not ready(steps_of(job_id), rows)


def _subject_of(event: bytes) -> str:
    """The key that an event of OSS is about, without a look at the rest of it; our keys have nothing to escape."""
    _, _, rest = event.partition(b'"key": "') if event.startswith(b'{"events": ') else (b"", b"", b"")
    return rest.partition(b'"')[0].decode()


UNDER_WAY = frozenset({JobState.COLLECTING.value, JobState.ASKED.value, JobState.OPEN.value})
ENDED = frozenset({state.value for state in JobState} - UNDER_WAY)


@cache
def function(name: str) -> Callable[[bytes, World], None]:
    """The code of a function."""
    found: Callable[[bytes, World], None] = importlib.import_module(f"functions.{name}.handler").run
    return found
