"""What everything else stands on."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine


@dataclass(frozen=True, slots=True)
class World:
    """The database, a clock in Unix seconds, a timer that never goes back, and fresh ids."""

    engine: Engine
    clock: Callable[[], float]
    timer: Callable[[], float]
    new_id: Callable[[str], str]
