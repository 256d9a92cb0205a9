"""The parts that can be swapped, each with two real implementations or one on its way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, runtime_checkable

from safety.domain.challenges import CaptchaResult
from safety.domain.features import Values
from safety.domain.labels import Label
from safety.domain.velocity import CountingPlan

NOTHING: Values = MappingProxyType({})


class Observation(NamedTuple):
    """What the counters answered for one event.

    `windows` follows the plan's order; NaN says that the entity was missing. `labels` maps each
    label feature of the plan whose entity the event carries to the entity's live labels, sorted.
    `behaviour` holds what the plan's watch reads and is known of the actor by now.
    """

    windows: Sequence[float]
    labels: Mapping[str, tuple[str, ...]]
    behaviour: Values = NOTHING


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


class SecondStage(Protocol):
    """A dear reader of texts, shared by the models that ask it; many at a time cost less."""

    def warm(self) -> None:
        """Build what reading needs, so that the first question need not wait for it."""
        ...

    def read(self, folded: Sequence[str]) -> Sequence[tuple[float, ...]]:
        """What each head says of each folded text, in log-odds before calibration.

        Empty for a text in a language that it cannot read.
        """
        ...


class Question(NamedTuple):
    """What a model asks a second stage about one text.

    `head` is which of its answers counts, `score` what the model thinks so far: it stands when no
    answer comes in time.
    """

    stage: SecondStage
    folded: str
    head: int
    score: float


@runtime_checkable
class Staged(Protocol):
    """A classifier of two stages: its `score` is both; whoever has a batch asks in steps.

    `first` is the cheap stage alone, under the same name and version.
    """

    @property
    def first(self) -> Classifier:
        """The first stage: what the score is while there is no second one."""
        ...

    @property
    def second(self) -> SecondStage:
        """The second stage, for whoever wants it warm."""
        ...

    def doubt(self, values: Values, score: float) -> Question | None:
        """What to ask about an event that the first stage gave this score; None if it is clear."""
        ...

    def settle(self, question: Question, said: Sequence[float]) -> float:
        """The score, now that the second stage has said this; the old one if it said nothing."""
        ...


class Captcha(Protocol):
    """Tells people from programs, or makes programs pay. It is a step up, never the only control.

    Down: `verify` answers `UNAVAILABLE` in about two seconds, and never `PASS`. The caller poses
    the proof of work instead, refuses, or lets everybody pass, as it is configured.
    """

    @property
    def name(self) -> str:
        """The word of the settings, such as `proof_of_work` or `turnstile`."""
        ...

    def task(self, action: str, subject: str, *, at: float, effort: int = 1) -> dict[str, Any]:
        """What a page needs to show the CAPTCHA, as JSON; nothing of it is secret.

        An answer to it is good for this action and subject only. `effort` multiplies the price,
        where there is one.
        """
        ...

    def verify(
        self, answer: str, *, action: str, subject: str, at: float, remote_ip: str | None = None
    ) -> CaptchaResult:
        """How an answer went. Any text has a result, and a pass must then be spent.

        May take two seconds: call it from a worker thread.
        """
        ...

    def close(self) -> None:
        """Let go of connections and threads."""
        ...

    def is_away(self, *, within: float = 0.0) -> bool:
        """Whether nobody answers at the moment, or did not in the last `within` seconds."""
        ...
