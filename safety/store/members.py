"""Members of staff: accounts with a role."""

from typing import Any

from sqlalchemy import Connection, Row, select, update

from safety.domain.access import Member, Role
from safety.store.statements import insert_new
from safety.store.tables import members

# The order of the fields of `Member`.
_COLUMNS = ("account_id", "name", "role", "invited_by", "created_at", "disabled_at")


def add_member(connection: Connection, member: Member) -> bool:
    """Make an account, which must exist, a member. False when it is one, or the name is taken."""
    row = tuple(getattr(member, name) for name in _COLUMNS)
    return insert_new(connection, members, _COLUMNS, [row]) == 1


def get_member(connection: Connection, account_id: str) -> Member | None:
    """The member behind an account, disabled or not."""
    query = select(members).where(members.c.account_id == account_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else _member(row)


def find_member(connection: Connection, name: str) -> Member | None:
    """The member of this name, disabled or not."""
    row = connection.execute(select(members).where(members.c.name == name)).one_or_none()
    return None if row is None else _member(row)


def list_members(connection: Connection) -> list[Member]:
    """Every member by name, disabled ones included."""
    return [_member(row) for row in connection.execute(select(members).order_by(members.c.name))]


def set_role(connection: Connection, account_id: str, role: Role) -> bool:
    """Give a member a role. False when there is no such member."""
    return _change(connection, account_id, role=role.value)


def set_disabled(connection: Connection, account_id: str, at: float | None) -> bool:
    """Shut a member out as of this moment, or with None let them in again. False: no member."""
    return _change(connection, account_id, disabled_at=at)


def count_admins(connection: Connection) -> int:
    """How many admins may come in; their number cannot fall until this transaction ends.

    Two who shut each other out at the same moment would otherwise both count two.
    """
    admins = (
        select(members.c.account_id)
        .where(members.c.role == Role.ADMIN.value, members.c.disabled_at.is_(None))
        .order_by(members.c.account_id)
        .with_for_update()
    )
    return len(connection.execute(admins).all())


def _change(connection: Connection, account_id: str, **values: Any) -> bool:
    change = update(members).where(members.c.account_id == account_id).values(**values)
    return connection.execute(change).rowcount == 1


def _member(row: Row[Any]) -> Member:
    values = dict(row._mapping)  # noqa: SLF001 -- the documented way to a row's columns by name
    return Member(**values | {"role": Role(row.role)})
