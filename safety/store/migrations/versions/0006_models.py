"""Models: what is live, what is tried beside it, and how scores drift."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLES = (
    "shadow_scores",
    "model_checks",
    "model_days",
    "model_thresholds",
    "model_files",
    "model_versions",
    "model_changes",
    "model_pointers",
)


def upgrade() -> None:
    """Go to this version."""
    _create_pointers()
    _create_versions()
    _create_watch()
    op.create_index("ix_model_changes_model", "model_changes", ["model"])
    op.create_index(
        "ix_shadow_scores_model_version_at", "shadow_scores", ["model", "version", "at"]
    )
    op.create_index("ix_shadow_scores_at", "shadow_scores", ["at"])
    _refuse_changes()


def downgrade() -> None:
    """Go back to models that only folders choose: the newest shipped version serves again."""
    if op.get_bind().dialect.name == "postgresql":
        for act in ("update", "delete", "truncate"):
            op.execute(f"DROP TRIGGER model_changes_refuse_{act} ON model_changes")
    for table in _TABLES:
        op.drop_table(table)


def _create_pointers() -> None:
    op.create_table(
        "model_pointers",
        *_texts("model", "live", "live_digest", "shadow", "shadow_digest", "author", "why"),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("model", name="pk_model_pointers"),
    )
    op.create_table(
        "model_changes",
        sa.Column("sequence", _SEQUENCE, autoincrement=True, nullable=False),
        *_texts("model", "action", "live", "shadow", "author", "why"),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_model_changes"),
    )
    op.create_table(
        "model_thresholds",
        *_texts("model", "version", "author", "why"),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("basis", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("model", "version", name="pk_model_thresholds"),
    )


def _create_versions() -> None:
    op.create_table(
        "model_versions",
        *_texts("model", "version", "digest", "author", "why"),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("model", "version", name="pk_model_versions"),
    )
    op.create_table(
        "model_files",
        *_texts("model", "version", "name"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("model", "version", "name", name="pk_model_files"),
    )


def _create_watch() -> None:
    for table, column in (("model_days", "counts"), ("model_checks", "found")):
        op.create_table(
            table,
            *_texts("model", "version"),
            sa.Column("day", sa.Integer(), nullable=False),
            *_texts("slice"),
            sa.Column(column, sa.LargeBinary(), nullable=False),
            sa.PrimaryKeyConstraint("model", "version", "day", "slice", name=f"pk_{table}"),
        )
    op.create_table(
        "shadow_scores",
        *_texts("decision_id", "model", "tenant", "version", "live_version"),
        sa.Column("score", sa.Double()),
        sa.Column("live_score", sa.Double()),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", "model", name="pk_shadow_scores"),
    )


def _refuse_changes() -> None:
    """Nobody rewrites who put what in force, and why."""
    if op.get_bind().dialect.name == "postgresql":
        run = "EXECUTE FUNCTION safety_append_only()"
        for act in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER model_changes_refuse_{act} BEFORE {act.upper()} ON model_changes"
                f" FOR EACH ROW {run}"
            )
        op.execute(
            "CREATE TRIGGER model_changes_refuse_truncate BEFORE TRUNCATE ON model_changes"
            f" FOR EACH STATEMENT {run}"
        )
        return
    for act in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER model_changes_refuse_{act} BEFORE {act.upper()} ON model_changes"
            " BEGIN SELECT RAISE(ABORT, 'model_changes is append-only'); END"
        )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]
