"""The gate before live: no worse anywhere that counts, better somewhere, and in plain words."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.classifiers.card import Card
from safety.domain.features import Value
from safety.training import quality
from safety.training.comparison import Check, Outcome
from safety.training.labelled import TEST, TRAIN, LabelledRow
from safety.training.promotion import Version, compare

LABELS = [1] * 400 + [0] * 800


class Says:
    """A model that says what a row tells it to, under its version."""

    name = "spam"

    def __init__(self, version: str) -> None:
        self.version = version

    def score(self, values: Mapping[str, Value]) -> float | None:
        told = values.get(f"said.{self.version}")
        return told if isinstance(told, float) else None

    def explain(self, _: Mapping[str, Value]) -> Sequence[Any]:
        return ()


def ranked(overlap: float) -> list[float]:
    """Scores of the labels above: the more they overlap, the worse they rank."""
    positive = [1.0 - (1 - 0.4) * i / 400 * overlap for i in range(400)]
    negative = [0.9 * i / 800 * overlap for i in range(800)]
    return [*positive, *negative]


def a_side(version: str, overlap: float = 1.0, **changes: Any) -> Version:
    slices: dict[str, Any] = {
        name: (LABELS, ranked(overlap)) for name in ("all", "lang:en", "lang:de", "source:mail")
    }
    for name, other in changes.pop("slices", {}).items():
        slices[name] = (LABELS, ranked(other))
    card = {
        "name": "spam", "version": version, "created": "2026-11-22", "format": "x/1",
        "file": "f", "sha256": "0", "size": 1, "threshold": 0.5, "licence": "CC0",
        "sources": [], "metrics": [], "holdout": quality.holdout(slices),
        "evasion": {"recall_kept": {"leet": 0.9, "homoglyphs": 0.97}},
        "costs": {"false_positive": 5, "false_negative": 1},
    }  # fmt: skip
    parsed = Card("spam", version, "x/1", "f", "0", 0.5, card | changes)
    return Version(parsed, Says(version), 0.5)


def rows(live: Sequence[float], new: Sequence[float], split: str = TEST) -> list[LabelledRow]:
    labels = [1] * (len(live) // 2) + [0] * (len(live) - len(live) // 2)
    return [
        LabelledRow({"said.1": one, "said.2": two}, label, 1.0, "desk", "en", split)
        for one, two, label in zip(live, new, labels, strict=True)
    ]


def test_a_candidate_that_ranks_better_everywhere_may_go_live() -> None:
    found = compare(a_side("1", 1.2), a_side("2", 1.0), [])
    assert found.reasons == ()
    assert found.may_go_live
    assert {check.outcome for check in found.checks if check.group == "hold-out"} >= {
        Outcome.BETTER
    }


def test_a_candidate_that_is_the_same_everywhere_stays_one() -> None:
    found = compare(a_side("1"), a_side("2"), [])
    assert found.reasons == ("it is not better at anything that was measured",)


def test_a_candidate_that_is_better_as_a_whole_and_worse_in_one_language_stays_one() -> None:
    found = compare(a_side("1", 1.2), a_side("2", 1.0, slices={"lang:de": 1.5}), [])
    assert not found.may_go_live
    assert all("lang:de" in reason for reason in found.reasons)
    assert "falls from" in found.reasons[0]


def test_being_worse_at_one_source_is_shown_and_decides_nothing() -> None:
    found = compare(a_side("1", 1.2), a_side("2", 1.0, slices={"source:mail": 1.5}), [])
    assert found.may_go_live
    assert any(
        check.outcome is Outcome.WORSE and not check.is_binding
        for check in found.checks
        if check.part == "source:mail"
    )


@pytest.mark.parametrize(
    ("kept", "word"),
    [
        ({"leet": 0.8, "homoglyphs": 0.97}, "leet"),
        ({"homoglyphs": 0.97}, "says nothing of this attack"),
        ({}, "says nothing of this attack"),
    ],
)
def test_a_candidate_that_is_easier_to_fool_stays_one(kept: dict[str, float], word: str) -> None:
    found = compare(a_side("1", 1.2), a_side("2", 1.0, evasion={"recall_kept": kept}), [])
    assert word in " ".join(found.reasons)


def test_a_candidate_that_catches_more_may_lose_a_larger_share_to_an_attack() -> None:
    live = {"recall_plain": 0.4, "recall_kept": {"leet": 1.0}}
    more = {"recall_plain": 0.6, "recall_kept": {"leet": 0.9}}
    less = {"recall_plain": 0.6, "recall_kept": {"leet": 0.5}}
    old = a_side("1", 1.2, evasion=live)
    assert compare(old, a_side("2", 1.0, evasion=more), []).may_go_live
    reasons = compare(old, a_side("2", 1.0, evasion=less), []).reasons
    assert reasons == ("evasion, leet: recall left falls from 0.400 to 0.300",)


def test_a_candidate_that_was_measured_on_other_rows_stays_one() -> None:
    other = quality.holdout({"all": ([1, 0], [0.9, 0.1]), "lang:en": ([1, 0], [0.9, 0.1])})
    reasons = " ".join(compare(a_side("1"), a_side("2", holdout=other), []).reasons)
    assert "different rows" in reasons
    assert "lang:de: its card says nothing" in reasons


def test_a_candidate_without_a_holdout_stays_one() -> None:
    assert not compare(a_side("1"), a_side("2", holdout=None), []).may_go_live


def test_rows_that_only_the_candidate_was_measured_on_as_well_do_not_stand_in_the_way() -> None:
    live = a_side("1", 1.2)
    more = ([*LABELS, 1, 0], [*ranked(1.0), 0.9, 0.1])
    slices = {name: (LABELS, ranked(1.0)) for name in ("lang:en", "lang:de", "source:mail")}
    new = a_side("2", holdout=quality.holdout({**slices, "all": more, "source:desk": ([1], [1])}))
    assert compare(live, new, []).may_go_live


def test_what_people_here_labelled_counts_as_far_as_nothing_learned_from_it() -> None:
    good, bad = [0.9] * 60 + [0.1] * 60, [0.9] * 30 + [0.1] * 60 + [0.9] * 30
    better, worse = rows(bad, good), rows(good, bad)
    assert compare(a_side("1"), a_side("2"), better).may_go_live
    reasons = " ".join(compare(a_side("1", 1.2), a_side("2", 1.0), worse).reasons)
    assert "desk, all: AUC falls" in reasons
    assert "desk, all: cost of mistakes" in reasons
    learned = rows(good, bad, TRAIN)
    assert compare(a_side("1", 1.2), a_side("2", 1.0), learned).may_go_live


def test_rows_that_a_version_knows_nothing_of_are_left_out() -> None:
    unknown = [LabelledRow({}, 1, 1.0, "desk", "en", TEST)] * 50
    found = compare(a_side("1", 1.2), a_side("2", 1.0), unknown)
    assert not [check for check in found.checks if check.group == "desk"]


def test_the_first_version_of_a_model_has_nothing_to_be_worse_than() -> None:
    assert compare(None, a_side("1"), []).may_go_live


@given(st.floats(0.5, 1.6), st.floats(0.5, 1.6))
def test_two_versions_are_never_both_better_than_each_other(one: float, other: float) -> None:
    there = compare(a_side("1", one), a_side("2", other), [])
    back = compare(a_side("2", other), a_side("1", one), [])
    assert not (there.may_go_live and back.may_go_live)


def test_a_difference_that_chance_brings_is_no_difference() -> None:
    def outcome(live: float, candidate: float) -> Outcome:
        return Check("desk", "all", "AUC", live, candidate, 0.01, 100).outcome

    assert outcome(0.900, 0.909) is Outcome.SAME
    assert outcome(0.900, 0.891) is Outcome.SAME
    assert outcome(0.900, 0.920) is Outcome.BETTER
    assert outcome(0.900, 0.880) is Outcome.WORSE
    assert Check("desk", "all", "AUC", 0.9, None, 0.01, 0).outcome is Outcome.UNKNOWN


def test_a_comparison_is_kept_with_every_figure() -> None:
    told = compare(a_side("1"), a_side("2"), []).as_json()
    assert told["live"] == "1"
    assert told["reasons"] == ["it is not better at anything that was measured"]
    assert {check["group"] for check in told["checks"]} == {"hold-out", "evasion"}
