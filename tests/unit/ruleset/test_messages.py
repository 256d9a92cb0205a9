"""What authors are told, word for word.

`python -m tests.unit.ruleset.test_messages` writes the messages anew, to be read before kept.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from safety.ruleset.codes import CODES
from safety.ruleset.findings import RuleFileError
from safety.ruleset.lint import lint
from safety.ruleset.load import load_bundle
from tests.unit.ruleset.folders import AT, write_folder
from tests.unit.ruleset.message_cases import CASES, Case

MESSAGES = Path(__file__).parent / "messages"
# Told by other tests: they need a file system, a clock, history or the whole service.
ELSEWHERE = {
    "list-name", "no-folder", "not-a-file", "not-computed", "not-utf8", "rule-gone",
    "scan-budget", "never-matched", "matches-often", "often-unknown",
}  # fmt: skip


def said(case: Case, folder: Path) -> str:
    """Everything that is said of a folder, as the command line prints it."""
    rules = folder / "rules"
    rules.mkdir()
    write_folder(rules, *case.documents, **case.files)
    try:
        findings = lint(load_bundle([rules], at=AT), at=AT)
    except RuleFileError as error:
        findings = error.findings
    return "\n\n".join(finding.render() for finding in findings) + "\n"


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_told_in_these_words(name: str, tmp_path: Path) -> None:
    assert said(CASES[name], tmp_path) == (MESSAGES / f"{name}.txt").read_text("utf-8")


def test_every_code_has_its_words_pinned() -> None:
    pinned = "\n".join(path.read_text("utf-8") for path in MESSAGES.glob("*.txt"))
    assert {code for code in CODES if f"[{code}]: " not in pinned} == ELSEWHERE


def test_no_message_is_left_over() -> None:
    assert {path.stem for path in MESSAGES.glob("*.txt")} == set(CASES)


def write_messages() -> None:
    """Write every message as it is now, to be read before it is kept."""
    MESSAGES.mkdir(exist_ok=True)
    for name, case in CASES.items():
        with TemporaryDirectory() as folder:
            (MESSAGES / f"{name}.txt").write_text(said(case, Path(folder)), "utf-8")


if __name__ == "__main__":
    write_messages()
