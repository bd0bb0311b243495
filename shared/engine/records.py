"""Rows of the `jobs` and `steps` tables as the domain's dataclasses, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from shared.domain.errors import Conflict, EchobotError, Retry, Unknown
from shared.domain.frozen import frozen
from shared.domain.job import JOB_MOVES, WHOLE, JobState, Phase, StepRow, StepState
from shared.domain.options import Options, read_options
from shared.domain.prices import YUAN
from shared.domain.readers import OWN, asset_of
from shared.engine import agenda, news
from shared.engine.world import World
from shared.log import redact_text
from shared.ports import Bucket, Columns, Key, Place, Table, Value
from shared.settings import Settings

HISTORY_MAX = 60
MODELS = (
    "voice_model",
    "emo_model",
    "emo_detect_model",
    "s2v_model",
    "s2v_detect_model",
    "liveportrait_model",
    "liveportrait_detect_model",
    "videoretalk_model",
)
"""Settings that a job keeps as they were when it opened: what one model has begun no other can end."""

RECORD_TRIES = 3


@frozen
class Asset:
    """An uploaded file, as it was when the job opened."""

    key: str
    etag: str
    size: int

    @property
    def place(self) -> Place:
        return Place(Bucket.INPUT, self.key)


@frozen
class Job:
    """One story for one family."""

    job_id: str
    state: JobState
    family: str = "family"
    narrator: str = ""
    readers: tuple[str, ...] = ()
    options: Options = field(default_factory=Options)
    assets: Mapping[str, Asset] = field(default_factory=dict)
    film: Mapping[str, float] = field(default_factory=dict)
    created_at: float = 0.0
    seen_at: float = 0.0
    opened_at: float = 0.0
    ended_at: float = 0.0
    error: Mapping[str, object] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    receipt: Mapping[str, Any] = field(default_factory=dict)
    budget_yuan: float | None = None
    yes_seen: str = ""
    asked_at: float = 0.0
    corrects: str = ""
    correction: str = ""
    corrections_refused: tuple[str, ...] = ()
    news: str = ""
    news_at: float = 0.0

    @property
    def is_at_door(self) -> bool:
        """Whether files may still open it: nothing was paid for yet."""
        return self.state is JobState.COLLECTING or (self.state is JobState.REFUSED and not self.opened_at)

    @property
    def is_final(self) -> bool:
        """Whether nobody can take it up again. A failed job can be; one refused at the door opens with other files."""
        if self.state is JobState.REFUSED:
            return bool(self.opened_at)
        return self.state in {JobState.DONE, JobState.CANCELLED, JobState.ERASED}

    @property
    def narrators(self) -> tuple[str, ...]:
        """The saved narrators whose files the story needs."""
        return tuple(name for name in (self.narrator, *self.readers) if name)

    @property
    def all_readers(self) -> tuple[str, ...]:
        """Everybody who reads: the story's own narrator, who goes without a name, and those beside."""
        return (OWN, *self.readers)

    @property
    def sources(self) -> frozenset[str]:
        """What there is to show of everybody who reads: a photo, a film."""
        return frozenset(
            name
            for name in self.assets
            if "@" not in name and all(asset_of(name, reader) in self.assets for reader in self.readers)
        )

    def asset(self, name: str, reader: str = OWN) -> Asset:
        """A file of the story, or of one who reads beside its own narrator."""
        return self.assets[asset_of(name, reader)]

    @property
    def seconds(self) -> float:
        """Length of the film."""
        return float(self.film["seconds"])


def load_job(world: World, job_id: str) -> Job | None:
    columns = world.rows.get(Table.JOBS, (job_id,))
    return None if columns is None else job_of(job_id, columns)


def job_of(job_id: str, columns: Columns) -> Job:
    assets = {name: Asset(**facts) for name, facts in _json(columns, "assets", {}).items()}
    return Job(
        job_id=job_id,
        state=JobState(columns["state"]),
        family=str(columns.get("family", "family")),
        narrator=str(columns.get("narrator", "")),
        readers=tuple(str(columns.get("readers", "")).split()),
        options=read_options(str(columns.get("options", "{}")).encode()),
        assets=assets,
        film=_json(columns, "film", {}),
        created_at=float(columns.get("created_at", 0.0)),
        seen_at=float(columns.get("seen_at", 0.0)),
        opened_at=float(columns.get("opened_at", 0.0)),
        ended_at=float(columns.get("ended_at", 0.0)),
        error=_json(columns, "error", {}),
        models=_json(columns, "models", {}),
        version=str(columns.get("version", "")),
        receipt=_json(columns, "receipt", {}),
        budget_yuan=float(columns["budget_yuan"]) if "budget_yuan" in columns else None,
        yes_seen=str(columns.get("yes_seen", "")),
        asked_at=float(columns.get("asked_at", 0.0)),
        corrects=str(columns.get("corrects", "")),
        correction=str(columns.get("correction", "")),
        corrections_refused=tuple(_json(columns, "corrections_refused", [])),
        news=str(columns.get("news", "")),
        news_at=float(columns.get("news_at", 0.0)),
    )


def models_of(settings: Settings) -> dict[str, str]:
    """What a job that opens now shall keep."""
    return {name: getattr(settings, name) for name in MODELS}


def settings_of(world: World, job: Job) -> Settings:
    """The deployment's settings, with the models that the job opened with."""
    kept: dict[str, Any] = {name: model for name, model in job.models.items() if name in MODELS}
    is_as_before = all(getattr(world.settings, name) == model for name, model in kept.items())
    return world.settings if is_as_before else replace(world.settings, **kept)


