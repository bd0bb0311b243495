"""The families' page in a real browser, from the private link to the playing film."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.console import sessions
from shared.engine.world import World
from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.loopback

Open = Callable[..., Any]
Link = Callable[..., str]
RECORDED_MS = 7000


def fill(page: Any, shelf: Path, *, film: str = "film.mp4", photo: str = "photo.png", voice: str = "voice.wav") -> None:
    """The form of a new story, with everything in it."""
    page.click("a.button")
    page.wait_for_selector("#start [type=submit]:enabled")
    page.set_input_files("[name=film]", shelf / film)
    page.set_input_files("[name=photo]", shelf / photo)
    if voice:
        page.set_input_files("[name=voice]", shelf / voice)
    page.fill("[name=who]", "王芳")
    for tick in ("voice_tick", "face", "adult"):
        page.check(f"[name={tick}]")


def send(page: Any) -> str:
    """Upload; the story's name."""
    page.click("#start [type=submit]")
    page.wait_for_url("**/stories/*--*")
    return str(page.url.rpartition("/")[2])


def agree(page: Any) -> None:
    """To what the story will cost, which is shown as soon as its files were looked at."""
    page.wait_for_selector("#yes:enabled")
    page.click("#yes")


def plays(page: Any, name: str = "film") -> bool:
    """Whether the film really runs."""
    page.wait_for_selector(f"#{name}")
    page.evaluate(
        "name => { const film = document.getElementById(name); film.muted = true; return film.play(); }", name
    )
    page.wait_for_function("name => document.getElementById(name).currentTime > 0.5", arg=name)
    return bool(page.evaluate("name => document.getElementById(name).videoWidth > 0", name))


@pytest.mark.parametrize(("name", "size"), [("phone", PHONE), ("desktop", DESKTOP)])
def test_a_family_comes_by_its_link_and_plays_its_story(
    name: str, size: dict[str, Any], opened: Open, link: Link, shelf: Path, pictures: Path
) -> None:
    page = opened(size)
    page.goto(link(name, "林家"))
    page.wait_for_selector("h1 >> text=我们的故事")
    assert "#" not in page.url
    fill(page, shelf)
    page.screenshot(path=pictures / f"{name}-new.png", full_page=True)
    send(page)
    page.wait_for_selector("#yes")
    page.screenshot(path=pictures / f"{name}-quote.png", full_page=True)
    agree(page)
    page.wait_for_selector("#steps li")
    page.screenshot(path=pictures / f"{name}-making.png", full_page=True)

    assert plays(page)
    page.screenshot(path=pictures / f"{name}-done.png", full_page=True)
    page.click("#share")
    page.wait_for_function("() => document.getElementById('link').textContent.includes('#')")
    shared = opened(size)
    shared.goto(page.inner_text("#link"))
    assert plays(shared)
    page.goto(page.url.rpartition("/stories")[0])
    assert page.locator(".stories .done").count() == 1


def test_a_voice_is_recorded_in_the_browser(opened: Open, link: Link, shelf: Path) -> None:
    page = opened(PHONE)
    page.goto(link("recorder"))
    fill(page, shelf, voice="")
    page.click("#record")
    page.wait_for_function("() => parseInt(document.getElementById('seconds').textContent) >= 6")
    page.click("#record")
    page.wait_for_selector("#heard:not([hidden])")

    assert page.locator("[data-for=voice]").is_hidden()
    send(page)
    agree(page)
    assert plays(page)


def test_what_cannot_be_used_is_said_before_anything_is_uploaded(opened: Open, link: Link, shelf: Path) -> None:
    page = opened(DESKTOP)
    page.goto(link("tiny"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method))
    fill(page, shelf, photo="tiny.png")
    page.wait_for_selector("[data-for=photo]:visible")
    asked.clear()
    page.click("#start [type=submit]")

    assert "400" in page.inner_text("[data-for=photo]")
    assert "POST" not in asked


def test_a_refused_file_is_replaced_on_the_storys_page(opened: Open, link: Link, shelf: Path) -> None:
    page = opened(PHONE)
    page.goto(link("mender"))
    fill(page, shelf)
    page.click("summary")
    page.set_input_files("[name=captions]", shelf / "broken.srt")
    send(page)
    page.wait_for_selector("#problems:visible")
    assert "字幕" in page.inner_text("#problems")
    page.select_option("[name=asset]", "captions")
    page.set_input_files("[name=file]", shelf / "right.srt")
    page.click("#replace [type=submit]")
    agree(page)

    assert plays(page)


def test_an_upload_that_broke_off_goes_on_where_it_stopped(opened: Open, link: Link, shelf: Path) -> None:
    page = opened(DESKTOP)
    page.goto(link("resumer"))
    put: list[str] = []

    def part(route: Any) -> None:
        number = route.request.url.partition("partNumber=")[2].partition("&")[0]
        put.append(number)
        if len(put) > 2:
            route.abort()
        else:
            route.continue_()

    page.route("**/*partNumber=*", part)
    fill(page, shelf, film="large.mp4")
    page.click("#start [type=submit]")
    page.wait_for_selector("#trouble:visible")
    arrived = set(put[:2])
    page.unroute("**/*partNumber=*")
    again: list[str] = []
    page.on("request", lambda request: again.append(request.url) if request.method == "PUT" else None)
    page.goto(page.url.rpartition("/")[0] + "/")
    page.click(".stories a")
    page.select_option("[name=asset]", "film")
    page.set_input_files("[name=file]", shelf / "large.mp4")
    page.click("#replace [type=submit]")
    agree(page)

    assert plays(page)
    repeated = {url.partition("partNumber=")[2].partition("&")[0] for url in again}
    assert repeated
    assert not repeated & arrived


