"""What a browser solves: the shipped script answers tasks as the package does, and is small."""

import gzip
import json
import shutil
import subprocess
from base64 import b64decode, b64encode
from typing import Any

import pytest
from altcha import Challenge, solve_challenge

from safety.assets import shipped
from safety.domain.errors import ProofRejected
from safety.gates import pow as proof_of_work

NODE = shutil.which("node")
NOON = 1_795_366_800.0
KEY = b"k" * 32
STATIC = shipped("admin_ui") / "static"

RUN = """
const { solve } = await import(process.argv[1]);
const told = [];
const task = JSON.parse(process.argv[2]);
const signal = process.argv[3] === "stop" ? AbortSignal.timeout(50) : undefined;
try {
  const payload = await solve(task, { signal, onProgress: (chance) => told.push(chance) });
  console.log(JSON.stringify({ payload, told }));
} catch (error) {
  console.log(JSON.stringify({ error: error.name, message: error.message, told }));
}
"""

needs_node = pytest.mark.skipif(NODE is None, reason="runs the browser's script in Node.js")


def a_task(cost: int = 20, **changes: Any) -> dict[str, Any]:
    task = proof_of_work.challenge("dec_1", "signup", key=KEY, at=NOON, lasts=300, cost=cost)
    task["parameters"] |= changes
    return task


def run(task: dict[str, Any], *, stop: bool = False) -> dict[str, Any]:
    """What the shipped solver says to a task."""
    source = b64encode((STATIC / "solver.js").read_bytes()).decode()
    words = [f"data:text/javascript;base64,{source}", json.dumps(task), "stop" if stop else "go"]
    assert NODE is not None
    done = subprocess.run(  # noqa: S603  our own script
        [NODE, "--input-type=module", "-e", RUN, *words],
        capture_output=True,
        timeout=60,
        check=True,
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@needs_node
def test_what_it_solves_is_accepted() -> None:
    payload = run(a_task())["payload"]
    assert proof_of_work.verify(
        payload, decision_id="dec_1", purpose="signup", key=KEY, at=NOON + 5
    )
    with pytest.raises(ProofRejected):
        proof_of_work.verify(payload, decision_id="dec_2", purpose="signup", key=KEY, at=NOON + 5)


@needs_node
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"cost": 1},
        {"keyPrefix": "0"},
        {"keyPrefix": "aB"},
        {"keyPrefix": ""},
        {"keyLength": 64},
        {"salt": "00ff"},
        {"nonce": "ff" * 40},
    ],
)
def test_it_finds_the_solution_that_the_package_finds(changes: dict[str, Any]) -> None:
    task = a_task(**changes)
    found = json.loads(b64decode(run(task)["payload"]))["solution"]
    expected = solve_challenge(Challenge.from_dict(task))
    assert expected is not None
    assert (found["counter"], found["derivedKey"]) == (expected.counter, expected.derived_key)


@needs_node
def test_it_tells_how_far_it_is() -> None:
    told = run(a_task(keyPrefix="000"))["told"]
    assert told == sorted(told)
    assert all(0 < chance < 1 for chance in told)


@needs_node
def test_it_can_be_stopped() -> None:
    assert run(a_task(cost=5000, keyPrefix="0" * 16), stop=True)["error"] == "TimeoutError"


@needs_node
def test_a_task_of_another_kind_is_refused_in_words() -> None:
    assert "cannot be solved" in run(a_task(algorithm="ARGON2ID"))["message"]


def test_both_scripts_are_small_and_safe_under_a_strict_policy() -> None:
    sources = [(STATIC / name).read_text() for name in ("solver.js", "captcha.js")]
    assert len(gzip.compress("".join(sources).encode())) <= 4096
    for sink in ("innerHTML", "outerHTML", "eval(", "new Function", ".style", "http"):
        assert all(sink not in source for source in sources)
    solver, widget = sources
    assert "new Worker" not in solver
    assert widget.count("new Worker(") == widget.count("policy.createScriptURL(SOLVER)") == 1
