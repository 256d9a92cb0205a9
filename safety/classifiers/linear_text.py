"""A linear model over words, word pairs and letter groups that costs one look-up per word."""

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import exp
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from safety.classifiers import kinds as kinds_of_words
from safety.classifiers.shape import HAS_LINKS, HAS_MENTIONS, NAMES, shape_of
from safety.classifiers.words import (
    kind_features,
    pair_features,
    row_length,
    word_features,
    words_in,
    words_of,
)
from safety.domain.features import Values
from safety.domain.ports import Contribution
from safety.text.fold import fold, fold_with_offsets
from safety.text.links import find_links
from safety.text.scripts import NONE
from safety.text.scripts import scripts as scripts_of

# The cost of a word is paid once while it stays in here. About 30 MB when both are full.
_MAX_CACHED = 100_000
# Longer words and pairs are nobody's vocabulary: kept, made-up ones would fill the memory.
_LONGEST_CACHED = 64
_MAX_CONTRIBUTIONS = 12
_LEAST_CONTRIBUTION = 0.02
# What is left of the log-odds that a text is positive where only written sentences taught that.
_TRUST_IN_FOREIGN, _DOUBT_OF_FOREIGN = 0.5, 0.5


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
# What a piece adds to the sum, what it adds to the square of the row's length, and its kinds.
Value = tuple[float, float, int]


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


def kinds_of_shape(shape: Sequence[float]) -> int:
    """The kinds that a text has by its shape, not by a word."""
    kinds = kinds_of_words.LINK if shape[HAS_LINKS] else 0
    return kinds | kinds_of_words.MENTION if shape[HAS_MENTIONS] else kinds


def _bits(kinds: int) -> Iterator[int]:
    """The kinds one by one."""
    while kinds:
        bit = kinds & -kinds
        yield bit
        kinds ^= bit


class LinearText:
    """Gives the probability that a text belongs to the class its weights were trained for.

    `scripts` are those that there were labelled rows of; in others it is less sure. None: all.
    """

    def __init__(
        self, name: str, version: str, weights: Weights, scripts: Collection[str] = ()
    ) -> None:
        self._name = name
        self._version = version
        self._hashed = array("f", weights.hashed.astype(np.float32).tobytes())
        self._mask = len(self._hashed) - 1
        self._shape = [float(weight) for weight in weights.shape]
        self._weights = weights
        self._scripts = frozenset(scripts)
        self._words = _Learned[str](
            lambda word: self._sum(word_features(word), kinds_of_words.kinds_of(word)), len
        )
        self._pairs = _Learned[tuple[str, str]](
            lambda pair: self._sum(pair_features(*pair)), lambda pair: len(pair[0]) + len(pair[1])
        )
        self._kinds = _Learned[int](lambda kinds: self._sum(kind_features(kinds)), lambda _: 0)

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
        log_odds = self._log_odds(self._raw(text, values, words))
        if log_odds > 0 and not folded.isascii() and self._is_foreign(folded):
            log_odds = log_odds * _TRUST_IN_FOREIGN - _DOUBT_OF_FOREIGN
        return 1.0 / (1.0 + exp(-log_odds))

    def _raw(self, text: str, values: Values, words: Sequence[str]) -> float:
        distinct = dict.fromkeys(words)
        total = size = 0.0
        kinds = 0
        for part, square, kind in map(self._words.__getitem__, distinct):
            total += part
            size += square
            kinds |= kind
        for part, square, _ in map(self._pairs.__getitem__, dict.fromkeys(pairwise(words))):
            total += part
            size += square
        shape = shape_of(text, values, len(words), len(distinct))
        seen = sum(map(float.__mul__, self._shape, shape))
        meant = self._kinds[kinds | kinds_of_shape(shape)][0]
        return self._weights.bias + total / row_length(size) + seen + meant

    def _log_odds(self, raw: float) -> float:
        return max(-30.0, min(30.0, self._weights.slope * raw + self._weights.offset))

    def _is_foreign(self, folded: str) -> bool:
        """Whether the text is written in a script that the model has no labelled rows of."""
        main = scripts_of(folded).main
        return bool(self._scripts) and main != NONE and main not in self._scripts

    def _sum(self, features: Iterable[tuple[int, float]], kinds: int = 0) -> Value:
        """What features add to the sum and to the square of the row's length."""
        total = size = 0.0
        for code, value in features:
            total += self._hashed[code & self._mask] * value
            size += value * value
        return total, size, kinds

    def explain(self, values: Values) -> Sequence[Contribution]:
        """The words, word pairs and links that moved the score most, in log-odds.

        What a word is about counts for the first word of its kind.
        """
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
            for start, end, weight in self._pieces(folded.text, bool(find_links(text)))
        ]
        pieces += self._link_pieces(text)
        pieces = [piece for piece in pieces if abs(piece.weight) >= _LEAST_CONTRIBUTION]
        return sorted(pieces, key=lambda piece: (-abs(piece.weight), piece.start))[
            :_MAX_CONTRIBUTIONS
        ]

    def _pieces(self, folded: str, has_links: bool) -> Iterator[tuple[int, int, float]]:
        """Start, end and part of the raw sum for each distinct word and pair, where it is first."""
        found = words_of(folded)
        words: dict[str, tuple[int, int]] = {}
        pairs: dict[tuple[str, str], tuple[int, int]] = {}
        for match in found:
            words.setdefault(match.group(), match.span())
        for first, second in pairwise(found):
            pairs.setdefault((first.group(), second.group()), (first.start(), second.end()))
        values = [(span, self._words[word]) for word, span in words.items()]
        values += [(span, self._pairs[pair]) for pair, span in pairs.items()]
        length = row_length(sum(size for _, (_, size, _) in values)) if values else 1.0
        meant = self._kind_shares(values, kinds_of_words.LINK if has_links else 0)
        for (start, end), (total, _, kinds) in values:
            mine = sum(meant.pop(bit, 0.0) for bit in _bits(kinds))
            yield start, end, total / length + mine

    def _kind_shares(
        self, values: Sequence[tuple[tuple[int, int], Value]], others: int
    ) -> dict[int, float]:
        """What each kind adds to the sum; what two add together is halved between them."""
        kinds = others
        for _, (_, _, kind) in values:
            kinds |= kind
        shares = {bit: self._sum(kind_features(bit))[0] for bit in _bits(kinds)}
        alone = dict(shares)
        for first, second in combinations(alone, 2):
            both = self._sum(kind_features(first | second))[0]
            extra = (both - alone[first] - alone[second]) / 2
            shares[first] += extra
            shares[second] += extra
        return shares

    def _link_pieces(self, text: str) -> list[Contribution]:
        links = find_links(text)
        if not links:
            return []
        weights = dict(zip(NAMES, self._shape, strict=True))
        weight = (weights["has links"] + weights["links"] / 4) * self._weights.slope / len(links)
        return [Contribution(x.start, x.end, text[x.start : x.end], weight) for x in links]
