"""Tries a rule out before anybody publishes it: findings, tests, and what it could do."""

from collections.abc import Mapping, Sequence

import msgspec

from safety.domain.features import Catalogue
from safety.domain.lists import ListEntry
from safety.domain.rules import Line, Rule
from safety.domain.verdicts import Mode, Verdict
from safety.ruleset.bundle import Bundle
from safety.ruleset.files import DESK, RuleFiles
from safety.ruleset.findings import Finding, Findings, Level, RuleFileError
from safety.ruleset.lint import lint
from safety.ruleset.nodes import SourceFile
from safety.ruleset.proof import Failure, prove, run_tests

_LIVE = frozenset({Mode.CANARY, Mode.ENFORCE})


class TestSeen(msgspec.Struct, frozen=True):
    """A test beside the rule: what it expects, whether that came, and the lines if it did not."""

    __test__ = False

    name: str
    event: str
    expects_match: bool
    passed: bool
    message: str = ""
    lines: Sequence[Line] = ()


class Trial(msgspec.Struct, frozen=True):
    """What is known of one rule of a ruleset that is not in force.

    `findings` has those of the rule's own text first; `rule` is None when the ruleset does not
    load or has no such rule. `may_stop` says that the rule, as it would be, can block somebody.
    """

    findings: Sequence[Finding] = ()
    rule: Rule | None = None
    digest: str = ""
    tests: Sequence[TestSeen] = ()
    may_stop: bool = False

    @property
    def errors(self) -> list[Finding]:
        """What keeps the ruleset from loading."""
        return [finding for finding in self.findings if finding.level is Level.ERROR]

    @property
    def is_sound(self) -> bool:
        """Whether it could be put in force as it is."""
        return not self.errors


def try_rule(
    files: RuleFiles, entries: Mapping[str, Sequence[ListEntry]], rule_id: str, *, at: float
) -> Trial:
    """Load everything, then look at one rule. What is wrong is told and never raised."""
    try:
        bundle = files.load(entries, at=at, run_tests=False)
    except RuleFileError as error:
        return Trial(_own_first(error.findings, rule_id))
    found = Findings()
    _check_alone(bundle, files, rule_id, found)
    prove(bundle, found)
    warned = [each for each in lint(bundle, at=at) if _is_about(each, rule_id)]
    red = _raised(found)
    if rule_id not in {rule.id for rule in bundle.rules}:
        return Trial(_own_first([*red, *warned], rule_id))
    compiled = bundle.source(rule_id)
    return Trial(
        findings=_own_first([*red, *warned], rule_id),
        rule=compiled.rule,
        digest=compiled.digest,
        tests=_tests(bundle, rule_id),
        may_stop=may_stop(compiled.rule, bundle.catalogue),
    )


def may_stop(rule: Rule, catalogue: Catalogue) -> bool:
    """Whether a rule, as it is rolled out, can block somebody, or let past what would have been.

    It blocks by its verdict or where its points may add up to that; one that lifts verdicts opens
    what others close.
    """
    if rule.mode not in _LIVE:
        return False
    if rule.override or rule.verdict is Verdict.BLOCK:
        return True
    steps = (step for event in rule.events for step in catalogue.event_types[event].points)
    return bool(rule.points) and any(verdict is Verdict.BLOCK for _, verdict in steps)


def _check_alone(bundle: Bundle, files: RuleFiles, rule_id: str, findings: Findings) -> None:
    """The desk's text of a rule holds that rule and no other: it is what a second person reads."""
    name = f"{DESK}/{rule_id}.yaml"
    held = {compiled.rule.id for compiled in bundle.compiled if compiled.place.file == name}
    if rule_id in dict(files.desk) and held != {rule_id}:
        place = SourceFile(name, dict(files.desk)[rule_id]).place(0)
        message = f"this text must hold the rule `{rule_id}` and no other"
        findings.error(
            "wrong-value", message, place, "another rule is written on a page of its own"
        )


def _tests(bundle: Bundle, rule_id: str) -> list[TestSeen]:
    red: dict[str, Failure] = {
        failure.test.name: failure
        for failure in run_tests(bundle).failures
        if failure.rule.id == rule_id
    }
    return [
        TestSeen(test.name, test.event, test.matches, passed=True)
        if test.name not in red
        else TestSeen(
            test.name,
            test.event,
            test.matches,
            passed=False,
            message=red[test.name].message,
            lines=red[test.name].lines,
        )
        for test in bundle.source(rule_id).tests
    ]


def _raised(found: Findings) -> Sequence[Finding]:
    try:
        found.raise_errors()
    except RuleFileError as error:
        return error.findings
    return ()


def _own_first(findings: Sequence[Finding], rule_id: str) -> list[Finding]:
    return sorted(findings, key=lambda finding: not _is_about(finding, rule_id))


def _is_about(finding: Finding, rule_id: str) -> bool:
    return finding.place.file == f"{DESK}/{rule_id}.yaml"
