"""Every point at which a function may die in the course of one story: before and after each call that leaves its
process. The story has two segments, and nothing else happens to it; or, in other worlds, the vendor takes one clip of
it and then switches EMO off, or two parents read it and a recogniser that hears nothing listens.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from shared.domain import keys
from shared.domain.job import JobState, StepState
from shared.domain.keys import Asset, Owner
from shared.engine import asking, narrators
from shared.engine.enrolment import ON_ITS_WAY_S
from shared.engine.sweep import sweep
from shared.ports import Bucket, Place, Table
from tests.simulation.choke import Choke, When, throttle
from tests.simulation.vendors import Announced
from tests.stage import CONSENT, Killed, Stage
from tests.toys import toy_film, toy_png, toy_wav

TWO_SEGMENTS = {"segment_s_max": 5.0}

MAY_BE_REPEATED = frozenset(
    {"cosyvoice-v3.5-plus", "CaptionExtraction", "MusicDemix", "SubmitASRJob", "emo-detect-v1", "wan2.2-s2v-detect"}
)
"""No token and no list exists for these; each is cheap, and one repeat a crash is what docs/promises.md promises."""

ASKS_A_PERSON = frozenset({"media.read_captions", "media.split_music"})
"""After a second call of which nobody knows whether it happened, a person decides."""

TASTED = ((11.0, 14.0, "从前有一只小狐狸。"), (24.0, 27.0, "它每天晚上数星星。"))
YES_HEARD_S = 3 * 3600.0

SECOND_WITHIN = 80
"""How many calls after the first death the second may come: soon enough to meet what goes on because of the first."""

UNDER_WAY_S = 75.0
"""Until a voice stands, a face is known, and files of the story are made."""

FILES = 3
"""Of a narrator: sample, photo, consent."""

FORGETS_MAX = 4
"""Passes of the sweep, a quarter of an hour apart."""

SWEEP_S = 60.0
SWEEPS_MAX = 8

Point = tuple[int, When]


@dataclass(frozen=True)
class Whole:
    """A story that nothing happens to: its calls, what it buys, and which rests of it are announced."""

    calls: tuple[str, ...]
    bought: Counter[str]
    rests: list[str]

    @property
    def points(self) -> list[Point]:
        return [(at, when) for at in range(1, len(self.calls) + 1) for when in When]


class Told(Stage):
    """A stage that counts what is announced."""

    announced: Announced


def tell(*points: Point, emo_ends: bool = False, tasted: bool = False, by_two: bool = False) -> tuple[Told, Choke]:
    """The story with deaths at these points; with `emo_ends` the vendor takes no second clip of EMO, and one that is
    `tasted` has its first clip in the taste, and the other after a yes; with `by_two` two parents take turns.
    """
    choke = Choke(points)
    stage = Told(settings=TWO_SEGMENTS)
    if emo_ends:
        switch_off_after_one(stage, "emo-v1")
    throttle(stage, choke)
    stage.announced = Announced(stage.stand_ins.topics)
    if by_two:
        tell_by_two(stage)
    else:
        stage.tell(**({"options": b'{"quote": "taste"}', "film": toy_film(32.0, TASTED)} if tasted else {}))
    stage.run()
    if tasted and stage.job().state is JobState.ASKED:
        _sweep_up(stage)  # nobody says yes who was not asked
        stage.world.objects.write(asking.place("story"), b"", "application/json")
        stage.run(YES_HEARD_S)  # the sweep comes to those who wait within the hour
    _sweep_up(stage)
    return stage, choke


def tell_by_two(stage: Stage) -> None:
    """Two saved narrators take turns, and somebody is to listen."""
    for name, voice_s in (("mama", 12.0), ("papa", 14.0)):
        _enrol(stage, name, voice_s)
    options = json.dumps({"cast": {"alternate": ["mama", "papa"]}, "listen": True}).encode()
    stage.tell(options=options, voice=None, photo=None, consent=None)


def _enrol(stage: Stage, name: str, voice_s: float) -> None:
    files = ((Asset.VOICE, "wav", toy_wav(voice_s)), (Asset.PHOTO, "png", toy_png(note=name.encode())))
    for asset, extension, body in (*files, (Asset.CONSENT, "json", json.dumps(CONSENT).encode())):
        place = Place(Bucket.INPUT, keys.upload(Owner.NARRATOR, name, asset, extension))
        stage.world.objects.write(place, body, "application/octet-stream")


def forget(*points: Point) -> tuple[Stage, Choke, int]:
    """A narrator is forgotten while a story of theirs is under way, with deaths at these points: of the command, which
    nobody repeats, or of the passes of the sweep after it; and how many of the calls were the command's.
    """
    choke = Choke(points)
    stage = Stage()
    _enrol(stage, "mama", 12.0)
    stage.tell(options=b'{"narrator": "mama"}', voice=None, photo=None, consent=None)
    stage.run(UNDER_WAY_S, sweep_every_s=None)
    throttle(stage, choke)
    with suppress(Killed):
        narrators.erase(stage.functions_world, "mama")
    commands = len(choke.trace)
    for _ in range(FORGETS_MAX):
        with suppress(Killed):
            sweep(stage.functions_world)
        stage.timing.run(ON_ITS_WAY_S)
    return stage, choke, commands


def remembered(points: Sequence[Point]) -> list[str]:
    """What is left of a narrator who was to be forgotten, after deaths at these points."""
    stage, choke, _ = forget(*points)
    where = " and ".join(f"{when.value} call {at}" for at, when in points) + f" ({', '.join(choke.killed)})"
    if not stage.world.rows.range(Table.WATCH, (narrators.TOMBSTONE,)):
        return [] if _is_untouched(stage) else [f"{where}: no wish is written down, and something is gone"]
    receipt = narrators.check(stage.world, "mama")
    left = [f"{count} {what} are left" for what, count in receipt.left.items() if count]
    open_ = ["nobody is through with it"] if receipt.is_open or receipt.under_way else []
    # Told, where it ended before the first pass of the sweep that did not die.
    is_over = stage.job().state in {JobState.CANCELLED, JobState.DONE}
    story = [] if is_over else [f"the story is {stage.job().state.value}"]
    return [f"{where}: {what}" for what in (*left, *open_, *story)]


def _is_untouched(stage: Stage) -> bool:
    """Whether the command died before it had begun: its operator was told that it failed."""
    uploads = stage.world.objects.listing(Bucket.INPUT, keys.narrator("mama"))
    return len(uploads) == FILES and stage.job().state is not JobState.CANCELLED


def _sweep_up(stage: Told) -> None:
    """The story has come to a rest; what is left to be said of it is found by the sweep, which nothing happens to."""
    mortal, stage.functions_world = stage.functions_world, stage.world
    for _ in range(SWEEPS_MAX):
        if not stage.job().news:
            break
        stage.timing.advance(SWEEP_S)
        stage.stand_ins.fc.invoke_async("echobot-sweep", b"{}")
        stage.timing.run(SWEEP_S)
    stage.functions_world = mortal


def switch_off_after_one(stage: Stage, retired: str) -> None:
    """The vendor takes one more task of the model, which it still does, and then none."""
    vendor = stage.stand_ins.model_studio
    submit = vendor.submit_task

    def once(model: str, fields: dict[str, Any], parameters: dict[str, Any], path: str) -> dict[str, Any]:
        reply = submit(model, fields, parameters, path)
        if model == retired:
            vendor.offline_models.add(model)
        return reply

    vendor.submit_task = once  # type: ignore[method-assign]  # this vendor alone


@lru_cache(maxsize=4)
def whole(*, emo_ends: bool = False, tasted: bool = False, by_two: bool = False) -> Whole:
    stage, choke = tell(emo_ends=emo_ends, tasted=tasted, by_two=by_two)
    return Whole(tuple(choke.trace), Counter(stage.charges()), rests(stage))


def pairs(number: int, seed: int) -> Iterator[tuple[Point, Point]]:
    """A sample of two deaths in one story."""
    chance, calls = random.Random(seed), len(whole().calls)
    for _ in range(number):
        first = chance.randint(1, calls)
        yield (
            (first, chance.choice(list(When))),
            (first + chance.randint(1, SECOND_WITHIN), chance.choice(list(When))),
        )


def broken(points: Sequence[Point], *, emo_ends: bool = False, tasted: bool = False, by_two: bool = False) -> list[str]:
    """What does not hold after deaths at these points."""
    stage, choke = tell(*points, emo_ends=emo_ends, tasted=tasted, by_two=by_two)
    where = " and ".join(f"{when.value} call {at}" for at, when in points) + f" ({', '.join(choke.killed)})"
    wanted = whole(emo_ends=emo_ends, tasted=tasted, by_two=by_two)
    return [f"{where}: {what}" for what in _broken(stage, choke, wanted)]


def rests(stage: Told) -> list[str]:
    """Where the job came to a rest, as was announced: each once, however often."""
    return sorted(state for _, state, _ in stage.announced.heard)


def _broken(stage: Told, choke: Choke, wanted: Whole) -> Iterator[str]:
    extra = Counter(stage.charges()) - wanted.bought
    if not set(extra) <= MAY_BE_REPEATED or sum(extra.values()) > len(choke.killed):
        yield f"bought too much: {dict(extra)}"
    if _waits_for_a_person(stage, choke):
        return
    if stage.job().state is not JobState.DONE:
        yield f"the job is {stage.job().state.value} {dict(stage.job().error)}"
    if missing := wanted.bought - Counter(stage.charges()):
        yield f"was not bought: {dict(missing)}"
    if open_rows := [key for key, row in stage.steps().items() if row.state is not StepState.DONE]:
        yield f"steps are left open: {open_rows}"
    if effects := stage.open_effects():
        yield f"effects are left open: {effects}"
    told = stage.announced.heard
    if rests(stage) != wanted.rests or max(told.values()) > 1 + len(choke.killed) or stage.job().news:
        yield f"was announced {dict(told)} times"
    for engine in ("emo", "wan-s2v"):
        if holder := stage.studio_holder(engine):
            yield f"{holder} holds the studio of {engine}"


def _waits_for_a_person(stage: Stage, choke: Choke) -> bool:
    """Two deaths at one and the same call leave it with two answers that nobody heard."""
    died_at = set(choke.killed)
    in_review = [row for row in stage.steps().values() if row.state is StepState.REVIEW]
    return bool(in_review) and len(choke.killed) > len(died_at) and died_at <= ASKS_A_PERSON
