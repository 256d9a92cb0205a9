"""`safety-gate db`: the database's tables."""

import typer

from safety.cli.ground import prepared
from safety.config import load_settings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def family() -> None:
    """Bring the database's tables up to date."""


@app.command()
def migrate() -> None:
    """Create or upgrade the tables. Safe to repeat, also by several machines at once."""
    with prepared(load_settings()) as ground:
        print(f"The tables in {ground.engine.url.render_as_string()} are of this version.")
