"""The values of words and pairs: worked out when first met, then one look-up each."""

from collections.abc import Callable
from typing import Generic, TypeVar

from safety.classifiers.passages import Value

# The cost of a word is paid once while it stays in here. About 30 MB when both are full.
_MAX_CACHED = 100_000
# Longer words and pairs are nobody's vocabulary: kept, made-up ones would fill the memory.
_LONGEST_CACHED = 64

Piece = TypeVar("Piece")


class Learned(dict[Piece, Value], Generic[Piece]):
    """What `work_out` says of each piece, kept for those of bounded `length`."""

    def __init__(self, work_out: Callable[[Piece], Value], length: Callable[[Piece], int]) -> None:
        super().__init__()
        self._work_out = work_out
        self._length = length

    def __missing__(self, piece: Piece) -> Value:
        """Work out the value of a new piece."""
        value = self._work_out(piece)
        if len(self) >= _MAX_CACHED:
            # Starting over is cheaper than keeping order; common words are back within moments.
            self.clear()
        if self._length(piece) <= _LONGEST_CACHED:
            self[piece] = value
        return value
