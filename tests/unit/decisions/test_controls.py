"""Controls take effect away from rules that fired, and never add any."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.decisions.controls import ControlsInForce, Lookups
from safety.decisions.judge import Judge, Judgement, Prepared
from safety.decisions.record import _signals
from safety.domain.controls import Control, ControlKind, Over
from safety.domain.features import Values
from safety.domain.ports import Contribution
from safety.domain.rules import Fired
from safety.domain.verdicts import Mode, Severity, Verdict
from safety.review.route import SHADOW_QUEUE, Sampling
from safety.ruleset.bundle import Bundle
from safety.state.memory import MemoryCounters
from tests.controlled_rules import DENIED_DOMAINS, a_controlled_bundle
from tests.factories import NOW, a_bundle, an_event, raw


class Sure:
    """A classifier that is sure of spam."""

    name = "spam"
    version = "1"

    def score(self, values: Values) -> float | None:
        return 0.99

    def explain(self, values: Values) -> tuple[Contribution, ...]:
        return ()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return a_controlled_bundle(tmp_path_factory.mktemp("controlled"))


def a_control(over: Over = Over.RULE, subject: str = "long-text", **changes: object) -> Control:
    plain = Control(ControlKind.SWITCH, over, subject, "a try", "ana", NOW)
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test's shorthand


def judged(bundle: Bundle, *controls: Control, tenant: str = "main", **event: object) -> Judgement:
    judge = Judge(MemoryCounters(), lambda prefix: f"{prefix}_1", Sampling(1))
    judge.controls = ControlsInForce(controls) or None
    prepared = Prepared(bundle, [Sure()])
    read = prepared.reader.read(raw(an_event(**event)), now=NOW, fallback_id=lambda: "e")
    return judge.judge(tenant, read, prepared, now=NOW, has_time=lambda: True)


def said_of(judgement: Judgement, rule: str) -> Fired:
    return next(fired for fired in judgement.fired if fired.rule.id == rule)


def test_a_rule_that_is_switched_off_is_recorded_with_what_it_would_have_said(
    bundle: Bundle,
) -> None:
    assert judged(bundle).verdict is Verdict.BLOCK
    judgement = judged(bundle, a_control())
    assert judgement.verdict is Verdict.HOLD  # by the score
    signal = next(s for s in _signals(judgement) if s.get("rule") == "long-text")
    assert (signal["mode"], signal["verdict"]) == (Mode.SHADOW, "block")
    assert signal["control"]["kind"] == "switched_off"
    assert (signal["control"]["author"], signal["control"]["reason"]) == ("ana", "a try")
    assert signal["control"]["would_be"] == "block"


def test_a_demoted_rule_challenges_and_does_nothing_else(bundle: Bundle) -> None:
    scores = a_control(Over.MODEL, "spam", most=Verdict.CHALLENGE)
    demoted = a_control(kind=ControlKind.BREAKER, most=Verdict.CHALLENGE)
    judgement = judged(bundle, demoted, scores)
    assert judgement.verdict is Verdict.CHALLENGE
    assert judgement.labels == ()
    assert judgement.item is not None
    assert judgement.item.queue == SHADOW_QUEUE
    assert said_of(judgement, "long-text").would_be is Verdict.BLOCK


@pytest.mark.parametrize(
    ("over", "subject"),
    [(Over.OWNER, "abuse"), (Over.VERDICT, "block"), (Over.RULE, "long-text")],
)
def test_a_kill_switch_is_for_a_rule_an_owner_or_a_verdict(
    bundle: Bundle, over: Over, subject: str
) -> None:
    assert judged(bundle, a_control(over, subject)).verdict is Verdict.HOLD


def test_a_snooze_is_for_one_entity_in_one_tenant_until_it_ends(bundle: Bundle) -> None:
    snooze = a_control(kind=ControlKind.SNOOZE, entity=("actor.id", "u_1"), tenant="main")
    assert judged(bundle, snooze).verdict is Verdict.HOLD
    assert judged(bundle, snooze, actor={"id": "u_2"}).verdict is Verdict.BLOCK
    assert judged(bundle, snooze, tenant="other").verdict is Verdict.BLOCK
    assert judged(bundle, replace(snooze, expires_at=NOW)).verdict is Verdict.BLOCK


def test_a_demoted_list_entry_leaves_the_other_entries_alone(bundle: Bundle) -> None:
    one, other = ({"id": "u_1", "email": f"mia@{domain}"} for domain in DENIED_DOMAINS)
    demoted = a_control(
        Over.LIST_ENTRY, f"deny_domains:{DENIED_DOMAINS[0]}", most=Verdict.CHALLENGE
    )
    rest = a_control()
    assert said_of(judged(bundle, demoted, rest, actor=one), "denied").verdict is Verdict.CHALLENGE
    assert said_of(judged(bundle, demoted, rest, actor=other), "denied").verdict is Verdict.BLOCK


def test_only_by_name_is_a_rule_that_lifts_verdicts_taken_away(bundle: Bundle) -> None:
    trusted = {"id": "u_1", "verified": True}
    by_the_way = [
        a_control(Over.OWNER, "abuse"),
        a_control(kind=ControlKind.BREAKER, subject="trusted"),
    ]
    assert judged(bundle, *by_the_way, actor=trusted).verdict is Verdict.ALLOW
    assert judged(bundle, a_control(subject="trusted"), actor=trusted).verdict is Verdict.BLOCK


def test_the_models_thresholds_are_what_rules_ask_for(bundle: Bundle) -> None:
    lookups = Lookups(bundle)
    assert lookups.thresholds["spam"] == pytest.approx(0.9)
    assert lookups.models("spam-score") == {"spam"}


controls = st.lists(
    st.builds(
        Control,
        kind=st.sampled_from(ControlKind),
        over=st.sampled_from([Over.OWNER, Over.VERDICT, Over.RULE, Over.MODEL, Over.LIST_ENTRY]),
        subject=st.sampled_from(
            ["abuse", "lists", "block", "hold", "long-text", "denied", "spam-score", "spam",
             "deny_domains:spam.example"]
        ),
        reason=st.just(""),
        author=st.just(""),
        created_at=st.just(NOW),
        expires_at=st.sampled_from([None, NOW - 1, NOW + 1]),
        most=st.sampled_from([Verdict.ALLOW, Verdict.CHALLENGE]),
        entity=st.sampled_from([("", ""), ("actor.id", "u_1")]),
    ),
    max_size=5,
)  # fmt: skip


@given(controls, st.booleans(), st.sampled_from(["hi", "a long text"]))
def test_a_control_never_makes_a_decision_stricter(
    bundle: Bundle,
    some: list[Control],
    is_trusted: bool,
    text: str,
) -> None:
    actor, content = {"id": "u_1", "verified": is_trusted}, {"text": text}
    plain = judged(bundle, actor=actor, content=content)
    assert judged(bundle, *some, actor=actor, content=content).verdict <= plain.verdict


def test_shadow_matches_are_sampled_through_the_day(bundle: Bundle) -> None:
    rule = replace(bundle.rule("long-text"), mode=Mode.SHADOW)
    sampling = Sampling(4)
    hours = [
        hour
        for hour in range(48)
        if sampling.item([Fired(rule, Verdict.BLOCK)], hour * 3600.0, item_id="itm_1")
    ]
    assert hours == list(range(0, 48, 6))
    item = Sampling(1).item([Fired(rule, Verdict.BLOCK)], NOW, item_id="itm_1")
    assert item is not None
    assert (item.queue, item.reason, item.severity) == (SHADOW_QUEUE, "LONG", Severity.LOW)
    assert Sampling(0).item([Fired(rule, Verdict.BLOCK)], NOW, item_id="itm_1") is None


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("score.spam >= threshold.spam", {"spam": 0.8}),
        ("threshold.spam <= score.spam", {"spam": 0.8}),
        ("score.spam >= 0.6", {"spam": 0.6}),
        ("score.spam > threshold.abuse", {}),
    ],
)
def test_a_threshold_that_a_rule_reads_counts_as_a_number_would(
    tmp_path: Path, when: str, expected: dict[str, float]
) -> None:
    rule = f"""
rule: reads-a-threshold
title: t
owner: o
policy: spam.commercial
events: [comment]
when: {when}
then: {{verdict: hold, reason: R}}
rollout: {{mode: enforce}}
tests:
  - {{name: high, expect: match, given: {{score.spam: 0.99}}}}
  - {{name: low, expect: no match, given: {{score.spam: 0.01}}}}
"""
    bundle = a_bundle(tmp_path, rule, run_tests=False)
    assert Lookups(bundle, {"threshold.spam": 0.8}).thresholds == expected
