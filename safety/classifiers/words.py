"""A folded text as words, and a word as hashed features: one code for training and for serving."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import combinations
from math import sqrt
from zlib import crc32

from safety.classifiers.kinds import names_of

# Work is bounded: a long text is judged by its beginning and its end.
HEAD_WORDS = 300
TAIL_WORDS = 100
_MAX_CHARACTERS = 8_000
_MAX_WORD = 40

UNIGRAM_SCALE = 2.0
BIGRAM_SCALE = 1.5
GRAM_SCALE = 1.0
# Beside a row whose words have length 1 together.
KIND_SCALE = 0.4
KIND_PAIR_SCALE = 0.2
_GRAM_SIZES = (2, 3, 4, 5)
# About thirty words. Beyond it the evidence is averaged: a long text must not add up to certainty
# from many words that each say next to nothing.
_FULL_SIZE = 800.0

_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[^\W{_CJK}]+|[{_CJK}]|[^\w\s]{{1,8}}")
_DIGIT = re.compile(r"\d")
_EDGE_DIGITS = re.compile(r"^0+|0+$")
_CURRENCY = re.compile("[$\u20ac\u00a3\u20b9\u20bd\u00a5]")


def words_of(folded: str) -> list[re.Match[str]]:
    """The words of a folded text with their places: the first ones and the last ones."""
    if len(folded) <= _MAX_CHARACTERS:
        found = list(_WORD.finditer(folded))
    else:
        half = _MAX_CHARACTERS // 2
        found = list(_WORD.finditer(folded, 0, half))
        found += _WORD.finditer(folded, len(folded) - half)
    if len(found) > HEAD_WORDS + TAIL_WORDS:
        found = found[:HEAD_WORDS] + found[-TAIL_WORDS:]
    return found


def words_in(folded: str) -> list[str]:
    """Like `words_of`, without the places."""
    if len(folded) > _MAX_CHARACTERS:
        return [match.group() for match in words_of(folded)]
    found = _WORD.findall(folded)
    if len(found) > HEAD_WORDS + TAIL_WORDS:
        return found[:HEAD_WORDS] + found[-TAIL_WORDS:]
    return found


def word_features(word: str) -> Iterator[tuple[int, float]]:
    """The hashed features (32 bits) of one word alone, each with its value."""
    masked = _masked(word)
    yield _hashed("w", masked), UNIGRAM_SCALE
    yield _hashed("s", _shape(masked)), UNIGRAM_SCALE
    stem = _EDGE_DIGITS.sub("", masked)
    if stem and stem != masked:
        # A brand keeps its name and changes its number.
        yield _hashed("w", stem), UNIGRAM_SCALE
    padded = f"_{masked}_"
    for size in _GRAM_SIZES:
        for start in range(len(padded) - size + 1):
            yield _hashed("c", padded[start : start + size]), GRAM_SCALE


def pair_features(first: str, second: str) -> Iterator[tuple[int, float]]:
    """The hashed feature of two neighbouring words."""
    yield _hashed("b", f"{_masked(first)} {_masked(second)}"), BIGRAM_SCALE


def kind_features(kinds: int) -> Iterator[tuple[int, float]]:
    """The hashed features of the kinds of words that a text has, and of every two of them."""
    names = list(names_of(kinds))
    for name in names:
        yield _hashed("k", name), KIND_SCALE
    for first, second in combinations(names, 2):
        yield _hashed("K", f"{first} {second}"), KIND_PAIR_SCALE


def row_length(size: float) -> float:
    """What the sum over a text is divided by, given the sum of its features' squares (above 0)."""
    return sqrt(size) if size <= _FULL_SIZE else size / sqrt(_FULL_SIZE)


def _hashed(group: str, text: str) -> int:
    return crc32(f"{group}{text}".encode("utf-8", "replace"))


def _masked(word: str) -> str:
    """A word without accents, every digit as 0, and not longer than is useful."""
    if not word.isascii():
        decomposed = unicodedata.normalize("NFD", word)
        if decomposed[0] < "\u0250":
            word = "".join(c for c in decomposed if not unicodedata.combining(c))
    if len(word) > _MAX_WORD:
        word = word[: _MAX_WORD // 2] + word[-_MAX_WORD // 2 :]
    return _DIGIT.sub("0", word)


def _shape(masked: str) -> str:
    """What kind of word it is, whatever it says: these kinds carry over between platforms."""
    zeros = masked.count("0")
    if zeros == len(masked):
        return f"number {min(zeros, 12)}"
    if zeros:
        place = "front" if masked[0] == "0" else "back" if masked[-1] == "0" else "inside"
        return f"letters and {min(zeros, 4)} digits {place}"
    if masked[0].isalpha():
        return f"letters {min(len(masked), 14)}"
    if _CURRENCY.search(masked):
        return "currency"
    return f"signs {min(len(masked), 4)}" if masked.isascii() else f"pictures {min(len(masked), 4)}"
