"""`safety-gate models show | compare | label | check`: what is known of a version."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from safety.classifiers.holdout import costs_of, slices_of
from safety.cli.durations import seconds
from safety.cli.ground import UnpreparedError, installed
from safety.cli.model_ground import evidence_of, promoting_of, versions_of
from safety.training.comparison import Comparison
from safety.training.labelled import LabelledFileError, LabelledRow, read_rows, write_rows
from safety.web.inert import visible

Name = Annotated[str, typer.Argument(metavar="MODEL", help="The model, such as spam.")]
Rows = Annotated[
    Path | None, typer.Option(help="More labelled rows to compare on: a file that `label` wrote.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to `safety-gate models`."""
    app.command("show")(show_one)
    app.command()(compare)
    app.command()(label)
    app.command()(check)


def show_one(
    model: Name,
    version: Annotated[str, typer.Argument(help="The version; the live one when left out.")] = "",
    prevalence: Annotated[
        float, typer.Option(min=0.0001, max=0.9999, help="The share of events that are bad.")
    ] = 0.02,
) -> None:
    """Show a version's card: quality by slice at its threshold, sources, known failures."""
    with installed() as ground:
        versions = versions_of(ground)
        version = version or versions.live(model, versions.pointers().get(model))
        card = versions.card(model, version)
        threshold, own = versions.threshold(model, version)
    by = f"set by {visible(own.author)}" if own else "its card's"
    print(f"{model} {version}, made {card.content['created']}; threshold {threshold:g} ({by}).")
    print(f"Licence: {visible(str(card.content['licence']))}.")
    table = Table("slice", "rows", "AUC", "caught", "genuine flagged", "precision", "cost / 1,000")
    costs = costs_of(card.content)
    for name, each in sorted(slices_of(card.content).items()):
        at = each.at(threshold, prevalence, costs)
        rows = f"{each.positives} + {each.negatives}"
        shares = (at.recall, at.false_positives, at.precision)
        cost = "" if at.cost is None else f"{at.cost:.1f}"
        table.add_row(Text(visible(name)), rows, _number(each.auc()), *map(_share, shares), cost)
    Console().print(table)
    for failure in _texts(card.content.get("known_failures")):
        print(f"- {visible(failure)}")


def compare(
    model: Name,
    candidate: Annotated[str, typer.Argument(help="The version that might go live.")],
    against: Annotated[str, typer.Option(help="Another than the live version.")] = "",
    rows: Rows = None,
) -> None:
    """Compare a version with the live one. Exit code 1 if it may not go live."""
    with installed() as ground:
        more = rows_of(rows)
        found = promoting_of(ground).compare(model, candidate, against=against, rows=more)
    print_comparison(found)
    if not found.may_go_live:
        raise typer.Exit(1)


def label(
    model: Name,
    out: Annotated[Path, typer.Option(help="The file to write: one row is one line of JSON.")],
    look_back: Annotated[str, typer.Option(help="How far back to look, such as 90d.")] = "90d",
) -> None:
    """Write what people decided as labelled rows. They hold what users wrote: keep them safe."""
    if out.exists():
        raise UnpreparedError(f"{out} is there already: give another file with --out.")
    with installed() as ground:
        found = evidence_of(ground).rows(model, look_back=seconds(look_back))
    written = write_rows(out, found)
    positive = sum(row.label for row in found)
    print(f"Wrote {out}: {written} rows, {positive} of them positive.")


def check(model: Name) -> None:
    """Measure how well the live version's scores fit what people decided."""
    with installed() as ground:
        versions = versions_of(ground)
        live = versions.live(model, versions.pointers().get(model))
        found = evidence_of(ground).check({model: live})
    if not found:
        raise UnpreparedError("People decided about too few of its decisions to say anything.")
    table = Table("slice", "answers", "positive", "calibration error")
    for (_, part), one in sorted(found.items()):
        table.add_row(Text(visible(part)), str(one.rows), str(one.positive), f"{one.error:.3f}")
    Console().print(table)


def print_comparison(found: Comparison) -> None:
    """A comparison as a table, and what speaks against the candidate."""
    if found.is_first:
        print(f"No version of {found.model} is live: there is nothing to compare with.")
        return
    table = Table("where", "measure", found.live, found.candidate, "margin", "")
    for one in found.checks:
        where = f"{one.group}, {one.part}"
        told = one.outcome.value if one.is_binding else f"({one.outcome.value})"
        numbers = (_number(one.live), _number(one.candidate), f"{one.margin:.3f}")
        table.add_row(Text(visible(where)), one.measure, *numbers, told)
    Console().print(table)
    for reason in found.reasons:
        print(f"Against: {visible(reason)}.")
    if found.may_go_live:
        print(f"Nothing speaks against {found.candidate}.")


def rows_of(path: Path | None) -> list[LabelledRow]:
    """The rows of a file; none without one."""
    if path is None:
        return []
    try:
        return list(read_rows(path))
    except LabelledFileError as error:
        raise UnpreparedError(f"{error}.") from None


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _texts(found: object) -> Iterable[str]:
    return (str(each) for each in found) if isinstance(found, list) else ()
