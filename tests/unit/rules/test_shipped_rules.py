"""The rules that ship: they load, their tests pass, and they cover what they should."""

from collections import Counter

import pytest

from safety.assets import shipped
from safety.domain.rules import Rule
from safety.domain.verdicts import Mode, Verdict
from safety.ruleset.bundle import Bundle
from safety.ruleset.load import load_bundle
from safety.ruleset.proof import run_tests

NOON = 1_790_000_000.0


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_bundle([shipped("rules")], run_tests=False, at=NOON)


def enforcing(bundle: Bundle) -> list[Rule]:
    return [rule for rule in bundle.rules if rule.mode is Mode.ENFORCE]


def test_every_test_beside_a_shipped_rule_passes(bundle: Bundle) -> None:
    report = run_tests(bundle)
    assert not report.failures
    assert report.passed >= 2 * len(bundle.rules)


def test_every_event_type_has_an_enforcing_or_shadow_rule_of_its_own(bundle: Bundle) -> None:
    everywhere = set(bundle.catalogue.event_types)
    covered = {event for r in bundle.rules if set(r.events) != everywhere for event in r.events}
    assert covered == everywhere


def test_about_half_of_the_rules_enforce(bundle: Bundle) -> None:
    modes = Counter(rule.mode for rule in bundle.rules)
    assert Mode.OFF not in modes
    assert 0.4 <= modes[Mode.ENFORCE] / modes.total() <= 0.6


def test_every_policy_a_rule_cites_is_published_and_every_policy_is_cited(bundle: Bundle) -> None:
    assert {rule.policy for rule in bundle.rules} == set(bundle.policies)


def test_reasons_are_codes_and_unique(bundle: Bundle) -> None:
    reasons = Counter(rule.reason for rule in bundle.rules)
    assert reasons.most_common(1)[0][1] == 1
    assert all(reason.replace("_", "").isupper() for reason in reasons)


def test_only_final_rules_block_and_they_only_read_lists(bundle: Bundle) -> None:
    blocking = [rule for rule in enforcing(bundle) if rule.verdict is Verdict.BLOCK]
    assert all(rule.final for rule in blocking)
    assert {rule.id for rule in bundle.rules if rule.final} == {rule.id for rule in blocking}


def test_every_held_event_waits_in_a_queue(bundle: Bundle) -> None:
    assert all(rule.queue for rule in bundle.rules if rule.verdict is Verdict.HOLD)


def test_labels_that_rules_write_expire(bundle: Bundle) -> None:
    lasts = [label.lasts for rule in bundle.rules for label in rule.labels]
    assert lasts
    assert all(0 < seconds <= 30 * 86_400 for seconds in lasts)


def test_messages_for_users_give_no_numbers_away(bundle: Bundle) -> None:
    for policy in bundle.policies.values():
        assert policy.message
        assert not any(character.isdigit() for character in policy.message)
        assert len(policy.message) <= 160
