"""The tables of the gate: accounts, and what lets their owners in or keeps others out.

A subject is whoever has a second factor or is counted: an account, or a user of a platform that
keeps its own passwords. Of tokens, codes and passwords only hashes are here; what must be read
again is sealed.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from safety.store.schema import metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("username_key", Text, nullable=False),
    Column("email", Text),
    Column("email_key", Text),
    Column("email_verified_at", Double),
    Column("password_hash", Text),
    Column("password_pepper", Text),
    Column("password_changed_at", Double),
    Column("status", Text, nullable=False),
    Column("status_reason", Text, nullable=False),
    Column("held_by", Text),
    Column("failures", Integer, nullable=False),
    Column("must_reset", Boolean, nullable=False),
    Column("created_at", Double, nullable=False),
    UniqueConstraint("tenant", "username_key"),
    UniqueConstraint("tenant", "email_key"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("tenant", Text, nullable=False),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False, index=True),
    Column("csrf", Text, nullable=False),
    Column("factors", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
    Column("idle_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("proved_at", Double, nullable=False),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
)

# Keyed hashes of devices and addresses that an account was signed in to from.
known_devices = Table(
    "known_devices",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("mark", LargeBinary, primary_key=True),
    Column("seen_at", Double, nullable=False),
)

one_time_tokens = Table(
    "one_time_tokens",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("uses_left", Integer, nullable=False),
    Column("expires_at", Double, nullable=False),
    Index(None, "tenant", "subject"),
)

totp_enrolments = Table(
    "totp_enrolments",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("confirmed_at", Double),
    Column("last_step", Integer, nullable=False),
    Column("drift", SmallInteger, nullable=False),
)

# Numbered from 0 within a subject, so that two sets made at the same moment never mix.
recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("place", SmallInteger, primary_key=True),
    Column("selector", Text, nullable=False),
    Column("code_hash", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("spent_at", Double),
)

# `times` are the moments that count, as big-endian doubles, oldest first.
throttles = Table(
    "throttles",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("times", LargeBinary, nullable=False),
    Column("last_at", Double, nullable=False, index=True),
)

members = Table(
    "members",
    metadata,
    Column("account_id", Text, ForeignKey("accounts.id"), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("invited_by", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("disabled_at", Double),
)
