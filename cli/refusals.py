"""How a command says no: in both languages, on standard error, with the exit code of a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import typer
from rich.console import Console

from shared.domain.errors import Refused
from shared.log import redact_text

DONE, FAILED, REFUSED = 0, 1, 2
"""Exit codes: it worked; something failed on our side; the input was refused."""

errors = Console(stderr=True)


def refuse(zh: str, en: str) -> typer.Exit:
    """To be raised."""
    errors.print(zh, style="red", soft_wrap=True)
    errors.print(en, style="red", soft_wrap=True)
    return typer.Exit(REFUSED)


def trouble(words: str) -> None:
    """What an error says of itself, without what is secret: a vendor's may quote a signed url or a header."""
    errors.print(redact_text(words), style="red", soft_wrap=True, markup=False, highlight=False)


def make_room(folder: Path) -> None:
    """See to it that the folder is there and takes files, before anything is begun that would go there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        why = error.strerror
        raise refuse(f"不能在 {folder} 里存放文件：{why}", f"Nothing can be put into {folder}: {why}") from error


@contextmanager
def refusals() -> Iterator[None]:
    """What the engine refuses, in its words."""
    try:
        yield
    except Refused as error:
        raise refuse(error.sentence.zh, error.sentence.en) from error
