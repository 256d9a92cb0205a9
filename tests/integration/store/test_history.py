"""The ledger as history: whole, in order, and only the stretch that was asked for."""

import pytest
from sqlalchemy import Engine

from safety.domain.reviews import Action
from safety.store import history
from safety.store.engine import read
from tests.integration.store.entries import NOW, an_entry, store
from tests.integration.training.decided import HOUR, START, a_reviewed_comment, resolve_all


@pytest.mark.parametrize("chunk", [1, 2, 3, 100])
def test_every_decision_comes_once_and_in_order_whatever_the_chunk(
    engine: Engine, chunk: int
) -> None:
    moments = [NOW + 2, NOW, NOW + 1, NOW + 1, NOW + 1, NOW + 3]
    entries = [an_entry(decided_at=at) for at in moments]
    for entry in entries:
        store(engine, entry)
    found = list(history.between(engine, NOW, NOW + 3, chunk=chunk))
    expected = [entries[place].id for place in (1, 2, 3, 4, 0)]
    assert [stored.id for stored in found] == expected
    with read(engine) as connection:
        assert history.count_between(connection, NOW, NOW + 3) == 5
        assert history.first_moment(connection) == NOW


def test_an_empty_ledger_has_no_first_moment(engine: Engine) -> None:
    with read(engine) as connection:
        assert history.first_moment(connection) is None
    assert list(history.between(engine, 0.0, NOW)) == []


def test_resolutions_are_found_from_a_moment_on(engine: Engine) -> None:
    early, late = a_reviewed_comment(START), a_reviewed_comment(START + 5 * HOUR)
    store(engine, early, late)
    resolve_all(engine, Action.REMOVE, [early])
    resolve_all(engine, Action.KEEP, [late])
    with read(engine) as connection:
        assert history.resolved_since(connection, START) == {
            early.id: Action.REMOVE,
            late.id: Action.KEEP,
        }
        assert history.resolved_since(connection, START + 2 * HOUR) == {late.id: Action.KEEP}
