"""Two processes over one database never give the same thing twice."""

import json
import subprocess
import sys
from typing import Any

from tests.integration.accounts.gate_house import Gate

NAMES = [f"wanted{number}x" for number in range(12)]


def race(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.integration.accounts.racer"]
    racers = [
        subprocess.Popen(  # noqa: S603  our own module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for racer in racers:
        tell(racer, json.dumps(wanted))
    for racer in racers:
        assert hear(racer) == "ready"
    for racer in racers:
        tell(racer, "go")
    got = [json.loads(hear(racer)) for racer in racers]
    for racer in racers:
        racer.communicate(timeout=60)
        assert racer.returncode == 0
    return got


def tell(racer: "subprocess.Popen[str]", line: str) -> None:
    assert racer.stdin is not None
    racer.stdin.write(f"{line}\n")
    racer.stdin.flush()


def hear(racer: "subprocess.Popen[str]") -> str:
    assert racer.stdout is not None
    return racer.stdout.readline().strip()


def test_two_processes_share_names_tokens_and_budgets(gate: Gate, database_url: str) -> None:
    account = gate.account("mia_b")
    for number in range(5):
        gate.account(f"claims{number}x", f"mia{number}@example.com")
    tokens = [each["data"]["token"] for each in gate.notices("account.verify_email")]
    one, other = race(
        {
            "url": database_url,
            "names": NAMES,
            "tokens": tokens,
            "subject": account.id,
            "tries": 20,
        }
    )
    assert sorted(one["names"] + other["names"]) == sorted(NAMES)
    assert sorted(one["tokens"] + other["tokens"]) == sorted(tokens)
    assert one["tries"] + other["tries"] == 10
