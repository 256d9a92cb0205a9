"""Generated code means exactly what the interpreter says, for any rules and any values."""

import math
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from safety.domain.features import Catalogue, EventType, Feature, Kind, Source, Values
from safety.domain.rules import Rule
from safety.domain.verdicts import FailPolicy, Mode, Severity, Verdict
from safety.ruleset.check import check_condition
from safety.ruleset.compiled import CompiledRule, Condition
from safety.ruleset.emit import compile_judge
from safety.ruleset.findings import Place
from safety.ruleset.interpret import outcome
from safety.ruleset.scope import Scope
from safety.ruleset.tokens import Mistake

KINDS = {
    "n.a": Kind.INT,
    "n.b": Kind.FLOAT,
    "n.c": Kind.INT,
    "d.a": Kind.DURATION,
    "d.b": Kind.TIME,
    "b.a": Kind.BOOL,
    "b.b": Kind.BOOL,
    "s.a": Kind.STRING,
    "s.b": Kind.STRING,
    "e.id": Kind.ENTITY,
    "l.tags": Kind.STRINGS,
    "e.labels": Kind.STRINGS,
}
LISTS = {
    "some": frozenset({"x", "yy"}),
    "words": frozenset({"casino", "free money"}),
    "none": frozenset[str](),
}
CATALOGUE = Catalogue(
    {
        name: Feature(
            name, kind, Source.EVENT, name, labels_of="e.id" if name == "e.labels" else None
        )
        for name, kind in KINDS.items()
    },
    {"post": EventType("post", FailPolicy.OPEN, "", "content")},
)
PLACE = Place("rules.yaml", 1, 1, 1, "")

NUMBERS = st.sampled_from(["0", "1", "2", "5", "-1", "0.5"])
WORDS = st.sampled_from(["x", "yy", "casino", "A"])
ORDER = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
WINDOW = 'count("post", by=e.id, within="10m")'
NUMERIC = st.sampled_from(
    [
        "n.a",
        "n.b",
        "n.c",
        WINDOW,
        "default(n.a, 2)",
        "n.a + n.b",
        "n.a / n.c",
        "n.b * 2 - n.a",
        "length(s.a)",
        "min(n.a, n.b)",
        "max(n.c, 1, n.a)",
        "abs(n.a)",
        "hour(d.b)",
        "default(n.a / n.c, 0)",
        "length(l.tags)",
        'weekday(d.b, tz="Europe/Paris")',
    ]
)
TEXT = st.sampled_from(["s.a", "s.b", "e.id", "lower(s.a)", 'default(s.a, "x")'])
ATOMS = st.one_of(
    st.builds("{} {} {}".format, NUMERIC, ORDER, NUMBERS),
    st.builds("{} {} {}".format, NUMERIC, ORDER, NUMERIC),
    st.builds('d.a {} "{}"'.format, ORDER, st.sampled_from(["1h", "3d"])),
    st.builds('{} {} "{}"'.format, TEXT, st.sampled_from(["==", "!="]), WORDS),
    st.builds("{} {} {}".format, TEXT, st.sampled_from(["==", "!=", "in lists.some #"]), TEXT).map(
        lambda text: text.split(" #")[0]
    ),
    st.builds('{} in ["x", "A"]'.format, TEXT),
    st.builds("{} in l.tags".format, TEXT),
    st.builds(
        's.a.{}("{}")'.format, st.sampled_from(["contains", "starts_with", "ends_with"]), WORDS
    ),
    st.builds(
        's.a.matches(r"{}")'.format, st.sampled_from(["^x", "y+", "", r"\bcasino\b", "(?i)a$"])
    ),
    st.builds(
        "{}.contains_any(lists.{})".format,
        st.sampled_from(["s.a", "s.b", "lower(s.b)"]),
        st.sampled_from(["words", "none"]),
    ),
    st.builds('e.has_label("{}")'.format, WORDS),
    st.builds("missing({})".format, st.sampled_from(["n.a", "s.a", "b.a", "l.tags", WINDOW])),
    st.sampled_from(
        [
            "b.a",
            "b.b",
            "b.a == b.b",
            "default(b.a, true)",
            "default(b.b, false) == b.a",
            "overlaps(l.tags, lists.some)",
            'overlaps(l.tags, ["x"])',
            "overlaps(l.tags, e.labels)",
            'ip_in(e.id, "10.0.0.0/8")',
            "n.a in [1, 2]",
            "true",
            "1 > 2",
        ]
    ),
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("not ({})".format, inner),
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
    ),
    max_leaves=5,
)
RULES = st.lists(
    st.tuples(st.lists(CONDITIONS, min_size=1, max_size=4), st.lists(CONDITIONS, max_size=2)),
    min_size=1,
    max_size=6,
)
VALUES_OF: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.INT: st.sampled_from([0, 1, 2, 3, 5, 6, -1, 10**300]),
    Kind.FLOAT: st.sampled_from([0.0, 0.5, 1.0, 2.5, 1e308]),
    Kind.DURATION: st.sampled_from([0.0, 3600.0, 259_200.0, 1e9]),
    Kind.TIME: st.sampled_from([0.0, 1.8e9, 1e18]),
    Kind.BOOL: st.booleans(),
    Kind.STRING: st.one_of(
        WORDS, st.sampled_from(["", "big CASINO!", "free money", "\ud800x", "10.1.2.3"])
    ),
    Kind.ENTITY: st.sampled_from(["x", "10.1.2.3", "::1", "u_1"]),
    Kind.STRINGS: st.lists(WORDS, max_size=2).map(tuple),
}
WINDOW_VALUES = {WINDOW: st.sampled_from([0.0, 1.0, 5.0, 6.0, math.nan])}
VALUES = st.fixed_dictionaries(
    {}, optional={n: VALUES_OF[k] for n, k in KINDS.items()} | WINDOW_VALUES
)


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
