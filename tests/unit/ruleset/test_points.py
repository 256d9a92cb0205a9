"""Points: several weak rules together bring what none of them would alone."""

from pathlib import Path

import pytest

from safety.domain.rules import verdict_of_points
from safety.domain.verdicts import Verdict
from tests.unit.ruleset.folders import FEATURES, a_rule, load, refusal

COUNTING = FEATURES.replace(
    "post: {fail: open,", "post: {points: {block: 10, hold: 5}, fail: open,", 1
)
PROOF = (
    "rollout: {mode: enforce}\n"
    "tests:\n"
    "  - {name: many, expect: match, given: {actor.followers: 999}}\n"
    "  - {name: none, expect: no match, given: {actor.followers: 0}}\n"
)


def a_weak_rule(number: int, points: int, more: str = PROOF, **options: object) -> str:
    then = f"{{points: {points}}}"
    return a_rule(f"actor.followers > {number}", rule=f"r{number}", then=then, more=more, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("followers", "expected"),
    [
        (1, (0, Verdict.ALLOW)),
        (11, (4, Verdict.ALLOW)),
        (21, (8, Verdict.HOLD)),
        (31, (12, Verdict.BLOCK)),
    ],
)
def test_points_add_up_to_the_event_type_s_verdicts(
    tmp_path: Path, followers: int, expected: tuple[int, Verdict]
) -> None:
    rules = [a_weak_rule(number, 4) for number in (10, 20, 30)]
    bundle = load(tmp_path, *rules, features=COUNTING)
    fired = bundle.plan("post").judge({"actor.followers": followers})
    thresholds = bundle.catalogue.event_types["post"].points
    assert thresholds == ((5, Verdict.HOLD), (10, Verdict.BLOCK))
    assert verdict_of_points(fired, thresholds) == expected


def test_shadow_rules_bring_no_points_and_capped_ones_at_most_hold(tmp_path: Path) -> None:
    shadow = a_weak_rule(1, 100, more="")
    capped = a_weak_rule(2, 100, unless=("actor.reputation > 0.9",))
    bundle = load(tmp_path, shadow, capped, features=COUNTING)
    fired = bundle.plan("post").judge({"actor.followers": 9})
    assert verdict_of_points(fired, ((10, Verdict.BLOCK),)) == (100, Verdict.HOLD)


@pytest.mark.parametrize(
    ("then", "says"),
    [
        ("{points: 0}", "from 1 to 1000"),
        ("{points: -3}", "from 1 to 1000"),
        ("{points: many}", "a whole number"),
        ("{override: allow, points: 3}", "an override brings no points"),
    ],
)
def test_wrong_points_are_refused(tmp_path: Path, then: str, says: str) -> None:
    error = refusal(tmp_path, a_rule("actor.verified", then=then))
    assert error.findings[0].code == "wrong-value"
    assert says in error.render()
