"""`safety-gate lists`: values that rules look up, added while the service runs."""

import json
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from safety.cli.durations import seconds
from safety.cli.ground import Ground, installed, now, operator
from safety.domain.lists import ListEntry
from safety.ruleset.findings import RuleFileError
from safety.ruleset.load import load_bundle
from safety.store import audit, lists
from safety.store.engine import read, write

app = typer.Typer(no_args_is_help=True)

List = Annotated[str, typer.Argument(metavar="LIST", help="The list's name, as rules call it.")]
Value = Annotated[str, typer.Argument(metavar="VALUE", help="The value.")]


@app.callback()
def family() -> None:
    """Add, remove and show values that rules look up."""


@app.command()
def add(
    name: List,
    value: Value,
    source: Annotated[str, typer.Option(help="Where it comes from, for those who ask.")],
    expires: Annotated[str, typer.Option(help="How long it counts, such as 30d.")] = "",
) -> None:
    """Put a value on a list, replacing its earlier entry. A running service notices by itself."""
    with installed() as ground:
        at = now()
        until = at + seconds(expires) if expires else None
        with write(ground.engine) as connection:
            lists.add_entry(connection, ListEntry(name, value, source, at, until))
            audit.append(connection, _event(at, "list.added", name, value), key=ground.audit_key)
        print(f"{value} is on the list {name}.")
        _warn_if_unread(ground)


@app.command()
def remove(name: List, value: Value) -> None:
    """Take a value off a list. Values from files stay: edit the file."""
    with installed() as ground:
        gone = _removed(ground, name, value)
    if not gone:
        print(f"{value} was not added to the list {name}; a value from a file is removed there.")
        raise typer.Exit(1)
    print(f"{value} is off the list {name}.")


@app.command()
def show(name: Annotated[str, typer.Argument(metavar="[LIST]")] = "") -> None:
    """Show what was added and still counts."""
    with installed() as ground, read(ground.engine) as connection:
        entries = lists.all_entries(connection, now())
    table = Table("list", "value", "source", "until")
    for shown in sorted(entries):
        for entry in entries[shown] if name in {"", shown} else ():
            table.add_row(shown, entry.value, entry.source, _until(entry))
    Console().print(table)


def _warn_if_unread(ground: Ground) -> None:
    """Say so if a running service cannot take the change in: lists are part of its ruleset."""
    try:
        load_bundle(ground.settings.rule_directories, at=now())
    except RuleFileError as error:
        print(f"But the rule files have an error: {str(error).splitlines()[0]}", file=sys.stderr)
        print("Until it is mended, the service keeps its lists as they were.", file=sys.stderr)


def _removed(ground: Ground, name: str, value: str) -> bool:
    at = now()
    with write(ground.engine) as connection:
        gone = lists.remove_entry(connection, name, value)
        if gone:
            audit.append(connection, _event(at, "list.removed", name, value), key=ground.audit_key)
    return gone


def _event(at: float, action: str, name: str, value: str) -> audit.AuditEvent:
    details = json.dumps({"value": value}).encode()
    return audit.AuditEvent(at, operator(), action, name, details)


def _until(entry: ListEntry) -> str:
    if entry.expires_at is None:
        return "for ever"
    return datetime.fromtimestamp(entry.expires_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
