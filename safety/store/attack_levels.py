"""How high the challenge level was raised, by whom, why and until when."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from safety.domain.attack import AttackLevel
from safety.store.tables import attack_levels


@dataclass(frozen=True, slots=True)
class Raised:
    """A level that somebody raised for a while. Times are Unix seconds."""

    id: str
    level: AttackLevel
    reason: str
    author: str
    created_at: float
    expires_at: float
    ended_by: str = ""

    def is_live(self, at: float) -> bool:
        """Whether it counts at this moment."""
        return not self.ended_by and at < self.expires_at


def add(connection: Connection, raised: Raised) -> None:
    """Keep that a level was raised."""
    values = {column.name: getattr(raised, column.name) for column in attack_levels.c}
    connection.execute(insert(attack_levels).values(values | {"level": raised.level.value}))


def in_force(connection: Connection, at: float) -> Raised | None:
    """The latest that counts at this moment."""
    live = (attack_levels.c.expires_at > at) & (attack_levels.c.ended_by == "")
    query = select(attack_levels).where(live).order_by(attack_levels.c.created_at.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else _raised(row)


def history(connection: Connection, *, limit: int) -> list[Raised]:
    """The latest, newest first."""
    query = select(attack_levels).order_by(attack_levels.c.created_at.desc()).limit(limit)
    return [_raised(row) for row in connection.execute(query)]


def end_all(connection: Connection, at: float, by: str) -> int:
    """End whatever counts at this moment; return how many there were."""
    live = (attack_levels.c.expires_at > at) & (attack_levels.c.ended_by == "")
    return connection.execute(update(attack_levels).where(live).values(ended_by=by)).rowcount


def _raised(row: Row[Any]) -> Raised:
    values = dict(row._mapping)  # noqa: SLF001 -- the documented way to a row's columns by name
    return Raised(**values | {"level": AttackLevel(row.level)})
