"""What the pages show, as plain values: a family's stories and parents, one story, its captions as WebVTT.

Read from our own rows and buckets only: a reload asks no vendor.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import ROUND_UP, Decimal
from http import HTTPStatus
from typing import Any, cast

from shared.console import changing
from shared.console.desk import Desk, own, own_job
from shared.console.http import Answered
from shared.console.sessions import Visitor
from shared.domain import chapters, cues, families, keys
from shared.domain.frozen import frozen
from shared.domain.job import JobState
from shared.engine import status
from shared.engine.records import load_job
from shared.ports import Bucket, Place
from shared.steps import quoting

SHOWN_MAX = 50
WATCHED_S = 2 * 3600
"""How long a page can look at the status without asking the function again."""

PLAYED_S = 6 * 3600


@frozen
class Story:
    """A story in the family's list."""

    job_id: str
    state: str
    title: str
    cover: str


def stories(desk: Desk, visitor: Visitor) -> list[Story]:
    """The newest first."""
    found = _folders(desk, Bucket.INPUT, keys.INBOX, visitor) | _folders(desk, Bucket.OUTPUT, keys.STORIES, visitor)
    return [story for job_id in sorted(found, reverse=True)[:SHOWN_MAX] if (story := _story(desk, job_id))]


def narrators(desk: Desk, visitor: Visitor) -> list[str]:
    """Labels of the parents that the family has kept."""
    front = families.prefix(visitor.family)
    return sorted(name.removeprefix(front) for name in _folders(desk, Bucket.INPUT, keys.NARRATORS, visitor))


def story(desk: Desk, visitor: Visitor, job_id: str) -> dict[str, Any]:
    """Everything that the page of one story needs."""
    job = load_job(desk.world, own(visitor, job_id))
    told = dict(status.document(desk.world, job)) if job else _unheard(job_id)
    said = lines(desk, job_id) if told["state"] == JobState.DONE.value else []
    is_done = told["state"] == JobState.DONE.value
    return {
        "job": job_id,
        "title": families.title(job_id),
        "status": told,
        "quote": quote(desk, job_id) if told["state"] == JobState.ASKED.value else {},
        "taste": desk.uploads.view(_output(keys.story_taste(job_id)), PLAYED_S) if told.get("taste") else "",
        "status_url": desk.uploads.view(_output(keys.story_status(job_id)), WATCHED_S),
        "film": desk.uploads.view(_output(keys.story_film(job_id)), PLAYED_S) if is_done else "",
        "saved_as": desk.uploads.view(_output(keys.story_film(job_id)), PLAYED_S, f"{job_id}.mp4") if is_done else "",
        "cover": desk.uploads.view(_output(keys.story_cover(job_id)), PLAYED_S) if is_done else "",
        "report": report(desk, job_id) if is_done else {},
        "lines": said,
        "chapters": chapters.of(said),
        "characters_max": cues.TEXT_CHARACTERS_MAX,
        "can_change": job is not None and changing.can_change(desk, job),
        "editions": changing.others(desk, job_id),
    }


def film(desk: Desk, job_id: str) -> dict[str, object]:
    """What a share link shows: the film of a story that is done, and nothing else."""
    job = load_job(desk.world, job_id)
    if job is None or job.state is not JobState.DONE:
        raise Answered(HTTPStatus.NOT_FOUND, "nothing_here")
    return {
        "film": desk.uploads.view(_output(keys.story_film(job_id)), PLAYED_S),
        "cover": desk.uploads.view(_output(keys.story_cover(job_id)), PLAYED_S),
    }


def clip(desk: Desk, visitor: Visitor, job_id: str, item: str) -> str:
    """Where the browser finds a clip that is made already, while the film is not."""
    own_job(desk, visitor, job_id)
    return desk.uploads.view(Place(Bucket.WORK, keys.job_clip(job_id, item)), WATCHED_S)


def report(desk: Desk, job_id: str) -> Mapping[str, Any]:
    return _document(desk, keys.story_report(job_id))


