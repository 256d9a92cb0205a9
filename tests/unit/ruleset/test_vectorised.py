"""Columns mean exactly what the interpreter says, for any rules and any events."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safety.domain.features import Value, Values
from safety.ruleset.columns import Coded, Numbers, columns_of, encode
from safety.ruleset.interpret import is_missing, outcome
from safety.ruleset.normal import definitely_false, definitely_true
from safety.ruleset.vectorised import Selector, VectorisedRules
from tests.unit.ruleset.conditions import CONDITIONS, FORMS, LISTS, ORDINARY, RULES, VALUES, Texts
from tests.unit.ruleset.test_meaning import a_compiled_rule, meant

EVENTS = st.lists(VALUES, max_size=12)
ANY_VALUE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.text(max_size=3), max_size=3).map(tuple),
)


@settings(max_examples=400, deadline=None)
@given(rules=RULES, events=EVENTS)
def test_columns_fire_exactly_what_is_meant(
    rules: list[tuple[list[str], list[str]]], events: list[Values]
) -> None:
    compiled = [a_compiled_rule(n, when, unless) for n, (when, unless) in enumerate(rules)]
    columns = columns_of(events)
    fired: list[dict[str, bool]] = [{} for _ in events]
    for rule, fires in VectorisedRules(compiled).fires(columns, LISTS, columns.rows()):
        for row, capped in zip(fires.rows.tolist(), fires.capped.tolist(), strict=True):
            fired[row][rule.rule.id] = capped
    assert fired == [meant(compiled, values) for values in events]


@settings(max_examples=20, deadline=None)
@pytest.mark.parametrize("form", FORMS)
@given(data=st.data())
def test_columns_mean_the_same_in_every_form(form: Texts, data: st.DataObject) -> None:
    line = a_compiled_rule(1, [data.draw(form)], []).when[0].expression
    events = data.draw(st.lists(ORDINARY | VALUES, min_size=1, max_size=5))
    columns = columns_of(events)
    selector = Selector(columns, LISTS)
    said = [outcome(line, values, LISTS) for values in events]
    holds = selector.holds(definitely_true(line), columns.rows())
    fails = selector.holds(definitely_false(line), columns.rows())
    assert holds.tolist() == [answer is True for answer in said]
    assert fails.tolist() == [answer is False for answer in said]


@settings(max_examples=200, deadline=None)
@given(condition=CONDITIONS, events=EVENTS, chosen=st.sets(st.integers(0, 11)))
def test_columns_ask_about_the_chosen_rows_only(
    condition: str, events: list[Values], chosen: set[int]
) -> None:
    line = a_compiled_rule(1, [condition], []).when[0].expression
    columns = columns_of(events)
    rows = np.array(sorted(row for row in chosen if row < len(events)), np.intp)
    selector = Selector(columns, LISTS)
    for form in (definitely_true(line), definitely_false(line)):
        everywhere = selector.holds(form, columns.rows())
        assert selector.holds(form, rows).tolist() == everywhere[rows].tolist()


@given(st.lists(ANY_VALUE, max_size=20))
def test_a_column_gives_back_what_was_put_in(values: list[Value | None]) -> None:
    column = encode(values)
    known = [None if is_missing(value) else value for value in values]
    rows = np.arange(len(values))
    given_back = [None] * len(values) if column is None else column.at(rows)
    assert given_back == known
    if column is not None:
        assert column.is_missing(rows).tolist() == [value is None for value in known]


def test_numbers_become_an_array_and_texts_a_dictionary() -> None:
    assert isinstance(encode([1, None, 2.5]), Numbers)
    texts = encode(["a", "b", None, "a"])
    assert isinstance(texts, Coded)
    assert texts.table == ["a", "b"]
    assert texts.codes.tolist() == [0, 1, -1, 0]


def test_a_number_that_no_float_is_keeps_its_value() -> None:
    column = encode([2**53 + 1, 1])
    assert isinstance(column, Coded)
    assert column.at(np.arange(2)) == [2**53 + 1, 1]


def test_a_feature_nobody_sent_is_missing_everywhere() -> None:
    columns = columns_of([{"n.a": 1}, {"n.a": math.nan}])
    assert columns.column("s.a") is None
    assert columns.missing("s.a", columns.rows()) == 2
    assert columns.missing("n.a", columns.rows()) == 1
    assert columns.values(["n.a", "s.a"], columns.rows()) == [{"n.a": 1}, {}]