def budget_of(world: World, job: Job) -> int:
    """What may be spent on a job, in millionths of a yuan; 0 sets no limit. An operator's word counts first, else the
    lower of the deployment's limit and the family's.
    """
    if job.budget_yuan is not None:
        return round(job.budget_yuan * YUAN)
    limits = [yuan for yuan in (world.settings.budget_yuan, job.options.cap_yuan) if yuan]
    return round(min(limits, default=0.0) * YUAN)


def at_door(world: World, narrator: str) -> list[str]:
    """Jobs that have not opened yet and are to be told by this narrator."""
    found = [(job_id, load_job(world, job_id)) for job_id in agenda.waiting_for(world, narrator)]
    return [job_id for job_id, job in found if job is not None and job.is_at_door]


def found_or_new(world: World, job_id: str) -> Job:
    """The job's row; a new one when this is the first that is heard of it. The sweep knows of it before it exists."""
    found = load_job(world, job_id)
    if found is not None:
        return found
    now = world.clock.now()
    agenda.put(world, job_id)
    first: Columns = {"state": JobState.COLLECTING.value, "created_at": now, "version": world.ids.token()}
    world.rows.insert(Table.JOBS, (job_id,), first)
    return load_job(world, job_id) or Job(job_id, JobState.COLLECTING)


def move_job(world: World, job: Job, state: JobState, put: Mapping[str, Value], note: str) -> None:
    """Flip the job's state if nobody else has meanwhile; `Conflict` otherwise."""
    if state not in JOB_MOVES[job.state]:
        raise Conflict("row.moved", f"{job.job_id} is {job.state.value}, cannot become {state.value}")
    row = world.rows.get(Table.JOBS, (job.job_id,)) or {}
    history = remember(row, world.clock.now(), state.value, note)
    fresh, stale = news.of_move(row, job.job_id, state, note)
    columns = {**put, **fresh, "state": state.value, "version": world.ids.token(), "history": history}
    settle(world, Table.JOBS, (job.job_id,), columns, expect={"version": job.version}, remove=stale)


def load_steps(world: World, job_id: str) -> dict[tuple[str, str], StepRow]:
    """All steps of an open job; intake is done by definition, since it opened the job."""
    found = world.rows.range(Table.STEPS, (job_id,))
    rows = {(key[1], key[2]): step_of(key, columns) for key, columns in found}
    rows["intake", WHOLE] = StepRow("intake", WHOLE, StepState.DONE)
    return rows


def histories(world: World, job_id: str) -> list[list[tuple[float, str, str]]]:
    """Of each step of a job, when it came into which state, with a note; nothing where an older release kept none."""
    return [
        [(at, state, note) for at, state, note in json.loads(row.history)] for row in load_steps(world, job_id).values()
    ]


def step_of(key: Key, columns: Columns) -> StepRow:
    return StepRow(
        step=key[1],
        item=key[2],
        state=StepState(columns["state"]),
        phase=Phase(columns.get("phase", "begin")),
        fence=str(columns.get("fence", "")),
        lease_until=float(columns.get("lease_until", 0.0)),
        due_at=float(columns.get("due_at", 0.0)),
        attempt=int(columns.get("attempt", 0)),
        troubles=int(columns.get("troubles", 0)),
        waits_for=str(columns.get("waits_for", "")),
        items=tuple(_json(columns, "items", [])),
        result=_json(columns, "result", {}),
        updated_at=float(columns.get("updated_at", 0.0)),
        history=str(columns.get("history", "[]")),
    )


def insert_done(world: World, job_id: str, step: tuple[str, str], result: object, note: str) -> None:
    """A step that nobody has to do, as one that is done; one that has a row already is left alone."""
    now = world.clock.now()
    row: Columns = {
        "state": StepState.DONE.value,
        "result": dump(result),
        "updated_at": now,
        "history": remember({}, now, StepState.DONE.value, note),
    }
    world.rows.insert(Table.STEPS, (job_id, *step), row)


def settle(world: World, table: Table, key: Key, put: Columns, *, expect: Columns, remove: Sequence[str] = ()) -> None:
    """A conditional write that survives a short stumble of the table, and knows its own work when it meets it.

    A write that timed out may have won: on a conflict the row is read again, and if it already says what we
    wanted to write, we did win (Tablestore answers such a repeat with OTSConditionCheckFail).
    """
    for attempt in range(RECORD_TRIES):
        try:
            world.rows.update(table, key, put, expect=expect, remove=remove)
        except Conflict:
            found = world.rows.get(table, key) or {}
            if attempt and all(found.get(name) == value for name, value in put.items()):
                return
            raise
        except (Retry, Unknown):
            if attempt + 1 == RECORD_TRIES:
                raise
        else:
            return


def remember(columns: Columns, now: float, state: str, note: str) -> str:
    """The row's history with one more line, as JSON; the newest `HISTORY_MAX` are kept."""
    history = json.loads(str(columns.get("history", "[]")))
    history.append([round(now, 3), state, note])
    return json.dumps(history[-HISTORY_MAX:], ensure_ascii=False)


def error_of(error: EchobotError) -> str:
    """An error as a column."""
    return dump(
        {"kind": type(error).__name__, "code": error.code, "detail": error.detail[:500], "fields": dict(error.fields)}
    )


def told_of(error: EchobotError, chars: int = 160) -> str:
    """An error in the history of a row, which reports and commands show: a vendor's words may hold what is secret."""
    return redact_text(f"{error.code} {error.detail}")[:chars]


def dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _json(columns: Columns, name: str, empty: object) -> Any:
    text = columns.get(name)
    return empty if text is None else json.loads(str(text))
