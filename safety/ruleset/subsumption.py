"""Which rules change nothing, because another one always fires with them and is as strict."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from safety.domain.verdicts import Mode
from safety.ruleset.compiled import CompiledRule
from safety.ruleset.findings import Finding, Level
from safety.ruleset.ir import And, Expression, Or, canonical
from safety.ruleset.logic import Facts, about, contradiction, facts_of
from safety.ruleset.normal import TRUE, conjuncts, definitely_false, definitely_true


def check_subsumption(rules: Sequence[CompiledRule]) -> Iterator[Finding]:
    """A warning for each rule that another one makes pointless."""
    known = [_Known(compiled) for compiled in rules if compiled.is_judged]
    index = _index(known)
    pointless: set[str] = set()
    for weak in known:
        if contradiction(weak.normal, {}):  # it never fires, and another warning says so
            continue
        for strong in _candidates(weak, index):
            if strong.id not in pointless and strong.covers(weak):
                pointless.add(weak.id)
                message = (
                    f"the rule `{weak.id}` changes nothing: `{strong.id}` always fires with it"
                )
                hint = f"see {strong.compiled.rule.place}, which is at least as strict"
                yield Finding("subsumed", message, weak.compiled.place, hint, Level.WARNING)
                break


class _Known:
    """A rule with its normal form, its facts and the subjects of its tests."""

    def __init__(self, compiled: CompiledRule) -> None:
        self.compiled = compiled
        self.id = compiled.rule.id
        whole = And(tuple(line.expression for line in compiled.when))
        self.normal = definitely_true(whole)
        self.facts: Facts = facts_of(self.normal, {}, bounded=False)
        self.exclusions = {canonical(line.expression) for line in compiled.unless}

    @cached_property
    def needs(self) -> list[frozenset[str]]:
        """For each thing the rule asks: subjects of which another rule must know at least one."""
        return [_subjects(part) for part in conjuncts(self.normal) if part != TRUE]

    @cached_property
    def opposites(self) -> list[Expression]:
        """What must be impossible wherever the other rule fires."""
        return [definitely_false(part) for part in conjuncts(self.normal)]

    def covers(self, weak: "_Known") -> bool:
        """Whether this rule fires with every event that fires the other, with no less effect."""
        if self is weak or not _is_as_strict(self.compiled, weak.compiled):
            return False
        if not self.exclusions <= weak.exclusions:
            return False
        return all(
            contradiction(opposite, weak.facts, bounded=False) is not None
            for opposite in self.opposites
        )


def _is_as_strict(strong: CompiledRule, weak: CompiledRule) -> bool:
    one, other = strong.rule, weak.rule
    modes = one.mode is Mode.ENFORCE or one.mode is other.mode is Mode.SHADOW
    effects = other.queue in {None, one.queue} and set(other.labels) <= set(one.labels)
    return (
        modes
        and effects
        and one.until is None
        and set(other.events) <= set(one.events)
        and one.verdict >= other.verdict
        and one.points >= other.points
        and one.final >= other.final
        and not one.override
        and not other.override
        and other.retry_after in {None, one.retry_after}
    )


def _subjects(part: Expression) -> frozenset[str]:
    if isinstance(part, Or | And):
        return frozenset().union(*map(_subjects, part.operands))
    return frozenset({about(part)[0]})


@dataclass(frozen=True, slots=True)
class _Index:
    """Rules by the one thing they ask that the fewest rules know of."""

    by_subject: dict[str, list[_Known]]
    undemanding: list[_Known]


def _index(known: list[_Known]) -> _Index:
    uses = Counter(subject for rule in known for subject in rule.facts)
    by_subject: dict[str, list[_Known]] = defaultdict(list)
    undemanding = []
    for rule in known:
        if not rule.needs:
            undemanding.append(rule)
            continue
        rarest = min(rule.needs, key=lambda need: sum(uses[subject] for subject in need))
        for subject in rarest:
            by_subject[subject].append(rule)
    return _Index(by_subject, undemanding)


def _candidates(weak: _Known, index: _Index) -> Iterator[_Known]:
    for subject in weak.facts:
        yield from index.by_subject.get(subject, ())
    yield from index.undemanding
