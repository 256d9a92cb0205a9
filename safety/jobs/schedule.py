"""When a message is tried again, and when it is given up."""

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

_MINUTE: Final = 60.0
_HOUR: Final = 60 * _MINUTE

# Standard Webhooks, recommended schedule; the first attempt is made at once.
WAITS: Final = (
    5.0,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
# Up to a tenth later, so that messages which failed together do not come back together.
_SPREAD: Final = 0.1
# A receiver may ask for patience, but not for ever.
_LONGEST_PATIENCE: Final = 24 * _HOUR


def next_attempt(made: int, at: float, *, chance: float, asked: float = 0.0) -> float | None:
    """When to try again after `made` attempts, or None when that was the last.

    `chance` is from 0 to 1 and spreads attempts; `asked` is how many seconds the receiver wants to
    be left alone.
    """
    if made > len(WAITS):
        return None
    wait = max(WAITS[made - 1], min(asked, _LONGEST_PATIENCE))
    return at + wait * (1 + _SPREAD * chance)


def seconds_asked(retry_after: str | None, at: float) -> float:
    """What a Retry-After header asks for, in seconds; 0 for none, the past and nonsense."""
    said = (retry_after or "").strip()
    if said.isascii() and said.isdigit():
        return min(float(said), _LONGEST_PATIENCE)
    try:
        moment = parsedate_to_datetime(said)
        return max(0.0, moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - at)
    except (ValueError, TypeError, OverflowError, IndexError):
        return 0.0
