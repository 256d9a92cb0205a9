"""Did-you-mean: which known word an unknown one was probably meant to be."""

from collections.abc import Iterable

_FURTHEST = 3  # edits; beyond this a suggestion is a guess


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word fewest edits away from `word`, or None when none is close."""
    allowed = min(_FURTHEST, max(1, len(word) // 3))
    # Words of another length need as many edits: a very long one is not even compared.
    alike = (other for other in known if abs(len(other) - len(word)) <= allowed)
    ranked = sorted((distance(word.lower(), other.lower()), other) for other in alike)
    return ranked[0][1] if ranked and ranked[0][0] <= allowed else None


def distance(one: str, other: str) -> int:
    """Insertions, deletions, replacements and swaps of neighbours that turn `one` into `other`."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        current = [row]
        for column, wanted in enumerate(other, 1):
            best = min(above[column] + 1, current[-1] + 1, above[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted:
                best = min(best, before[column - 2] + 1)
            current.append(best)
        before, above = above, current
    return above[-1]
