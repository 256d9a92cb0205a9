"""The table of what members of staff prefer at the desk."""

from sqlalchemy import Column, ForeignKey, Table, Text

from safety.store.schema import metadata

preferences = Table(
    "preferences",
    metadata,
    Column("account_id", Text, ForeignKey("accounts.id"), primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("body", Text, nullable=False),
)
