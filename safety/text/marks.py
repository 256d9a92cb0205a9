"""The patterns of disguise inside words, and which characters they are made of."""

import re
from re import Match

SEPARATORS_ASCII = ".-_*~+|/,"
LEET_ASCII = "0134570@$|"
_SEPARATORS = r".\-_*~+|/\u00b7\u2022,"

# Between letters of scripts that need no joiners; Persian and Indic spelling does need them.
_LETTER = r"[A-Za-z0-9\u00c0-\u052f\u2460-\u24ff\uff10-\uff5a\U0001d400-\U0001d7ff]"
WORD_BROKEN = re.compile(
    rf"(?<={_LETTER})[\u00ad\u034f\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f"
    rf"\ufeff\U000e0000-\U000e0fff]+(?={_LETTER})"
)
SPACED = re.compile(
    r"(?<![^\W_])[^\W_](?:(?: {1,3}[^\W_](?![^\W_])){3,}"
    rf"|(?:([{_SEPARATORS}])[^\W_](?:\1[^\W_](?![^\W_])){{2,}}))(?![^\W_])"
)
# Digits stand for letters in alphabets that have two cases; others write numbers against words.
_CASED = r"[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u052f\u1e00-\u1fff]"
LEET = re.compile(rf"(?<={_CASED})[0134570@$|\u20ac\u00a2]{{1,2}}(?={_CASED})")
# Marks that decorate Latin letters, or that a language writes apart from them.
_MARKS = r"\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
VOICED = "\u3099\u309a"  # the marks of Japanese kana
MARK = re.compile(f"[{_MARKS}{VOICED}]")
MARKED = re.compile(rf"([^{_MARKS}\s])([{_MARKS}{VOICED}]+)|(?:^|(?<=\s))[{_MARKS}]+")
# Marks of other scripts that sit on a Latin letter or digit belong to no language.
FOREIGN_MARKS = re.compile(
    r"(?<=[a-z0-9])[\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0903"
    r"\u093c\u0941-\u0948\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u302a-\u302f]+"
)
REPEATED = re.compile(r"(?!www\.)([^\W\d_])\1{2,}|([^\w\s]|_)\2{3,}")
WIDE_SPACE = re.compile(r"\s{2,}|[^\S ]|^\s+|\s+$")
# What a match of the patterns above contains at least: most texts have none of it, and looking for
# this costs a fraction of looking for them.
MAYBE_SPACED = re.compile(r" [^\W_] {1,3}[^\W_] ")
MAYBE_SEPARATED = re.compile(rf"([{_SEPARATORS}])[^\W_]\1")
MAYBE_LEET = re.compile(r"[0134570@$|\u20ac\u00a2]")
MAYBE_REPEATED = re.compile(r"(.)\1\1", re.DOTALL)

_ADDRESS_WINDOW = 256


def is_leet(found: Match[str]) -> bool:
    """Whether a match of LEET stands in a word and not in an address."""
    text, start, end = found.string, found.start(), found.end()
    before = text[max(0, start - _ADDRESS_WINDOW) : start].rsplit(None, 1)
    after = text[end : end + _ADDRESS_WINDOW].split(None, 1)
    token = (before[-1] if before else "") + text[start:end] + (after[0] if after else "")
    return not ("/" in token or "@" in token[:1] or "." in token.rstrip(".,!?"))


# The same as REPEATED, but what is repeated is looked at afterwards: several times as fast.
STRETCHED = re.compile(r"(.)\1{2,}", re.DOTALL)
_LETTERS_LEFT, _SIGNS_LEFT = 2, 3


def narrowed(found: Match[str]) -> str:
    """What is left of a match of STRETCHED."""
    run, character = found.group(), found.group(1)
    if character.isalnum():
        is_host = run == "www" and found.string.startswith(".", found.end())
        return run if character.isdecimal() or is_host else character * _LETTERS_LEFT
    if character.isspace():
        return run
    return character * min(len(run), _SIGNS_LEFT)


def squeezed(found: Match[str]) -> str:
    """What is left of a match of REPEATED."""
    return found.group(1) * 2 if found.group(1) else found.group(2) * 3
