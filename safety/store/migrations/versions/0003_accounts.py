"""Accounts and what lets people in; messages know whom they are about and where they go.

Staff become accounts too: their links and sessions of before end, and they sign in anew.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WAS_WAITING = sa.text("delivered_at IS NULL")
_IS_WAITING = sa.text("delivered_at IS NULL AND dead_at IS NULL")
_TABLES = (
    "accounts",
    "sessions",
    "known_devices",
    "one_time_tokens",
    "totp_enrolments",
    "recovery_codes",
    "throttles",
    "members",
    "webhook_endpoints",
)


def upgrade() -> None:
    """Go to this version."""
    _create_people()
    _create_second_factors()
    _create_throttles()
    _widen_keys()
    _widen_outbox()
    op.drop_table("staff_sessions")
    op.drop_table("staff_links")


def downgrade() -> None:
    """Go back to staff without accounts; everybody's account is lost, and what never arrived."""
    _create_staff()
    _narrow_outbox()
    for column in ("replaced_by", "last_used_at"):
        op.drop_column("api_keys", column)
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_people() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("username_key", sa.Text(), nullable=False),
        sa.Column("email", sa.Text()),
        sa.Column("email_key", sa.Text()),
        sa.Column("email_verified_at", sa.Double()),
        sa.Column("password_hash", sa.Text()),
        sa.Column("password_pepper", sa.Text()),
        sa.Column("password_changed_at", sa.Double()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=False),
        sa.Column("held_by", sa.Text()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("must_reset", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("tenant", "username_key", name="uq_accounts_tenant_username_key"),
        sa.UniqueConstraint("tenant", "email_key", name="uq_accounts_tenant_email_key"),
    )
    op.create_table(
        "members",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("disabled_at", sa.Double()),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_members_account_id_accounts"
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_members"),
        sa.UniqueConstraint("name", name="uq_members_name"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("factors", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("idle_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("proved_at", sa.Double(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_sessions_account_id_accounts"
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
        sa.UniqueConstraint("id", name="uq_sessions_id"),
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"])
    op.create_table(
        "known_devices",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "account_id", "mark", name="pk_known_devices"),
    )


def _create_second_factors() -> None:
    op.create_table(
        "one_time_tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_one_time_tokens"),
    )
    op.create_index("ix_one_time_tokens_tenant_subject", "one_time_tokens", ["tenant", "subject"])
    op.create_table(
        "totp_enrolments",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("confirmed_at", sa.Double()),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("drift", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "subject", name="pk_totp_enrolments"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("selector", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("spent_at", sa.Double()),
        sa.PrimaryKeyConstraint("tenant", "subject", "place", name="pk_recovery_codes"),
    )


def _create_throttles() -> None:
    op.create_table(
        "throttles",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("times", sa.LargeBinary(), nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "kind", "subject", name="pk_throttles"),
    )
    op.create_index("ix_throttles_last_at", "throttles", ["last_at"])


def _widen_keys() -> None:
    op.add_column("api_keys", sa.Column("last_used_at", sa.Double()))
    op.add_column("api_keys", sa.Column("replaced_by", sa.Text()))


def _widen_outbox() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("previous_secret", sa.LargeBinary()),
        sa.Column("previous_until", sa.Double()),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("disabled_at", sa.Double()),
        sa.Column("disabled_reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("tenant", name="pk_webhook_endpoints"),
    )
    for column in (
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("sealed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("dead_at", sa.Double()),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
    ):
        op.add_column("outbox", column)
    _name_subjects()
    _index_waiting(_IS_WAITING, "tenant", "due_at")
    op.create_index("ix_outbox_tenant_subject", "outbox", ["tenant", "subject"])


def _name_subjects() -> None:
    """Say of each message of before, all about items, whose item it was."""
    page = sa.text("SELECT id, body FROM outbox WHERE id > :last ORDER BY id LIMIT 1000")
    change = sa.text(
        "UPDATE outbox SET subject = coalesce("
        "(SELECT actor_id FROM items WHERE id = :item AND tenant = outbox.tenant), '')"
        " WHERE id = :id"
    )
    connection, last = op.get_bind(), ""
    while rows := connection.execute(page, {"last": last}).all():
        changes = [{"id": row.id, "item": _item_of(row.body)} for row in rows]
        connection.execute(change, changes)
        last = rows[-1].id


def _item_of(body: bytes) -> str | None:
    try:
        item = json.loads(body)["data"]["item_id"]
    except (ValueError, LookupError, TypeError):
        return None  # written by hand: it is about nobody we know
    return item if isinstance(item, str) else None


def _narrow_outbox() -> None:
    """Lose what the version before cannot read: sealed messages, and those given up."""
    op.execute("DELETE FROM outbox WHERE sealed OR dead_at IS NOT NULL")
    op.drop_index("ix_outbox_tenant_subject", "outbox")
    _index_waiting(_WAS_WAITING, "due_at")
    for column in ("last_error", "dead_at", "sealed", "subject"):
        op.drop_column("outbox", column)


def _index_waiting(condition: sa.TextClause, *columns: str) -> None:
    op.drop_index("ix_outbox_waiting", "outbox")
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        list(columns),
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _create_staff() -> None:
    op.create_table(
        "staff_links",
        sa.Column("link_hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("spent_at", sa.Double()),
        sa.PrimaryKeyConstraint("link_hash", name="pk_staff_links"),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_staff_sessions"),
    )
