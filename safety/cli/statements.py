"""`safety-gate statements`: reasons for what was taken away, as the law wants them told."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.console import Console
from rich.table import Table as ShownTable

from safety.cli.durations import seconds
from safety.cli.ground import Ground, UnpreparedError, installed, now
from safety.domain.errors import NotFound
from safety.review import transparency
from safety.review.statements.check import problems_of
from safety.review.statements.walk import Stated, Statements, calls_of, words_for_user
from safety.ruleset.load import load_bundle

app = typer.Typer(no_args_is_help=True)

_MOST_SHOWN = 20

Tenant = Annotated[str, typer.Option(help="Only this tenant's.")]
Since = Annotated[str, typer.Option(help="From: a date as in 2026-01-31, or an age such as 1d.")]
Until = Annotated[str, typer.Option(help="Up to, but not with: a date or an age; otherwise now.")]


@app.callback()
def family() -> None:
    """State the reasons for what was taken away, and report on it."""


@app.command()
def export(
    *,
    since: Since = "1d",
    until: Until = "",
    tenant: Tenant = "",
    out: Annotated[Path | None, typer.Option(help="File to write; otherwise standard output.")] = (
        None
    ),
    commercial: Annotated[
        bool, typer.Option(help="Also what stops deceptive advertising in bulk: none is due.")
    ] = False,
) -> None:
    """Write bodies for the Commission's database, one call of up to 100 statements a line.

    What the database would refuse is left out and named on standard error; exit code 1 then.
    """
    left_out: list[Stated] = []
    spared = written = 0

    def fit(found: Iterator[Stated]) -> Iterator[Stated]:
        nonlocal spared, written
        for stated in found:
            if stated.case.is_commercial and not commercial:
                spared += 1
            elif stated.problems:
                left_out.append(stated)
            else:
                written += 1
                yield stated

    with installed() as ground, _target(out) as target:
        found = _statements(ground).between(moment(since), moment(until), tenant or None)
        for call in calls_of(fit(found)):
            target.write(call + b"\n")
    print(f"{written} statements, {spared} not due, {len(left_out)} left out.", file=sys.stderr)
    for stated in left_out[:_MOST_SHOWN]:
        print(f"{stated.case.puid}: {'; '.join(stated.problems)}", file=sys.stderr)
    if left_out:
        raise typer.Exit(1)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A file of calls, as `export` writes it.")],
) -> None:
    """Say what the Commission's database would refuse. Exit code 1 if it is anything."""
    refused = checked = 0
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            for statement in _of_line(line, number):
                checked += 1
                problems = problems_of(statement)
                refused += bool(problems)
                if problems and refused <= _MOST_SHOWN:
                    print(f"line {number}, {statement.get('puid')}: {'; '.join(problems)}")
    print(f"{checked} statements, {refused} of them would be refused.")
    if refused:
        raise typer.Exit(1)


@app.command()
def show(
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="The decision's id.")],
    tenant: Annotated[str, typer.Option(help="Whose decision it is.")] = "main",
) -> None:
    """Print the reasons of one decision, for the user and for the Commission, as JSON."""
    with installed() as ground:
        try:
            found = _statements(ground).of_decision(tenant, decision)
        except NotFound as error:
            raise UnpreparedError(f"{error.detail} Name its tenant with --tenant.") from None
    told = [
        {"user": words_for_user(each), "statement": each.statement, "problems": each.problems}
        for each in found
    ]
    print(json.dumps(told, indent=1, ensure_ascii=False))


@app.command()
def report(
    out: Annotated[Path, typer.Argument(help="Folder for the tables, as CSV.")],
    *,
    since: Since = "365d",
    until: Until = "",
    tenant: Tenant = "",
) -> None:
    """Write the tables of a transparency report, with the error rate of automated means."""
    with installed() as ground:
        tables = transparency.report(
            ground.engine, _statements(ground), moment(since), moment(until), tenant or None
        )
    out.mkdir(parents=True, exist_ok=True)
    console = Console()
    for table in tables:
        path = out / f"{table.name}.csv"
        path.write_text(table.as_csv(), encoding="utf-8")
        shown = ShownTable(*map(str, table.header), title=str(path))
        for row in table.rows:
            shown.add_row(*("" if cell is None else str(cell) for cell in row))
        console.print(shown)


def moment(text: str) -> float:
    """Unix seconds of a date (UTC), or of an age; now for an empty text."""
    if not text:
        return now()
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        return now() - seconds(text)
    return (day if day.tzinfo else day.replace(tzinfo=UTC)).timestamp()


def _statements(ground: Ground) -> Statements:
    settings = ground.settings
    bundle = load_bundle(settings.rule_directories, run_tests=False, at=now())
    return Statements(ground.engine, bundle.policies, settings.territories)


def _of_line(line: bytes, number: int) -> list[dict[str, Any]]:
    try:
        statements = json.loads(line)["statements"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UnpreparedError(f"Line {number} is not a call: {{'statements': [...]}}.") from None
    if not isinstance(statements, list) or not all(isinstance(each, dict) for each in statements):
        raise UnpreparedError(f"Line {number} holds something that is not a statement.")
    return statements


@contextmanager
def _target(out: Path | None) -> Iterator[BinaryIO]:
    if out is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = out.with_name(f"{out.name}.part")
    with part.open("wb") as file:
        yield file
    part.replace(out)  # a file that is there is whole
