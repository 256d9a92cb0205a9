"""The tables of what people bring to the desk, and of how well the desk itself decides."""

from sqlalchemy import Column, Double, ForeignKey, Index, Table, Text, text

from safety.store.schema import metadata

reports = Table(
    "reports",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("platform_id", Text, nullable=False),  # what the platform calls it
    Column("reporter_id", Text, nullable=False),
    Column("reporter_class", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("decision_id", Text, nullable=False),  # what was asked about the act of reporting
    Column("item_id", Text, ForeignKey("items.id"), index=True),
    Column("outcome", Text, nullable=False, server_default=""),
    Column("decided_at", Double),
    Index("uq_reports_platform_id", "tenant", "platform_id", unique=True),
    Index("ix_reports_reporter", "tenant", "reporter_id", "decided_at"),
    Index("ix_reports_owner", "tenant", "owner_id"),
)

appeals = Table(
    "appeals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("decision_id", Text, nullable=False),
    Column("resolution_id", Text, nullable=False, server_default=""),  # empty: what rules decided
    Column("text", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("item_id", Text, ForeignKey("items.id"), nullable=False, index=True),
    Column("outcome", Text, nullable=False, server_default=""),
    Column("decided_at", Double),
    Column("decided_by", Text, nullable=False, server_default=""),
    Index("uq_appeals_against", "tenant", "decision_id", "resolution_id", unique=True),
    Index("ix_appeals_actor", "tenant", "actor_id"),
    Index(
        "ix_appeals_pending",
        "created_at",
        sqlite_where=text("outcome = ''"),
        postgresql_where=text("outcome = ''"),
    ),
)

# Who must neither see nor decide an item: they gave the first answer, or had their turn.
barred = Table(
    "barred",
    metadata,
    Column("item_id", Text, ForeignKey("items.id"), primary_key=True),
    Column("moderator", Text, primary_key=True),
)

# Items whose answer has no effect of its own.
rechecks = Table(
    "rechecks",
    metadata,
    Column("item_id", Text, ForeignKey("items.id"), primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("decision_id", Text, nullable=False),
    Column("resolution_id", Text, nullable=False, server_default=""),  # the first answer, if any
    Column("expected", Text, nullable=False, server_default=""),  # keep or remove
    Column("policy", Text, nullable=False, server_default=""),  # what the first answer cited
    Column("created_at", Double, nullable=False),
    Column("answer", Text, nullable=False, server_default=""),
    Column("answer_policy", Text, nullable=False, server_default=""),
    Column("answered_by", Text, nullable=False, server_default=""),
    Column("answered_at", Double),
    Index("ix_rechecks_answered", "kind", "answered_at"),
    Index("ix_rechecks_decision", "tenant", "decision_id"),
)

# Decided items whose right answer is known, to be shown again where nobody expects it.
golden = Table(
    "golden",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("decision_id", Text, ForeignKey("decisions.id"), nullable=False),
    Column("queue", Text, nullable=False),
    Column("expected", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("retired_at", Double),
    Index("uq_golden_decision", "tenant", "decision_id", unique=True),
)
