"""Checks what can only be said of a rule as a whole: its size, its proof, its stage, its sense."""

from safety.domain.features import Catalogue, Kind, Source
from safety.domain.verdicts import Mode
from safety.ruleset.compiled import CompiledRule
from safety.ruleset.costs import check_cost
from safety.ruleset.findings import Findings
from safety.ruleset.ir import Call, Compare, Expression, Read, reads, walk
from safety.ruleset.windows import MAX_LIMIT, needed

MAX_ATOMS = 64
MAX_WINDOWS = 8


def check_rule(compiled: CompiledRule, catalogue: Catalogue, findings: Findings) -> None:
    """Note everything that is wrong with a rule whose lines are each right by themselves."""
    _check_size(compiled, findings)
    _check_counts(compiled, findings)
    _check_availability(compiled, catalogue, findings)
    check_cost(compiled, catalogue, findings)
    is_live = compiled.rule.mode in {Mode.CANARY, Mode.ENFORCE}
    if is_live and {t.matches for t in compiled.tests} != {True, False}:
        message = "a rule in force needs a test that matches and one that does not"
        findings.error("untested", message, compiled.place, "add both, or start in shadow")


def _check_size(compiled: CompiledRule, findings: Findings) -> None:
    lines = (*compiled.when, *compiled.unless)
    atoms = sum(_is_atom(part) for line in lines for part in walk(line.expression))
    windows = {read.name for read in compiled.reads if read.window}
    if atoms > MAX_ATOMS:
        message = f"the rule has {atoms} comparisons and tests, more than {MAX_ATOMS}"
        findings.error("too-many-atoms", message, compiled.place, "split the rule")
    if len(windows) > MAX_WINDOWS:
        message = f"the rule reads {len(windows)} windows, more than {MAX_WINDOWS}"
        findings.error("too-many-windows", message, compiled.place, "split the rule")


def _check_counts(compiled: CompiledRule, findings: Findings) -> None:
    """Windows are exact as far as rules compare them, and that costs memory for every entity."""
    for line in (*compiled.when, *compiled.unless):
        for spec, limit in needed(line.expression):
            if limit > MAX_LIMIT:
                message = f"`{spec.name}` would have to count to {limit - 1}"
                findings.error(
                    "limit-too-large", message, line.place, f"the most is {MAX_LIMIT - 1}"
                )


def _check_availability(compiled: CompiledRule, catalogue: Catalogue, findings: Findings) -> None:
    """Final rules come before the models, and labels need an entity that the event carries."""
    rule = compiled.rule
    for line in (*compiled.when, *compiled.unless) if rule.final else ():
        for read in reads(line.expression):
            feature = catalogue.features.get(read.name)
            if feature and feature.source is Source.MODEL:
                message = (
                    f"final rules are judged before the models: `{read.name}` is not known yet"
                )
                findings.error("not-available", message, line.place)
    for effect in rule.labels:
        allowed = catalogue.features[effect.entity].events
        for event in rule.events:
            if allowed and event not in allowed:
                message = f"`{effect.entity}` is not available for `{event}` events"
                findings.error("not-available", message, compiled.place)


def _is_atom(part: Expression) -> bool:
    if isinstance(part, Compare):
        return True
    if isinstance(part, Read):
        return part.kind is Kind.BOOL
    return isinstance(part, Call) and part.kind is Kind.BOOL and part.function != "default"
