"""Behaviour is remembered for the rules that read it, and for no others."""

from pathlib import Path

import pytest

from safety.assets import shipped
from safety.domain.habits import (
    DELIVERED_SHARE,
    DELIVERS,
    LOCKSTEP_PARTNERS,
    PACKED,
    SCHEDULE_TWINS,
    Watch,
)  # fmt: skip
from safety.ruleset.bundle import Bundle
from safety.ruleset.findings import RuleFileError
from safety.ruleset.load import load_bundle
from safety.ruleset.packed import pack, unpack
from tests.factories import a_bundle

RULE = """\
rule: {name}
title: A rule
owner: abuse
policy: engagement.fake
events: [{events}]
when: {when}
then: {{verdict: allow, severity: low, reason: A_RULE, queue: accounts}}
rollout: {{mode: shadow}}
tests:
  - {{name: fires, expect: match, given: {{{given}}}}}
"""
ACTIONS = ("post", "comment", "message", "follow", "like")


def with_rules(tmp_path: Path, *rules: tuple[str, str, str]) -> Bundle:
    texts = [
        RULE.format(name=f"rule-{number}", events=events, when=when, given=given)
        for number, (events, when, given) in enumerate(rules)
    ]
    return a_bundle(tmp_path, "---\n".join(texts))


def watches(bundle: Bundle) -> dict[str, Watch | None]:
    return {name: bundle.plan(name).counting.watch for name in bundle.catalogue.event_types}


def test_no_event_pays_for_what_no_rule_reads(tmp_path: Path) -> None:
    bundle = with_rules(tmp_path, ("post", "content.links >= 3", "content.links: 3"))
    assert set(watches(bundle).values()) == {None}
    assert "content.simhash" not in bundle.plan("post").features


def test_a_habit_that_one_type_reads_is_learned_from_every_action(tmp_path: Path) -> None:
    rule = ("follow", "actor.same_gap_share >= 0.5", "actor.same_gap_share: 0.5")
    found = watches(with_rules(tmp_path, rule))
    assert found["follow"] == Watch(habits=True, reads=("actor.same_gap_share",))
    assert {name for name, watch in found.items() if watch} == set(ACTIONS)
    assert found["post"] == Watch(habits=True)


def test_the_score_reads_all_habits_packed(tmp_path: Path) -> None:
    found = watches(with_rules(tmp_path, ("like", "score.bot >= 0.5", "score.bot: 0.5")))
    assert found["like"] == Watch(habits=True, reads=(PACKED,))


def test_texts_and_ages_are_known_where_a_rule_needs_them(tmp_path: Path) -> None:
    bundle = with_rules(
        tmp_path,
        ("post", "actor.text_repeats >= 0.5", "actor.text_repeats: 0.5"),
        ("post", "actor.quick_deletes >= 0.5", "actor.quick_deletes: 0.5"),
    )
    assert "content.simhash" in bundle.plan("comment").features
    assert bundle.plan("delete").counting.watch == Watch(deletes=True)
    assert "target.age" in bundle.plan("delete").features


def test_twins_partners_and_deliveries_are_parts_of_their_own(tmp_path: Path) -> None:
    found = watches(
        with_rules(
            tmp_path,
            ("post", f"{SCHEDULE_TWINS} >= 1", f"{SCHEDULE_TWINS}: 1"),
            ("follow", f"{LOCKSTEP_PARTNERS} >= 8", f"{LOCKSTEP_PARTNERS}: 8"),
            ("follow", f"{DELIVERED_SHARE} >= 0.2", f"{DELIVERED_SHARE}: 0.2"),
            ("follow", f"{DELIVERS} == 1", f"{DELIVERS}: 1"),
        )
    )
    assert found["message"] == Watch(schedule=True)
    assert found["like"] == Watch(schedule=True, lockstep=True)
    assert found["follow"] == Watch(
        schedule=True,
        lockstep=True,
        deliveries=True,
        reads=(DELIVERS, LOCKSTEP_PARTNERS, DELIVERED_SHARE),
    )
    assert found["post"] == Watch(schedule=True, reads=(SCHEDULE_TWINS,))


def test_a_watch_survives_the_way_from_the_process_that_compiled_it() -> None:
    bundle = load_bundle([shipped("rules")], run_tests=False, at=1.8e9)
    again = unpack(pack(bundle))
    assert watches(again) == watches(bundle)
    assert watches(bundle)["follow"] is not None


def test_a_state_feature_that_nobody_remembers_is_an_error(tmp_path: Path) -> None:
    for file in ("features.yaml", "policies.yaml", "fixtures.yaml"):
        (tmp_path / file).write_bytes((shipped("rules") / file).read_bytes())
    with (tmp_path / "features.yaml").open("a", encoding="utf-8") as catalogue:
        catalogue.write("  actor.mood: {type: float, source: state, description: nobody knows}\n")
    with pytest.raises(RuleFileError, match="habits"):
        load_bundle([tmp_path], run_tests=False, at=1.8e9)
