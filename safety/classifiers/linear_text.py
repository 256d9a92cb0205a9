"""A linear model over words, word pairs and letter groups that costs one look-up per word."""

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import exp

import numpy as np
from numpy.typing import NDArray

from safety.classifiers import kinds as kinds_of_words
from safety.classifiers.learned import Learned
from safety.classifiers.passages import MOST_WORDS, SIZES, Passage, Value, passages
from safety.classifiers.shape import (
    FIRST_LENGTH,
    HAS_LINKS,
    HAS_MENTIONS,
    NAMES,
    REPETITION,
    length_of,
    shape_of,
)
from safety.classifiers.taught import Taught
from safety.classifiers.words import (
    Word,
    kind_features,
    pair_features,
    row_length,
    word_features,
    words_in,
    words_of,
)
from safety.domain.features import Values
from safety.domain.ports import Contribution
from safety.text.fold import Folded, fold, fold_with_offsets
from safety.text.links import find_links

_MAX_CONTRIBUTIONS = 12
_LEAST_CONTRIBUTION = 0.02
# What is left of the log-odds that a text is positive where only written sentences taught that.
_TRUST_IN_FOREIGN, _DOUBT_OF_FOREIGN = 0.5, 0.5


Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Weights:
    """What training leaves behind: `hashed` has a power of two of weights, `shape` one per name.

    A passage that looks worse than the text it stands in moves the sum towards its own, by `heed`,
    after paying `toll` for every passage that it was chosen from; see `Passage.luck`. `slope` and
    `offset` turn the sum into calibrated log-odds.
    """

    hashed: NDArray[np.float32]
    shape: NDArray[np.float64]
    bias: float
    slope: float
    offset: float
    heed: float = 0.0
    toll: float = 0.0

    def __post_init__(self) -> None:
        size = len(self.hashed)
        if self.hashed.ndim != 1 or size == 0 or size & (size - 1):
            raise ValueError("the hashed weights must be a power of two in number")
        if self.shape.shape != (len(NAMES),):
            raise ValueError(f"the shape weights must be {len(NAMES)} in number")
        numbers = (self.bias, self.slope, self.offset, self.heed, self.toll)
        if not all(map(np.isfinite, numbers)) or not np.isfinite(self.hashed).all():
            raise ValueError("the weights must be finite")


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

    `scripts` are those that there were labelled rows of, and `tongues` the languages in Latin
    letters; in others it is less sure. None: all.
    """

    def __init__(
        self,
        name: str,
        version: str,
        weights: Weights,
        scripts: Collection[str] = (),
        *,
        tongues: Collection[str] = (),
    ) -> None:
        self._name = name
        self._version = version
        self._hashed = array("f", weights.hashed.astype(np.float32).tobytes())
        self._mask = len(self._hashed) - 1
        self._shape = [float(weight) for weight in weights.shape]
        self._lengths = {
            size: sum(map(float.__mul__, self._shape[FIRST_LENGTH:], length_of(size)))
            for size in SIZES
        }
        self._weights = weights
        self._taught = Taught(frozenset(scripts), frozenset(tongues))
        self._words = Learned[str](
            lambda word: self._sum(word_features(word), kinds_of_words.kinds_of(word)), len
        )
        self._pairs = Learned[tuple[str, str]](
            lambda pair: self._sum(pair_features(*pair)), lambda pair: len(pair[0]) + len(pair[1])
        )
        self._kinds = Learned[int](lambda kinds: self._sum(kind_features(kinds)), lambda _: 0)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    @property
    def version(self) -> str:
        """The version that its card gives."""
        return self._version

    @property
    def bias(self) -> float:
        """The sum of a text that has nothing the model knows."""
        return self._weights.bias

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
        if log_odds > 0 and self._taught.is_foreign(folded, words):
            log_odds = log_odds * _TRUST_IN_FOREIGN - _DOUBT_OF_FOREIGN
        return 1.0 / (1.0 + exp(-log_odds))

    def raw(self, text: str) -> float | None:
        """The sum before it is calibrated, or None for a text without words."""
        folded = fold(text)
        words = words_in(folded.text)
        return (
            self._raw(text, {"content.obfuscation": folded.obfuscation}, words) if words else None
        )

    def is_foreign(self, folded: str) -> bool:
        """Whether a folded text is in a script or a language that nobody labelled rows of."""
        return self._taught.is_foreign(folded, words_in(folded))

    def passage(self, values: Values, folded: str) -> str | None:
        """The passage that moves the score of a folded text, or None if it is judged as a whole."""
        text = values.get("content.text")
        found = words_of(folded)
        words = [word.text for word in found]
        if not isinstance(text, str) or not SIZES[-1] < len(words) <= MOST_WORDS:
            return None
        _, more, passage = self._look(text, values, words)
        if not more or passage is None:
            return None
        start = max(0, (passage.start + passage.end - SIZES[-1]) // 2)
        inside = found[start : start + SIZES[-1]]
        return folded[min(w.start for w in inside) : max(w.end for w in inside)]

    def _raw(self, text: str, values: Values, words: Sequence[str]) -> float:
        whole, more, _ = self._look(text, values, words)
        return whole + more

    def _look(
        self, text: str, values: Values, words: Sequence[str]
    ) -> tuple[float, float, Passage | None]:
        """The sum of a text, how far its worst passage moves it, and which one that is."""
        of_words = list(map(self._words.__getitem__, words))
        of_pairs = list(map(self._pairs.__getitem__, pairwise(words)))
        distinct = dict(zip(words, of_words, strict=True))
        total = size = 0.0
        kinds = 0
        for part, square, kind in distinct.values():
            total += part
            size += square
            kinds |= kind
        for part, square, _ in dict(zip(pairwise(words), of_pairs, strict=True)).values():
            total += part
            size += square
        shape = shape_of(text, values, len(words), len(distinct))
        others = kinds_of_shape(shape)
        seen = sum(map(float.__mul__, self._shape, shape))
        meant = self._kinds[kinds | others][0]
        whole = self._weights.bias + total / row_length(size) + seen + meant
        if not self._weights.heed or not SIZES[0] < len(words) <= MOST_WORDS:
            return whole, 0.0, None
        worst, passage = max(self._judged(passages(of_words, of_pairs), shape, others))
        return whole, self._weights.heed * max(0.0, worst - whole), passage

    def _judged(
        self, found: Iterable[Passage], shape: Sequence[float], others: int
    ) -> Iterator[tuple[float, Passage]]:
        """Each passage with its sum, the toll paid.

        What its text looks like is taken to be true of it, but for length and what is repeated.
        """
        seen = sum(map(float.__mul__, self._shape[:FIRST_LENGTH], shape))
        given = self._weights.bias + seen - self._shape[REPETITION] * shape[REPETITION]
        for each in found:
            meant = self._kinds[each.kinds | others][0] + self._lengths[each.end - each.start]
            own = given + each.total / row_length(each.size) + meant
            yield own - self._weights.toll * each.luck, each

    def _log_odds(self, raw: float) -> float:
        return max(-30.0, min(30.0, self._weights.slope * raw + self._weights.offset))

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
            for (start, end), weight in self._weighed(text, folded).items()
        ]
        pieces += self._link_pieces(text)
        pieces = [piece for piece in pieces if abs(piece.weight) >= _LEAST_CONTRIBUTION]
        return sorted(pieces, key=lambda piece: (-abs(piece.weight), piece.start))[
            :_MAX_CONTRIBUTIONS
        ]

    def _weighed(self, text: str, folded: Folded) -> dict[Span, float]:
        """What each piece adds to the raw sum, by itself and in the passage that moved it."""
        found = words_of(folded.text)
        if not found:
            return {}
        values = {"content.obfuscation": folded.obfuscation}
        _, more, passage = self._look(text, values, [word.text for word in found])
        heed = self._weights.heed if more else 0.0
        has_links = bool(find_links(text))
        weighed: dict[Span, float] = {}
        for share, words in (
            (1 - heed, found),
            (heed, found[passage.start : passage.end] if passage and more else []),
        ):
            for span, weight in self._pieces(words, has_links=has_links):
                weighed[span] = weighed.get(span, 0.0) + share * weight
        return weighed

    def _pieces(self, found: Sequence[Word], *, has_links: bool) -> Iterator[tuple[Span, float]]:
        """The place and the part of the sum of each distinct word and pair, where it is first."""
        words: dict[str, Span] = {}
        pairs: dict[tuple[str, str], Span] = {}
        for word in found:
            words.setdefault(word.text, (word.start, word.end))
        for first, second in pairwise(found):
            span = min(first.start, second.start), max(first.end, second.end)
            pairs.setdefault((first.text, second.text), span)
        values = [(span, self._words[word]) for word, span in words.items()]
        values += [(span, self._pairs[pair]) for pair, span in pairs.items()]
        length = row_length(sum(size for _, (_, size, _) in values)) if values else 1.0
        meant = self._kind_shares(values, kinds_of_words.LINK if has_links else 0)
        for span, (total, _, kinds) in values:
            mine = sum(meant.pop(bit, 0.0) for bit in _bits(kinds))
            yield span, total / length + mine

    def _kind_shares(self, values: Sequence[tuple[Span, Value]], others: int) -> dict[int, float]:
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
