"""The ruleset in force is swapped whole, and an error never takes it away."""

from pathlib import Path

from safety.ruleset.active import ActiveRuleset
from tests.unit.ruleset.folders import a_rule, load


def test_a_newer_ruleset_takes_the_place_of_the_older(tmp_path: Path) -> None:
    active = ActiveRuleset(load(tmp_path / "a", a_rule("actor.verified")))
    newer = load(tmp_path / "b", a_rule("not actor.verified"))
    active.use(newer)
    assert active.bundle is newer
    assert active.error is None


def test_an_error_is_told_until_the_files_are_mended_and_takes_nothing_away(tmp_path: Path) -> None:
    bundle = load(tmp_path, a_rule("actor.verified"))
    active = ActiveRuleset(bundle)
    active.refuse("rules.yaml:3: no")
    assert active.bundle is bundle
    assert active.error == "rules.yaml:3: no"
    active.accept()
    assert active.error is None
