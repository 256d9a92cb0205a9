"""Folders are merged, lists expire, red tests refuse the whole set."""

from pathlib import Path

import pytest

from safety.domain.lists import ListEntry
from safety.ruleset.findings import RuleFileError
from safety.ruleset.load import load_bundle
from safety.ruleset.proof import run_tests
from tests.unit.ruleset.folders import AT, a_rule, load, refusal, write_folder

LISTED = a_rule("content.link_domain in lists.shorteners")


def fires(bundle_values: dict[str, str], folder: Path, **options: object) -> bool:
    bundle = load_bundle([folder], at=AT, **options)  # type: ignore[arg-type]
    return bool(bundle.plan("post").judge(bundle_values))


def test_a_later_folder_replaces_rules_features_and_lists_by_name(tmp_path: Path) -> None:
    shipped = write_folder(tmp_path / "shipped", LISTED, a_rule("actor.verified", rule="kept"))
    site = tmp_path / "site"
    (site / "lists").mkdir(parents=True)
    (site / "lists" / "shorteners.txt").write_text("only.example\n")
    (site / "features.yaml").write_text(
        "features:\n  attributes.plan: {type: string, source: event, description: plan}\n"
    )
    (site / "rules.yaml").write_text(a_rule('attributes.plan == "free"', rule="kept"))
    bundle = load_bundle([shipped, site], at=AT)
    assert [rule.id for rule in bundle.rules] == ["a-rule", "kept"]
    judge = bundle.plan("post").judge
    assert [f.rule.id for f in judge({"attributes.plan": "free"})] == ["kept"]
    assert not judge({"content.link_domain": "bit.ly"})
    assert judge({"content.link_domain": "only.example"})


def test_list_entries_count_until_they_expire(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, LISTED)
    assert fires({"content.link_domain": "bit.ly"}, folder)
    assert fires({"content.link_domain": "is.gd"}, folder)
    assert not fires({"content.link_domain": "old.example"}, folder)


def test_entries_added_while_running_join_the_file_s(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, LISTED)
    added = {
        "shorteners": [
            ListEntry("shorteners", "new.example", "ana", AT),
            ListEntry("shorteners", "gone.example", "ana", AT, AT - 1),
        ]
    }
    assert fires({"content.link_domain": "new.example"}, folder, entries=added)
    assert not fires({"content.link_domain": "gone.example"}, folder, entries=added)


def test_an_option_of_a_list_entry_that_nobody_knows_is_an_error(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, LISTED)
    (folder / "lists" / "shorteners.txt").write_text("bit.ly ; untill=2030-01-01\n")
    with pytest.raises(RuleFileError, match="did you mean `until`"):
        load_bundle([folder], at=AT)


def test_a_red_test_refuses_the_set_and_shows_the_failing_line(tmp_path: Path) -> None:
    tests = "tests:\n  - {name: old account, expect: match, given: {actor.account_age: 40d}}\n"
    text = refusal(tmp_path, a_rule('actor.account_age < "3d"', more=tests)).render()
    assert (
        "error[red-test]: `a-rule` did not match, and the test `old account` expects it to" in text
    )
    assert '`actor.account_age < "3d"` is false: actor.account_age = 3456000.0' in text


def test_tests_start_from_a_plain_good_event_without_labels_that_is_the_first_of_its_kind(
    tmp_path: Path,
) -> None:
    more = (
        'let: {posts: "count(\\"post\\", by=actor.id, within=\\"1h\\")"}\n'
        "rollout: {mode: enforce}\n"
        "tests:\n"
        "  - {name: one, expect: match, given: {posts: 5}}\n"
        "  - {name: first, expect: no match, given: {}}\n"
        "  - {name: labelled, expect: no match, given: {posts: 5, actor.labels: [trusted]}}\n"
        "  - {name: unverified, expect: no match, given: {posts: 5, actor.email_verified: null}}\n"
    )
    rule = a_rule(
        "posts > 3", "actor.email_verified", unless=('actor.has_label("trusted")',), more=more
    )
    report = run_tests(load(tmp_path, rule))
    assert (report.passed, report.failures) == (4, ())


def test_tests_of_rules_that_are_off_run_too(tmp_path: Path) -> None:
    more = "rollout: {mode: off}\ntests: [{name: a, expect: match, given: {}}]\n"
    assert (
        refusal(tmp_path, a_rule("actor.followers > 3", more=more)).findings[0].code == "red-test"
    )


def test_a_file_that_is_not_text_is_a_finding(tmp_path: Path) -> None:
    folder = write_folder(tmp_path)
    (folder / "rules.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RuleFileError, match="not UTF-8"):
        load_bundle([folder], at=AT)


def test_a_file_of_more_than_a_mebibyte_is_a_finding(tmp_path: Path) -> None:
    folder = write_folder(tmp_path)
    (folder / "rules.yaml").write_text("# " + "x" * (1 << 20))
    with pytest.raises(RuleFileError, match="larger than"):
        load_bundle([folder], at=AT)


def test_comments_and_empty_documents_are_no_rules(tmp_path: Path) -> None:
    assert load(tmp_path, "# nothing\n", a_rule("actor.verified"), "# the end\n").rules


def test_a_folder_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    shipped = write_folder(tmp_path / "shipped", a_rule("actor.verified"))
    with pytest.raises(RuleFileError) as caught:
        load_bundle([shipped, tmp_path / "typo"], at=AT)
    assert [finding.code for finding in caught.value.findings] == ["no-folder"]


@pytest.mark.parametrize("place", ["more.yaml", "lists/more.txt"])
@pytest.mark.parametrize("target", ["/dev/zero", "gone"])
def test_what_is_no_file_is_a_finding_and_is_not_read(
    tmp_path: Path, place: str, target: str
) -> None:
    folder = write_folder(tmp_path, a_rule("actor.verified"))
    (folder / place).symlink_to(target)
    with pytest.raises(RuleFileError) as caught:
        load_bundle([folder], at=AT)
    assert [finding.code for finding in caught.value.findings] == ["not-a-file"]


@pytest.mark.parametrize(
    ("first", "next_one", "last"),
    [
        ("actor.verified", "{0} and not {0}", "{0}"),
        ("actor.followers + 1", "{0} * 2 + 1", "{0} > 3"),
    ],
    ids=["doubling", "nesting"],
)
def test_names_that_stand_for_names_cannot_grow_without_end(
    tmp_path: Path, first: str, next_one: str, last: str
) -> None:
    names = [f"a0: {first}", *(f"a{n}: {next_one.format(f'a{n - 1}')}" for n in range(1, 300))]
    rule = a_rule(last.format("a299"), more="let:\n" + "".join(f"  {name}\n" for name in names))
    assert refusal(tmp_path, rule).findings[0].code == "too-deep"
