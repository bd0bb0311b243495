"""`echobot family`: who may come to the page, and their private links; `echobot operator`: the operator's way in."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Annotated

import typer
from rich.console import Console

from cli import clouds
from cli.operating import AsJson, put_json
from cli.refusals import refusals
from local.home import default_home, running_endpoint
from shared.console import sessions
from shared.engine.world import World

app = typer.Typer(no_args_is_help=True, help="Families that may come to the page, by private links.")
console = Console()

Name = Annotated[str, typer.Argument(help="Small letters and digits, a letter first, at most 16.")]


@app.command()
def add(
    name: Name,
    title: Annotated[str, typer.Option(help="What the page calls the family.")] = "",
    days: Annotated[float, typer.Option(help="How long the link opens the page.", min=0.01, max=3650)] = 365.0,
    as_json: AsJson = False,
) -> None:
    """Let a family in and print its private link. If it has one, that one opens nothing more."""
    with clouds.connected() as world, refusals():
        found = sessions.add(world, name, title, days)
        way_in = _link(world, sessions.link_token(world, name))
    if not as_json:
        console.print(f"{found.name}: {_day(found.until)}")
    _hand_over(way_in, {"name": found.name, "title": found.title, "until": found.until}, as_json=as_json)


@app.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """Every family, and until when its link opens the page."""
    with clouds.connected() as world, refusals():
        now, found = world.clock.now(), sessions.listed(world)
    if as_json:
        put_json(
            [{"name": one.name, "title": one.title, "until": one.until, "open": one.is_open(now)} for one in found]
        )
        return
    for one in found:
        state = _day(one.until) if one.is_open(now) else "revoked" if not one.until else "expired"
        console.print(f"{one.name:<16} {state:<12} {one.title}", highlight=False, markup=False)


@app.command()
def link(name: Name, as_json: AsJson = False) -> None:
    """The family's link once more."""
    with clouds.connected() as world, refusals():
        way_in = _link(world, sessions.link_token(world, name))
    _hand_over(way_in, {"name": name}, as_json=as_json)


@app.command()
def revoke(name: Name, as_json: AsJson = False) -> None:
    """From now on no link and no open page of the family does anything. Its stories stay (see `echobot erase`)."""
    with clouds.connected() as world, refusals():
        sessions.revoke(world, name)
    if as_json:
        put_json({"name": name, "open": False})
        return
    console.print(f"{name}: revoked")


def operator(as_json: AsJson = False) -> None:
    """A way into the operator's view of the page, for twelve hours."""
    with clouds.connected() as world, refusals():
        way_in = _link(world, sessions.operator_token(world))
    _hand_over(way_in, {}, as_json=as_json)


def _hand_over(way_in: str, more: Mapping[str, object], *, as_json: bool) -> None:
    """Print a link for whoever asked for it."""
    if as_json:
        put_json({**more, "link": way_in})
        return
    console.print(way_in, soft_wrap=True, highlight=False, markup=False)


def _link(world: World, token: str) -> str:
    return f"{_page(world)}/enter#{token}"


def _page(world: World) -> str:
    """Where the page is: as set, else where a local cloud says."""
    if world.settings.console_url:
        return world.settings.console_url.rstrip("/")
    endpoint = os.environ.get("ECHOBOT_ENDPOINT") or running_endpoint(default_home())
    if not endpoint:
        return "https://ECHOBOT_CONSOLE_URL"
    with urllib.request.urlopen(f"{endpoint}/_echobot/page", timeout=5) as answer:  # noqa: S310  our own loopback address
        return str(json.load(answer)["url"])


def _day(at: float) -> str:
    return f"{datetime.fromtimestamp(at, timezone.utc):%Y-%m-%d}"
