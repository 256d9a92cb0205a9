"""Accounts: made once for each name and address, found by what their owners type."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Text, bindparam, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from safety.domain.accounts import Account, AccountStatus
from safety.store.statements import insert_new
from safety.store.tables import accounts

_COLUMNS = tuple(column.name for column in accounts.c)

# Made once: building a statement costs many times what running it does, and logins run these.
_GET = select(accounts).where(
    accounts.c.tenant == bindparam("tenant"), accounts.c.id == bindparam("account_id")
)
_HOLD = _GET.with_for_update(key_share=True)
# A key that was not given is NULL, which equals nothing, not even an account without address.
_FIND = (
    select(accounts)
    .where(
        accounts.c.tenant == bindparam("tenant"),
        or_(
            accounts.c.username_key == bindparam("username_key", type_=Text),
            accounts.c.email_key == bindparam("email_key", type_=Text),
        ),
    )
    .order_by((accounts.c.username_key == bindparam("username_key", type_=Text)).desc())
    .limit(1)
)
_COUNT_FAILURE = (
    update(accounts)
    .where(accounts.c.tenant == bindparam("of_tenant"), accounts.c.id == bindparam("of_account"))
    .values(
        failures=accounts.c.failures + 1,
        must_reset=or_(accounts.c.must_reset, accounts.c.failures >= bindparam("most")),
    )
    .returning(accounts.c.failures)
)
_CLEAR_FAILURES = (
    update(accounts)
    .where(
        accounts.c.tenant == bindparam("of_tenant"),
        accounts.c.id == bindparam("of_account"),
        accounts.c.failures > 0,
    )
    .values(failures=0)
)


def add_account(connection: Connection, account: Account) -> bool:
    """Keep a new account. False when its username or e-mail address is taken in its tenant."""
    row = tuple(getattr(account, name) for name in _COLUMNS)
    return insert_new(connection, accounts, _COLUMNS, [row]) == 1


def taken(
    connection: Connection, tenant: str, username_key: str | None, email_key: str | None
) -> frozenset[str]:
    """Which of the two an account of this tenant has already: "username", "email", both, none."""
    query = select(accounts.c.username_key, accounts.c.email_key).where(
        accounts.c.tenant == tenant, _matches(username_key, email_key)
    )
    rows = connection.execute(query).all()
    has_name = any(row.username_key == username_key for row in rows)
    has_email = email_key is not None and any(row.email_key == email_key for row in rows)
    found = (("username", has_name), ("email", has_email))
    return frozenset(name for name, is_taken in found if is_taken)


def get_account(connection: Connection, tenant: str, account_id: str) -> Account | None:
    """The account of this id if it is this tenant's."""
    row = connection.execute(_GET, {"tenant": tenant, "account_id": account_id}).one_or_none()
    return None if row is None else _account(row)


def hold_account(connection: Connection, tenant: str, account_id: str) -> Account | None:
    """Read an account and keep everybody from changing it until this transaction ends.

    What was true of an account before a password was hashed may be true no longer after.
    """
    row = connection.execute(_HOLD, {"tenant": tenant, "account_id": account_id}).one_or_none()
    return None if row is None else _account(row)


def find_by_login(
    connection: Connection, tenant: str, *, username_key: str | None, email_key: str | None
) -> Account | None:
    """The account that goes by this name, or else by this address. Always one query."""
    keys = {"tenant": tenant, "username_key": username_key, "email_key": email_key}
    row = connection.execute(_FIND, keys).one_or_none()
    return None if row is None else _account(row)


def set_password(  # noqa: PLR0917  which account, then its columns in their order
    connection: Connection,
    tenant: str,
    account_id: str,
    password_hash: str,
    pepper: str | None,
    at: float,
) -> bool:
    """Give an account a new password; wrong ones of before are forgiven."""
    return _change(
        connection,
        _is(tenant, account_id),
        password_hash=password_hash,
        password_pepper=pepper,
        password_changed_at=at,
        failures=0,
        must_reset=False,
    )


def rehash(
    connection: Connection,
    tenant: str,
    account_id: str,
    *,
    old_hash: str,
    new_hash: str,
    pepper: str | None,
) -> bool:
    """Keep the same password under a better hash. False when it was changed meanwhile."""
    unchanged = _is(tenant, account_id) & (accounts.c.password_hash == old_hash)
    return _change(connection, unchanged, password_hash=new_hash, password_pepper=pepper)


def count_failure(connection: Connection, tenant: str, account_id: str, *, most: int) -> int:
    """Count a password as wrong; return how many there were in a row, 0 for no account.

    After `most` of them only a reset lets the owner in.
    """
    names = {"of_tenant": tenant, "of_account": account_id, "most": most}
    return connection.execute(_COUNT_FAILURE, names).scalar_one_or_none() or 0


def take_back_failure(connection: Connection, tenant: str, account_id: str) -> None:
    """Count one wrong password less: it was never looked at."""
    _change(
        connection,
        _is(tenant, account_id) & (accounts.c.failures > 0),
        failures=accounts.c.failures - 1,
    )


def clear_failures(connection: Connection, tenant: str, account_id: str) -> None:
    """Forget wrong passwords, because the right one came. A reset that is due stays due."""
    connection.execute(_CLEAR_FAILURES, {"of_tenant": tenant, "of_account": account_id})


def set_status(
    connection: Connection,
    tenant: str,
    account_id: str,
    status: AccountStatus,
    reason: str,
    *,
    expected: Collection[AccountStatus],
) -> bool:
    """Move an account to a status. False when it is in none of the expected ones by now."""
    due = _is(tenant, account_id) & accounts.c.status.in_([each.value for each in expected])
    return _change(connection, due, status=status.value, status_reason=reason)


def verify_email(
    connection: Connection, tenant: str, account_id: str, email_key: str, at: float
) -> bool:
    """Note that an address is its owner's. False when the account has another address by now."""
    due = _is(tenant, account_id) & (accounts.c.email_key == email_key)
    return _change(
        connection, due, email_verified_at=func.coalesce(accounts.c.email_verified_at, at)
    )


def change_email(  # noqa: PLR0917  which account, then its columns in their order
    connection: Connection, tenant: str, account_id: str, email: str, email_key: str, at: float
) -> bool:
    """Give an account another address, proved at this moment. False when another account has it."""
    try:
        with connection.begin_nested():
            return _change(
                connection,
                _is(tenant, account_id),
                email=email,
                email_key=email_key,
                email_verified_at=at,
            )
    except IntegrityError:
        return False


def _is(tenant: str, account_id: str) -> ColumnElement[bool]:
    return (accounts.c.tenant == tenant) & (accounts.c.id == account_id)


def _matches(username_key: str | None, email_key: str | None) -> ColumnElement[bool]:
    return or_(
        accounts.c.username_key == _given("username", username_key),
        accounts.c.email_key == _given("email", email_key),
    )


def _given(name: str, key: str | None) -> Any:
    """A key to compare with; none at all equals nothing, not even an account without address."""
    return bindparam(name, key, Text)


def _change(connection: Connection, which: ColumnElement[bool], **values: Any) -> bool:
    return connection.execute(update(accounts).where(which).values(**values)).rowcount == 1


def _account(row: Row[Any]) -> Account:
    values = dict(row._mapping)  # noqa: SLF001 -- the documented way to a row's columns by name
    return Account(**values | {"status": AccountStatus(row.status)})
