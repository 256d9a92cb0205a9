"""A ruleset that a child compiled is the same ruleset, and is gone when nobody needs it."""

import gc
import weakref
from pathlib import Path

import pytest

from safety.assets import shipped
from safety.domain.features import Values
from safety.ruleset.bundle import Bundle
from safety.ruleset.frozen import freeze
from safety.ruleset.load import load_bundle
from safety.ruleset.packed import pack, parts_of, unpack
from safety.ruleset.proof import example, run_tests
from tests.unit.ruleset.folders import AT, a_rule, load

RECIPES = Path(__file__).parents[3] / "docs" / "recipes"
TESTS = """\
tests:
  - {name: yes, expect: match, given: {actor.verified: true}}
  - {name: no, expect: no match, given: {actor.verified: false}}
"""
EVERYTHING = (
    a_rule("actor.followers > 3", "default(actor.following, 0) < 9", rule="numbers"),
    a_rule('matches(content.text, r"(?i)win.{0,9}money")', rule="pattern"),
    a_rule("contains_any(content.text, lists.words)", rule="words"),
    a_rule("ip_in(net.ip, lists.networks)", rule="address"),
    a_rule("lower(content.text) != net.country", rule="texts"),
    a_rule("actor.verified", rule="final", then="{verdict: block, final: true}"),
    a_rule("actor.verified", rule="capped", unless=("actor.reputation > 0.9",)),
    a_rule(
        "actor.verified", rule="canary", more=f"rollout: {{mode: canary, percent: 30}}\n{TESTS}"
    ),
    a_rule('count("post", by=actor.id, within="10m") > 3', rule="window"),
)
VALUES: tuple[Values, ...] = (
    {},
    {"actor.verified": True, "actor.id": "u_1", "actor.followers": 5, "content.text": "Casino"},
    {"actor.verified": True, "actor.id": "u_7", "actor.reputation": 0.95, "net.country": "NL"},
    {"content.text": "WIN much MONEY", "net.ip": "198.51.100.7", "net.country": "DE"},
    {'count("post", by=actor.id, within="10m")': 4, "actor.following": 3, "actor.followers": 4},
)


def both(bundle: Bundle) -> tuple[Bundle, Bundle]:
    return bundle, unpack(pack(bundle))


@pytest.mark.parametrize("values", VALUES)
def test_an_unpacked_ruleset_fires_and_explains_as_it_did(
    tmp_path: Path, values: dict[str, object]
) -> None:
    made, unpacked = both(load(tmp_path, *EVERYTHING))
    for judge in ("judge_final", "judge"):
        fired = getattr(made.plan("post"), judge)(values)
        assert getattr(unpacked.plan("post"), judge)(values) == fired
    for rule in made.rules:
        assert unpacked.explain(rule.id, values) == made.explain(rule.id, values)  # type: ignore[arg-type]  # values of every kind


@pytest.mark.parametrize("folders", [[shipped("rules")], [shipped("rules"), RECIPES]])
def test_shipped_rules_and_recipes_are_whole_after_the_journey(folders: list[Path]) -> None:
    made, unpacked = both(load_bundle(folders, run_tests=False, at=AT))
    assert unpacked.version == made.version
    assert unpacked.compiled == made.compiled
    assert (unpacked.lists, unpacked.policies) == (made.lists, made.policies)
    assert (unpacked.fixtures, unpacked.catalogue) == (made.fixtures, made.catalogue)
    assert run_tests(unpacked) == run_tests(made)
    for compiled in made.compiled:
        for test in compiled.tests:
            values = example(made, compiled, test)
            fired = made.plan(test.event).judge(values)
            assert unpacked.plan(test.event).judge(values) == fired


def test_a_ruleset_can_travel_again(tmp_path: Path) -> None:
    bundle = load(tmp_path, *EVERYTHING)
    assert unpack(pack(unpack(pack(bundle)))).version == bundle.version


def test_only_what_rulesets_are_made_of_travels() -> None:
    with pytest.raises(TypeError, match="PosixPath is no part of a bundle"):
        freeze(Path())


def test_unpacking_pauses_now_and_then(tmp_path: Path) -> None:
    pauses: list[None] = []
    unpack(pack(load(tmp_path, *EVERYTHING)), lambda: pauses.append(None))
    assert len(pauses) > len(EVERYTHING)


def test_a_ruleset_that_nobody_holds_is_gone_without_a_collector(tmp_path: Path) -> None:
    bundle = unpack(pack(load(tmp_path, *EVERYTHING)))
    gc.collect()
    gc.disable()
    try:
        judge = weakref.ref(bundle.plan("post").judge)
        seen = weakref.ref(bundle)
        assert parts_of(bundle)
        del bundle
        assert seen() is None
        assert judge() is None
    finally:
        gc.enable()
