"""A quick answer for texts that hide nothing, which most are: looked through at the speed of bytes.

`folded` either knows how folding would leave a text in which nothing is disguised, or it says
nothing and the closer look of `fold.py` begins. A text of 200 characters takes some microseconds.
"""

import re
import unicodedata
from collections.abc import Set as AbstractSet

from safety.text import look_alikes, marks

# What a character may be to this look; the flags of a text's characters are joined.
_CLOSER, _LATIN, _BORROWED, _UNMISTAKABLE, _SPELT = 1, 2, 4, 8, 16
_MIXED = _LATIN | _BORROWED
# Emoji are made with these; inside a word they break it.
_JOINERS = ("\ufe0f", "\u200d")
# Separators and leet that are not ASCII.
_AMBIGUOUS = frozenset("\u00b7\u2022\u20ac\u00a2")
_COMBINES = re.compile(r"[\u1100-\u11ff\u3099\u309a]")
_MOST_ROUNDS = 3


def _table(classes: dict[str, str], other: bytes) -> bytes:
    table = bytearray(other * 256)
    for characters, kind in classes.items():
        for character in characters:
            table[ord(character)] = ord(kind)
    return bytes(table)


_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Beyond ASCII there is only "?" here, which may stand for a letter.
_SPACING = _table(
    {
        _LETTERS + "0123456789?": "a",
        " ": " ",
        marks.SEPARATORS_ASCII: ".",
        "".join(map(chr, (*range(0x09, 0x0E), *range(0x1C, 0x20)))): "\n",
        "".join(map(chr, (*range(0x09), *range(0x0E, 0x1C), 0x7F))): "\0",
    },
    b"!",
)
_LEET = _table({_LETTERS + "?": "a", marks.LEET_ASCII: "0"}, b"!")


class _Flags(dict[str, int]):
    """What every character is to this look, filled as characters are met."""

    def __missing__(self, character: str) -> int:
        """Look at one character and remember the answer."""
        self[character] = flags = _flags_of(character)
        return flags


def _flags_of(character: str) -> int:
    plain = look_alikes.PLAIN[ord(character)]
    if unicodedata.category(character).startswith("M") or _COMBINES.match(character):
        return _CLOSER
    if plain != character.lower():
        # Typesetting is spelt out; what becomes a letter or a digit was a disguise.
        is_sign = plain and not any(c.isalnum() or unicodedata.combining(c) for c in plain)
        return _SPELT if is_sign else _CLOSER
    if len(plain) != 1 or (plain.isascii() and not character.isascii()):
        return _CLOSER
    if look_alikes.is_latin(character):
        return _LATIN
    if look_alikes.NON_LATIN.match(character):
        is_known = look_alikes.latin_skeleton(character) is not None
        return _BORROWED if is_known else _BORROWED | _UNMISTAKABLE
    return 0


_FLAGS = _Flags()


def folded(text: str) -> str | None:
    """The text as folding leaves it if it hides nothing; None if it takes a closer look to know."""
    small: str | None = text.lower() if text.isascii() else _lower(text)
    for _ in range(_MOST_ROUNDS):
        if small is None or _is_disguised(small):
            return None
        before, small = small, _settled(small)
        if small == before:
            return small
    return None


def are_scripts_apart(text: str, characters: AbstractSet[str]) -> bool:
    """Whether no word mixes scripts, in a text that is surely not Latin on the whole.

    `characters` are those of the text.
    """
    latin = sum(text.count(c) for c in characters if _FLAGS[c] & _LATIN)
    other = sum(text.count(c) for c in characters if _FLAGS[c] & _UNMISTAKABLE)
    if latin >= look_alikes.LATIN_SHARE * (latin + other):
        return False
    return look_alikes.SEAM.search(text) is None


def _lower(text: str) -> str | None:
    """A text beyond ASCII in lower case if none of its characters pretends to be another."""
    characters = set(text)
    if not characters.isdisjoint(_JOINERS):
        if marks.WORD_BROKEN.search(text):
            return None
        for joiner in _JOINERS:
            text = text.replace(joiner, "")
        characters = set(text)
    flags = 0
    for character in characters:
        flags |= _FLAGS[character]
    if flags & _CLOSER:
        return None
    if flags & _MIXED == _MIXED and not are_scripts_apart(text, characters):
        return None
    return text.translate(look_alikes.PLAIN) if flags & _SPELT else text.lower()


def _is_disguised(small: str) -> bool:
    """Whether a word may be spaced out or in leet, or a control character stands in the text."""
    signs = small.encode("ascii", "replace")
    spacing = signs.translate(_SPACING)
    if b"\0" in spacing:
        return True
    leet = signs.translate(_LEET)
    may_be_spaced = b"a  a" in spacing or b" a a " in spacing or b".a." in spacing
    may_be_leet = b"a0a" in leet or b"a00a" in leet
    if not small.isascii() and not _AMBIGUOUS.isdisjoint(small):
        may_be_spaced = may_be_leet = True
    return (may_be_spaced and marks.SPACED.search(small) is not None) or (
        may_be_leet and any(map(marks.is_leet, marks.LEET.finditer(small)))
    )


def _settled(small: str) -> str:
    """Stretched words and wide spaces narrowed."""
    return " ".join(marks.STRETCHED.sub(marks.narrowed, small).split())
