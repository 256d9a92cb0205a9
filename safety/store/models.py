"""Which version of each model is live, and what was made, set and changed on this site."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Row, delete, func, insert, select, text

from safety.store.statements import insert_or_replace
from safety.store.tables import (
    model_changes,
    model_files,
    model_pointers,
    model_thresholds,
    model_versions,
)

_POINTER = tuple(column.name for column in model_pointers.c)
_THRESHOLD = tuple(column.name for column in model_thresholds.c)


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which version of a model is live and which is in shadow; empty says none was chosen.

    The digests are those of the cards, so that no other file can take a version's place.
    """

    model: str
    live: str
    live_digest: str
    shadow: str
    shadow_digest: str
    sequence: int
    author: str
    why: str
    since: float


@dataclass(frozen=True, slots=True)
class Change:
    """One change of what is live, in shadow or the threshold; `details` is UTF-8 JSON."""

    model: str
    action: str
    live: str
    shadow: str
    author: str
    why: str
    at: float
    details: bytes = b"{}"


@dataclass(frozen=True, slots=True)
class Made:
    """A version that was made on this site."""

    model: str
    version: str
    digest: str
    author: str
    why: str
    created_at: float
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class SiteThreshold:
    """What a site set in place of the threshold of a version's card; `basis` is UTF-8 JSON."""

    model: str
    version: str
    threshold: float
    author: str
    why: str
    since: float
    basis: bytes = b"{}"


def hold(connection: Connection) -> None:
    """Let nobody else change a pointer until this transaction ends."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer anyway
        connection.execute(text("LOCK TABLE model_pointers IN SHARE ROW EXCLUSIVE MODE"))


def pointers(connection: Connection) -> dict[str, Pointer]:
    """What was chosen, by model; a model that nobody decided about is absent."""
    return {row.model: _pointer(row) for row in connection.execute(select(model_pointers))}


def put_pointer(connection: Connection, pointer: Pointer) -> None:
    """Name what is live and in shadow. Everybody follows within their next look."""
    row = tuple(getattr(pointer, name) for name in _POINTER)
    insert_or_replace(connection, model_pointers, _POINTER, [row])


def last_sequence(connection: Connection) -> int:
    """The number of the latest change of anything here; 0 before the first."""
    found = connection.execute(select(func.max(model_changes.c.sequence))).scalar()
    return int(found or 0)


def add_change(connection: Connection, change: Change) -> int:
    """Keep a change for good; its number."""
    values = {name: getattr(change, name) for name in Change.__slots__}
    done = connection.execute(insert(model_changes).values(**values))
    key = done.inserted_primary_key
    return int(key[0]) if key else 0


def changes(connection: Connection, model: str, *, limit: int) -> list[Change]:
    """The latest changes of a model, newest first."""
    query = (
        select(model_changes)
        .where(model_changes.c.model == model)
        .order_by(model_changes.c.sequence.desc())
        .limit(limit)
    )
    return [
        Change(**{name: getattr(row, name) for name in Change.__slots__})
        for row in connection.execute(query)
    ]


def add_version(connection: Connection, made: Made) -> bool:
    """Keep a version with its files. False when one of this name is there already."""
    query = select(model_versions.c.digest).where(
        model_versions.c.model == made.model, model_versions.c.version == made.version
    )
    if connection.execute(query).first() is not None:
        return False
    connection.execute(
        insert(model_versions).values(
            model=made.model,
            version=made.version,
            digest=made.digest,
            author=made.author,
            why=made.why,
            created_at=made.created_at,
        )
    )
    rows = [
        {"model": made.model, "version": made.version, "name": name, "content": content}
        for name, content in sorted(made.files.items())
    ]
    connection.execute(insert(model_files), rows)
    return True


def versions(connection: Connection) -> list[Made]:
    """Every version that was made here, without its files."""
    query = select(model_versions).order_by(
        model_versions.c.model, model_versions.c.created_at, model_versions.c.version
    )
    return [_made(row) for row in connection.execute(query)]


def files(connection: Connection, model: str, version: str) -> dict[str, bytes]:
    """The files of a version that was made here, by name; empty when nobody made it here."""
    query = select(model_files.c.name, model_files.c.content).where(
        model_files.c.model == model, model_files.c.version == version
    )
    return {row.name: bytes(row.content) for row in connection.execute(query)}


def thresholds(connection: Connection) -> dict[tuple[str, str], SiteThreshold]:
    """What the site set, by model and version."""
    rows = connection.execute(select(model_thresholds))
    found = (SiteThreshold(**{name: getattr(row, name) for name in _THRESHOLD}) for row in rows)
    return {(one.model, one.version): one for one in found}


def put_threshold(connection: Connection, chosen: SiteThreshold) -> None:
    """Set a threshold in place of an earlier one."""
    row = tuple(getattr(chosen, name) for name in _THRESHOLD)
    insert_or_replace(connection, model_thresholds, _THRESHOLD, [row])


def drop_threshold(connection: Connection, model: str, version: str) -> bool:
    """Go back to the card's threshold. False when nothing was set."""
    which = (model_thresholds.c.model == model) & (model_thresholds.c.version == version)
    return connection.execute(delete(model_thresholds).where(which)).rowcount == 1


def _pointer(row: Row[tuple[object, ...]]) -> Pointer:
    return Pointer(**{name: getattr(row, name) for name in _POINTER})


def _made(row: Row[tuple[object, ...]]) -> Made:
    names: Sequence[str] = ("model", "version", "digest", "author", "why", "created_at")
    return Made(**{name: getattr(row, name) for name in names})
