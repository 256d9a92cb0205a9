"""A held event becomes an item, a person decides, and the platform hears of it when it is due."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from safety.domain.access import Role
from safety.domain.queues import Filter
from safety.domain.reviews import Act, Action, Reviewer
from safety.review.values import Choice
from safety.store import outbox
from safety.store.engine import open_engine, read
from tests.e2e.gate_api import Platform, a_platform, bearer
from tests.factories import an_event
from tests.live import a_key

ANA = Reviewer("ana", Role.MODERATOR)
SPAM = "Buy real followers cheap, only today, write to me on telegram @sales_99 hurry"


RULE = """
rule: banned
title: Who is banned does nothing
owner: trust
policy: links.malicious
events: [comment]
when: actor.has_label("banned")
then: {verdict: block}
rollout: {mode: enforce}
tests:
  - {name: banned, expect: match, given: {actor.labels: [banned]}}
  - {name: not banned, expect: no match, given: {actor.labels: [warned]}}
"""


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "site.yaml").write_text(RULE)
    with a_platform(tmp_path, rules_dir=rules) as running:
        yield running


def a_held_item(platform: Platform) -> str:
    headers = bearer(a_key(platform.settings, is_test=True))
    platform.services.keyring.refresh()
    event = an_event(id="held", actor={"id": "safety-test-hold"}, content={"text": SPAM})
    answer = platform.client.post("/v1/decisions", json=event, headers=headers).json()
    assert answer["verdict"] == "hold"
    return str(answer["item"]["id"])


def told(platform: Platform) -> list[dict[str, Any]]:
    engine = open_engine(platform.settings.resolved_database_url)
    with read(engine) as connection:
        messages = [json.loads(each.body) for each in outbox.pending(connection)]
    engine.dispose()
    return [each for each in messages if each["type"].startswith("item.")]


def test_a_decision_reaches_the_platform_once_it_cannot_be_undone(platform: Platform) -> None:
    review, item = platform.services.review, a_held_item(platform)
    review.clerk.run()
    (row,) = review.queues.page(ANA, Filter()).rows
    assert row.item.id == item
    assert [each.part for each in row.item.why] == ["harm", "reach", "confidence"]
    assert review.search("text:telegram", ANA).hits[0].item_id == item
    acts = (Act(Action.REMOVE, "spam.commercial"), Act(Action.LIMIT, "spam.commercial", lasts=3600))
    first = review.resolving.decide(item, Choice(acts), ANA)
    review.resolving.undo(first.resolution.id, ANA)
    second = review.resolving.decide(item, Choice(acts), ANA)
    review.clerk.run()
    assert told(platform) == []
    platform.clock.at += review.undo_seconds
    review.clerk.run()
    (message,) = told(platform)
    assert message["data"]["resolution_id"] == second.resolution.id
    assert message["data"]["action"] == "limit"
    assert message["data"]["strikes"]["points"] == 1


def test_what_a_person_decided_is_a_label_that_rules_read(platform: Platform) -> None:
    review, item = platform.services.review, a_held_item(platform)
    ban = Choice((Act(Action.BAN, "links.malicious"),))
    review.resolving.decide(item, ban, ANA)
    assert answer(platform, "before") == "allow"
    platform.clock.at += review.undo_seconds
    review.clerk.run()
    assert answer(platform, "later") == "block"


def answer(platform: Platform, name: str) -> str:
    event = an_event(id=name, actor={"id": "safety-test-hold"})
    return str(platform.ask("POST", "/v1/decisions", event).json()["verdict"])
