"""`safety-gate statements`: what is written, what is left out, and what is said about it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from safety.cli import statements as command
from safety.cli.ground import prepared
from safety.cli.statements import app, moment
from safety.config import load_settings
from tests.unit.review.statements.test_check import OFFICIAL

run = CliRunner()


def a_file(folder: Path, *calls: Any) -> str:
    path = folder / "calls.jsonl"
    path.write_text("\n".join(json.dumps(call) for call in calls), encoding="utf-8")
    return str(path)


def test_what_the_database_takes_passes(tmp_path: Path) -> None:
    file = a_file(tmp_path, {"statements": [OFFICIAL, OFFICIAL]}, {"statements": [OFFICIAL]})
    told = run.invoke(app, ["check", file])
    assert told.exit_code == 0
    assert "3 statements, 0 of them" in told.output


def test_what_it_refuses_is_named_with_its_line(tmp_path: Path) -> None:
    bad = OFFICIAL | {"category": "PIRACY"}
    told = run.invoke(
        app, ["check", a_file(tmp_path, {"statements": [OFFICIAL]}, {"statements": [bad]})]
    )
    assert told.exit_code == 1
    assert "line 2, TK421: category" in told.output


@pytest.mark.parametrize(
    "text", ["nonsense", "[]", '{"statements": {}}', '{"statements": [1]}', "[" * 9999]
)
def test_a_file_that_holds_no_calls_says_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_text(text, encoding="utf-8")
    told = run.invoke(app, ["check", str(path)])
    assert told.exit_code == 1
    assert "Line 1" in str(told.exception)


def test_a_moment_is_a_date_or_an_age(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "now", lambda: 1_000_000.0)
    assert moment("") == 1_000_000.0
    assert moment("1d") == 1_000_000.0 - 86_400
    assert moment("1970-01-02") == 86_400.0
    assert moment("1970-01-02T00:00:00+01:00") == 82_800.0


def test_an_empty_installation_exports_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFETY_DATA_DIR", str(tmp_path / "data"))
    with prepared(load_settings()):
        pass
    out = tmp_path / "calls.jsonl"
    told = run.invoke(app, ["export", "--out", str(out)])
    assert told.exit_code == 0, told.output
    assert out.read_bytes() == b""
    tables = tmp_path / "tables"
    assert run.invoke(app, ["report", str(tables)]).exit_code == 0
    assert {path.name for path in tables.iterdir()} == {
        "measures.csv", "notices.csv", "complaints.csv", "automated_means.csv",
    }  # fmt: skip
