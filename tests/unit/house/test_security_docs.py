"""The pages on security name only what exists: files, tests, tables, keys and settings."""

import ast
import re
from functools import cache

import pytest

from safety.config import Secrets
from safety.store.tables import metadata
from tests.unit.house.sources import ROOT, tree_of

PAGES = ("docs/threat-model.md", "docs/asvs.md")
VERDICTS = {"met", "partly", "not met", "not applicable"}
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
_FILE = re.compile(r"`((?:safety|tests|rules|admin_ui|docs)/[\w./-]+\.\w+)`")
_ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| (.*) \|$", re.MULTILINE)


def text(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def said(pattern: re.Pattern[str]) -> list[tuple[str, ...]]:
    """Everything that a pattern finds on the pages, each with its page in front."""
    found = {(page, *match.groups()) for page in PAGES for match in pattern.finditer(text(page))}
    return sorted(found)


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.split(" | ")]


def section(page: str, heading: str) -> str:
    """The text under a heading, up to the next one of its kind."""
    _, _, rest = text(page).partition(f"\n## {heading}\n")
    assert rest, f"{page} has no part called {heading}"
    return rest.partition("\n## ")[0]


@cache
def names_in(path: str) -> frozenset[str]:
    functions = (node for node in ast.walk(tree_of(ROOT / path)))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in functions if isinstance(node, kinds))


@pytest.mark.parametrize(("page", "path", "name"), said(_TEST))
def test_a_test_that_is_named_exists(page: str, path: str, name: str) -> None:
    assert (ROOT / path).is_file(), f"{page} names {path}"
    assert name in names_in(path), f"{page} names {name}"


@pytest.mark.parametrize(("page", "path"), said(_FILE))
def test_a_file_that_is_named_exists(page: str, path: str) -> None:
    assert (ROOT / path).exists(), f"{page} names {path}"


def test_both_pages_name_tests() -> None:
    for page in PAGES:
        assert len(_TEST.findall(text(page))) > 50, page


def test_whatever_looks_like_a_test_is_written_so_that_it_is_found() -> None:
    for page in PAGES:
        assert text(page).count("::") == len(_TEST.findall(text(page))), page


def test_every_requirement_has_a_verdict_and_comes_once_and_in_order() -> None:
    rows = _ROW.findall(text("docs/asvs.md"))
    numbers = [tuple(map(int, number.split("."))) for number, _ in rows]
    assert len(numbers) > 100
    assert numbers == sorted(set(numbers))
    assert {cells(row)[1] for _, row in rows} <= VERDICTS
    assert {len(cells(row)) for _, row in rows} == {4}


def test_what_is_met_is_met_by_a_test() -> None:
    rows = _ROW.findall(text("docs/asvs.md"))
    bare = [number for number, row in rows if cells(row)[1] == "met" and not _TEST.search(row)]
    assert bare == []


def test_what_is_not_met_says_why() -> None:
    rows = _ROW.findall(text("docs/asvs.md"))
    others = [(number, cells(row)[2]) for number, row in rows if cells(row)[1] != "met"]
    assert [number for number, why in others if len(why) < len("there is none")] == []


def test_the_inventory_of_data_has_every_table_and_no_other() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", section(PAGES[0], "Data inventory"), re.MULTILINE)
    assert sorted(rows) == sorted(metadata.tables)


def test_the_inventory_of_keys_has_every_secret() -> None:
    listed = section(PAGES[0], "Key inventory")
    names = [*Secrets.NAMES, "vault", "password"]
    assert [name for name in names if f"`{name}`" not in listed] == []
