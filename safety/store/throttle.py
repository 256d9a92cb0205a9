"""Counts that must be exact and outlive a restart: how often within a while, by whom.

A clock that is set back makes moments lie in the future. They count as now, so nobody gets a try
more than their due, and nobody waits longer than the window.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, Executable, bindparam, delete, select, update

from safety.store.tables import throttles
from safety.store.upsert import upsert

_MOMENT = struct.Struct(">d")

# Made once: building a statement costs many times what running it does, and logins run these.
_THIS = (
    (throttles.c.tenant == bindparam("of_tenant"))
    & (throttles.c.kind == bindparam("of_kind"))
    & (throttles.c.subject == bindparam("of_subject"))
)
_TIMES = select(throttles.c.times).where(_THIS)
_TIMES_HELD = _TIMES.with_for_update()
_CLEAR = delete(throttles).where(_THIS)
_KEEP = update(throttles).where(_THIS).values(times=bindparam("kept"))


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a try: how many count now, and when to try again if it was one too many."""

    count: int
    retry_after: float | None = None

    @property
    def is_allowed(self) -> bool:
        """Whether this try was counted and may go on."""
        return self.retry_after is None


def take(
    connection: Connection,
    tenant: str,
    kind: str,
    subject: str,
    *,
    most: int,
    within: float,
    at: float,
    pause: Callable[[int], float] = lambda _count: 0.0,
) -> Taken:
    """Count a try if fewer than `most` lie within the last `within` seconds.

    `pause` says how many seconds must have gone by since the latest of so many tries. Of any number
    at the same moment exactly as many pass as are left. A refused one is not counted.
    """
    times = _pruned(_hold(connection, tenant, kind, subject, at), within, at)
    early = max(times) + pause(len(times)) - at if times else 0.0
    if len(times) < most and early <= 0:
        taken = Taken(len(times) + 1)
        times.append(at)
    elif len(times) < most:
        taken = Taken(len(times), early)
    else:
        # The try is free once so many have left the window that fewer than `most` remain.
        leaves = times[len(times) - most] if most > 0 else at
        taken = Taken(len(times), max(early, leaves + within - at))
    _keep(connection, tenant, kind, subject, times)
    return taken


def give_back(connection: Connection, tenant: str, kind: str, subject: str, at: float) -> None:
    """Take back the try of this very moment, because it was none that counts."""
    held = connection.execute(_TIMES_HELD, _this(tenant, kind, subject))
    times = _unpacked(held.scalar_one_or_none() or b"")
    if at in times:
        times.remove(at)
        _keep(connection, tenant, kind, subject, times)


def count(
    connection: Connection, tenant: str, kind: str, subject: str, *, within: float, at: float
) -> int:
    """How many tries count at this moment."""
    found = connection.execute(_TIMES, _this(tenant, kind, subject))
    times = _unpacked(found.scalar_one_or_none() or b"")
    # Nothing is written here, so a moment too far ahead would count until the clock reaches it.
    return sum(abs(at - time) < within for time in times)


def clear(connection: Connection, tenant: str, kind: str, subject: str) -> bool:
    """Forget a subject's tries of one kind. False when there were none."""
    return connection.execute(_CLEAR, _this(tenant, kind, subject)).rowcount == 1


def purge_throttles(connection: Connection, before: float) -> int:
    """Delete the counts of those who last tried before this moment; return how many."""
    return connection.execute(delete(throttles).where(throttles.c.last_at < before)).rowcount


def _hold(connection: Connection, tenant: str, kind: str, subject: str, at: float) -> list[float]:
    """The times kept, in a row that nobody else changes until this transaction ends."""
    row = {"tenant": tenant, "kind": kind, "subject": subject, "times": b"", "last_at": at}
    return _unpacked(connection.execute(_held(connection.dialect.name), row).scalar_one())


@cache
def _held(dialect: str) -> Executable:
    statement = upsert(dialect, throttles).values(
        {name: bindparam(name) for name in ("tenant", "kind", "subject", "times", "last_at")}
    )
    return statement.on_conflict_do_update(
        index_elements=["tenant", "kind", "subject"], set_={"last_at": statement.excluded.last_at}
    ).returning(throttles.c.times)


def _pruned(times: list[float], within: float, at: float) -> list[float]:
    now_at_most = (min(time, at) for time in times)
    return [time for time in now_at_most if time > at - within]


def _keep(connection: Connection, tenant: str, kind: str, subject: str, times: list[float]) -> None:
    kept = b"".join(map(_MOMENT.pack, times))
    connection.execute(_KEEP, _this(tenant, kind, subject) | {"kept": kept})


def _unpacked(times: bytes) -> list[float]:
    return [time for (time,) in _MOMENT.iter_unpack(times)]


def _this(tenant: str, kind: str, subject: str) -> dict[str, object]:
    return {"of_tenant": tenant, "of_kind": kind, "of_subject": subject}
