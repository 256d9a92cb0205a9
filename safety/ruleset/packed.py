"""A bundle as bytes that a child process compiled, and the way back in small pieces.

Generated code travels in them, so they are only taken from a child that this process started
itself: never from a file and never from the database.
"""

import marshal
from collections.abc import Callable, Mapping, Sequence
from math import nan
from types import FunctionType
from typing import Any, cast

from safety.domain.rules import Fired, Rule
from safety.domain.verdicts import Verdict
from safety.ruleset.bundle import Bundle, Parts, Plan, assembled
from safety.ruleset.emit import Judge
from safety.ruleset.frozen import Thaw, freeze
from safety.ruleset.patterns import Scanner
from safety.ruleset.pool import CONSTANT, Recipe, first_known
from safety.ruleset.rollouts import members_of
from safety.ruleset.scans import Scan
from safety.ruleset.writer import comparing, lifted

Pieces = Sequence[bytes]
Pause = Callable[[], object]

_RULES_AT_ONCE = 8
_NAMES_AT_ONCE = 32


def pack(bundle: Bundle) -> Pieces:
    """The bundle in pieces, each of them quickly read."""
    head = (
        bundle.version, bundle.catalogue, bundle.policies, bundle.fixtures, bundle.warnings,
        tuple(bundle.catalogue.event_types),
    )  # fmt: skip
    lists = [freeze(words) for words in bundle.lists.values()]
    rules = [freeze(compiled) for compiled in bundle.compiled]
    groups = [rules[n : n + _RULES_AT_ONCE] for n in range(0, len(rules), _RULES_AT_ONCE)]
    plans = [_packed_plan(bundle.plan(name)) for name in bundle.catalogue.event_types]
    sizes = (len(lists), len(groups), len(plans))
    return [marshal.dumps(part) for part in (sizes, freeze(head), *lists, *groups, *plans)]


def unpack(pieces: Pieces, pause: Pause = lambda: None) -> Bundle:
    """The bundle again. `pause` is called every millisecond or so: others may work meanwhile."""
    thaw = Thaw(pause)
    read = iter(pieces)
    lists, groups, plans = marshal.loads(next(read))  # noqa: S302  from our own child
    version, catalogue, policies, fixtures, warnings, event_types = thaw(_next(read))
    words = [thaw(_next(read, pause)) for _ in range(lists)]
    rules = tuple(thaw(rule) for _ in range(groups) for rule in _next(read, pause))
    parts = Parts(catalogue, policies, {w.name: w for w in words}, fixtures, rules, warnings)
    by_id = {compiled.rule.id: compiled.rule for compiled in rules}
    made = [_plan(_next(read, pause), by_id, thaw, pause) for _ in range(plans)]
    return assembled(parts, rules, dict(zip(event_types, made, strict=True)), version, pause)


def _next(read: Any, pause: Pause = lambda: None) -> Any:
    pause()
    return marshal.loads(next(read))  # noqa: S302  from our own child


def _packed_plan(plan: Plan) -> tuple[Any, ...]:
    judges = (cast("FunctionType", plan.judge_final), cast("FunctionType", plan.judge))
    return (
        plan.event_type,
        freeze(plan.counting),
        plan.features,
        plan.scores,
        plan.code,
        tuple((scan.feature, scan.patterns) for scan in plan.scans),
        tuple(
            (judge.__code__, _names_of_scans(judge), recipe)
            for judge, recipe in zip(judges, plan.recipes, strict=True)
        ),
    )


def _names_of_scans(judge: FunctionType) -> tuple[str, ...]:
    """The names by which a function calls its scanners, in the order of its scans."""
    return tuple(name for name in judge.__globals__ if name.startswith("scan"))


def _plan(packed: tuple[Any, ...], rules: Mapping[str, Rule], thaw: Thaw, pause: Pause) -> Plan:
    event_type, counting, features, scores, code, scanned, functions = packed
    scans = [Scan(feature, patterns, _scanner(patterns, pause)) for feature, patterns in scanned]
    judges, waiting = [], iter(scans)
    for function, names, recipe in functions:
        namespace = _namespace(recipe, rules, pause)
        namespace |= {name: next(waiting).scanner.hits for name in names}
        judges.append(cast("Judge", FunctionType(function, namespace)))
    return Plan(
        event_type=event_type,
        counting=thaw(counting),
        features=features,
        scores=scores,
        judge_final=judges[0],
        judge=judges[1],
        code=code,
        scans=tuple(scans),
        recipes=tuple(recipe for _, _, recipe in functions),
    )


def _scanner(patterns: Sequence[str], pause: Pause) -> Scanner:
    pause()
    return Scanner(patterns)


def _namespace(recipe: Recipe, rules: Mapping[str, Rule], pause: Pause) -> dict[str, object]:
    namespace: dict[str, object] = {"nan": nan}
    for number, (name, key) in enumerate(recipe):
        if not number % _NAMES_AT_ONCE:
            pause()
        namespace[name] = _meant(key, rules)
    return namespace


def _meant(key: Any, rules: Mapping[str, Rule]) -> object:
    """What a name of the pool stands for."""
    match key:
        case (str() as word, value) if word == CONSTANT:
            return value
        case ("fired", rule_id, capped, is_held_back):
            rule = rules[rule_id]
            verdict = min(rule.verdict, Verdict.HOLD) if capped else rule.verdict
            return Fired(rule, verdict, capped, is_held_back)
        case ("member", rule_id, share):
            return members_of(rule_id, share)
        case ("compare", operator):
            return comparing(operator)
        case (function, is_number):
            return lifted(function, is_number)
    return first_known


def parts_of(bundle: Bundle) -> list[object]:
    """The many things a bundle is made of, for who lets go of them one by one."""
    plans = [bundle.plan(name) for name in bundle.catalogue.event_types]
    judges = [cast("FunctionType", j) for plan in plans for j in (plan.judge_final, plan.judge)]
    named = (value for judge in judges for value in judge.__globals__.values())
    recipes = (entry for plan in plans for recipe in plan.recipes for entry in recipe)
    return [*plans, *judges, *named, *recipes, *bundle.compiled]
