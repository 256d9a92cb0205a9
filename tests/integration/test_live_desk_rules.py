"""What the desk writes reaches every process, and stays over folder changes and restarts."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from safety.app.rules import LiveRules
from safety.domain.errors import RulesRefused
from safety.ruleset.files import RuleFiles
from safety.ruleset.texts import text_of
from safety.ruleset.workshop import NotBuiltError, try_apart
from safety.store.engine import migrate, open_engine
from tests.integration.test_live_rules import RULE, Site, notice, version
from tests.unit.ruleset.folders import AT


@pytest.fixture
def site(tmp_path: Path) -> Site:
    engine: Engine = open_engine(f"sqlite:///{tmp_path / 'safety.db'}", synchronous="normal")
    migrate(engine)
    (tmp_path / "site").mkdir()
    made = Site(tmp_path / "site", engine)
    made.write("first")
    return made


def in_force(live: LiveRules) -> RuleFiles:
    active = live.versions.active()
    assert active is not None
    return live.versions.files(active.version)


def write_here(live: LiveRules, name: str, when: str) -> None:
    seen = live.versions.active()
    assert seen is not None
    files = in_force(live).with_rule(name, RULE.format(name=name, when=when))
    done = live.change(files, seen=seen, author="ana", why="attack")
    assert done is not None


def condition(live: LiveRules, name: str = "first") -> str:
    return live.prepared().bundle.source(name).when[0].text


def test_every_process_follows_what_the_desk_wrote(site: Site) -> None:
    one, other = site.process(), site.process()
    write_here(one, "first", "content.links > 7")
    assert condition(one) == "content.links > 7"
    other.follow()
    assert (condition(other), version(other)) == ("content.links > 7", version(one))
    assert one.prepared().bundle.rule("first").place == "desk/first.yaml:1"


def test_a_folder_that_changes_and_a_restart_keep_it(site: Site) -> None:
    live = site.process()
    write_here(live, "first", "content.links > 7")
    site.write("second")
    notice(live)
    assert condition(live) == "content.links > 7"
    assert condition(live, "second") == "content.links > 3"
    again = site.process()
    assert version(again) == version(live)
    assert condition(again) == "content.links > 7"
    assert len(site.versions.history(limit=10)) == 3  # a restart publishes nothing


def test_a_text_that_does_not_load_changes_nothing(site: Site) -> None:
    live = site.process()
    seen = live.versions.active()
    assert seen is not None
    files = in_force(live).with_rule("first", "rule: [")
    with pytest.raises(RulesRefused, match=r"desk/first\.yaml:1"):
        live.change(files, seen=seen, author="ana", why="")
    assert live.versions.active() == seen
    assert live.trouble() is None  # the folders are as they should be


def test_of_two_changes_of_one_version_the_second_is_told(site: Site) -> None:
    live = site.process()
    seen = live.versions.active()
    assert seen is not None
    first = in_force(live).with_rule("first", RULE.format(name="first", when="content.links > 7"))
    second = in_force(live).with_rule("third", RULE.format(name="third", when="content.links > 1"))
    assert live.change(first, seen=seen, author="ana", why="") is not None
    assert live.change(second, seen=seen, author="kim", why="") is None
    assert condition(live) == "content.links > 7"


def test_a_pinned_version_stays_pinned_under_a_change(site: Site) -> None:
    live = site.process()
    first = version(live)
    site.write("second")
    notice(live)
    live.versions.roll_back(first, author="ana", why="too strict")
    live.follow()
    write_here(live, "first", "content.links > 7")
    active = live.versions.active()
    assert active is not None
    assert active.is_pinned
    assert "second" not in {rule.id for rule in live.prepared().bundle.rules}


def test_a_rule_is_tried_in_a_child_that_ends(site: Site) -> None:
    files = in_force(site.process())
    text = text_of(files, "first")
    assert text is not None
    trial = try_apart(files, {}, "first", at=AT, seconds=60)
    assert trial.rule is not None
    assert (trial.rule.id, trial.is_sound, trial.may_stop) == ("first", True, False)
    wrong = files.with_rule("first", text.text.replace("links", "linkz"))
    (error,) = try_apart(wrong, {}, "first", at=AT, seconds=60).errors
    assert (error.code, error.place.file, error.place.line) == (
        "unknown-feature", "desk/first.yaml", 6,
    )  # fmt: skip
    with pytest.raises(NotBuiltError, match="too long"):
        try_apart(files, {}, "first", at=AT, seconds=0.01)
