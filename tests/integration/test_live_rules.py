"""Every process follows the version that the database names, and files change it with care."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from safety.app.rules import LiveRules
from safety.cli.backtest_rules import Rules
from safety.cli.ground import Ground, UnpreparedError
from safety.config import Secrets, Settings
from safety.decisions.versions import Candidate, RuleVersions
from safety.domain.errors import InvalidInput, NotFound, RulesRefused
from safety.domain.features import Values
from safety.domain.lists import ListEntry
from safety.domain.ports import Contribution
from safety.ruleset.files import RuleFiles
from safety.ruleset.findings import RuleFileError
from safety.store import audit, lists
from safety.store.engine import read, write
from tests.unit.ruleset.folders import AT

KEY = b"k" * 32
RULE = """\
rule: {name}
title: a title
owner: somebody
policy: spam.commercial
events: [post]
when: '{when}'
then: {{verdict: hold}}
"""


@dataclass
class Site:
    """A folder of rules, a database, and processes that serve from them."""

    folder: Path
    engine: Engine

    def write(self, name: str, when: str = "content.links > 3") -> None:
        (self.folder / f"{name}.yaml").write_text(RULE.format(name=name, when=when), "utf-8")

    def process(self, seconds: float = 60) -> LiveRules:
        settings = Settings(rules_dir=self.folder, rules_build_seconds=seconds)
        return LiveRules(settings, self.engine, lambda: AT, (), KEY)

    @property
    def versions(self) -> RuleVersions:
        return RuleVersions(self.engine, KEY, lambda: AT)

    def audited(self) -> list[str]:
        with read(self.engine) as connection:
            return [event.action for event in audit.recent(connection)]

    def add_to_list(self, value: str) -> None:
        with write(self.engine) as connection:
            lists.add_entry(connection, ListEntry("link_shorteners", value, "ops", AT))


@pytest.fixture
def site(tmp_path: Path, engine: Engine) -> Site:
    (tmp_path / "site").mkdir()
    made = Site(tmp_path / "site", engine)
    made.write("first")
    return made


def notice(live: LiveRules) -> None:
    """Two looks: files are taken once they stand still."""
    live.look()
    live.look()


def ids(live: LiveRules) -> set[str]:
    return {rule.id for rule in live.prepared().bundle.rules} & {"first", "second", "third"}


def version(live: LiveRules) -> str:
    return live.prepared().bundle.version


def test_a_changed_folder_is_published_once_and_followed_by_everybody(site: Site) -> None:
    one, other = site.process(), site.process()
    site.write("second")
    notice(one)
    assert ids(one) == {"first", "second"}
    other.follow()
    notice(other)
    assert version(other) == version(one) == site.versions.history(limit=1)[0].version
    assert len(site.versions.history(limit=9)) == 2
    assert site.audited() == ["rules.published", "rules.published"]


@pytest.mark.parametrize("fault", ["wrong", "gone", "odd", "slow"])
def test_a_fault_in_the_files_leaves_the_old_rules_and_is_told(site: Site, fault: str) -> None:
    live = site.process(0.01 if fault == "slow" else 60)
    before = live.prepared()
    if fault == "wrong":
        site.write("second", "content.linkz > 3")
    elif fault == "gone":
        site.folder.rename(site.folder.with_name("elsewhere"))
    elif fault == "odd":
        (site.folder / "second.yaml").mkdir()
    else:
        site.write("second")
    notice(live)
    assert live.prepared() is before
    assert live.is_broken() == 1.0
    assert "the old rules stay in force" in (live.trouble() or "")
    assert len(site.versions.history(limit=9)) == 1


def test_files_that_are_as_they_were_are_no_fault_any_more(site: Site) -> None:
    live = site.process()
    site.write("second", "content.linkz > 3")
    notice(live)
    assert live.trouble()
    (site.folder / "second.yaml").unlink()
    notice(live)
    assert live.trouble() is None
    assert len(site.versions.history(limit=9)) == 1


ENFORCED = """\
rollout: {mode: enforce}
tests:
  - {name: many, expect: match, given: {content.links: 4}}
  - {name: few, expect: no match, given: {content.links: 3}}
