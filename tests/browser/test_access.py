"""Everybody can use the page: by keyboard, with a screen reader, in the dark, on a slow line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.console import rendering, sessions
from shared.engine.world import World
from shared.ports import Bucket, Place
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_page import agree, fill, send

pytestmark = pytest.mark.loopback

ASSETS_KB_MAX = 150


def violations(page: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    # axe is put into the page past its policy, which allows no script but ours
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:100]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_barrier(
    scheme: str, opened: Callable[..., Any], link: Callable[..., str], world: World, page_url: str, shelf: Path
) -> None:
    page = opened(PHONE, color_scheme=scheme, bypass_csp=True)
    found = {}
    kept = Place(Bucket.INPUT, f"narrators/axe{scheme}--papa/photo.png")
    world.objects.write(kept, (shelf / "photo.png").read_bytes(), "image/png")
    page.goto(link(f"axe{scheme}", "林家"))
    page.wait_for_selector("h1 >> text=我们的故事")
    found["home"] = violations(page)
    fill(page, shelf)
    page.click("#cast summary")
    page.select_option("[data-reader=papa] select", "lines")
    page.wait_for_selector("[data-reader=papa] input:visible")
    found["new"] = violations(page)
    page.select_option("[data-reader=papa] select", "")
    send(page)
    page.wait_for_selector("#yes")
    found["quote"] = violations(page)
    agree(page)
    page.wait_for_selector("#steps li")
    found["making"] = violations(page)
    page.wait_for_selector("#film")
    page.click("#redo summary")
    found["done"] = violations(page)
    page.goto(f"{page_url}/share#nothing")
    found["share"] = violations(page)
    page.goto(f"{page_url}/nowhere")
    found["nowhere"] = violations(page)
    page.goto(f"{page_url}/enter#{sessions.operator_token(world)}")
    page.wait_for_url("**/operator")
    found["operator"] = violations(page)

    assert {name: what for name, what in found.items() if what} == {}


def test_the_form_is_filled_with_the_keyboard_alone(opened: Callable[..., Any], link: Callable[..., str]) -> None:
    page = opened(DESKTOP)
    page.goto(link("keyboard"))
    page.wait_for_selector("a.button")
    page.goto(page.url.rstrip("/") + "/new")
    page.wait_for_selector("#start [type=submit]:enabled")
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("() => document.activeElement.name || document.activeElement.id"))

    assert {"film", "record", "voice", "photo", "who", "voice_tick", "face", "adult", "corner"} <= reached


def test_all_scripts_and_styles_together_are_light() -> None:
    folder = Path(rendering.__file__).parent / "static"

    assert sum(path.stat().st_size for path in folder.iterdir()) <= ASSETS_KB_MAX * 1000
