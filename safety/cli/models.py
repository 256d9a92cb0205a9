"""`safety-gate models`: what models are here and whether their files are intact."""

from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from safety.classifiers.card import Card, CardError
from safety.classifiers.registry import CARD_FILE, load_models, newest_version
from safety.config import load_settings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def family() -> None:
    """List the models and whether their files are intact."""


@app.command("list")
def show() -> None:
    """List the models. Exit code 1 if one cannot be used."""
    folder = load_settings().models_dir
    loaded, troubles = load_models(folder)
    table = Table("model", "version", "made", "threshold", "licence", "state")
    for model in loaded:
        card = _card(folder / model.name)
        made, threshold, licence = _said(card)
        table.add_row(model.name, model.version, made, threshold, licence, "intact")
    for trouble in troubles:
        table.add_row(trouble.name, "", "", "", "", f"not usable: {trouble.reason}")
    Console().print(table)
    if troubles:
        raise typer.Exit(1)


def _card(model: Path) -> Card | None:
    version = newest_version(model)
    try:
        return Card.parse((version / CARD_FILE).read_bytes()) if version else None
    except (OSError, CardError):
        return None


def _said(card: Card | None) -> tuple[str, str, str]:
    if card is None:
        return "", "", ""
    return card.content["created"], f"{card.threshold:.3f}", card.content["licence"]
