"""A file is held against the limits of the model that is to take it, each limit at its end and just beyond."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.domain.catalogue.files import FileFacts, file_problems
from shared.domain.catalogue.model import MB, File
from shared.domain.catalogue.people import DANCE, HEAD, PERSON
from shared.domain.catalogue.portraits import SPOKEN_EMO, SPOKEN_RETALK, SPOKEN_S2V

PHOTO = FileFacts("png", MB, width=1000, height=1000)
SPEECH = FileFacts("wav", MB, seconds=10)
FILM = FileFacts("mp4", MB, seconds=10, width=1280, height=720, fps=30, video_codec="avc")


@pytest.mark.parametrize(
    ("limits", "facts"),
    [
        (HEAD, PHOTO),
        (HEAD, replace(PHOTO, width=400, height=7000)),
        (HEAD, replace(PHOTO, size=10 * MB)),
        (PERSON, replace(PHOTO, width=1000, height=500)),
        (SPOKEN_EMO, SPEECH),
        (SPOKEN_EMO, replace(SPEECH, seconds=60)),
        (SPOKEN_S2V, replace(SPEECH, seconds=19.99)),
        (SPOKEN_RETALK, replace(SPEECH, container="adts")),
        (DANCE, FILM),
        (DANCE, replace(FILM, fps=24, seconds=60, width=200, height=200)),
    ],
)
def test_a_file_at_the_end_of_a_limit_will_do(limits: File, facts: FileFacts) -> None:
    assert file_problems("input.x", limits, facts) == []


@pytest.mark.parametrize(
    ("limits", "facts", "what", "value", "nearest"),
    [
        (HEAD, replace(PHOTO, container="gif"), "format", "gif", "jpeg"),
        (HEAD, replace(PHOTO, container=""), "format", "?", "jpeg"),
        (HEAD, replace(PHOTO, width=399), "side", "399 px", "400 px"),
        (HEAD, replace(PHOTO, height=7001), "side", "7001 px", "7000 px"),
        (HEAD, replace(PHOTO, size=10 * MB + MB // 10), "size", "10.1 MB", "10 MB"),
        (PERSON, replace(PHOTO, width=1000, height=499), "ratio", "1000x499", "2:1"),
        (SPOKEN_EMO, replace(SPEECH, seconds=60.1), "length", "60.1 s", "60 s"),
        (SPOKEN_EMO, replace(SPEECH, container="mp4"), "format", "mp4", "wav"),
        (SPOKEN_S2V, replace(SPEECH, seconds=20), "length", "20 s", "19.9 s"),
        (SPOKEN_S2V, replace(SPEECH, seconds=0), "length", "0 s", "19.9 s"),
        (DANCE, replace(FILM, fps=23.9), "frame rate", "23.9 fps", "24 fps"),
        (DANCE, replace(FILM, video_codec="vp9"), "codec", "vp9", "avc"),
        (DANCE, replace(FILM, video_codec=""), "codec", "?", "avc"),
        (DANCE, replace(FILM, seconds=1.9), "length", "1.9 s", "2 s"),
    ],
)
def test_a_file_beyond_a_limit_is_refused_with_the_nearest_that_will_do(
    limits: File, facts: FileFacts, what: str, value: str, nearest: str
) -> None:
    found = file_problems("input.x", limits, facts)

    assert [(one.code, one.fields["name"]) for one in found] == [("request.file", "input.x")]
    told = found[0].fields
    assert (told["what"], told["value"], told["nearest"]) == (what, value, nearest)
    assert "…" not in found[0].sentence.zh


def test_everything_wrong_with_a_file_is_said_at_once() -> None:
    worst = FileFacts("mp4", 201 * MB, seconds=61, width=100, height=3000, fps=10, video_codec="vp8")

    assert [one.fields["what"] for one in file_problems("input.x", DANCE, worst)] == [
        "size",
        "side",
        "side",
        "length",
        "frame rate",
        "codec",
    ]
