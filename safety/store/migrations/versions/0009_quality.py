"""Reports, appeals, rechecks and golden items."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NAMES = ("golden", "rechecks", "barred", "appeals", "reports")


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "reports",
        *_texts("id", "tenant", "platform_id", "reporter_id", "reporter_class", "subject_kind"),
        *_texts("subject_id", "owner_id", "reason", "note"),
        sa.Column("created_at", sa.Double(), nullable=False),
        *_texts("decision_id"),
        sa.Column("item_id", sa.Text()),
        *_empty("outcome"),
        sa.Column("decided_at", sa.Double()),
        *_keys("reports", refers="items"),
    )
    op.create_index("ix_reports_item_id", "reports", ["item_id"])
    op.create_index("uq_reports_platform_id", "reports", ["tenant", "platform_id"], unique=True)
    op.create_index("ix_reports_reporter", "reports", ["tenant", "reporter_id", "decided_at"])
    op.create_index("ix_reports_owner", "reports", ["tenant", "owner_id"])
    op.create_table(
        "appeals",
        *_texts("id", "tenant", "actor_id", "decision_id"),
        *_empty("resolution_id"),
        *_texts("text"),
        sa.Column("created_at", sa.Double(), nullable=False),
        *_texts("item_id"),
        *_empty("outcome"),
        sa.Column("decided_at", sa.Double()),
        *_empty("decided_by"),
        *_keys("appeals", refers="items"),
    )
    op.create_index("ix_appeals_item_id", "appeals", ["item_id"])
    against = ["tenant", "decision_id", "resolution_id"]
    op.create_index("uq_appeals_against", "appeals", against, unique=True)
    op.create_index("ix_appeals_actor", "appeals", ["tenant", "actor_id"])
    _partial("ix_appeals_pending", "appeals", "created_at", where="outcome = ''")
    _create_checks()


def downgrade() -> None:
    """Go back to a desk that nobody appeals to and nobody checks; all of that is lost."""
    for name in _NAMES:
        op.drop_table(name)


def _create_checks() -> None:
    op.create_table(
        "barred",
        *_texts("item_id", "moderator"),
        sa.PrimaryKeyConstraint("item_id", "moderator", name="pk_barred"),
        _reference("barred", "item_id", "items"),
    )
    op.create_table(
        "rechecks",
        *_texts("item_id", "tenant", "kind", "decision_id"),
        *_empty("resolution_id"),
        *_empty("expected", "policy"),
        sa.Column("created_at", sa.Double(), nullable=False),
        *_empty("answer", "answer_policy", "answered_by"),
        sa.Column("answered_at", sa.Double()),
        sa.PrimaryKeyConstraint("item_id", name="pk_rechecks"),
        _reference("rechecks", "item_id", "items"),
    )
    op.create_index("ix_rechecks_answered", "rechecks", ["kind", "answered_at"])
    op.create_index("ix_rechecks_decision", "rechecks", ["tenant", "decision_id"])
    op.create_table(
        "golden",
        *_texts("id", "tenant", "decision_id", "queue", "expected", "policy", "why", "author"),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("retired_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_golden"),
        _reference("golden", "decision_id", "decisions"),
    )
    op.create_index("uq_golden_decision", "golden", ["tenant", "decision_id"], unique=True)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _empty(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False, server_default="") for name in names]


def _keys(table: str, *, refers: str) -> list[sa.Constraint]:
    primary = sa.PrimaryKeyConstraint("id", name=f"pk_{table}")
    return [primary, _reference(table, "item_id", refers)]


def _reference(table: str, column: str, refers: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{refers}"
    return sa.ForeignKeyConstraint([column], [f"{refers}.id"], name=name)


def _partial(name: str, table: str, column: str, *, where: str, unique: bool = False) -> None:
    op.create_index(
        name,
        table,
        [column],
        unique=unique,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
