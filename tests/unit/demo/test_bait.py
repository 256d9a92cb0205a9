"""The spammers' texts: the same offer under every disguise."""

from random import Random

import pytest

from safety.demo import bait
from safety.text.fold import fold


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311  texts must repeat themselves, they keep no secret


def test_plain_copies_differ_only_in_numbers_and_link_paths() -> None:
    rng = seeded(3)
    offer = bait.campaigns(rng)[0]
    words = {tuple(w for w in offer.text(rng).split() if w.isalpha()) for _ in range(20)}
    assert len(words) == 1


@pytest.mark.parametrize("seed", range(20))
def test_a_disguised_copy_keeps_its_link_usable(seed: int) -> None:
    rng = seeded(seed)
    offer = bait.campaigns(rng)[0]
    assert f"https://{offer.shop}/" in offer.disguised(rng)


@pytest.mark.parametrize("seed", range(20))
def test_folding_sees_through_the_disguise(seed: int) -> None:
    rng = seeded(seed)
    disguised = bait.campaigns(rng)[0].disguised(rng)
    assert fold(disguised).obfuscation > 0
