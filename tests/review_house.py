"""A review core on a real database, with a clock that stands still, for tests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

from sqlalchemy import Engine

from safety.domain.access import Role
from safety.domain.features import Catalogue
from safety.domain.labels import Label
from safety.domain.policies import Policy, Rung, Weight
from safety.domain.reviews import Act, Action, Reviewer
from safety.review.rechecks import Rates
from safety.review.review import Review, build_review
from safety.review.room import Room
from safety.review.values import Choice

NOW = 1_795_366_800.0
DAY = 86_400.0
AUDIT_KEY = b"k" * 32
POLICIES = {
    "spam.commercial": Policy(
        "spam.commercial",
        "Unwanted advertising",
        "Do not advertise.",
        "This looks like advertising.",
        strike=Weight(1, 90 * DAY),
        macros={"first": "Hello {actor}, please read our policy on {policy}."},
    ),
    "spam.scam": Policy(
        "spam.scam",
        "Scams",
        "Do not deceive.",
        "This looks like a scam.",
        strike=Weight(3, 365 * DAY),
    ),
    "abuse.harassment": Policy(
        "abuse.harassment", "Harassment", "Be kind.", "This hurts.", is_veiled=True
    ),
}
LADDER = (Rung(2, "warn"), Rung(4, "limit", 7 * DAY), Rung(6, "suspend", 30 * DAY))
ANA = Reviewer("ana", Role.MODERATOR)
BEN = Reviewer("ben", Role.MODERATOR)
LEA = Reviewer("lea", Role.LEAD)

_numbers = count(1)


@dataclass(slots=True)
class Clock:
    """A clock that stands still until a test moves it."""

    at: float = NOW

    def __call__(self) -> float:
        return self.at


@dataclass(slots=True)
class Core:
    """A review core and everything around it that a test looks at."""

    engine: Engine
    clock: Clock = field(default_factory=Clock)
    labelled: list[tuple[str, Label]] = field(default_factory=list)
    ladder: Sequence[Rung] = LADDER
    undo_seconds: float = 10.0
    name: str = ""
    rates: Rates = field(default_factory=Rates)
    drastic: frozenset[Action] = frozenset()

    @property
    def review(self) -> Review:
        """The desk as this core has it set right now."""
        room = Room(
            engine=self.engine,
            clock=self.clock,
            chance=lambda: 0.5,
            ids=_ids(self.name),
            policies=lambda: POLICIES,
            catalogue=lambda: Catalogue({}, {}),
            audit_key=AUDIT_KEY,
            on_label=lambda tenant, label: self.labelled.append((tenant, label)),
            model_signals=lambda _: (),
            undo_seconds=self.undo_seconds,
            drastic=self.drastic,
        )
        return build_review(room, lambda: self.ladder, lambda: 0.0, rates=self.rates)

    def later(self, seconds: float = 60.0) -> None:
        """Let time pass, and the clerk do what is due."""
        self.clock.at += seconds
        self.review.clerk.run()


def removing(policy: str = "spam.commercial", **changes: object) -> Choice:
    """A removal under a policy."""
    return Choice((Act(Action.REMOVE, policy),), **changes)  # type: ignore[arg-type]  # a test's shorthand


KEEPING = Choice((Act(Action.KEEP),))


def _ids(name: str) -> Callable[[str], str]:
    return lambda prefix: f"{prefix}_{name}{next(_numbers):06}"
