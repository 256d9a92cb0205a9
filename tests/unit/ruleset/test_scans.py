"""What patterns over one text cost is measured when they are loaded, and too much is refused."""

from pathlib import Path

import pytest

from safety.ruleset import scans
from safety.ruleset.findings import RuleFileError
from safety.ruleset.patterns import Scanner
from safety.ruleset.scans import Scan
from tests.unit.ruleset.folders import a_rule, load, refusal

LETTERS = "abcdefghijklmnopqrst"
GAPS = [f"{one}.{{0,20}}{LETTERS[-n - 1]}.{{0,20}}{one}" for n, one in enumerate(LETTERS)]


def test_patterns_with_many_gaps_are_refused_together(tmp_path: Path) -> None:
    rules = [
        a_rule(f'content.text.matches(r"{pattern}")', rule=f"r{n}")
        for n, pattern in enumerate(GAPS)
    ]
    (finding,) = refusal(tmp_path, *rules).findings
    assert finding.code == "scan-budget"
    assert "the 20 patterns over `content.text` take" in finding.message
    assert ".{0,20}" in (finding.hint or "")
    assert "content.text.matches" in finding.place.source


def test_ordinary_patterns_and_long_lists_are_not_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scans, "BUDGET_MS", 60.0)  # this machine may be busy
    rules = [
        a_rule(rf'content.text.matches(r"\bfree\w*\s+(\w+\s+)?money{n}")', rule=f"r{n}")
        for n in range(100)
    ]
    rules.append(a_rule("content.text.contains_any(lists.words)", rule="listed"))
    bundle = load(tmp_path, *rules)
    (scan,) = bundle.plan("post").scans
    assert len(scan.patterns) == 101


def test_the_same_patterns_always_meet_the_same_texts() -> None:
    assert list(scans._probes(("x",))) == list(scans._probes(("x",)))
    assert len(set(scans._probes(("x",)))) == 3
    assert Scan("content.text", ("x",), Scanner(["x"])).milliseconds() >= 0


def test_the_budget_is_checked_before_a_set_is_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scans, "BUDGET_MS", -1.0)
    with pytest.raises(RuleFileError, match="scan-budget"):
        load(tmp_path, a_rule("content.text.contains_any(lists.words)"))
