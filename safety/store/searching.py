"""The search index: words of texts, found by SQLite's or PostgreSQL's own full-text search."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    text,
    update,
)

from safety.domain.verdicts import Verdict
from safety.store.statements import insert_new, insert_or_replace
from safety.store.stored import StoredDecision, from_row, select_stored
from safety.store.tables import decisions, items, review_progress, search_texts

Numbered = tuple[int, StoredDecision]


class Told(NamedTuple):
    """What the index reads of a decision; `place` is where it stands in the ledger."""

    place: int
    id: str
    tenant: str
    actor_id: str
    decided_at: float
    event: bytes


_COLUMNS: Final = ("sequence", "tenant", "actor_id", "at", "words")
_PAGES_AT_ONCE: Final = 200
# Of two processes that write at once the later may end first; by then both have.
_SETTLING_SECONDS: Final = 10.0
_UNTIDY: Final = "untidy"
WORK: Final = "search"


def reached(connection: Connection, work: str) -> int:
    """Which decision this work has come to; 0 at the start."""
    query = select(review_progress.c.reached).where(review_progress.c.work == work)
    return int(connection.execute(query).scalar() or 0)


def behind(connection: Connection, _at: float) -> int:
    """How many decisions a search does not find yet, about: places in the ledger are counted."""
    last = connection.execute(select(func.max(decisions.c.sequence))).scalar() or 0
    return max(0, int(last) - reached(connection, WORK))


def advance(connection: Connection, work: str, old: int, new: int, at: float) -> bool:
    """Note that this work has come further. False when somebody else has done it meanwhile."""
    if old == 0:
        columns = ("work", "reached", "at")
        return insert_new(connection, review_progress, columns, [(work, new, at)]) == 1
    same = (review_progress.c.work == work) & (review_progress.c.reached == old)
    further = update(review_progress).where(same).values(reached=new, at=at)
    return connection.execute(further).rowcount == 1


def restart(connection: Connection, work: str) -> None:
    """Let this work begin anew."""
    connection.execute(delete(review_progress).where(review_progress.c.work == work))


def newer(connection: Connection, after: int, *, at: float, limit: int) -> list[Told]:
    """What was decided behind this place in the ledger, the first of it.

    On a server one may appear behind others that were made after it, so the last ten seconds are
    left for later.
    """
    columns = decisions.c
    wanted = (columns.id, columns.tenant, columns.actor_id, columns.decided_at, columns.event)
    query = select(columns.sequence, *wanted).where(_behind(connection, after, at))
    return [Told(*row) for row in connection.execute(query.order_by("sequence").limit(limit))]


def stopped(
    connection: Connection, after: int, *, at: float, limit: int
) -> tuple[int, list[StoredDecision]]:
    """Of the next so many decisions, those that blocked and asked nobody; and the last's place."""
    places = select(decisions.c.sequence).where(_behind(connection, after, at))
    some = places.order_by(decisions.c.sequence).limit(limit).subquery()
    last = connection.execute(select(func.max(some.c.sequence))).scalar()
    if last is None:
        return after, []
    within = (decisions.c.sequence > after) & (decisions.c.sequence <= last)
    alone = (decisions.c.verdict == int(Verdict.BLOCK)) & decisions.c.item_id.is_(None)
    query = select_stored().where(within, alone).order_by(decisions.c.sequence)
    return int(last), [from_row(row) for row in connection.execute(query)]


def _behind(connection: Connection, after: int, at: float) -> ColumnElement[bool]:
    behind = decisions.c.sequence > after
    if connection.dialect.name == "sqlite":
        return behind
    return behind & (decisions.c.decided_at < at - _SETTLING_SECONDS)


def add(connection: Connection, new: Sequence[tuple[Told, str]]) -> None:
    """Put words of decisions into the index; what is there already stays."""
    rows = [(each.place, each.tenant, each.actor_id, each.decided_at, words) for each, words in new]
    insert_new(connection, search_texts, _COLUMNS, rows)


