"""The image: small, compiled, and run by nobody in particular on a root it cannot write."""

import ast
import json
import re

import pytest

from tests.unit.house.sources import ROOT

Instruction = tuple[str, str]


@pytest.fixture(scope="module")
def stages() -> list[list[Instruction]]:
    """The Dockerfile's instructions by stage, each with its lines joined."""
    text = (ROOT / "Dockerfile").read_text()
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    found: list[list[Instruction]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            found.append([])
        found[-1].append((word, re.sub(r"\s+", " ", rest)))
    return found


def said(stage: list[Instruction], word: str) -> list[str]:
    return [rest for name, rest in stage if name == word]


def test_both_stages_start_from_the_same_slim_python(stages: list[list[Instruction]]) -> None:
    assert [said(stage, "FROM")[0].split(" AS ")[0] for stage in stages] == ["python:3.11-slim"] * 2


def test_what_is_installed_is_pinned_and_compiled(stages: list[list[Instruction]]) -> None:
    steps = " ".join(said(stages[0], "RUN"))
    installs = re.findall(r"pip install [^&]+", steps)
    assert installs
    assert all("--constraint constraints.txt" in install for install in installs)
    assert "compileall" in steps


def test_the_served_image_has_no_build_tools(stages: list[list[Instruction]]) -> None:
    steps = " ".join(said(stages[-1], "RUN"))
    assert not re.search(r"\b(apt|apt-get|pip|gcc|make|curl)\b", steps)
    assert all(copy.startswith("--from=build ") for copy in said(stages[-1], "COPY"))


def test_nobody_in_particular_runs_it(stages: list[list[Instruction]]) -> None:
    (user,) = said(stages[-1], "USER")
    assert int(user) >= 10_000


def test_only_the_volume_is_written(stages: list[list[Instruction]]) -> None:
    (environment,) = said(stages[-1], "ENV")
    assert said(stages[-1], "VOLUME") == ["/data"]
    assert "SAFETY_DATA_DIR=/data" in environment
    assert "PYTHONDONTWRITEBYTECODE=1" in environment


def test_its_health_is_asked_without_further_tools(stages: list[list[Instruction]]) -> None:
    (check,) = said(stages[-1], "HEALTHCHECK")
    command = json.loads(check.partition("CMD ")[2])
    assert command[:2] == ["python", "-c"]
    assert "/healthz" in command[2]
    assert ast.parse(command[2])


def test_it_serves(stages: list[list[Instruction]]) -> None:
    assert json.loads(said(stages[-1], "ENTRYPOINT")[0]) == ["safety-gate"]
    assert json.loads(said(stages[-1], "CMD")[0]) == ["serve"]


def test_secrets_and_data_stay_out_of_the_build() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert "!data" not in rules
    assert "!.git" not in rules
