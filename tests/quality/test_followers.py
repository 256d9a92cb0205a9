"""Floors under what is said of bought followers: on follow logs, through the code that serves."""

import csv
import gzip
import os
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

import pytest

from safety.state.deliveries import Deliveries
from safety.state.lockstep import Lockstep

DATA = Path(os.environ.get("SAFETY_DATA_DIR", Path(__file__).parents[3] / "shared" / "data"))
pytestmark = pytest.mark.skipif(
    not (DATA / "graph").is_dir(), reason="labelled data is absent: set SAFETY_DATA_DIR"
)
ACTORS = 10_000  # what a service remembers unless it is told otherwise
PARTNERS = 8  # as in rules/behaviour.yaml
SHARE, MOST = 0.2, 0.4  # as in rules/followers.yaml
# The least F1 of lockstep and of deliveries on each log.
FLOORS = {"burst": (0.97, 0.97), "drip": (0.0, 0.75), "epinions": (0.97, 0.97)}


@dataclass(frozen=True, slots=True)
class Found:
    """What a statistic flagged of one log."""

    accounts: Set[str]
    targets: Set[str]


@dataclass(frozen=True, slots=True)
class Log:
    """One follow log: who is sold, who bought, and what was flagged."""

    sold: Set[str]
    buyers: Set[str]
    lockstep: Found
    deliveries: Found


@pytest.fixture(scope="module", params=FLOORS)
def log(request: pytest.FixtureRequest) -> tuple[str, Log]:
    """A log of sixty days, replayed."""
    lockstep, deliveries = Lockstep(50_000), Deliveries(ACTORS)
    sold: set[str] = set()
    buyers: set[str] = set()
    found: tuple[set[str], ...] = (set(), set(), set(), set())
    path = DATA / "graph" / f"simfollow_{request.param}.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["action"] != "0":
                continue
            actor, target, at = row["actor"], row["target"], float(row["t"])
            if row["label"] == "1":
                sold.add(actor)
            if int(row["campaign"]) >= 0:
                buyers.add(target)
            lockstep.act(actor, target, at)
            if lockstep.partners(actor, at) >= PARTNERS:
                found[0].add(actor)
                found[1].add(target)
            deliveries.act(actor, target, at)
            share = deliveries.share(target)
            if share is not None and share >= SHARE:
                found[3].add(target)
                if share >= MOST or deliveries.delivers(actor):
                    found[2].add(actor)
    return request.param, Log(sold, buyers, Found(*found[:2]), Found(*found[2:]))


def f1(found: Set[str], truth: Set[str]) -> float:
    """The harmonic mean of precision and recall."""
    return 2 * len(found & truth) / (len(found) + len(truth))


def test_accounts_that_deliver_are_found(log: tuple[str, Log]) -> None:
    name, known = log
    least_lockstep, least_deliveries = FLOORS[name]
    assert f1(known.lockstep.accounts, known.sold) >= least_lockstep
    assert f1(known.deliveries.accounts, known.sold) >= least_deliveries


def test_those_who_buy_are_found_and_those_who_are_famous_are_not(log: tuple[str, Log]) -> None:
    _, known = log
    assert len(known.deliveries.targets & known.buyers) >= 0.75 * len(known.buyers)
    assert len(known.deliveries.targets - known.buyers) <= 1
    people = known.deliveries.accounts - known.sold
    assert len(people) <= 0.02 * len(known.deliveries.accounts)
