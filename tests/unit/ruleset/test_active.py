"""The ruleset in force is swapped whole, and only for one that loads."""

from pathlib import Path

import pytest

from safety.ruleset.active import ActiveRuleset
from safety.ruleset.bundle import Bundle
from safety.ruleset.findings import RuleFileError
from safety.ruleset.load import load_bundle
from tests.unit.ruleset.folders import AT, a_rule, write_folder


def active(folder: Path) -> ActiveRuleset:
    return ActiveRuleset(
        lambda: load_bundle([folder], at=AT), clock=lambda: AT, directories=[folder]
    )


def test_the_first_load_raises_when_files_are_wrong(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError):
        active(write_folder(tmp_path, a_rule("nonsense")))


def test_a_bad_change_keeps_the_old_set_and_says_why(tmp_path: Path) -> None:
    rules = active(write_folder(tmp_path, a_rule("actor.verified")))
    before = rules.bundle
    write_folder(tmp_path, a_rule("actor.verifid"))
    assert rules.changed()
    assert rules.reload() is False
    assert rules.bundle is before
    assert "did you mean `actor.verified`?" in (rules.error or "")
    assert not rules.changed()


def test_a_good_change_replaces_the_set_and_clears_the_error(tmp_path: Path) -> None:
    rules = active(write_folder(tmp_path, a_rule("actor.verified")))
    write_folder(tmp_path, a_rule("actor.verifid"))
    rules.reload()
    write_folder(tmp_path, a_rule("actor.verified"), a_rule("actor.followers > 3", rule="b"))
    assert rules.reload() is True
    assert len(rules.bundle.rules) == 2
    assert rules.error is None


def test_a_list_that_is_removed_is_a_change(tmp_path: Path) -> None:
    rules = active(write_folder(tmp_path, a_rule("actor.verified")))
    (tmp_path / "lists" / "words.txt").unlink()
    assert rules.changed()


def test_files_that_cannot_be_read_keep_the_old_set(tmp_path: Path) -> None:
    rules = active(write_folder(tmp_path, a_rule("actor.verified")))
    (tmp_path / "lists" / "odd.txt").mkdir()
    assert rules.reload() is False
    assert "this is no file" in (rules.error or "")


def test_a_folder_that_vanishes_keeps_the_old_set_and_comes_back(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "site", a_rule("actor.verified"))
    rules = active(folder)
    before = rules.bundle
    folder.rename(tmp_path / "elsewhere")
    assert rules.changed()
    assert rules.reload() is False
    assert rules.bundle is before
    assert "this folder of rules is not there" in (rules.error or "")
    (tmp_path / "elsewhere").rename(folder)
    assert rules.changed()
    assert rules.reload() is True
    assert rules.error is None


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (OSError(13, "Permission denied"), "the rule files cannot be read: Permission denied"),
        (RecursionError(), "the rules cannot be loaded: RecursionError"),
    ],
    ids=["files", "loader"],
)
def test_a_fault_keeps_the_old_set_and_is_told(tmp_path: Path, fault: Exception, says: str) -> None:
    folder = write_folder(tmp_path, a_rule("actor.verified"))
    faults: list[Exception] = []

    def load() -> Bundle:
        if faults:
            raise faults.pop()
        return load_bundle([folder], at=AT)

    rules = ActiveRuleset(load, clock=lambda: AT, directories=[folder])
    faults.append(fault)
    assert rules.reload() is False
    assert rules.error == says
    assert rules.reload() is True