def quote(desk: Desk, job_id: str) -> dict[str, Any]:
    """What the story will cost, with the sums of each step in words; nothing when nobody knows."""
    found = quoting.read(desk.world, job_id)
    if found is None:
        return {}
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for line in cast("list[dict[str, str]]", found["steps"]):
        low, high = sums.get(line["step"], (Decimal(0), Decimal(0)))
        sums[line["step"]] = low + Decimal(line["low_yuan"]), high + Decimal(line["high_yuan"])
    budget = found["budget_yuan"]
    is_over = budget is not None and Decimal(str(found["low_yuan"])) > Decimal(str(budget))
    parts = [(*status.WORDS[step], _cents(low), _cents(high)) for step, (low, high) in sums.items()]
    return {**found, "parts": parts, "is_over": is_over}


def _cents(yuan: Decimal) -> str:
    """To the fen, a fraction of one as one."""
    return f"{yuan.quantize(Decimal('0.01'), ROUND_UP)}"


def report_page(desk: Desk, visitor: Visitor, job_id: str) -> bytes:
    """The report as a page, as it was published."""
    own_job(desk, visitor, job_id)
    place = _output(keys.story_page(job_id))
    if desk.world.objects.head(place) is None:
        raise Answered(HTTPStatus.NOT_FOUND, "nothing_here")
    return desk.world.objects.read(place)


def lines(desk: Desk, job_id: str) -> list[cues.Cue]:
    """The captions of a finished story, before that those of its taste, by the numbers by which they are corrected."""
    for place in (_output(keys.story_captions(job_id)), _output(keys.story_taste_captions(job_id))):
        if desk.world.objects.head(place) is not None:
            return list(cues.read_written(desk.world.objects.read(place)))
    return []


def vtt(desk: Desk, visitor: Visitor, job_id: str) -> str:
    """Captions as a browser's player takes them."""
    own_job(desk, visitor, job_id)
    return _web_vtt((cue.start_ms, cue.end_ms, cue.text) for cue in lines(desk, job_id))


def chapters_vtt(desk: Desk, visitor: Visitor, job_id: str) -> str:
    """Chapters as a browser's player takes them."""
    own_job(desk, visitor, job_id)
    return _web_vtt((one.start_ms, one.end_ms, one.title) for one in chapters.of(lines(desk, job_id)))


def _web_vtt(parts: Iterable[tuple[int, int, str]]) -> str:
    told = (f"{_stamp(start_ms)} --> {_stamp(end_ms)}\n{_escaped(text)}\n" for start_ms, end_ms, text in parts)
    return "\n".join(["WEBVTT\n", *told])


def _story(desk: Desk, job_id: str) -> Story | None:
    job = load_job(desk.world, job_id)
    if job is not None and job.state is JobState.ERASED:
        return None
    state = job.state if job else JobState.COLLECTING
    is_done = state is JobState.DONE
    cover = desk.uploads.view(_output(keys.story_cover(job_id)), WATCHED_S) if is_done else ""
    return Story(job_id, state.value, families.title(job_id), cover)


def _folders(desk: Desk, bucket: Bucket, area: str, visitor: Visitor) -> set[str]:
    """Names of the folders of a family's own under an area."""
    found: set[str] = set()
    front = area + families.prefix(visitor.family)
    after = ""
    while page := desk.world.objects.listing(bucket, front, after):
        found |= {info.key[len(area) :].partition("/")[0] for info in page}
        after = page[-1].key
    return found


def _unheard(job_id: str) -> dict[str, Any]:
    """A story that was started, and none of whose files has come; or a correction that nobody has looked at yet."""
    state = JobState.OPEN if keys.edition_of(job_id)[1] > 1 else JobState.COLLECTING
    return {"state": state.value, "steps": [], "problems": [], "opened_at": 0.0}


def _document(desk: Desk, key: str) -> Mapping[str, Any]:
    place = _output(key)
    if desk.world.objects.head(place) is None:
        return {}
    found = json.loads(desk.world.objects.read(place))
    return found if isinstance(found, dict) else {}


def _output(key: str) -> Place:
    return Place(Bucket.OUTPUT, key)


def _stamp(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"


def _escaped(text: str) -> str:
    """WebVTT knows tags, too; and an arrow would end the text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
