"""What the platform must do now, and how strongly a rule may say so."""

from collections.abc import Iterable
from enum import IntEnum, StrEnum


class Verdict(IntEnum):
    """The four answers, from mildest to strictest. Combining two is taking the stricter."""

    ALLOW = 0
    CHALLENGE = 1
    HOLD = 2
    BLOCK = 3

    @property
    def word(self) -> str:
        """The verdict as it is written in the API, in rules and in logs."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> "Verdict":
        """Read a verdict from its word. Raises `ValueError` for any other text."""
        try:
            return _BY_WORD[word]
        except KeyError:
            raise ValueError(f"{word!r} is not a verdict: use {', '.join(_BY_WORD)}") from None


_BY_WORD = {verdict.word: verdict for verdict in Verdict}


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    """The strictest of the verdicts, whatever their order; no verdict at all allows."""
    return max(verdicts, default=Verdict.ALLOW)


class Mode(StrEnum):
    """How far a rule is rolled out. A shadow rule is recorded and never obeyed.

    A canary rule is obeyed for a share of entities, always the same ones, and shadow for the rest.
    """

    OFF = "off"
    SHADOW = "shadow"
    CANARY = "canary"
    ENFORCE = "enforce"


class Severity(StrEnum):
    """How bad it is if the signal is right; orders the review queue."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low to 3 for critical."""
        return list(Severity).index(self)


class FailPolicy(StrEnum):
    """What an event type gets when a part that should have judged it could not."""

    OPEN = "open"
    CHALLENGE = "challenge"
    CLOSED = "closed"

    @property
    def verdict(self) -> Verdict:
        """The verdict this policy gives in place of the missing judgement."""
        return _FAIL_VERDICTS[self]


_FAIL_VERDICTS = {
    FailPolicy.OPEN: Verdict.ALLOW,
    FailPolicy.CHALLENGE: Verdict.CHALLENGE,
    FailPolicy.CLOSED: Verdict.BLOCK,
}
