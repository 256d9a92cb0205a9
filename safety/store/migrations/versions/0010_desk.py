"""What members of staff prefer at the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "preferences",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_preferences_account_id_accounts"
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_preferences"),
    )


def downgrade() -> None:
    """Go back to a desk that is the same for everybody."""
    op.drop_table("preferences")
