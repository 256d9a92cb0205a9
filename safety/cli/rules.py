"""`safety-gate rules`: whether rule files are right, whether tests pass, what a rule is."""

from collections import Counter
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from safety.cli.ground import Ground, UnpreparedError, now
from safety.config import Settings, load_settings
from safety.domain.rules import Line
from safety.ruleset.bundle import Bundle
from safety.ruleset.compiled import CompiledRule
from safety.ruleset.findings import did_you_mean
from safety.ruleset.load import load_bundle
from safety.ruleset.proof import Failure, run_tests
from safety.store import lists
from safety.store.engine import read

app = typer.Typer(no_args_is_help=True)

_MARKS = {True: "true   ", False: "FALSE  ", None: "UNKNOWN"}


@app.callback()
def family() -> None:
    """Check, test and show rules."""


@app.command()
def check() -> None:
    """Read and compile every rule file. Exit code 2 with file, line and column of each fault."""
    bundle = load_rules(load_settings(), None, tested=False)
    for warning in bundle.warnings:
        print(f"{warning.render()}\n")
    modes = Counter(rule.mode.value for rule in bundle.rules)
    said = ", ".join(f"{count} {mode}" for mode, count in modes.most_common())
    print(f"{len(bundle.rules)} rules are right ({said}). Version {bundle.version[:12]}.")


@app.command()
def test() -> None:
    """Run the tests beside the rules. Exit code 1 if one is red, with the line that decided."""
    bundle = load_rules(load_settings(), None, tested=False)
    report = run_tests(bundle)
    for failure in report.failures:
        print(_explained(failure))
    red = Counter(failure.place.file for failure in report.failures)
    table = Table("file", "rules", "tests", "red")
    for file, rules, tests in _per_file(bundle):
        table.add_row(file, str(rules), str(tests), str(red[file] or ""))
    Console().print(table)
    print(f"{report.passed} tests are green, {len(report.failures)} are red.")
    if report.failures:
        raise typer.Exit(1)


@app.command()
def show(
    rule_id: Annotated[str, typer.Argument(metavar="ID", help="The rule's id.")],
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
    print(_described(compiled))


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


def _per_file(bundle: Bundle) -> list[tuple[str, int, int]]:
    rules: Counter[str] = Counter()
    tests: Counter[str] = Counter()
    for compiled in bundle.compiled:
        rules[compiled.place.file] += 1
        tests[compiled.place.file] += len(compiled.tests)
    return [(file, rules[file], tests[file]) for file in sorted(rules)]


def _explained(failure: Failure) -> str:
    place = failure.place
    lines = [f"{place.file}:{place.line}:{place.column}: {failure.message}"]
    lines += [f"  {_MARKS[line.outcome]}  {line.text}{_values(line)}" for line in failure.lines]
    return "\n".join([*lines, ""])


def _values(line: Line) -> str:
    shown = ", ".join(
        f"{name} = {'missing' if value is None else value!r}" for name, value in line.values.items()
    )
    return f"   ({shown})" if shown else ""


def _described(compiled: CompiledRule) -> str:
    rule = compiled.rule
    lines = [
        f"{rule.id}: {rule.title}",
        f"  written at   {rule.place}",
        f"  owner        {rule.owner}",
        f"  policy       {rule.policy}",
        f"  events       {', '.join(rule.events)}",
        f"  mode         {rule.mode.value}",
        f"  verdict      {rule.verdict.word}{' (final)' if rule.final else ''}",
        f"  reason       {rule.reason}",
        f"  queue        {rule.queue or '-'}",
        *(f"  when         {line.text}" for line in compiled.when),
        *(f"  unless       {line.text}" for line in compiled.unless),
        *(f"  label        {e.name} on {e.entity} for {e.lasts:.0f} s" for e in rule.labels),
        f"  tests        {len(compiled.tests)}",
        f"  revision     {rule.revision}",
    ]
    return "\n".join(lines)
