"""Judging: rules, counters and models say what they think, and the strictest live word counts."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from safety.decisions.judge import Judge, Judgement, Prepared, Skip
from safety.domain.features import Values
from safety.domain.labels import Label
from safety.domain.ports import Classifier, Contribution, Counters, Observation
from safety.domain.velocity import CountingPlan
from safety.domain.verdicts import Verdict
from safety.state.memory import MemoryCounters
from tests.factories import NOW, Json, a_bundle, an_event, raw

RULES = """
rule: many-comments
title: Too many comments
owner: abuse
policy: spam.commercial
events: [comment]
when: count("comment", by=actor.id, within="10m") >= 3
then: {verdict: hold, reason: MANY_COMMENTS, severity: high, label: {busy: 1h}}
rollout: {mode: enforce}
tests:
  - {name: many, expect: match, given: {'count("comment", by=actor.id, within="10m")': 3}}
  - {name: few, expect: no match, given: {'count("comment", by=actor.id, within="10m")': 1}}
---
rule: spam-score
title: Looks like spam
owner: abuse
policy: spam.commercial
events: [comment]
when: score.spam >= 0.9
then: {verdict: challenge, reason: SPAM_SCORE}
rollout: {mode: enforce}
tests:
  - {name: high, expect: match, given: {score.spam: 0.95}}
  - {name: low, expect: no match, given: {score.spam: 0.1}}
---
rule: shadow-block
title: Every comment
owner: abuse
policy: spam.commercial
events: [comment]
when: content.length >= 0
then: {verdict: block, reason: EVERY}
---
rule: denied-address
title: Denied address
owner: abuse
policy: spam.commercial
events: [comment, signup]
when: net.ip == "198.51.100.66"
then: {verdict: block, reason: DENIED, final: true}
rollout: {mode: enforce}
tests:
  - {name: denied, expect: match, given: {net.ip: 198.51.100.66}}
  - {name: other, expect: no match, given: {net.ip: 203.0.113.1}}
---
rule: trusted
title: Trusted people
owner: abuse
policy: spam.commercial
events: [comment]
when: actor.verified
unless: actor.followers > 5000
then: {override: allow, reason: TRUSTED}
rollout: {mode: enforce}
tests:
  - {name: verified, expect: match, given: {actor.verified: true, actor.followers: 10}}
  - {name: famous, expect: no match, given: {actor.verified: true, actor.followers: 9000}}
