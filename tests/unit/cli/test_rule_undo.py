"""Undoing and learning from the command line."""

import time
from pathlib import Path

import pytest

from safety.domain.verdicts import Verdict
from safety.store import audit, ledger
from safety.store.engine import open_engine, read
from tests.integration.training.decided import a_comment, a_signal, store
from tests.unit.cli.conftest import Command

RULE = "link-burst-new-account"


@pytest.fixture
def decided(installed: Command, data_dir: Path) -> str:
    """A comment that the rule held a while ago; its decision's id."""
    engine = open_engine(f"sqlite:///{data_dir / 'safety.db'}")
    facts = {"content.links": 3, "actor.account_age": 60.0}
    entry = a_comment(
        time.time() - 600, signals=(a_signal(RULE),), facts=facts, verdict=Verdict.HOLD
    )
    store(engine, entry)
    engine.dispose()
    return entry.id


def test_a_preview_changes_nothing_and_a_reason_undoes(
    installed: Command, data_dir: Path, decided: str
) -> None:
    said = installed("rules", "undo", RULE, "--from", "2h ago").out
    assert "1 from hold to allow" in said
    assert "1 decisions of 1 accounts would change" in said
    assert installed("rules", "undos").out.count(RULE) == 0
    done = installed("rules", "undo", RULE, "--from", "2h", "--reason", "wrong list")
    assert "is done: 1 decisions were reversed" in done.out
    assert "wrong list" in installed("rules", "undos").out
    engine = open_engine(f"sqlite:///{data_dir / 'safety.db'}")
    with read(engine) as connection:
        assert ledger.amendments(connection, decided)[-1].verdict is Verdict.ALLOW
        assert audit.recent(connection)[0].action == "rule.undone"
    engine.dispose()


def test_many_accounts_wait_for_somebody_else(
    installed: Command, decided: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFETY_UNDO_ALONE_ACCOUNTS", "0")
    words = ("rules", "undo", RULE, "--from", "2h", "--reason", "wrong list")
    said = installed(*words).out
    assert "somebody else approves" in said
    undo = said.split("approves ")[1].split()[0]
    own = installed("rules", "undo", "--approve", undo)
    assert own.code == 2
    assert "Nobody approves their own" in own.err
    monkeypatch.setenv("USER", "somebody-else")
    assert "is done" in installed("rules", "undo", "--approve", undo).out


def test_what_makes_no_sense_is_refused(installed: Command, decided: str) -> None:
    assert installed("rules", "undo").code == 2
    assert installed("rules", "undo", RULE).code == 2
    assert installed("rules", "undo", RULE, "--from", "soon").code == 2


def test_a_mistake_becomes_a_test_and_a_draft(installed: Command, decided: str) -> None:
    assert installed("rules", "publish").code == 0
    said = installed("rules", "learn", RULE, decided)
    assert f"kept by a moderator: {decided}" in said.out
    assert "expect: no match" in said.out
    kept = installed("rules", "learn", RULE, decided, "--save").out
    assert "Kept as draft 1: /desk/changes/chg_" in kept
    assert installed("rules", "learn", RULE, "dec_nothing").code == 2


def test_the_level_is_raised_shown_and_lowered(installed: Command) -> None:
    assert "as usual" in installed("attack", "show").out
    assert "newcomers until" in installed("attack", "raise", "--reason", "wave").out
    assert "everybody until" in installed(
        "attack", "raise", "everybody", "--for", "1h", "--reason", "wave"
    ).out  # fmt: skip
    shown = installed("attack", "show").out
    assert "everybody until" in shown
    assert "wave" in shown
    assert installed("attack", "raise", "--for", "2d", "--reason", "x").code == 2
    assert "as usual" in installed("attack", "lower").out
    assert installed("attack", "lower").code == 1
