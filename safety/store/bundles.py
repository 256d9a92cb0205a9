"""Versions of the ruleset as they are kept, and the row that names the one in force."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, Select, func, insert, or_, select, text, update

from safety.domain.lists import ListEntry
from safety.store.tables import active_bundle, bundles

Entries = Mapping[str, Sequence[ListEntry]]

_INSTALLATION: Final = "main"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the ruleset: who made it, when and why, and which was in force before."""

    version: str
    files_digest: str
    rules: int
    previous: str | None
    author: str
    why: str
    created_at: float
    folders_digest: str | None = None  # None where nothing came from the desk


@dataclass(frozen=True, slots=True)
class Source:
    """What a version is built from: rule files, list entries, and the moment they counted at."""

    files: bytes = field(repr=False)
    entries: Entries = field(repr=False)
    at: float


@dataclass(frozen=True, slots=True)
class Active:
    """Which version is in force, since when, by whose doing and why.

    A pinned one was rolled back to. `sequence` grows with every change.
    """

    version: str
    sequence: int
    is_pinned: bool
    author: str
    why: str
    since: float


def add(connection: Connection, version: Version, source: Source) -> bool:
    """Keep a version for good. False when it is there already; then nothing changes."""
    if get(connection, version.version) is not None:
        return False
    known = _holds_files(connection, version.files_digest)
    position = select(func.coalesce(func.max(bundles.c.position), 0) + 1).scalar_subquery()
    connection.execute(
        insert(bundles).values(
            version=version.version,
            position=position,
            files_digest=version.files_digest,
            files=None if known else source.files,
            entries=zlib.compress(msgspec.json.encode(source.entries)),
            at=source.at,
            rules=version.rules,
            previous=version.previous,
            author=version.author,
            why=version.why,
            created_at=version.created_at,
            folders_digest=version.folders_digest,
        )
    )
    return True


def get(connection: Connection, version: str) -> Version | None:
    """A version by its whole name."""
    row = connection.execute(_versions().where(bundles.c.version == version)).one_or_none()
    return None if row is None else Version(*row)


def named(connection: Connection, beginning: str) -> list[Version]:
    """The versions whose names begin so; decisions carry the first twelve characters."""
    query = _versions().where(bundles.c.version.startswith(beginning, autoescape=True))
    return [Version(*row) for row in connection.execute(query)]


def history(connection: Connection, *, limit: int) -> list[Version]:
    """The latest versions, newest first."""
    query = _versions().order_by(bundles.c.position.desc()).limit(limit)
    return [Version(*row) for row in connection.execute(query)]


def source(connection: Connection, version: str) -> Source | None:
    """What a version is built from."""
    digest = select(bundles.c.files_digest).where(bundles.c.version == version).scalar_subquery()
    holder = bundles.alias()
    files = (
        select(holder.c.files)
        .where(holder.c.files_digest == digest, holder.c.files.is_not(None))
        .limit(1)
        .scalar_subquery()
    )
    query = select(files.label("files"), bundles.c.entries, bundles.c.at)
    row = connection.execute(query.where(bundles.c.version == version)).one_or_none()
    if row is None:
        return None
    entries = msgspec.json.decode(zlib.decompress(row.entries), type=dict[str, list[ListEntry]])
    return Source(row.files, entries, row.at)


def knows_folders(connection: Connection, digest: str) -> bool:
    """Whether any version was made of folders with this digest, whatever the desk added."""
    columns = bundles.c
    is_plain = columns.folders_digest.is_(None) & (columns.files_digest == digest)
    query = select(columns.version).where(or_(columns.folders_digest == digest, is_plain)).limit(1)
    return connection.execute(query).first() is not None


def _holds_files(connection: Connection, digest: str) -> bool:
    query = select(bundles.c.version).where(bundles.c.files_digest == digest).limit(1)
    return connection.execute(query).first() is not None


def active(connection: Connection) -> Active | None:
    """Which version is in force; None before the first was published."""
    query = select(active_bundle).where(active_bundle.c.installation == _INSTALLATION)
    row = connection.execute(query).one_or_none()
    return None if row is None else _active(row)


def hold(connection: Connection) -> None:
    """Let nobody else publish or roll back until this transaction ends."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer anyway
        connection.execute(text("LOCK TABLE active_bundle IN SHARE ROW EXCLUSIVE MODE"))


def activate(connection: Connection, chosen: Active) -> None:
    """Name the version in force. Everybody follows within their next look."""
    values = {
        "version": chosen.version,
        "sequence": chosen.sequence,
        "is_pinned": chosen.is_pinned,
        "author": chosen.author,
        "why": chosen.why,
        "since": chosen.since,
    }
    own = active_bundle.c.installation == _INSTALLATION
    if connection.execute(update(active_bundle).where(own).values(**values)).rowcount == 0:
        connection.execute(insert(active_bundle).values(installation=_INSTALLATION, **values))


def _versions() -> Select[Any]:
    columns = bundles.c
    return select(
        columns.version,
        columns.files_digest,
        columns.rules,
        columns.previous,
        columns.author,
        columns.why,
        columns.created_at,
        columns.folders_digest,
    )


def _active(row: Row[Any]) -> Active:
    return Active(row.version, row.sequence, row.is_pinned, row.author, row.why, row.since)
