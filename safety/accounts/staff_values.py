"""Values of the staff's sessions: how long things last, whence people come, what they get."""

from dataclasses import dataclass, field

from safety.domain.access import StaffSession


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long links, steps and sessions last, in seconds.

    The session's numbers are those of NIST SP 800-63B for AAL2 as a reauthentication limit.
    `step` is the time between the password and the code, `enrolment` the whole life of a session
    that may only enrol, and `fresh` the age of a proof that dangerous acts accept (ASVS 7.5).
    `refresh` bounds how often a session's last use is written down.
    """

    link: float = 30 * 60
    step: float = 5 * 60
    enrolment: float = 30 * 60
    idle: float = 30 * 60
    absolute: float = 12 * 60 * 60
    fresh: float = 10 * 60
    refresh: float = 60


@dataclass(frozen=True, slots=True)
class Whence:
    """Where a person comes from; `previous` is the session token that their browser held."""

    ip: str | None = None
    agent: str | None = None
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that was just opened, with the token for the cookie. It is shown only once."""

    token: str = field(repr=False)
    session: StaffSession
