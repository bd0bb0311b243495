"""What it costs while a family watches its story being made for 40 minutes: `python -m bench.watching`, into
docs/benchmarks.md.

A story whose clips take that long, in virtual time; a page that is loaded anew every five minutes, as phones do, and
looks at its status every four seconds in between. Each call that the function makes is counted. What the page's scripts
and styles take is not: browsers keep them for ever.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable
from html import unescape
from typing import Any

from bench.media.report import PAGE, line
from bench.media.rows import Row, at_most, peer
from bench.telling.__main__ import keep, table, where
from local.standins.work import Pace
from shared.console.desk import Desk
from shared.domain.job import JobState
from tests.console.house import opened
from tests.console.telling import begin
from tests.simulation.choke import choked

WATCHED_S = 40 * 60
RELOADED_EVERY_S = 300
LOOKED_EVERY_S = 4
"""As in shared/console/static/story.js."""

PACE = Pace(ims_run_s=60.0, voice_deploying_s=15.0, task_queue_s=60.0, task_run_s=1_500.0)
NAME = "watching"
READING = frozenset({"get", "range", "head", "read", "listing", "waiting"})
VENDORS = ("media.", "voices.", "avatars.", "generators.")


def measure() -> list[Row]:
    calls: Counter[str] = Counter()
    rows, invocations, looks, sizes, status_bytes = 0, 0, 0, [], []
    with opened(pace=PACE, segment_s_max=5.0) as house:

        def note(name: str, method: Callable[..., Any], args: tuple[Any, ...], more: dict[str, Any]) -> Any:
            nonlocal rows
            calls[name] += 1
            answer = method(*args, **more)
            rows += len(answer) if name == "rows.range" else name == "rows.get"
            return answer

        family = house.add()
        job_id = begin(family)
        house.desk = Desk(choked(house.stage.world, note), house.desk.uploads)
        for at_s in range(0, WATCHED_S, LOOKED_EVERY_S):
            if at_s % RELOADED_EVERY_S == 0:
                page = family.get(f"/stories/{job_id}").body.decode()
                invocations, address = invocations + 1 + _fetched(page), _status(page)
                sizes.append(len(page.encode()))
            status_bytes.append(len(house.fetch(address)))
            looks += 1
            house.stage.timing.run(float(LOOKED_EVERY_S))
        if house.stage.job(job_id).state is not JobState.OPEN:
            raise SystemExit(f"the story was to be under way still, and is {house.stage.job(job_id).state.value}")
    reloads = len(sizes)
    vendors = sum(count for name, count in calls.items() if name.startswith(VENDORS))
    writes = sum(count for name, count in calls.items() if name.split(".")[1] not in READING)
    return [
        peer(NAME, "times that the page was loaded in 40 minutes", reloads, ""),
        peer(NAME, "times that it looked at its status in the bucket", looks, ""),
        at_most(NAME, "invocations of the function, each time that it was loaded", invocations / reloads, 1, ""),
        at_most(NAME, "questions to vendors", vendors, 0, ""),
        at_most(NAME, "calls that change anything", writes, 0, ""),
        peer(NAME, "rows read, each time", rows / reloads, ""),
        peer(NAME, "calls of Tablestore, each time", _of(calls, "rows.") / reloads, ""),
        peer(NAME, "calls of OSS, each time", _of(calls, "objects.") / reloads, ""),
        peer(NAME, "size of the page", max(sizes) / 1024, "KB"),
        peer(NAME, "size of the status", max(status_bytes) / 1024, "KB"),
    ]


def _of(calls: Counter[str], port: str) -> int:
    return sum(count for name, count in calls.items() if name.startswith(port))


def _fetched(page: str) -> int:
    """What else a browser asks the function for with this page: pictures, films and captions of its own addresses."""
    return len(re.findall(r'(?:src|data)="/(?!static/)', page))


def _status(page: str) -> str:
    found = re.search(r'data-status="([^"]+)"', page)
    if found is None:
        raise SystemExit("the page has no address of its status")
    return unescape(found.group(1))


def main() -> int:
    rows = measure()
    for row in rows:
        print(line(row))
    keep(PAGE, "watching", table(rows, where()))
    return 1 if any(row.met is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
