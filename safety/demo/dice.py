"""Random choices that read as sentences."""

from random import Random


def chance(rng: Random, share: float) -> bool:
    """True for this share (0 to 1) of the throws."""
    return rng.random() < share
