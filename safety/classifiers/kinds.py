"""Kinds of words: what a word is about, whatever its language. They carry over between platforms.

A text has the kinds that any of its words has. A model weighs each kind and each pair of kinds, so
that "claim" beside "prize" says more than both alone, and a kind learned in one language speaks in
the others. The lists hold whole folded words, and stems that end in `*`.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from safety.classifiers.kind_words import KIND_WORDS

NAMES: tuple[str, ...] = (
    *KIND_WORDS,
    "phone",
    "currency",
    "brand",
    "wallet",
    "percent",
    "link",
    "mention",
)
_BIT: Mapping[str, int] = MappingProxyType({name: 1 << i for i, name in enumerate(NAMES)})
LINK, MENTION = _BIT["link"], _BIT["mention"]
_SHORTEST_STEM = 2
_PHONE_DIGITS = 7
_MOST_PHONE_DIGITS = 15
_WALLET_LENGTH = 25
SIGNS_INSIDE = "'\u2019*~^"
_SIGNS = str.maketrans("", "", SIGNS_INSIDE + "_")
_CURRENCIES = frozenset("$€£₹₽¥₫₺₴₩₦")


def kinds_of(word: str) -> int:
    """The kinds of one folded word, as bits in the order of NAMES; 0 for most words."""
    words, stems, longest = _lists()
    plain = _plain(without_signs(word))
    # A brand or a name is often told apart by a number only.
    bare = plain.strip("0123456789") or plain
    kinds = words.get(plain, 0) | words.get(bare, 0)
    for end in range(_SHORTEST_STEM, min(len(bare), longest) + 1):
        kinds |= stems.get(bare[:end], 0)
    return kinds | _kinds_of_shape(word)


def _plain(word: str) -> str:
    """A word without accents: many people leave them out."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFD", word)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("ß", "ss")


def without_signs(word: str) -> str:
    """A word without apostrophes and what else may stand inside it; signs alone stay."""
    return word if word.isalnum() else word.translate(_SIGNS) or word


def names_of(kinds: int) -> Iterator[str]:
    """The names of the kinds that are set."""
    return (name for name in NAMES if kinds & _BIT[name])


def _kinds_of_shape(word: str) -> int:
    if not word[0].isalnum():
        if not _CURRENCIES.isdisjoint(word):
            return _BIT["currency"]
        return _BIT["percent"] if "%" in word else 0
    digits = sum(map(str.isdigit, word))
    if not digits:
        return 0
    if digits == len(word):
        return _BIT["phone"] if _PHONE_DIGITS <= digits <= _MOST_PHONE_DIGITS else 0
    if len(word) >= _WALLET_LENGTH:
        return _BIT["wallet"]
    return _BIT["brand"] if word[0].isalpha() and word[-1].isdigit() and digits > 1 else 0


@cache
def _lists() -> tuple[Mapping[str, int], Mapping[str, int], int]:
    """Whole words, stems and the length of the longest stem."""
    words: dict[str, int] = {}
    stems: dict[str, int] = {}
    for name, listed in KIND_WORDS.items():
        for entry in map(_plain, listed.split()):
            if entry.endswith("*"):
                stems[entry[:-1]] = stems.get(entry[:-1], 0) | _BIT[name]
            else:
                words[entry] = words.get(entry, 0) | _BIT[name]
    return words, stems, max(map(len, stems), default=0)
