"""Two processes, clocks that jump, cords that are pulled: nothing is decided twice or lost."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from safety.domain.errors import ItemAlreadyResolved, ItemClaimed
from safety.domain.queues import Filter
from safety.domain.reviews import LONGEST_LEASE, Reviewer
from safety.store.engine import migrate, open_engine, read, write
from safety.store.tables import items, resolutions
from tests.desk_items import add_item
from tests.integration.review.claimant import DIED, work
from tests.review_house import ANA, BEN, DAY, KEEPING, NOW, Core

ITEMS = 24
ACTS = 40
LIVES = 6


def live(process: Callable[[int], BaseProcess]) -> None:
    """Start a moderator's process, again each time it is killed."""
    for number in range(LIVES):
        running = process(number)
        running.start()
        running.join()
        if running.exitcode not in DIED:
            assert running.exitcode == 0
            return


@pytest.mark.parametrize("seed", [1, 2])
def test_two_processes_decide_everything_once(database_url: str, seed: int, tmp_path: Path) -> None:
    engine = open_engine(database_url)
    made = {add_item(engine, at=NOW - number) for number in range(ITEMS)}
    diary = tmp_path / "decided"
    diary.touch()
    fresh = get_context("forkserver")  # forked from a process that has no connection open
    fresh.set_forkserver_preload(["tests.integration.review.claimant"])

    def moderator(name: str) -> Callable[[int], BaseProcess]:
        return lambda number: fresh.Process(
            target=work, args=(database_url, seed, f"{name}{number}", ACTS, diary)
        )

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(live, [moderator("ana"), moderator("ben")]))
    told = Counter(diary.read_text().split())
    assert set(told.values()) <= {1}
    finish(engine)
    with read(engine) as connection:
        found = Counter(connection.execute(select(resolutions.c.item_id)).scalars())
    assert found.keys() == made
    assert set(found.values()) == {1}
    assert told.keys() <= found.keys()
    engine.dispose()


def finish(engine: Engine) -> None:
    """Somebody whose clock is right comes after all leases have ended, and clears the queue."""
    core = Core(engine, name="last")
    core.clock.at = NOW + LONGEST_LEASE + 1
    for _ in range(ITEMS):
        for item in core.review.claims.take(BEN, Filter(), 10):
            core.review.resolving.decide(item.id, KEEPING, BEN)
    with read(engine) as connection:
        query = select(func.count()).select_from(items).where(items.c.status == "open")
        assert connection.execute(query).scalar_one() == 0


acts = st.tuples(
    st.sampled_from([ANA, BEN]),
    st.sampled_from(["take", "renew", "release", "decide", "skip"]),
    st.sampled_from([0.0, 1.0, 400.0, 700.0, -500.0, 2 * DAY, -2 * DAY]),
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    engine = open_engine(
        f"sqlite:///{tmp_path_factory.mktemp('claims') / 'safety.db'}", synchronous="normal"
    )
    migrate(engine)
    return engine


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(acts, max_size=25))
def test_whatever_clocks_do_an_item_has_one_holder_and_one_decision(
    shared: Engine, course: list[tuple[Reviewer, str, float]]
) -> None:
    with write(shared) as connection:
        connection.execute(items.update().values(status="resolved"))
    made = [add_item(shared, at=NOW - number) for number in range(3)]
    cores = {ANA: Core(shared, name="ana"), BEN: Core(shared, name="ben")}
    for who, act, jump in course:
        core = cores[who]
        core.clock.at += jump
        do(core, who, act, made)
        with read(shared) as connection:
            query = select(resolutions.c.item_id).where(resolutions.c.item_id.in_(made))
            decided = Counter(connection.execute(query).scalars())
            waiting = select(items.c.id).where(items.c.id.in_(made), items.c.status == "open")
            left = set(connection.execute(waiting).scalars())
        assert set(decided.values()) <= {1}
        assert left | decided.keys() == set(made)
        assert left.isdisjoint(decided)


def do(core: Core, who: Reviewer, act: str, made: list[str]) -> None:
    claims = core.review.claims
    held = [item.id for item in claims.held(who)]
    if act == "take":
        claims.take(who, Filter(), 1)
    elif act == "renew":
        assert set(claims.renew(made, who)) <= set(held)
    elif act == "release":
        claims.release_all(who)
    elif act == "skip" and held:
        core.review.moves.skip(held[0], who)
    elif act == "decide":
        for item in held[:1]:
            try:
                core.review.resolving.decide(item, KEEPING, who)
            except (ItemClaimed, ItemAlreadyResolved):
                pytest.fail("what somebody holds, they may decide")
