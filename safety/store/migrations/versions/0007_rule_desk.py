"""Rules changed at the desk: drafts, approvals, what is counted of rules, and undoing by cause."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_COUNTED = ("attack_minutes", "rule_hours", "list_hits")


def upgrade() -> None:
    """Go to this version."""
    op.add_column("bundles", sa.Column("folders_digest", sa.Text()))
    op.create_index("ix_bundles_folders_digest", "bundles", ["folders_digest"])
    _changes()
    _counts()
    _attack()
    _undos()


def downgrade() -> None:
    """Go back to rules that only folders change; drafts, counts and undos are lost."""
    for table in ("rule_undos", "attack_levels", *_COUNTED, "rule_backtests", "rule_changes"):
        op.drop_table(table)
    op.drop_index("ix_bundles_folders_digest", "bundles")
    op.drop_column("bundles", "folders_digest")


def _changes() -> None:
    op.create_table(
        "rule_changes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_at", sa.Double()),
        sa.Column("decided_why", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rule_changes"),
        sa.UniqueConstraint("rule", "number", name="uq_rule_changes_rule_number"),
    )
    op.create_index("ix_rule_changes_state", "rule_changes", ["state"])
    op.create_table(
        "rule_backtests",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "revision", name="pk_rule_backtests"),
    )


def _counts() -> None:
    op.create_table(
        "rule_hours",
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("matches", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "rule", "revision", "is_live", name="pk_rule_hours"),
    )
    op.create_table(
        "attack_minutes",
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("verdict", sa.SmallInteger(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "minute", "tenant", "kind", "subject", "verdict", name="pk_attack_minutes"
        ),
    )
    op.create_table(
        "list_hits",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("list", "value", name="pk_list_hits"),
    )


def _attack() -> None:
    op.create_table(
        "attack_levels",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("ended_by", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attack_levels"),
    )
    op.create_index("ix_attack_levels_expires_at", "attack_levels", ["expires_at"])


def _undos() -> None:
    op.create_table(
        "rule_undos",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("decisions", sa.Integer(), nullable=False),
        sa.Column("accounts", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), server_default="", nullable=False),
        sa.Column("approved_at", sa.Double()),
        sa.Column("cursor_at", sa.Double(), nullable=False),
        sa.Column("cursor_sequence", sa.BigInteger(), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("reversed", sa.Integer(), nullable=False),
        sa.Column("left_alone", sa.Integer(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.Double(), nullable=False),
        sa.Column("finished_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_rule_undos"),
    )
    op.create_index("ix_rule_undos_state", "rule_undos", ["state"])
