"""`safety-gate audit`: whether the audit log is as it was written."""

import typer

from safety.cli.ground import installed
from safety.store import audit
from safety.store.engine import read

app = typer.Typer(no_args_is_help=True)


@app.callback()
def family() -> None:
    """Verify that nobody changed the audit log."""


@app.command()
def verify() -> None:
    """Walk the whole log. Exit code 1 if a row is missing or not what was written."""
    with installed() as ground, read(ground.engine) as connection:
        found = audit.verify(connection, key=ground.audit_key)
    if not found.is_intact:
        print(f"The audit log was changed: {found.fault}. The {found.rows} rows before it hold.")
        raise typer.Exit(1)
    print(f"The audit log is intact: {found.rows} rows.")
    if found.head:
        print(f"Keep this elsewhere to notice a cut: {found.head.sequence}:{found.head.mac.hex()}")
