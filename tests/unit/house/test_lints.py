"""The house's own lints: each bites where it should, and the house is clean."""

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.unit.house import lints
from tests.unit.house.sources import ROOT, Finding, files, short, tree_of

Lint = Callable[[ast.Module], Iterator[Finding]]

MAY_READ_THE_CLOCK = ("safety/app/", "safety/cli/", "safety/demo/", "tests/", "docs/")
# Takes code from a child process that this one started, and from nowhere else.
FROM_OUR_CHILD = ("safety/ruleset/packed.py",)
MAXIMUM_LINES = 400


def places(paths: Iterable[Path], lint: Lint) -> list[str]:
    return [
        f"{short(path)}:{finding.line}: {finding.message}"
        for path in paths
        for finding in lint(tree_of(path))
    ]


def code(*, outside: tuple[str, ...] = ()) -> list[Path]:
    return [p for p in files("safety/**/*.py") if not short(p).startswith(outside or ("-",))]


def personal_fields() -> frozenset[str]:
    features = yaml.safe_load((ROOT / "rules" / "features.yaml").read_text("utf-8"))["features"]
    return frozenset(
        name.replace(".", "_") for name, said in features.items() if said.get("personal")
    )


@pytest.mark.parametrize(
    ("lint", "source"),
    [
        (lints.commits, "session.commit()"),
        (lints.clocks_and_chance, "import time\nat = time.time()"),
        (lints.clocks_and_chance, "from time import time as now\nclock = now"),
        (lints.clocks_and_chance, "from datetime import datetime\nat = datetime.now()"),
        (lints.clocks_and_chance, "import datetime\nat = datetime.datetime.now()"),
        (lints.clocks_and_chance, "import random\nrandom.choice(names)"),
        (lints.clocks_and_chance, "from random import choice\nchoice(names)"),
        (lints.clocks_and_chance, "from random import Random\nRandom()"),
        (lints.clocks_and_chance, "import numpy as np\nnp.random.rand(3)"),
        (lints.clocks_and_chance, "import numpy as np\nnp.random.default_rng()"),
        (lints.log_events, 'log.info(f"decided {verdict}")'),
        (lints.log_events, 'self._log.warning("decided " + verdict)'),
        (lints.log_events, 'logger.error("Decided: %s", verdict)'),
        (lints.log_events, "log.info(message)"),
        (lints.log_fields, 'log.info("decided", text=text)'),
        (lints.log_fields, 'log.info("decided", what=event.body)'),
        (lints.log_fields, 'log.bind(token="t")'),
        (lints.code_loaders, "import pickle"),
        (lints.code_loaders, "from joblib import load"),
        (lints.code_loaders, "import torch\nmodel = torch.load(path)"),
        (lints.code_loaders, "import yaml\nyaml.unsafe_load(text)"),
        (lints.code_loaders, "import numpy\nnumpy.load(path, allow_pickle=True)"),
        (lints.code_loaders, "eval(text)"),
        (lints.code_loaders, "exec(text)"),
        (lints.opening_line, "import time"),
        (lints.opening_line, '"""\nLate.\n"""'),
        (lints.opening_line, '"""No full stop"""'),
    ],
)
def test_a_lint_finds_what_it_is_for(lint: Lint, source: str) -> None:
    assert list(lint(ast.parse(source)))


@pytest.mark.parametrize(
    ("lint", "source"),
    [
        (lints.clocks_and_chance, "import time\nstart = time.monotonic()"),
        (lints.clocks_and_chance, "import numpy as np\nrng = np.random.default_rng(7)"),
        (lints.clocks_and_chance, "from random import Random\nrng = Random(seed)"),
        (lints.clocks_and_chance, "def roll(random): return random.choice(names)"),
        (lints.clocks_and_chance, "from datetime import datetime\ndatetime.fromtimestamp(at)"),
        (lints.log_events, 'log.info("decision_made", verdict=verdict.word)'),
        (lints.log_fields, 'log.info("text_folded", characters=len(text))'),
        (lints.code_loaders, "import re\nre.compile(pattern)"),
        (lints.code_loaders, "import numpy\nnumpy.load(path, allow_pickle=False)"),
        (lints.opening_line, '"""What this is for."""'),
    ],
)
def test_a_lint_leaves_the_right_way_alone(lint: Lint, source: str) -> None:
    assert not list(lint(ast.parse(source)))


def test_personal_features_are_never_log_fields() -> None:
    source = ast.parse('log.info("decided", actor_id=actor_id)')
    assert list(lints.log_fields(source, personal_fields()))


def test_only_the_store_commits() -> None:
    assert places(code(outside=("safety/store/",)), lints.commits) == []


def test_only_the_root_and_the_demo_read_clock_and_chance() -> None:
    assert places(code(outside=MAY_READ_THE_CLOCK), lints.clocks_and_chance) == []


def test_log_events_are_fixed_words() -> None:
    assert places(code(), lints.log_events) == []


def test_logs_carry_no_content_and_no_secrets() -> None:
    personal = personal_fields()
    assert places(code(), lambda tree: lints.log_fields(tree, personal)) == []


def test_nothing_unpickles_or_runs_text() -> None:
    compiled = [p for p in code(outside=FROM_OUR_CHILD) if short(p).startswith("safety/ruleset/")]
    others = [
        p
        for p in (*code(outside=FROM_OUR_CHILD), *files("docs/*.py", "tests/**/*.py"))
        if p not in compiled
    ]
    others = [p for p in others if not short(p).startswith("tests/bench/")]
    assert places(others, lints.code_loaders) == []
    assert places(compiled, lambda tree: lints.code_loaders(tree, may_compile=True)) == []


def test_every_module_opens_with_what_it_is_for() -> None:
    assert places(files("safety/**/*.py", "docs/*.py", "tests/**/*.py"), lints.opening_line) == []


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("x = y  # noqa: S101", 1),
        ("x = y  # type: ignore[attr-defined]", 1),
        ("x = y  # noqa: S101 - tells the type checker", 0),
        ("x = y  # type: ignore[attr-defined]  # FastAPI's way to extend it", 0),
        ("# Two halves of one thing.\nx = y  # noqa: SLF001", 0),
        ("x = y  # a number", 0),
    ],
)
def test_an_exception_without_a_reason_is_found(source: str, count: int) -> None:
    assert len(list(lints.unreasoned(source))) == count


def test_every_exception_from_a_lint_carries_its_reason() -> None:
    assert [
        f"{short(path)}:{finding.line}"
        for path in files("safety/**/*.py", "docs/*.py")
        for finding in lints.unreasoned(path.read_text("utf-8"))
    ] == []


def test_no_file_is_too_long_to_read() -> None:
    written = files(
        "safety/**/*.py", "tests/**/*.py", "docs/*.py", "admin_ui/**/*.js", "admin_ui/**/*.css",
        "admin_ui/**/*.html",
    )  # fmt: skip
    lengths = {short(path): path.read_text("utf-8").count("\n") for path in written}
    assert {path: n for path, n in lengths.items() if n > MAXIMUM_LINES} == {}
