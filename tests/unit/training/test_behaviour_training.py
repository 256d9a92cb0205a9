"""The simulator makes what it says, the fit keeps to reason, rows are what is served."""

import numpy as np
import pytest

from safety.domain.habits import OF_TIMES
from safety.training.behaviour.attacks import DISGUISES
from safety.training.behaviour.fit import SIGNS, evenly, fit, raw_scores
from safety.training.behaviour.machines import INVISIBLE, KINDS, bot
from safety.training.behaviour.people import REGIMES, person
from safety.training.behaviour.rows import MOMENTS, Account, Rows, rows_as_they_come, rows_of_last
from safety.training.behaviour.simulate import population

ACTIONS = 120
SEED = 4


def rng() -> np.random.Generator:
    return np.random.default_rng(SEED)


@pytest.fixture(scope="module")
def rows() -> Rows:
    return rows_as_they_come(population([SEED], people=150, bots=12))


@pytest.mark.parametrize("regime", REGIMES, ids=lambda regime: regime.name)
def test_a_person_has_times_in_order(regime: object) -> None:
    times = person(rng(), regime, ACTIONS)  # type: ignore[arg-type]
    assert len(times) == ACTIONS
    assert np.isfinite(times).all()
    assert (np.diff(times) >= 0).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(5))
def test_a_bot_of_every_kind_has_times_in_order(kind: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    times = bot(random, kind, person(random, REGIMES[seed % 4], ACTIONS + 1), ACTIONS)
    assert len(times) == ACTIONS
    assert np.isfinite(times).all()
    assert (np.diff(times) >= 0).all()


def test_the_same_seed_makes_the_same_population() -> None:
    one, other = (population([1, 2], people=8, bots=1) for _ in range(2))
    assert all((a.times == b.times).all() for a, b in zip(one, other, strict=True))
    assert [a.kind for a in one] == [b.kind for b in other]


def test_rows_are_taken_at_the_moments_an_account_lives_to_see(rows: Rows) -> None:
    assert set(rows.actions.tolist()) == set(MOMENTS)
    seen = rows.values[:, OF_TIMES.index("actions_seen")]
    assert (seen == rows.actions).all()


def test_a_row_of_the_last_actions_forgets_what_was_before() -> None:
    times = np.concatenate([np.arange(100) * 60.0, 10_000 + np.cumsum(rng().lognormal(6, 2, 100))])
    account = Account(times, 0, "x")
    last = rows_of_last([account], 100).values[0]
    alone = rows_of_last([Account(times[100:], 0, "x")], 1000).values[0]
    assert np.array_equal(last, alone, equal_nan=True)


def test_rows_joined_keep_accounts_apart(rows: Rows) -> None:
    both = Rows.joined([rows, rows])
    assert len(np.unique(both.account)) == 2 * len(np.unique(rows.account))


def test_a_fit_tells_bots_from_people_and_never_against_reason(rows: Rows) -> None:
    visible = rows.where(~np.isin(rows.kind, list(INVISIBLE)))
    weights = fit(visible.values, visible.label, evenly(visible.label, visible.kind.tolist()))
    raw = raw_scores(weights, visible.values)
    assert raw[visible.label == 1].mean() > raw[visible.label == 0].mean() + 2
    for curve in weights.curves:
        steps = np.diff(curve.values) * SIGNS.get(curve.habit, 0)
        assert (steps >= -1e-4).all()


def test_people_count_as_much_as_bots_and_each_kind_as_its_like() -> None:
    label = np.array([0, 0, 0, 1, 1, 1, 1])
    kind = ["a", "a", "b", "x", "y", "y", "z"]
    weight = evenly(label, kind)
    assert weight[:3].tolist() == pytest.approx([0.25, 0.25, 0.5])
    assert weight[3:].tolist() == pytest.approx([1 / 3, 1 / 6, 1 / 6, 1 / 3])
    loud = evenly(label, kind, {"z"})
    assert loud[3:].tolist() == pytest.approx([0.2, 0.1, 0.1, 0.6])


@pytest.mark.parametrize("name", DISGUISES)
@pytest.mark.parametrize("kind", ["periodic", "batches", "poisson"])
def test_a_disguise_keeps_every_action_and_their_order(name: str, kind: str) -> None:
    random = rng()
    times = bot(random, kind, person(random, REGIMES[0], ACTIONS + 1), ACTIONS)
    hidden = DISGUISES[name](random, times)
    assert len(hidden) >= ACTIONS
    assert np.isfinite(hidden).all()
    assert (np.diff(hidden) >= 0).all()
