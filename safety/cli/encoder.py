"""`safety-gate encoder`: train the second stage of the text models, and join it to the first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from safety.classifiers.cascade_file import ENCODER_FILE
from safety.classifiers.model_files import ModelRefused
from safety.classifiers.registry import newest_version, versions_of
from safety.cli.ground import UnpreparedError, now
from safety.config import load_settings
from safety.training.encoder.joining import Joining, join
from safety.training.encoder.kept import NoEncoder
from safety.training.model_page import model_page
from safety.training.texts.tasks import TASKS
from safety.training.trainers import DataMissing

app = typer.Typer(no_args_is_help=True)

Data = Annotated[Path, typer.Option(help="Folder of labelled data, with text/ in it.")]
Created = Annotated[str, typer.Option(help="The card's date; otherwise today.")]


@app.callback()
def family() -> None:
    """Train the encoder behind the text models, and join it to a linear model."""


@app.command()
def train(
    data: Data,
    out: Annotated[Path, typer.Option(help="Folder to write the encoder into.")],
    *,
    texts: Annotated[int, typer.Option(min=0, help="Texts to learn from; 0 is the default.")] = 0,
    without: Annotated[
        list[str] | None, typer.Option(help="Leave a source out, to see what carries over.")
    ] = None,
    include_research: Annotated[
        bool, typer.Option(help="Use rows that may not be shipped; the card then says so.")
    ] = False,
    seed: Annotated[int, typer.Option(help="The same data and seed give the same files.")] = 20,
    created: Created = "",
) -> None:
    """Fine-tune the encoder: minutes to an hour. Interrupted, the same command goes on."""
    trainer = _trainer()
    plan = trainer.Plan(texts=texts) if texts else trainer.Plan()
    with _watched() as progress, _plain_faults():
        lecture = trainer.Lecture(
            data=data,
            out=out,
            created=_date(created),
            seed=seed,
            include_research=include_research,
            without=tuple(without or ()),
            plan=plan,
            progress=progress,
        )
        kept = trainer.train_encoder(lecture)
    print(f"Wrote {out}: {len(kept.model) / 1e6:.1f} MB.")
    print(f"Licence: {kept.made['licence']}.")
    print("Join it to a model: safety-gate encoder join NAME --encoder FOLDER")


@app.command("join")
def join_stages(
    name: Annotated[str, typer.Argument(help=f"Which model: {', '.join(TASKS)}.")],
    data: Data,
    *,
    encoder: Annotated[
        Path | None, typer.Option(help="A trained encoder, or a version with one; the newest.")
    ] = None,
    linear: Annotated[
        Path | None, typer.Option(help="A version with the linear stage; otherwise the newest.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; otherwise the next version's.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write a page with charts of how good it is.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same rows are measured for the same seed.")] = 20,
    created: Created = "",
) -> None:
    """Fit how both stages speak together, and write a version that has both: about a minute."""
    if name not in TASKS:
        raise UnpreparedError(f"There is no text model {name!r}: {', '.join(TASKS)}.")
    folder = load_settings().models_dir / name
    target = out or _next_version(folder)
    if (target / "card.json").exists():
        raise UnpreparedError(f"{target} holds a model already: give another folder with --out.")
    linear, encoder = linear or _newest(folder), encoder or _with_encoder(folder)
    with _watched() as progress, _plain_faults():
        order = Joining(
            name=name,
            data=data,
            linear=linear,
            encoder=encoder,
            out=target,
            created=_date(created),
            seed=seed,
            progress=progress,
        )
        trained = join(order)
    if report is not None:
        report.write_text(model_page(trained.report, now()), encoding="utf-8")
    stage = trained.card.content["second_stage"]
    print(f"Wrote {target}: {name} {target.name}, threshold {trained.card.threshold}.")
    print(f"Scores from {stage['band'][0]} on ask the encoder.")


def _trainer() -> ModuleType:
    try:
        return import_module("safety.training.encoder.trainer")
    except ImportError as error:
        raise UnpreparedError(
            f'Training needs {error.name}: pip install "safety-gate[train]".'
        ) from None


@contextmanager
def _plain_faults() -> Iterator[None]:
    """Expected faults as one sentence."""
    try:
        yield
    except (DataMissing, NoEncoder, ModelRefused, FileNotFoundError) as error:
        raise UnpreparedError(f"{error}.") from None


@contextmanager
def _watched() -> Iterator[Callable[[int, int, str], None]]:
    """Show a progress bar."""
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*shown, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task("reading", total=None)

        def progress(done: int, total: int, label: str) -> None:
            bar.update(task, completed=done, total=total, description=label)

        yield progress


def _date(created: str) -> str:
    return created or datetime.fromtimestamp(now(), UTC).date().isoformat()


def _newest(folder: Path) -> Path:
    newest = newest_version(folder) if folder.is_dir() else None
    if newest is None:
        raise UnpreparedError(f"{folder} has no version: train one first, or give --linear.")
    return newest


def _with_encoder(folder: Path) -> Path:
    """The newest version that has an encoder."""
    versions = versions_of(folder) if folder.is_dir() else []
    for version in reversed(versions):
        if (version / ENCODER_FILE).is_file():
            return version
    raise UnpreparedError(f"{folder} has no version with an encoder: give one with --encoder.")


def _next_version(folder: Path) -> Path:
    newest = newest_version(folder) if folder.is_dir() else None
    return folder / str(int(newest.name) + 1 if newest else 1)
