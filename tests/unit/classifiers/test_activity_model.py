"""The activity model as it is served: any input has a score or none, a bad file is refused."""

import hashlib
from math import inf, nan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.classifiers import curve_sum
from safety.classifiers.activity import (
    ACTIVITY_FORMAT,
    INPUTS,
    MEASURES,
    ActivityModel,
    numbers_of,
)  # fmt: skip
from safety.classifiers.card import Card
from safety.classifiers.curve_sum import Curve, CurveSum
from safety.classifiers.model_files import ModelRefused
from safety.classifiers.registry import load_model
from safety.domain.features import Value

FEW_KINDS = Curve("kinds", (0.0, 2.0), (3.0, -1.0))
WEIGHTS = CurveSum((FEW_KINDS, Curve("owners", (0.0, 3.0), (1.0, -1.0), 0.25)), -1.0, MEASURES)
MODEL = ActivityModel("activity", "1", WEIGHTS)
KNOWN = ("actions", "kinds", "places", "gap_mean", "gap_median", "run")

anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)


def an_account(**measures: Value) -> dict[str, Value]:
    every = dict.fromkeys(KNOWN, 1) | measures
    return {f"attributes.activity_{name}": value for name, value in every.items()}


@given(st.lists(anything, min_size=len(INPUTS), max_size=len(INPUTS)))
def test_anything_that_is_sent_has_a_probability_or_none(found: list[Value | None]) -> None:
    values = {
        name: value for name, value in zip(INPUTS, found, strict=True) if value is not None
    }  # fmt: skip
    score = MODEL.score(values)
    assert score is None or 0.0 < score < 1.0
    assert (score is None) == (numbers_of(values) is None)


def test_who_does_few_kinds_of_things_is_more_suspicious() -> None:
    scores = [MODEL.score(an_account(kinds=kinds)) for kinds in (1, 2, 4, 9)]
    assert None not in scores
    assert scores == sorted(scores, key=lambda score: -(score or 0.0))


@pytest.mark.parametrize("needed", ["actions", "kinds"])
@pytest.mark.parametrize("lost", [None, -1, nan, inf, "many"])
def test_nothing_is_said_where_too_little_is_known(needed: str, lost: Value | None) -> None:
    values = an_account(owners=3)
    assert MODEL.score(values) is not None
    values.pop(f"attributes.activity_{needed}")
    if lost is not None:
        values[f"attributes.activity_{needed}"] = lost
    assert MODEL.score(values) is None
    assert MODEL.explain(values) == ()


def test_the_explanation_names_what_moved_the_score() -> None:
    found = MODEL.explain(an_account(kinds=0))
    assert [(each.text, each.weight) for each in found] == [("kinds 0", 3.0), ("owners nan", 0.25)]


def a_model(folder: Path, weights: bytes) -> Path:
    card = {
        "name": "activity", "version": "1001", "created": "2026-11-23", "format": ACTIVITY_FORMAT,
        "file": "weights.json", "sha256": hashlib.sha256(weights).hexdigest(),
        "size": len(weights), "threshold": 0.5, "licence": "own", "sources": [], "metrics": [],
    }  # fmt: skip
    folder = folder / "activity" / "1001"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "weights.json").write_bytes(weights)
    (folder / "card.json").write_bytes(Card("", "", "", "", "", 0.5, card).dump())
    return folder


def test_a_file_comes_back_and_one_over_other_measures_is_refused(tmp_path: Path) -> None:
    loaded = load_model(a_model(tmp_path, curve_sum.dump(WEIGHTS)))
    assert (loaded.name, loaded.version) == ("activity", "1001")
    assert loaded.score(an_account()) == MODEL.score(an_account())
    other = CurveSum((Curve("burstiness", (0.0, 1.0), (0.0, 1.0)),), 0.0, ("burstiness",))
    with pytest.raises(ModelRefused, match="burstiness"):
        load_model(a_model(tmp_path, curve_sum.dump(other)))
