"""The docs are complete, their links lead somewhere, and their generated parts are fresh."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from docs.generate import pages
from safety.assets import shipped
from safety.cli import app as command_line
from safety.config import PREFIX, Settings
from safety.domain.errors import SafetyError
from safety.domain.verdicts import FailPolicy, Mode, Verdict
from safety.ruleset.load import load_bundle
from tests.unit.house.sources import ROOT, files, short

PAGES = files("*.md", "docs/**/*.md")
RECORDS = files("docs/adr/*.md")


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def every_error(kind: type[SafetyError] = SafetyError) -> Iterator[type[SafetyError]]:
    yield kind
    for leaf in kind.__subclasses__():
        yield from every_error(leaf)


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def links(page: Path) -> list[str]:
    without_code = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    return re.findall(r"\]\(([^)\s]+)\)", without_code)


def test_the_docs_describe_every_problem() -> None:
    headings = anchors(ROOT / "docs" / "problems.md")
    ours = [error for error in every_error() if error.__module__.startswith("safety.")]
    assert {error.slug for error in ours} - headings == set()


def test_the_docs_give_every_problem_its_status() -> None:
    page = text("docs/problems.md")
    rows = dict(re.findall(r"^\| \[([a-z-]+)\]\(#\1\) \| (\d+) \|", page, re.MULTILINE))
    ours = [error for error in every_error() if error.__module__.startswith("safety.")]
    assert rows == {error.slug: str(int(error.status)) for error in ours}


def test_the_docs_mention_every_setting() -> None:
    page = text("docs/operate.md")
    names = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    assert [name for name in names if f"| `{name}` |" not in page] == []


def test_the_docs_mention_no_setting_that_is_not_there() -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    mentioned = {
        name for page in PAGES for name in re.findall(r"SAFETY_[A-Z0-9_]+", page.read_text())
    }
    assert mentioned - known == set()


def test_the_docs_mention_every_command() -> None:
    group = typer.main.get_command(command_line)
    names = group.list_commands(typer.Context(group))  # type: ignore[attr-defined]  # it is a group
    said = " ".join(page.read_text("utf-8") for page in PAGES)
    assert [name for name in names if not re.search(rf"safety-gate {name}\b", said)] == []


def test_the_docs_mention_every_endpoint() -> None:
    said = " ".join(page.read_text("utf-8") for page in PAGES)
    paths = re.findall(r'^    "(/[^"]*)": \{$', text("docs/openapi.json"), re.MULTILINE)
    assert "/v1/decisions" in paths
    missing = [path for path in paths if path.replace("{decision_id}", "{id}") not in said]
    assert [path for path in missing if not path.startswith("/desk")] == []


@pytest.mark.parametrize("page", ["README.md", "rules/README.md"])
def test_the_docs_example_rules_load_and_pass_their_tests(page: str, tmp_path: Path) -> None:
    examples = re.findall(r"^```yaml\n(rule: .*?)^```", text(page), re.MULTILINE | re.DOTALL)
    assert examples
    (tmp_path / "example.yaml").write_text("---\n".join(examples), "utf-8")
    load_bundle([shipped("rules"), tmp_path], {}, at=1_800_000_000.0)  # raises with the findings


@pytest.mark.parametrize(
    "word",
    sorted({v.word for v in Verdict} | {m.value for m in Mode} | {f.value for f in FailPolicy}),
)
def test_the_docs_explain_every_word_of_the_api(word: str) -> None:
    assert f"`{word}`" in text("docs/concepts.md")


def test_the_docs_generated_parts_are_fresh() -> None:
    stale = [short(path) for path, content in pages().items() if path.read_text() != content]
    assert stale == [], "run make docs"


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_the_docs_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        target, _, anchor = link.partition("#")
        if "://" in link:
            continue
        path = (page.parent / target).resolve() if target else page
        if not path.exists() or (anchor and anchor not in anchors(path)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("record", RECORDS, ids=short)
def test_the_docs_records_fit_a_screen_and_say_all_four_things(record: Path) -> None:
    body = record.read_text("utf-8")
    assert body.startswith(f"# {int(record.name[:4])}. ")
    said = re.findall(r"^\*\*(\w+)\.\*\*", body, re.MULTILINE)
    assert said == ["Context", "Decision", "Consequences", "Alternatives"]
    assert body.count("\n") <= 40


def test_the_docs_records_are_numbered_without_gaps() -> None:
    assert [int(r.name[:4]) for r in RECORDS] == list(range(1, len(RECORDS) + 1))
