"""Where in a text the conditions of a rule matched, for the people who look at it."""

from collections.abc import Callable, Iterable
from functools import partial

import re2

from safety.domain.features import Values
from safety.ruleset.interpret import Lists
from safety.ruleset.ir import Call, Const, Expression, ListRef, Read, walk
from safety.ruleset.patterns import spans, word_spans
from safety.text.fold import fold_with_offsets

_TEXT = "content.text"
_FOLDED = "content.text_folded"

Spans = tuple[tuple[int, int], ...]
Search = Callable[[str], list[tuple[int, int]]]


def highlighted(conditions: Iterable[Expression], values: Values, lists: Lists) -> Spans:
    """The spans of `content.text` (in characters) that text conditions found, in order.

    What was found in the folded text is shown where it stands in the text as it was written.
    """
    text = values.get(_TEXT)
    if not isinstance(text, str):
        return ()
    found: set[tuple[int, int]] = set()
    for condition in conditions:
        for part in walk(condition):
            name, search = _searched(part, lists)
            if search and name == _TEXT:
                found |= set(search(text))
            elif search and name == _FOLDED:
                found |= set(_in_folded(search, text))
    return tuple(sorted(found))


def searches_text(condition: Expression) -> bool:
    """Whether a condition looks for something inside the text."""
    return any(isinstance(part, Call) and part.function in _SEARCHING for part in walk(condition))


_SEARCHING = frozenset({"matches", "contains", "contains_any"})


def _in_folded(search: Search, text: str) -> list[tuple[int, int]]:
    folded, offsets = fold_with_offsets(text)
    return [(offsets[start], offsets[end - 1] + 1) for start, end in search(folded.text)]


def _searched(part: Expression, lists: Lists) -> tuple[str, Search | None]:
    """The feature that a condition searches, and how."""
    match part:
        case Call(function="matches", arguments=(Read(name=name), Const(value=str() as pattern))):
            return name, partial(spans, pattern)
        case Call(function="contains", arguments=(Read(name=name), Const(value=str() as words))):
            return name, partial(spans, re2.escape(words))
        case Call(function="contains_any", arguments=(Read(name=name), ListRef(name=listed))):
            return name, partial(word_spans, lists[listed])
        case Call(function="contains_any", arguments=(Read(name=name), Const(value=tuple() as t))):
            return name, partial(word_spans, frozenset(t))
    return "", None
