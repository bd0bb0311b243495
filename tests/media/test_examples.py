"""Every request of `examples/requests`, run as `echobot generate FILE` runs it, by the real functions and engines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pymediainfo import MediaInfo

from cli import clouds, generating, telling
from local.cloud import LocalCloud
from local.engines import ffmpeg
from shared.domain import keys, requests
from shared.domain.job import JobState
from shared.domain.prices import YUAN

pytestmark = [pytest.mark.media, pytest.mark.loopback]

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "requests"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
SPOKEN_S = 2.0
WITHOUT_FILM = {"animate-anyone-template-gen2"}
MAKE: dict[str, tuple[tuple[int, int] | None, float]] = {
    "wan2.2-t2v-plus": ((832, 480), 5.0),
    "wanx2.1-t2v-turbo": ((832, 480), 5.0),
    "wanx2.1-t2v-plus": ((960, 960), 5.0),
    "wan2.2-i2v-plus": ((736, 416), 5.0),
    "wanx2.1-i2v-turbo": ((736, 416), 3.0),
    "wanx2.1-i2v-plus": ((1264, 736), 5.0),
    "wanx2.1-kf2v-plus": ((1264, 736), 5.0),
    "vace-image-reference": ((1280, 720), 5.0),
    "vace-video-repainting": ((640, 360), 2.0),
    "vace-video-edit": ((1280, 720), 2.0),
    "vace-video-extension": (None, 5.0),
    "vace-video-outpainting": (None, 2.0),
    "video-style-transform": (None, 2.0),
    "animate-anyone-gen2": ((720, 960), 2.2),
    "animate-anyone": ((720, 1280), 2.2),
    "emoji-v1": ((512, 512), 3.0),
    "emo-v1": ((512, 512), SPOKEN_S),
    "liveportrait": (None, SPOKEN_S),
    "wan2.2-s2v": ((560, 560), SPOKEN_S),
    "wan2.7-i2v": ((960, 960), SPOKEN_S),
    "videoretalk": ((640, 640), SPOKEN_S),
}
"""Pixels, where the request or the model says them, and seconds of what each request makes."""


@dataclass(frozen=True)
class Ran:
    state: JobState
    quote: tuple[float, float]
    folder: Path

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "report.json").read_text("utf-8"))
        return found


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """All of them on one local cloud, side by side."""
    out = tmp_path_factory.mktemp("examples")
    ids = {name: name.replace(".", "-") for name in NAMES}
    found = {}
    with LocalCloud.open(out / "home") as cloud:
        world = clouds.local_world(cloud.endpoint)
        ready = {name: generating.from_file(FOLDER / f"{name}.json", ids[name]) for name in NAMES}
        for name in NAMES:
            generating.put(world, ids[name], ready[name])
        for name in NAMES:
            ended = telling.watch(world, keys.request_job(ids[name]), lambda _state, _rows: None)
            generating.fetch(world, ids[name], out / name)
            quote = ready[name].quote
            found[name] = Ran(ended.state, (quote.low / YUAN, quote.high / YUAN), out / name)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_it_ends_with_a_report_evidence_and_the_cost_that_was_quoted(ran: dict[str, Ran], name: str) -> None:
    done = ran[name]

    assert done.state is JobState.DONE, (done.folder / "error.json").read_text("utf-8")
    report, (low, high) = done.report, done.quote
    assert report["model"] == json.loads((FOLDER / f"{name}.json").read_text("utf-8"))["model"]
    assert low - 0.06 <= float(report["spent"]["total_yuan"]) <= high + 0.06
    request = requests.read((done.folder / "evidence" / "request.json").read_bytes())
    told = json.loads((done.folder / "evidence" / "calls.json").read_text("utf-8"))
    assert [call["model"] for call in told] == [call.called for call in requests.calls(request)]
    assert all(call["states"][-1][1] == "done" for call in told)


@pytest.mark.parametrize("name", sorted(MAKE))
def test_its_film_plays_and_is_of_the_right_size_and_length(ran: dict[str, Ran], name: str) -> None:
    size, seconds = MAKE[name]
    film = ran[name].folder / "result.mp4"
    facts = MediaInfo.parse(str(film))
    video = facts.video_tracks[0]

    assert (facts.general_tracks[0].format, video.format) == ("MPEG-4", "AVC")
    assert abs(facts.general_tracks[0].duration / 1000 - seconds) <= 0.25
    assert size in {None, (video.width, video.height)}
    frames = ffmpeg.run(["-i", film, "-an", "-vf", "scale=16:16,format=gray", "-f", "rawvideo", "pipe:1"])
    assert len(frames) // 256 >= int(seconds * 10), "every frame can be decoded"
    assert len({frames[at : at + 256] for at in range(0, len(frames), 256)}) > 5, "something moves"


def test_whatever_makes_a_film_is_looked_at() -> None:
    tasks = [
        name for name in NAMES if requests.calls(requests.read((FOLDER / f"{name}.json").read_bytes()))[-1].is_task
    ]

    assert set(tasks) == set(MAKE) | WITHOUT_FILM
