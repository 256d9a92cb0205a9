"""`safety-gate models promote | rollback | shadow | threshold | history`: what is in force."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from safety.cli.ground import UnpreparedError, installed
from safety.cli.model_ground import by, promoting_of, versions_of
from safety.cli.model_shown import Name, Rows, print_comparison, rows_of
from safety.domain.errors import NotFound
from safety.store.models import Change
from safety.web.inert import visible

Why = Annotated[str, typer.Option(help="Why, for history and the audit log.")]
Version = Annotated[str, typer.Argument(help="The version.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `safety-gate models`."""
    app.command()(promote)
    app.command()(rollback)
    app.command()(shadow)
    app.command()(threshold)
    app.command()(history)


def promote(
    model: Name,
    version: Version,
    *,
    why: Why = "",
    force: Annotated[
        bool, typer.Option(help="Although the comparison speaks against it; wants --why.")
    ] = False,
    rows: Rows = None,
) -> None:
    """Make a version live in every process, unless the comparison speaks against it."""
    with installed() as ground:
        promoting = promoting_of(ground)
        found = promoting.compare(model, version, rows=rows_of(rows))
        print_comparison(found)
        if found.reasons and not force:
            print(f"{model} {version} stays a candidate.")
            raise typer.Exit(1)
        promoting.promote(found, by(why), is_forced=force)
    print(f"{model} {version} is live.")


def rollback(model: Name, *, why: Why = "") -> None:
    """Make the version live that was live before the latest promotion."""
    with installed() as ground:
        versions = versions_of(ground)
        pointer = versions.roll_back(model, by(why))
        live = versions.live(model, pointer)
    print(f"{model} {live} is live again.")


def shadow(
    model: Name,
    version: Annotated[str, typer.Argument(help="The version; none ends the shadow.")] = "",
    *,
    why: Why = "",
) -> None:
    """Score a version beside the live one. What they disagree about is sampled for people."""
    with installed() as ground:
        versions_of(ground).shadow(model, version, by(why))
    print(f"{model} {version} is in shadow." if version else f"{model} has no shadow any more.")


def threshold(
    model: Name,
    value: Annotated[
        float | None, typer.Argument(min=0.0, max=1.0, help="The threshold; none says what it is.")
    ] = None,
    *,
    version: Annotated[str, typer.Option(help="Another than the live version.")] = "",
    card: Annotated[bool, typer.Option(help="Go back to the threshold of the card.")] = False,
    why: Why = "",
) -> None:
    """Say or set what `threshold.MODEL` is in rules, here, while this version is live."""
    with installed() as ground:
        versions = versions_of(ground)
        version = version or versions.live(model, versions.pointers().get(model))
        if card:
            try:
                versions.drop_threshold(model, version, by(why))
            except NotFound:
                raise UnpreparedError("No other threshold was set.") from None
        elif value is not None:
            versions.set_threshold(model, version, value, by(why))
        now, own = versions.threshold(model, version)
    whose = f"set by {visible(own.author)}" if own else "its card's"
    print(f"threshold.{model} of version {version} is {now:g}, {whose}.")


def history(
    model: Name,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 20,
) -> None:
    """List the latest changes: what went live, into shadow or back, by whom and why."""
    with installed() as ground:
        found = versions_of(ground).history(model, limit=limit)
    table = Table("when", "what", "live", "shadow", "by", "why")
    for one in found:
        cells = (
            _moment(one.at),
            _what(one),
            one.live or "shipped",
            one.shadow,
            one.author,
            one.why,
        )
        table.add_row(*(Text(visible(cell)) for cell in cells))
    Console().print(table)


def _what(change: Change) -> str:
    details = json.loads(change.details)
    told = change.action.replace("_", " ")
    if details.get("forced"):
        told += " (forced)"
    if "threshold" in details:
        told += f" to {details['threshold']:g} (version {details['version']})"
    return told


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
