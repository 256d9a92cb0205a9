"""Floors under the activity model that a site trains with research rows: on rows kept aside."""

import os
from pathlib import Path

import pytest

from safety.training.activity.train import train_activity
from safety.training.trainers import Order, Trained

DATA = Path(os.environ.get("SAFETY_DATA_DIR", Path(__file__).parents[3] / "shared" / "data"))
pytestmark = pytest.mark.skipif(
    not (DATA / "accounts").is_dir(), reason="labelled data is absent: set SAFETY_DATA_DIR"
)
# Area and recall at 1 % false positives: of accounts kept aside, and of those that teach, each
# judged by weights that never met it. Six odd people among 518 decide the second recall.
FLOORS = ((0.96, 0.5), (0.95, 0.2))


def trained(folder: Path) -> Trained:
    out = folder / "activity" / "1001"
    return train_activity(Order(DATA, out, "2026-11-23", 20, include_research=True))


def test_programs_on_github_are_told_from_people(tmp_path: Path) -> None:
    card = trained(tmp_path / "one").card
    for line, (area, recall) in zip(card.content["metrics"], FLOORS, strict=True):
        assert line["auc"] >= area
        assert line["recall_at_fpr_0.01"] >= recall
        assert line["false_positives_at_threshold"] <= 0.02
    assert card.content["licence"].startswith("NOT TO BE SHIPPED")
    assert trained(tmp_path / "other").card.sha256 == card.sha256
