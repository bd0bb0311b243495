"""The `echobot` command. Exit codes: 0 done, 1 we failed, 2 the input was refused."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli import families, modelling, narrators, operating, repairing, stories
from cli.refusals import FAILED, errors
from shared.domain.errors import EchobotError
from shared.settings import SettingsError

app = typer.Typer(no_args_is_help=True, help="Tell a story film in a parent's own voice.")
stories.register(app)
repairing.register(app)
modelling.register(app)
operating.register(app)
app.add_typer(families.app, name="family")
app.add_typer(narrators.app, name="narrator")
app.command()(families.operator)
local_app = typer.Typer(no_args_is_help=True, help="The cloud on this machine.")
app.add_typer(local_app, name="local")


@local_app.command()
def up(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 9000,
    home: Annotated[Path | None, typer.Option(help="Folder that keeps the cloud's state.")] = None,
) -> None:
    """Keep a cloud running on this machine for the command line, SDKs, curl and a browser."""
    from local import cloud  # noqa: PLC0415  loads the media engines

    cloud.serve_forever(home, port, Console().print)


def main() -> None:
    """Entry point of the `echobot` command."""
    try:
        app()
    except SettingsError as error:
        errors.print(f"设置有误 / wrong settings: {error}", style="red")
        raise SystemExit(FAILED) from error
    except EchobotError as error:
        errors.print(error.sentence.zh, style="red")
        errors.print(f"{error.sentence.en} ({error})", style="red")
        raise SystemExit(FAILED) from error


if __name__ == "__main__":
    main()
