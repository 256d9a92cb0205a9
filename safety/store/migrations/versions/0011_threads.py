"""Which texts belong to one conversation."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this version. Texts that were found before are in no thread."""
    op.create_table(
        "thread_texts",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("sequence", _SEQUENCE, nullable=False),
        sa.ForeignKeyConstraint(
            ["sequence"],
            ["search_texts.sequence"],
            name="fk_thread_texts_sequence_search_texts",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "thread", "sequence", name="pk_thread_texts"),
    )
    op.create_index("ix_thread_texts_sequence", "thread_texts", ["sequence"])


def downgrade() -> None:
    """Go back to texts that stand alone."""
    op.drop_table("thread_texts")
