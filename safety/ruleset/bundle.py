"""The ruleset in force: immutable, content-addressed, one compiled plan for each event type."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import NamedTuple

from safety.domain.features import Catalogue, Source, Value, Values
from safety.domain.policies import Policy
from safety.domain.rules import Fired, Line, Rule
from safety.domain.velocity import CountingPlan
from safety.ruleset.compiled import CompiledRule, Condition
from safety.ruleset.emit import compile_judge
from safety.ruleset.findings import Finding
from safety.ruleset.highlight import highlighted, searches_text
from safety.ruleset.interpret import Lists, is_missing, outcome
from safety.ruleset.ir import Expression, reads
from safety.ruleset.pool import Recipe
from safety.ruleset.rollouts import CLOCK
from safety.ruleset.scans import Scan
from safety.ruleset.watched import watched_features, watches
from safety.ruleset.windows import counting_plan, merged
from safety.ruleset.wordlists import WordList


@dataclass(frozen=True)
class Plan:
    """How events of one type are judged.

    `features` holds every feature that must be known for counting, labels and judging (windows by
    their canonical name); `scores` those of them that models give. `judge_final` gives the fired
    rules that are judged before the models, `judge` all others, live and shadow. `code` is the
    text of both functions.
    """

    event_type: str
    counting: CountingPlan
    features: frozenset[str]
    scores: tuple[str, ...]
    judge_final: Callable[[Values], list[Fired]]
    judge: Callable[[Values], list[Fired]]
    code: str
    scans: tuple[Scan, ...] = ()
    recipes: tuple[Recipe, ...] = ()  # what the names of both functions stand for


@dataclass(frozen=True)
class Bundle:
    """Everything that rule files say, compiled. `version` is a hash of what they mean.

    `values_of_lists` holds what is on each list, as conditions look it up.
    """

    version: str
    catalogue: Catalogue
    policies: Mapping[str, Policy]
    rules: tuple[Rule, ...]
    lists: Mapping[str, WordList]
    values_of_lists: Lists
    fixtures: Mapping[str, Mapping[str, Value]]
    compiled: tuple[CompiledRule, ...]
    warnings: tuple[Finding, ...] = ()
    _plans: Mapping[str, Plan] = field(default_factory=dict)
    _sources: Mapping[str, CompiledRule] = field(default_factory=dict)
    _shown: Mapping[str, "tuple[_Shown, ...]"] = field(default_factory=dict)
    _searches: Mapping[str, tuple[Expression, ...]] = field(default_factory=dict)

    def plan(self, event_type: str) -> Plan:
        """How events of this type are judged. Raises `KeyError` for a type nobody declared."""
        return self._plans[event_type]

    def rule(self, rule_id: str) -> Rule:
        """A rule by its id. Raises `KeyError`."""
        return self.source(rule_id).rule

    def source(self, rule_id: str) -> CompiledRule:
        """A rule with its checked conditions. Raises `KeyError`."""
        return self._sources[rule_id]

    def explain(self, rule_id: str, values: Values) -> tuple[Line, ...]:
        """Each line of the rule's `when`, then of its `unless`, with the values it looked at."""
        lists = self.values_of_lists
        return tuple(_line(shown, values, lists) for shown in self._shown[rule_id])

    def outcome(self, rule_id: str, values: Values) -> bool | None:
        """Whether the rule fires for these values; None when a line of `when` leaves it unknown."""
        compiled = self._sources[rule_id]
        lists = self.values_of_lists
        met = [outcome(line.expression, values, lists) for line in compiled.when]
        if False in met:
            return False
        if any(outcome(line.expression, values, lists) for line in compiled.unless):
            return False
        return None if None in met else True

    def highlights(self, rule_id: str, values: Values) -> tuple[tuple[int, int], ...]:
        """Where in `content.text` the rule's text conditions matched, in characters, in order."""
        searches = self._searches[rule_id]
        return highlighted(searches, values, self.values_of_lists) if searches else ()

    def why_not(self, event_type: str, values: Values) -> tuple[tuple[Rule, tuple[Line, ...]], ...]:
        """The rules of this event type that did not fire, with what kept them from it."""
        plan = self.plan(event_type)
        fired = {f.rule.id for f in (*plan.judge_final(values), *plan.judge(values))}
        return tuple(
            (c.rule, self.explain(c.rule.id, values))
            for c in self.compiled
            if c.is_judged and event_type in c.rule.events and c.rule.id not in fired
        )


@dataclass(frozen=True, slots=True)
class Parts:
    """What rule files were read into, before anything is compiled."""

    catalogue: Catalogue
    policies: Mapping[str, Policy]
    lists: Mapping[str, WordList]
    fixtures: Mapping[str, Mapping[str, Value]]
    rules: tuple[CompiledRule, ...]
    warnings: tuple[Finding, ...] = ()
    mark: str = ""  # becomes part of the version, if there is one


