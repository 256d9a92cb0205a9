"""A mark that texts share nearly when they are nearly the same: 64 bits, few of which differ."""

from functools import lru_cache
from hashlib import blake2b

BITS = 64
# Fewer words, or as many groups of letters where words are not spaced, are shared by chance.
LEAST_PIECES = 4

_MOST_PIECES = 250  # more would not fit into the lanes: one byte counts one bit
_CACHED = 20_000
_LONGEST = 64
_GROUP = 3

_LANES = tuple(sum(((byte >> bit) & 1) << (8 * bit) for bit in range(8)) for byte in range(256))
# For each number of pieces: which counts of set bits are more than half.
_MAJORITY = tuple(
    bytes(49 if 2 * count > pieces else 48 for count in range(256))
    for pieces in range(_MOST_PIECES + 1)
)


def simhash(folded: str) -> str | None:
    """16 hexadecimal digits for a folded text, or None if it says too little (Charikar, 2002).

    Numbers, links and @names make no difference; one word in twenty changes a few bits.
    """
    pieces = [word for word in folded.split() if word.isalpha()]
    if len(pieces) < LEAST_PIECES:
        letters = "".join(pieces)
        pieces = [letters[begin : begin + _GROUP] for begin in range(len(letters) - _GROUP + 1)]
        if len(pieces) < 2 * LEAST_PIECES:
            return None
    if len(pieces) > _MOST_PIECES:
        pieces = pieces[:_MOST_PIECES]
    lanes = sum(map(_lanes, pieces)).to_bytes(BITS, "little")
    return f"{int(lanes.translate(_MAJORITY[len(pieces)]), 2):016x}"


@lru_cache(maxsize=_CACHED)
def _cached(piece: str) -> int:
    return _spread(piece)


def _lanes(piece: str) -> int:
    return _cached(piece) if len(piece) <= _LONGEST else _spread(piece)


def _spread(piece: str) -> int:
    """The 64 bits of a hash, each in a byte of its own: adding them up counts all bits at once."""
    digest = blake2b(piece.encode("utf-8", "replace"), digest_size=BITS // 8).digest()
    return sum(_LANES[byte] << (BITS * place) for place, byte in enumerate(digest))
