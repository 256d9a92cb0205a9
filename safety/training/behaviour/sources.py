"""Every source of times with its licence: the only place that says what a bot model learns from."""

import csv
import gzip
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from safety.domain.habits import LEAST_ACTIONS
from safety.training.behaviour.rows import Account
from safety.training.trainers import DataMissing

_MILLISECOND: Final = 0.001


@dataclass(frozen=True, slots=True)
class Source:
    """One file of times. `label` is that of all its accounts where the file has none.

    `ships` says that half of it forms the shipped model; a file that does not only measures, and
    forms a model with `--include-research`. `is_mixed` says that nobody knows who is a bot.
    """

    name: str
    file: str
    licence: str
    ships: bool
    told: str
    label: int | None = None
    time: str = "t"
    seconds: float = 1.0
    is_mixed: bool = False


REDDIT: Final = Source(
    "reddit_rsc", "actions_reddit_rsc.csv.gz", "no licence stated with the rows", False,
    "times of comments, people and bots; data of RSC, KDD 2015",
)  # fmt: skip
COLLEGE: Final = Source(
    "collegemsg", "actions_collegemsg.csv.gz", "MIT repository; SNAP CollegeMsg", True,
    "private messages of students", label=0,
)  # fmt: skip
INSTAGRAM: Final = Source(
    "instagram_uploads", "actions_instagram_human_uploads.csv.gz", "CC BY-NC 4.0", False,
    "uploads of accounts labelled not automated", label=0,
)  # fmt: skip
ASTROBOTS: Final = Source(
    "twitter_astrobots", "actions_twitter_astrobots.csv.gz", "no licence stated with the rows",
    False, "tweets that a bot net makes and deletes; compromised accounts", label=1,
    time="created_ms", seconds=_MILLISECOND,
)  # fmt: skip
ELECTIONS: Final = Source(
    "german_elections", "actions_german_elections.csv.gz", "MIT", False,
    "what pages and politicians shared in a campaign; unlabelled, many of them use planners",
    label=0, is_mixed=True,
)  # fmt: skip
SOURCES: Final = (REDDIT, COLLEGE, INSTAGRAM, ASTROBOTS, ELECTIONS)


def read_accounts(folder: Path, source: Source) -> list[Account]:
    """The accounts of a source with enough actions. Raises `DataMissing`."""
    path = folder / source.file
    if not path.is_file():
        raise DataMissing(f"{source.file} is missing in {folder}")
    times: dict[str, list[float]] = defaultdict(list)
    labels: dict[str, int] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = row["account"]
            times[name].append(float(row[source.time]) * source.seconds)
            labels[name] = int(row["label"]) if source.label is None else source.label
    return [
        Account(np.sort(np.array(times[name])), labels[name], source.name)
        for name in sorted(times, key=_shuffled)
        if len(times[name]) >= LEAST_ACTIONS
    ]


def halves(accounts: Sequence[Account]) -> tuple[list[Account], list[Account]]:
    """One half to learn from and one to measure, always the same."""
    return list(accounts[::2]), list(accounts[1::2])


def _shuffled(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
