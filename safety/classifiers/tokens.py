"""A text as the numbers of its pieces: what goes into the encoder."""

from collections.abc import Sequence
from typing import Any

# A longer text is cut in its middle: spam hides behind a friendly beginning, or before an end.
MOST_TOKENS = 64
_TAIL = 24
# Of a short text, one long word must not decide what language it is in.
_FREE = 2


class Tokens:
    """Cuts readings into pieces with a vocabulary in the format of tokenizer.json."""

    def __init__(self, document: bytes) -> None:
        """Raises `ValueError` for bytes that are no vocabulary."""
        # Half a megabyte of code that only texts in the undecided band need.
        from tokenizers import Tokenizer  # noqa: PLC0415

        try:
            self._tokenizer: Any = Tokenizer.from_str(document.decode("utf-8"))
        except Exception as error:  # the library raises bare Exception
            raise ValueError("not a vocabulary") from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        unknown = self._tokenizer.token_to_id("[UNK]")
        if unknown is None:
            raise ValueError("the vocabulary has no piece for what it does not know")
        self.unknown: int = unknown
        pieces: dict[str, int] = self._tokenizer.get_vocab()
        self._inner = frozenset(n for piece, n in pieces.items() if piece.startswith("##"))
        self._words = frozenset(n for piece, n in pieces.items() if piece[0].isalpha())

    def of(self, reading: str) -> list[int]:
        """The numbers of one reading, at most `MOST_TOKENS`, with its marks of begin and end."""
        return _cut(self._tokenizer.encode(reading).ids)

    def of_many(self, readings: Sequence[str]) -> list[list[int]]:
        """Like `of`, for many at once."""
        return [_cut(each.ids) for each in self._tokenizer.encode_batch(list(readings))]

    def known_share(self, tokens: Sequence[int]) -> float:
        """The share of pieces that the vocabulary has: low for a language it does not know."""
        inner = len(tokens) - 2
        return 1.0 - tokens.count(self.unknown) / inner if inner > 0 else 0.0

    def broken(self, tokens: Sequence[int]) -> float:
        """How many pieces a word takes beyond its first; two in all are free.

        A tenth for English, one for languages that the vocabulary was not made for.
        """
        inner = sum(map(self._inner.__contains__, tokens))
        words = sum(map(self._words.__contains__, tokens))
        return max(0, inner - _FREE) / max(1, words)


def _cut(ids: list[int]) -> list[int]:
    if len(ids) <= MOST_TOKENS:
        return ids
    return ids[: MOST_TOKENS - _TAIL] + ids[-_TAIL:]
