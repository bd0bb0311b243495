"""Headless Chromium before the local cloud with toy engines. Skipped, in so many words, where a browser is missing."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli import clouds
from local.cloud import LocalCloud
from local.standins.work import Pace
from shared.console import sessions
from shared.engine.world import World
from tests.browser.films import PlayableEngines, film
from tests.toys import toy_png, toy_wav

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PATIENCE_MS = 90_000
PICTURES = Path("build/pictures")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = _missing()
    if missing:
        for item in items:
            if "tests/browser/" in item.path.as_posix():
                item.add_marker(pytest.mark.skip(reason=missing))


def _missing() -> str:
    if CHROMIUM is None:
        return "no Chromium on this machine: on Debian, apt-get install chromium fonts-noto-cjk"
    try:
        import playwright  # noqa: F401  is it there?
    except ImportError:
        return "playwright is not installed: make browser"
    return ""


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    pace = Pace(ims_queue_s=1.0, voice_deploying_s=0.5, task_queue_s=1.0)
    with LocalCloud.open(tmp_path_factory.mktemp("home"), engines=PlayableEngines(), pace=pace) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def world(cloud: LocalCloud) -> World:
    return clouds.local_world(cloud.endpoint)


@pytest.fixture(scope="session")
def page_url(cloud: LocalCloud) -> str:
    with urllib.request.urlopen(f"{cloud.endpoint}/_echobot/page") as answer:  # noqa: S310  our own loopback address
        return str(json.load(answer)["url"])


@pytest.fixture(scope="session")
def browser(shelf: Path) -> Iterator[Any]:
    """Its microphone hears the toy voice."""
    from playwright.sync_api import sync_playwright

    hears = f"--use-file-for-fake-audio-capture={shelf / 'voice.wav'}"
    with sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, hears])
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Any) -> Iterator[Callable[..., Any]]:
    """A page in a browser of its own, as large as asked for; whatever it complains of fails the test."""
    contexts, complaints = [], []

    def open_(size: dict[str, Any], **more: Any) -> Any:
        context = browser.new_context(locale="zh-CN", **size, **more)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda told: complaints.append(told.text) if "Content Security" in told.text else None)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def link(world: World, page_url: str) -> Callable[[str, str], str]:
    """A family's private link."""

    def make(name: str, title: str = "") -> str:
        sessions.add(world, name, title)
        return f"{page_url}/enter#{sessions.link_token(world, name)}"

    return make


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shelf")
    (folder / "film.mp4").write_bytes(film())
    (folder / "long.mp4").write_bytes(
        film(((2.0, 5.0, "从前有一只小狐狸。"), (12.0, 15.0, "它数星星。"), (24.0, 27.0, "晚安。")), seconds=32)
    )
    (folder / "large.mp4").write_bytes(film(padding=24 * 1024 * 1024))
    (folder / "voice.wav").write_bytes(toy_wav(12.0))
    (folder / "photo.png").write_bytes(toy_png(600, 600))
    (folder / "tiny.png").write_bytes(toy_png(64, 64))
    (folder / "broken.srt").write_bytes(b"this is no caption file")
    (folder / "right.srt").write_text("1\n00:00:01,000 --> 00:00:04,000\n从前有一只小狐狸。\n")
    return folder


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where pictures of the page are kept."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES
