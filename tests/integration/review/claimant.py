"""A moderator in a process of its own, with a clock that jumps and a power cord that is pulled."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from random import Random

from safety.domain.access import Role
from safety.domain.errors import ItemAlreadyResolved, ItemClaimed
from safety.domain.queues import Filter
from safety.domain.reviews import Reviewer
from safety.store import claims
from safety.store.engine import open_engine, write
from tests.review_house import DAY, KEEPING, NOW, Core

# How a killed process ended; the second when nobody was there to see it.
DIED = frozenset({-signal.SIGKILL, 255})


def work(url: str, seed: int, name: str, acts: int, diary: Path) -> None:
    """Do random things for a while, or die of one of them; `diary` says what was decided."""
    chance = Random(f"{seed} {name}")  # noqa: S311 -- a test that can be repeated, not a secret
    core = Core(open_engine(url), name=name)
    worker = _Worker(core, Reviewer(name, Role.MODERATOR), chance, diary)
    for _ in range(acts):
        core.clock.at = NOW + chance.choice((0, 1, 300, 700, -500, 3 * DAY, -3 * DAY))
        chance.choice(worker.acts)()


class _Worker:
    def __init__(self, core: Core, who: Reviewer, chance: Random, diary: Path) -> None:
        self.core, self.who, self.chance, self.diary = core, who, chance, diary
        self.mine: list[str] = []
        self.acts: tuple[Callable[[], None], ...] = (
            self.take, self.take, self.renew, self.decide, self.decide, self.decide,
            self.give_back, self.die,
        )  # fmt: skip

    def take(self) -> None:
        some = self.core.review.claims.take(self.who, Filter(), 3)
        self.mine = list(dict.fromkeys([*self.mine, *(item.id for item in some)]))

    def renew(self) -> None:
        self.mine = list(self.core.review.claims.renew(self.mine, self.who))

    def decide(self) -> None:
        if not self.mine:
            return
        item = self.mine.pop(self.chance.randrange(len(self.mine)))
        try:
            self.core.review.resolving.decide(item, KEEPING, self.who)
        except (ItemClaimed, ItemAlreadyResolved):
            return
        with self.diary.open("a") as lines:
            lines.write(f"{item}\n")

    def give_back(self) -> None:
        self.core.review.claims.release(self.mine[:1], self.who)

    def die(self) -> None:
        """Somebody pulls the cord, in the middle of a transaction or right behind one."""
        if self.chance.random() < 0.7:
            return
        self.take()
        if self.chance.random() < 0.5:
            os.kill(os.getpid(), signal.SIGKILL)
        with write(self.core.engine) as connection:
            at = self.core.clock()
            claims.take(connection, self.mine, by=self.who.name, at=at, until=at + 600)
            os.kill(os.getpid(), signal.SIGKILL)
