"""`safety-gate models score`: a model that a site made itself scores a table of activity."""

import csv
import hashlib
import io
from pathlib import Path

from safety.classifiers import curve_sum
from safety.classifiers.activity import ACTIVITY_FORMAT, MEASURES
from safety.classifiers.card import Card
from safety.classifiers.curve_sum import Curve, CurveSum
from tests.unit.cli.conftest import Command

TABLE = """\
account,num_activities,num_activity_type,repos,owner,consecutive_activity_time_mean,run,label
person,120,9,8,5,20.5,3,0
program,300,1,2,1,0.25,40,1
unknown,300,,2,1,0.25,40,0
"""


def a_model(folder: Path) -> None:
    """One that looks at the kinds of action and at nothing else."""
    weights = CurveSum((Curve("kinds", (0.0, 2.5), (3.0, -3.0)),), 0.0, MEASURES)
    blob = curve_sum.dump(weights)
    card = {
        "name": "activity", "version": "1001", "created": "2026-11-23", "format": ACTIVITY_FORMAT,
        "file": "weights.json", "sha256": hashlib.sha256(blob).hexdigest(), "size": len(blob),
        "threshold": 0.5, "licence": "own", "sources": [], "metrics": [],
    }  # fmt: skip
    folder.mkdir(parents=True)
    (folder / "weights.json").write_bytes(blob)
    (folder / "card.json").write_bytes(Card("", "", "", "", "", 0.5, card).dump())


def test_a_table_of_activity_is_scored_by_its_columns(
    command: Command, data_dir: Path, tmp_path: Path
) -> None:
    a_model(data_dir / "models" / "activity" / "1001")
    (tmp_path / "accounts.csv").write_text(TABLE)
    ended = command(
        "models", "score", "activity", str(tmp_path / "accounts.csv"), "--version", "1001"
    )
    assert ended.code == 0, ended.err
    rows = {row["account"]: row["score"] for row in csv.DictReader(io.StringIO(ended.out))}
    assert float(rows["program"]) > 0.7
    assert float(rows["person"]) < 0.3
    assert rows["unknown"] == ""
    assert "3 labelled accounts" in ended.err
