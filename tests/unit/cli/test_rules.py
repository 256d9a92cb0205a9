"""`rules`: faults with their place, red tests with the line that decided, rules in words."""

from pathlib import Path

import pytest

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
