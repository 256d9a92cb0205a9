"""`safety-gate train`: a candidate model from labelled data."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from safety.classifiers.registry import newest_version
from safety.cli.ground import UnpreparedError, now
from safety.config import load_settings
from safety.training.dataset import DataMissing
from safety.training.spam import DEFAULT_SEED, train_spam

app = typer.Typer(no_args_is_help=True)


@app.callback()
def family() -> None:
    """Build a candidate model from labelled data."""


@app.command()
def spam(
    data: Annotated[Path, typer.Option(help="Folder of labelled texts (CSV, gzipped).")],
    *,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; otherwise the next version's.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same data and seed give the same bytes.")] = (
        DEFAULT_SEED
    ),
    include_research: Annotated[
        bool, typer.Option(help="Use rows that may not be shipped; the card then says so.")
    ] = False,
    created: Annotated[str, typer.Option(help="The card's date; otherwise today.")] = "",
) -> None:
    """Train the spam model and write its weights and card."""
    target = out or _next_version(load_settings().models_dir / "spam")
    if (target / "card.json").exists():
        raise UnpreparedError(f"{target} holds a model already: give another folder with --out.")
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*shown, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task("reading", total=None)

        def progress(done: int, total: int, label: str) -> None:
            bar.update(task, completed=done, total=total, description=label)

        try:
            card = train_spam(
                data,
                target,
                progress=progress,
                seed=seed,
                include_research=include_research,
                created=created or datetime.fromtimestamp(now(), UTC).date().isoformat(),
            )
        except DataMissing as error:
            raise UnpreparedError(f"{error}: give the folder of the data with --data.") from None
    print(f"Wrote {target}: {card.name} {card.version}, threshold {card.threshold}.")
    print(f"Licence: {card.content['licence']}.")


def _next_version(model: Path) -> Path:
    newest = newest_version(model) if model.is_dir() else None
    return model / str(int(newest.name) + 1 if newest else 1)
