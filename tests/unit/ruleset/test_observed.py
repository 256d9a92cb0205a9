"""What rules did in history becomes warnings."""

from pathlib import Path

import pytest

from safety.ruleset.observed import Observed, check_observed
from tests.unit.ruleset.folders import a_rule, load


@pytest.mark.parametrize(
    ("seen", "codes"),
    [
        (Observed(events=0, matches=0), []),
        (Observed(events=1000, matches=3), []),
        (Observed(events=1000, matches=0), ["never-matched"]),
        (Observed(events=1000, matches=11), ["matches-often"]),
        (Observed(events=1000, matches=3, unknown=11), ["often-unknown"]),
        (Observed(events=1000, matches=0, unknown=900), ["never-matched", "often-unknown"]),
    ],
)
def test_figures_of_history_become_warnings(
    tmp_path: Path, seen: Observed, codes: list[str]
) -> None:
    bundle = load(tmp_path, a_rule("actor.verified"), a_rule("actor.verified", rule="another"))
    assert [finding.code for finding in check_observed(bundle, {"a-rule": seen})] == codes


def test_a_declared_match_rate_takes_the_place_of_one_per_cent(tmp_path: Path) -> None:
    rollout = "rollout: {mode: shadow, max_match_rate: 20%}\n"
    bundle = load(tmp_path, a_rule("actor.verified", more=rollout))
    assert not list(check_observed(bundle, {"a-rule": Observed(1000, 200)}))
    (finding,) = check_observed(bundle, {"a-rule": Observed(1000, 201)})
    assert finding.message == "`a-rule` matched 20.1 % of 1,000 events"


def test_a_rule_s_outcome_is_true_false_or_unknown(tmp_path: Path) -> None:
    rule = a_rule("actor.followers > 3", unless=("actor.verified",))
    outcome = load(tmp_path, rule).outcome
    assert outcome("a-rule", {"actor.followers": 9}) is True
    assert outcome("a-rule", {"actor.followers": 9, "actor.verified": True}) is False
    assert outcome("a-rule", {"actor.followers": 1}) is False
    assert outcome("a-rule", {}) is None
