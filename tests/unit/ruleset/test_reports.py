"""Findings for machines say what people read: the code, the place and what to do."""

import json
from pathlib import Path

import pytest

from safety.ruleset.findings import Finding, Level, Place
from safety.ruleset.nodes import SourceFile
from safety.ruleset.reports import as_annotations, as_json, as_sarif, as_text

ROOT = Path("/work/site")
PLACE = Place("rules/my, rules.yaml", 7, 5, 9, "  - 'a > 3'", "/work/site/rules/my, rules.yaml")
ERROR = Finding("unknown-feature", "unknown feature `a`\nreally", PLACE, "did you mean `b`: 5%?")
ABROAD = Place("rules/x.yaml", 1, 1, 1, "x", "/opt/rules/x.yaml")
WARNING = Finding("always-true", "this is true", ABROAD, level=Level.WARNING)
NOWHERE = Finding("no-folder", "gone", Place("site", 1, 1, 1, ""))


def test_text_is_what_people_read() -> None:
    assert as_text([ERROR, WARNING], ROOT) == f"{ERROR.render()}\n\n{WARNING.render()}"


def test_json_lists_findings_flat() -> None:
    first, second, third = json.loads(as_json([ERROR, WARNING, NOWHERE], ROOT))["findings"]
    assert first == {
        "code": "unknown-feature",
        "level": "error",
        "message": "unknown feature `a`\nreally",
        "hint": "did you mean `b`: 5%?",
        "file": "rules/my, rules.yaml",
        "line": 7,
        "column": 5,
        "length": 9,
        "source": "  - 'a > 3'",
    }
    assert (second["level"], second["hint"]) == ("warning", None)
    assert (second["file"], third["file"]) == ("/opt/rules/x.yaml", "site")


def test_sarif_points_at_the_region_and_describes_every_code() -> None:
    log = json.loads(as_sarif([ERROR, WARNING], ROOT))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["always-true", "unknown-feature"]
    assert all(rule["shortDescription"]["text"] for rule in rules)
    first, second = run["results"]
    assert rules[first["ruleIndex"]]["id"] == first["ruleId"] == "unknown-feature"
    (location,) = first["locations"]
    place = location["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "rules/my%2C%20rules.yaml"
    assert place["region"] == {
        "startLine": 7,
        "startColumn": 5,
        "endColumn": 14,
        "snippet": {"text": "  - 'a > 3'"},
    }
    assert second["level"] == "warning"
    abroad = second["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert abroad == "file:///opt/rules/x.yaml"


def test_annotations_are_one_escaped_line_each() -> None:
    first, second = as_annotations([ERROR, WARNING], ROOT).split("\n")
    assert first == (
        "::error file=rules/my%2C rules.yaml,line=7,col=5,endColumn=14,title=unknown-feature"
        "::unknown feature `a`%0Areally%0Adid you mean `b`: 5%25?"
    )
    assert second.startswith("::warning file=/opt/rules/x.yaml,line=1,")


@pytest.mark.parametrize("column", [1, 3000, 9990])
def test_of_a_very_long_line_the_part_that_matters_is_shown(column: int) -> None:

    text = "".join(str(n % 10) for n in range(10_000))
    place = SourceFile("x.yaml", text).place(column - 1, column + 3)
    assert place.column == column
    _, shown, carets, *_ = Finding("yaml", "wrong", place).render().split("\n")
    assert len(shown) < 300
    marked = shown[carets.index("^") : carets.rindex("^") + 1]
    assert marked == text[column - 1 : column + 3]
