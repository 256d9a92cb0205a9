"""The tables of the review desk: what waits, what was decided, and what the desk remembers.

A band is kept as `turn`, 0 for the most urgent: what comes first is then what sorts first.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    false,
    text,
)

from safety.store.schema import SEQUENCE, metadata


def _partial(name: str, *columns: str, where: str) -> Index:
    """An index of some rows only."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


_OPEN = "status = 'open'"
_PENDING = "settled_at IS NULL AND undone_at IS NULL"

items = Table(
    "items",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("decision_id", Text, ForeignKey("decisions.id"), nullable=False, index=True),
    Column("queue", Text, nullable=False),
    Column("severity", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("verdict", SmallInteger, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("status", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False, server_default="decision"),
    Column("turn", SmallInteger, nullable=False, server_default=text("2")),
    Column("why", Text, nullable=False, server_default="[]"),
    Column("due_at", Double),
    Column("raised", SmallInteger, nullable=False, server_default=text("0")),
    Column("triaged_at", Double),
    Column("claimed_by", Text, nullable=False, server_default=""),
    Column("claimed_until", Double, nullable=False, server_default=text("0")),
    Column("claim", Integer, nullable=False, server_default=text("0")),
    Column("snoozed_until", Double),
    Column("escalated_from", Text, nullable=False, server_default=""),
    Column("language", Text, nullable=False, server_default=""),
    Column("policy", Text, nullable=False, server_default=""),
    Column("cluster", Text, nullable=False, server_default=""),
    _partial("ix_items_waiting", "queue", "turn", "created_at", "id", where=_OPEN),
    _partial("ix_items_turn", "turn", "created_at", "id", where=_OPEN),
    _partial("ix_items_due", "due_at", "queue", where=f"{_OPEN} AND raised = 0"),
    _partial("ix_items_raised", "queue", where=f"{_OPEN} AND raised = 1"),
    _partial("ix_items_snoozed", "snoozed_until", "queue", where="snoozed_until IS NOT NULL"),
    _partial("ix_items_new", "created_at", where="triaged_at IS NULL"),
    _partial("ix_items_claimed", "claimed_by", where="claimed_by <> ''"),
    _partial("ix_items_cluster", "tenant", "cluster", where="cluster <> ''"),
    Index(None, "tenant", "actor_id"),
)

# Acts are JSON. What is undone stays, so that it can be told what happened, and counts for nothing.
resolutions = Table(
    "resolutions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("item_id", Text, ForeignKey("items.id"), nullable=False, index=True),
    Column("decision_id", Text, nullable=False, index=True),
    Column("tenant", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("policy", Text),
    Column("note", Text, nullable=False),
    Column("moderator", Text, nullable=False),
    Column("resolved_at", Double, nullable=False, index=True),
    Column("acts", Text, nullable=False, server_default="[]"),
    Column("message", Text, nullable=False, server_default=""),
    Column("effective_at", Double),
    Column("settled_at", Double, index=True),
    Column("undone_at", Double),
    Column("undone_by", Text, nullable=False, server_default=""),
    Column("reverses", Text),
    Column("batch", Text, nullable=False, server_default=""),
    Column("automated", Boolean, nullable=False, server_default=false()),
    Column("request_key", Text, nullable=False, server_default=""),
    _partial("ix_resolutions_pending", "effective_at", where=_PENDING),
    _partial("ix_resolutions_batch", "batch", where="batch <> ''"),
    Index(
        "uq_resolutions_request",
        "moderator",
        "request_key",
        "item_id",
        unique=True,
        sqlite_where=text("request_key <> ''"),
        postgresql_where=text("request_key <> ''"),
    ),
)

# What happened to an item besides being resolved. `sequence` orders it.
item_steps = Table(
    "item_steps",
    metadata,
    Column("sequence", SEQUENCE, primary_key=True, autoincrement=True),
    Column("item_id", Text, ForeignKey("items.id"), nullable=False, index=True),
    Column("tenant", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("author", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

# Whoever skipped an item is not handed it again for a while.
skips = Table(
    "skips",
    metadata,
    Column("item_id", Text, ForeignKey("items.id"), primary_key=True),
    Column("moderator", Text, primary_key=True),
    Column("at", Double, nullable=False),
)

strikes = Table(
    "strikes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("resolution_id", Text, nullable=False, index=True),
    Column("policy", Text, nullable=False),
    Column("points", Integer, nullable=False),
    Column("given_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("revoked_at", Double),
    Index(None, "tenant", "actor_id"),
)

# What holds for an actor until it ends: being limited, suspended or banned.
restrictions = Table(
    "restrictions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("resolution_id", Text, nullable=False, index=True),
    Column("action", Text, nullable=False),
    Column("policy", Text),
    Column("begins_at", Double, nullable=False),
    Column("ends_at", Double),
    Column("ended_at", Double),
    _partial("ix_restrictions_ends_at", "ends_at", where="ended_at IS NULL"),
    Index(None, "tenant", "actor_id"),
)

actor_notes = Table(
    "actor_notes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("written_at", Double, nullable=False),
    Index(None, "tenant", "actor_id"),
)

saved_filters = Table(
    "saved_filters",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("is_shared", Boolean, nullable=False),
    Column("created_at", Double, nullable=False),
)

queue_settings = Table(
    "queue_settings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("updated_by", Text, nullable=False),
)

# Who looks at what right now.
presence = Table(
    "presence",
    metadata,
    Column("moderator", Text, primary_key=True),
    Column("queue", Text, nullable=False),
    Column("item_id", Text, nullable=False),
    Column("seen_at", Double, nullable=False),
)

# Which actor was seen with which address, device, text, link or name: one row for each pair.
sightings = Table(
    "sightings",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("actor_id", Text, primary_key=True),
    Column("first_at", Double, nullable=False),
    Column("last_at", Double, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("decision", SEQUENCE, nullable=False),  # the latest, by its place in the ledger
    Index(None, "tenant", "actor_id"),
)

# The words of a decision's text, undisguised, as they are searched.
search_texts = Table(
    "search_texts",
    metadata,
    Column("sequence", SEQUENCE, primary_key=True, autoincrement=False),
    Column("tenant", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("words", Text, nullable=False),
    Index(None, "tenant", "actor_id"),
    Index(None, "at"),
)

# Which texts belong to one conversation. They go with the words by which they are found.
thread_texts = Table(
    "thread_texts",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("thread", Text, primary_key=True),
    Column(
        "sequence",
        SEQUENCE,
        ForeignKey("search_texts.sequence", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Index(None, "sequence"),
)

# The signature of an item's text, found by each of its slots: near copies share one of them.
likenesses = Table(
    "likenesses",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("slot", SmallInteger, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("item_id", Text, ForeignKey("items.id"), primary_key=True),
    Column("signature", Text, nullable=False),
    Index(None, "item_id"),
)

# How far each kind of work on the ledger has come.
review_progress = Table(
    "review_progress",
    metadata,
    Column("work", Text, primary_key=True),
    Column("reached", SEQUENCE, nullable=False),
    Column("at", Double, nullable=False),
)
