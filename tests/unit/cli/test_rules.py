"""`rules`: faults with their place, red tests with the line that decided, rules in words."""

import json
from pathlib import Path

import pytest

from safety.cli.rules import changes
from tests.unit.cli.conftest import Command

RULE = """rule: mine
title: Many links
owner: trust-content
policy: spam.commercial
events: [comment]
when: content.links >= 3
then: {verdict: hold, severity: low, reason: MANY_LINKS, queue: content}
rollout: {mode: shadow}
tests:
  - {name: three links, expect: match, given: {content.links: 3}}
  - {name: no link, expect: no match, given: {content.links: 0}}
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setenv("SAFETY_RULES_DIR", str(folder))
    return folder


def test_the_shipped_rules_are_right_and_green(command: Command) -> None:
    assert "rules are right" in command("rules", "check").out
    ended = command("rules", "test")
    assert ended.code == 0
    assert "0 are red" in ended.out


def test_a_fault_is_shown_with_its_place_and_a_guess(command: Command, site: Path) -> None:
    (site / "mine.yaml").write_text(RULE.replace("when: content.links", "when: content.lnks"))
    ended = command("rules", "check")
    assert ended.code == 2
    assert "site/mine.yaml:6:" in ended.err
    assert "did you mean `content.links`" in ended.err


def test_a_red_test_is_shown_with_the_values_that_decided(command: Command, site: Path) -> None:
    (site / "mine.yaml").write_text(RULE.replace("{content.links: 3}", "{content.links: 2}"))
    ended = command("rules", "test")
    assert ended.code == 1
    assert "site/mine.yaml:10:" in ended.out
    assert "FALSE    content.links >= 3   (content.links = 2)" in ended.out
    assert "1 are red" in ended.out


def test_files_are_summed_up_one_by_one(command: Command, site: Path) -> None:
    (site / "mine.yaml").write_text(RULE)
    line = next(li for li in command("rules", "test").out.splitlines() if "site/mine.yaml" in li)
    assert [cell.strip() for cell in line.split("│")[1:4]] == ["site/mine.yaml", "1", "2"]


def test_a_rule_is_shown_in_words(command: Command, site: Path) -> None:
    (site / "mine.yaml").write_text(RULE)
    shown = command("rules", "show", "mine").out
    for expected in ("Many links", "content.links >= 3", "MANY_LINKS", "shadow", "site/mine.yaml"):
        assert expected in shown


def test_an_unknown_rule_brings_a_guess(command: Command, site: Path) -> None:
    (site / "mine.yaml").write_text(RULE)
    ended = command("rules", "show", "mina")
    assert ended.code == 2
    assert "did you mean `mine`?" in ended.err


@pytest.mark.parametrize(
    ("style", "says"),
    [
        ("json", '"code": "unknown-feature"'),
        ("sarif", '"ruleId": "unknown-feature"'),
        ("github", "::error file="),
    ],
)
def test_faults_are_printed_for_machines(
    command: Command, site: Path, style: str, says: str
) -> None:
    (site / "mine.yaml").write_text(RULE.replace("when: content.links", "when: content.lnks"))
    ended = command("rules", "check", "--format", style)
    assert (ended.code, ended.err) == (2, "")
    assert says in ended.out
    assert str(site / "mine.yaml") in ended.out


def test_rules_without_faults_are_an_empty_report(command: Command) -> None:
    ended = command("rules", "check", "--format", "json", "--strict")
    assert json.loads(ended.out) == {"findings": []}
    assert ended.code == 0


def test_warnings_fail_a_strict_check_only(command: Command, site: Path) -> None:
    (site / "mine.yaml").write_text(RULE.replace("links >= 3", "links >= 3 or score.spam > 2"))
    assert command("rules", "check").code == 0
    ended = command("rules", "check", "--strict")
    assert ended.code == 1
    assert "warning[always-false]: `score.spam > 2` can never be true here" in ended.out


def test_history_joins_the_check(command: Command, site: Path, tmp_path: Path) -> None:
    (site / "mine.yaml").write_text(RULE)
    figures = tmp_path / "figures.json"
    figures.write_text('{"mine": {"events": 1000, "matches": 500}}')
    ended = command("rules", "check", "--observed", str(figures))
    assert "`mine` matched 50.0 % of 1,000 events" in ended.out
    figures.write_text('{"mine": 3}')
    ended = command("rules", "check", "--observed", str(figures))
    assert ended.code == 2
    assert "does not hold the figures of rules" in ended.err


def test_changes_that_no_test_notices_are_reported(command: Command, site: Path) -> None:
    (site / "mine.yaml").write_text(RULE)
    ended = command("rules", "test", "--mutate")
    assert ended.code == 0
    assert "`content.links >= 3` -> `content.links >= 2`" in ended.out
    assert "small changes to the rules are noticed by no test" in ended.out


def test_a_canary_is_shown_with_its_share(command: Command, site: Path) -> None:
    rollout = "{mode: canary, percent: 2.5, by: net.ip, until: 2027-01-15}"
    (site / "mine.yaml").write_text(RULE.replace("{mode: shadow}", rollout))
    shown = command("rules", "show", "mine").out
    assert "canary for 2.5 % by net.ip until 2027-01-16 00:00 UTC" in shown
    assert "microseconds at most" in shown


def test_a_rule_is_shown_in_cel(command: Command, site: Path) -> None:
    (site / "mine.yaml").write_text(RULE)
    shown = command("rules", "show", "mine", "--cel").out
    assert shown == 'when: (v["content.links"] >= 3.0)\nunless: false\n'


def test_the_schema_knows_the_words_of_this_installation(command: Command) -> None:
    schema = json.loads(command("rules", "schema").out)
    assert "spam.commercial" in schema["properties"]["policy"]["enum"]


def test_watching_looks_again_when_a_file_changes(site: Path) -> None:
    (site / "mine.yaml").write_text(RULE)
    naps = 0

    def sleep(_seconds: float) -> None:
        nonlocal naps
        naps += 1
        if naps == 3:
            (site / "more.yaml").write_text(RULE.replace("rule: mine", "rule: more"))

    moments = changes([site], lambda: float(naps), sleep)
    assert [next(moments), next(moments)] == [0.0, 3.0]
