"""A backtest for the desk runs in a child: it says how far it is, and its result is kept."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from safety.domain.errors import Unavailable
from safety.ruleset.files import RuleFiles
from safety.store.engine import migrate, open_engine, read
from safety.store.rule_controls import baselines
from safety.training.apart import Backtests, Running
from tests.controlled_rules import LONG_TEXT
from tests.factories import NOW, a_rules_folder
from tests.integration.training.decided import a_comment, store

RULE = "long-text"


@pytest.fixture
def backtests(tmp_path: Path) -> Iterator[Backtests]:
    url = f"sqlite:///{tmp_path / 'safety.db'}"
    engine: Engine = open_engine(url, synchronous="normal")
    migrate(engine)
    facts = [{"content.length": length} for length in (2, 9, 12)]
    store(engine, *(a_comment(NOW - 600 + n, facts=each) for n, each in enumerate(facts)))
    yield Backtests(engine, lambda: NOW, url, tmp_path / "segments", 60.0)
    engine.dispose()


@pytest.fixture
def files(tmp_path: Path) -> RuleFiles:
    return RuleFiles.read([a_rules_folder(tmp_path, LONG_TEXT)])


def ended(running: Running) -> Running:
    until = time.monotonic() + 60
    while not running.is_over and time.monotonic() < until:
        time.sleep(0.02)
    assert running.is_over
    return running


def test_a_result_is_kept_without_anybody_in_it_and_the_breaker_learns(
    backtests: Backtests, files: RuleFiles
) -> None:
    running = backtests.start(files, {}, RULE, days=1, is_in_force=True)
    with pytest.raises(Unavailable):
        backtests.start(files, {}, RULE, days=1, is_in_force=True)
    assert ended(running).trouble == ""
    with read(backtests.engine) as connection:
        ((key, measured),) = baselines(connection).items()
    assert (key[0], measured.events, measured.matches) == (RULE, 3, 2)
    kept = backtests.result(RULE, key[1])
    assert kept is not None
    made_at, found = kept
    assert (made_at, found.matches, found.events, found.samples) == (NOW, 2, 3, ())
    assert backtests.result(RULE, "another") is None
    assert backtests.running("another") is None


def test_a_draft_teaches_the_breaker_nothing(backtests: Backtests, files: RuleFiles) -> None:
    draft = files.with_rule(RULE, LONG_TEXT.replace("> 3", "> 10"))
    assert ended(backtests.start(draft, {}, RULE, days=1, is_in_force=False)).trouble == ""
    with read(backtests.engine) as connection:
        assert baselines(connection) == {}


@pytest.mark.parametrize(
    ("text", "said"), [("rule: [", "desk/long-text.yaml:1"), ("rule: other\n", "desk/long-text")]
)
def test_a_text_that_does_not_load_is_told(
    backtests: Backtests, files: RuleFiles, text: str, said: str
) -> None:
    broken = files.with_rule(RULE, text)
    assert said in ended(backtests.start(broken, {}, RULE, days=1, is_in_force=False)).trouble


def test_a_child_that_takes_too_long_is_ended(backtests: Backtests, files: RuleFiles) -> None:
    backtests.seconds = 0.0
    running = ended(backtests.start(files, {}, RULE, days=1, is_in_force=False))
    assert running.trouble == "the backtest ended without an answer"
