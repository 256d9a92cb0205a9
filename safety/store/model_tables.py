"""The tables of models: what is live, made here or tried beside it, and how scores drift."""

from sqlalchemy import Column, Double, Index, Integer, LargeBinary, Table, Text

from safety.store.schema import SEQUENCE, metadata

# One row for each model that somebody decided about; an empty `live` is the newest shipped version.
# `digest` is the SHA-256 of the card, which holds those of the files. `sequence` grows with every
# change of any model.
model_pointers = Table(
    "model_pointers",
    metadata,
    Column("model", Text, primary_key=True),
    Column("live", Text, nullable=False),
    Column("live_digest", Text, nullable=False),
    Column("shadow", Text, nullable=False),
    Column("shadow_digest", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("author", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("since", Double, nullable=False),
)

# Append-only: every change of a pointer or a threshold, with what spoke for and against it.
model_changes = Table(
    "model_changes",
    metadata,
    Column("sequence", SEQUENCE, primary_key=True, autoincrement=True),
    Column("model", Text, nullable=False, index=True),
    Column("action", Text, nullable=False),
    Column("live", Text, nullable=False),
    Column("shadow", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("details", LargeBinary, nullable=False),
)

# Versions made on this site travel through the database to every process that serves it.
model_versions = Table(
    "model_versions",
    metadata,
    Column("model", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("created_at", Double, nullable=False),
)
model_files = Table(
    "model_files",
    metadata,
    Column("model", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

# What a site set in place of the threshold of a version's card; `basis` is JSON: what it rests on.
model_thresholds = Table(
    "model_thresholds",
    metadata,
    Column("model", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("threshold", Double, nullable=False),
    Column("author", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("since", Double, nullable=False),
    Column("basis", LargeBinary, nullable=False),
)

# How often a version gave which score on one day (UTC, as days since 1970), and what it read.
# `slice` is `all`, `event:<type>` or `lang:<code>`; `counts` is JSON.
model_days = Table(
    "model_days",
    metadata,
    Column("model", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("slice", Text, primary_key=True),
    Column("counts", LargeBinary, nullable=False),
)

# How far scores were from what moderators decided, as it was measured on a day.
model_checks = Table(
    "model_checks",
    metadata,
    Column("model", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("slice", Text, primary_key=True),
    Column("found", LargeBinary, nullable=False),
)

# What the version in shadow said of decisions; kept for a while.
shadow_scores = Table(
    "shadow_scores",
    metadata,
    Column("decision_id", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("live_version", Text, nullable=False),
    Column("score", Double),
    Column("live_score", Double),
    Column("at", Double, nullable=False),
    Index(None, "model", "version", "at"),
    Index(None, "at"),
)
