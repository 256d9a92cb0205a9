"""The tables of rulesets: every version that was ever in force, and the one that is."""

from sqlalchemy import Boolean, Column, Double, ForeignKey, Index, Integer, LargeBinary, Table, Text

from safety.store.schema import metadata

# Rows are added and never changed. `files` is empty where an earlier version with the same
# `files_digest` holds them; `position` is the order in which versions came.
bundles = Table(
    "bundles",
    metadata,
    Column("version", Text, primary_key=True),
    Column("position", Integer, nullable=False, unique=True),
    Column("files_digest", Text, nullable=False),
    Column("files", LargeBinary),
    Column("entries", LargeBinary, nullable=False),
    Column("at", Double, nullable=False),
    Column("rules", Integer, nullable=False),
    Column("previous", Text),
    Column("author", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("folders_digest", Text),  # of the folders alone; empty where nothing came from the desk
    Index(None, "files_digest"),
    Index(None, "folders_digest"),
)

# One row. `sequence` grows with every change, so that nobody overwrites what they have not seen.
active_bundle = Table(
    "active_bundle",
    metadata,
    Column("installation", Text, primary_key=True),
    Column("version", Text, ForeignKey("bundles.version"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("is_pinned", Boolean, nullable=False),
    Column("author", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("since", Double, nullable=False),
)
