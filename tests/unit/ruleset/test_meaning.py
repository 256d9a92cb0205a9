"""Generated code means exactly what the interpreter says, for any rules and any values."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safety.domain.features import Values
from safety.domain.rules import Rule
from safety.domain.verdicts import Mode, Severity, Verdict
from safety.ruleset.check import check_condition
from safety.ruleset.compiled import CompiledRule, Condition
from safety.ruleset.emit import compile_judge
from safety.ruleset.findings import Place
from safety.ruleset.interpret import outcome
from safety.ruleset.scope import Scope
from safety.ruleset.tokens import Mistake
from tests.unit.ruleset.conditions import (
    CATALOGUE,
    CONDITIONS,
    FORMS,
    LISTS,
    ORDINARY,
    RULES,
    VALUES,
    Texts,
)  # fmt: skip

PLACE = Place("rules.yaml", 1, 1, 1, "")


def a_compiled_rule(number: int, when: list[str], unless: list[str]) -> CompiledRule:
    scope = Scope(CATALOGUE, LISTS.keys(), ("post",))
    rule = Rule(
        id=f"r{number}",
        title="",
        owner="",
        policy="",
        reason="",
        events=("post",),
        mode=Mode.ENFORCE,
        verdict=Verdict.BLOCK,
        severity=Severity.LOW,
        queue=None,
        labels=(),
        final=False,
        override=False,
        retry_after=None,
        revision="",
        place="",
    )
    lines = tuple(Condition(text, check_condition(text, scope), PLACE) for text in when)
    exclusions = tuple(Condition(text, check_condition(text, scope), PLACE) for text in unless)
    return CompiledRule(rule, lines, exclusions, (), PLACE)


def meant(rules: list[CompiledRule], values: Values) -> dict[str, bool]:
    """Which rules fire, and whether capped, by the interpreter alone."""
    fired = {}
    for compiled in rules:
        when = [outcome(line.expression, values, LISTS) for line in compiled.when]
        unless = [outcome(line.expression, values, LISTS) for line in compiled.unless]
        if all(one is True for one in when) and True not in unless:
            fired[compiled.rule.id] = None in unless
    return fired


@settings(max_examples=400, deadline=None)
@given(rules=RULES, events=st.lists(VALUES, min_size=1, max_size=6))
def test_generated_code_fires_exactly_what_is_meant(
    rules: list[tuple[list[str], list[str]]], events: list[Values]
) -> None:
    compiled = [a_compiled_rule(n, when, unless) for n, (when, unless) in enumerate(rules)]
    judged = compile_judge(compiled, LISTS, "test")
    for values in events:
        fired = {f.rule.id: f.capped for f in judged.judge(values)}
        assert fired == meant(compiled, values), judged.code


@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize("form", FORMS)
@given(data=st.data())
def test_generated_code_means_the_same_in_every_form(form: Texts, data: st.DataObject) -> None:
    condition, values = data.draw(form), data.draw(ORDINARY | VALUES)
    rules = [a_compiled_rule(1, [condition], []), a_compiled_rule(2, ["true"], [condition])]
    judged = compile_judge(rules, LISTS, "test")
    assert {f.rule.id: f.capped for f in judged.judge(values)} == meant(rules, values), condition


@settings(max_examples=100, deadline=None)
@given(rules=RULES)
def test_the_same_rules_in_any_order_give_the_same_code(
    rules: list[tuple[list[str], list[str]]],
) -> None:
    compiled = [a_compiled_rule(n, when, unless) for n, (when, unless) in enumerate(rules)]
    one = compile_judge(compiled, LISTS, "test").code
    assert one == compile_judge(list(reversed(compiled)), LISTS, "test").code


@given(condition=CONDITIONS, values=VALUES)
def test_a_condition_and_its_opposite_are_never_both_true(condition: str, values: Values) -> None:
    rules = [a_compiled_rule(1, [condition], []), a_compiled_rule(2, [f"not ({condition})"], [])]
    assert len(compile_judge(rules, LISTS, "test").judge(values)) <= 1


@settings(max_examples=300)
@given(text=st.text(max_size=60))
def test_no_text_crashes_the_checker(text: str) -> None:
    with suppress(Mistake):
        check_condition(text, Scope(CATALOGUE, LISTS.keys(), ("post",)))
