"""The play: it repeats itself, stays plausible and knows the truth about its events."""

from collections import Counter
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from itertools import pairwise, takewhile

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from safety.assets import shipped
from safety.demo.scenarios import Scenario, Step, play

AT = 1_795_000_000.0
KINDS = {
    "comment",
    "like",
    "post",
    "follow",
    "login",
    "message",
    "signup",
    "profile_update",
}
DOCUMENTATION = [
    ip_network(text) for text in ("203.0.113.0/24", "198.51.100.0/24", "2001:db8::/32")
]


def first(seconds: float, scenario: Scenario = Scenario.ALL, seed: int = 1) -> list[Step]:
    steps = play(scenario, seed=seed, at=AT, rate=12)
    return list(takewhile(lambda step: step.due < seconds, steps))


@given(st.integers(), st.sampled_from(Scenario))
@settings(max_examples=20, deadline=None)
def test_the_same_seed_gives_the_same_play(seed: int, scenario: Scenario) -> None:
    assert first(5, scenario, seed) == first(5, scenario, seed)


def test_another_seed_gives_another_play() -> None:
    assert first(5, seed=1) != first(5, seed=2)


def test_a_whole_play_begins_calm_brings_every_attack_and_calms_down() -> None:
    scenes = [step.scene for step in first(80)]
    order = [a for a, b in pairwise([*scenes, None]) if a != b]
    calm, wave, farm, burst = (
        Scenario.CALM, Scenario.SPAM_WAVE, Scenario.FOLLOWER_FARM, Scenario.SIGNUP_BURST
    )  # fmt: skip
    assert order == [calm, wave, farm, burst, calm]


def test_a_play_starts_again_when_it_is_over() -> None:
    steps = first(40, Scenario.SIGNUP_BURST)
    assert max(step.due for step in steps) > 36
    makers = {attacker(step) for step in steps if step.is_attack}
    assert len(makers) == 4, "each of the four bursts has its own machine"


def attacker(step: Step) -> str:
    return str(step.event["device"]["id"])


def test_events_come_at_the_asked_rate() -> None:
    assert len(first(12)) == pytest.approx(12 * 12, rel=0.25)


def test_calm_traffic_has_every_kind_of_event_and_no_attack() -> None:
    steps = first(200, Scenario.CALM)
    kinds = {step.event["type"] for step in steps}
    assert kinds == KINDS
    assert not any(step.is_attack for step in steps)


def test_every_address_is_one_that_nobody_has() -> None:
    addresses = {ip_address(step.event["net"]["ip"]) for step in first(80)}
    strange = [a for a in addresses if not any(a in network for network in DOCUMENTATION)]
    assert strange == []


def test_attackers_share_no_address_and_no_device_with_ordinary_people() -> None:
    def seen(*, attack: bool) -> set[str]:
        events = [step.event for step in first(80) if step.is_attack is attack]
        return {e["net"]["ip"] for e in events} | {e["device"]["id"] for e in events}

    assert seen(attack=True) & seen(attack=False) == set()


def test_an_account_keeps_its_facts() -> None:
    facts: dict[str, object] = {}
    for step in first(80):
        actor = {k: v for k, v in step.event["actor"].items() if k != "bio"}
        assert facts.setdefault(actor["id"], actor) == actor


def test_ordinary_people_do_not_repeat_each_other() -> None:
    texts = [
        step.event["content"]["text"]
        for step in first(600, Scenario.CALM)
        if len(step.event.get("content", {}).get("text", "")) > 30
    ]
    assert len(texts) > 1_000
    assert max(Counter(texts).values()) <= 3


def test_a_spam_wave_repeats_few_offers_some_of_them_disguised() -> None:
    texts = attack_texts(first(20, Scenario.SPAM_WAVE))
    assert all("https://" in text and ".example/" in text for text in texts)
    plain = Counter(text.split()[0] for text in texts if text.isascii())
    assert plain.most_common(1)[0][1] > 20
    assert any(not text.isascii() for text in texts)


def attack_texts(steps: Sequence[Step]) -> list[str]:
    return [step.event["content"]["text"] for step in steps if step.is_attack]


def test_a_follower_farm_follows_few_with_many() -> None:
    events = [step.event for step in first(15, Scenario.FOLLOWER_FARM) if step.is_attack]
    assert len({event["target"]["id"] for event in events}) == 3
    assert len({event["actor"]["id"] for event in events}) > 40


def test_every_event_is_one_that_the_shipped_catalogue_knows() -> None:
    catalogue = yaml.safe_load((shipped("rules") / "features.yaml").read_text("utf-8"))
    known = {n for n, said in catalogue["features"].items() if said["source"] == "event"}
    for step in first(80):
        event = dict(step.event)
        assert event.pop("type") in catalogue["event_types"]
        for group, values in event.items():
            assert {f"{group}.{name}" for name in values} <= known
