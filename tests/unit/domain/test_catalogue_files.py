"""A file is held against the limits of the model that is to take it, each limit at its end and just beyond."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from shared.domain.catalogue import CATALOGUE
from shared.domain.catalogue.files import CONTAINERS_OF_SOUND, FileFacts, file_problems
from shared.domain.catalogue.model import MB, File, Medium
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
        (SPOKEN_EMO, replace(SPEECH, seconds=0), "length", "0 s", "60 s"),
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


LIMITED = {
    f"{model.name}/{form.name}/{one.name}": one.file
    for model in CATALOGUE.values()
    for form in model.forms
    for one in form.inputs
    if one.file is not None
}
"""The limits of every file that any model takes."""


def inside(limits: File) -> FileFacts:
    """A file in the middle of all limits."""
    side = sum(limits.side_px) // 2 or 1000
    seconds = sum(limits.seconds) / 2 or limits.seconds_below / 2
    codec = limits.codecs[0] if limits.codecs else "avc"
    return FileFacts(limits.containers[0], MB, seconds, side, side, sum(limits.fps) / 2, codec)


def at_the_ends(limits: File) -> Iterator[FileFacts]:
    """Files at each end of each limit."""
    good = inside(limits)
    called = {name: container for container, name in CONTAINERS_OF_SOUND.items()}
    is_sound = limits.medium is Medium.SOUND
    yield from (replace(good, container=called.get(one, one) if is_sound else one) for one in limits.containers)
    yield from (replace(good, video_codec=one) for one in limits.codecs)
    yield from (replace(good, width=side, height=side) for side in limits.side_px if side)
    yield from (replace(good, seconds=end) for end in limits.seconds if end)
    yield from (replace(good, fps=end) for end in limits.fps)
    if limits.mb_max:
        yield replace(good, size=round(limits.mb_max * MB))
    if limits.ratio_max:
        low = max(limits.side_px[0], 100)
        yield replace(good, width=int(low * limits.ratio_max), height=low)
    if limits.seconds_below:
        yield replace(good, seconds=limits.seconds_below - 0.01)


def beyond_the_ends(limits: File) -> Iterator[tuple[str, FileFacts]]:
    """What is wrong, and a file just beyond one end of one limit."""
    good = inside(limits)
    yield "format", replace(good, container="gif")
    if limits.codecs:
        yield "codec", replace(good, video_codec="vp9")
    if limits.side_px != (0, 0):
        yield from (("side", replace(good, width=side)) for side in (limits.side_px[0] - 1, limits.side_px[1] + 1))
    if limits.seconds != (0.0, 0.0):
        low, high = limits.seconds
        yield from (("length", replace(good, seconds=s)) for s in (low - 0.1, high + 0.1))
    if limits.seconds_below:
        yield "length", replace(good, seconds=limits.seconds_below)
    if limits.fps != (0.0, 0.0):
        yield from (("frame rate", replace(good, fps=fps)) for fps in (limits.fps[0] - 1, limits.fps[1] + 1))
    if limits.mb_max:
        yield "size", replace(good, size=round(limits.mb_max * MB) + MB // 10)
    if limits.ratio_max:
        low = max(limits.side_px[0], 100)
        yield "ratio", replace(good, width=int(low * limits.ratio_max) + 1, height=low)


@pytest.mark.parametrize("limits", LIMITED.values(), ids=LIMITED)
def test_each_file_of_each_model_is_taken_inside_and_at_every_end_of_its_limits(limits: File) -> None:
    for facts in (inside(limits), *at_the_ends(limits)):
        assert file_problems("input.x", limits, facts) == []


@pytest.mark.parametrize("limits", LIMITED.values(), ids=LIMITED)
def test_each_file_of_each_model_is_refused_just_beyond_every_end_of_its_limits(limits: File) -> None:
    for what, facts in beyond_the_ends(limits):
        found = [problem.fields for problem in file_problems("input.x", limits, facts)]

        assert what in [fields["what"] for fields in found]
        assert all(fields["rule"] and fields["nearest"] for fields in found)
