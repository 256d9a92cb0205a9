"""A linear model over words, word pairs and letter groups that costs one look-up per word."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from safety.classifiers.shape import NAMES, shape_of
from safety.classifiers.words import pair_features, row_length, word_features, words_in, words_of
from safety.domain.features import Values
from safety.domain.ports import Contribution
from safety.text.fold import fold, fold_with_offsets
from safety.text.links import find_links

# The cost of a word is paid once while it stays in here. About 30 MB when both are full.
_MAX_CACHED = 100_000
# Longer words and pairs are nobody's vocabulary: kept, made-up ones would fill the memory.
_LONGEST_CACHED = 64
_MAX_CONTRIBUTIONS = 12
_LEAST_CONTRIBUTION = 0.02


@dataclass(frozen=True, slots=True)
class Weights:
    """What training leaves behind: `hashed` has a power of two of weights, `shape` one per name.

    `slope` and `offset` turn the raw sum into calibrated log-odds.
    """

    hashed: NDArray[np.float32]
    shape: NDArray[np.float64]
    bias: float
    slope: float
    offset: float

    def __post_init__(self) -> None:
        size = len(self.hashed)
        if self.hashed.ndim != 1 or size == 0 or size & (size - 1):
            raise ValueError("the hashed weights must be a power of two in number")
        if self.shape.shape != (len(NAMES),):
            raise ValueError(f"the shape weights must be {len(NAMES)} in number")
        numbers = (self.bias, self.slope, self.offset)
        if not all(map(np.isfinite, numbers)) or not np.isfinite(self.hashed).all():
            raise ValueError("the weights must be finite")


Piece = TypeVar("Piece")
# What a piece adds to the sum, and what it adds to the square of the row's length.
Value = tuple[float, float]


class _Learned(dict[Piece, Value], Generic[Piece]):
    """The values of words or of pairs: worked out when first met, then one look-up each."""

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


class LinearText:
    """Gives the probability that a text belongs to the class its weights were trained for."""

    def __init__(self, name: str, version: str, weights: Weights) -> None:
        self._name = name
        self._version = version
        self._hashed = array("f", weights.hashed.astype(np.float32).tobytes())
        self._mask = len(self._hashed) - 1
        self._shape = [float(weight) for weight in weights.shape]
        self._weights = weights
        self._words = _Learned[str](lambda word: self._sum(word_features(word)), len)
        self._pairs = _Learned[tuple[str, str]](
            lambda pair: self._sum(pair_features(*pair)), lambda pair: len(pair[0]) + len(pair[1])
        )

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    @property
    def version(self) -> str:
        """The version that its card gives."""
        return self._version

    def score(self, values: Values) -> float | None:
        """A calibrated probability, or None without a text that has a word or sign in it."""
        text = values.get("content.text")
        if not isinstance(text, str):
            return None
        folded = values.get("content.text_folded")
        if not isinstance(folded, str):
            found = fold(text)
            folded, values = found.text, {**values, "content.obfuscation": found.obfuscation}
        words = words_in(folded)
        if not words:
            return None
        return self._probability(self._raw(text, values, words))

    def _raw(self, text: str, values: Values, words: Sequence[str]) -> float:
        distinct = dict.fromkeys(words)
        total = size = 0.0
        for part, square in map(self._words.__getitem__, distinct):
            total += part
            size += square
        for part, square in map(self._pairs.__getitem__, dict.fromkeys(pairwise(words))):
            total += part
            size += square
        shape = shape_of(text, values, len(words), len(distinct))
        seen = sum(map(float.__mul__, self._shape, shape))
        return self._weights.bias + total / row_length(size) + seen

    def _probability(self, raw: float) -> float:
        log_odds = self._weights.slope * raw + self._weights.offset
        return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, log_odds))))

    def _sum(self, features: Iterable[tuple[int, float]]) -> Value:
        """What features add to the sum, and what they add to the square of the row's length."""
        total = size = 0.0
        for code, value in features:
            total += self._hashed[code & self._mask] * value
            size += value * value
        return total, size

    def explain(self, values: Values) -> Sequence[Contribution]:
        """The words, word pairs and links that moved the score most, in log-odds."""
        text = values.get("content.text")
        if not isinstance(text, str):
            return ()
        folded, offsets = fold_with_offsets(text)
        pieces = [
            Contribution(
                offsets[start],
                offsets[end - 1] + 1,
                text[offsets[start] : offsets[end - 1] + 1],
                weight * self._weights.slope,
            )
            for start, end, weight in self._pieces(folded.text)
        ]
        pieces += self._link_pieces(text)
        pieces = [piece for piece in pieces if abs(piece.weight) >= _LEAST_CONTRIBUTION]
        return sorted(pieces, key=lambda piece: (-abs(piece.weight), piece.start))[
            :_MAX_CONTRIBUTIONS
        ]

    def _pieces(self, folded: str) -> Iterator[tuple[int, int, float]]:
        """Start, end and part of the raw sum for each distinct word and pair, where it is first."""
        found = words_of(folded)
        words: dict[str, tuple[int, int]] = {}
        pairs: dict[tuple[str, str], tuple[int, int]] = {}
        for match in found:
            words.setdefault(match.group(), match.span())
        for first, second in pairwise(found):
            pairs.setdefault((first.group(), second.group()), (first.start(), second.end()))
        values = [(span, self._sum(word_features(word))) for word, span in words.items()]
        values += [(span, self._sum(pair_features(*pair))) for pair, span in pairs.items()]
        length = row_length(sum(size for _, (_, size) in values)) if values else 1.0
        for (start, end), (total, _) in values:
            yield start, end, total / length

    def _link_pieces(self, text: str) -> list[Contribution]:
        links = find_links(text)
        if not links:
            return []
        weights = dict(zip(NAMES, self._shape, strict=True))
        weight = (weights["has links"] + weights["links"] / 4) * self._weights.slope / len(links)
        return [Contribution(x.start, x.end, text[x.start : x.end], weight) for x in links]
