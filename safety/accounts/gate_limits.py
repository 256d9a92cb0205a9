"""The numbers of the gate, in one table: how often what may be tried."""

from dataclasses import dataclass

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `most` in any `within` seconds."""

    most: int
    within: float


@dataclass(frozen=True, slots=True)
class GateLimits:
    """The numbers of the gate. Each axis counts by itself, never a pair of them.

    Addresses count failures in the memory of one process; accounts count them in the database, for
    all processes. `failures_*` are wrong passwords and whatever was refused before one was checked.
    """

    # OWASP, Bot Management: 60 failures of one address in ten minutes, 10 of one account in 15.
    failures_address: Rate = Rate(60, 10 * _MINUTE)
    # A /48 is one site's network; ten of its customers at once may mistype.
    failures_wider: Rate = Rate(600, 10 * _MINUTE)
    # More than any number of cores hashes; what arrives beyond it would only wait and be refused.
    sign_ins: Rate = Rate(3000, _MINUTE)
    failures_account: Rate = Rate(10, 15 * _MINUTE)
    # Whoever solved a challenge is one more try worth, also while strangers use up the account's.
    failures_proved: Rate = Rate(10, 15 * _MINUTE)
    # A device or address that signed in to the account before: strangers cannot use this up.
    failures_known: Rate = Rate(10, 15 * _MINUTE)
    # After so many wrong ones in the window each next one waits, twice as long as the one before:
    # 1, 2, 4 ... seconds. Whoever mistypes does not notice it, and whoever guesses does.
    free_failures: int = 5
    longest_delay: float = 30.0
    # NIST SP 800-63B, 5.2.2: at most 100 consecutive failures.
    consecutive: int = 100
    known_for: float = 90 * _DAY
    # An office, a class or a mobile network; the shipped rules ask for a challenge from the eighth.
    sign_ups_address: Rate = Rate(30, _HOUR)
    sign_ups_wider: Rate = Rate(300, _HOUR)
    sign_ups: Rate = Rate(600, _MINUTE)
    resets_address: Rate = Rate(30, _HOUR)
    resets_wider: Rate = Rate(300, _HOUR)
    resets: Rate = Rate(600, _MINUTE)
    # Mails that one account, or one address of mail, can be made to receive.
    mails: Rate = Rate(5, _HOUR)

    def delay_after(self, failures: int) -> float:
        """Seconds between the latest of so many wrong passwords and the next try."""
        beyond = failures - self.free_failures
        if beyond < 0:
            return 0.0
        return min(self.longest_delay, 2.0 ** min(beyond, 16))
