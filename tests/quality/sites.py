"""A new site made of labelled accounts, and what its threshold does after two hundred answers."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from safety.classifiers.site_threshold import by_resolutions, to_review

ASKED: Final = 0.01
ACCOUNTS: Final = 4_000
PREVALENCE: Final = 0.1

Scored = tuple[NDArray[np.float64], NDArray[np.bool_]]


def a_site(table: Scored, seed: int) -> Scored:
    """Four thousand accounts like those of a table, one in ten of them fake."""
    scores, is_fake = table
    chance = np.random.default_rng(seed)
    fakes = chance.choice(scores[is_fake], int(ACCOUNTS * PREVALENCE))
    people = chance.choice(scores[~is_fake], ACCOUNTS - len(fakes))
    together = np.concatenate([fakes, people])
    # The same account twice would tie with itself.
    jitter = np.log(np.clip(together, 1e-6, 1 - 1e-6) / (1 - np.clip(together, 1e-6, 1 - 1e-6)))
    jitter += chance.normal(0, 0.05, len(jitter))
    return 1 / (1 + np.exp(-jitter)), np.arange(ACCOUNTS) < len(fakes)


def realised(site: Scored) -> float:
    """False positives on a site after 200 resolutions, chosen in four goes."""
    scores, is_fake = site
    reviewed = to_review(scores, 80)
    for _ in range(3):
        labels = [bool(is_fake[place]) for place in reviewed]
        reviewed += to_review(scores, 40, reviewed, labels)
    assert len(set(reviewed)) == 200
    found = by_resolutions(scores, scores[reviewed], is_fake[reviewed], ASKED)
    return float((scores[~is_fake] >= found.threshold).mean())


def realised_on(table: Scored, sites: int = 5) -> float:
    """The median of several such sites."""
    return float(np.median([realised(a_site(table, seed)) for seed in range(sites)]))
