"""Habits: what an actor's own past actions show, and with whom they move in step."""

import struct
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# The two features of an actor among others.
SCHEDULE_TWINS: Final = "actor.schedule_twins"
LOCKSTEP_PARTNERS: Final = "actor.lockstep_partners"
# Whether the actor joins surges together with others, and how many of a target's followers do.
DELIVERS: Final = "actor.delivers"
DELIVERED_SHARE: Final = "target.delivered_share"
# All habits of times in one short text, for models: see `packed`.
PACKED: Final = "actor.habits"

# What one actor's times show, in the order in which it is packed. Entropies are in bits, shares and
# rhythms from 0 to 1, logarithms natural and of seconds, `longest_awake` in hours.
OF_TIMES: Final = (
    "actions_seen",
    "gap_entropy",
    "gap_transition_entropy",
    "gap_mode_share",
    "same_gap_share",
    "close_gap_share",
    "gaps_within_second",
    "gaps_of_seconds",
    "gaps_of_half_minutes",
    "gaps_of_minutes",
    "gaps_of_half_hours",
    "gaps_of_hours",
    "gaps_of_days",
    "gap_log_mean",
    "gap_log_spread",
    "gap_log_skew",
    "gap_log_tail",
    "session_log_mean",
    "session_log_spread",
    "pause_log_mean",
    "pause_log_spread",
    "gap_memory",
    "burstiness",
    "minute_rhythm",
    "five_minute_rhythm",
    "hour_rhythm",
    "hour_entropy",
    "quiet_hours_share",
    "longest_awake",
    "session_actions",
    "rests_a_day",
)
# What the actor writes, whom it reaches, what it takes back.
OF_CONTENT: Final = ("text_repeats", "target_repeats", "quick_deletes")
QUICK_GAPS: Final = "actor.quick_gap_share"  # both shares of gaps under eight seconds
HABITS: Final = frozenset((QUICK_GAPS, *(f"actor.{name}" for name in (*OF_TIMES, *OF_CONTENT))))
# Every feature with `source: state` that is not a list of labels.
BEHAVIOUR: Final = HABITS | {
    PACKED, SCHEDULE_TWINS, LOCKSTEP_PARTNERS, DELIVERS, DELIVERED_SHARE,
}  # fmt: skip

# Events of this type take something away, at once if it is no older than this (seconds).
DELETE: Final = "delete"
AT_ONCE: Final = 120.0

# The score that is made of the packed habits.
SCORE: Final = "score.bot"
# Seconds of history from which habits are remembered after a restart.
HORIZON: Final = 7 * 86_400.0
# Fewer remembered actions show no habit.
LEAST_ACTIONS: Final = 20


@dataclass(frozen=True, slots=True)
class Watch:
    """What events of one type add to the memory of behaviour, and which features they read.

    An event adds to a part of the memory when a rule for any event type reads that part; its text
    (`texts`) when a rule reads how texts repeat. An event that takes something away (`deletes`) is
    no action of its own.
    """

    habits: bool = False
    schedule: bool = False
    lockstep: bool = False
    deliveries: bool = False
    texts: bool = False
    deletes: bool = False
    reads: tuple[str, ...] = ()


_LAYOUT: Final = struct.Struct(f"<{len(OF_TIMES)}e")
# Another order or number of habits gets another sign: what was stored before is then unknown.
_SIGN: Final = "a"


def packed(numbers: Sequence[float]) -> str:
    """Habits in the order of `OF_TIMES` as 84 characters; each keeps three digits."""
    return _SIGN + b64encode(_LAYOUT.pack(*numbers)).decode("ascii")


def unpacked(text: str) -> tuple[float, ...] | None:
    """The habits in a text; None for one that this release did not write."""
    if text[:1] != _SIGN:
        return None
    try:
        return _LAYOUT.unpack(b64decode(text[1:], validate=True))
    except (struct.error, ValueError):
        return None
