"""`safety-gate train`: a candidate model from labelled data."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from safety.classifiers.registry import newest_version
from safety.cli.ground import UnpreparedError, now
from safety.cli.model_ground import shelf_of
from safety.cli.train_from_desk import desk_rows
from safety.config import load_settings
from safety.training.model_page import model_page
from safety.training.trainers import TRAINERS, DataMissing, Order, Trainable, Trained

app = typer.Typer()
_NAMES = "; ".join(f"{name}: {each.what}" for name, each in TRAINERS.items())


@app.command()
def train(
    name: Annotated[str, typer.Argument(help=f"Which model. {_NAMES}.")],
    *,
    data: Annotated[Path, typer.Option(help="Folder of labelled data: text/, accounts/, graph/.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; otherwise the next version's.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="The same data and seed give the same bytes.")
    ] = None,
    include_research: Annotated[
        bool, typer.Option(help="Use rows that may not be shipped; the card then says so.")
    ] = False,
    from_desk: Annotated[
        str,
        typer.Option(
            metavar="FILE|here",
            help="Learn from what people decided too: this installation's, or a file of rows.",
        ),
    ] = "",
    report: Annotated[
        Path | None, typer.Option(help="Write a page with charts of how good it is.")
    ] = None,
    created: Annotated[str, typer.Option(help="The card's date; otherwise today.")] = "",
) -> None:
    """Train a model and write its files and card, as a candidate."""
    if name not in TRAINERS:
        raise UnpreparedError(f"There is no model {name!r} to train: {', '.join(TRAINERS)}.")
    if not data.is_dir():
        raise UnpreparedError(f"{data} is not a folder: give that of the data with --data.")
    target = out or _next_version(name, is_own=bool(from_desk))
    if (target / "card.json").exists():
        raise UnpreparedError(f"{target} holds a model already: give another folder with --out.")
    order = Order(
        data=data,
        out=target,
        created=created or datetime.fromtimestamp(now(), UTC).date().isoformat(),
        seed=TRAINERS[name].seed if seed is None else seed,
        include_research=include_research,
        more=desk_rows(name, from_desk) if from_desk else (),
    )
    trained = _watched(TRAINERS[name], order)
    if report is not None:
        report.write_text(model_page(trained.report, now()), encoding="utf-8")
    card = trained.card
    print(f"Wrote {target}: {card.name} {card.version}, threshold {card.threshold}.")
    print(f"Licence: {card.content['licence']}.")


def _watched(trainable: Trainable, order: Order) -> Trained:
    """Train behind a progress bar."""
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*shown, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task("reading", total=None)

        def progress(done: int, total: int, label: str) -> None:
            bar.update(task, completed=done, total=total, description=label)

        try:
            return trainable.trainer()(replace(order, progress=progress))
        except DataMissing as error:
            raise UnpreparedError(f"{error}: give the folder of the data with --data.") from None


def _next_version(name: str, *, is_own: bool) -> Path:
    """The folder of the next version: what a site teaches its model is never a shipped one."""
    settings = load_settings()
    if is_own:
        shelf = shelf_of(settings)
        return shelf.made / name / shelf.next_made(name)
    model = settings.models_dir / name
    newest = newest_version(model) if model.is_dir() else None
    return model / str(int(newest.name) + 1 if newest else 1)
