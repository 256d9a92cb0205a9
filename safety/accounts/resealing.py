"""Everything that lies sealed in the database, sealed again under the active key."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, Engine

from safety.accounts.codes import place
from safety.domain.messages import BODY_PLACE, SECRET_PLACE, Endpoint
from safety.gates.vault import Vault, VaultError, key_of
from safety.store import outbox, totp, webhooks
from safety.store.engine import read, write

_PAGE = 100  # rows per transaction: nobody waits long for their turn


@dataclass(frozen=True, slots=True)
class _Sealed:
    """One row's sealed cells, and how to put others in their place, if they are still the same."""

    place: tuple[str, str, str]
    cells: tuple[bytes, ...]
    put: Callable[[Connection, tuple[bytes, ...]], bool]


@dataclass(slots=True)
class Resealed:
    """What came of it. What could not be opened is damaged, or its key is gone already."""

    rows: int = 0
    resealed: int = 0
    unreadable: int = 0


def reseal_all(
    engine: Engine, vault: Vault, on_rows: Callable[[int], None] = lambda _rows: None
) -> Resealed:
    """Seal all that an older key has sealed again. `on_rows` is told how many rows were seen.

    May be stopped at any moment and run again, and runs beside a service that writes.
    """
    result = Resealed()
    for page in _pages(engine):
        ready = []
        for row in page:
            try:
                if fresh := _fresh(vault, row):
                    ready.append((row, fresh))
            except VaultError:
                result.unreadable += 1
        if ready:
            with write(engine) as connection:
                result.resealed += sum(row.put(connection, fresh) for row, fresh in ready)
        result.rows += len(page)
        on_rows(len(page))
    return result


def keys_in_use(engine: Engine) -> Counter[str]:
    """How many sealed cells each key of the vault would be missed by."""
    used: Counter[str] = Counter()
    for page in _pages(engine):
        used.update(key_of(cell) or "unknown" for row in page for cell in row.cells)
    return used


def _fresh(vault: Vault, row: _Sealed) -> tuple[bytes, ...] | None:
    if all(map(vault.is_current, row.cells)):
        return None
    return tuple(vault.seal(*row.place, vault.open(*row.place, cell)) for cell in row.cells)


def _pages(engine: Engine) -> Iterator[list[_Sealed]]:
    yield from _apps(engine)
    yield from _bodies(engine)
    with read(engine) as connection:
        endpoints = webhooks.list_endpoints(connection)
    yield [_endpoint(each) for each in endpoints]


def _apps(engine: Engine) -> Iterator[list[_Sealed]]:
    after: tuple[str, str] | None = None
    while True:
        with read(engine) as connection:
            page = totp.sealed_enrolments(connection, after=after, limit=_PAGE)
        if not page:
            return
        yield [
            _Sealed(
                place(each.tenant, each.subject),
                (each.sealed,),
                partial(_put_app, each.tenant, each.subject, each.sealed),
            )
            for each in page
        ]
        after = (page[-1].tenant, page[-1].subject)


def _put_app(
    tenant: str, subject: str, old: bytes, connection: Connection, cells: tuple[bytes, ...]
) -> bool:
    return totp.reseal(connection, tenant, subject, old=old, new=cells[0])


def _bodies(engine: Engine) -> Iterator[list[_Sealed]]:
    after = ""
    table, column = BODY_PLACE
    while True:
        with read(engine) as connection:
            page = outbox.sealed_bodies(connection, after=after, limit=_PAGE)
        if not page:
            return
        yield [
            _Sealed((table, message_id, column), (body,), partial(_put_body, message_id, body))
            for message_id, body in page
        ]
        after = page[-1][0]


def _put_body(
    message_id: str, old: bytes, connection: Connection, cells: tuple[bytes, ...]
) -> bool:
    return outbox.reseal(connection, message_id, old=old, new=cells[0])


def _endpoint(endpoint: Endpoint) -> _Sealed:
    table, column = SECRET_PLACE
    kept = (endpoint.sealed_secret, endpoint.previous_secret)
    cells = tuple(each for each in kept if each is not None)
    return _Sealed((table, endpoint.tenant, column), cells, partial(_put_secrets, endpoint))


def _put_secrets(endpoint: Endpoint, connection: Connection, cells: tuple[bytes, ...]) -> bool:
    previous = cells[1] if len(cells) > 1 else None
    return webhooks.reseal_secrets(connection, endpoint, current=cells[0], previous=previous)
