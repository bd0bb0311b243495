"""What a family uploads for a story of the plan, file by file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache

from shared.domain import keys
from shared.domain.keys import Asset, Owner
from tests import toys
from tests.simulation.swarm import Request, Story
from tests.stage import CONSENT

FILM_MODEL = "wan2.2-t2v-plus"
SAMPLE_S = 6.0
LINE_S = 4.0
CAP_YUAN = 0.01
"""Less than any story costs."""

GRANTED_YUAN = 50.0
CORRECTED = "从前有一只小猫头鹰。"
TASTED_S = 32.0
TASTED_AT_S = (11.0, 24.0)
"""A film that is long enough for a taste, which ends with the first of two lines."""

LINES = ("从前有一只小狐狸。", "它每天晚上数星星。", "后来它睡着了。")

CROWDED_S = 6.5
CROWDED = (
    (1.0, 1.7, "小狐狸慢慢地走"),
    (1.7, 3.3, "回家。"),
    (3.4, 4.1, "它把所有的星星都轻轻地捞起来了。"),
    (4.9, 5.5, "晚安。"),
)
"""The first line is read to learn the voice's pace, and then once more, with the second in one go, unless the first is
corrected. The third goes on until the film's end, so the fourth is not heard.
"""
NUMBERS: Mapping[str, int] = {
    **{text: number for number, text in enumerate(LINES, 1)},
    **{text: number for number, (_, _, text) in enumerate(CROWDED, 1)},
    "小狐狸慢慢地走，回家。": 1,
    CORRECTED: 1,
}
"""All that is ever read, with the number of its first caption."""

Upload = tuple[Owner, str, Asset, str, bytes]
"""Whose it is, the name of the job or narrator, what it is, its file's ending, and the file."""


@lru_cache(maxsize=512)
def uploads(story: Story) -> tuple[Upload, ...]:
    """The files in the order they are put: first the options, which name what the job shall wait for."""
    files: list[Upload] = [(Owner.INBOX, story.job_id, Asset.OPTIONS, "json", _options(story))]
    if story.narrators:
        for number, name in enumerate(story.narrators):
            files += _parent(Owner.NARRATOR, name, SAMPLE_S + number, name)
    else:
        files += _parent(Owner.INBOX, story.job_id, SAMPLE_S, "NOFACE" if story.flaw == "face" else story.job_id)
    files.append((Owner.INBOX, story.job_id, Asset.FILM, "mp4", _film(story)))
    if story.captions == "file":
        files.append((Owner.INBOX, story.job_id, Asset.CAPTIONS, "srt", _srt(story)))
    return tuple(files)


@lru_cache(maxsize=64)
def asked(request: Request) -> tuple[tuple[str, bytes], ...]:
    """The files of a request by their keys, the request itself last."""
    if request.kind == "film":
        body = {"model": FILM_MODEL, "input": {"prompt": f"一只{request.name}"}, "parameters": {"size": "832*480"}}
        return ((keys.request(request.name), json.dumps(body).encode()),)
    dances = request.kind == "dance"
    photo, beside = (
        f"requests/{request.name}/photo.png",
        f"requests/{request.name}/{'dance.mp4' if dances else 'voice.wav'}",
    )
    body = {
        "model": "animate-anyone-gen2" if dances else "emo-v1",
        "input": {"image_url": photo, "video_url" if dances else "audio_url": beside},
    }
    return (
        (photo, toys.toy_png(note=request.name.encode())),
        (beside, toys.toy_mp4(LINE_S, 1280, 720) if dances else toys.toy_wav(LINE_S)),
        (keys.request(request.name), json.dumps(body).encode()),
    )


def yes(budget_yuan: float = 0.0) -> bytes:
    """A family's word that its story shall go on, perhaps with a larger budget."""
    return json.dumps({"budget_yuan": budget_yuan}).encode() if budget_yuan else b""


def edits() -> bytes:
    """A correction of the first line."""
    return json.dumps({"lines": {"1": {"text": CORRECTED}}}).encode()


def _parent(owner: Owner, name: str, sample_s: float, note: str) -> list[Upload]:
    return [
        (owner, name, Asset.CONSENT, "json", json.dumps(CONSENT).encode()),
        (owner, name, Asset.PHOTO, "png", toys.toy_png(note=note.encode())),
        (owner, name, Asset.VOICE, "wav", toys.toy_wav(sample_s)),
    ]


def _options(story: Story) -> bytes:
    options: dict[str, object] = {"family": story.family}
    if story.narrator:
        options["narrator"] = story.narrator
    if story.beside:
        options["cast"] = {"alternate": list(story.narrators)}
    if story.captions == "file":
        options["assets"] = ["captions"]
    if story.listens:
        options["listen"] = True
    if story.tastes:
        options["quote"] = "taste"
    elif story.budget_yuan:
        options["cap_yuan"] = CAP_YUAN
    elif story.yes_after_s:
        options["quote"] = "wait"
    return json.dumps(options).encode()


def _cues(story: Story) -> list[tuple[float, float, str]]:
    if story.crowds:
        return list(CROWDED)
    starts_s = TASTED_AT_S if story.tastes else tuple(1.0 + LINE_S * at for at in range(story.lines))
    return [(start_s, start_s + LINE_S - 1.0, text) for start_s, text in zip(starts_s, LINES, strict=False)]


def _film(story: Story) -> bytes:
    cues = [] if story.flaw == "words" else _cues(story)
    seconds = TASTED_S if story.tastes else CROWDED_S if story.crowds else 2.0 + LINE_S * story.lines
    if story.captions == "voice":
        return toys.toy_film(seconds, [], speech=cues)
    return toys.toy_film(seconds, cues)


def _srt(story: Story) -> bytes:
    lines = enumerate(_cues(story), 1)
    blocks = (f"{number}\n{_clock(start)} --> {_clock(end)}\n{text}\n\n" for number, (start, end, text) in lines)
    return "".join(blocks).encode()


def _clock(seconds: float) -> str:
    return f"00:00:{int(seconds):02},{round(seconds * 1000) % 1000:03}"
