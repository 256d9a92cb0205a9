"""A canary is live for a share of entities, always the same ones, and rules end in time."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.domain.features import Values
from safety.domain.rules import Canary, Fired
from safety.domain.verdicts import Mode, Verdict
from safety.ruleset.bundle import Bundle
from safety.ruleset.rollouts import BUCKETS, bucket_of
from tests.unit.ruleset.folders import AT, FEATURES, a_rule, load, refusal

PROOF = (
    "tests:\n"
    "  - {name: yes, expect: match, given: {actor.verified: true}}\n"
    "  - {name: nothing, expect: no match, given: {actor.verified: false}}\n"
)
CLOCKED = FEATURES + "  event.time: {type: time, source: derived, description: when}\n"
DAY = 86_400.0


def rolled_out(folder: Path, rollout: str) -> Bundle:
    rule = a_rule("actor.verified", more=f"rollout: {{{rollout}}}\n{PROOF}")
    return load(folder, rule, features=CLOCKED)


def judged(bundle: Bundle, **values: object) -> list[Fired]:
    given: Values = {"actor.verified": True, **values}  # type: ignore[dict-item]
    return bundle.plan("post").judge(given)


@given(rule=st.text(max_size=20), entity=st.text(max_size=20))
def test_an_entity_always_gets_the_same_bucket(rule: str, entity: str) -> None:
    assert 0 <= bucket_of(rule, entity) < BUCKETS
    assert bucket_of(rule, entity) == bucket_of(rule, entity)


def test_buckets_are_spread_evenly_and_differently_for_each_rule() -> None:
    first = [bucket_of("a-rule", f"u_{n}") < 2500 for n in range(4000)]
    other = [bucket_of("another", f"u_{n}") < 2500 for n in range(4000)]
    assert 900 < sum(first) < 1100
    assert 180 < sum(one and two for one, two in zip(first, other, strict=True)) < 320


@given(entity=st.text(max_size=12), shares=st.tuples(*[st.integers(0, BUCKETS)] * 2))
def test_raising_the_share_keeps_everybody_who_was_in_it(
    entity: str, shares: tuple[int, int]
) -> None:
    low, high = sorted(shares)
    bucket = bucket_of("a-rule", entity)
    assert not (bucket < low and not bucket < high)


@pytest.mark.parametrize(
    ("rollout", "mode", "canary"),
    [
        ("mode: canary, percent: 25", Mode.CANARY, Canary("actor.id", 2500)),
        ("mode: canary, percent: 0.5%, by: net.ip", Mode.CANARY, Canary("net.ip", 50)),
        ("mode: enforce, percent: 25", Mode.CANARY, Canary("actor.id", 2500)),
        ("mode: enforce, percent: 100", Mode.ENFORCE, None),
        ("mode: canary, percent: 100", Mode.CANARY, Canary("actor.id", 10_000)),
        ("mode: canary, percent: 0", Mode.CANARY, Canary("actor.id", 0)),
        ("mode: enforce", Mode.ENFORCE, None),
        ("mode: shadow, since: 2026-11-01", Mode.SHADOW, None),
    ],
)
def test_a_rollout_says_for_whom_a_rule_is_live(
    tmp_path: Path, rollout: str, mode: Mode, canary: Canary | None
) -> None:
    rule = rolled_out(tmp_path, rollout).rule("a-rule")
    assert (rule.mode, rule.canary) == (mode, canary)


def test_a_canary_is_live_for_its_members_and_shadow_for_the_rest(tmp_path: Path) -> None:
    bundle = rolled_out(tmp_path, "mode: canary, percent: 25")
    for number in range(200):
        actor = f"u_{number}"
        (fired,) = judged(bundle, **{"actor.id": actor})
        is_member = bucket_of("a-rule", actor) < 2500
        assert fired.is_live is is_member
        assert fired.mode is (Mode.ENFORCE if is_member else Mode.SHADOW)
    (unknown,) = judged(bundle)
    assert not unknown.is_live
    assert "actor.id" in bundle.plan("post").features


def test_a_capped_canary_is_held_back_as_well(tmp_path: Path) -> None:
    bundle = load(
        tmp_path,
        a_rule(
            "actor.verified",
            then="{verdict: block}",
            unless=("actor.reputation > 0.9",),
            more=f"rollout: {{mode: canary, percent: 0}}\n{PROOF}",
        ),
    )
    (fired,) = judged(bundle, **{"actor.id": "u_1"})
    assert (fired.verdict, fired.capped, fired.is_live) == (Verdict.HOLD, True, False)


def test_a_rule_fires_through_the_day_of_its_until(tmp_path: Path) -> None:
    bundle = rolled_out(tmp_path, "mode: enforce, until: 2027-01-15")
    end = bundle.rule("a-rule").until
    assert end == AT - AT % DAY + DAY  # AT is in the morning of that day
    assert judged(bundle, **{"event.time": end - 1})
    assert not judged(bundle, **{"event.time": end})
    assert judged(bundle), "a rule does not end because the time is unknown"
    assert "event.time" in bundle.plan("post").features


def test_the_revision_of_a_rule_changes_with_its_share(tmp_path: Path) -> None:
    revisions = {
        rolled_out(tmp_path / str(n), f"mode: canary, percent: {n}").rule("a-rule").revision
        for n in (1, 2)
    }
    assert len(revisions) == 2


@pytest.mark.parametrize(
    ("rollout", "code", "says"),
    [
        ("mode: canary", "missing-key", "canary needs `percent`"),
        ("mode: shadow, percent: 5", "wrong-value", "write `mode: canary`"),
        ("mode: canary, percent: 101", "wrong-value", "0 to 100 %"),
        ("mode: canary, percent: lots", "wrong-value", "such as 25"),
        ("mode: canary, percent: 5, by: net.country", "unknown-feature", "one of: actor.id"),
        ("mode: canary, percent: 5, by: actor.di", "unknown-feature", "did you mean `actor.id`?"),
        ("mode: enforce, until: soon", "wrong-value", "2026-12-31"),
        ("mode: enforce, max_match_rate: 5", "wrong-value", "0.5%"),
        ("mode: enfroce", "unknown-mode", "did you mean `enforce`?"),
        ("mode: canary, percent: 5, fro: x", "unknown-key", "unknown key `fro`"),
    ],
)
def test_a_wrong_rollout_is_refused(tmp_path: Path, rollout: str, code: str, says: str) -> None:
    rule = a_rule("actor.verified", more=f"rollout: {{{rollout}}}\n{PROOF}")
    error = refusal(tmp_path, rule)
    assert error.findings[0].code == code
    assert says in error.render()


def test_a_share_is_written_in_percent_or_as_a_fraction(tmp_path: Path) -> None:
    for number, text in enumerate(("0.5%", "0.005")):
        bundle = rolled_out(tmp_path / str(number), f"mode: enforce, max_match_rate: {text}")
        assert bundle.rule("a-rule").max_match_rate == pytest.approx(0.005)


def test_a_live_canary_needs_both_kinds_of_tests(tmp_path: Path) -> None:
    rule = a_rule("actor.verified", more="rollout: {mode: canary, percent: 5}\n")
    assert refusal(tmp_path, rule).findings[0].code == "untested"
