"""Nothing secret is printed by a command, in words or as JSON: no key, no token, no signature of an address, no word of
a consent. Also when keys are wrong, when no cloud answers, and when something breaks.

What is handed over on purpose is not secret from whoever asked for it: a family's link, the operator's way in, and the
address at which a taste can be watched.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import typer

from cli import app as commands
from cli import clouds, telling
from local.standins.doors.inprocess import in_process
from local.standins.doors.router import Router
from local.standins.http import Request, Response
from shared.clients.credentials import KEY_ID, KEY_SECRET, TOKEN
from shared.domain.errors import Corrupt, Refused, Retry, Unknown
from shared.engine.world import World
from shared.ports import Queue
from tests.engine.given import always, interpose
from tests.security.test_log import LEAK, SECRET
from tests.stage import CONSENT, Stage
from tests.toys import toy_film, toy_png, toy_wav

WHO, AGREED = "王小明的妈妈", "我同意用我的声音讲这个故事"
FILM, VOICE, PHOTO, EVENT = "story.mp4", "voice.wav", "photo.png", "event.json"
MAMA = ("narrator", "add", "mama", "--voice", VOICE, "--photo", PHOTO, "--consent", WHO)
EMO = ("emo", "prepare", "--image", "https://example.com/p.png", "--audio", "https://example.com/s.wav")

ASKED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "tell": ((FILM, "--voice", VOICE, "--photo", PHOTO, "--consent", WHO, "--job", "other"),),
    "status": (("story",), ("nobody",)),
    "explain": (("story",),),
    "report": (("story",), ("story", "--check")),
    "cost": ((), ("story",)),
    "logs": (("story",),),
    "models": ((), ("emo",)),
    "generate": (("wan2.2-t2v-plus", "--input", "prompt=a fox", "--name", "fox"),),
    "emo prepare": (EMO[2:], (*EMO[2:], "--detect")),
    "doctor": ((),),
    "setup": ((),),
    "invoke": (("sweep",), ("sweep", "--later", "1"), ("sweep", "--service", "any"), ("sweep", "--event", EVENT)),
    "approve": (("story",), ("story", "--budget", "5"), ("story", "--taste")),
    "decide": (("story", "--segment", "1", "--resubmit"),),
    "redrive": (("story",), ("--queue", "failures"), ("--queue", "ims"), ("--queue", "model-studio")),
    "narrator add": (MAMA[2:],),
    "narrator list": ((),),
    "narrator erase": (("mama", "--yes"), ("mama", "--check")),
    "family add": (("wang", "--title", "王家"),),
    "family list": ((),),
    "family link": (("wang",),),
    "family revoke": (("wang",),),
    "operator": ((),),
    "cancel": (("story",),),
    "erase": (("story", "--yes"), ("story", "--check")),
}
"""Every command as it is typed, in an order in which each has something to say."""

SERVES = {"local up"}
"""Goes on until it is stopped, and prints the made-up keys of the cloud on this machine, for the shell."""

ON_THE_WIRE = {"doctor", "setup", "invoke", "logs", "emo prepare"}
"""These ask the vendors themselves, past the world of a stage."""


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Each command by its full name."""
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from leaves(inner, (*path, name))
    else:
        yield " ".join(path), command


LEAVES = dict(leaves(typer.main.get_command(commands.app)))


def typed() -> list[tuple[str, ...]]:
    """Everything that is typed, in words and, where a command has it, for scripts."""
    found = []
    for name, ways in ASKED.items():
        speaks_json = any("--json" in option.opts for option in LEAVES[name].params)
        for words in ways:
            found += [(*name.split(), *words, *more) for more in ([(), ("--json",)] if speaks_json else [()])]
    return found


class Shell:
    """Types commands as a person does, and keeps all that is printed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def types(self, *words: str) -> str:
        """What comes on both outputs. Whatever leaves the command would be printed by Python, and fails the test."""
        self._monkeypatch.setattr(sys, "argv", ["echobot", *words])
        with pytest.raises(SystemExit):
            commands.main()
        told = self._capsys.readouterr()
        return told.out + told.err


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ECHOBOT_HOME", str(tmp_path))
    for name, body in {
        FILM: toy_film(10.0),
        VOICE: toy_wav(12.0),
        PHOTO: toy_png(),
        EVENT: json.dumps({"note": LEAK}).encode(),
    }.items():
        (tmp_path / name).write_bytes(body)
    return Shell(monkeypatch, capsys)


def connect(monkeypatch: pytest.MonkeyPatch, stage: Stage) -> None:
    """Let the commands' cloud be the stage's; waiting lets its time pass."""

    @contextmanager
    def connected() -> Iterator[World]:
        yield stage.functions_world

    monkeypatch.setattr(clouds, "connected", connected)
    monkeypatch.setattr(telling, "pause", lambda *_: stage.run(600.0))


def on_the_wire(words: tuple[str, ...]) -> bool:
    return words[0] in ON_THE_WIRE or " ".join(words[:2]) in ON_THE_WIRE


def secret_in(told: str) -> list[str]:
    return [word for word in (SECRET, SECRET[:16], SECRET.lower(), WHO, AGREED) if word in told]


def test_every_command_is_typed() -> None:
    assert set(ASKED) | SERVES == set(LEAVES)


BREAKS: Mapping[str, Callable[[], Exception]] = {
    "refused": lambda: Refused("photo.rejected", LEAK, vendor_code="InvalidFile.Content"),
    "retry": lambda: Retry("vendor.busy", LEAK),
    "unknown": lambda: Unknown("vendor.unanswered", LEAK),
    "corrupt": lambda: Corrupt("vendor.rejected", LEAK, vendor_code="InvalidParameter"),
    "unforeseen": lambda: RuntimeError(LEAK),
}
"""What a vendor says goes into an error's detail, or into an exception that nobody knows."""


