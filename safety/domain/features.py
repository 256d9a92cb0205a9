"""Features: the typed values that rules and models read, and the catalogue that declares them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from safety.domain.policies import Rung
from safety.domain.verdicts import FailPolicy, Verdict

# A missing feature is absent from the mapping; it is never stored as None or NaN.
Value = bool | int | float | str | tuple[str, ...]
Values = Mapping[str, Value]


class Kind(StrEnum):
    """The type of a feature. Durations are seconds, times are Unix seconds, both as float."""

    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    STRING = "string"
    ENTITY = "entity"  # a string that carries labels and counts
    STRINGS = "list[string]"
    DURATION = "duration"
    TIME = "time"


class Source(StrEnum):
    """Where a feature's value comes from, cheapest first."""

    EVENT = "event"  # sent by the platform: the catalogue is also the schema of an event
    DERIVED = "derived"  # computed from the event alone
    STATE = "state"  # labels and counters
    MODEL = "model"  # a classifier's score


@dataclass(frozen=True, slots=True)
class Feature:
    """One declared feature. `events` empty means that every event type may carry it.

    `labels_of` names the entity feature whose labels this feature lists (`actor.labels` lists those
    of `actor.id`); it is None for every other feature. `stored` is false for values that are cheap
    to compute again and too large to keep with each decision.
    """

    name: str
    kind: Kind
    source: Source
    description: str
    events: tuple[str, ...] = ()
    example: Value | None = None
    personal: bool = False  # personal data: never logged, erased on request
    labels_of: str | None = None
    stored: bool = True
    max_length: int = 1024  # characters of a string sent by the platform


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of event, with what it gets when it cannot be judged in full."""

    name: str
    fail: FailPolicy
    description: str
    queue: str  # where its items wait unless a rule says otherwise
    points: tuple[tuple[int, Verdict], ...] = ()  # how many points of rules bring which verdict


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything a rule may mention: features by name and event types by name."""

    features: Mapping[str, Feature]
    event_types: Mapping[str, EventType]
    labels: Mapping[str, str] = field(default_factory=dict)  # what each declared label means
    ladder: tuple[Rung, ...] = ()  # what an actor gets for so many points of strikes

    def of(self, event_type: str) -> Mapping[str, Feature]:
        """The features that events of this type may carry, by name."""
        return {n: f for n, f in self.features.items() if not f.events or event_type in f.events}
