"""Challenges: what somebody must prove before they may go on, and how an answer to it went."""

from dataclasses import dataclass, field
from enum import StrEnum


class ChallengeKind(StrEnum):
    """What a challenge asks for. A later one asks for more."""

    PROOF_OF_WORK = "proof_of_work"  # the browser computes for a moment
    CAPTCHA = "captcha"  # a hosted provider tells people from programs
    TOTP = "totp"  # a code of the authenticator app that the actor enrolled

    @property
    def rank(self) -> int:
        """Where it stands among the kinds."""
        return list(ChallengeKind).index(self)


class CaptchaOutcome(StrEnum):
    """How an answer to a CAPTCHA went."""

    PASS = "pass"  # noqa: S105  the word of the API
    FAIL = "fail"
    UNAVAILABLE = "unavailable"  # nobody could say: this is neither


@dataclass(frozen=True, slots=True)
class CaptchaResult:
    """An outcome with its reason: a code for programs, a sentence for people.

    A pass names in `spend` what the caller must spend, so that the answer works only once.
    """

    outcome: CaptchaOutcome
    reason: str
    detail: str = ""
    spend: str = ""

    @property
    def is_pass(self) -> bool:
        """Whether the answer was right."""
        return self.outcome is CaptchaOutcome.PASS


class WhenAway(StrEnum):
    """What a challenge becomes while its hosted provider is away."""

    PROOF_OF_WORK = "proof_of_work"  # our own takes its place
    CLOSED = "closed"  # nobody passes
    OPEN = "open"  # everybody passes


@dataclass(frozen=True, slots=True)
class Proof:
    """An answer to a challenge: exactly one of a solved task, a provider's token and a code.

    `remote_ip` is the address of whoever answers, if the caller knows it.
    """

    payload: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    remote_ip: str | None = None