def matching(
    connection: Connection,
    words: Sequence[str],
    tenants: Sequence[str],
    *,
    before: int | None,
    limit: int,
) -> list[int]:
    """Places in the ledger of texts with all of these words, the latest first.

    The last word may go on. Words are letters and digits only.
    """
    if connection.dialect.name == "sqlite":
        found = text("SELECT rowid FROM search_index WHERE search_index MATCH :wanted")
        wanted = " ".join(f'"{word}"' for word in words) + "*"
        has_words = search_texts.c.sequence.in_(
            found.bindparams(bindparam("wanted", wanted)).columns(search_texts.c.sequence)
        )
    else:
        wanted = " & ".join(words) + ":*"
        vector = func.to_tsvector(literal_column("'simple'"), search_texts.c.words)
        query = func.to_tsquery(literal_column("'simple'"), wanted)
        has_words = vector.op("@@")(query)
    chosen = select(search_texts.c.sequence).where(has_words, search_texts.c.tenant.in_(tenants))
    if before is not None:
        chosen = chosen.where(search_texts.c.sequence < before)
    latest = chosen.order_by(search_texts.c.sequence.desc()).limit(limit)
    return list(connection.execute(latest).scalars())


def decisions_at(connection: Connection, places: Sequence[int]) -> list[Numbered]:
    """The decisions at these places of the ledger, the latest first."""
    query = select_stored().add_columns(decisions.c.sequence)
    query = query.where(decisions.c.sequence.in_(places)).order_by(decisions.c.sequence.desc())
    return [(row.sequence, from_row(row)) for row in connection.execute(query)]


def place_of(connection: Connection, decision_id: str) -> int | None:
    """The place of a decision in the ledger."""
    query = select(decisions.c.sequence).where(decisions.c.id == decision_id)
    place: int | None = connection.execute(query).scalar()
    return place


def of_actor(
    connection: Connection, actor_id: str, tenants: Sequence[str], *, before: int | None, limit: int
) -> list[int]:
    """Places of an actor's decisions in the ledger, the latest first."""
    own = (decisions.c.tenant.in_(tenants)) & (decisions.c.actor_id == actor_id)
    query = select(decisions.c.sequence).where(own)
    if before is not None:
        query = query.where(decisions.c.sequence < before)
    latest = query.order_by(decisions.c.sequence.desc()).limit(limit)
    return list(connection.execute(latest).scalars())


def queues_of(connection: Connection, item_ids: Sequence[str]) -> dict[str, str]:
    """In which queue each of these items is."""
    query = select(items.c.id, items.c.queue).where(items.c.id.in_(item_ids))
    return dict(connection.execute(query).all())


def tenants(connection: Connection) -> list[str]:
    """Every tenant that has a decision, by name; one step in an index for each."""
    found: list[str] = []
    last = ""
    while True:
        query = select(func.min(decisions.c.tenant)).where(decisions.c.tenant > last)
        tenant = connection.execute(query).scalar()
        if tenant is None:
            return found
        found.append(tenant)
        last = tenant


def forget(connection: Connection, before: float, *, limit: int) -> int:
    """Take texts of decisions made before then out of the index; return how many."""
    old = select(search_texts.c.sequence).where(search_texts.c.at < before).limit(limit)
    gone = delete(search_texts).where(search_texts.c.sequence.in_(old))
    return connection.execute(gone).rowcount


def tidy(connection: Connection) -> bool:
    """Take a small step at putting the index in order. False when nothing is left to do.

    Until all steps are done, SQLite's index keeps words of texts that were taken out of it.
    """
    if connection.dialect.name != "sqlite":
        return False
    before = connection.execute(text("SELECT total_changes()")).scalar_one()
    merge = text("INSERT INTO search_index (search_index, rank) VALUES ('merge', :pages)")
    connection.execute(merge, {"pages": -_PAGES_AT_ONCE})
    after = connection.execute(text("SELECT total_changes()")).scalar_one()
    return int(after) - int(before) > 1


def is_untidy(connection: Connection) -> bool:
    """Whether something was taken out of the index since it was put in order."""
    return reached(connection, _UNTIDY) > 0


def note_untidy(connection: Connection, at: float) -> None:
    """Have the index put in order soon: something was taken out that must not stay."""
    row = (_UNTIDY, 1, at)
    insert_or_replace(connection, review_progress, ("work", "reached", "at"), [row])


def note_tidied(connection: Connection) -> None:
    """Nothing that was taken out is left."""
    restart(connection, _UNTIDY)
