"""The README names every command, option, setting and file there is, and none that there is not."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup, TyperOption

from cli.app import app
from local.cloud import client_env
from shared.domain import keys, manifest
from shared.domain.keys import Asset, Owner, Upload
from shared.settings import OTHERS, PREFIX, Settings
from tests.docs import markdown
from tests.docs.markdown import READMES, ROOT

pytestmark = pytest.mark.parametrize("readme", READMES, ids=markdown.name)

_COMMAND = re.compile(r"\bechobot ([a-z].*)")
_MAKE = re.compile(r"\bmake ([a-z]+)\b")


def commands(group: Any, *names: str) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    """The words that call each command, and its options."""
    if isinstance(group, TyperGroup):
        for name, inner in group.commands.items():
            yield from commands(inner, *names, name)
    else:
        yield names, {option for param in group.params if isinstance(param, TyperOption) for option in param.opts}


COMMANDS = dict(commands(typer.main.get_command(app)))


def code(readme: Path) -> list[str]:
    return [*markdown.inline(readme), *(line for block in markdown.blocks(readme) for line in block.splitlines())]


def calls(readme: Path) -> list[list[str]]:
    """The words behind `echobot` wherever it is called."""
    return [shlex.split(found[1], comments=True) for line in code(readme) if (found := _COMMAND.search(line))]


def called(words: list[str]) -> tuple[str, ...]:
    """The command that these words call; empty when there is none."""
    return next((names for names in COMMANDS if tuple(words[: len(names)]) == names), ())


def test_every_command_that_it_calls_exists(readme: Path) -> None:
    assert [] == [words for words in calls(readme) if not called(words)]


def test_every_command_there_is_is_called(readme: Path) -> None:
    assert set(COMMANDS) == {called(words) for words in calls(readme)} - {()}


def test_every_option_that_it_gives_is_one_of_its_command(readme: Path) -> None:
    given = [(called(words), word) for words in calls(readme) for word in words if word.startswith("-")]

    assert [] == [(names, option) for names, option in given if option not in COMMANDS.get(names, ())]


def test_every_option_there_is_is_named(readme: Path) -> None:
    named = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", "\n".join(code(readme))))

    assert set() == {option for options in COMMANDS.values() for option in options} - named


def test_every_target_that_it_makes_is_in_the_makefile(readme: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    made = {found[1] for line in code(readme) if (found := _MAKE.match(line.strip()))}

    assert {"demo", "test"} <= made <= targets


def test_every_setting_has_a_row(readme: Path) -> None:
    names = {f"{PREFIX}{name.upper()}" for name in Settings.__dataclass_fields__}
    rows = set(re.findall(rf"^\| `({PREFIX}\w+)` \|", markdown.text(readme), re.MULTILINE))

    assert names == rows


def test_the_names_that_are_no_settings_are_explained(readme: Path) -> None:
    assert set() == OTHERS - set(markdown.inline(readme))


def test_the_lines_to_export_are_those_that_the_local_cloud_prints(readme: Path) -> None:
    printed = {f"export {name}={value}" for name, value in client_env("http://127.0.0.1:9000").items()}
    shown = {line for block in markdown.blocks(readme) for line in block.splitlines() if line.startswith("export ")}

    assert printed == shown


def test_every_file_that_may_be_uploaded_has_a_row(readme: Path) -> None:
    lines = markdown.text(readme).splitlines()
    for asset, extensions in keys.EXTENSIONS.items():
        stem = Upload(Owner.INBOX, "", asset, "").file
        rows = [line for line in lines if re.match(rf"\| `inbox/<\w+>/{re.escape(stem)}", line)]

        assert len(rows) == 1, asset
        assert [] == [extension for extension in extensions if f".{extension}`" not in rows[0]], asset


def test_a_narrators_files_have_a_row(readme: Path) -> None:
    (row,) = [line for line in markdown.text(readme).splitlines() if line.startswith("| `narrators/<")]

    assert [] == [asset for asset in keys.OF_A_NARRATOR if f"{Upload(Owner.NARRATOR, '', asset, '').file}" not in row]
    assert not any(f"{asset.value}." in row for asset in Asset if asset not in keys.OF_A_NARRATOR)


def test_the_consent_it_shows_would_be_taken(readme: Path) -> None:
    (shown,) = [block for block in markdown.blocks(readme) if block.startswith("```json") and '"who"' in block]
    record = "\n".join(shown.splitlines()[1:-1])

    consent = manifest.read_consent(record.encode())

    assert consent.who
    assert {"who", "when", "voice", "face", "adult", "text"} == set(json.loads(record))


def test_every_file_that_comes_back_has_a_row(readme: Path) -> None:
    back = (keys.story_film, keys.story_captions, keys.story_cover, keys.story_report, keys.story_error)
    rows = set(re.findall(r"^\| `([\w.]+)` \|", markdown.text(readme), re.MULTILINE))

    assert set() == {key("job").rpartition("/")[2] for key in back} - rows
