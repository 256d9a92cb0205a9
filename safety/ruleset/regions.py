"""Sets of values that a condition allows: stretches of numbers, or some words and not others."""

import math
from dataclasses import dataclass

# A cut lies just before a number (0) or just after it (1); a stretch reaches from cut to cut.
Cut = tuple[float, int]
_FIRST: Cut = (-math.inf, 0)
_LAST: Cut = (math.inf, 1)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Stretches of the number line, in order and apart from each other."""

    stretches: tuple[tuple[Cut, Cut], ...]

    @property
    def is_empty(self) -> bool:
        """Whether no number is left."""
        return not self.stretches

    def both(self, other: "Numbers") -> "Numbers":
        """The numbers that are in this set and in the other."""
        shared = (
            (max(low, start), min(high, end))
            for low, high in self.stretches
            for start, end in other.stretches
        )
        return Numbers(tuple((low, high) for low, high in shared if low < high))


@dataclass(frozen=True, slots=True)
class Words:
    """Some values or, if `is_all_but`, all values but these."""

    values: frozenset[object]
    is_all_but: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether no value is left."""
        return not self.values and not self.is_all_but

    def both(self, other: "Words") -> "Words":
        """The values that are in this set and in the other."""
        if self.is_all_but and other.is_all_but:
            return Words(self.values | other.values, is_all_but=True)
        if other.is_all_but:
            return Words(self.values - other.values)
        if self.is_all_but:
            return Words(other.values - self.values)
        return Words(self.values & other.values)


Region = Numbers | Words
EVERY_NUMBER = Numbers(((_FIRST, _LAST),))


def compared_with(operator: str, number: float, *, whole: bool) -> Numbers:
    """The numbers x for which `x operator number`; of whole ones, only those that matter."""
    if whole and not float(number).is_integer():
        if operator == "==":
            return Numbers(())
        if operator == "!=":
            return EVERY_NUMBER
        number = math.floor(number)  # `< 2.5` and `<= 2.5` are `<= 2`
        operator = {"<": "<=", ">=": ">"}.get(operator, operator)
    before, after = (number, 0), (number, 1)
    if whole:  # `> 5` begins where `>= 6` does
        before, after = (number - 1, 1), (number, 1)
    return Numbers(
        {
            "<": ((_FIRST, before),),
            "<=": ((_FIRST, after),),
            ">": ((after, _LAST),),
            ">=": ((before, _LAST),),
            "==": ((before, after),),
            "!=": ((_FIRST, before), (after, _LAST)),
        }[operator]
    )


def between(low: float, high: float) -> Numbers:
    """The numbers from `low` to `high`, both included."""
    return Numbers((((low, 0), (high, 1)),))
