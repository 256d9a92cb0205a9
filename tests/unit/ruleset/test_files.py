"""The text of rule files is kept so that the same version can always be built again."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safety.ruleset.files import RuleFiles
from safety.ruleset.findings import RuleFileError
from safety.ruleset.packed import unpack
from safety.ruleset.workshop import NotBuiltError, build_apart
from tests.unit.ruleset.folders import AT, a_rule, write_folder

CONDITIONS = (
    "actor.verified",
    "actor.followers > 3",
    "content.links >= 2",
    "content.link_domain in lists.shorteners",
    "score.spam > 0.7",
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=4), st.randoms())
def test_the_same_files_always_give_the_same_version(conditions: list[str], dice: object) -> None:
    rules = [a_rule(text, rule=f"rule-{n}") for n, text in enumerate(conditions)]
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        first = RuleFiles.read([write_folder(Path(one) / "rules", *rules)])
        dice.shuffle(rules)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random
        second = RuleFiles.read([write_folder(Path(other) / "elsewhere", *rules)])
    version = first.load({}, at=AT, run_tests=True).version
    again = RuleFiles.from_bytes(first.to_bytes())
    assert again == first
    assert again.load({}, at=AT, run_tests=False).version == version
    assert second.load({}, at=AT, run_tests=False).version == version


def test_where_folders_lie_is_no_part_of_the_digest_and_every_byte_is(tmp_path: Path) -> None:
    here = RuleFiles.read([write_folder(tmp_path / "a", a_rule("actor.verified"))])
    there = RuleFiles.read([write_folder(tmp_path / "b", a_rule("actor.verified"))])
    changed = RuleFiles.read([write_folder(tmp_path / "b", a_rule("actor.verified") + "# why\n")])
    assert here.digest == there.digest != changed.digest


@pytest.mark.parametrize("fault", ["folder", "directory", "link"])
def test_what_is_no_file_is_refused(tmp_path: Path, fault: str) -> None:
    folder = write_folder(tmp_path / "site", a_rule("actor.verified"))
    if fault == "directory":
        (folder / "lists" / "odd.txt").mkdir()
    elif fault == "link":
        (folder / "odd.yaml").symlink_to(tmp_path / "nowhere")
    else:
        folder = tmp_path / "nowhere"
    with pytest.raises(RuleFileError):
        RuleFiles.read([folder])


def test_a_child_builds_what_this_process_would_build(tmp_path: Path) -> None:
    files = RuleFiles.read([write_folder(tmp_path, a_rule("actor.verified"))])
    built = build_apart(files, {}, at=AT, seconds=60)
    assert built.version == files.load({}, at=AT, run_tests=True).version
    assert unpack(built.pieces).version == built.version
    assert built.rules == 1


def test_a_child_that_finds_an_error_says_where(tmp_path: Path) -> None:
    files = RuleFiles.read([write_folder(tmp_path / "site", a_rule("actor.verifid"))])
    with pytest.raises(NotBuiltError, match=r"(?s)site/rules.yaml:7.*did you mean"):
        build_apart(files, {}, at=AT, seconds=60)


def test_a_child_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    files = RuleFiles.read([write_folder(tmp_path, a_rule("actor.verified"))])
    with pytest.raises(NotBuiltError, match=r"not ready after 0\.01 seconds"):
        build_apart(files, {}, at=AT, seconds=0.01)
