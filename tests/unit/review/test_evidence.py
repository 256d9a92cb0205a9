"""What the ledger keeps of the reasons comes back as it was."""

import json

from safety.review.evidence import read_evidence
from tests.desk_house import a_model_signal, a_rule_signal


def test_live_rules_come_before_shadow_rules_and_the_most_severe_first() -> None:
    signals = [
        a_rule_signal(rule="shadow", mode="shadow", severity="critical"),
        a_rule_signal(rule="mild", severity="low"),
        a_rule_signal(rule="bad", severity="critical"),
    ]
    rules = read_evidence(json.dumps(signals).encode()).rules
    assert [rule.id for rule in rules] == ["bad", "mild", "shadow"]
    assert [rule.is_live for rule in rules] == [True, True, False]


def test_lines_keep_their_values_and_say_what_was_missing() -> None:
    lines = [{"text": "a > 1", "outcome": None, "values": {"a": None}}]
    (rule,) = read_evidence(json.dumps([a_rule_signal(lines=lines)]).encode()).rules
    assert rule.lines[0].outcome is None
    assert rule.lines[0].values == {"a": None}


def test_a_model_comes_with_the_words_behind_its_score() -> None:
    signal = a_model_signal("buy gold now", [("gold", 1.5)])
    (model,) = read_evidence(json.dumps([signal]).encode()).models
    assert (model.words[0].start, model.words[0].end, model.words[0].weight) == (4, 8, 1.5)


def test_a_source_from_another_version_is_passed_over() -> None:
    assert read_evidence(b'[{"source": "ring", "name": "x"}]').rules == ()
