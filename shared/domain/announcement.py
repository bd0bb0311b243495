"""What the world outside is told when a job comes to a rest: one short document, the same for every channel.

It holds nothing that opens anything: the story's name, a sentence in both languages, and the address of its page, which
asks for the family's own link.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from shared.domain import families
from shared.domain.frozen import frozen
from shared.domain.job import JobState
from shared.domain.sentences import Sentence, sentence

VERSION = 1

ANNOUNCED = frozenset({JobState.ASKED, JobState.DONE, JobState.REFUSED, JobState.FAILED, JobState.CANCELLED})
"""States in which somebody outside should hear of a job: it has ended, or waits for its family."""

WITH_REASON = frozenset({JobState.REFUSED, JobState.FAILED, JobState.CANCELLED})


@frozen
class Announcement:
    """`name` tells one from all others, and is the same however often it is sent: receivers tell repeats by it.
    `at` is in seconds since 1970; `url` is empty where there is no page.
    """

    name: str
    job_id: str
    family: str
    story: str
    state: str
    at: float
    said: Sentence
    url: str = ""

    @property
    def document(self) -> Mapping[str, object]:
        return {
            "version": VERSION,
            "id": self.name,
            "job": self.job_id,
            "family": self.family,
            "story": self.story,
            "state": self.state,
            "at": self.at,
            "zh": self.said.zh,
            "en": self.said.en,
            "url": self.url,
        }

    @property
    def body(self) -> str:
        """The document as it is sent."""
        return json.dumps(self.document, ensure_ascii=False)

    @property
    def title(self) -> str:
        """One line for a subject."""
        return " ".join(part for part in ("Echobot", self.family, self.story) if part)


def name_of(job_id: str, state: JobState, why: str) -> str:
    """Of an announcement. The same state for the same reason is the same announcement, and is made once."""
    return hashlib.sha256(f"{job_id} {state.value} {why}".encode()).hexdigest()[:32]


def compose(name: str, job_id: str, state: JobState, at: float, problem: Sentence | None, page: str) -> Announcement:
    """`problem` says why, for a state that has a reason; `page` is the address of the families' page, or nothing."""
    family, story = families.of(job_id), families.title(job_id)
    called = f"{family} {story}".strip()
    zh = sentence(f"announce.{state.value}", {"story": called, "why": problem.zh if problem else ""}).zh.strip()
    en = sentence(f"announce.{state.value}", {"story": called, "why": problem.en if problem else ""}).en.strip()
    url = f"{page.rstrip('/')}/stories/{job_id}" if page and family else ""
    return Announcement(name, job_id, family, story, state.value, at, Sentence(zh, en), url)
