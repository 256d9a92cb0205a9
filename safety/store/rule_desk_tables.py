"""The tables of rules that are changed, watched and undone at the desk."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from safety.store.schema import metadata

# One row for each text that somebody saved; only what becomes of it changes. An empty `text` takes
# the desk's rule away, `base` is a hash of the text that was in force when it was written.
rule_changes = Table(
    "rule_changes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("base", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("made_at", Double, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("decided_by", Text, nullable=False, server_default=""),
    Column("decided_at", Double),
    Column("decided_why", Text, nullable=False, server_default=""),
    Column("version", Text, nullable=False, server_default=""),
    UniqueConstraint("rule", "number"),
)

# The latest backtest of a revision of a rule, as JSON without examples.
rule_backtests = Table(
    "rule_backtests",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("revision", Text, primary_key=True),
    Column("made_at", Double, nullable=False),
    Column("result", LargeBinary, nullable=False),
)

# `hour` and `minute` are Unix seconds of their beginning.
rule_hours = Table(
    "rule_hours",
    metadata,
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("rule", Text, primary_key=True),
    Column("revision", Text, primary_key=True),
    Column("is_live", Boolean, primary_key=True),
    Column("matches", Integer, nullable=False),
)

# What came in each minute: `kind` is `verdict` (its subject an event type), `rule`, or a feature.
attack_minutes = Table(
    "attack_minutes",
    metadata,
    Column("minute", Integer, primary_key=True, autoincrement=False),
    Column("tenant", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("verdict", SmallInteger, primary_key=True, autoincrement=False),
    Column("events", Integer, nullable=False),
)

list_hits = Table(
    "list_hits",
    metadata,
    Column("list", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("hits", Integer, nullable=False),
    Column("last_at", Double, nullable=False),
)

attack_levels = Table(
    "attack_levels",
    metadata,
    Column("id", Text, primary_key=True),
    Column("level", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False, index=True),
    Column("ended_by", Text, nullable=False, server_default=""),
)

# One row for each undoing by cause; the cursor is the last decision that was looked at.
rule_undos = Table(
    "rule_undos",
    metadata,
    Column("id", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("revision", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("since", Double, nullable=False),
    Column("until", Double, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("decisions", Integer, nullable=False),
    Column("accounts", Integer, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("approved_by", Text, nullable=False, server_default=""),
    Column("approved_at", Double),
    Column("cursor_at", Double, nullable=False),
    Column("cursor_sequence", BigInteger, nullable=False),
    Column("looked_at", Integer, nullable=False),
    Column("reversed", Integer, nullable=False),
    Column("left_alone", Integer, nullable=False),
    Column("labels", Integer, nullable=False),
    Column("leased_until", Double, nullable=False),
    Column("finished_at", Double),
)
