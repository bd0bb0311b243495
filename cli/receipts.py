"""What an erasure leaves behind for whoever asked for it, of a job as of a narrator."""

from __future__ import annotations

from collections.abc import Iterable

import typer
from rich.console import Console

from cli import documents
from cli.operating import put_json
from cli.refusals import DONE, FAILED
from shared.engine import narrators, withdrawal


def shown(receipt: withdrawal.Receipt | narrators.Receipt, words: Iterable[str], *, as_json: bool) -> typer.Exit:
    """To be raised: the exit code says whether nothing is left."""
    if as_json:
        put_json(documents.receipt(receipt))
    for text in [] if as_json else words:
        Console().print(text, soft_wrap=True, highlight=False)
    return typer.Exit(DONE if receipt.is_clean else FAILED)
