"""How `safety-gate rules` puts rules, red tests and surviving changes into words."""

from collections import Counter
from datetime import UTC, datetime

from safety.domain.rules import Line
from safety.domain.verdicts import Mode
from safety.ruleset.bundle import Bundle
from safety.ruleset.compiled import CompiledRule
from safety.ruleset.costs import estimate
from safety.ruleset.mutants import Survey
from safety.ruleset.proof import Failure

_MARKS = {True: "true   ", False: "FALSE  ", None: "UNKNOWN"}


def summed_up(bundle: Bundle) -> str:
    """One sentence about a bundle that loads."""
    modes = Counter(rule.mode.value for rule in bundle.rules)
    said = ", ".join(f"{count} {mode}" for mode, count in modes.most_common())
    return f"{len(bundle.rules)} rules are right ({said}). Version {bundle.version[:12]}."


def per_file(bundle: Bundle) -> list[tuple[str, int, int]]:
    """Each file with its numbers of rules and tests."""
    rules: Counter[str] = Counter()
    tests: Counter[str] = Counter()
    for compiled in bundle.compiled:
        rules[compiled.place.file] += 1
        tests[compiled.place.file] += len(compiled.tests)
    return [(file, rules[file], tests[file]) for file in sorted(rules)]


def explained(failure: Failure) -> str:
    """A red test with every line of its rule and the values that each looked at."""
    place = failure.place
    lines = [f"{place.file}:{place.line}:{place.column}: {failure.message}"]
    lines += [f"  {_MARKS[line.outcome]}  {line.text}{_values(line)}" for line in failure.lines]
    return "\n".join([*lines, ""])


def _values(line: Line) -> str:
    shown = ", ".join(
        f"{name} = {'missing' if value is None else value!r}" for name, value in line.values.items()
    )
    return f"   ({shown})" if shown else ""


def survived(survey: Survey) -> str:
    """The changes of a rule that none of its tests noticed, each with the line it changes."""
    rule = survey.compiled.rule
    head = f"{rule.id}: {len(survey.survivors)} of {survey.tried} changes go unnoticed"
    lines = [
        f"  {m.line.place.file}:{m.line.place.line}: `{m.line.text}` -> {m.change}"
        for m in survey.survivors
    ]
    return "\n".join([head, *lines, ""])


def described(bundle: Bundle, compiled: CompiledRule) -> str:
    """A rule in words: what it looks at, what it does and where it is written."""
    rule = compiled.rule
    cost = estimate(compiled, bundle.catalogue)
    lines = [
        f"{rule.id}: {rule.title}",
        f"  written at   {rule.place}",
        f"  owner        {rule.owner}",
        f"  policy       {rule.policy}",
        f"  events       {', '.join(rule.events)}",
        f"  mode         {_mode(compiled)}",
        f"  verdict      {rule.verdict.word}{' (final)' if rule.final else ''}",
        f"  reason       {rule.reason}",
        f"  queue        {rule.queue or '-'}",
        *([f"  points       {rule.points}"] if rule.points else []),
        *(f"  when         {line.text}" for line in compiled.when),
        *(f"  unless       {line.text}" for line in compiled.unless),
        *(f"  label        {e.name} on {e.entity} for {e.lasts:.0f} s" for e in rule.labels),
        f"  tests        {len(compiled.tests)}",
        f"  cost         {cost:.1f} microseconds at most, estimated",
        f"  revision     {rule.revision}",
    ]
    return "\n".join(lines)


def _mode(compiled: CompiledRule) -> str:
    rule = compiled.rule
    said = rule.mode.value
    if rule.mode is Mode.CANARY and rule.canary:
        said += f" for {rule.canary.share / 100:g} % by {rule.canary.by}"
    if rule.until is not None:
        said += f" until {datetime.fromtimestamp(rule.until, UTC):%Y-%m-%d %H:%M} UTC"
    return said
