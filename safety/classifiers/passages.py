"""Passages of a text: where something short hides in something long, one of them gives it away."""

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import accumulate
from math import log
from operator import itemgetter, or_
from typing import Final, NamedTuple

# What a word or a pair of words adds to the sum and to the square of the row's length; its kinds.
Value = tuple[float, float, int]

# How many words a passage has, and half of it is how far the next one begins: what is no longer
# than half a passage stands whole in one of them.
SIZES: Final = (10, 16)
# Longer texts are judged as a whole: in long prose some passage always looks like an offer, and the
# texts that models are taught with are hardly ever so long that it could be learned otherwise.
MOST_WORDS: Final = 100
# Of each size so many are looked at closely, those whose words alone add most.
LOOKED_AT: Final = 2
_ADDED, _SQUARE, _KINDS = itemgetter(0), itemgetter(1), itemgetter(2)


class Passage(NamedTuple):
    """The words from `start` to `end`, with what they and their pairs add together.

    `luck` is how much likelier than alone one of so many passages looks bad: the logarithm of how
    many would stand side by side.
    """

    start: int
    end: int
    total: float
    size: float
    kinds: int
    luck: float


def passages(words: Sequence[Value], pairs: Sequence[Value]) -> Iterator[Passage]:
    """The passages of a text that may be its worst; none of one hardly longer than a passage.

    `pairs` are those of neighbouring words, one fewer than there are words.
    """
    count = len(words)
    if not SIZES[0] < count <= MOST_WORDS:
        return
    first = (0.0, 0.0, 0)
    totals = [*_sums(words, (first, *pairs), _ADDED)]
    sizes = [*_sums(words, (first, *pairs), _SQUARE)]
    kinds = list(map(_KINDS, words))
    for length in SIZES:
        if count <= length:
            break
        starts = (*range(0, count - length, length // 2), count - length)
        heaviest = sorted((totals[start + length] - totals[start], start) for start in starts)
        for _, start in heaviest[-LOOKED_AT:]:
            end = start + length
            # The pair that leads into a passage is none of its own.
            added, square, _ = pairs[start - 1] if start else first
            yield Passage(
                start,
                end,
                totals[end] - totals[start] - added,
                sizes[end] - sizes[start] - square,
                reduce(or_, kinds[start:end]),
                log(count / length),
            )


def _sums(
    words: Sequence[Value], pairs: Sequence[Value], part: Callable[[Value], float]
) -> Iterator[float]:
    both = map(float.__add__, map(part, words), map(part, pairs))
    return accumulate(both, initial=0.0)
