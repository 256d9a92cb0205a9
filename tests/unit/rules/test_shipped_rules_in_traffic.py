"""What the shipped rules make of attacks and of busy, ordinary days, with real counters."""

from collections.abc import Mapping

import pytest

from safety.assets import shipped
from safety.domain.features import Value
from safety.domain.labels import Label
from safety.domain.verdicts import Verdict, strictest
from safety.ruleset.bundle import Bundle
from safety.ruleset.load import load_bundle
from safety.state.memory import MemoryCounters

NOON = 1_790_000_000.0
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_bundle([shipped("rules")], run_tests=False, at=NOON)


class Traffic:
    """Events on their way through counters and rules; each answers with its live rules' ids."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.counters = MemoryCounters()

    def happen(self, event_type: str, at: float, given: Mapping[str, Value]) -> frozenset[str]:
        """Judge one event: the fixture of its type with some values changed."""
        plan = self.bundle.plan(event_type)
        values = {**self.bundle.fixtures[event_type], **given}
        seen = self.counters.observe("acme", plan.counting, values, at)
        named = zip(plan.counting.windows, seen.windows, strict=True)
        known = {window.name: number for window, number in named if number == number}  # noqa: PLR0124 - not NaN
        values |= {**seen.labels, **known}
        fired = [f for f in (*plan.judge_final(values), *plan.judge(values)) if f.is_live]
        return frozenset(one.rule.id for one in fired)

    def verdict(self, rules: frozenset[str]) -> Verdict:
        """What the platform must do."""
        return strictest(self.bundle.rule(rule).verdict for rule in rules)


@pytest.fixture
def traffic(bundle: Bundle) -> Traffic:
    return Traffic(bundle)


def test_a_signup_wave_from_one_address_is_challenged_from_the_eighth_on(traffic: Traffic) -> None:
    answers = [
        traffic.happen("signup", NOON + n, {"actor.id": f"u{n}", "device.id": f"d{n}"})
        for n in range(20)
    ]
    assert answers[:7] == [frozenset()] * 7
    assert all("signup-burst-ip" in rules for rules in answers[7:])


def test_signups_from_everywhere_are_left_alone(traffic: Traffic) -> None:
    for n in range(500):
        where = {"net.ip": f"198.51.100.{n % 200}", "device.id": f"d{n}", "actor.id": f"u{n}"}
        assert not traffic.happen("signup", NOON + n * MINUTE, where)


def test_a_password_list_against_many_accounts_is_challenged(traffic: Traffic) -> None:
    answers = [
        traffic.happen("login", NOON + n, {"actor.id": f"u{n}", "login.succeeded": False})
        for n in range(40)
    ]
    assert not answers[18]
    assert all("login-failures-ip" in rules for rules in answers[19:])


def test_a_spam_wave_is_held_once_four_accounts_sent_the_text(traffic: Traffic) -> None:
    spam: dict[str, Value] = {
        "content.fingerprint": "c0ffee00c0ffee00",
        "content.links": 1,
        "content.link_domain": "shop.example",
        "actor.account_age": 5 * HOUR,
    }
    answers = [traffic.happen("comment", NOON + n, spam | {"actor.id": f"u{n}"}) for n in range(10)]
    assert all("same-text-many-accounts" in rules for rules in answers[3:])
    assert traffic.verdict(answers[3]) is Verdict.HOLD


def test_a_follower_farm_is_challenged_and_real_newcomers_are_not(traffic: Traffic) -> None:
    bare: dict[str, Value] = {
        "actor.account_age": HOUR,
        "actor.has_avatar": False,
        "actor.posts": 0,
    }
    answers = [
        traffic.happen("follow", NOON + n, bare | {"actor.id": f"bot{n}"}) for n in range(60)
    ]
    assert not answers[23]
    assert all("follow-surge-young" in rules for rules in answers[24:])
    person: dict[str, Value] = {"actor.id": "mia", "actor.account_age": HOUR}
    assert not traffic.happen("follow", NOON + 61, person)


def test_a_message_to_everybody_from_a_young_account_is_challenged(traffic: Traffic) -> None:
    given: dict[str, Value] = {"actor.account_age": DAY}
    answers = [
        traffic.happen(
            "message", NOON + n, given | {"target.id": f"t{n}", "content.fingerprint": f"{n:016x}"}
        )
        for n in range(30)
    ]
    assert not answers[13]
    assert all("message-fan-out" in rules for rules in answers[14:])


def test_reports_bring_a_target_to_people_twice_and_are_never_stopped(traffic: Traffic) -> None:
    answers = [traffic.happen("report", NOON + n, {"actor.id": f"u{n}"}) for n in range(60)]
    looked_at = [n for n, rules in enumerate(answers, 1) if rules]
    assert looked_at == [5, 25]
    assert all(traffic.verdict(rules) is Verdict.ALLOW for rules in answers)


def test_a_busy_ordinary_day_meets_no_rule(traffic: Traffic) -> None:
    at = NOON
    for n in range(300):
        at += 90.0
        text = {"content.fingerprint": f"{n:016x}", "content.thread_id": f"t{n % 30}"}
        assert not traffic.happen("comment", at, text | {"content.links": n % 2})
        assert not traffic.happen("like", at, {"target.id": f"p{n}"})
        assert not traffic.happen("follow", at, {"target.id": f"u{n}"})
        assert not traffic.happen("message", at, {"target.id": f"u{n % 12}"} | text)


def test_news_that_everybody_shares_meets_no_rule(traffic: Traffic) -> None:
    headline: dict[str, Value] = {
        "content.fingerprint": "feed0000feed0000",
        "content.links": 1,
        "content.link_domain": "bbc.co.uk",
        "content.link_domains": ("bbc.co.uk",),
    }
    for n in range(500):
        sharer: dict[str, Value] = {"actor.id": f"u{n}", "actor.account_age": (n + 1) * DAY}
        assert not traffic.happen("post", NOON + n, headline | sharer)


def test_a_denied_address_is_blocked_whoever_comes_from_it(traffic: Traffic) -> None:
    partner = Label(("actor.id", "u_1842"), "trusted_partner", "staff:ana", "contract", NOON)
    traffic.counters.mark("acme", partner)
    for event_type in traffic.bundle.catalogue.event_types:
        fired = traffic.happen(event_type, NOON, {"net.ip": "192.0.2.8"})
        assert "denied-address" in fired


def test_a_partners_label_lifts_what_is_not_final(traffic: Traffic) -> None:
    partner = Label(("actor.id", "u_1842"), "trusted_partner", "staff:ana", "contract", NOON)
    traffic.counters.mark("acme", partner)
    fired = traffic.happen("post", NOON, {"score.spam": 0.97})
    assert fired == {"spam-score", "trusted-partner"}
    assert traffic.bundle.rule("trusted-partner").override
