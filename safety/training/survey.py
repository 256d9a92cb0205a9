"""What every rule of a set did with the events of its types: figures to check rules against."""

from collections.abc import Callable
from dataclasses import dataclass

from safety.ruleset.bundle import Bundle
from safety.ruleset.compiled import CompiledRule
from safety.ruleset.ir import And
from safety.ruleset.normal import definitely_false, definitely_true
from safety.ruleset.vectorised import Selector, VectorisedRules
from safety.training.past import Past
from safety.training.replay_windows import WindowPlan, with_windows
from safety.training.segment import Segment


@dataclass(slots=True)
class Seen:
    """Events of a rule's types, those it matches, and those it cannot judge."""

    events: int = 0
    matches: int = 0
    unknown: int = 0


def survey(
    past: Past,
    bundle: Bundle,
    since: float,
    until: float,
    *,
    tenant: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, Seen]:
    """Run every rule that is not off over the past, by id.

    `progress` hears how many more decisions were looked at.
    """
    rules = [compiled for compiled in bundle.compiled if compiled.is_judged]
    plan = WindowPlan.of(rules)
    by_type = {
        name: _Type(name, [rule for rule in rules if name in rule.rule.events])
        for name in bundle.catalogue.event_types
    }
    seen = {rule.rule.id: Seen() for rule in rules}
    stretches = past.stretches(max(0.0, since - plan.horizon), until)
    for segment in with_windows(stretches, plan):
        for one in by_type.values():
            one.add(segment, bundle, seen, since=since, until=until, tenant=tenant)
        progress(len(segment))
    return seen


class _Type:
    """The rules of one event type."""

    def __init__(self, name: str, rules: list[CompiledRule]) -> None:
        self._name = name
        self._judge = VectorisedRules(rules)
        whole = [And(tuple(line.expression for line in rule.when)) for rule in rules]
        self._forms = [
            (rule.rule.id, definitely_true(when), definitely_false(when))
            for rule, when in zip(rules, whole, strict=True)
        ]

    def add(
        self,
        segment: Segment,
        bundle: Bundle,
        seen: dict[str, Seen],
        *,
        since: float,
        until: float,
        tenant: str | None,
    ) -> None:
        lists = bundle.values_of_lists
        rows = segment.rows_of((self._name,), since=since, until=until, tenant=tenant)
        for rule, fires in self._judge.fires(segment.columns, lists, rows):
            seen[rule.rule.id].matches += len(fires.rows)
        selector = Selector(segment.columns, lists)
        for rule_id, is_true, is_false in self._forms:
            seen[rule_id].events += len(rows)
            known = selector.holds(is_true, rows) | selector.holds(is_false, rows)
            seen[rule_id].unknown += len(rows) - int(known.sum())
