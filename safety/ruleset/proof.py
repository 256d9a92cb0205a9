"""Runs the tests that stand beside the rules."""

from dataclasses import dataclass

from safety.domain.features import Value, Values
from safety.domain.rules import Line, Rule
from safety.domain.velocity import Measure
from safety.ruleset.bundle import Bundle
from safety.ruleset.compiled import CompiledRule, RuleTest
from safety.ruleset.findings import Findings, Place


@dataclass(frozen=True, slots=True)
class Failure:
    """A test whose rule did something else. `lines` are the rule's lines with their values."""

    rule: Rule
    test: RuleTest
    lines: tuple[Line, ...]
    message: str

    @property
    def place(self) -> Place:
        """Where the test is written."""
        return self.test.place


@dataclass(frozen=True, slots=True)
class Report:
    """What came of all tests."""

    passed: int
    failures: tuple[Failure, ...]


def run_tests(bundle: Bundle) -> Report:
    """Run every rule's tests, also those of rules that are off."""
    failures = []
    passed = 0
    for compiled in bundle.compiled:
        for test in compiled.tests:
            failure = _failure(bundle, compiled, test)
            failures += [failure] if failure else []
            passed += failure is None
    return Report(passed, tuple(failures))


def prove(bundle: Bundle, findings: Findings) -> None:
    """Turn every failing test into a finding that shows the failing line and its values."""
    for failure in run_tests(bundle).failures:
        findings.error("red-test", failure.message, failure.place, _decisive(failure))


def _failure(bundle: Bundle, compiled: CompiledRule, test: RuleTest) -> Failure | None:
    values = example(bundle, compiled, test)
    lines = bundle.explain(compiled.rule.id, values)
    fires = _fires(compiled, lines)
    if compiled.is_judged and fires != _is_judged_to_fire(
        bundle, compiled.rule, test.event, values
    ):
        message = (
            f"the engine contradicts itself about `{compiled.rule.id}` in the test `{test.name}`"
        )
        return Failure(compiled.rule, test, lines, message)
    if fires == test.matches:
        return None
    did, wanted = ("matched", "not to") if fires else ("did not match", "to")
    message = f"`{compiled.rule.id}` {did}, and the test `{test.name}` expects it {wanted}"
    return Failure(compiled.rule, test, lines, message)


def _fires(compiled: CompiledRule, lines: tuple[Line, ...]) -> bool:
    split = len(compiled.when)
    met = all(line.outcome is True for line in lines[:split])
    return met and not any(line.outcome is True for line in lines[split:])


def _is_judged_to_fire(bundle: Bundle, rule: Rule, event: str, values: Values) -> bool:
    plan = bundle.plan(event)
    judge = plan.judge_final if rule.final else plan.judge
    return any(fired.rule.id == rule.id for fired in judge(values))


def example(bundle: Bundle, compiled: CompiledRule, test: RuleTest) -> dict[str, Value]:
    """A test's values: a plain good event, unlabelled and the first of its kind, then `given`."""
    values: dict[str, Value] = dict(bundle.fixtures.get(test.event, {}))
    for feature in bundle.catalogue.of(test.event).values():
        if feature.labels_of and feature.name not in values:
            values[feature.name] = ()
    changed = values | {n: v for n, v in test.given.items() if v is not None}
    for read in compiled.reads:
        if read.window:
            counted = test.event in read.window.events
            amount = changed.get(read.window.of or "") if read.window.measure is Measure.SUM else 1
            first = float(amount) if counted and isinstance(amount, int | float) else 0.0
            changed.setdefault(read.name, first)
    return {
        name: value for name, value in changed.items() if test.given.get(name, value) is not None
    }


def _decisive(failure: Failure) -> str:
    """The line that decided, with what it saw."""
    wrong = [line for line in failure.lines if not line.text.startswith("unless ")]
    decisive = next((line for line in wrong if line.outcome is not True), None)
    decisive = decisive or next((line for line in failure.lines if line.outcome is True), wrong[0])
    shown = ", ".join(f"{name} = {_shown(value)}" for name, value in decisive.values.items())
    outcome = {True: "true", False: "false", None: "unknown"}[decisive.outcome]
    return f"`{decisive.text}` is {outcome}" + (f": {shown}" if shown else "")


def _shown(value: Value | None) -> str:
    return "missing" if value is None else repr(value)
