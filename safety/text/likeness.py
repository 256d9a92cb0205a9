"""How alike two texts are: a signature of 32 bytes whose equal bytes count what they share."""

import re
import zlib
from functools import cache
from typing import Any, Final

import numpy as np

# As for fingerprints: shorter texts are shared by chance.
MIN_LETTERS: Final = 20
_HASHES: Final = 32
_SLOTS: Final = 10
_SLOT: Final = 3  # bytes
_GRAM: Final = 4  # characters
_MOST_GRAMS: Final = 600  # of a longer text the beginning speaks for it
_SEED: Final = 8_128
_WORDS = re.compile(r"[^\W\d_]+")
_MENTION = re.compile(r"(?<!\w)@\w{1,64}")
# Two of 256 values are equal by chance this often.
_BY_CHANCE: Final = 1 / 256


def signature(folded: str) -> bytes | None:
    """32 bytes for a folded text, or None if it has fewer than 20 letters.

    Digits, punctuation and @names make no difference. Raises nothing, whatever the text.
    """
    text = " ".join(_WORDS.findall(_MENTION.sub("", folded[: 8 * _MOST_GRAMS])))
    if len(text.replace(" ", "")) < MIN_LETTERS:
        return None
    data = text.encode("utf-8", "replace")[: _MOST_GRAMS + _GRAM - 1]
    grams = {zlib.crc32(data[i : i + _GRAM]) for i in range(max(1, len(data) - _GRAM + 1))}
    factors, offsets = _permutations()
    values = np.fromiter(grams, dtype=np.uint64, count=len(grams))
    # Multiply and shift: wrapping around is what mixes.
    mixed = (factors * values + offsets) >> np.uint64(32)
    smallest = mixed.min(axis=1)
    return bytes((smallest & np.uint64(0xFF)).astype(np.uint8))


def parts(signed: bytes) -> tuple[int, ...]:
    """Ten numbers: texts that are alike have one of them in common, nearly always."""
    cuts = (signed[_SLOT * place : _SLOT * (place + 1)] for place in range(_SLOTS))
    return tuple(int.from_bytes(cut, "big") for cut in cuts)


def likeness(one: bytes, other: bytes) -> float:
    """How much two signed texts share, from 0 to 1, give or take a tenth."""
    equal = sum(a == b for a, b in zip(one, other, strict=True)) / _HASHES
    return max(0.0, (equal - _BY_CHANCE) / (1 - _BY_CHANCE))


@cache
def _permutations() -> tuple[Any, Any]:
    """Odd factors and offsets, the same in every process and version."""
    drawn = np.random.Generator(np.random.PCG64(_SEED)).integers(
        0, 2**63, size=(2, _HASHES, 1), dtype=np.uint64
    )
    return drawn[0] * np.uint64(2) + np.uint64(1), drawn[1]