"""


@pytest.mark.parametrize("how", ["deleted", "emptied", "cut between two rules"])
def test_a_rule_in_force_does_not_vanish_with_its_text(site: Site, how: str) -> None:
    site.write("first")
    text = RULE.format(name="second", when="content.links > 3") + ENFORCED
    first = (site.folder / "first.yaml").read_text()
    (site.folder / "first.yaml").write_text(f"{first}---\n{text}")
    live, other = site.process(), site.process()
    before = live.prepared()
    if how == "deleted":
        (site.folder / "first.yaml").unlink()
    else:
        (site.folder / "first.yaml").write_text("" if how == "emptied" else first)
    notice(live)
    notice(other)
    assert live.prepared() is before
    assert "`second` is in force, and its text is gone" in (live.trouble() or "")
    assert len(site.versions.history(limit=9)) == 1
    other.reload(author="mo", why="it is not needed any more")
    live.follow()
    assert "second" not in ids(live)
    assert live.trouble() is None
    assert other.trouble() is None


def test_a_rule_in_force_may_move_to_another_file(site: Site) -> None:
    text = RULE.format(name="second", when="content.links > 3") + ENFORCED
    (site.folder / "here.yaml").write_text(text)
    live = site.process()
    (site.folder / "here.yaml").rename(site.folder / "there.yaml")
    site.write("third")
    notice(live)
    assert ids(live) == {"first", "second", "third"}


def test_a_slower_process_does_not_bring_back_what_was_rolled_back_from(site: Site) -> None:
    quick, slow = site.process(), site.process()
    first = version(quick)
    site.write("second")
    notice(quick)
    site.versions.roll_back(None, author="mo", why="too strict")
    notice(slow)
    quick.follow()
    assert version(slow) == version(quick) == first
    site.write("third")
    notice(slow)
    assert ids(slow) == {"first", "second", "third"}


def test_a_rollback_is_followed_and_pins_until_the_folder_changes(site: Site) -> None:
    live = site.process()
    first = version(live)
    site.write("second")
    notice(live)
    site.versions.roll_back(None, author="mo", why="too strict")
    live.follow()
    notice(live)
    assert version(live) == first
    assert (active := site.versions.active())
    assert (active.is_pinned, active.author, active.why) == (True, "mo", "too strict")
    assert site.audited()[0] == "rules.rolled_back"
    site.write("third")
    notice(live)
    assert ids(live) == {"first", "second", "third"}
    assert (active := site.versions.active())
    assert not active.is_pinned


def test_a_process_that_starts_after_a_rollback_serves_what_was_rolled_back_to(site: Site) -> None:
    live = site.process()
    first = version(live)
    site.write("second")
    notice(live)
    site.versions.roll_back(first[:12], author="mo", why="")
    started = site.process()
    notice(started)
    assert version(started) == first
    assert ids(started) == {"first"}


def test_a_list_changes_under_a_pinned_version_and_it_stays_pinned(site: Site) -> None:
    live = site.process()
    site.write("second")
    notice(live)
    site.versions.roll_back(None, author="mo", why="")
    live.follow()
    site.add_to_list("evil.example")
    live.look()
    bundle = live.prepared().bundle
    assert "evil.example" in bundle.lists["link_shorteners"].values
    assert ids(live) == {"first"}
    assert (active := site.versions.active())
    assert active.is_pinned
    assert active.version == bundle.version
    other = site.process()
    assert version(other) == bundle.version


def test_a_broken_folder_stops_a_first_start_and_no_later_one(site: Site) -> None:
    first = version(site.process())
    site.write("second", "content.linkz > 3")
    started = site.process()
    assert version(started) == first
    assert "second.yaml:6" in (started.trouble() or "")


def test_a_broken_folder_stops_a_first_start(site: Site) -> None:
    site.write("second", "content.linkz > 3")
    with pytest.raises(RuleFileError):
        site.process()
    assert site.versions.active() is None


def test_asking_for_the_folders_publishes_them_or_says_why_not(site: Site) -> None:
    live = site.process()
    site.write("second")
    done = live.reload(author="mo", why="attack")
    assert done.version == version(live)
    assert ids(live) == {"first", "second"}
    site.write("second", "content.linkz > 3")
    with pytest.raises(RulesRefused, match=r"second.yaml:6"):
        live.reload(author="mo", why="attack")
    assert ids(live) == {"first", "second"}


def test_nobody_overwrites_what_they_have_not_seen(site: Site) -> None:
    live = site.process()
    seen = site.versions.active()
    assert seen is not None
    files = RuleFiles.from_bytes(site.versions.source(seen.version).files)
    site.write("second")
    newer = live.reload(author="mo", why="")
    late = Candidate("f" * 64, 1, files, {}, AT)
    assert site.versions.publish(late, author="lu", why="", seen=seen) is None
    assert site.versions.active() == newer
    assert len(site.versions.history(limit=9)) == 2


def test_there_is_nothing_before_the_first_version_and_names_must_be_one(site: Site) -> None:
    live = site.process()
    for name in (None, "0000000000"):
        with pytest.raises(NotFound):
            site.versions.roll_back(name, author="mo", why="")
    with pytest.raises(InvalidInput):
        site.versions.named(version(live)[:3])
    assert site.audited() == ["rules.published"]


def test_every_version_can_be_built_again_from_what_is_kept(site: Site) -> None:
    live = site.process()
    site.write("second")
    notice(live)
    site.add_to_list("evil.example")
    live.look()
    kept = site.versions.history(limit=9)
    assert len(kept) == 3
    for each in kept:
        source = site.versions.source(each.version)
        files = RuleFiles.from_bytes(source.files)
        assert files.load(source.entries, at=source.at, run_tests=False).version == each.version


def test_two_versions_can_be_compared_by_their_names(site: Site) -> None:
    live = site.process()
    before = version(live)
    site.write("second")
    notice(live)
    secrets = Secrets({"audit": SecretStr(KEY.hex())})
    rules = Rules(Ground(Settings(rules_dir=site.folder), secrets, site.engine), AT)
    assert rules.bundle(before[:12]).version == before
    assert rules.bundle("working").version == version(live)
    with pytest.raises(UnpreparedError, match="no version of `rules history`"):
        rules.bundle("ffffffff")


class Named:
    """A model of which only the version matters."""

    name = "spam"

    def __init__(self, version: str) -> None:
        self.version = version

    def score(self, values: Values) -> float | None:
        return None

    def explain(self, values: Values) -> tuple[Contribution, ...]:
        return ()


def test_models_and_rules_change_apart_from_each_other(site: Site) -> None:
    live = site.process()
    live.use_models([Named("1")], {"spam": 0.9})
    version = live.prepared().bundle.version
    site.write("second")
    notice(live)
    assert live.prepared().bundle.version != version
    assert (live.prepared().models, live.prepared().thresholds) == (
        {"spam": "1"},
        {"threshold.spam": 0.9},
    )
    bundle = live.prepared().bundle
    live.use_models([Named("2")], {"spam": 0.5})
    assert live.prepared().bundle is bundle
    assert live.prepared().models == {"spam": "2"}
    site.versions.roll_back(None, author="ana", why="")
    live.follow()
    assert live.prepared().bundle.version == version
    assert live.prepared().thresholds == {"threshold.spam": 0.5}
