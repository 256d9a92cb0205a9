"""The operator's door: `safety-gate COMMAND`, one module per family of commands."""

import sys
from importlib import import_module
from typing import Annotated

import typer

from safety import __version__
from safety.cli.families import Families

app = typer.Typer(
    name="safety-gate",
    cls=Families,
    help="Gate signups, flag spam and abuse, and route what needs a person.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        print(f"safety-gate {__version__}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say it.")
    ] = False,
) -> None:
    """Gate signups, flag spam and abuse, and route what needs a person."""


def main() -> None:
    """Run the command line. Expected faults end in one sentence and exit code 2."""
    try:
        app()
    except Exception as error:
        sentence = import_module("safety.cli.faults").sentence(error)
        if sentence is None:
            raise
        print(sentence, file=sys.stderr)
        sys.exit(2)
