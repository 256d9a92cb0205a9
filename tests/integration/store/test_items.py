"""Items wait in order, and end their wait once."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Connection, Engine, select

from safety.domain.queues import Filter
from safety.domain.reviews import Action, Item, ItemStatus, Resolution
from safety.domain.verdicts import Severity
from safety.store import items, waiting
from safety.store.engine import read, write
from safety.store.tables import resolutions
from tests.integration.store.entries import NOW, an_entry, an_item, store


def open_items(
    connection: Connection, *, queue: str = "", after: str = "", limit: int = 50
) -> list[Item]:
    """What anybody sees of the items that wait."""
    chosen = Filter(queue=queue)
    return waiting.page(connection, chosen, (), at=NOW, by="mo", after=after, limit=limit)


def a_resolution(item_id: str, decision_id: str, moderator: str = "mo") -> Resolution:
    return Resolution(
        id=f"res_{item_id}_{moderator}",
        item_id=item_id,
        decision_id=decision_id,
        tenant="acme",
        action=Action.REMOVE,
        policy="spam.commercial",
        note="",
        moderator=moderator,
        resolved_at=NOW,
    )


def test_the_worst_waits_first_and_the_oldest_among_equals(engine: Engine) -> None:
    store(
        engine,
        an_entry(decided_at=NOW + 1, item=an_item("low", severity=Severity.LOW)),
        an_entry(decided_at=NOW + 3, item=an_item("newer")),
        an_entry(decided_at=NOW + 2, item=an_item("older")),
        an_entry(decided_at=NOW + 2, item=an_item("older_too")),
        an_entry(decided_at=NOW + 4, item=an_item("worst", severity=Severity.CRITICAL)),
        an_entry(decided_at=NOW, item=an_item("elsewhere", queue="accounts")),
    )
    with read(engine) as connection:
        some = [item.id for item in open_items(connection, queue="content")]
        everything = {item.id for item in open_items(connection)}
        counts = items.count_open(connection)
    assert some == ["worst", "older", "older_too", "newer", "low"]
    assert everything == {*some, "elsewhere"}
    assert counts == {"accounts": 1, "content": 5}


def test_pages_follow_each_other_even_when_the_last_item_is_resolved(engine: Engine) -> None:
    entries = [an_entry(item=an_item(f"itm_{number}")) for number in range(5)]
    store(engine, *entries)
    with write(engine) as connection:
        first = open_items(connection, limit=2)
        assert items.resolve(connection, a_resolution("itm_1", entries[1].id), first[-1].version)
        second = open_items(connection, limit=2, after=first[-1].id)
    assert [item.id for item in first + second] == ["itm_0", "itm_1", "itm_2", "itm_3"]


def test_after_an_unknown_item_comes_nothing(engine: Engine) -> None:
    store(engine, an_entry(item=an_item("itm_1")))
    with read(engine) as connection:
        assert open_items(connection, after="itm_none") == []


def test_a_resolved_item_waits_no_more_and_knows_its_resolution(engine: Engine) -> None:
    entry = an_entry(item=an_item("itm_1"))
    store(engine, entry, an_entry(item=an_item("itm_2")))
    resolution = a_resolution("itm_1", entry.id)
    with write(engine) as connection:
        assert items.get_resolution(connection, "itm_1") is None
        assert items.resolve(connection, resolution, 1)
    with read(engine) as connection:
        item = items.get_item(connection, "itm_1")
        assert item is not None
        assert (item.status, item.version) == (ItemStatus.RESOLVED, 2)
        assert [each.id for each in open_items(connection)] == ["itm_2"]
        assert items.get_resolution(connection, "itm_1") == resolution
        assert items.resolutions_of(connection, [entry.id, "x"]) == {entry.id: resolution}


def test_an_item_that_changed_since_it_was_seen_is_not_resolved(engine: Engine) -> None:
    entry = an_entry(item=an_item("itm_1"))
    store(engine, entry)
    with write(engine) as connection:
        assert not items.resolve(connection, a_resolution("itm_1", entry.id), 2)
        assert not items.resolve(connection, a_resolution("itm_none", entry.id), 1)
        assert connection.execute(select(resolutions)).all() == []


def test_of_moderators_who_resolve_at_once_exactly_one_wins(engine: Engine) -> None:
    entry = an_entry(item=an_item("itm_1"))
    store(engine, entry)

    def try_to(number: int) -> bool:
        resolution = a_resolution("itm_1", entry.id, f"mo_{number}")
        with write(engine) as connection:
            return items.resolve(connection, resolution, 1)

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(try_to, range(8)))
    assert outcomes.count(True) == 1
    with read(engine) as connection:
        stored = items.get_resolution(connection, "itm_1")
        assert connection.execute(select(resolutions.c.id)).scalars().all() == [stored.id]  # type: ignore[union-attr]  # there is one
        assert stored == a_resolution("itm_1", entry.id, f"mo_{outcomes.index(True)}")
