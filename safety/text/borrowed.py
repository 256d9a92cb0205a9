"""Words that borrow letters of another alphabet to look like Latin ones, and what they spell."""

import re
from collections.abc import Iterator

from safety.text import look_alikes

Span = tuple[int, int]

# What a character is to this look: a Latin letter, one that passes for a Latin one, one of another
# alphabet that does not, some other letter or digit, or nothing that words are made of.
_LATIN, _ALIKE, _FOREIGN, _OTHER, _NONE = "lafo "
_WORD = re.compile(r"\S+")


class _Classes(dict[int, str]):
    """The class of each character, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        """Look at one character and remember the answer."""
        self[code] = found = _class_of(chr(code))
        return found


def _class_of(character: str) -> str:
    if look_alikes.NON_LATIN.match(character):
        return _ALIKE if look_alikes.latin_skeleton(character) is not None else _FOREIGN
    if look_alikes.is_latin(character):
        return _LATIN
    return _OTHER if character.isalnum() else _NONE


_CLASSES = _Classes()


def disguised_words(text: str) -> Iterator[Span]:
    """The words of a plain text in lower case that are to be read in Latin letters.

    Those that mix alphabets, and in a text that is Latin on the whole those made of nothing but
    look-alikes.
    """
    classes = text.translate(_CLASSES)
    if _ALIKE not in classes and _FOREIGN not in classes:
        return
    words = classes.split()
    is_latin_text = _LATIN in classes and _is_latin_text(words)
    if any(_is_disguised(word, is_latin_text=is_latin_text) for word in set(words)):
        for match in _WORD.finditer(classes):
            if _is_disguised(match.group(), is_latin_text=is_latin_text):
                yield match.span()


def _is_latin_text(words: list[str]) -> bool:
    """Whether Latin letters dominate among the words that could not be disguised Latin."""
    latin = other = 0
    for word in words:
        if _FOREIGN in word:
            if _LATIN not in word:
                other += word.count(_FOREIGN) + word.count(_ALIKE)
        elif _ALIKE not in word:
            latin += word.count(_LATIN)
    return latin >= look_alikes.LATIN_SHARE * (latin + other) and latin > 0


def _is_disguised(word: str, *, is_latin_text: bool) -> bool:
    """Whether a word, given as classes, borrows letters."""
    if _LATIN in word:
        return _ALIKE in word or _FOREIGN in word
    return is_latin_text and _ALIKE in word and _FOREIGN not in word


def unmasked(word: str) -> tuple[str, int]:
    """A disguised word in Latin letters, and how many were changed."""
    is_mixed = any(map(look_alikes.is_latin, word))
    read = look_alikes.latin_at_a_glance if is_mixed else look_alikes.latin_skeleton
    letters = [(read(c) or c) if look_alikes.NON_LATIN.match(c) else c for c in word]
    return "".join(letters), sum(1 for old, new in zip(word, letters, strict=True) if old != new)
