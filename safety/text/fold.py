"""One form for many spellings: undo fonts, look-alikes, invisible characters, spacing and leet."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from re import Match

from safety.text import look_alikes, marks, ordinary
from safety.text.draft import Draft

# One rewriting can reveal another (spaced letters that spell leet); a few rounds settle any text.
_MAX_ROUNDS = 8

_ASCII_TABLE = {code: "" for code in range(128) if look_alikes.is_invisible(code)} | {
    code: chr(code).lower() for code in range(65, 91)
}
_ASCII_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_MARKS = r"\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_VOICED = "\u3099\u309a"  # the marks of Japanese kana
_MARKED = re.compile(rf"([^{_MARKS}\s])([{_MARKS}{_VOICED}]+)|(?:^|(?<=\s))[{_MARKS}]+")
# Marks of other scripts that sit on a Latin letter or digit belong to no language.
_FOREIGN_MARKS = re.compile(
    r"(?<=[a-z0-9])[\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0903"
    r"\u093c\u0941-\u0948\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u302a-\u302f]+"
)
_JAMO = re.compile(r"[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?")
_WORD = re.compile(r"[^\W_]+")
_LEET_LETTERS = str.maketrans("0134570@$|\u20ac\u00a2", "oieastoaslec")
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
    is_decorated = _is_decorated(draft.text)
    draft.rewrite(_MARKED, lambda match: _settle_marks(match, is_decorated=is_decorated))
    draft.rewrite(_FOREIGN_MARKS, lambda match: ("", len(match.group())))
    draft.rewrite(_JAMO, lambda match: (unicodedata.normalize("NFC", match.group()), 0))
    if look_alikes.NON_LATIN.search(draft.text) and not ordinary.are_scripts_apart(
        draft.text, set(draft.text)
    ):
        is_latin_text = _is_latin_text(draft.text)
        draft.rewrite(_WORD, lambda match: _unmask(match.group(), is_latin_text=is_latin_text))


def _is_decorated(text: str) -> bool:
    """Whether more letters carry a separate mark than any language's spelling would give them."""
    marked = sum(1 for _, marks in _MARKED.findall(text) if marks not in _VOICED)
    return bool(marked) and marked > _MOST_MARKED * sum(map(str.isalnum, text))


def _settle_marks(match: Match[str], *, is_decorated: bool) -> tuple[str, int]:
    """Compose what a language writes with a mark; drop decoration."""
    base, marks = match.group(1), match.group(2)
    if base is None:
        return "", len(match.group())
    composed = unicodedata.normalize("NFC", base + marks)
    if len(composed) == 1 and (marks in _VOICED or not is_decorated):
        return composed, 0
    kept = "".join(mark for mark in marks if mark in _VOICED)[:1]
    return base + kept, len(marks)


def _is_latin_text(text: str) -> bool:
    """Whether Latin letters dominate among the words that could not be disguised Latin."""
    latin = other = 0
    for word in _WORD.findall(text):
        if not look_alikes.NON_LATIN.search(word):
            latin += sum(map(look_alikes.is_latin, word))
        elif not _skeleton(word):
            foreign = sum(1 for c in word if look_alikes.NON_LATIN.match(c))
            mixed = any(map(look_alikes.is_latin, word))
            other += 0 if mixed else foreign
    return latin >= look_alikes.LATIN_SHARE * (latin + other) and latin > 0


def _skeleton(word: str) -> str | None:
    """The word in Latin letters if every letter of it can be read as one, else None."""
    letters = []
    for character in word:
        if look_alikes.NON_LATIN.match(character):
            skeleton = look_alikes.latin_skeleton(character)
            if skeleton is None:
                return None
            letters.append(skeleton)
        else:
            letters.append(character)
    return "".join(letters)


def _unmask(word: str, *, is_latin_text: bool) -> tuple[str, int]:
    """Rewrite a word in Latin letters if it mixes scripts, or is all look-alikes in Latin text."""
    if look_alikes.NON_LATIN.search(word) is None:
        return word, 0
    foreign = sum(1 for character in word if look_alikes.NON_LATIN.match(character))
    latin = sum(map(look_alikes.is_latin, word))
    if not latin:
        skeleton = _skeleton(word) if is_latin_text else None
        return (skeleton, foreign) if skeleton else (word, 0)
    letters = [
        (look_alikes.latin_at_a_glance(c) or c) if look_alikes.NON_LATIN.match(c) else c
        for c in word
    ]
    changed = sum(1 for old, new in zip(word, letters, strict=True) if old != new)
    return "".join(letters), changed


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
    return match.group().translate(_LEET_LETTERS), len(match.group())


def _squeeze(match: Match[str]) -> tuple[str, int]:
    return marks.squeezed(match), 0


def _narrow_space(match: Match[str]) -> tuple[str, int]:
    is_edge = match.start() == 0 or match.end() == len(match.string)
    return ("" if is_edge else " "), 0
