"""One form for many spellings: undo fonts, look-alikes, invisible characters, spacing and leet."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from re import Match

from safety.text import borrowed, look_alikes, marks, ordinary
from safety.text.draft import Draft

# One rewriting can reveal another (spaced letters that spell leet); a few rounds settle any text.
_MAX_ROUNDS = 8

_ASCII_TABLE = {code: "" for code in range(128) if look_alikes.is_invisible(code)} | {
    code: chr(code).lower() for code in range(65, 91)
}
_ASCII_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_JAMO = re.compile(r"[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?")
_LEET_LETTERS = str.maketrans("0134570@$|\u20ac\u00a2", "oieastoaslec")
_CYRILLIC_LEET_LETTERS = str.maketrans("034@", "озча")
_ASCII_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MOST_MARKED = 0.6  # Vietnamese, the most marked spelling, stays below half


@dataclass(frozen=True, slots=True)
class Folded:
    """A text as everybody would type it, in lower case.

    `obfuscation` is the share, 0 to 1, of the original's visible characters that had to be undone.
    """

    text: str
    obfuscation: float


def fold(text: str) -> Folded:
    """Fold a text. Never raises; folding twice changes nothing; at most 4 times as long."""
    quick = ordinary.folded(text)
    return Folded(quick, 0.0) if quick is not None else _folded(text, _draft(text, tracked=False))


def fold_with_offsets(text: str) -> tuple[Folded, Sequence[int]]:
    """Fold a text and say, for each character of the result, its index in the original."""
    draft = _draft(text, tracked=True)
    return _folded(text, draft), draft.origins if draft.origins is not None else ()


def _folded(text: str, draft: Draft) -> Folded:
    if not draft.undone:
        return Folded(draft.text, 0.0)
    visible = len(text) - sum(map(text.count, " \n\t"))
    return Folded(draft.text, min(1.0, draft.undone / max(1, visible)))


def _draft(text: str, *, tracked: bool) -> Draft:
    draft = Draft(text, tracked=tracked)
    for _ in range(_MAX_ROUNDS):
        draft.is_changed = False
        _plain(draft)
        if marks.MAYBE_SPACED.search(draft.text) or marks.MAYBE_SEPARATED.search(draft.text):
            draft.rewrite(marks.SPACED, _join_spaced)
        if marks.MAYBE_LEET.search(draft.text):
            draft.rewrite(marks.LEET, _read_leet)
        if marks.MAYBE_REPEATED.search(draft.text):
            draft.rewrite(marks.REPEATED, _squeeze)
        if " ".join(draft.text.split()) != draft.text:
            draft.rewrite(marks.WIDE_SPACE, _narrow_space)
        if not draft.is_changed or ordinary.folded(draft.text) == draft.text:
            break
    return draft


def _plain(draft: Draft) -> None:
    if draft.text.isascii():
        _plain_ascii(draft)
    elif look_alikes.is_unremarkable(draft.text) and not _ASCII_CONTROL.search(draft.text):
        draft.text = draft.text.lower()
    else:
        _plain_unicode(draft)


def _plain_ascii(draft: Draft) -> None:
    if _ASCII_INVISIBLE.search(draft.text):
        draft.rewrite(_ASCII_INVISIBLE, lambda _: ("", 1))
    draft.text = draft.text.lower()


def plain_unicode(text: str) -> tuple[str, Sequence[int]]:
    """Only fonts, look-alikes and invisible characters undone, for text with links in it."""
    draft = Draft(text, tracked=True)
    _plain_unicode(draft)
    return draft.text, draft.origins if draft.origins is not None else ()


def _plain_unicode(draft: Draft) -> None:
    draft.undone += sum(map(look_alikes.DISGUISED.__getitem__, draft.text))
    draft.rewrite(marks.WORD_BROKEN, lambda match: ("", len(match.group())))
    draft.translate(look_alikes.PLAIN)
    if marks.MARK.search(draft.text):
        is_decorated = _is_decorated(draft.text)
        draft.rewrite(marks.MARKED, lambda match: _settle_marks(match, is_decorated=is_decorated))
    draft.rewrite(marks.FOREIGN_MARKS, lambda match: ("", len(match.group())))
    draft.rewrite(_JAMO, lambda match: (unicodedata.normalize("NFC", match.group()), 0))
    draft.respell(borrowed.disguised_words(draft.text), borrowed.unmasked)


def _is_decorated(text: str) -> bool:
    """Whether more letters carry a separate mark than any language's spelling would give them."""
    marked = sum(1 for _, found in marks.MARKED.findall(text) if found not in marks.VOICED)
    return bool(marked) and marked > _MOST_MARKED * sum(map(str.isalnum, text))


def _settle_marks(match: Match[str], *, is_decorated: bool) -> tuple[str, int]:
    """Compose what a language writes with a mark; drop decoration."""
    base, on_it = match.group(1), match.group(2)
    if base is None:
        return "", len(match.group())
    composed = unicodedata.normalize("NFC", base + on_it)
    if len(composed) == 1 and (on_it in marks.VOICED or not is_decorated):
        return composed, 0
    kept = "".join(mark for mark in on_it if mark in marks.VOICED)[:1]
    return base + kept, len(on_it)


def _join_spaced(match: Match[str]) -> tuple[str, int]:
    """Join single letters; the narrowest gap parts letters, a wider one parts words."""
    spaced = match.group()
    letters = sum(map(str.isalpha, spaced))
    if letters * 2 < sum(map(str.isalnum, spaced)) or letters < 3:  # noqa: PLR2004 - "1 2 3 A" stays
        return spaced, 0
    separator = match.group(1)
    if separator:
        joined = spaced.replace(separator, "")
        return joined, len(spaced) - len(joined)
    gap = " " * min(map(len, re.findall(" +", spaced)))
    words = (word.replace(gap, "") for word in re.split(gap + " +", spaced))
    joined = " ".join(words)
    return joined, len(spaced) - len(joined)


def _read_leet(match: Match[str]) -> tuple[str, int]:
    """Read digits inside a word as the letters they stand for; addresses are left alone."""
    if not marks.is_leet(match):
        return match.group(), 0
    found = match.group()
    is_cyrillic = "\u0400" <= match.string[match.start() - 1] <= "\u052f"
    return found.translate(_CYRILLIC_LEET_LETTERS if is_cyrillic else _LEET_LETTERS), len(found)


def _squeeze(match: Match[str]) -> tuple[str, int]:
    return marks.squeezed(match), 0


def _narrow_space(match: Match[str]) -> tuple[str, int]:
    is_edge = match.start() == 0 or match.end() == len(match.string)
    return ("" if is_edge else " "), 0
