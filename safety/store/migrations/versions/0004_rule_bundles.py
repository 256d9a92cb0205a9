"""Versions of the ruleset, and which of them is in force."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version. The first start after it publishes what the folders hold."""
    op.create_table(
        "bundles",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("files_digest", sa.Text(), nullable=False),
        sa.Column("files", sa.LargeBinary()),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("previous", sa.Text()),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_bundles"),
        sa.UniqueConstraint("position", name="uq_bundles_position"),
    )
    op.create_index("ix_bundles_files_digest", "bundles", ["files_digest"])
    op.create_table(
        "active_bundle",
        sa.Column("installation", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("installation", name="pk_active_bundle"),
        sa.ForeignKeyConstraint(
            ["version"], ["bundles.version"], name="fk_active_bundle_version_bundles"
        ),
    )


def downgrade() -> None:
    """Go back to rules that are only in folders; earlier versions are lost."""
    op.drop_table("active_bundle")
    op.drop_table("bundles")
