"""The parts that can be swapped, each with two real implementations or one on its way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from safety.domain.challenges import CaptchaResult
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
