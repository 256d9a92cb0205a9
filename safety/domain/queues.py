"""Queues: how each is set, what of it is looked at, and the views that people keep."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from safety.domain.access import Permission, Role
from safety.domain.errors import FieldError, InvalidInput
from safety.domain.reviews import Action, Band, Reviewer

_HOUR: Final = 60 * 60.0
# How soon somebody should have looked, where a queue says nothing else.
DEFAULT_SLA: Final[Mapping[Band, float]] = MappingProxyType(
    {Band.CRITICAL: 0.25 * _HOUR, Band.HIGH: _HOUR, Band.MEDIUM: 4 * _HOUR, Band.LOW: 24 * _HOUR}
)
ESCALATED: Final = "escalated"
OPEN, SNOOZED = "open", "snoozed"
_LONGEST: Final = 200  # characters of what is filtered by
_REVIEWERS: Final = frozenset(role for role in Role if role.may(Permission.REVIEW))


@dataclass(frozen=True, slots=True)
class Filter:
    """Which of the items that wait somebody wants to see. An empty text filters by nothing."""

    queue: str = ""
    least: Band | None = None
    event_type: str = ""
    reason: str = ""
    policy: str = ""
    language: str = ""
    actor: str = ""
    kind: str = ""
    holder: str = ""
    is_late: bool = False
    state: str = OPEN

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filter":
        """Read a filter from an address. Names it does not know are somebody else's.

        Raises `InvalidInput` for a value that is too long or means nothing.
        """
        texts = {name: query[name] for name in _TEXTS if query.get(name)}
        wrong = [name for name, text in texts.items() if not _is_plain(text)]
        try:
            least = Band.parse(query["least"]) if query.get("least") else None
        except ValueError:
            least, wrong = None, [*wrong, "least"]
        state = query.get("state") or OPEN
        late = query.get("late") or ""
        wrong += ["state"] * (state not in {OPEN, SNOOZED}) + ["late"] * (late not in {"", "yes"})
        if wrong:
            raise InvalidInput(errors=[FieldError(name, "means nothing here") for name in wrong])
        return cls(**texts, least=least, is_late=late == "yes", state=state)

    def query(self) -> dict[str, str]:
        """The filter as an address carries it: only what it asks for, always in one order."""
        told = {name: text for name in _TEXTS if (text := getattr(self, name))}
        if self.least is not None:
            told["least"] = self.least.word
        if self.is_late:
            told["late"] = "yes"
        return told if self.state == OPEN else told | {"state": self.state}


_TEXTS: Final = ("queue", "event_type", "reason", "policy", "language", "actor", "kind", "holder")


def _is_plain(text: str) -> bool:
    """Whether a text may be looked for: databases refuse some characters."""
    return len(text) <= _LONGEST and text.isprintable()


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """How a queue works: who may see it, how soon it promises a look, and what may be done.

    `members` narrows it to people by name, as long as there are any; `sla` is seconds by band;
    `claims` is how many items somebody takes at once; what `is_veiled` is shown on request only.
    """

    name: str
    title: str = ""
    roles: frozenset[Role] = _REVIEWERS
    members: frozenset[str] = frozenset()
    sla: Mapping[Band, float] = field(default_factory=lambda: DEFAULT_SLA)
    actions: frozenset[Action] = frozenset(Action)
    is_veiled: bool = False
    escalates_to: str = ESCALATED
    claims: int = 5

    @property
    def shown(self) -> str:
        """What the queue is called on pages."""
        return self.title or self.name

    @property
    def is_open_to_all(self) -> bool:
        """Whether everybody who reviews may see what waits here."""
        return not self.members and self.roles >= _REVIEWERS

    def admits(self, who: Reviewer) -> bool:
        """Whether this person may see what waits here; whoever may set queues sees them all."""
        if who.may(Permission.LEAD):
            return True
        is_named = not self.members or who.name in self.members
        return is_named and who.role in self.roles and who.may(Permission.REVIEW)


@dataclass(frozen=True, slots=True)
class Saved:
    """A filter under a name, for its owner or for everybody."""

    id: str
    name: str
    filter: Filter
    owner: str
    is_shared: bool
    created_at: float


@dataclass(frozen=True, slots=True)
class QueueCount:
    """How many items wait in a queue, and how many of them for too long: counted up to a limit."""

    name: str
    title: str
    waiting: int
    late: int
