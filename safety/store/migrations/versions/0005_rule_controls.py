"""Controls over rules, and how often each rule matched in its latest backtest."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEY = ("kind", "over", "subject", "tenant", "entity_kind", "entity_value")


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "rule_controls",
        *(sa.Column(name, sa.Text(), nullable=False) for name in _KEY),
        sa.Column("most", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double()),
        sa.PrimaryKeyConstraint(*_KEY, name="pk_rule_controls"),
    )
    op.create_table(
        "rule_baselines",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("matches", sa.Integer(), nullable=False),
        sa.Column("measured_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("rule", name="pk_rule_baselines"),
    )


def downgrade() -> None:
    """Go back to rules that only files control: what was switched off is obeyed again."""
    op.drop_table("rule_baselines")
    op.drop_table("rule_controls")
