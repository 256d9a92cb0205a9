"""`rules backtest`, `rules diff` and `rules precision`, on an installation with a past."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import typer
from sqlalchemy import Engine

from safety.cli.backtest import register
from safety.cli.ground import UnpreparedError
from safety.domain.reviews import Action
from safety.ruleset.findings import RuleFileError
from safety.store import rule_controls
from safety.store.engine import open_engine, read
from tests.integration.training.decided import (
    DAY,
    HOUR,
    a_comment,
    a_reviewed_comment,
    a_signal,
    resolve_all,
    store,
)
from tests.unit.cli.conftest import Command

RULE = """rule: mine
title: Sales talk
owner: trust-content
policy: spam.commercial
events: [comment]
when: 'content.text.contains("buy")'
then: {verdict: hold}
"""
HOSTILE = "buy <script>alert(1)</script>\u202e\x1b[31m"


def rules(*words: str) -> None:
    """The commands as the family of rules has them."""
    family = typer.Typer()
    register(family)
    typer.main.get_command(family)(list(words), standalone_mode=False)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setenv("SAFETY_RULES_DIR", str(folder))
    (folder / "mine.yaml").write_text(RULE)
    return folder


@pytest.fixture
def engine(installed: Command, data_dir: Path, site: Path) -> Iterator[Engine]:
    """A past of three days: ten comments that sell, one of them hostile, and ten that do not."""
    opened = open_engine(f"sqlite:///{data_dir / 'safety.db'}")
    start = time.time() - 3 * DAY
    sold = [
        a_reviewed_comment(start + n * HOUR, text="buy it", signals=[a_signal("links")])
        for n in range(9)
    ]
    hostile = a_comment(start + 9 * HOUR, text=HOSTILE, actor="u_\x1b[31m<b>")
    store(opened, *sold, hostile, *(a_comment(start + n * HOUR) for n in range(10)))
    resolve_all(opened, Action.REMOVE, sold[:4])
    resolve_all(opened, Action.KEEP, sold[4:5])
    yield opened
    opened.dispose()


def test_a_backtest_says_how_often_how_right_and_whom(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    rules("backtest", "mine", "--since", "7d")
    said = capsys.readouterr().out
    for expected in (
        "10 in all",
        "5 of 10 were looked at",
        "80.0%",
        "links",
        "content.text",
        "dec_c",
    ):
        assert expected in said
    assert "buy" not in said
    assert "\x1b[31m" not in said


def test_content_is_shown_on_request_and_cannot_steer_the_terminal(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    rules("backtest", "mine", "--content")
    said = capsys.readouterr().out
    assert "buy" in said
    assert not {"\x1b", "\u202e"} & set(said)


def test_the_answer_as_json_has_everything(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    rules("backtest", "mine", "--json", "--examples", "2")
    found = json.loads(capsys.readouterr().out)
    assert (found["rule"], found["matches"], found["events"]) == ("mine", 10, 20)
    assert found["per_day"] == pytest.approx(10 / 7)
    assert found["precision"]["share"] == 0.8
    assert found["precision"]["coverage"] == 0.5
    assert len(found["precision"]["interval"]) == 2
    assert found["overlaps"] == [{"rule": "links", "matches": 9}]
    assert len(found["samples"]) == 2


def test_the_page_stands_alone_and_runs_nothing(engine: Engine, tmp_path: Path) -> None:
    page = tmp_path / "found.html"
    rules("backtest", "mine", "--content", "--html", str(page))
    html = page.read_text("utf-8")
    assert html.count("<svg") == 3
    assert "<script" not in html
    assert "src=" not in html
    assert "href=" not in html
    assert "http://" not in html.replace("http-equiv", "")
    assert not {"\x1b", "\u202e"} & set(html)
    for svg in html.split("<svg")[1:]:
        ET.fromstring("<svg" + svg.split("</svg>")[0] + "</svg>")  # noqa: S314 - our own page
    assert html.count("<table") >= html.count("<svg")


def test_a_rule_in_a_file_can_be_tried_before_it_is_put_anywhere(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = tmp_path / "draft.yaml"
    draft.write_text(RULE.replace("rule: mine", "rule: other").replace('"buy"', '"hello"'))
    rules("backtest", str(draft), "--json")
    assert json.loads(capsys.readouterr().out)["matches"] == 10
    draft.write_text(RULE + "---\n" + RULE.replace("rule: mine", "rule: two"))
    with pytest.raises(UnpreparedError, match="holds 2 rules"):
        rules("backtest", str(draft))


def test_a_rule_that_is_not_there_brings_a_guess(engine: Engine) -> None:
    with pytest.raises(UnpreparedError, match="did you mean `mine`"):
        rules("backtest", "mina")


def test_wrong_rules_and_wrong_durations_are_refused(engine: Engine, site: Path) -> None:
    with pytest.raises(typer.BadParameter):
        rules("backtest", "mine", "--since", "soon")
    (site / "mine.yaml").write_text(RULE.replace("content.text", "content.txt"))
    with pytest.raises(RuleFileError):
        rules("backtest", "mine")


def test_without_a_rule_every_rule_is_counted(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    rules("backtest", "--json")
    figures = json.loads(capsys.readouterr().out)
    assert figures["mine"] == {"events": 20, "matches": 10, "unknown": 0}
    assert len(figures) > 10
    rules("backtest")
    assert "mine" in capsys.readouterr().out


def test_a_diff_of_folders_says_who_is_stopped(
    engine: Engine, site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = tmp_path / "new"
    new.mkdir()
    live = (
        "rollout: {mode: enforce}\ntests:\n  - {name: a, expect: match}\n"
        "  - {name: b, expect: no match}\n"
    )
    (new / "mine.yaml").write_text(RULE + live)
    page = tmp_path / "diff.html"
    rules("diff", str(site), str(new), "--html", str(page))
    said = capsys.readouterr().out
    assert "allow to hold" in said
    assert "mine" in said
    html = page.read_text("utf-8")
    assert "newly stopped" in html
    assert "<script" not in html
    rules("diff", str(new), "--json")  # against the configured rules
    found = json.loads(capsys.readouterr().out)
    assert (found["released"], found["newly_stopped"]) == (10, 0)
    with pytest.raises(UnpreparedError, match="no folder of rules"):
        rules("diff", "nowhere")


def test_precision_is_told_per_rule(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "precision.html"
    rules("precision", "--html", str(page))
    assert "80.0%" in capsys.readouterr().out
    assert "links, live" in page.read_text("utf-8")
    rules("precision", "links", "--json")
    (only,) = json.loads(capsys.readouterr().out)
    assert (only["rule"], only["total"]["looked_at"]) == ("links", 5)


def test_a_folder_that_cannot_be_written_costs_time_and_no_answer(
    engine: Engine, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data_dir / "segments").write_text("in the way")
    rules("backtest", "mine", "--json")
    said = capsys.readouterr()
    assert json.loads(said.out)["matches"] == 10
    assert "not sealed" in said.err


@pytest.mark.parametrize("words", [("backtest", "mine"), ("backtest",)])
def test_the_circuit_breaker_hears_how_often_rules_in_force_matched(
    engine: Engine, words: tuple[str, ...]
) -> None:
    rules(*words, "--since", "7d")
    with read(engine) as connection:
        kept = [b for b in rule_controls.baselines(connection).values() if b.rule == "mine"]
    assert [(b.events, b.matches) for b in kept] == [(20, 10)]


def test_a_backtest_of_one_tenant_or_another_folder_is_not_what_the_breaker_hears(
    engine: Engine, site: Path
) -> None:
    rules("backtest", "mine", "--tenant", "acme")
    rules("backtest", "mine", "--rules", str(site))
    with read(engine) as connection:
        assert rule_controls.baselines(connection) == {}
