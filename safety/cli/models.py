"""`safety-gate models`: what models are here, which are live, and what changes that."""

from collections.abc import Mapping

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from safety.classifiers.card import Card
from safety.classifiers.model_files import ModelRefused
from safety.classifiers.shelf import Shelf
from safety.cli import model_calibrate, model_changes, model_shown
from safety.cli.ground import installed
from safety.cli.model_ground import shelf_of, versions_of
from safety.config import Settings, load_settings
from safety.store.models import Pointer
from safety.web.inert import visible

app = typer.Typer(no_args_is_help=True)


@app.callback()
def family() -> None:
    """List, compare, try and promote models, and set their thresholds."""


@app.command("list")
def show() -> None:
    """List every version of every model. Exit code 1 if one that is in force cannot be used."""
    settings = load_settings()
    shelf = shelf_of(settings)
    chosen = _chosen(settings)
    table = Table("model", "version", "made", "threshold", "licence", "state")
    is_broken = False
    for name in sorted({*shelf.names(), *chosen}):
        pointer = chosen.get(name)
        live = pointer.live if pointer and pointer.live else shelf.newest_shipped(name)
        for version in shelf.versions(name) or [live]:
            state = _state(version, live, pointer)
            card, trouble = _read(shelf, name, version)
            is_broken = is_broken or bool(trouble and state != "candidate")
            said = f"{state}, not usable: {trouble}" if trouble else state
            cells = (name, version, *_said(card), said)
            table.add_row(*(Text(visible(cell)) for cell in cells))
    Console().print(table)
    if is_broken:
        raise typer.Exit(1)


def _chosen(settings: Settings) -> Mapping[str, Pointer]:
    """What was chosen here; nothing without an installation, where the shipped models serve."""
    if not settings.secrets_file.exists():
        return {}
    with installed() as ground:
        return versions_of(ground).pointers()


def _state(version: str, live: str, pointer: Pointer | None) -> str:
    if version == live:
        return "live" if pointer and pointer.live else "live (newest shipped)"
    return "shadow" if pointer and pointer.shadow == version else "candidate"


def _read(shelf: Shelf, name: str, version: str) -> tuple[Card | None, str]:
    """The card, and why the version cannot be used."""
    if not version:
        return None, "it has no version"
    try:
        card = shelf.card(name, version)
    except ModelRefused as error:
        return None, str(error)
    try:
        shelf.load(name, version)
    except ModelRefused as error:
        return card, str(error)
    return card, ""


def _said(card: Card | None) -> tuple[str, str, str]:
    if card is None:
        return "", "", ""
    return card.content["created"], f"{card.threshold:.3f}", card.content["licence"]


model_shown.register(app)
model_changes.register(app)
model_calibrate.register(app)
