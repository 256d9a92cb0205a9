"""The bot model as it is served: any input has a score or none, a bad file is refused."""

import json
from math import inf, nan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.assets import shipped
from safety.classifiers import curve_sum
from safety.classifiers.behaviour import BehaviourModel
from safety.classifiers.curve_sum import Curve, CurveSum
from safety.classifiers.model_files import ModelRefused
from safety.classifiers.registry import load_model
from safety.domain.features import Value
from safety.domain.habits import OF_TIMES, PACKED, packed

RISING = Curve("same_gap_share", (0.0, 0.5, 1.0), (-1.0, 0.0, 3.0), unknown=0.5)
WEIGHTS = CurveSum((RISING, Curve("gap_entropy", (0.0, 4.0), (1.0, -1.0))), -0.5, OF_TIMES)
MODEL = BehaviourModel("bot", "1", WEIGHTS)
LATEST = max((shipped("models") / "bot").iterdir(), key=lambda path: int(path.name))

numbers = st.floats(width=16, allow_nan=True, allow_infinity=True)


def values(**habits: float) -> dict[str, Value]:
    return {PACKED: packed([habits.get(name, 0.0) for name in OF_TIMES])}


def test_nothing_is_said_of_an_actor_of_whom_nothing_is_known() -> None:
    assert MODEL.score({}) is None
    assert MODEL.explain({}) == ()


@pytest.mark.parametrize("text", ["", "a", "b" * 85, "a" + "!" * 83, "aAAAA", 7, True, ("a",)])
def test_habits_that_this_release_did_not_write_are_unknown(text: Value) -> None:
    assert MODEL.score({PACKED: text}) is None
    assert MODEL.explain({PACKED: text}) == ()


@given(st.lists(numbers, min_size=len(OF_TIMES), max_size=len(OF_TIMES)))
def test_any_numbers_have_a_probability(habits: list[float]) -> None:
    score = MODEL.score({PACKED: packed(habits)})
    assert score is not None
    assert 0.0 < score < 1.0


def test_a_curve_is_straight_between_knots_and_level_beyond_them() -> None:
    assert [RISING(x) for x in (-9.0, 0.0, 0.25, 0.5, 0.75, 1.0, 9.0)] == [
        -1.0, -1.0, -0.5, 0.0, 1.5, 3.0, 3.0,
    ]  # fmt: skip
    assert [RISING(x) for x in (nan, inf, -inf)] == [0.5, 3.0, -1.0]


def test_the_score_is_the_sum_of_the_curves() -> None:
    given_ = values(same_gap_share=1.0, gap_entropy=4.0)
    assert MODEL.score(given_) == pytest.approx(1 / (1 + 2.718281828459045**-1.5))
    assert [(c.text, c.weight, c.start, c.end) for c in MODEL.explain(given_)] == [
        ("same_gap_share 1", 3.0, 0, 0),
        ("gap_entropy 4", -1.0, 0, 0),
    ]


def test_weights_come_back_from_their_file() -> None:
    assert curve_sum.parse(curve_sum.dump(WEIGHTS), OF_TIMES) == WEIGHTS


BROKEN = {
    "not json": b"{",
    "a list": b"[]",
    "no curves": b'{"bias": 0}',
    "an unknown habit": b'{"bias": 0, "curves": [{"habit": "x", "knots": [0, 1], '
    b'"values": [0, 1], "unknown": 0}]}',
    "knots out of order": b'{"bias": 0, "curves": [{"habit": "burstiness", "knots": [1, 0], '
    b'"values": [0, 1], "unknown": 0}]}',
    "too few values": b'{"bias": 0, "curves": [{"habit": "burstiness", "knots": [0, 1], '
    b'"values": [0], "unknown": 0}]}',
    "infinity": b'{"bias": Infinity, "curves": []}',
    "the same habit twice": json.dumps(
        {
            "bias": 0,
            "curves": [
                {"habit": "burstiness", "knots": [0, 1], "values": [0, 1], "unknown": 0}
            ] * 2,
        }
    ).encode(),
    "too large": b" " * 300_000,
    "deep": b"[" * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_file_that_is_no_model_is_said_to_be_so(what: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        curve_sum.parse(BROKEN[what], OF_TIMES)


def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "bot" / LATEST.name
    folder.mkdir(parents=True)
    for file in LATEST.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def test_the_shipped_model_loads_and_one_that_was_tampered_with_does_not(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    assert load_model(folder).name == "bot"
    weights = folder / "weights.json"
    weights.write_bytes(weights.read_bytes().replace(b'"bias": ', b'"bias": 1'))
    with pytest.raises(ModelRefused, match="hash"):
        load_model(folder)
