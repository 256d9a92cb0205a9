"""Conditions in CEL mean there, to an engine that others wrote, what they mean here."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cel_expr_python import cel
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from safety.domain.features import Kind, Value, Values
from safety.ruleset.cel import FOREIGN, NotInCelError, as_cel, rule_as_cel
from safety.ruleset.check import check_condition
from safety.ruleset.interpret import applied, is_missing, outcome
from safety.ruleset.scope import Scope
from tests.unit.ruleset.conditions import (
    CATALOGUE,
    CONDITIONS,
    FORMS,
    KINDS,
    LISTS,
    ORDINARY,
    VALUES,
    Texts,
)  # fmt: skip
from tests.unit.ruleset.folders import a_rule, load

SCOPE = Scope(CATALOGUE, LISTS.keys(), ("post",))
EXACT = 1e15  # beyond it a double is no exact number any more
NUMERIC = frozenset({Kind.INT, Kind.FLOAT, Kind.DURATION, Kind.TIME})


def told_by(function: str) -> Callable[..., object]:
    """What a function that CEL lacks means there: what it means here."""

    def called(*arguments: Any) -> object:
        given = [tuple(one) if isinstance(one, list) else one for one in arguments]
        answer = applied(function, *given)
        if answer is None:
            raise ValueError(function)  # an error is CEL's word for unknown
        return answer

    return called


TEXT, TEXTS = cel.Type.STRING, cel.Type.List(cel.Type.STRING)
TAKEN = {
    "lower": [[TEXT]],
    "domain_of": [[TEXT]],
    "ip_in": [[TEXT, TEXT], [TEXT, TEXTS], [TEXT, TEXT, TEXT], [TEXT, TEXT, TEXTS]],
}
BROUGHT = [
    cel.FunctionDecl(
        name,
        [
            cel.Overload(
                f"{name}_{number}",
                cel.Type.BOOL if name == "ip_in" else TEXT,
                taken,
                is_member=False,
                impl=told_by(name),
            )
            for number, taken in enumerate(overloads)
        ],
    )
    for name, overloads in TAKEN.items()
]
ENVIRONMENT = cel.NewEnv(
    variables={"v": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)}, functions=BROUGHT
)


def judged_by_cel(text: str, values: Values) -> bool | None:
    """What the independent engine says; None for an error, which is its word for unknown."""
    result = ENVIRONMENT.compile(text).eval(data={"v": as_map(values)})
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
    assume(is_plain(values))
    try:
        text = as_cel(expression, LISTS)
    except NotInCelError:
        assume(False)
        raise
    assert judged_by_cel(text, values) is outcome(expression, values, LISTS), text


@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize("form", FORMS)
@given(data=st.data())
def test_an_independent_engine_agrees_about_every_form(form: Texts, data: st.DataObject) -> None:
    expression = check_condition(data.draw(form), SCOPE)
    values = data.draw(ORDINARY)
    for name in data.draw(st.sets(st.sampled_from([*values]), max_size=2)):
        del values[name]
    try:
        text = as_cel(expression, LISTS)
    except NotInCelError:
        return
    assert judged_by_cel(text, values) is outcome(expression, values, LISTS), text


def test_every_function_that_cel_lacks_is_brought_along() -> None:
    assert TAKEN.keys() == FOREIGN


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


def test_what_is_calculated_is_known_in_cel_when_its_parts_are() -> None:
    ratio = check_condition("default(n.a / n.c, 7) > 3", SCOPE)
    assert as_cel(ratio, LISTS) == (
        '((("n.a" in v && "n.c" in v && v["n.c"] != 0.0) ? '
        '(v["n.c"] != 0.0 ? v["n.a"] / v["n.c"] : v["?"]) : 7.0) > 3.0)'
    )


def test_what_cel_cannot_say_is_refused(tmp_path: Path) -> None:
    bundle = load(tmp_path, a_rule('default(domain_of(net.ip), "x") == "x"'))
    with pytest.raises(NotInCelError):
        rule_as_cel(bundle.source("a-rule"), {})
