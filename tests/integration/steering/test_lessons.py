"""A decision that a rule got wrong becomes a test that it must not match again."""

import json
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine

from safety.decisions.steering.lessons import as_given
from safety.domain.errors import NotFound
from safety.domain.features import Kind
from safety.ruleset.texts import text_of, with_test
from safety.ruleset.trial import try_rule
from tests.factories import NOW
from tests.integration.training.decided import a_comment, store
from tests.steering_bench import Bench


def learnt(bench: Bench, rule: str, **changes: Any) -> Any:
    entry = a_comment(NOW - 60, **changes)
    store(bench.engine, entry)
    return bench.parts.lessons.of(entry.id, rule)


def tried(bench: Bench, rule: str, test: str) -> Any:
    active = bench.versions.active()
    assert active is not None
    files = bench.versions.files(active.version)
    text = text_of(files, rule)
    assert text is not None
    return try_rule(files.with_rule(rule, with_test(text.text, test)), {}, rule, at=NOW)


def test_the_test_is_red_as_long_as_the_rule_matches(bench: Bench, engine: Engine) -> None:
    found = learnt(bench, "long-text", text="Wunderlampe is here", facts={"content.length": 19})
    assert found.still_matches
    assert "Wunderlampe" not in found.test
    assert "content.length: 19" in found.test
    seen = tried(bench, "long-text", found.test).tests[-1]
    assert (seen.passed, seen.expects_match) == (False, False)


def test_a_rule_that_does_not_match_any_more_gets_a_green_one(bench: Bench) -> None:
    found = learnt(bench, "long-text", text="hi", facts={"content.length": 2})
    assert not found.still_matches
    assert tried(bench, "long-text", found.test).tests[-1].passed


def test_a_value_that_was_missing_is_missing_in_the_test(bench: Bench) -> None:
    found = learnt(bench, "spam-score", text="hi")
    assert "score.spam: null" in found.test or "given: {}" in found.test
    assert tried(bench, "spam-score", found.test).is_sound


def test_only_words_that_the_rule_found_stay_of_a_text(bench: Bench) -> None:
    text = bench.parts.rules.text("quiet").text
    text = text.replace("rule: quiet", "rule: words").replace(
        "content.length > 90", "'content.text.contains(\"free money\")'"
    )
    text = text.replace("{content.length: 99}", '{content.text: "free money"}')
    text = text.replace("{content.length: 2}", '{content.text: "hello"}')
    rules = bench.parts.rules
    rules.publish(rules.save("words", text, why="", author="ana").id, author="ana")
    found = learnt(bench, "words", text="Ana Muster says: get free money at 12 Elm St.")
    assert found.still_matches
    assert found.kept == ()
    assert 'content.text: "free money"' in found.test
    assert not tried(bench, "words", found.test).tests[-1].passed


def test_a_decision_a_rule_or_a_type_that_is_not_there_is_not_found(bench: Bench) -> None:
    entry = a_comment(NOW)
    login = a_comment(NOW, event_type="login")
    store(bench.engine, entry, login)
    for decision, rule in ((entry.id, "nobody"), ("dec_nobody", "quiet"), (login.id, "quiet")):
        with pytest.raises(NotFound):
            bench.parts.lessons.of(decision, rule)


def test_hostile_values_are_quoted_so_that_yaml_reads_them_as_they_are() -> None:
    for text in ("a: b", "- x", "}", "#", "\u202e\u2028\x85\x07", '"', "\\", "😀", "null", "\x7f"):
        assert yaml.safe_load(as_given(text, Kind.STRING)) == text
    assert yaml.safe_load(as_given(("a, b", "]"), Kind.STRINGS)) == ["a, b", "]"]
    assert as_given(90.0, Kind.DURATION) == "90s"
    assert as_given(-1.0, Kind.DURATION) == "null"
    assert as_given(3e9, Kind.DURATION) == "34722d"
    assert json.loads(as_given(0.25, Kind.FLOAT)) == 0.25
