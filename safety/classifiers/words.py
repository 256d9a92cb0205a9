"""A folded text as words, and a word as hashed features: one code for training and for serving."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations
from math import sqrt
from typing import NamedTuple, TypeVar
from zlib import crc32

from safety.classifiers.kinds import SIGNS_INSIDE, names_of, without_signs

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
# Marks that words are spelt with, in scripts whose words are spaced.
_MARKS = r"\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff"
_INSIDE = rf"(?:[^\W{_CJK}]|[{_MARKS}])++"
# A word may be broken by a sign. Some are only dropped, as an apostrophe is; others also stand
# between words that somebody forgot to space, and are read both ways.
_LOUD = r".,;!\-"
_PICTURES = r"[\u2010-\u2018\u201a-\u203a\u2190-\u2bff\U0001f000-\U0001faff]{1,2}"
_BETWEEN = rf"(?<=[^\W\d_])(?:%s)(?=[^\W\d_{_CJK}]){_INSIDE}"
_ANY_BREAK, _QUIET_BREAK = (
    _BETWEEN % f"[{SIGNS_INSIDE}{_LOUD}]|{_PICTURES}",
    _BETWEEN % f"[{SIGNS_INSIDE}]",
)
_WORD = re.compile(rf"{_INSIDE}(?:{_ANY_BREAK})*+|[{_CJK}]|[^\w\s]{{1,8}}")
_PART = re.compile(rf"{_INSIDE}(?:{_QUIET_BREAK})*+|[^\w\s]{{1,8}}")
_LOUD_SIGN = re.compile(rf"[{_LOUD}]|{_PICTURES}")
# Longer than a word that somebody broke: an address, or a list without spaces.
_LONGEST_JOINED = 24
_LONGEST_KEPT = 64
_DIGIT = re.compile(r"\d")
_EDGE_DIGITS = re.compile(r"^0+|0+$")
_CURRENCY = re.compile("[$\u20ac\u00a3\u20b9\u20bd\u00a5]")


Piece = TypeVar("Piece")


class Word(NamedTuple):
    """A word at folded[start:end]; one that was broken by signs stands behind its parts."""

    text: str
    start: int
    end: int


def words_of(folded: str) -> list[Word]:
    """The words of a folded text with their places: the first ones and the last ones."""
    half = _MAX_CHARACTERS // 2
    ends: tuple[tuple[int, int], ...] = ((0, len(folded)),)
    if len(folded) > _MAX_CHARACTERS:
        ends = ((0, half), (len(folded) - half, len(folded)))
    return _ends_of(
        [
            word
            for start, end in ends
            for match in _WORD.finditer(folded, start, end)
            for word in _placed(match)
        ]
    )


def words_in(folded: str) -> list[str]:
    """Like `words_of`, without the places."""
    if len(folded) > _MAX_CHARACTERS:
        return [word.text for word in words_of(folded)]
    found: list[str] = []
    for word in _WORD.findall(folded):
        if word.isalnum():
            found.append(word)
        else:
            found += _spelt(word) if len(word) <= _LONGEST_KEPT else _parts(word)
    return _ends_of(found)


def _ends_of(found: list[Piece]) -> list[Piece]:
    if len(found) <= HEAD_WORDS + TAIL_WORDS:
        return found
    return found[:HEAD_WORDS] + found[-TAIL_WORDS:]


def _placed(match: re.Match[str]) -> Iterator[Word]:
    word, start = match.group(), match.start()
    end = 0
    parts = _parts(word)
    for part in parts:
        place = word.find(part, end)
        if place < 0:  # the joined one
            yield Word(part, start, match.end())
        else:
            end = place + len(part)
            yield Word(part, start + place, start + end)


@lru_cache(maxsize=8192)
def _spelt(word: str) -> tuple[str, ...]:
    return _parts(word)


def _parts(word: str) -> tuple[str, ...]:
    """A word that signs break as its parts and as one; any other word as it is."""
    if not (word[0].isalnum() or word[-1].isalnum()) or not _LOUD_SIGN.search(word):
        return (word,)
    joined = _LOUD_SIGN.sub("", word)
    parts = tuple(_PART.findall(word))
    return (*parts, joined) if len(joined) <= _LONGEST_JOINED else parts


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
    """A word without accents, apostrophes and the like, digits as 0, no longer than is useful."""
    word = without_signs(word)
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
