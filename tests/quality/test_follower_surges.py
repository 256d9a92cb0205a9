"""The shipped rules about surges, on simulated follow logs: bought ones are seen, fame is not."""

import gzip
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from safety.app.ids import Ids
from safety.assets import shipped
from safety.decisions.judge import Judge
from safety.decisions.prepared import Prepared
from safety.domain.events import Event
from safety.ruleset.load import load_bundle
from safety.state.memory import MemoryCounters

DATA = Path(os.environ.get("SAFETY_DATA_DIR", Path(__file__).parents[3] / "shared" / "data"))
needs_data = pytest.mark.skipif(
    not (DATA / "graph").is_dir(),
    reason="follow logs are absent: set SAFETY_DATA_DIR to the folder of graph/",
)
START = 1_700_000_000.0
SIX_HOURS = 6 * 3600.0
# A target with fewer new followers than this in six hours is of no interest to any of the rules.
LEAST = 20

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Log:
    """A log of follows: who, whom, when, when they joined, and which targets bought some."""

    at: Floats
    actor: NDArray[np.int64]
    target: NDArray[np.int64]
    joined: Floats
    bought: frozenset[int]


def read(name: str) -> Log:
    def table(file: str) -> Floats:
        with gzip.open(DATA / "graph" / f"{file}.csv.gz", "rt", encoding="utf-8") as lines:
            return np.loadtxt(lines, delimiter=",", skiprows=1)

    events, accounts = table(f"simfollow_{name}"), table(f"simfollow_{name}_accounts")
    events = events[events[:, 3] == 0]
    events = events[np.argsort(events[:, 0], kind="stable")]
    joined = dict(zip(accounts[:, 0].astype(int).tolist(), accounts[:, 1].tolist(), strict=True))
    actor, target = events[:, 1].astype(int), events[:, 2].astype(int)
    return Log(
        events[:, 0],
        actor,
        target,
        np.array([joined[one] for one in actor.tolist()]),
        frozenset(target[events[:, 5] >= 0].tolist()),
    )


def surging(log: Log) -> set[int]:
    """The targets that gained LEAST followers within six hours at some time."""
    order = np.lexsort((log.at, log.target))
    target, at = log.target[order], log.at[order]
    later = LEAST - 1
    is_quick = (target[later:] == target[:-later]) & (at[later:] - at[:-later] <= SIX_HOURS)
    return set(target[later:][is_quick].tolist())


def flagged(log: Log) -> dict[str, set[int]]:
    """Which targets each shipped rule about followers spoke about, by rule."""
    prepared = Prepared(load_bundle((shipped("rules"),), run_tests=False, at=START), ())
    judge = Judge(MemoryCounters(max_entities=200_000), Ids())
    wanted = surging(log)
    found: dict[str, set[int]] = {}
    for at, actor, target, joined in zip(
        log.at.tolist(), log.actor.tolist(), log.target.tolist(), log.joined.tolist(), strict=True
    ):
        if target in wanted:
            values = {
                "actor.id": f"a{actor}",
                "actor.created_at": START + joined,
                "target.id": f"t{target}",
            }
            event = Event(f"{at}-{actor}-{target}", "follow", START + at, values, b"{}")
            judged = judge.judge("main", event, prepared, now=event.time, has_time=lambda: True)
            for fired in judged.fired:
                found.setdefault(fired.rule.id, set()).add(target)
    return found


# Bought deliveries seen at least, of how many, and organic surges flagged at most.
EXPECTED = {"burst": (28, 56, 6), "drip": (5, 65, 1)}


@needs_data
@pytest.mark.parametrize("name", EXPECTED)
def test_young_surges_are_bought_and_fame_is_left_alone(name: str) -> None:
    log = read(name)
    least, of, most = EXPECTED[name]
    assert len(log.bought) == of
    found = flagged(log)
    acted = found.get("follower-surge-young", set())
    assert len(acted & log.bought) >= least
    assert len(acted - log.bought) <= most
