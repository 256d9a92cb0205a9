"""How many wait is counted as far as anybody plans, queue by queue, and exactly below that."""

import pytest
from sqlalchemy import Engine, update

from safety.domain.queues import SNOOZED, Filter
from safety.domain.reviews import Band
from safety.store import waiting
from safety.store.engine import read, write
from safety.store.tables import items
from tests.desk_items import add_item
from tests.review_house import ANA, BEN, NOW, Core, removing


@pytest.fixture
def core(engine: Engine) -> Core:
    """Five items in one queue and three in another: two late, one put off, one decided."""
    made = Core(engine)
    content = [add_item(engine, queue="content", at=NOW - n) for n in range(5)]
    other = [add_item(engine, queue="accounts", at=NOW - n) for n in range(3)]
    with write(engine) as connection:
        connection.execute(update(items).where(items.c.id == content[0]).values(due_at=NOW - 1))
        connection.execute(update(items).where(items.c.id == content[1]).values(raised=1))
    made.review.moves.snooze(content[2], NOW + 3600, ANA, 1)
    made.review.resolving.decide(other[0], removing(), BEN)
    return made


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (100, {"accounts": (2, 0), "content": (4, 2)}),
        (3, {"accounts": (2, 0), "content": (3, 2)}),
        (1, {"accounts": (1, 0), "content": (1, 1)}),
    ],
)
def test_each_queue_is_counted_up_to_a_limit(
    core: Core, most: int, expected: dict[str, tuple[int, int]]
) -> None:
    with read(core.engine) as connection:
        assert waiting.counts(connection, NOW, most=most) == expected
        assert waiting.names(connection) == ["accounts", "content"]
        assert waiting.late(connection, NOW) == 2


def test_a_queue_in_which_all_was_put_off_is_absent(engine: Engine) -> None:
    core = Core(engine)
    core.review.moves.snooze(add_item(engine), NOW + 3600, ANA, 1)
    with read(engine) as connection:
        assert waiting.counts(connection, NOW, most=10) == {}
        assert waiting.counts(connection, NOW + 3600, most=10) == {"content": (1, 0)}


@pytest.mark.parametrize(
    ("chosen", "number"),
    [
        (Filter(), 6),
        (Filter(queue="content"), 4),
        (Filter(queue="content", reason="LINK_BURST"), 4),
        (Filter(reason="nothing"), 0),
        (Filter(least=Band.HIGH), 6),
        (Filter(state=SNOOZED), 1),
        (Filter(queue="accounts", state=SNOOZED), 0),
        (Filter(is_late=True), 1),
    ],
)
def test_a_filter_counts_what_its_list_shows(core: Core, chosen: Filter, number: int) -> None:
    with read(core.engine) as connection:
        for most in (2, 100):
            counted = waiting.count(connection, chosen, (), at=NOW, most=most)
            assert counted == min(number, most)
        shown = waiting.page(connection, chosen, (), at=NOW, by="ben", limit=100)
        assert len(shown) == number
