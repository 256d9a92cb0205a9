"""Tests beside a rule are judged by the small changes that they would notice."""

from pathlib import Path

from hypothesis import given, settings

from safety.ruleset.check import check_condition
from safety.ruleset.compiled import Condition
from safety.ruleset.ir import canonical
from safety.ruleset.mutants import Survey, _changes, survey
from safety.ruleset.normal import definitely_true
from tests.unit.ruleset.conditions import CONDITIONS
from tests.unit.ruleset.folders import a_rule, load
from tests.unit.ruleset.test_logic import SCOPE
from tests.unit.ruleset.test_meaning import PLACE


def surveyed(folder: Path, *lines: str, tests: tuple[str, ...], **more: object) -> Survey:
    proof = "tests:\n" + "".join(f"  - {{name: t{n}, {t}}}\n" for n, t in enumerate(tests))
    (one,) = survey(load(folder, a_rule(*lines, more=proof, **more)))  # type: ignore[arg-type]
    return one


def changes(one: Survey) -> list[str]:
    return [mutant.change for mutant in one.survivors]


def test_tests_on_both_sides_of_a_threshold_notice_everything(tmp_path: Path) -> None:
    one = surveyed(
        tmp_path,
        "actor.followers > 8",
        tests=(
            "expect: match, given: {actor.followers: 9}",
            "expect: no match, given: {actor.followers: 8}",
        ),
    )
    assert one.tried == 4
    assert changes(one) == []


def test_a_threshold_that_no_test_comes_near_goes_unnoticed(tmp_path: Path) -> None:
    one = surveyed(
        tmp_path,
        "actor.followers > 8",
        tests=(
            "expect: match, given: {actor.followers: 90}",
            "expect: no match, given: {actor.followers: 1}",
        ),
    )
    assert changes(one) == ["`actor.followers > 7`", "`actor.followers > 9`"]


def test_a_line_without_a_test_of_its_own_can_be_dropped(tmp_path: Path) -> None:
    one = surveyed(
        tmp_path,
        "actor.verified",
        "actor.email_verified or actor.followers > 8",
        tests=(
            "expect: match, given: {actor.verified: true}",
            "expect: no match, given: {actor.verified: false}",
        ),
    )
    assert "drop the line" in changes(one)
    assert "`not actor.email_verified or actor.followers > 8`" not in changes(one)


def test_exclusions_are_changed_too(tmp_path: Path) -> None:
    one = surveyed(
        tmp_path,
        "actor.verified",
        unless=('actor.has_label("trusted")',),
        tests=("expect: match, given: {actor.verified: true}", "expect: no match"),
    )
    assert changes(one) == ["drop the line"]


def test_times_move_by_a_smaller_unit(tmp_path: Path) -> None:
    one = surveyed(
        tmp_path,
        'actor.account_age < "3d"',
        tests=("expect: match, given: {actor.account_age: 1h}", "expect: no match"),
    )
    assert changes(one) == ['`actor.account_age < "71h"`', '`actor.account_age < "73h"`']


def test_rules_without_tests_are_left_out(tmp_path: Path) -> None:
    assert list(survey(load(tmp_path, a_rule("actor.verified")))) == []


@settings(max_examples=200, deadline=None)
@given(text=CONDITIONS)
def test_every_change_is_a_condition_with_another_meaning(text: str) -> None:
    line = Condition(text, check_condition(text, SCOPE), PLACE)
    before = canonical(definitely_true(line.expression))
    for change, changed in _changes(line):
        for expression in changed:
            again = check_condition(change.strip("`"), SCOPE)
            assert canonical(definitely_true(again)) != before
            assert canonical(definitely_true(again)) == canonical(definitely_true(expression))
