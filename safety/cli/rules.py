"""`safety-gate rules`: whether rule files are right, whether tests pass, what a rule is."""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from safety.cli import backtest, rule_controls, rule_undo, rule_versions
from safety.cli.ground import Ground, UnpreparedError, now
from safety.cli.rules_shown import described, explained, per_file, summed_up, survived
from safety.config import Settings, load_settings
from safety.ruleset.bundle import Bundle
from safety.ruleset.cel import NotInCelError, rule_as_cel
from safety.ruleset.findings import Finding, Level, RuleFileError, did_you_mean
from safety.ruleset.lint import lint
from safety.ruleset.load import file_stamps, load_bundle
from safety.ruleset.mutants import survey
from safety.ruleset.observed import Observed, check_observed
from safety.ruleset.proof import run_tests
from safety.ruleset.reports import REPORTS
from safety.ruleset.schema import rule_schema
from safety.store import lists
from safety.store.engine import read

app = typer.Typer(no_args_is_help=True)

_LOOK_SECONDS = 0.5


class Format(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


Figures = Annotated[
    Path | None,
    typer.Option(
        help='What rules did: JSON such as {"my-rule": {"events": 9000, "matches": 3}}.',
        exists=True,
        dir_okay=False,
    ),
]
Mutate = Annotated[bool, typer.Option("--mutate", help="Say which changes no test notices.")]


@app.callback()
def family() -> None:
    """Check, test, show, backtest, compare and control rules."""


backtest.register(app)
rule_versions.register(app)
rule_controls.register(app)
rule_undo.register(app)


@app.command()
def check(
    output: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TEXT,
    observed: Figures = None,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail as well.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Again at every change.")] = False,
) -> None:
    """Read and compile every rule file. Exit code 2 with file, line and column of each fault."""
    settings = load_settings()
    if watch:
        _watch(settings, output, observed)
        return
    code = _check(settings, output, observed, strict=strict)
    if code:
        raise typer.Exit(code)


@app.command()
def test(*, mutate: Mutate = False) -> None:  # noqa: PT028 - a command, not a test
    """Run the tests beside the rules. Exit code 1 if one is red, with the line that decided."""
    bundle = load_rules(load_settings(), None, tested=False)
    report = run_tests(bundle)
    for failure in report.failures:
        print(explained(failure))
    red = Counter(failure.place.file for failure in report.failures)
    table = Table("file", "rules", "tests", "red")
    for file, rules, tests in per_file(bundle):
        table.add_row(file, str(rules), str(tests), str(red[file] or ""))
    Console().print(table)
    if mutate:
        _mutate(bundle)
    print(f"{report.passed} tests are green, {len(report.failures)} are red.")
    if report.failures:
        raise typer.Exit(1)


@app.command()
def show(
    rule_id: Annotated[str, typer.Argument(metavar="ID", help="The rule's id.")],
    *,
    cel: Annotated[bool, typer.Option("--cel", help="Its conditions in CEL instead.")] = False,
) -> None:
    """Show a rule in force: what it looks at, what it does and where it is written."""
    bundle = load_rules(load_settings(), None, tested=False)
    try:
        compiled = bundle.source(rule_id)
    except KeyError:
        hint = did_you_mean(rule_id, (rule.id for rule in bundle.rules))
        raise UnpreparedError(
            f"There is no rule {rule_id}: {hint or 'see the files of rules.'}"
        ) from None
    if not cel:
        print(described(bundle, compiled))
        return
    try:
        exported = rule_as_cel(compiled, bundle.values_of_lists)
    except NotInCelError as error:
        raise UnpreparedError(f"{rule_id} cannot be written in CEL: {error}.") from None
    print(f"when: {exported.when}\nunless: {exported.unless}")
    if exported.functions:
        print(f"functions that CEL does not have: {', '.join(exported.functions)}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of rule files, for editors: save it and name it in their settings."""
    bundle = load_rules(load_settings(), None, tested=False)
    queues = {event_type.queue for event_type in bundle.catalogue.event_types.values()}
    queues |= {rule.queue for rule in bundle.rules if rule.queue}
    print(json.dumps(rule_schema(bundle.catalogue, bundle.policies, queues), indent=2))


def load_rules(settings: Settings, ground: Ground | None, *, tested: bool = True) -> Bundle:
    """The rules in the files, with the list entries of an installation if there is one.

    Raises `RuleFileError` when they do not load or, where `tested`, a test beside a rule is red.
    """
    at = now()
    if ground is None:
        return load_bundle(settings.rule_directories, run_tests=tested, at=at)
    with read(ground.engine) as connection:
        entries = lists.all_entries(connection, at)
    return load_bundle(settings.rule_directories, entries, run_tests=tested, at=at)


def _check(settings: Settings, output: Format, observed: Path | None, *, strict: bool) -> int:
    """Check once and print; the exit code."""
    bundle, findings = _found(settings, observed)
    text = REPORTS[output.value](findings, Path.cwd().resolve())
    if output is not Format.TEXT:
        print(text)
    elif bundle is None:
        print(text, file=sys.stderr)
    else:
        print("\n\n".join(filter(None, [text, summed_up(bundle)])))
    if any(finding.level is Level.ERROR for finding in findings):
        return 2
    return 1 if strict and findings else 0


def _found(settings: Settings, observed: Path | None) -> tuple[Bundle | None, Sequence[Finding]]:
    """The bundle if it loads, and everything there is to say about it."""
    try:
        bundle = load_rules(settings, None, tested=False)
    except RuleFileError as error:
        return None, error.findings
    findings = [*lint(bundle, at=now())]
    if observed:
        findings += check_observed(bundle, _figures(observed))
    return bundle, findings


def _figures(path: Path) -> dict[str, Observed]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Observed])
    except msgspec.DecodeError as error:
        raise UnpreparedError(f"{path} does not hold the figures of rules: {error}.") from None


def _watch(settings: Settings, output: Format, observed: Path | None) -> None:
    """Check now and at every change, until the keyboard interrupts."""
    try:
        for moment in changes(settings.rule_directories, now, time.sleep):
            print(f"--- {time.strftime('%H:%M:%S', time.localtime(moment))}", flush=True)
            _check(settings, output, observed, strict=False)
    except KeyboardInterrupt:
        print()


def changes(
    directories: Sequence[Path], clock: Callable[[], float], sleep: Callable[[float], None]
) -> Iterator[float]:
    """The moment of the first look, and of every look at which the files are other ones."""
    seen = None
    while True:
        stamps = file_stamps(directories)
        if stamps != seen:
            seen = stamps
            yield clock()
        sleep(_LOOK_SECONDS)


def _mutate(bundle: Bundle) -> None:
    tried = unnoticed = 0
    for one in survey(bundle):
        tried += one.tried
        unnoticed += len(one.survivors)
        if one.survivors:
            print(survived(one))
    print(f"{unnoticed} of {tried} small changes to the rules are noticed by no test.")
