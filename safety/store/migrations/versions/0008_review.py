"""The review desk: claims, strikes, notes, and what a search finds."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_OPEN = "status = 'open'"
_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Tables by name, each with its columns, its primary key and its indexes; what refers comes later.
_TABLES = (
    "item_steps",
    "skips",
    "strikes",
    "restrictions",
    "actor_notes",
    "saved_filters",
    "queue_settings",
    "presence",
    "sightings",
    "search_texts",
    "likenesses",
    "review_progress",
)
_Default = sa.ColumnElement[Any] | sa.TextClause | None
_Columns = tuple[tuple[str, sa.types.TypeEngine[Any], _Default], ...]
_ITEM_COLUMNS: _Columns = (
    ("kind", sa.Text(), sa.text("'decision'")),
    ("turn", sa.SmallInteger(), sa.text("2")),
    ("why", sa.Text(), sa.text("'[]'")),
    ("due_at", sa.Double(), None),
    ("raised", sa.SmallInteger(), sa.text("0")),
    ("triaged_at", sa.Double(), None),
    ("claimed_by", sa.Text(), sa.text("''")),
    ("claimed_until", sa.Double(), sa.text("0")),
    ("claim", sa.Integer(), sa.text("0")),
    ("snoozed_until", sa.Double(), None),
    ("escalated_from", sa.Text(), sa.text("''")),
    ("language", sa.Text(), sa.text("''")),
    ("policy", sa.Text(), sa.text("''")),
    ("cluster", sa.Text(), sa.text("''")),
)
_RESOLUTION_COLUMNS: _Columns = (
    ("acts", sa.Text(), sa.text("'[]'")),
    ("message", sa.Text(), sa.text("''")),
    ("effective_at", sa.Double(), None),
    ("settled_at", sa.Double(), None),
    ("undone_at", sa.Double(), None),
    ("undone_by", sa.Text(), sa.text("''")),
    ("reverses", sa.Text(), None),
    ("batch", sa.Text(), sa.text("''")),
    ("automated", sa.Boolean(), sa.false()),
    ("request_key", sa.Text(), sa.text("''")),
)
_ITEM_INDEXES = (
    ("ix_items_waiting", ["queue", "turn", "created_at", "id"], _OPEN),
    ("ix_items_turn", ["turn", "created_at", "id"], _OPEN),
    ("ix_items_due", ["due_at", "queue"], f"{_OPEN} AND raised = 0"),
    ("ix_items_raised", ["queue"], f"{_OPEN} AND raised = 1"),
    ("ix_items_snoozed", ["snoozed_until", "queue"], "snoozed_until IS NOT NULL"),
    ("ix_items_new", ["created_at"], "triaged_at IS NULL"),
    ("ix_items_claimed", ["claimed_by"], "claimed_by <> ''"),
    ("ix_items_cluster", ["tenant", "cluster"], "cluster <> ''"),
    ("ix_items_tenant_actor_id", ["tenant", "actor_id"], None),
)
_RESOLUTION_INDEXES = (
    ("ix_resolutions_resolved_at", ["resolved_at"], None),
    ("ix_resolutions_settled_at", ["settled_at"], None),
    ("ix_resolutions_pending", ["effective_at"], "settled_at IS NULL AND undone_at IS NULL"),
    ("ix_resolutions_batch", ["batch"], "batch <> ''"),
)


def upgrade() -> None:
    """Go to this version."""
    op.drop_index("ix_items_waiting", table_name="items")
    _add_columns("items", _ITEM_COLUMNS)
    _add_columns("resolutions", _RESOLUTION_COLUMNS)
    op.execute("UPDATE items SET turn = 3 - severity")
    op.execute("UPDATE resolutions SET settled_at = resolved_at, effective_at = resolved_at")
    for name, columns, where in _ITEM_INDEXES:
        _add_index(name, "items", columns, where)
    for name, columns, where in _RESOLUTION_INDEXES:
        _add_index(name, "resolutions", columns, where)
    key = ["moderator", "request_key", "item_id"]
    _add_index("uq_resolutions_request", "resolutions", key, "request_key <> ''", unique=True)
    _create_item_tables()
    _create_actor_tables()
    _create_desk_tables()
    _create_search()


def downgrade() -> None:
    """Go back to items that wait and are resolved; who worked on what is lost."""
    _drop_search()
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_index("uq_resolutions_request", table_name="resolutions")
    for name, _columns, _where in _RESOLUTION_INDEXES:
        op.drop_index(name, table_name="resolutions")
    for name, _columns, _where in _ITEM_INDEXES:
        op.drop_index(name, table_name="items")
    op.execute("DELETE FROM resolutions WHERE undone_at IS NOT NULL")
    for table, columns in (("resolutions", _RESOLUTION_COLUMNS), ("items", _ITEM_COLUMNS)):
        for name, _kind, _default in columns:
            op.drop_column(table, name)
    _add_index("ix_items_waiting", "items", ["queue", "severity", "created_at", "id"], _OPEN)


def _add_columns(table: str, columns: _Columns) -> None:
    for name, kind, default in columns:
        column = sa.Column(name, kind, nullable=default is None, server_default=default)
        op.add_column(table, column)


def _add_index(
    name: str, table: str, columns: list[str], where: str | None, *, unique: bool = False
) -> None:
    some = sa.text(where) if where else None
    op.create_index(name, table, columns, unique=unique, sqlite_where=some, postgresql_where=some)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _time(name: str, *, nullable: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=nullable)


def _to_item(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=f"fk_{table}_item_id_items")


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _create_item_tables() -> None:
    op.create_table(
        "item_steps",
        sa.Column("sequence", _SEQUENCE, autoincrement=True, nullable=False),
        *_text("item_id", "tenant"),
        _time("at"),
        *_text("author", "what", "detail"),
        _to_item("item_steps"),
        _key("item_steps", "sequence"),
    )
    _add_index("ix_item_steps_item_id", "item_steps", ["item_id"], None)
    op.create_table(
        "skips",
        *_text("item_id", "moderator"),
        _time("at"),
        _to_item("skips"),
        _key("skips", "item_id", "moderator"),
    )
    op.create_table(
        "likenesses",
        *_text("tenant"),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        *_text("item_id", "signature"),
        _to_item("likenesses"),
        _key("likenesses", "tenant", "slot", "part", "item_id"),
    )
    _add_index("ix_likenesses_item_id", "likenesses", ["item_id"], None)


def _create_actor_tables() -> None:
    about = ("id", "tenant", "actor_id")
    op.create_table(
        "strikes",
        *_text(*about, "resolution_id", "policy"),
        sa.Column("points", sa.Integer(), nullable=False),
        _time("given_at"),
        _time("expires_at"),
        _time("revoked_at", nullable=True),
        _key("strikes", "id"),
    )
    op.create_table(
        "restrictions",
        *_text(*about, "resolution_id", "action"),
        sa.Column("policy", sa.Text()),
        _time("begins_at"),
        _time("ends_at", nullable=True),
        _time("ended_at", nullable=True),
        _key("restrictions", "id"),
    )
    op.create_table(
        "actor_notes",
        *_text(*about, "author", "text"),
        _time("written_at"),
        _key("actor_notes", "id"),
    )
    for table in ("strikes", "restrictions"):
        _add_index(f"ix_{table}_resolution_id", table, ["resolution_id"], None)
    for table in ("strikes", "restrictions", "actor_notes"):
        _add_index(f"ix_{table}_tenant_actor_id", table, ["tenant", "actor_id"], None)
    _add_index("ix_restrictions_ends_at", "restrictions", ["ends_at"], "ended_at IS NULL")


def _create_desk_tables() -> None:
    op.create_table(
        "saved_filters",
        *_text("id", "owner", "name", "query"),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        _time("created_at"),
        _key("saved_filters", "id"),
    )
    op.create_table(
        "queue_settings",
        *_text("name", "body"),
        _time("updated_at"),
        *_text("updated_by"),
        _key("queue_settings", "name"),
    )
    op.create_table(
        "presence",
        *_text("moderator", "queue", "item_id"),
        _time("seen_at"),
        _key("presence", "moderator"),
    )
    op.create_table(
        "review_progress",
        *_text("work"),
        sa.Column("reached", _SEQUENCE, nullable=False),
        _time("at"),
        _key("review_progress", "work"),
    )


def _create_search() -> None:
    op.create_table(
        "sightings",
        *_text("tenant", "kind", "value", "actor_id"),
        _time("first_at"),
        _time("last_at"),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("decision", _SEQUENCE, nullable=False),
        _key("sightings", "tenant", "kind", "value", "actor_id"),
    )
    op.create_table(
        "search_texts",
        sa.Column("sequence", _SEQUENCE, autoincrement=False, nullable=False),
        *_text("tenant", "actor_id"),
        _time("at"),
        *_text("words"),
        _key("search_texts", "sequence"),
    )
    for table in ("sightings", "search_texts"):
        _add_index(f"ix_{table}_tenant_actor_id", table, ["tenant", "actor_id"], None)
    _add_index("ix_search_texts_at", "search_texts", ["at"], None)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE INDEX search_index ON search_texts USING gin (to_tsvector('simple', words))"
        )
        return
    op.execute(
        "CREATE VIRTUAL TABLE search_index USING fts5(words, content='search_texts',"
        " content_rowid='sequence', tokenize='unicode61 remove_diacritics 2')"
    )
    op.execute(
        "CREATE TRIGGER search_texts_added AFTER INSERT ON search_texts BEGIN"
        " INSERT INTO search_index (rowid, words) VALUES (new.sequence, new.words); END"
    )
    op.execute(
        "CREATE TRIGGER search_texts_gone AFTER DELETE ON search_texts BEGIN"
        " INSERT INTO search_index (search_index, rowid, words)"
        " VALUES ('delete', old.sequence, old.words); END"
    )


def _drop_search() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX search_index")
        return
    for name in ("search_texts_added", "search_texts_gone"):
        op.execute(f"DROP TRIGGER {name}")
    op.execute("DROP TABLE search_index")
