"""A text while it is rewritten: remembers where its characters came from and what was undone."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from re import Match, Pattern
from typing import Protocol

# What a rewriting step gives: the new text and how many characters it undid.
Spelt = tuple[str, int]
Rewrite = Callable[[Match[str]], Spelt]


class CharacterTable(Protocol):
    """Maps a code point to its replacement, as `str.translate` reads it."""

    def __getitem__(self, code: int, /) -> str:
        """The replacement of one character; empty to drop it."""
        ...


class Draft:
    """A text with, if wanted, the index in the original of each of its characters."""

    __slots__ = ("is_changed", "origins", "text", "undone")

    def __init__(self, text: str, *, tracked: bool) -> None:
        self.text = text
        self.origins: Sequence[int] | None = range(len(text)) if tracked else None
        self.undone = 0
        self.is_changed = False

    def translate(self, table: CharacterTable) -> None:
        """Replace every character by the table's text for it."""
        if self.origins is not None:
            self.origins = [
                origin
                for origin, character in zip(self.origins, self.text, strict=True)
                for _ in table[ord(character)]
            ]
        self.text = self.text.translate(table)

    def rewrite(self, pattern: Pattern[str], rewrite: Rewrite) -> None:
        """Replace every match of the pattern; a match rewritten to itself is left alone."""
        self._replace((match.span(), *rewrite(match)) for match in pattern.finditer(self.text))

    def respell(self, spans: Iterable[tuple[int, int]], spell: Callable[[str], Spelt]) -> None:
        """Replace these places of the text, given in order."""
        text = self.text
        self._replace((span, *spell(text[span[0] : span[1]])) for span in spans)

    def _replace(self, changes: Iterable[tuple[tuple[int, int], str, int]]) -> None:
        text = self.text
        pieces: list[str] = []
        origins: list[int] = []
        done = 0
        for (start, end), replacement, undone in changes:
            before = text[start:end]
            if replacement == before:
                continue
            pieces += (text[done:start], replacement)
            if self.origins is not None:
                origins.extend(self.origins[done:start])
                origins.extend(self.origins[start + step] for step in _align(before, replacement))
            done = end
            self.undone += undone
        if not pieces:
            return
        pieces.append(text[done:])
        if self.origins is not None:
            origins.extend(self.origins[done:])
            self.origins = origins
        self.text = "".join(pieces)
        self.is_changed = True


def _align(before: str, after: str) -> Iterator[int]:
    """For each character of `after`, the place in `before` that it most likely came from."""
    if len(before) == len(after):
        yield from range(len(after))
        return
    place = 0
    for character in after:
        found = before.find(character, place)
        if found >= 0:
            place = found
        yield min(place, len(before) - 1)
        place += found >= 0
