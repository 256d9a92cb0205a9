"""Inert text: what strangers wrote, as pieces a page can show without being fooled by them.

Nothing here makes HTML: escaping is the template's. This makes the invisible visible, takes the
teeth out of links, and marks the words that rules and models reacted to.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import groupby, pairwise

from safety.text.links import Link

# Letters and marks that show nothing (fillers, joiners, selectors) although they are no controls.
_BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_MARK_CATEGORIES = frozenset({"Mn", "Me"})
_JOINER = "\u200d"
_EMOJI_SELECTOR = "\ufe0f"
_KEPT = frozenset("\n\t")
# Written languages stack at most a few marks on a letter; longer stacks are there to spill over.
_MOST_MARKS = 4
_LONE_DOT = re.compile(r"(?<!\[)\.(?!\])")
_SCHEME = re.compile(r"http(?=s?(?:\[:\]|:))", re.IGNORECASE)
_DOTS = r"[.\u3002\uff0e\uff61]"
_INNER_DOT = re.compile(rf"(?<=[^\s\d.\[]){_DOTS}(?=[^\s.\]])|(?<=\d){_DOTS}(?=[^\s\d.\]])")
_ADDRESS_END = re.compile(r"(?<![:/])[/?#](?!/)")


class Kind(StrEnum):
    """How a piece is shown."""

    PLAIN = "plain"
    HIDDEN = "hidden"  # stands for characters that would not have been seen
    LINK = "link"  # written so that nobody opens it by accident


@dataclass(frozen=True, slots=True)
class Mark:
    """A reason to look at some characters of the text; `why` is for people."""

    start: int
    end: int
    why: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text shown in one way; `why` is empty where nothing is marked."""

    text: str
    kind: Kind
    why: str = ""


def visible(text: str) -> str:
    """The text in which every hidden character has become `⟨U+202E⟩` and stacked marks a number."""
    if text.isascii() and text.isprintable():  # the common case: names, codes, short texts
        return text
    return "".join(piece for piece, _ in _reveal(text))


def pieces(text: str, marks: Sequence[Mark] = (), links: Iterable[Link] = ()) -> list[Piece]:
    """Cut the text where a mark, a link or a hidden character begins or ends, in reading order.

    Where marks overlap the first one given speaks. Spans beyond the text are ignored.
    """
    addresses = [_address(text, link) for link in links]
    cuts = {0, len(text)}
    for start, end in (*((m.start, m.end) for m in marks), *addresses):
        cuts.update((max(0, min(start, len(text))), max(0, min(end, len(text)))))
    edges = sorted(cuts)
    found: list[Piece] = []
    for start, end in pairwise(edges):
        why = next((m.why for m in marks if m.start <= start and end <= m.end), "")
        is_address = any(a <= start and end <= b for a, b in addresses)
        found.extend(_pieces_of(text[start:end], why, is_address=is_address))
    return found


def runs(found: Iterable[Piece]) -> list[tuple[str, list[Piece]]]:
    """Neighbours that are marked for the same reason, together: one mark around all of them."""
    return [(why, list(run)) for why, run in groupby(found, key=lambda piece: piece.why)]


def _pieces_of(chunk: str, why: str, *, is_address: bool) -> Iterator[Piece]:
    for shown, is_hidden in _reveal(chunk):
        if is_hidden:
            yield Piece(shown, Kind.HIDDEN, why)
        elif is_address:
            yield Piece(defang(shown), Kind.LINK, why)
        else:
            yield Piece(shown, Kind.PLAIN, why)


def tame(text: str) -> str:
    """The text on one level: hidden characters visible, and nothing left that opens as a link.

    To find out what is a link takes longer than a list has time for, so every scheme and every dot
    inside of a word is taken for part of one; numbers stay as they are.
    """
    return _INNER_DOT.sub("[.]", _SCHEME.sub("hxxp", visible(text)))


def defang(address: str) -> str:
    """An address that no program turns into a link again: `hxxps://evil[.]example`."""
    return _LONE_DOT.sub("[.]", re.sub(r"(?i)^http", "hxxp", address))


def _address(text: str, link: Link) -> tuple[int, int]:
    """The scheme and host of a link; the path is ordinary text."""
    end = _ADDRESS_END.search(text, link.start, link.end)
    return link.start, end.start() if end else link.end


def _reveal(text: str) -> Iterator[tuple[str, bool]]:
    """Runs of the text as they may be shown, each with whether it stands for something hidden."""
    suspects = {character for character in set(text) if _may_hide(character)}
    start = 0
    for at, character in enumerate(text) if suspects else ():
        if character not in suspects or at < start:
            continue
        end = _end_of_hidden(text, at)
        if end == at:
            continue
        if start < at:
            yield text[start:at], False
        yield _name(text[at:end]), True
        start = end
    if start < len(text):
        yield text[start:], False


@lru_cache(maxsize=4096)
def _may_hide(character: str) -> bool:
    """Whether a character is hidden, or may be, depending on what stands around it."""
    if character.isascii():
        return not (character.isprintable() or character in _KEPT)
    category = unicodedata.category(character)
    return category in _HIDDEN_CATEGORIES | _MARK_CATEGORIES or character in _BLANK


def _end_of_hidden(text: str, at: int) -> int:
    """Where the hidden run ends that may begin here; `at` itself when this can be seen."""
    character = text[at]
    if character.isascii():
        return _end_of_run(text, at)
    if _is_mark(character) and character != _EMOJI_SELECTOR:
        return _end_of_stack(text, at)
    return at if _is_part_of_emoji(text, at) else _end_of_run(text, at)


def _end_of_run(text: str, at: int) -> int:
    """A hidden character repeated a thousand times is told once, with the number."""
    end = at + 1
    while end < len(text) and text[end] == text[at]:
        end += 1
    return end


def _end_of_stack(text: str, at: int) -> int:
    """Only the marks that pile up above a few of them are hidden."""
    if text[at] in _BLANK:
        return _end_of_run(text, at)
    below = text[max(0, at - _MOST_MARKS) : at]
    if len(below) < _MOST_MARKS or not all(map(_is_mark, below)):
        return at
    end = at
    while end < len(text) and _is_mark(text[end]):
        end += 1
    return end


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in _MARK_CATEGORIES


def _is_part_of_emoji(text: str, at: int) -> bool:
    """Families and flags are written with a joiner; elsewhere it only splits words for filters."""
    if text[at] == _EMOJI_SELECTOR:
        return at > 0 and not text[at - 1].isalpha()
    if text[at] != _JOINER or at == 0 or at + 1 == len(text):
        return False
    before, after = unicodedata.category(text[at - 1]), unicodedata.category(text[at + 1])
    return after == "So" and (before in {"So", "Sk"} or text[at - 1] == _EMOJI_SELECTOR)


def _name(hidden: str) -> str:
    if hidden != hidden[0] * len(hidden):
        return f"⟨{len(hidden)} marks⟩"
    times = f" \N{MULTIPLICATION SIGN}{len(hidden)}" if len(hidden) > 1 else ""
    return f"⟨U+{ord(hidden[0]):04X}{times}⟩"
