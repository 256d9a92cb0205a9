"""Floors under the shipped bot model: kinds of bot, people to leave alone, replays to find."""

import os
from pathlib import Path

import numpy as np
import pytest

from safety.assets import shipped
from safety.classifiers.behaviour import BehaviourModel
from safety.classifiers.model_files import read_card
from safety.classifiers.registry import load_model, newest_version
from safety.state.schedule import Schedules
from safety.training import quality
from safety.training.behaviour.machines import KINDS, replayed
from safety.training.behaviour.people import REGIMES, person
from safety.training.behaviour.rows import Account, Rows, rows_as_they_come, rows_of_last
from safety.training.behaviour.simulate import population
from safety.training.behaviour.sources import COLLEGE, INSTAGRAM, REDDIT, halves, read_accounts
from tests.quality.sites import ASKED, realised_on

DATA = Path(os.environ.get("SAFETY_DATA_DIR", Path(__file__).parents[3] / "shared" / "data"))
needs_data = pytest.mark.skipif(
    not (DATA / "graph").is_dir(), reason="labelled data is absent: set SAFETY_DATA_DIR"
)
# Recall of each kind after 200 actions at the card's threshold, on accounts no training has seen.
FLOORS = {
    "periodic": 0.97, "uniform_sleep": 0.97, "cron": 0.97, "poisson": 0.9, "office_poisson": 0.4,
    "machine_gaps": 0.7, "half_periodic": 0.8, "resampled": 0.1, "shuffled": 0.1, "replayed": 0.0,
    "reacting": 0.75, "batches": 0.75, "taken_over": 0.25,
}  # fmt: skip
FRESH = 77  # a seed that no training uses


@pytest.fixture(scope="module")
def model() -> BehaviourModel:
    folder = newest_version(shipped("models") / "bot")
    assert folder is not None
    found = load_model(folder)
    assert isinstance(found, BehaviourModel)
    return found


@pytest.fixture(scope="module")
def threshold(model: BehaviourModel) -> float:
    return read_card(shipped("models") / "bot" / model.version).threshold


def scores(model: BehaviourModel, rows: Rows) -> np.ndarray:
    return np.array([model.score_of(row) for row in rows.values.tolist()])


@pytest.fixture(scope="module")
def made() -> Rows:
    return rows_as_they_come(population([FRESH], people=500, bots=40), {200})


@pytest.mark.parametrize("kind", KINDS)
def test_bots_of_a_kind_are_caught(
    kind: str, made: Rows, model: BehaviourModel, threshold: float
) -> None:
    found = scores(model, made.where(made.kind == kind))
    assert (found >= threshold).mean() >= FLOORS[kind]


def test_made_up_people_are_left_alone(made: Rows, model: BehaviourModel, threshold: float) -> None:
    assert (scores(model, made.where(made.label == 0)) >= threshold).mean() <= 0.015


@pytest.fixture(scope="module")
def reddit() -> list[Account]:
    return read_accounts(DATA / "graph", REDDIT)


@needs_data
def test_bots_of_a_platform_that_taught_nothing_are_caught(
    reddit: list[Account], model: BehaviourModel
) -> None:
    floors = {30: (0.88, 0.40), 100: (0.92, 0.55), 300: (0.94, 0.60)}
    for actions, (least_auc, least_recall) in floors.items():
        rows = rows_of_last(reddit, actions)
        found = scores(model, rows)
        assert (quality.auc(rows.label, found) or 0) >= least_auc
        assert (quality.recall_at_fpr(rows.label, found, 0.01) or 0) >= least_recall


@needs_data
def test_two_hundred_resolutions_bring_false_positives_near_what_was_asked(
    reddit: list[Account], model: BehaviourModel
) -> None:
    rows = rows_of_last(reddit, 100)
    realised = realised_on((scores(model, rows), rows.label == 1))
    assert 0.7 * ASKED <= realised <= 1.4 * ASKED


@needs_data
def test_people_of_platforms_that_taught_nothing_are_left_alone(
    reddit: list[Account], model: BehaviourModel, threshold: float
) -> None:
    users = rows_of_last(reddit, 100)
    _, college = halves(read_accounts(DATA / "graph", COLLEGE))
    instagram = rows_as_they_come(read_accounts(DATA / "graph", INSTAGRAM))
    people = (users.where(users.label == 0), rows_as_they_come(college), instagram)
    flagged = [float((scores(model, rows) >= threshold).mean()) for rows in people]
    assert max(flagged) <= 0.03


@pytest.mark.parametrize("regime", ["forum", "blog", "chat"])
def test_replayed_schedules_are_found_and_strangers_are_not(regime: str) -> None:
    random = np.random.default_rng(FRESH)
    (usage,) = (each for each in REGIMES if each.name == regime)
    people = [person(random, usage, 201)[:200] for _ in range(150)]
    times = {f"p{number}": each for number, each in enumerate(people)}
    times |= {f"r{number}": replayed(random, people[number], 200) for number in range(40)}
    schedules = Schedules(1000)
    for at, name in sorted((at, name) for name, each in times.items() for at in each.tolist()):
        schedules.act(name, at)
    found = sum(schedules.twins(f"r{number}") > 0 for number in range(40))
    strangers = sum(schedules.twins(f"p{number}") > 0 for number in range(40, 150))
    assert found >= 36
    assert strangers <= 1