def build(parts: Parts) -> Bundle:
    """Compile everything. The same parts always give the same bundle."""
    rules = tuple(sorted(parts.rules, key=lambda compiled: compiled.rule.id))
    lists = {name: words.values for name, words in parts.lists.items()}
    judged = [compiled for compiled in rules if compiled.is_judged]
    windows = merged(judged)
    labels_of = {f.name: f.labels_of for f in parts.catalogue.features.values() if f.labels_of}
    watching = watches(parts.catalogue, judged, parts.catalogue.event_types)
    plans = {}
    for event_type in parts.catalogue.event_types:
        own = [compiled for compiled in judged if event_type in compiled.rule.events]
        watch = watching[event_type]
        counting = replace(counting_plan(event_type, own, windows, labels_of), watch=watch)
        plans[event_type] = _plan(event_type, own, counting, parts.catalogue, lists)
    return assembled(parts, rules, plans, _version(parts, rules))


def assembled(
    parts: Parts,
    rules: tuple[CompiledRule, ...],
    plans: Mapping[str, Plan],
    version: str,
    pause: Callable[[], object] = lambda: None,
) -> Bundle:
    """The bundle of parts that are compiled already; `rules` are in the order of their ids.

    `pause` is called now and then, for others to work meanwhile.
    """
    return Bundle(
        version=version,
        catalogue=parts.catalogue,
        policies=parts.policies,
        rules=tuple(compiled.rule for compiled in rules),
        lists=parts.lists,
        values_of_lists={name: words.values for name, words in parts.lists.items()},
        fixtures=parts.fixtures,
        compiled=rules,
        warnings=parts.warnings,
        _plans=plans,
        _sources={compiled.rule.id: compiled for compiled in rules},
        _shown={c.rule.id: _shown(c) for c in _paced(rules, pause)},
        _searches={c.rule.id: _searches(c) for c in _paced(rules, pause)},
    )


def _paced(rules: tuple[CompiledRule, ...], pause: Callable[[], object]) -> Iterator[CompiledRule]:
    for compiled in rules:
        pause()
        yield compiled


def _plan(
    event_type: str,
    own: list[CompiledRule],
    counting: CountingPlan,
    catalogue: Catalogue,
    lists: Lists,
) -> Plan:
    final = compile_judge([c for c in own if c.rule.final], lists, f"final rules for {event_type}")
    other = compile_judge([c for c in own if not c.rule.final], lists, f"rules for {event_type}")
    features = {read.name for compiled in own for read in compiled.reads}
    features |= {name for series in counting.hits for name in (series.by, series.of) if name}
    features |= {window.series.by for window in counting.windows}
    features |= {entity for _, entity in counting.labelled}
    features |= {effect.entity for compiled in own for effect in compiled.rule.labels}
    features |= {c.rule.canary.by for c in own if c.rule.canary}
    features |= {CLOCK for c in own if c.rule.until is not None}
    features |= watched_features(counting.watch)
    models = {f.name for f in catalogue.features.values() if f.source is Source.MODEL}
    return Plan(
        event_type=event_type,
        counting=counting,
        features=frozenset(features),
        scores=tuple(sorted(features & models)),
        judge_final=final.judge,
        judge=other.judge,
        code=f"{final.code}\n\n{other.code}",
        scans=(*final.scans, *other.scans),
        recipes=(final.recipe, other.recipe),
    )


def _version(parts: Parts, rules: tuple[CompiledRule, ...]) -> str:
    """A hash of the meaning: equal for files that differ only in layout, order or comments."""
    facts: dict[str, object] = {
        "rules": [(c.rule.id, c.digest) for c in rules],
        "lists": {name: sorted(words.values) for name, words in parts.lists.items()},
        "features": {n: asdict(f) for n, f in parts.catalogue.features.items()},
        "event_types": {n: asdict(e) for n, e in parts.catalogue.event_types.items()},
        "policies": {name: asdict(policy) for name, policy in parts.policies.items()},
        "ladder": [asdict(rung) for rung in parts.catalogue.ladder],
    }
    if parts.mark:
        facts["mark"] = parts.mark
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


class _Shown(NamedTuple):
    """A line of a rule as it is explained: its text, and what it looks at under which name."""

    text: str
    expression: Expression
    looked_at: tuple[tuple[str, str], ...]


def _shown(compiled: CompiledRule) -> tuple[_Shown, ...]:
    when = (_shown_line(line, line.text) for line in compiled.when)
    unless = (_shown_line(line, f"unless {line.text}") for line in compiled.unless)
    return (*when, *unless)


def _shown_line(line: Condition, text: str) -> _Shown:
    looked_at = {read.shown or read.name: read.name for read in reads(line.expression)}
    return _Shown(text, line.expression, tuple(looked_at.items()))


def _searches(compiled: CompiledRule) -> tuple[Expression, ...]:
    """The conditions of a rule that search a text."""
    return tuple(line.expression for line in compiled.when if searches_text(line.expression))


def _line(shown: _Shown, values: Values, lists: Lists) -> Line:
    looked_at = {name: _known(read, values) for name, read in shown.looked_at}
    return Line(shown.text, outcome(shown.expression, values, lists), looked_at)


def _known(read: str, values: Values) -> Value | None:
    value = values.get(read)
    return None if is_missing(value) else value
