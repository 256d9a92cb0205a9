"""The page about rules says what the language does: its examples run, its tables are complete."""

import ast
import re
from pathlib import Path

import pytest

from safety.assets import shipped
from safety.domain.verdicts import Verdict
from safety.ruleset import (
    costs,
    lint,
    nodes,
    patterns,
    rulefile,
    scans,
    tokens,
    whole,
    window_calls,
    windows,
)
from safety.ruleset.check import check_condition
from safety.ruleset.codes import CODES, codes_table
from safety.ruleset.findings import RuleFileError
from safety.ruleset.functions import FUNCTIONS
from safety.ruleset.load import load_bundle
from safety.ruleset.scope import SPECIAL_FUNCTIONS, WINDOW_FUNCTIONS, Scope
from tests.factories import a_catalogue
from tests.unit.house.sources import ROOT, files

PAGE = (ROOT / "docs" / "rules.md").read_text("utf-8")
(RULE,) = re.findall(r"^```yaml\n(rule: .*?)^```", PAGE, re.MULTILINE | re.DOTALL)
LISTS = ("words", "shorteners", "networks", "deny_domains")
AT = 1_800_000_000.0


def written_conditions() -> list[str]:
    """Every condition that the page writes out in full."""
    spans = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", PAGE)
    starts = ("content.", "actor.", "net.", "overlaps(content", "not default(", "not actor")
    windows_shown = re.findall(r"^((?:count|distinct|sum)\(.*?\))  ", PAGE, re.MULTILINE)
    return [
        *(s for s in spans if s.startswith(starts) and re.search(r"[ (]", s)),
        *(f"{window} > 1" for window in windows_shown),
    ]


def codes_in_the_source() -> set[str]:
    """Codes that are written next to the call that reports them."""
    source = "".join(path.read_text("utf-8") for path in files("safety/ruleset/*.py"))
    return set(re.findall(r"\b(?:error|warn|Mistake|Finding)\(\s*\"([a-z0-9-]+)\"", source))


def texts_in_the_source() -> set[str]:
    return {
        node.value
        for path in files("safety/ruleset/*.py", "safety/app/*.py")
        if path.name != "codes.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_the_docs_rule_loads_over_the_shipped_ones_and_passes_its_tests(tmp_path: Path) -> None:
    (tmp_path / "links.yaml").write_text(RULE, "utf-8")
    bundle = load_bundle([shipped("rules"), tmp_path], at=AT)
    assert bundle.rule("link-burst-new-account").verdict is Verdict.HOLD


def test_the_docs_show_the_error_that_the_checker_gives(tmp_path: Path) -> None:
    (shown,) = re.findall(r"^```\n(rules/links.*?)\n```", PAGE, re.MULTILINE | re.DOTALL)
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "links.yaml").write_text(RULE.replace("- actor.account_age", "- actor.acount_age"))
    with pytest.raises(RuleFileError) as refused:
        load_bundle([shipped("rules"), folder], at=AT)
    assert refused.value.findings[0].render() == shown


@pytest.mark.parametrize("condition", written_conditions())
def test_the_docs_conditions_are_in_the_language(condition: str) -> None:
    check_condition(condition, Scope(a_catalogue(), LISTS, ("post",)))


def test_the_docs_name_every_function() -> None:
    names = {*FUNCTIONS, *SPECIAL_FUNCTIONS, *WINDOW_FUNCTIONS}
    assert [name for name in names if f"{name}(" not in PAGE] == []


def test_the_docs_name_every_key_of_a_rule() -> None:
    assert [key for key in rulefile._KEYS if f"`{key}`" not in PAGE] == []


def test_the_docs_table_of_codes_is_complete() -> None:
    assert codes_table() in PAGE
    assert codes_in_the_source() - CODES.keys() == set()
    chosen = {code for code in CODES if code.startswith("unknown-")}
    assert CODES.keys() - texts_in_the_source() - chosen == set()


def test_the_docs_limits_are_those_of_the_language() -> None:
    says = (
        f"first {patterns.SCANNED_CHARACTERS:,} characters",
        f"at most {patterns.MAX_GAP} long and multiply to at most {patterns.MAX_GAP_PRODUCT}",
        f"to {window_calls.MAX_WITHIN / 86_400:.0f} days long",
        f"(at most {windows.MAX_LIMIT - 1:,})",
        f"exact over the last {windows.FREE_LIMIT:,} events",
        f"{tokens.MAX_CHARACTERS // 1024} KB and {tokens.MAX_NESTING} levels of nesting",
        f"{whole.MAX_ATOMS} comparisons and {whole.MAX_WINDOWS} windows a rule",
        f"{nodes.MAX_BYTES >> 20} MiB a file",
        f"cost {costs.BUDGET_MICROSECONDS:,.0f} microseconds at worst",
        f"take {scans.BUDGET_MS:.0f} ms for a text",
        f"more than {lint.SHADOW_DAYS} days of shadow",
    )
    one_line = " ".join(PAGE.split())
    assert [each for each in says if each not in one_line] == []
