"""Labels, list entries and messages to the platform."""

from dataclasses import replace

from sqlalchemy import Engine

from safety.domain.lists import ListEntry
from safety.store import labels, lists, outbox
from safety.store.engine import read, write
from tests.integration.store.entries import NOW, a_label

U1 = ("actor.id", "u_1")


def test_a_label_marks_its_entity_until_it_expires(engine: Engine) -> None:
    lasting, short = a_label(name="a"), a_label(name="b", expires_at=NOW + 10)
    with write(engine) as connection:
        labels.add_label(connection, "acme", short)
        labels.add_label(connection, "acme", lasting)
        assert labels.live_labels(connection, "acme", U1, NOW + 9) == [lasting, short]
        assert labels.live_labels(connection, "acme", U1, NOW + 10) == [lasting]
        assert labels.live_labels(connection, "other", U1, NOW) == []
        assert labels.live_labels(connection, "acme", ("net.ip", "u_1"), NOW) == []


def test_a_label_replaces_the_earlier_one_of_its_name(engine: Engine) -> None:
    newer = a_label(author="staff:mo", reason="checked", expires_at=NOW + 5)
    with write(engine) as connection:
        labels.add_label(connection, "acme", a_label())
        labels.add_labels(connection, [("acme", a_label(reason="x")), ("acme", newer)])
        assert labels.live_labels(connection, "acme", U1, NOW) == [newer]


def test_every_live_label_comes_with_its_tenant(engine: Engine) -> None:
    with write(engine) as connection:
        labels.add_label(connection, "acme", a_label("u_1"))
        labels.add_label(connection, "other", a_label("u_2"))
        labels.add_label(connection, "other", a_label("u_3", expires_at=NOW))
    with read(engine) as connection:
        found = labels.all_live(connection, NOW)
    assert sorted(found, key=str) == [("acme", a_label("u_1")), ("other", a_label("u_2"))]


def test_a_label_is_taken_away_once(engine: Engine) -> None:
    with write(engine) as connection:
        labels.add_label(connection, "acme", a_label())
        assert not labels.remove_label(connection, "other", U1, "link_farm")
        assert labels.remove_label(connection, "acme", U1, "link_farm")
        assert not labels.remove_label(connection, "acme", U1, "link_farm")


def test_list_entries_are_added_replaced_and_removed(engine: Engine) -> None:
    first = ListEntry("shorteners", "bit.example", "staff:mo", NOW)
    newer = replace(first, source="staff:ana", expires_at=NOW + 10)
    other = ListEntry("denied_ips", "203.0.113.9", "staff:mo", NOW)
    with write(engine) as connection:
        for entry in (first, newer, other):
            lists.add_entry(connection, entry)
        assert lists.all_entries(connection, NOW) == {"denied_ips": [other], "shorteners": [newer]}
        assert lists.all_entries(connection, NOW + 10) == {"denied_ips": [other]}
        assert lists.remove_entry(connection, "denied_ips", "203.0.113.9")
        assert not lists.remove_entry(connection, "denied_ips", "203.0.113.9")


def test_messages_wait_in_order_until_they_are_delivered(engine: Engine) -> None:
    messages = [
        outbox.Message(f"msg_{number}", "acme", "item.resolved", b"{}", NOW, NOW + number)
        for number in range(3)
    ]
    with write(engine) as connection:
        for message in reversed(messages):
            outbox.add(connection, message)
        assert outbox.pending(connection) == messages
        assert outbox.pending(connection, due_by=NOW + 1) == messages[:2]
        assert outbox.delivered(connection, "msg_0", NOW)
        assert not outbox.delivered(connection, "msg_0", NOW)
        assert outbox.postpone(connection, "msg_1", NOW + 60)
        assert not outbox.postpone(connection, "msg_0", NOW + 60)
        later = replace(messages[1], due_at=NOW + 60, attempts=1)
        assert outbox.pending(connection) == [messages[2], later]
