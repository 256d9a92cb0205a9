"""The tables, as SQLAlchemy Core describes them; migrations/ creates them.

Times are Unix seconds. Verdicts and severities are kept as their rank, so that they sort.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only where the column is exactly INTEGER PRIMARY KEY.
_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")

# Append-only. `sequence` grows with every row and never names anything outside the database.
decisions = Table(
    "decisions",
    metadata,
    Column("sequence", _SEQUENCE, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("tenant", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("verdict", SmallInteger, nullable=False),
    Column("decided_at", Double, nullable=False),
    Column("event_time", Double, nullable=False),
    Column("ruleset", Text, nullable=False),
    Column("event", LargeBinary, nullable=False),
    Column("facts", LargeBinary, nullable=False),
    Column("signals", LargeBinary, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("item_id", Text),
    UniqueConstraint("tenant", "event_id"),
    Index(None, "tenant", "actor_id", "decided_at"),
    Index(None, "decided_at"),
)

# Append-only.
amendments = Table(
    "amendments",
    metadata,
    Column("sequence", _SEQUENCE, primary_key=True, autoincrement=True),
    Column("decision_id", Text, ForeignKey("decisions.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("verdict", SmallInteger),
    Column("body", LargeBinary, nullable=False),
)

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
    Index(
        "ix_items_waiting",
        "queue",
        "severity",
        "created_at",
        "id",
        sqlite_where=text("status = 'open'"),
        postgresql_where=text("status = 'open'"),
    ),
)

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
    Column("resolved_at", Double, nullable=False),
)

labels = Table(
    "labels",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("entity_kind", Text, primary_key=True),
    Column("entity_value", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double),
)

list_entries = Table(
    "list_entries",
    metadata,
    Column("list", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("due_at", Double, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("delivered_at", Double),
    Index(
        "ix_outbox_waiting",
        "due_at",
        sqlite_where=text("delivered_at IS NULL"),
        postgresql_where=text("delivered_at IS NULL"),
    ),
)

# Append-only. `sequence` has no gaps and `mac` covers the row and the one before it.
audit = Table(
    "audit",
    metadata,
    Column("sequence", _SEQUENCE, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("author", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", LargeBinary, nullable=False),
    Column("mac", LargeBinary, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("is_test", Boolean, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double),
    Column("revoked_at", Double),
)

staff_links = Table(
    "staff_links",
    metadata,
    Column("link_hash", LargeBinary, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("spent_at", Double),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("staff", Text, nullable=False),
    Column("csrf", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
)

# Signatures of proofs that were accepted once and must not be accepted again.
spent = Table(
    "spent",
    metadata,
    Column("signature", Text, primary_key=True),
    Column("expires_at", Double, nullable=False, index=True),
)

# A row exists only inside the transaction that erases a tenant: the triggers look for it before
# they let a decision go.
erasing = Table("erasing", metadata, Column("tenant", Text, primary_key=True))
