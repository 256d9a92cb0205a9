"""The challenge level of an installation: what people raise while an attack lasts."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class AttackLevel(StrEnum):
    """How high the level is, from mildest to strictest; each does what the one before does too."""

    DEARER = "dearer"  # every challenge costs more
    NEWCOMERS = "newcomers"  # and whoever is new is challenged
    EVERYBODY = "everybody"  # and so is everybody whom no rule trusts

    @property
    def rank(self) -> int:
        """0 for the mildest."""
        return _RANKS[self]


_RANKS: Final = MappingProxyType({level: rank for rank, level in enumerate(AttackLevel)})
# Times the usual price of a proof of work. Two doublings: a phone still pays it in seconds.
RAISED_EFFORT: Final = 4
# Whose account is younger than this is new; so is whoever signs up.
NEW_SECONDS: Final = 7 * 86_400.0
