"""Any text in a rule folder gives a finding or a working rule: never a crash, never execution."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safety.assets import shipped
from safety.ruleset.bundle import Bundle
from safety.ruleset.findings import RuleFileError
from safety.ruleset.lint import lint
from safety.ruleset.load import load_bundle
from safety.ruleset.mutants import survey
from safety.ruleset.reports import REPORTS
from tests.unit.ruleset.folders import AT, a_rule, write_folder

SHIPPED = sorted(shipped("rules").glob("*.yaml"))
TEXTS = [path.read_text("utf-8") for path in SHIPPED]
# What breaks readers of YAML, of Python and of patterns.
PIECES = [
    "&a", "*a", "!!python/object/apply:os.system [touch PWNED]", "<<: *a", "{{", "}}", "[[[", "]",
    "'", '"', '"""', "\\", "\x00", "\ufeff", "\u2028", "\ud7ff", "%YAML 1.1", "---", "...", "? ",
    ": ",
    " #", "|", ">-", "\t", "null", "~", "yes", "1e999", "-", "0x1F", "9" * 400, ".inf", ".nan",
    "__import__('os').system('touch PWNED')", "().__class__", "lambda: 0", "f'{x}'", "x := 1",
    "[x for x in y]", "(?=", "(a{1000}){1000}", "(?P<x>", "[[:alpha:]", r"\p{Greek}", "x" * 3000,
    "not " * 60, "(" * 60, "é", "世界", "🎈", "2026-13-45", "mode: enforce", "final: true",
    "given: {}", "let: {x: x}", "percent: 1e9", "until: 9999-12-31", "by: actor.id", "points: 5",
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A working folder in which nothing may appear."""
    before, folder = Path.cwd(), tmp_path_factory.mktemp("nothing")
    os.chdir(folder)
    yield
    os.chdir(before)
    assert not list(folder.iterdir())


def survives(write: Callable[[Path], object]) -> None:
    """Whatever is written into a folder, loading it ends in findings or in rules that work."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "rules"
        write_folder(folder)
        write(folder)
        try:
            bundle = load_bundle([folder], at=AT, run_tests=False)
        except RuleFileError as error:
            for report in REPORTS.values():
                report(error.findings, folder)
            return
        works(bundle)


def works(bundle: Bundle) -> None:
    for name in bundle.catalogue.event_types:
        for values in ({}, bundle.fixtures.get(name, {})):
            bundle.plan(name).judge(values)
            bundle.plan(name).judge_final(values)
    lint(bundle, at=AT)
    list(survey(bundle))


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=200), name=st.sampled_from(["rules", "features", "fixtures"]))
def test_any_bytes(content: bytes, name: str) -> None:
    survives(lambda folder: (folder / f"{name}.yaml").write_bytes(content))


@settings(max_examples=150, deadline=None)
@given(
    lines=st.lists(
        st.builds(
            "{}{}: {}".format,
            st.sampled_from(["", "  ", "- ", "  - "]),
            st.sampled_from(["rule", "when", "then", "let", "tests", "events", "rollout", "a"]),
            st.one_of(st.sampled_from(PIECES), st.text(max_size=12)),
        ),
        max_size=10,
    )
)
def test_any_yaml(lines: list[str]) -> None:
    text = "\n".join(lines).encode("utf-8", "replace")
    survives(lambda folder: (folder / "rules.yaml").write_bytes(text))


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A shipped file with a few pieces put in, taken out, doubled or swapped."""
    text = draw(st.sampled_from(TEXTS))
    start = draw(st.integers(0, max(0, len(text) - 2000)))
    text = text[start : start + 2000]
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.sampled_from([0, 0, 1, 5, 40]))
        again = st.just(text[at : at + 30])
        piece = draw(st.one_of(st.sampled_from(PIECES), again, st.text(max_size=3)))
        text = text[:at] + piece + text[at + cut :]
    return text


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=mutated(), name=st.sampled_from([path.name for path in SHIPPED]))
def test_any_change_to_a_shipped_file(text: str, name: str) -> None:
    content = text.encode("utf-8", "replace")

    def write(folder: Path) -> None:
        shutil.rmtree(folder)
        shutil.copytree(shipped("rules"), folder)
        (folder / name).write_bytes(content)

    survives(write)


@settings(max_examples=200, deadline=None)
@given(parts=st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=6))
def test_any_condition(parts: list[str]) -> None:
    condition = " ".join(parts).replace("\x00", "")
    text = a_rule("actor.verified", condition).encode("utf-8", "replace")
    survives(lambda folder: (folder / "rules.yaml").write_bytes(text))


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=200))
def test_any_list(content: bytes) -> None:
    survives(lambda folder: (folder / "lists" / "words.txt").write_bytes(content))


BOMBS = {
    "billion laughs": "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    ),
    "deep lists": "rule: " + "[" * 5000,
    "deep mappings": "rule: " + "{a: " * 5000,
    "deep indents": "".join(f"{' ' * n}a:\n" for n in range(600)),
    "merge": "a: &a {x: 1}\nb: {<<: *a}\n",
    "many keys": "{" + ", ".join(f"k{n}: 1" for n in range(50_000)) + "}",
    "many documents": "---\n" * 100_000,
    "long key": f"? {'k' * 100_000}\n: 1\n",
    "many lets": a_rule("actor.verified", more="let:\n" + "".join(
        f"  a{n}: actor.followers + {n}\n" for n in range(2_000)
    )),
    "many tests": a_rule("actor.verified", more="tests:\n" + "".join(
        f"  - {{name: t{n}, expect: no match, given: {{actor.verified: false}}}}\n"
        for n in range(5_000)
    )),
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
@pytest.mark.timeout(20)
def test_bombs_do_not_go_off(bomb: str) -> None:
    survives(lambda folder: (folder / "rules.yaml").write_text(bomb, "utf-8"))
