"""`safety-gate rules backtest | diff | precision`: what rules would have done, and how right."""

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from safety.cli.ground import Ground

app = typer.Typer(no_args_is_help=True)

_DEFAULT_SINCE = "7d"
SEGMENTS = "segments"  # their folder, in the data folder

Since = Annotated[str, typer.Option(help="How far to look back, such as 24h, 7d or 4w.")]
Tenant = Annotated[str, typer.Option(help="Only this tenant's events.")]
Content = Annotated[
    bool, typer.Option("--content", help="Show personal values and texts in the examples.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Html = Annotated[
    Path | None, typer.Option(help="Also write it here, as one page with charts.", dir_okay=False)
]


def backtest(
    rule: Annotated[
        str,
        typer.Argument(
            help="A rule's id, or a file with one rule; every rule when left out.", metavar="[RULE]"
        ),
    ] = "",
    *,
    since: Since = _DEFAULT_SINCE,
    rules: Annotated[
        str, typer.Option(help="Folder to take the rule from; otherwise as configured.")
    ] = "",
    tenant: Tenant = "",
    examples: Annotated[int, typer.Option(min=0, max=1000, help="At most so many.")] = 10,
    content: Content = False,
    as_json: AsJson = False,
    html: Html = None,
) -> None:
    """Say what a rule would have done with the events that were decided since then.

    Matches per day, overlap with what enforces, precision by moderators' resolutions, examples.
    """
    if not rule:
        if html:
            raise typer.BadParameter("a page is about one rule: name it", param_hint="--html")
        _work().survey_rules(since=since, source=rules, tenant=tenant, as_json=as_json)
        return
    _work().backtest_rule(
        rule,
        since=since,
        source=rules,
        tenant=tenant,
        samples=examples,
        with_content=content,
        as_json=as_json,
        html=html,
    )


def diff(
    before: Annotated[
        str, typer.Argument(help="A folder of rules, or `working` for the configured ones.")
    ],
    after: Annotated[str, typer.Argument(help="The same.")] = "working",
    *,
    since: Since = _DEFAULT_SINCE,
    tenant: Tenant = "",
    examples: Annotated[
        int, typer.Option(min=0, max=1000, help="At most so many of each change.")
    ] = 3,
    content: Content = False,
    as_json: AsJson = False,
    html: Html = None,
) -> None:
    """Say who is newly stopped or released when one ruleset gives way to another."""
    _work().diff_rules(
        before,
        after,
        since=since,
        tenant=tenant,
        samples=examples,
        with_content=content,
        as_json=as_json,
        html=html,
    )


def precision(
    rules: Annotated[
        list[str] | None, typer.Argument(help="Ids of rules; all when left out.", metavar="[RULE]")
    ] = None,
    *,
    since: Since = "4w",
    tenant: Tenant = "",
    as_json: AsJson = False,
    html: Html = None,
) -> None:
    """Say how often moderators agreed with each rule that fired, live and shadow apart."""
    _work().precision_of_rules(rules or [], since=since, tenant=tenant, as_json=as_json, html=html)


def register(family: typer.Typer) -> None:
    """Add these commands to a family of commands."""
    family.command("backtest")(backtest)
    family.command("diff")(diff)
    family.command("precision")(precision)


def forget_erased(ground: Ground) -> None:
    """Delete the history that holds decisions which were erased; the rest of it is made again."""
    if (ground.settings.data_dir / SEGMENTS).exists():
        _work().forget_erased(ground)


def _work() -> Any:
    """The part that computes; arrays and charts are imported only when they are needed."""
    return import_module("safety.cli.backtest_run")


register(app)
