"""The tables of what is taken away from rules without changing a file."""

from sqlalchemy import Column, Double, Integer, SmallInteger, Table, Text

from safety.store.schema import metadata

# One row for each thing that is controlled in one way; a newer one takes the older one's place.
rule_controls = Table(
    "rule_controls",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("over", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("tenant", Text, primary_key=True),
    Column("entity_kind", Text, primary_key=True),
    Column("entity_value", Text, primary_key=True),
    Column("most", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double),
)

# How often a rule matched in its latest backtest.
rule_baselines = Table(
    "rule_baselines",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("revision", Text, nullable=False),
    Column("events", Integer, nullable=False),
    Column("matches", Integer, nullable=False),
    Column("measured_at", Double, nullable=False),
)
