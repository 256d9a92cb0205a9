"""What members of staff prefer at the desk: one small JSON object each."""

from sqlalchemy import Connection, select

from safety.store.preference_tables import preferences
from safety.store.upsert import upsert


def get_preferences(connection: Connection, account_id: str) -> str | None:
    """The JSON that this person's preferences were kept as, if they were."""
    query = select(preferences.c.body).where(preferences.c.account_id == account_id)
    return connection.execute(query).scalar_one_or_none()


def put_preferences(connection: Connection, tenant: str, account_id: str, body: str) -> None:
    """Keep what this person prefers instead of what they preferred before."""
    values = {"account_id": account_id, "tenant": tenant, "body": body}
    new = upsert(connection.dialect.name, preferences).values(values)
    connection.execute(
        new.on_conflict_do_update(index_elements=["account_id"], set_={"body": body})
    )
