"""A quick answer for texts that hide nothing, which most are: looked through at the speed of bytes.

`folded` either knows how folding would leave a text in which nothing is disguised, or it says
nothing and the closer look of `fold.py` begins. A text of 200 characters takes some microseconds.
"""

import re
import unicodedata

from safety.text import borrowed, look_alikes, marks

# What a character may be to this look.
_PLAIN, _CLOSER, _LATIN, _JOINER, _BORROWED, _SITS, _SPELT = range(7)
# Emoji and Persian words are made with these; inside other words they break them.
_JOINERS = ("\ufe0f", "\u200d", "\u200c")
# Separators and leet that are not ASCII.
_AMBIGUOUS = "\u00b7\u2022\u20ac\u00a2"
_COMBINES = re.compile(rf"[\u1100-\u11ff]|{marks.MARK.pattern}")
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
        self[character] = flag = _flag_of(character)
        return flag


def _flag_of(character: str) -> int:
    plain = look_alikes.PLAIN[ord(character)]
    if character in _JOINERS:
        return _JOINER
    if plain != character.lower():
        # Typesetting is spelt out; what becomes a letter or a digit was a disguise.
        is_sign = plain and not any(c.isalnum() or unicodedata.combining(c) for c in plain)
        return _SPELT if is_sign else _CLOSER
    becomes_ascii = plain.isascii() and not character.isascii()
    if becomes_ascii or len(plain) != 1 or _COMBINES.match(character):
        return _CLOSER
    if unicodedata.category(character).startswith("M"):
        return _SITS
    if look_alikes.is_latin(character):
        return _LATIN
    return _BORROWED if look_alikes.NON_LATIN.match(character) else _PLAIN


_FLAGS = _Flags()


def folded(text: str) -> str | None:
    """The text as folding leaves it if it hides nothing; None if it takes a closer look to know."""
    small = plain(text)
    for _ in range(_MOST_ROUNDS):
        if small is None or _is_disguised(small):
            return None
        before, small = small, _settled(small)
        if small == before:
            return small
    return None


def plain(text: str) -> str | None:
    """A text in lower case if none of its characters pretends to be another, else None."""
    if text.isascii():
        return text.lower()
    flags = set(map(_FLAGS.__getitem__, text))
    if _JOINER in flags:
        if marks.WORD_BROKEN.search(text):
            return None
        for joiner in _JOINERS:
            text = text.replace(joiner, "")
    if _CLOSER in flags:
        return None
    # A capital sigma becomes another letter at the end of a word, which the closer look leaves out.
    is_spelt = _SPELT in flags or "\u03a3" in text
    small = text.translate(look_alikes.PLAIN) if is_spelt else text.lower()
    if _SITS in flags and marks.FOREIGN_MARKS.search(small):
        return None
    if {_LATIN, _BORROWED} <= flags and any(borrowed.disguised_words(small)):
        return None
    return small


def _is_disguised(small: str) -> bool:
    """Whether a word may be spaced out or in leet, or a control character stands in the text."""
    signs = small.encode("ascii", "replace")
    spacing = signs.translate(_SPACING)
    if b"\0" in spacing:
        return True
    leet = signs.translate(_LEET)
    may_be_spaced = b"a  a" in spacing or b" a a " in spacing or b".a." in spacing
    may_be_leet = b"a0a" in leet or b"a00a" in leet
    if not small.isascii() and any(sign in small for sign in _AMBIGUOUS):
        may_be_spaced = may_be_leet = True
    return (may_be_spaced and marks.SPACED.search(small) is not None) or (
        may_be_leet and any(map(marks.is_leet, marks.LEET.finditer(small)))
    )


def _settled(small: str) -> str:
    """Stretched words and wide spaces narrowed."""
    return " ".join(marks.STRETCHED.sub(marks.narrowed, small).split())
