"""What the linter concludes about conditions is always so, for any conditions and any values."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from safety.domain.features import Values
from safety.ruleset.check import check_condition
from safety.ruleset.interpret import outcome
from safety.ruleset.ir import And, canonical
from safety.ruleset.logic import contradiction, facts_of, follows
from safety.ruleset.normal import definitely_false, definitely_true
from safety.ruleset.printed import written
from safety.ruleset.scope import Scope
from tests.unit.ruleset.conditions import CATALOGUE, CONDITIONS, LISTS, VALUES

EVENTS = st.lists(VALUES, min_size=1, max_size=8)
# Ranges of one number are where most conclusions are drawn.
RANGES = st.builds(
    "{} {} {}".format,
    st.sampled_from(["n.a", "n.b", "length(s.a)", "hour(d.b)"]),
    st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    st.sampled_from(["0", "1", "2", "2.5", "5", "23"]),
)
LINES = st.lists(st.one_of(RANGES, CONDITIONS, RANGES.map("not {}".format)), min_size=1, max_size=5)
SCOPE = Scope(CATALOGUE, LISTS.keys(), ("post",))


def read(lines: list[str]) -> And:
    return And(tuple(check_condition(line, SCOPE) for line in lines))


@settings(max_examples=400, deadline=None)
@given(lines=LINES, events=EVENTS)
def test_what_is_said_to_be_impossible_never_happens(
    lines: list[str], events: list[Values]
) -> None:
    whole = read(lines)
    if contradiction(definitely_true(whole), {}):
        assert all(outcome(whole, values, LISTS) is not True for values in events)
    if contradiction(definitely_false(whole), {}):
        assert all(outcome(whole, values, LISTS) is not False for values in events)


@settings(max_examples=600, deadline=None)
@example(lines=["length(s.a) < 2"], other="n.a != 2.5", events=[{"s.a": "x"}])
@given(lines=LINES, other=st.one_of(RANGES, CONDITIONS), events=EVENTS)
def test_what_is_said_to_follow_is_true_wherever_the_rest_is(
    lines: list[str], other: str, events: list[Values]
) -> None:
    whole, condition = read(lines), check_condition(other, SCOPE)
    facts = facts_of(definitely_true(whole), {}, bounded=False)
    if follows(condition, facts):
        for values in events:
            if outcome(whole, values, LISTS) is True:
                assert outcome(condition, values, LISTS) is True


@settings(max_examples=300, deadline=None)
@given(condition=CONDITIONS)
def test_a_condition_that_is_written_back_is_the_same_condition(condition: str) -> None:
    expression = check_condition(condition, SCOPE)
    again = check_condition(written(expression), SCOPE)
    assert canonical(definitely_true(again)) == canonical(definitely_true(expression))