def test_a_revoked_link_closes_the_page_that_is_open(opened: Open, link: Link, world: World) -> None:
    page = opened(PHONE)
    address = link("leaver")
    page.goto(address)
    page.wait_for_selector("h1 >> text=我们的故事")
    sessions.revoke(world, "leaver")

    page.reload()
    assert "专属链接" in page.inner_text("main")
    page.goto(address)
    page.wait_for_function("() => document.getElementById('said').textContent.includes('专属链接')")


def test_two_families_at_once_see_each_their_own(opened: Open, link: Link, shelf: Path) -> None:
    pages = {name: opened(DESKTOP) for name in ("left", "right")}
    jobs = {}
    for name, page in pages.items():
        page.goto(link(name))
        fill(page, shelf)
    for name, page in pages.items():
        jobs[name] = send(page)
    for name, page in pages.items():
        agree(page)
        assert plays(page)
        assert jobs[name].startswith(f"{name}--")
        other = jobs["right" if name == "left" else "left"]
        page.goto(page.url.replace(jobs[name], other))
        assert "这里什么都没有" in page.inner_text("main")


def test_parents_who_are_kept_read_a_story_in_turns(opened: Open, link: Link, shelf: Path, pictures: Path) -> None:
    page = opened(PHONE)
    page.goto(link("turns"))
    for name in ("mama", "papa"):
        fill(page, shelf)
        page.check("[name=keep]")
        page.fill("[name=label]", name)
        send(page)
        page.click(".home")
    page.click("a.button")
    page.wait_for_selector("#start [type=submit]:enabled")
    page.check("[name=narrator][value=mama]")
    page.set_input_files("[name=film]", shelf / "film.mp4")
    page.click("#cast summary")
    assert page.locator("[data-reader=mama]").is_hidden()
    page.select_option("[data-reader=papa] select", "lines")
    page.fill("[data-reader=papa] input", "2 and 4")
    page.click("#start [type=submit]")
    assert "2, 4, 7" in page.inner_text("[data-for=cast]")
    page.screenshot(path=pictures / "phone-cast.png", full_page=True)
    page.select_option("[data-reader=papa] select", "turns")
    page.check("[name=listen]")
    send(page)
    page.wait_for_selector("#yes:enabled")
    page.screenshot(path=pictures / "phone-cast-quote.png", full_page=True)
    page.click("#yes")

    assert plays(page)


def test_a_story_is_erased_with_its_receipt(opened: Open, link: Link, shelf: Path) -> None:
    page = opened(PHONE)
    page.goto(link("eraser"))
    fill(page, shelf)
    job_id = send(page)
    agree(page)
    page.wait_for_selector("#film")
    page.click(".danger summary")
    page.fill("[name=confirm]", job_id)
    page.click("#erase [type=submit]")
    page.wait_for_selector("#receipt:visible")

    assert "uploads" in page.inner_text("#receipt")
    page.goto(page.url.rpartition("/stories")[0])
    assert page.locator(".stories li").count() == 0


def test_a_family_tastes_its_story_and_then_wants_all_of_it(
    opened: Open, link: Link, shelf: Path, pictures: Path
) -> None:
    page = opened(PHONE)
    page.goto(link("taste", "林家"))
    fill(page, shelf, film="long.mp4")
    send(page)
    page.wait_for_selector("#first:enabled")
    page.click("#first")
    page.wait_for_selector("#taste")

    assert plays(page, "taste")
    assert 10 < page.evaluate("() => document.getElementById('taste').duration") < 20
    assert "其余的还要大约" in page.inner_text("#tasted")
    page.screenshot(path=pictures / "phone-taste.png", full_page=True)
    agree(page)
    assert plays(page)


@pytest.mark.parametrize(("name", "size"), [("phone", PHONE), ("desktop", DESKTOP)])
def test_a_line_is_corrected_on_the_storys_page_after_its_cost_was_seen(
    name: str, size: dict[str, Any], opened: Open, link: Link, shelf: Path, pictures: Path
) -> None:
    page = opened(size, color_scheme="dark" if name == "phone" else "light")
    page.goto(link(f"redo{name}", "林家"))
    fill(page, shelf)
    job_id = send(page)
    agree(page)
    page.wait_for_selector("#redo")
    page.click("#redo summary")
    page.click("#redo [type=submit]")
    assert "还没有改动" in page.inner_text("#change-trouble")
    page.fill("[data-line='2'] textarea", "它每天晚上数月亮。")
    page.check("[data-line='1'] input")
    page.click("#redo [type=submit]")
    page.wait_for_selector("#change-quote:visible")
    assert "1 句" in page.inner_text("#change-said")
    page.screenshot(path=pictures / f"{name}-redo.png", full_page=True)
    page.fill("[data-line='2'] textarea", "它每天晚上数太阳。")
    assert page.locator("#change-quote").is_hidden()
    page.click("#redo [type=submit]")
    page.click("#change-yes")
    page.wait_for_url(f"**/stories/{job_id}.v2")

    assert plays(page)
    page.screenshot(path=pictures / f"{name}-edition.png", full_page=True)
    assert "数太阳" in page.inner_text(".lines")
    assert "小狐狸" not in page.inner_text(".lines")
    page.click(".editions a >> nth=0")
    page.wait_for_url(f"**/stories/{job_id}")
    assert "小狐狸" in page.inner_text(".lines")
