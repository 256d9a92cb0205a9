"""Simulated accounts, published tables and the fit of the account model."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safety.classifiers.account import AccountModel, AccountWeights
from safety.classifiers.account_measures import INPUTS, NAMES, has_enough, measures
from safety.training import quality
from safety.training.labelled import TEST, TRAIN, LabelledRow
from safety.training.profiles.attacks import ATTACKS
from safety.training.profiles.curves import PIECES, curves_of, pieces_of
from safety.training.profiles.figures import precision
from safety.training.profiles.fit import PREVALENCE, Part, balance, calibrated, fit
from safety.training.profiles.regimes import FAKES, PEOPLE
from safety.training.profiles.simulator import Profile, dressed_up, simulate, with_gaps
from safety.training.profiles.sources import SOURCES, Use
from safety.training.profiles.tables import Account, read_table, values_of
from safety.training.profiles.told import card_texts
from safety.training.profiles.train import desk_parts, train_fake_follower
from safety.training.trainers import TRAINERS, DataMissing


@pytest.fixture(scope="module")
def profiles() -> list[Profile]:
    return simulate(range(12), 200, seed=7)


def test_the_same_seed_makes_the_same_accounts_and_another_does_not(
    profiles: list[Profile],
) -> None:
    assert simulate(range(12), 200, seed=7) == profiles
    assert simulate(range(12), 200, seed=8) != profiles
    # A platform is what it is, however many are made beside it.
    assert simulate([3], 200, seed=7) == [each for each in profiles if each.platform == 3]


def test_half_of_a_platform_is_fake_and_every_way_is_there(profiles: list[Profile]) -> None:
    assert np.mean([each.is_fake for each in profiles]) == 0.5
    assert {each.regime for each in profiles} == {each.name for each in (*PEOPLE, *FAKES)}
    for each in profiles:
        assert set(each.values) == set(INPUTS)
        assert has_enough(measures(each.values))


def test_a_regime_that_is_left_out_changes_nobody_else(profiles: list[Profile]) -> None:
    without = simulate(range(12), 200, seed=7, without={"dressed"})
    assert without == [each for each in profiles if each.regime != "dressed"]


def test_gaps_take_values_away_and_never_change_one(profiles: list[Profile]) -> None:
    chance = np.random.default_rng(1)
    missing = 0
    for each in profiles[:300]:
        less = with_gaps(each.values, chance)
        assert less.items() <= each.values.items()
        missing += len(each.values) - len(less)
    assert 0.2 < missing / (300 * len(INPUTS)) < 0.4


def test_disguises_only_ever_make_a_fake_look_more_alive(profiles: list[Profile]) -> None:
    chance = np.random.default_rng(1)
    assert all(dressed_up(each, chance) is each.values for each in profiles if not each.is_fake)
    for attack in ATTACKS.values():
        for each in profiles[:50]:
            after = attack(dict(each.values))
            assert set(after) == set(each.values)
            for name in ("actor.posts", "actor.likes_given", "actor.followers"):
                assert float(after[name]) >= float(each.values[name])  # type: ignore[arg-type]
    assert "actor.likes_given" not in ATTACKS["a hundred likes"]({"actor.posts": 1})


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            {"n_posts": "3", "n_followers": "10", "bio_len": "0", "has_pic": "1", "label": "1"},
            {
                "actor.posts": 3,
                "actor.followers": 10,
                "actor.bio_length": 0,
                "actor.has_avatar": True,
            },
        ),
        ({"default_image": "1"}, {"actor.has_avatar": False}),
        ({"has_url": "0"}, {"actor.has_link": False}),
        ({"age_days": "-232.5"}, {"actor.account_age": 0.0}),
        ({"username_len": "8", "username_digits": "2"}, {"actor.name_digits": 0.25}),
        ({"username_digit_ratio": "0.4"}, {"actor.name_digits": 0.4}),
        ({"watch_event": "7", "push_event": "2", "fork_event": "9"},
         {"actor.posts": 2, "actor.likes_given": 7}),
        ({"n_posts": "", "n_followers": "many", "n_following": "inf", "age_days": "nan"}, {}),
        ({"is_verified": "1", "default_profile": "0", "is_protected": "1", "split": "train"}, {}),
    ],
)  # fmt: skip
def test_rows_of_published_tables_become_features(
    record: dict[str, str], expected: dict[str, object]
) -> None:
    assert values_of(record) == expected


@given(st.dictionaries(st.sampled_from(["n_posts", "bio_len", "age_days", "has_pic"]), st.text()))
def test_any_cell_is_read_or_unknown(record: dict[str, str]) -> None:
    assert len(measures(values_of(record))) == len(NAMES)


def test_a_table_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match="not in the data folder"):
        read_table(tmp_path, SOURCES[0])
    rows = "n_posts,n_followers,label,split\n1,2,1,train\n,,0,valid\n"
    (tmp_path / SOURCES[0].file).write_bytes(gzip.compress(rows.encode()))
    first, second = read_table(tmp_path, SOURCES[0])
    assert (first.values, first.is_fake, first.split) == (
        {"actor.posts": 1, "actor.followers": 2}, True, "train",
    )  # fmt: skip
    assert (second.values, second.is_fake) == ({}, False)


def test_nothing_without_a_licence_is_taken_for_shippable() -> None:
    assert {each.name for each in SOURCES if each.use is Use.SHIP} == {
        "twitter_jubins",
        "github_starscout_actors",
    }


@settings(max_examples=20)
@given(st.lists(st.floats(0, 3), min_size=len(PIECES), max_size=len(PIECES)))
def test_what_is_fitted_is_what_is_served(weights: list[float]) -> None:
    rows = np.random.default_rng(5).uniform(-7, 12, (20, len(NAMES)))
    rows[::3, 2] = np.nan  # unknown
    # A broadcaster that nobody is leaves the curves alone.
    curves = AccountWeights(curves_of(weights), 0.0, (0.0, -700.0), (1.0, 0.0))
    model = AccountModel("fake_follower", "1", curves)
    fitted = pieces_of(rows) @ np.array(weights)
    assert [model.raw(row) for row in rows.tolist()] == pytest.approx(fitted.tolist(), abs=1e-3)


def test_pieces_are_between_minus_a_half_and_a_half_and_unknown_is_nothing() -> None:
    rows = np.array([[np.nan] * len(NAMES), [50.0] * len(NAMES), [-50.0] * len(NAMES)])
    unknown, high, low = pieces_of(rows)
    assert not unknown.any()
    assert set(np.abs(high)) == set(np.abs(low)) == {0.5}
    assert (high == -low).all()


def test_the_fit_ranks_what_it_never_met_and_never_turns_a_sign_around(
    profiles: list[Profile],
) -> None:
    met = Part.of([e.values for e in profiles], [e.is_fake for e in profiles])
    new = simulate(range(20, 26), 200, seed=7)
    weights = fit([met])
    model = AccountModel("fake_follower", "1", weights)
    truth = np.array([each.is_fake for each in new])
    raw = np.array([model.raw(measures(each.values)) for each in new])
    area = quality.auc(truth, raw)
    assert area is not None
    assert area > 0.9
    for curve in weights.curves:
        steps = np.diff(curve.values)
        if curve.measure == "following":
            continue  # both ends of it are odd
        rises = {piece.sign for piece in PIECES if piece.measure == curve.measure}
        assert (steps * rises.pop() >= -1e-9).all(), curve.measure


def test_probabilities_are_stated_for_one_fake_in_ten(profiles: list[Profile]) -> None:
    truth = np.array([each.is_fake for each in profiles])
    weights = fit([Part.of([each.values for each in profiles], truth.tolist())])
    model = AccountModel("fake_follower", "1", weights)
    raw = np.array([model.raw(measures(each.values)) for each in profiles])
    served = AccountModel("fake_follower", "1", calibrated(weights, raw, truth))
    scores = np.array([served.score(each.values) for each in profiles], dtype=float)
    weight = balance(truth)
    assert weight[truth].sum() / weight.sum() == pytest.approx(PREVALENCE)
    assert quality.expected_calibration_error(truth, scores, weight) < 0.03
    assert np.average(scores, weights=weight) == pytest.approx(PREVALENCE, abs=0.01)


def test_a_source_with_more_fakes_teaches_no_bias() -> None:
    chance = np.random.default_rng(2)
    quiet, loud = (
        [{"actor.posts": int(n), "actor.followers": int(n)} for n in chance.integers(*ends, 80)]
        for ends in ((0, 9), (90, 999))
    )
    # In the first source nearly all are fake, in the second nearly none; inside either, posts and
    # followers say nothing. A fit that pooled them would learn that they do.
    parts = [
        Part.of(quiet, [place % 8 != 0 for place in range(80)]),
        Part.of(loud, [place % 8 == 0 for place in range(80)]),
    ]
    model = AccountModel("fake_follower", "1", fit(parts))
    low, high = model.raw(measures(quiet[0])), model.raw(measures(loud[0]))
    assert abs(low - high) < 1.0


def test_precision_is_what_is_left_where_one_in_a_hundred_is_fake() -> None:
    assert precision(0.8) == pytest.approx(0.447, abs=1e-3)
    assert precision(0.0) == 0.0
    assert precision(None) is None


def desk_rows(count: int, split: str = TRAIN, label: int | None = None) -> list[LabelledRow]:
    """Accounts that moderators decided about; every second one is fake unless `label` says."""
    return [
        LabelledRow(
            {"actor.posts": n, "actor.followers": n},
            n % 2 if label is None else label,
            1.0,
            "desk",
            "und",
            split,
        )
        for n in range(count)
    ]


def test_the_desk_teaches_once_it_said_enough_of_both_kinds() -> None:
    (part,) = desk_parts(desk_rows(60))
    assert part.measured.shape == (60, len(NAMES))
    assert part.is_fake.sum() == 30
    assert desk_parts(desk_rows(49)) == []
    assert desk_parts(desk_rows(60, label=1)) == []
    assert desk_parts(desk_rows(60, split=TEST)) == []
    assert desk_parts(()) == []


def test_the_card_names_what_was_learned_from_and_whether_it_may_be_shipped() -> None:
    tables: dict[str, list[Account]] = {source.name: [] for source in SOURCES}
    ours, all_of_them = (card_texts(tables, learned, desk_rows=0) for learned in ((), SOURCES))
    with_desk = card_texts(tables, (), desk_rows=60)

    def trained_on(texts: dict[str, Any]) -> set[str]:
        return {each["source"] for each in texts["sources"] if each["is_trained_on"]}

    assert trained_on(ours) == {"simulated"}
    assert ours["licence"].startswith("Apache-2.0")
    assert trained_on(all_of_them) == {"simulated"} | {source.name for source in SOURCES}
    assert all_of_them["licence"].startswith("NOT TO BE SHIPPED")
    assert trained_on(with_desk) == {"simulated", "desk"}
    assert {each["source"] for each in ours["sources"]} == {"simulated", *tables}


def test_the_model_can_be_ordered_by_name() -> None:
    assert TRAINERS["fake_follower"].trainer() is train_fake_follower
