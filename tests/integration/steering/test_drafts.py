"""Rules are changed at the desk with the checker, with a second person, and without losing any."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from safety.domain.errors import Forbidden, InvalidInput, NotFound, RulesRefused
from safety.domain.verdicts import Mode
from safety.ruleset.files import RuleFiles
from safety.ruleset.texts import with_rollout, with_test
from safety.store import audit
from safety.store.engine import read
from safety.store.rule_changes import ChangeState
from tests.steering_bench import Bench

BLOCKS, HOLDS = "long-text", "spam-score"


def text_of(bench: Bench, rule: str) -> str:
    return bench.parts.rules.text(rule).text


def trace(engine: Engine) -> list[tuple[str, str]]:
    with read(engine) as connection:
        found = audit.recent(connection)
    return [(e.action, e.author) for e in found if e.action.startswith("rule.")]


def test_a_rule_that_cannot_block_is_put_in_force_by_one_person(
    bench: Bench, engine: Engine
) -> None:
    rules = bench.parts.rules
    text = text_of(bench, HOLDS).replace("0.9", "0.8")
    change = rules.save(HOLDS, text, why="misses some", author="ana")
    done = rules.publish(change.id, author="ana")
    assert done.state is ChangeState.PUBLISHED
    assert "0.8" in bench.bundle.source(HOLDS).when[0].text
    assert rules.text(HOLDS).is_of_desk
    assert bench.bundle.version.startswith(done.version)
    assert trace(engine) == [("rule.published", "ana")]


def test_a_rule_that_can_block_takes_another_person(bench: Bench, engine: Engine) -> None:
    rules = bench.parts.rules
    text = text_of(bench, BLOCKS).replace("> 3", "> 4")
    change = rules.save(BLOCKS, text, why="", author="ana")
    with pytest.raises(Forbidden):
        rules.publish(change.id, author="ana")
    rules.propose(change.id, author="ana")
    with pytest.raises(Forbidden):
        rules.approve(change.id, by="ana")
    assert "> 3" in bench.bundle.source(BLOCKS).when[0].text
    rules.approve(change.id, by="kim")
    assert "> 4" in bench.bundle.source(BLOCKS).when[0].text
    assert trace(engine) == [("rule.published", "kim"), ("rule.proposed", "ana")]
    assert bench.versions.history(limit=1)[0].author == "kim"


@pytest.mark.parametrize(
    ("rule", "rollout", "is_grave"),
    [
        ("quiet", {"mode": "enforce"}, True),
        ("quiet", {"mode": "canary", "percent": "1"}, True),
        ("quiet", {"mode": "off"}, False),
        (BLOCKS, {"mode": "shadow"}, False),
        ("trusted", {"mode": "canary", "percent": "50"}, True),  # it opens what others close
        (HOLDS, {"mode": "canary", "percent": "50"}, False),
    ],
)
def test_what_may_stop_somebody_or_let_them_past_is_grave(
    bench: Bench, rule: str, rollout: dict[str, str], is_grave: bool
) -> None:
    rules = bench.parts.rules
    text = with_rollout(text_of(bench, rule), rollout)
    tried = rules.tried(rules.save(rule, text, why="", author="ana"))
    assert tried.trial.is_sound
    assert tried.needs_second is is_grave


def test_a_test_may_be_added_to_a_blocking_rule_by_one_person_and_stays(bench: Bench) -> None:
    rules = bench.parts.rules
    before = bench.bundle.version
    test = "{name: three letters, expect: no match, given: {content.length: 3}}"
    change = rules.save(BLOCKS, with_test(text_of(bench, BLOCKS), test), why="", author="ana")
    rules.publish(change.id, author="ana")
    assert bench.bundle.version != before  # what a text says beside its meaning counts as well
    active = bench.versions.active()
    assert active is not None
    assert "three letters" in dict(bench.versions.files(active.version).desk)[BLOCKS]


def test_a_text_that_holds_another_rule_as_well_is_refused(bench: Bench) -> None:
    rules = bench.parts.rules
    hidden = text_of(bench, BLOCKS).replace("rule: long-text", "rule: hidden")
    text = f"{text_of(bench, 'quiet')}---\n{hidden}"
    tried = rules.tried(rules.save("quiet", text, why="", author="ana"))
    assert not tried.trial.is_sound
    assert "and no other" in tried.trial.errors[0].message
    with pytest.raises(RulesRefused):
        rules.publish(tried.change.id, author="ana")


def test_a_text_under_another_id_is_refused(bench: Bench) -> None:
    rules = bench.parts.rules
    text = text_of(bench, BLOCKS)
    change = rules.save("harmless", text, why="", author="ana")
    with pytest.raises(RulesRefused):
        rules.publish(change.id, author="ana")


@pytest.mark.parametrize(
    "text",
    ["", "\0", ":", "- [", "rule: quiet", "{}", "rule: [a", "\ud800", "%YAML 9", "a: &x 1\nb: *x"],
)
def test_any_text_is_kept_and_only_sound_ones_are_put_in_force(bench: Bench, text: str) -> None:
    rules = bench.parts.rules
    before = bench.bundle.version
    if not text.strip():
        with pytest.raises(InvalidInput):
            rules.save("quiet", text, why="", author="ana")
        return
    change = rules.save("quiet", text, why="", author="ana")
    assert not rules.tried(change).trial.is_sound
    with pytest.raises(RulesRefused):
        rules.publish(change.id, author="ana")
    assert bench.bundle.version == before


def test_a_text_that_is_too_long_and_an_id_that_is_none_are_refused(bench: Bench) -> None:
    rules = bench.parts.rules
    with pytest.raises(InvalidInput):
        rules.save("quiet", "#" * (64 * 1024 + 1), why="", author="ana")
    with pytest.raises(InvalidInput):
        rules.save("../quiet", "rule: quiet", why="", author="ana")


def test_a_red_test_keeps_a_text_out_and_shows_the_line(bench: Bench) -> None:
    rules = bench.parts.rules
    test = "{name: nine, expect: no match, given: {content.length: 9}}"
    change = rules.save(BLOCKS, with_test(text_of(bench, BLOCKS), test), why="", author="ana")
    tried = rules.tried(change)
    red = [seen for seen in tried.trial.tests if not seen.passed]
    assert [seen.name for seen in red] == ["nine"]
    assert red[0].lines[0].values == {"content.length": 9}
    assert tried.trial.errors[0].code == "red-test"
    with pytest.raises(RulesRefused):
        rules.propose(change.id, author="ana")


def test_a_text_written_over_an_older_one_is_not_put_in_force(bench: Bench) -> None:
    rules = bench.parts.rules
    mine = rules.save(HOLDS, text_of(bench, HOLDS).replace("0.9", "0.7"), why="", author="ana")
    theirs = rules.save(HOLDS, text_of(bench, HOLDS).replace("0.9", "0.8"), why="", author="kim")
    rules.publish(theirs.id, author="kim")
    assert rules.tried(rules.change(mine.id)).is_stale
    with pytest.raises(InvalidInput):
        rules.publish(mine.id, author="ana")
    assert "0.8" in bench.bundle.source(HOLDS).when[0].text


def test_saving_again_takes_the_place_of_what_one_had_open(bench: Bench) -> None:
    rules = bench.parts.rules
    first = rules.save(HOLDS, text_of(bench, HOLDS) + "# one\n", why="", author="ana")
    second = rules.save(HOLDS, text_of(bench, HOLDS) + "# two\n", why="", author="ana")
    assert rules.change(first.id).state is ChangeState.REPLACED
    assert [change.id for change in rules.waiting()] == [second.id]
    assert [change.number for change in rules.changes(HOLDS)] == [2, 1]
    with pytest.raises(InvalidInput):
        rules.publish(first.id, author="ana")


def test_a_proposed_text_is_turned_down_with_a_reason(bench: Bench) -> None:
    rules = bench.parts.rules
    change = rules.save(BLOCKS, text_of(bench, BLOCKS) + "# x\n", why="", author="ana")
    with pytest.raises(Forbidden):  # nobody looks into drafts that are not proposed
        rules.refuse(change.id, by="kim", why="")
    rules.propose(change.id, author="ana")
    refused = rules.refuse(change.id, by="kim", why="hits partners")
    assert (refused.state, refused.decided_why) == (ChangeState.REFUSED, "hits partners")
    with pytest.raises(InvalidInput):
        rules.approve(change.id, by="kim")


def test_what_the_desk_wrote_is_handed_back_to_the_files(bench: Bench) -> None:
    rules = bench.parts.rules
    change = rules.save(HOLDS, text_of(bench, HOLDS).replace("0.9", "0.8"), why="", author="ana")
    rules.publish(change.id, author="ana")
    back = rules.save(HOLDS, "", why="it is in the files", author="ana")
    rules.publish(back.id, author="ana")
    assert not rules.text(HOLDS).is_of_desk
    assert "0.9" in bench.bundle.source(HOLDS).when[0].text


def test_going_back_to_a_version_goes_back_in_what_the_desk_wrote(bench: Bench) -> None:
    rules, first = bench.parts.rules, bench.bundle.version
    change = rules.save(HOLDS, text_of(bench, HOLDS).replace("0.9", "0.8"), why="", author="ana")
    rules.publish(change.id, author="ana")
    second = bench.bundle.version
    bench.versions.roll_back(first, author="ana", why="")
    assert not rules.text(HOLDS).is_of_desk
    bench.versions.roll_back(second, author="ana", why="")
    assert rules.text(HOLDS).is_of_desk


def test_folders_that_change_keep_what_the_desk_wrote(bench: Bench) -> None:
    rules = bench.parts.rules
    change = rules.save(HOLDS, text_of(bench, HOLDS).replace("0.9", "0.8"), why="", author="ana")
    rules.publish(change.id, author="ana")
    (bench.folder / "more.yaml").write_text(
        text_of(bench, "quiet").replace("rule: quiet", "rule: more")
    )
    folders = RuleFiles.read([bench.folder])
    assert not bench.versions.knows(folders)
    bench.publish(bench.versions.with_desk(folders), seen=None, author="service", why="")
    assert "0.8" in bench.bundle.source(HOLDS).when[0].text
    assert "more" in {rule.id for rule in bench.bundle.rules}
    assert bench.versions.knows(folders)  # a start does not publish them again


def test_a_new_rule_begins_in_shadow_and_is_there_once_it_is_published(bench: Bench) -> None:
    rules = bench.parts.rules
    with pytest.raises(NotFound):
        rules.text("brand-new")
    text = text_of(bench, "quiet").replace("rule: quiet", "rule: brand-new")
    rules.publish(rules.save("brand-new", text, why="", author="ana").id, author="ana")
    assert bench.bundle.rule("brand-new").mode is Mode.SHADOW


def test_files_without_the_desk_have_the_digest_that_they_always_had(bench: Bench) -> None:
    files = RuleFiles.read([bench.folder])
    assert files.digest == files.folders_digest
    written = files.with_rule("quiet", "rule: quiet\n")
    assert written.folders_digest == files.digest != written.digest
    assert RuleFiles.from_bytes(written.to_bytes()) == written
    assert replace(written, desk=()) == written.with_rule("quiet", "")
