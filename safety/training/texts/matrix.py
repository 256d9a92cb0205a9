"""Texts as the sparse rows that the linear model is fitted on: the same sums that serving makes."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safety.classifiers.kinds import kinds_of
from safety.classifiers.linear_text import kinds_of_shape
from safety.classifiers.shape import NAMES, shape_of
from safety.classifiers.words import (
    kind_features,
    pair_features,
    row_length,
    word_features,
    words_in,
)
from safety.text.fold import fold

_Features = tuple[NDArray[np.int32], NDArray[np.float32], float]


class RowBuilder:
    """Turns texts into rows; remembers words, so that a word is hashed once per training run."""

    def __init__(self, bits: int) -> None:
        self.columns = (1 << bits) + len(NAMES)
        self._mask = (1 << bits) - 1
        self._first_shape = 1 << bits
        self._known: dict[str | tuple[str, str] | int, _Features] = {}
        self._kinds: dict[str, int] = {}

    def row(self, text: str) -> tuple[NDArray[np.int32], NDArray[np.float32]] | None:
        """The columns and values of one text, or None if it has no words."""
        folded = fold(text)
        words = words_in(folded.text)
        if not words:
            return None
        distinct = dict.fromkeys(words)
        parts = [self._features(word) for word in distinct]
        parts += [self._features(p) for p in dict.fromkeys(pairwise(words))]
        length = np.float32(1 / row_length(sum(part[2] for part in parts)))
        values = {"content.obfuscation": folded.obfuscation}
        seen = shape_of(text, values, len(words), len(distinct))
        meant = self._features(self._kinds_in(distinct) | kinds_of_shape(seen))
        shape = np.array(seen, dtype=np.float32)
        filled = np.flatnonzero(shape).astype(np.int32)
        columns = [*(part[0] for part in parts), meant[0], filled + self._first_shape]
        data = np.concatenate([part[1] for part in parts]) * length
        return (
            np.concatenate(columns).astype(np.int32),
            np.concatenate([data, meant[1], shape[filled]]).astype(np.float32),
        )

    def _kinds_in(self, words: Iterable[str]) -> int:
        kinds = 0
        for word in words:
            if word not in self._kinds:
                self._kinds[word] = kinds_of(word)
            kinds |= self._kinds[word]
        return kinds

    def _features(self, key: str | tuple[str, str] | int) -> _Features:
        known = self._known.get(key)
        if known is None:
            found = list(_hashes(key))
            columns = np.array([code & self._mask for code, _ in found], dtype=np.int32)
            data = np.array([value for _, value in found], dtype=np.float32)
            known = self._known[key] = columns, data, sum(value * value for _, value in found)
        return known

    def matrix(self, texts: Sequence[str]) -> Any:
        """A scipy CSR matrix with one row per text; a text without words is an empty row."""
        from scipy.sparse import csr_matrix  # noqa: PLC0415 - training alone needs scipy

        rows = [self.row(text) or _EMPTY for text in texts]
        ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        columns = np.concatenate([columns for columns, _ in rows] or [_EMPTY[0]])
        data = np.concatenate([data for _, data in rows] or [_EMPTY[1]])
        return csr_matrix((data, columns, ends), shape=(len(texts), self.columns))


def _hashes(key: str | tuple[str, str] | int) -> Iterator[tuple[int, float]]:
    if isinstance(key, int):
        return kind_features(key)
    return word_features(key) if isinstance(key, str) else pair_features(*key)


_EMPTY = (np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32))