def broken_story(error: str) -> Stage:
    """A story in which some calls of ports failed again and again; letters that nobody can read lie about."""
    stage = Stage()
    stage.tell(consent=json.dumps({**CONSENT, "who": WHO, "text": AGREED}).encode())
    before = stage.functions_world
    for call in ("voices.enrol", "media.split_music", "channels.tell"):
        interpose(stage, call, always(BREAKS[error]))
    stage.run(900.0)
    stage.functions_world = before
    for queue in (Queue.DEAD_IMS, Queue.DEAD_MODEL_STUDIO, Queue.DEAD_FAILED):
        stage.world.queues.send(queue, json.dumps({"note": LEAK, "reason": LEAK}))
    return stage


@pytest.mark.parametrize("error", BREAKS)
def test_what_is_told_of_a_story_that_met_a_failure_holds_no_secret(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    connect(monkeypatch, broken_story(error))

    for words in typed():
        if not on_the_wire(words):
            assert secret_in(shell.types(*words)) == [], words


@pytest.mark.parametrize("call", ["rows.get", "objects.head"])
@pytest.mark.parametrize("error", ["refused", "corrupt", "unforeseen"])
def test_a_command_that_breaks_off_says_no_secret(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, call: str, error: str
) -> None:
    stage = Stage()
    stage.tell()
    stage.run()
    connect(monkeypatch, stage)
    interpose(stage, call, always(BREAKS[error]))

    told = {words: shell.types(*words) for words in typed() if not on_the_wire(words)}

    assert {words: found for words, said in told.items() if (found := secret_in(said))} == {}
    assert sum(map(bool, told.values())) > len(told) / 2


@pytest.mark.parametrize("taste", [True, False])
def test_the_only_signed_address_is_that_of_the_taste(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, *, taste: bool
) -> None:
    stage = Stage()
    connect(monkeypatch, stage)
    film = toy_film(40.0, ((11.0, 14.0, "月亮出来了。"), (24.0, 27.0, "晚安。")))
    stage.tell(film=film, options=b'{"quote": "taste"}' if taste else b'{"quote": "wait"}')
    stage.run()

    told = [shell.types(*words) for words in typed() if words[0] in {"status", "explain", "cost", "report"}]

    signed = re.findall(r"\S*(?:Signature|signature|Expires)=\S*", "".join(told))
    assert [address.partition("?")[0].rpartition("/")[2] for address in signed] == ["taste.mp4"] * taste


# --- keys that are wrong, and clouds that do not answer


class Refuses(Router):
    """Every service says no, and repeats all it was told."""

    def handle(self, request: Request) -> Response:
        said = f"The request signature we calculated does not match: {dict(request.headers)} {request.body!r} {LEAK}"
        document = {"Code": "SignatureDoesNotMatch", "code": "InvalidApiKey", "Message": said, "message": said}
        return Response(403, {"Content-Type": "application/json"}, json.dumps(document).encode())


class Unreachable(Router):
    """Nobody answers, and the library names the whole address with all that went along."""

    def handle(self, request: Request) -> Response:
        raise requests.ConnectionError(
            f"HTTPSConnectionPool(host='x', port=443): Max retries exceeded with url: /a?Signature={SECRET} "
            f"(Caused by {dict(request.headers)})"
        )


@pytest.mark.parametrize("cloud", [Refuses, Unreachable])
@pytest.mark.parametrize("words", typed(), ids=" ".join)
def test_a_cloud_that_says_no_or_nothing_makes_no_command_say_a_secret(
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    cloud: type[Router],
    words: tuple[str, ...],
) -> None:
    env = {
        "ECHOBOT_ACCOUNT_ID": "1234567890123456",
        "ECHOBOT_MODEL_STUDIO_API_KEY": f"sk-{SECRET}",
        "ECHOBOT_CONSOLE_SECRET": SECRET,
        "DASHSCOPE_API_KEY": f"sk-{SECRET}",
        KEY_ID: f"STS.{SECRET}",
        KEY_SECRET: SECRET,
        TOKEN: SECRET,
    }
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("ECHOBOT_ENDPOINT", raising=False)
    with in_process(cloud({})):
        said = shell.types(*words)

    assert said
    assert secret_in(said + caplog.text) == []


def test_settings_that_are_wrong_are_named_without_what_they_say(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECHOBOT_ACCOUNT_ID", "1")
    monkeypatch.setenv("ECHOBOT_API_KEY", f"sk-{SECRET}")
    monkeypatch.setenv("ECHOBOT_SHARE_S", SECRET)

    said = shell.types("status", "story")

    assert "ECHOBOT_API_KEY" in said
    assert secret_in(said) == []
