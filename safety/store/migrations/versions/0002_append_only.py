"""The database itself refuses to change what was decided, and to lose what was audited."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Whether deleting one of its rows is part of erasing a tenant; the audit log loses nothing, ever.
_TABLES = {
    "decisions": "EXISTS (SELECT 1 FROM erasing WHERE tenant = OLD.tenant)",
    "amendments": "EXISTS (SELECT 1 FROM erasing)",
    "audit": None,
}


def upgrade() -> None:
    """Go to this version."""
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgres()
    else:
        _guard_sqlite()


def downgrade() -> None:
    """Go back to tables that nobody guards."""
    is_postgres = op.get_bind().dialect.name == "postgresql"
    for table in _TABLES:
        for act in ("update", "delete", "truncate") if is_postgres else ("update", "delete"):
            place = f" ON {table}" if is_postgres else ""
            op.execute(f"DROP TRIGGER {table}_refuse_{act}{place}")
    if is_postgres:
        op.execute(
            "DROP FUNCTION safety_append_only(), decisions_deletable(), amendments_deletable()"
        )


def _guard_sqlite() -> None:
    for table, is_erasing in _TABLES.items():
        refuse = f"SELECT RAISE(ABORT, '{table} is append-only')"
        op.execute(
            f"CREATE TRIGGER {table}_refuse_update BEFORE UPDATE ON {table} BEGIN {refuse}; END"
        )
        unless = f" WHEN NOT {is_erasing}" if is_erasing else ""
        op.execute(
            f"CREATE TRIGGER {table}_refuse_delete BEFORE DELETE ON {table}{unless}"
            f" BEGIN {refuse}; END"
        )


def _guard_postgres() -> None:
    # The error belongs to the class of broken constraints, as on SQLite.
    op.execute(
        "CREATE FUNCTION safety_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';"
        " END $$"
    )
    run = "EXECUTE FUNCTION safety_append_only()"
    for table, is_erasing in _TABLES.items():
        op.execute(
            f"CREATE TRIGGER {table}_refuse_update BEFORE UPDATE ON {table} FOR EACH ROW {run}"
        )
        op.execute(
            f"CREATE TRIGGER {table}_refuse_truncate BEFORE TRUNCATE ON {table}"
            f" FOR EACH STATEMENT {run}"
        )
        _guard_postgres_rows(table, is_erasing, run)


def _guard_postgres_rows(table: str, is_erasing: str | None, run: str) -> None:
    """Refuse to delete; a condition of a trigger there may not look into another table."""
    if is_erasing is None:
        op.execute(
            f"CREATE TRIGGER {table}_refuse_delete BEFORE DELETE ON {table} FOR EACH ROW {run}"
        )
        return
    op.execute(
        f"CREATE FUNCTION {table}_deletable() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {is_erasing} THEN RETURN OLD; END IF;"
        f" RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuse_delete BEFORE DELETE ON {table} FOR EACH ROW"
        f" EXECUTE FUNCTION {table}_deletable()"
    )
