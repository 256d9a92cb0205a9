"""The parts that can be swapped, each with two real implementations or one on its way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from safety.domain.features import Values
from safety.domain.labels import Label
from safety.domain.velocity import CountingPlan


class Observation(NamedTuple):
    """What the counters answered for one event.

    `windows` follows the plan's order; NaN says that the entity was missing. `labels` maps each
    label feature of the plan whose entity the event carries to the entity's live labels, sorted.
    """

    windows: Sequence[float]
    labels: Mapping[str, tuple[str, ...]]


class Counters(Protocol):
    """Counts and labels of entities, answered in one batch per event.

    Down: the caller treats every window and label as unknown, flags the decision `degraded` and
    follows the event type's fail policy.
    """

    def observe(self, tenant: str, plan: CountingPlan, values: Values, at: float) -> Observation:
        """Record this event at `at` (Unix seconds), then read. Reads include the event itself."""
        ...

    def retract(self, tenant: str, plan: CountingPlan, values: Values, at: float) -> None:
        """Take back one `observe` of the same arguments: the event turned out to be a retry."""
        ...

    def mark(self, tenant: str, label: Label) -> None:
        """Remember a label, replacing an earlier one of the same name on the same entity."""
        ...


@dataclass(frozen=True, slots=True)
class Contribution:
    """How much a piece of the text moved a score, in log-odds; the span is in characters."""

    start: int
    end: int
    text: str
    weight: float


class Classifier(Protocol):
    """A trained model that turns an event's values into a calibrated probability.

    Down: its score is unknown, never 0, and the decision says that it was skipped.
    """

    @property
    def name(self) -> str:
        """The model's name; its score is the feature `score.<name>`."""
        ...

    @property
    def version(self) -> str:
        """The version, as its card gives it."""
        ...

    def score(self, values: Values) -> float | None:
        """A probability between 0 and 1, or None when the event has nothing to judge."""
        ...

    def explain(self, values: Values) -> Sequence[Contribution]:
        """The pieces of the original text that moved the score most, strongest first."""
        ...
