"""Which words an encoder's answer hangs on: the text is read again without each of them."""

import re
from collections.abc import Iterator

from safety.classifiers.encoder import Encoder

# A longer text is covered a few words at a time, so that the work is bounded.
_MOST_PIECES = 24
_WORD = re.compile(r"\S+")
_BATCH = 8

Piece = tuple[int, int, float]


def occluded(encoder: Encoder, folded: str, head: int) -> Iterator[Piece]:
    """Start, end and weight of each piece of a folded text; none if the encoder cannot read it.

    The weight is how far one head's log-odds fall when the piece is not there.
    """
    spans = _spans(folded)
    texts = [folded, *(f"{folded[:start]} {folded[end:]}" for start, end in spans)]
    said = [
        answer
        for place in range(0, len(texts), _BATCH)
        for answer in encoder.read(texts[place : place + _BATCH])
    ]
    if not said[0] or len(spans) < 2:  # noqa: PLR2004 - of one word there is nothing to compare
        return
    for (start, end), without in zip(spans, said[1:], strict=True):
        if without:
            yield start, end, said[0][head] - without[head]


def _spans(folded: str) -> list[tuple[int, int]]:
    """The words, or as many neighbours at a time as keep the number of pieces within bounds."""
    words = [match.span() for match in _WORD.finditer(folded)]
    size = -(-len(words) // _MOST_PIECES) or 1
    groups = [words[place : place + size] for place in range(0, len(words), size)]
    return [(group[0][0], group[-1][1]) for group in groups]
