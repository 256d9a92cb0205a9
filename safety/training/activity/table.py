"""Reads tables of what accounts did: published columns, or the measures by their own names."""

import csv
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from types import MappingProxyType
from typing import Final

from safety.classifiers.activity import INPUTS, MEASURES
from safety.domain.features import Value
from safety.training.trainers import DataMissing

FILE: Final = "github_bimbas.csv.gz"
SOURCE: Final = "github_bimbas"
LICENCE: Final = "no licence stated with the rows: research and measuring only"
ATTRIBUTION: Final = "Chidambaram, Decan, Mens: BIMBAS, bots and people on GitHub"

_HOUR: Final = 3600.0
# The published column of each measure, and what makes seconds of its hours.
_COLUMNS: Final[Mapping[str, tuple[str, float]]] = MappingProxyType(
    {
        "actions": ("num_activities", 1.0),
        "kinds": ("num_activity_type", 1.0),
        "places": ("repos", 1.0),
        "owners": ("owner", 1.0),
        "gap_mean": ("consecutive_activity_time_mean", _HOUR),
        "gap_median": ("consecutive_activity_time_median", _HOUR),
        "gap_spread": ("consecutive_activity_time_std", _HOUR),
        "actions_per_kind": ("activity_per_act_type_median", 1.0),
        "kind_gini": ("activity_per_act_type_gini", 1.0),
        "place_gini": ("activity_per_repo_gini", 1.0),
        "kinds_per_place": ("activity_type_per_repo_mean", 1.0),
        "kinds_per_place_spread": ("activity_type_per_repo_std", 1.0),
        "run": ("continuous_activity_repo_mean", 1.0),
        "stay": ("time_spent_in_repo_mean", _HOUR),
        "kind_switch_mean": ("time_to_switch_act_type_mean", _HOUR),
        "kind_switch_median": ("time_to_switch_act_type_median", _HOUR),
        "place_switch_mean": ("time_to_switch_repo_mean", _HOUR),
        "place_switch_median": ("time_to_switch_repo_median", _HOUR),
    }
)


@dataclass(frozen=True, slots=True)
class Account:
    """One labelled account: what it did, whether it is a program's, and which part it is in."""

    values: Mapping[str, Value]
    is_bot: bool
    split: str


def values_of(record: Mapping[str, str]) -> dict[str, Value]:
    """The features that a row shows. Never raises: odd cells are unknown."""
    found: dict[str, Value] = {}
    for measure, name in zip(MEASURES, INPUTS, strict=True):
        column, factor = _COLUMNS[measure] if measure not in record else (measure, 1.0)
        number = _number(record.get(column))
        if number is not None:
            found[name] = number * factor
    return found


def read_accounts(folder: Path) -> list[Account]:
    """The accounts of the published table, in its order. Raises `DataMissing`."""
    path = folder / FILE
    if not path.is_file():
        raise DataMissing(f"{FILE} is not in the data folder")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return [
            Account(values_of(record), record["label"] == "1", record["split"])
            for record in csv.DictReader(lines)
        ]


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if isfinite(number) else None