"""


class Always:
    """A classifier that gives one score, or fails."""

    name = "spam"
    version = "7"

    def __init__(self, score: float | Exception | None) -> None:
        self._score = score

    def score(self, values: Values) -> float | None:
        assert ("content.text_folded" in values) is ("content.text" in values)
        if isinstance(self._score, Exception):
            raise self._score
        return self._score

    def explain(self, values: Values) -> Sequence[Contribution]:
        return ()


class Away:
    """Counters that cannot be reached."""

    def observe(self, tenant: str, plan: CountingPlan, values: Values, at: float) -> Observation:
        raise ConnectionError

    def retract(self, tenant: str, plan: CountingPlan, values: Values, at: float) -> None:
        raise ConnectionError

    def mark(self, tenant: str, label: Label) -> None:
        raise ConnectionError


Judging = Callable[..., Judgement]


@pytest.fixture
def judging(tmp_path: Path) -> Judging:
    bundle = a_bundle(tmp_path, RULES)
    counters = MemoryCounters()

    def judge(  # noqa: PLR0917  what a test may change
        event: Json | None = None,
        score: float | Exception | None = 0.1,
        counted_by: Counters | None = None,
        has_time: bool = True,
        is_test: bool = False,
        models: Sequence[Classifier] | None = None,
    ) -> Judgement:
        prepared = Prepared(bundle, [Always(score)] if models is None else models)
        read = prepared.reader.read(raw(event or an_event()), now=NOW, fallback_id=lambda: "e")
        judge = Judge(counted_by or counters, lambda prefix: f"{prefix}_1")
        return judge.judge(
            "main", read, prepared, now=NOW, has_time=lambda: has_time, is_test=is_test
        )

    return judge


def test_a_calm_comment_is_allowed_and_nobody_needs_to_look(judging: Judging) -> None:
    judgement = judging()
    assert judgement.verdict is Verdict.ALLOW
    assert judgement.item is None
    assert judgement.scores == {"spam": 0.1}


def test_the_third_comment_is_held_with_an_item_and_a_label(judging: Judging) -> None:
    judging()
    judging()
    judgement = judging()
    assert judgement.verdict is Verdict.HOLD
    assert judgement.item is not None
    assert judgement.item.reason == "MANY_COMMENTS"
    assert [(label.entity, label.name) for label in judgement.labels] == [
        (("actor.id", "u_1"), "busy")
    ]
    assert judgement.labels[0].expires_at == NOW + 3600


def test_a_shadow_rule_is_recorded_and_not_obeyed(judging: Judging) -> None:
    judgement = judging()
    assert [(f.rule.id, f.is_live) for f in judgement.fired] == [("shadow-block", False)]


def test_a_final_block_skips_the_models_and_says_so(judging: Judging) -> None:
    judgement = judging(an_event(net={"ip": "198.51.100.66"}), score=0.99)
    assert judgement.verdict is Verdict.BLOCK
    assert judgement.skipped == (Skip("score.spam", "final_rule"),)
    assert judgement.fail_policy is None


def test_a_model_that_does_not_fit_the_deadline_is_skipped(judging: Judging) -> None:
    judgement = judging(score=0.99, has_time=False)
    assert judgement.verdict is Verdict.ALLOW
    assert judgement.skipped == (Skip("score.spam", "deadline"),)
    assert judgement.fail_policy == "open"


def test_a_failing_model_leaves_its_score_unknown(judging: Judging) -> None:
    judgement = judging(score=RuntimeError("broken"))
    assert "score.spam" not in judgement.values
    assert judgement.degraded == ("score.spam",)


def test_a_missing_model_degrades_only_events_it_would_have_judged(judging: Judging) -> None:
    assert judging(models=()).degraded == ("score.spam",)
    assert judging(an_event(content=None), models=()).degraded == ()


def test_an_event_without_text_is_no_reason_to_fall_back(judging: Judging) -> None:
    judgement = judging(an_event(content=None), score=None)
    assert judgement.skipped == ()
    assert judgement.fail_policy is None


def test_without_counters_the_fail_policy_of_the_event_type_joins(judging: Judging) -> None:
    signup = {"type": "signup", "actor": {"id": "new"}}
    judgement = judging(signup, counted_by=Away())
    assert judgement.verdict is Verdict.CHALLENGE
    assert judgement.degraded == ("counters",)
    assert judgement.fail_policy == "challenge"


@pytest.mark.parametrize("verdict", Verdict)
def test_a_test_value_gives_its_verdict_to_test_keys_only(
    judging: Judging, verdict: Verdict
) -> None:
    event = an_event(actor={"id": f"safety-test-{verdict.word}"})
    assert judging(event, is_test=True).verdict is verdict
    assert judging(event).verdict is Verdict.ALLOW


def test_an_override_lifts_only_when_its_exclusion_is_known(judging: Judging) -> None:
    known = an_event(actor={"id": "u_2", "verified": True, "followers": 10})
    unknown = an_event(actor={"id": "u_3", "verified": True})
    assert judging(known, score=0.95).verdict is Verdict.ALLOW
    assert judging(unknown, score=0.95).verdict is Verdict.CHALLENGE


def test_a_test_value_is_not_counted(judging: Judging) -> None:
    assert not judging(an_event(actor={"id": "safety-test-hold"}), is_test=True).is_counted
    assert judging().is_counted
