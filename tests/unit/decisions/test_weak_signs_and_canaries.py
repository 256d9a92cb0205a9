"""Judging with points that add up, and with rules that are live for some and shadow for others."""

from pathlib import Path

import pytest

from safety.decisions.judge import Judge, Judgement, Prepared
from safety.decisions.record import _signals
from safety.domain.decisions import SignalSource
from safety.domain.verdicts import Mode, Verdict
from safety.ruleset.load import load_bundle
from safety.ruleset.rollouts import bucket_of
from safety.state.memory import MemoryCounters
from tests.factories import NOW, a_rules_folder, an_event, raw

RULES = """
rule: {id}
title: A sign
owner: abuse
policy: spam.commercial
events: [comment]
when: content.length > {least}
then: {then}
rollout: {rollout}
tests:
  - {{name: long, expect: match, given: {{content.length: 90}}}}
  - {{name: empty, expect: no match, given: {{content.length: 0}}}}
"""


def a_sign(name: str, then: str, least: int = 0, rollout: str = "{mode: enforce}") -> str:
    return RULES.format(id=name, least=least, then=then, rollout=rollout)


def judged(folder: Path, *rules: str, actor: str = "u_1") -> Judgement:
    rule_folder = a_rules_folder(folder, "---".join(rules))
    features = rule_folder / "features.yaml"
    plain = "comment:        {fail: open,"
    assert plain in features.read_text()
    counting = plain.replace("{fail", "{points: {hold: 5}, fail")
    features.write_text(features.read_text().replace(plain, counting))
    prepared = Prepared(load_bundle([rule_folder], at=NOW), [])
    event = an_event()
    event["actor"]["id"] = actor
    read = prepared.reader.read(raw(event), now=NOW, fallback_id=lambda: "e")
    judge = Judge(MemoryCounters(), lambda prefix: f"{prefix}_1")
    return judge.judge("main", read, prepared, now=NOW, has_time=lambda: True)


def test_weak_signs_together_hold_what_none_would_alone(tmp_path: Path) -> None:
    one, other = a_sign("one", "{points: 3}"), a_sign("other", "{points: 2}", least=1)
    assert judged(tmp_path / "a", one).verdict is Verdict.ALLOW
    both = judged(tmp_path / "b", one, other)
    assert both.verdict is Verdict.HOLD
    (added,) = [s for s in both.signals if s.source is SignalSource.POINTS]
    assert (added.name, added.reason) == ("5", "POINTS")


def test_an_override_lifts_what_points_bring(tmp_path: Path) -> None:
    rules = [a_sign("one", "{points: 9}"), a_sign("trusted", "{override: allow}", least=1)]
    assert judged(tmp_path, *rules).verdict is Verdict.ALLOW


@pytest.mark.parametrize("actor", ["u_1", "u_2", "u_3", "u_4"])
def test_a_canary_is_obeyed_for_its_members_and_recorded_for_all(
    tmp_path: Path, actor: str
) -> None:
    share = sorted(bucket_of("one", f"u_{n}") for n in range(1, 5))[2]
    rollout = f"{{mode: canary, percent: {share / 100}}}"
    judgement = judged(tmp_path, a_sign("one", "{verdict: block}", rollout=rollout), actor=actor)
    is_member = bucket_of("one", actor) < share
    assert judgement.verdict is (Verdict.BLOCK if is_member else Verdict.ALLOW)
    (recorded,) = _signals(judgement)
    assert recorded["mode"] is (Mode.ENFORCE if is_member else Mode.SHADOW)
