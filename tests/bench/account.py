"""The fake follower model on one account against scikit-learn on the same numbers."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from safety.assets import shipped
from safety.classifiers.account import AccountModel
from safety.classifiers.account_measures import measures
from safety.classifiers.registry import load_model, versions_of
from safety.training.profiles.curves import pieces_of
from safety.training.profiles.simulator import simulate
from tests.bench.figures import Figure

ACCOUNTS = 1_000
PASSES = 7


def account() -> list[Figure]:
    """Microseconds of CPU per account: ours, and a logistic regression and trees asked for one."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415  for the rival
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  for the rival

    model = load_model(versions_of(shipped("models") / "fake_follower")[-1])
    assert isinstance(model, AccountModel)
    found = simulate(range(5), ACCOUNTS // 5, seed=1)
    values = [each.values for each in found]
    truth = np.array([each.is_fake for each in found])
    measured = np.array([measures(each) for each in values])
    pieces = pieces_of(measured)
    linear: Any = LogisticRegression(max_iter=300).fit(pieces, truth)
    trees: Any = HistGradientBoostingClassifier(max_iter=100).fit(measured, truth)
    ours = _best(lambda: [model.score(each) for each in values], ACCOUNTS)
    # The rivals get their numbers ready made; ours reads them out of the event.
    rows, wide = measured[:100], pieces[:100]
    theirs = _best(lambda: [linear.predict_proba(row[None]) for row in wide], len(wide))
    grown = _best(lambda: [trees.predict_proba(row[None]) for row in rows], len(rows))
    return [
        Figure("account score", ours, "us per account", theirs, "sklearn logistic regression"),
        Figure("account score, against trees", ours, "us per account", grown, "sklearn trees"),
    ]


def _best(work: Callable[[], object], count: int) -> float:
    best = float("inf")
    for _ in range(PASSES):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best / count * 1e6
