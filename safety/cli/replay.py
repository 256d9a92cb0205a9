"""`safety-gate replay`: labelled events from a file, through the same API as everybody's."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from safety.cli import demo_key
from safety.cli.addresses import noted_url
from safety.config import load_settings
from safety.demo.door import Door
from safety.demo.labelled import Columns, LabelledFile
from safety.demo.replay import Report, as_table, replay, verdict_table

app = typer.Typer()


@app.command("replay")
def send(
    path: Annotated[Path, typer.Argument(help="A .csv or .jsonl file, each also .gz.")],
    *,
    url: Annotated[str, typer.Option(help="Where the service is; otherwise as configured.")] = "",
    key: Annotated[str, typer.Option(help="API key; otherwise the demo's own.")] = "",
    text_column: Annotated[str, typer.Option(help="Column of the text.")] = "text",
    label_column: Annotated[
        str, typer.Option(help="Column that says 1 for spam; '' if there is none.")
    ] = "label",
    source_column: Annotated[str, typer.Option(help="Column to report by.")] = "source",
    only: Annotated[str, typer.Option(help="Only rows like this, such as split=dev.")] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many rows.")] = None,
    event_type: Annotated[str, typer.Option("--type", help="Type of the events.")] = "comment",
) -> None:
    """Send labelled events from a file and report what was caught, missed and falsely flagged.

    Repeating it asks for the same decisions again and stores nothing new.
    """
    columns = Columns(text_column, label_column, source_column)
    settings = load_settings()
    base = url or noted_url(settings)
    report = Report()
    with (
        LabelledFile(path, columns=columns, event_type=event_type, only=_pair(only)) as file,
        Door(base, key or demo_key.stored(settings)) as door,
    ):
        _with_progress(file, door, report, limit)
    console = Console()
    console.print(as_table(report))
    console.print(verdict_table(report))
    for part, count in report.missing.most_common():
        print(f"{count} rows were judged without {part}: see {base}/readyz.")
    if report.last_trouble:
        print(f"{report.total.errors} rows got no decision; the last, {report.last_trouble}")
        raise typer.Exit(1)


def _with_progress(file: LabelledFile, door: Door, report: Report, limit: int | None) -> None:
    shown = (TextColumn("{task.fields[rows]} rows"), BarColumn(), TimeRemainingColumn())
    with Progress(*shown, console=Console(stderr=True)) as bar:
        task = bar.add_task("replay", total=limit or file.size, rows=0)

        def advance(_count: int) -> None:
            rows = report.total.rows
            bar.update(task, completed=rows if limit else file.position, rows=rows)

        replay(door, file.rows(limit), report, advance)


def _pair(only: str) -> tuple[str, str] | None:
    if not only:
        return None
    column, separator, value = only.partition("=")
    if not separator or not column:
        raise typer.BadParameter("say COLUMN=VALUE, such as split=dev", param_hint="--only")
    return column, value
