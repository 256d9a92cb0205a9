"""Conditions in CEL mean there, to an engine that others wrote, what they mean here."""

from pathlib import Path
from typing import Any

import pytest
from cel_expr_python import cel
from hypothesis import assume, given, settings

from safety.domain.features import Kind, Value, Values
from safety.ruleset.cel import FOREIGN, NotInCelError, as_cel, rule_as_cel
from safety.ruleset.check import check_condition
from safety.ruleset.interpret import is_missing, outcome
from safety.ruleset.ir import Call, walk
from safety.ruleset.scope import Scope
from tests.unit.ruleset.folders import a_rule, load
from tests.unit.ruleset.test_meaning import CATALOGUE, CONDITIONS, KINDS, LISTS, VALUES

SCOPE = Scope(CATALOGUE, LISTS.keys(), ("post",))
EXACT = 1e15  # beyond it a double is no exact number any more
NUMERIC = frozenset({Kind.INT, Kind.FLOAT, Kind.DURATION, Kind.TIME})


def judged_by_cel(text: str, values: Values) -> bool | None:
    """What the independent engine says; None for an error, which is its word for unknown."""
    environment = cel.NewEnv(variables={"v": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)})
    result = environment.compile(text).eval(data={"v": as_map(values)})
    return result.value() if result.type() == cel.Type.BOOL else None


def as_map(values: Values) -> dict[str, Any]:
    return {name: as_cel_value(value) for name, value in values.items() if not is_missing(value)}


def as_cel_value(value: Value) -> object:
    if isinstance(value, bool | str):
        return value
    return list(value) if isinstance(value, tuple) else float(value)


def is_plain(values: Values) -> bool:
    """Whether CEL can hold these values: doubles, and texts that are Unicode."""
    numbers = [v for v in values.values() if isinstance(v, int | float) and v == v]  # noqa: PLR0124 - NaN
    texts = [v for v in values.values() if isinstance(v, str)]
    return all(abs(n) < EXACT for n in numbers) and not any("\ud800" in t for t in texts)


@settings(max_examples=400, deadline=None)
@given(condition=CONDITIONS, values=VALUES)
def test_an_independent_engine_agrees_about_every_condition(condition: str, values: Values) -> None:
    expression = check_condition(condition, SCOPE)
    called = {part.function for part in walk(expression) if isinstance(part, Call)}
    assume(not called & FOREIGN and is_plain(values))
    try:
        text = as_cel(expression, LISTS)
    except NotInCelError:
        assume(False)
        raise
    assert judged_by_cel(text, values) is outcome(expression, values, LISTS), text


def test_the_random_values_cover_every_kind() -> None:
    assert {Kind.STRINGS, Kind.BOOL, *NUMERIC} <= set(KINDS.values())


def test_a_rule_is_exported_with_its_exclusions_and_the_functions_cel_lacks(tmp_path: Path) -> None:
    rule = a_rule(
        "actor.followers > 3",
        'ip_in(net.ip, lists.networks) or lower(content.text) == "x"',
        unless=('actor.has_label("trusted")', "actor.reputation >= 0.9"),
    )
    bundle = load(tmp_path, rule)
    exported = rule_as_cel(bundle.source("a-rule"), bundle.values_of_lists)
    assert exported.when == (
        '(v["actor.followers"] > 3.0) && (ip_in(v["net.ip"], ["198.51.100.0/24", "2001:db8::/32"])'
        ' || (lower(v["content.text"]) == "x"))'
    )
    assert exported.unless == '("trusted" in v["actor.labels"]) || (v["actor.reputation"] >= 0.9)'
    assert exported.functions == ("ip_in", "lower")


def test_what_cel_cannot_say_is_refused(tmp_path: Path) -> None:
    bundle = load(tmp_path, a_rule("default(actor.followers / actor.following, 0) > 3"))
    with pytest.raises(NotInCelError):
        rule_as_cel(bundle.source("a-rule"), {})
