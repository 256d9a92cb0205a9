"""The desk: what waits is seen, judged once, and everything that follows is written together."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from safety.domain.errors import InvalidInput, ItemAlreadyResolved, NotFound
from safety.domain.labels import Label
from safety.domain.reviews import Action, ItemStatus
from safety.domain.verdicts import Severity
from safety.store import audit, outbox
from safety.store.engine import read
from safety.store.labels import live_labels
from safety.store.tables import audit as audit_rows
from safety.store.tables import labels, resolutions
from safety.store.tables import outbox as outbox_rows
from tests.desk_house import (
    AUDIT_KEY,
    NOW,
    House,
    a_comment,
    a_house,
    a_model_signal,
    a_rule_signal,
    add_item,
    resolve,
)

DAY = 86_400


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = a_house(tmp_path)
    yield made
    made.engine.dispose()


def rows_of(house: House) -> list[int]:
    with read(house.engine) as connection:
        return [
            connection.scalar(select(func.count()).select_from(table)) or 0
            for table in (resolutions, labels, outbox_rows, audit_rows)
        ]


def test_the_worst_waits_first_and_then_the_oldest(house: House) -> None:
    old = add_item(house.engine, severity=Severity.LOW, at=NOW - 900)
    new = add_item(house.engine, severity=Severity.HIGH, at=NOW - 10)
    older = add_item(house.engine, severity=Severity.HIGH, at=NOW - 60)
    assert [w.item.id for w in house.desk.waiting()] == [older, new, old]


def test_a_long_queue_is_read_page_by_page(house: House) -> None:
    made = {add_item(house.engine, at=NOW - n) for n in range(5)}
    first = house.desk.waiting(limit=3)
    rest = house.desk.waiting(limit=3, after=first[-1].item.id)
    assert len(first) == 3
    assert {w.item.id for w in (*first, *rest)} == made


def test_queues_are_counted_and_looked_at_alone(house: House) -> None:
    add_item(house.engine, queue="accounts")
    add_item(house.engine)
    add_item(house.engine)
    assert [(q.name, q.waiting) for q in house.desk.queues()] == [("accounts", 1), ("content", 2)]
    assert len(house.desk.waiting("accounts")) == 1


def test_an_item_shows_everything_a_person_needs(house: House) -> None:
    text = "buy gold now"
    signals = [a_rule_signal(spans=[[0, 3]]), a_model_signal(text, [("gold", 1.5)])]
    add_item(house.engine, a_comment("an earlier one"), at=NOW - 500, is_flagged=False)
    view = house.desk.item(add_item(house.engine, a_comment(text), signals=signals))
    assert view.text == text
    assert view.evidence.rules[0].spans == ((0, 3),)
    assert view.evidence.models[0].score == 0.97
    assert view.suggested == "spam.commercial"
    assert view.facts["content.links"] == 3
    assert [each.glance for each in view.recent] == [text, "an earlier one"]
    assert view.resolution is None


def test_an_item_of_one_tenant_shows_no_decision_of_another(house: House) -> None:
    add_item(house.engine, a_comment("elsewhere"), tenant="other", is_flagged=False)
    view = house.desk.item(add_item(house.engine, a_comment("here")))
    assert [each.glance for each in view.recent] == ["here"]


def test_removing_marks_the_actor_for_a_month(house: House) -> None:
    item = add_item(house.engine)
    resolution = resolve(house, item, by="ana")
    expected = Label(
        entity=("actor.id", "u_17"),
        name="confirmed_spam",
        author="ana",
        reason=f"remove of {item}",
        created_at=NOW,
        expires_at=NOW + 30 * DAY,
    )
    assert house.labelled == [("demo", expected)]
    with read(house.engine) as connection:
        assert live_labels(connection, "demo", ("actor.id", "u_17"), NOW) == [expected]
    assert house.desk.item(item).resolution == resolution
    assert house.desk.item(item).item.status is ItemStatus.RESOLVED
    assert house.desk.waiting() == ()


def test_keeping_cites_no_policy_and_spares_the_actor_for_a_while(house: House) -> None:
    resolution = resolve(house, add_item(house.engine), action=Action.KEEP)
    assert resolution.policy is None
    ((_, label),) = house.labelled
    assert (label.name, label.expires_at) == ("reviewed_ok", NOW + 3 * DAY)


def test_the_platform_is_told_ids_and_outcome_but_no_content(house: House) -> None:
    item = add_item(house.engine, a_comment("SECRET WORDS"))
    resolution = resolve(house, item, note="private remark")
    with read(house.engine) as connection:
        (message,) = outbox.pending(connection)
    body = json.loads(message.body)
    assert body["type"] == "item.resolved"
    assert body["timestamp"] == "2026-11-22T17:00:00.000Z"
    assert body["data"] == {
        "item_id": item,
        "decision_id": resolution.decision_id,
        "event_id": house.desk.item(item).decision.event_id,
        "event_type": "comment",
        "resolution_id": resolution.id,
        "action": "remove",
        "policy": "spam.commercial",
    }


def test_the_audit_log_says_who_did_it_and_holds(house: House) -> None:
    item = add_item(house.engine)
    resolve(house, item, by="ana", note="private remark")
    with read(house.engine) as connection:
        (event,) = audit.recent(connection)
        assert audit.verify(connection, key=AUDIT_KEY).is_intact
    assert (event.author, event.action, event.subject) == ("ana", "item.resolved", item)
    assert b"private" not in event.details


@pytest.mark.parametrize("policy", [None, "", "no.such.policy"])
def test_nothing_is_removed_without_a_policy_in_force(house: House, policy: str | None) -> None:
    item = add_item(house.engine)
    with pytest.raises(InvalidInput):
        resolve(house, item, policy=policy)
    assert rows_of(house) == [0, 0, 0, 0]


def test_an_item_that_does_not_exist_is_not_found(house: House) -> None:
    with pytest.raises(NotFound):
        house.desk.item("itm_none")
    with pytest.raises(NotFound):
        house.desk.resolve(
            "itm_none", Action.KEEP, policy=None, note="", moderator="ana", expected_version=1
        )


def test_the_second_to_decide_is_told_who_was_first(house: House) -> None:
    item = add_item(house.engine)
    resolve(house, item, by="ana")
    with pytest.raises(ItemAlreadyResolved, match="ana decided first: remove"):
        resolve(house, item, by="ben", action=Action.KEEP)
    assert rows_of(house) == [1, 1, 1, 1]


def test_what_changed_since_it_was_opened_is_not_decided(house: House) -> None:
    item = add_item(house.engine)
    with pytest.raises(ItemAlreadyResolved, match="changed"):
        resolve(house, item, expected_version=7)
    assert rows_of(house) == [0, 0, 0, 0]


def test_of_many_who_decide_at_once_exactly_one_wins(house: House) -> None:
    item, desk = add_item(house.engine), house.desk

    def decide(number: int) -> bool:
        try:
            desk.resolve(
                item,
                Action.KEEP if number % 2 else Action.REMOVE,
                policy="spam.commercial",
                note="",
                moderator=f"mo{number}",
                expected_version=1,
            )
        except ItemAlreadyResolved:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(decide, range(16))) == 1
    assert rows_of(house) == [1, 1, 1, 1]
    assert len(house.labelled) == 1


def test_when_one_part_cannot_be_written_nothing_is(house: House) -> None:
    item = add_item(house.engine)
    no_key = replace(house.desk, audit_key="not bytes")  # type: ignore[arg-type]  # the fault itself
    with pytest.raises(TypeError):
        no_key.resolve(item, Action.KEEP, policy=None, note="", moderator="ana", expected_version=1)
    assert rows_of(house) == [0, 0, 0, 0]
    assert house.labelled == []
    assert house.desk.item(item).item.status is ItemStatus.OPEN


def test_a_note_loses_what_cannot_be_seen_or_kept(house: House) -> None:
    resolution = resolve(
        house, add_item(house.engine), note="  see\x00 case\u202e 8\n" + "x" * 5000
    )
    assert resolution.note.startswith("see case 8\nxxx")
    assert len(resolution.note) <= 1000
