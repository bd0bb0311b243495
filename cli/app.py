"""The `echobot` command. Exit codes: 0 done, 1 we failed, 2 the input was refused."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli import families, modelling, narrators, operating, repairing, stories
from cli.refusals import FAILED, errors, trouble
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
        trouble(f"设置有误 / wrong settings: {error}")
        raise SystemExit(FAILED) from error
    except EchobotError as error:
        trouble(error.sentence.zh)
        trouble(f"{error.sentence.en} ({error})")
        raise SystemExit(FAILED) from error
    except Exception as error:  # whatever it is: Python's own way to tell of it would quote it whole
        trouble("命令出错了 / the command broke off:")
        errors.print("".join(traceback.format_tb(error.__traceback__)), soft_wrap=True, markup=False, highlight=False)
        trouble(f"{type(error).__name__}: {error}")
        raise SystemExit(FAILED) from error


if __name__ == "__main__":
    main()
