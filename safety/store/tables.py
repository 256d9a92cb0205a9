"""The tables, as SQLAlchemy Core describes them; migrations/ creates them.

Times are Unix seconds. Verdicts and severities are kept as their rank, so that they sort.
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
    false,
    text,
)

from safety.store.gate_tables import (
    accounts,
    known_devices,
    members,
    one_time_tokens,
    recovery_codes,
    sessions,
    throttles,
    totp_enrolments,
)
from safety.store.model_tables import (
    model_changes,
    model_checks,
    model_days,
    model_files,
    model_pointers,
    model_thresholds,
    model_versions,
    shadow_scores,
)
from safety.store.preference_tables import preferences
from safety.store.quality_tables import appeals, barred, golden, rechecks, reports
from safety.store.review_tables import (
    actor_notes,
    item_steps,
    items,
    likenesses,
    presence,
    queue_settings,
    resolutions,
    restrictions,
    review_progress,
    saved_filters,
    search_texts,
    sightings,
    skips,
    strikes,
    thread_texts,
)
from safety.store.rule_control_tables import rule_baselines, rule_controls
from safety.store.rule_desk_tables import (
    attack_levels,
    attack_minutes,
    list_hits,
    rule_backtests,
    rule_changes,
    rule_hours,
    rule_undos,
)
from safety.store.rule_tables import active_bundle, bundles
from safety.store.schema import SEQUENCE, metadata

__all__ = [
    "accounts",
    "active_bundle",
    "actor_notes",
    "amendments",
    "api_keys",
    "appeals",
    "attack_levels",
    "attack_minutes",
    "audit",
    "barred",
    "bundles",
    "decisions",
    "erasing",
    "golden",
    "item_steps",
    "items",
    "known_devices",
    "labels",
    "likenesses",
    "list_entries",
    "list_hits",
    "members",
    "metadata",
    "model_changes",
    "model_checks",
    "model_days",
    "model_files",
    "model_pointers",
    "model_thresholds",
    "model_versions",
    "one_time_tokens",
    "outbox",
    "preferences",
    "presence",
    "queue_settings",
    "rechecks",
    "recovery_codes",
    "reports",
    "resolutions",
    "restrictions",
    "review_progress",
    "rule_backtests",
    "rule_baselines",
    "rule_changes",
    "rule_controls",
    "rule_hours",
    "rule_undos",
    "saved_filters",
    "search_texts",
    "sessions",
    "shadow_scores",
    "sightings",
    "skips",
    "spent",
    "strikes",
    "thread_texts",
    "throttles",
    "totp_enrolments",
    "webhook_endpoints",
]

# Append-only. `sequence` grows with every row and never names anything outside the database.
decisions = Table(
    "decisions",
    metadata,
    Column("sequence", SEQUENCE, primary_key=True, autoincrement=True),
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
    Column("sequence", SEQUENCE, primary_key=True, autoincrement=True),
    Column("decision_id", Text, ForeignKey("decisions.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("verdict", SmallInteger),
    Column("body", LargeBinary, nullable=False),
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
    # The actor or account it is about: their messages keep their order and are erased with them.
    Column("subject", Text, nullable=False, server_default=""),
    Column("sealed", Boolean, nullable=False, server_default=false()),
    Column("dead_at", Double),
    Column("last_error", Text, nullable=False, server_default=""),
    Index(
        "ix_outbox_waiting",
        "tenant",
        "due_at",
        sqlite_where=text("delivered_at IS NULL AND dead_at IS NULL"),
        postgresql_where=text("delivered_at IS NULL AND dead_at IS NULL"),
    ),
    Index(None, "tenant", "subject"),
)

# Where a tenant's messages go. The secrets are sealed; the previous one signs beside the current
# one until `previous_until`.
webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("previous_secret", LargeBinary),
    Column("previous_until", Double),
    Column("created_at", Double, nullable=False),
    Column("disabled_at", Double),
    Column("disabled_reason", Text, nullable=False, server_default=""),
)

# Append-only. `sequence` has no gaps and `mac` covers the row and the one before it.
audit = Table(
    "audit",
    metadata,
    Column("sequence", SEQUENCE, primary_key=True, autoincrement=False),
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
    Column("last_used_at", Double),
    Column("replaced_by", Text),
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
