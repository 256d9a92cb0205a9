"""An account that was held becomes what the person who looked at it decided."""

from sqlalchemy import Connection, Engine

from safety.domain.accounts import Account, AccountStatus
from safety.domain.reviews import Action
from safety.store import accounts
from safety.store.engine import read, write
from safety.store.items import resolutions_of

_REFUSED = frozenset({Action.REMOVE, Action.SUSPEND, Action.BAN})


def settle(engine: Engine, account: Account) -> Account:
    """The account with its signup's latest resolution written down, if there is one by now."""
    if account.status is not AccountStatus.HELD:
        return account
    with read(engine) as connection:
        status = _settled(connection, account)
    if status is AccountStatus.HELD:
        return account
    with write(engine) as connection:
        accounts.set_status(
            connection,
            account.tenant,
            account.id,
            status,
            account.status_reason,
            expected=(AccountStatus.HELD,),
        )
        return accounts.get_account(connection, account.tenant, account.id) or account


def _settled(connection: Connection, account: Account) -> AccountStatus:
    if account.held_by is None:
        return account.status
    resolution = resolutions_of(connection, [account.held_by]).get(account.held_by)
    if resolution is None or not resolution.is_in_effect:
        return AccountStatus.HELD
    return AccountStatus.CLOSED if resolution.action in _REFUSED else AccountStatus.ACTIVE
