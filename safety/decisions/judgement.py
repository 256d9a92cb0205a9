"""What is known of an event: judged in full, or all but what a second stage would say."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from safety.decisions.draft import Draft, Skip
from safety.decisions.prepared import Prepared
from safety.domain.decisions import NewItem, Signal
from safety.domain.events import Event
from safety.domain.features import EventType, Values
from safety.domain.labels import Label
from safety.domain.ports import Question
from safety.domain.rules import Fired
from safety.domain.verdicts import FailPolicy, Verdict
from safety.ruleset.bundle import Bundle

# What a second stage said: every head in log-odds, nothing when it cannot read the text, or why it
# was skipped.
Said = Sequence[float] | str

# What the raised challenge level adds: by event type, values, signals so far and the time.
Raised = Callable[[str, Values, tuple[Signal, ...], float], Signal | None]


class Judgement(NamedTuple):
    """Everything known of an event once it is judged, before it is written."""

    id: str
    tenant: str
    event: Event
    event_type: EventType
    decided_at: float
    verdict: Verdict
    signals: tuple[Signal, ...]
    fired: tuple[Fired, ...]
    values: Values
    scores: Mapping[str, float]
    item: NewItem | None
    labels: tuple[Label, ...]
    skipped: tuple[Skip, ...]
    degraded: tuple[str, ...]
    fail_policy: FailPolicy | None
    bundle: Bundle
    models: Mapping[str, str]
    is_counted: bool  # whether the counters recorded the event
    unstored: tuple[str, ...]  # computed values that are cheaper to compute again than to keep

    @property
    def live(self) -> list[Fired]:
        """The enforced rules that fired, the primary one first."""
        return sorted((f for f in self.fired if f.is_live), key=_importance)


def _importance(fired: Fired) -> tuple[int, int, str]:
    return (-fired.verdict, -fired.rule.severity.rank, fired.rule.id)


class Undecided(NamedTuple):
    """An event that a second stage is to be asked about: everything else of it is known."""

    tenant: str
    event: Event
    prepared: Prepared
    draft: Draft
    now: float

    @property
    def questions(self) -> Sequence[Question]:
        """What to ask, in the order of the answers that `Judge.finish` takes."""
        return [question for _, _, question in self.draft.questions]

    @property
    def bundle(self) -> Bundle:
        """The rules it is judged by."""
        return self.prepared.bundle

    @property
    def values(self) -> Values:
        """The values so far."""
        return self.draft.values

    @property
    def is_counted(self) -> bool:
        """Whether the counters recorded the event."""
        return self.draft.is_counted
