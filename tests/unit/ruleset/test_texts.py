"""A rule's text is found among files, and small changes keep the rest as somebody wrote it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.assets import shipped
from safety.ruleset.files import RuleFile, RuleFiles
from safety.ruleset.findings import RuleFileError
from safety.ruleset.texts import text_in_folders, text_of, with_rollout, with_test

RULE = """\
rule: a.b-c
title: T   # a comment
when:
  - x > 1
rollout:
  mode: enforce
  until: 2027-01-01
tests:
  - {name: one, expect: match}   # stays
  - name: two
    expect: no match
"""
NEW = "{name: new, expect: no match}"


def files(*folders: dict[str, str]) -> RuleFiles:
    each = tuple(
        RuleFile(number, name, text.encode())
        for number, folder in enumerate(folders)
        for name, text in folder.items()
    )
    return RuleFiles(tuple(f"f{number}" for number in range(len(folders))), each)


def test_the_text_that_counts_is_the_last_folders_and_then_the_desks() -> None:
    one = files({"x.yaml": f"# head\nrule: other\n---\n{RULE}---\nrule: z\n"}, {"y.yaml": RULE})
    found = text_of(one, "a.b-c")
    assert found is not None
    assert (found.file, found.line, found.is_of_desk) == ("f1/y.yaml", 1, False)
    first = text_of(files({"x.yaml": f"# head\nrule: other\n---\n{RULE}---\nrule: z\n"}), "a.b-c")
    assert first is not None
    assert (first.text, first.line) == (RULE, 4)
    written = one.with_rule("a.b-c", "rule: a.b-c\n")
    at_the_desk = text_of(written, "a.b-c")
    assert at_the_desk is not None
    assert at_the_desk.is_of_desk
    assert text_in_folders(written, "a.b-c") == found


def test_a_name_that_only_begins_alike_is_another_rule() -> None:
    assert text_of(files({"x.yaml": "rule: a.b-c-d\n"}), "a.b-c") is None
    assert text_of(files({"x.yaml": "rule: aXb-c\n"}), "a.b-c") is None
    assert text_of(files({"features.yaml": "rule: a.b-c\n"}), "a.b-c") is None
    assert text_of(files({"x.yaml": "rule: 'a.b-c'  # c\n"}), "a.b-c") is not None


def test_every_shipped_rule_is_found_at_its_place() -> None:
    one = RuleFiles.read([shipped("rules")])
    names = {
        line.removeprefix("rule: ").strip()
        for each in one.files
        if each.name.endswith(".yaml")
        for line in each.content.decode().splitlines()
        if line.startswith("rule: ")
    }
    assert len(names) > 20
    for name in names:
        found = text_of(one, name)
        assert found is not None
        assert f"rule: {name}" in found.text


def test_a_rollout_changes_and_keeps_its_other_keys() -> None:
    changed = with_rollout(RULE, {"mode": "canary", "percent": "5"})
    assert "rollout: {mode: canary, until: 2027-01-01, percent: 5}\ntests:" in changed
    back = with_rollout(changed, {"mode": "enforce"})
    assert "rollout: {mode: enforce, until: 2027-01-01}\n" in back
    assert "# a comment" in back
    plain = with_rollout("rule: a\ntests:\n  - {name: x}\n", {"mode": "off"})
    assert plain == "rule: a\nrollout: {mode: off}\ntests:\n  - {name: x}\n"
    assert with_rollout("rule: a\n", {"mode": "off"}) == "rule: a\nrollout: {mode: off}\n"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (RULE, f"    expect: no match\n  - {NEW}\n"),
        ("rule: a\ntests: [{name: x}]\n", f"tests: [{{name: x}}, {NEW}]\n"),
        ("rule: a\ntests:\n- {name: x}\nwhen: b\n", f"- {{name: x}}\n- {NEW}\nwhen: b\n"),
        ("rule: a\ntests: []\n", f"tests:\n  - {NEW}\n"),
        ("rule: a", f"rule: a\ntests:\n  - {NEW}\n"),
    ],
)
def test_a_test_is_added_behind_the_others(text: str, wanted: str) -> None:
    assert wanted in with_test(text, NEW)


@pytest.mark.parametrize("text", ["", "- a\n", "a: 1\n---\nb: 2\n", "a: [", "\x00", "a: &x 1\n"])
def test_a_text_that_is_no_rule_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(RuleFileError):
        with_test(text, NEW)
    with pytest.raises(RuleFileError):
        with_rollout(text, {"mode": "off"})


@given(st.text(max_size=200))
def test_any_text_is_changed_or_refused_and_nothing_else(text: str) -> None:
    with suppress(RuleFileError):
        assert NEW in with_test(text, NEW)
    with suppress(RuleFileError):
        assert "mode: off" in with_rollout(text, {"mode": "off"})
