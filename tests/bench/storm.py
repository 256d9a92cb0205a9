"""A storm of logins over HTTP: what it leaves of decisions, and how far from bare argon2 it is."""

import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import httpx2

from safety.config import Settings
from safety.demo.scenarios import Scenario, play
from safety.gates import pow as proof_of_work
from safety.gates.argon2_profiles import DEFAULT_PROFILE, PROFILES
from safety.gates.passwords import Passwords
from tests.bench.figures import Figure
from tests.bench.gate import PASSWORD, bare_argon2
from tests.live import ROOT, Live, a_service
from tests.solver import solved

ROUNDS = 3
SECONDS = 5.0
ACCOUNTS = 600
_DECIDE, _SIGN_IN = "/v1/decisions", "/v1/sessions"
# Some 200 decisions a second: a site at work, far from the highest load.
_AT_WORK = {"connections": 16, "pause": 0.08}
# Ten times as many logins as can be hashed.
_STORM = {"connections": 100, "pause": 0.2}
# Every login is somebody else's from somewhere else: argon2 is to be the limit and not ours.
_LIMITS = dict.fromkeys(("sign_ins", "accounts.sign_in", "all"), "1000000/minute")


def storm() -> list[Figure]:
    """Decisions beside a storm of logins and without one, in turns of one run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        service = a_service(folder, SAFETY_LIMITS=json.dumps(_LIMITS))
        service.start()
        events, logins = _events(folder / "events.jsonl"), _logins(service, folder / "logins.jsonl")
        calm, stormy, entered, bare = [], [], [], []
        _heard(_load(service, _DECIDE, events, **_AT_WORK))
        for number in range(ROUNDS):
            calm.append(_heard(_load(service, _DECIDE, events, **_AT_WORK)))
            others = _load(service, _SIGN_IN, logins, **_STORM, skip=number * 7919)
            stormy.append(_heard(_load(service, _DECIDE, events, **_AT_WORK)))
            print("   storm:", _heard(others)["statuses"])
            entered.append(_logins_per_second(service, logins, number))
            bare.append(bare_argon2(SECONDS / 2))
        service.stop()
    return [
        _compared("decision p50 in a login storm", stormy, calm, "p50_ms"),
        _compared("decision p99 in a login storm", stormy, calm, "p99_ms"),
        Figure("logins over HTTP", median(entered), "per s", median(bare), "bare argon2"),
        *_captcha(),
    ]


def _events(path: Path) -> Path:
    steps = play(Scenario.CALM, seed=7, at=time.time(), rate=400)
    path.write_bytes(b"\n".join(json.dumps(s.event).encode() for s in islice(steps, 20_000)))
    return path


def _logins(service: Live, path: Path) -> Path:
    """Accounts taken over from elsewhere, and everybody's login from an address of their own."""
    hashed = Passwords(PROFILES[DEFAULT_PROFILE]).hash(PASSWORD).hash
    names = [f"storm{number:04d}" for number in range(ACCOUNTS)]
    people = [{"username": name, "password_hash": hashed} for name in names]
    for start in range(0, ACCOUNTS, 200):
        answer = httpx2.post(
            f"{service.url}/v1/accounts:import",
            json={"accounts": people[start : start + 200]},
            headers=service.headers,
            timeout=60,
        )
        answer.raise_for_status()
    bodies = [
        {
            "login": names[(turn * 7) % ACCOUNTS],
            "password": PASSWORD,
            "context": {"ip": f"2001:db8:{turn:x}::1", "device_id": f"d_{turn}"},
        }
        for turn in range(ACCOUNTS * 9)  # the shipped rules ask for more from the tenth on
    ]
    path.write_bytes(b"\n".join(json.dumps(body).encode() for body in bodies))
    return path


def _load(service: Live, path: str, bodies: Path, **spec: float) -> "subprocess.Popen[str]":
    """A load generator at work: `connections`, and if need be `pause`, `seconds` and `skip`."""
    target = {"port": service.port, "path": path, "key": service.key, "bodies": str(bodies)}
    whole = json.dumps({"seconds": SECONDS, **target, **spec})
    command = [sys.executable, "-m", "tests.bench.load", whole]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True)  # noqa: S603  our own


def _heard(load: "subprocess.Popen[str]") -> dict[str, Any]:
    said, _ = load.communicate()
    result: dict[str, Any] = json.loads(said)
    return result


def _logins_per_second(service: Live, logins: Path, number: int) -> float:
    """Successful logins a second, with so many callers that every thread always has work."""
    callers = 8 * (os.cpu_count() or 1)
    spec = {"connections": callers, "seconds": SECONDS / 2, "skip": number * 997}
    result = _heard(_load(service, _SIGN_IN, logins, **spec))
    share: float = result["statuses"].get("200", 0) / result["requests"]
    if share < 0.95:
        raise RuntimeError(f"logins were refused: {result['statuses']}")
    return float(result["per_second"]) * share


def _compared(
    name: str, stormy: list[dict[str, Any]], calm: list[dict[str, Any]], what: str
) -> Figure:
    def middle(seen: list[dict[str, Any]]) -> float:
        return median(float(result[what]) for result in seen)

    return Figure(name, middle(stormy), "ms", middle(calm), "without logins")


def _captcha() -> list[Figure]:
    """Making and checking a proof of work at the default difficulty, in milliseconds."""
    key, at, cost = b"k" * 32, time.time(), Settings.model_fields["challenge_cost"].default
    began = time.perf_counter()
    tasks = [
        proof_of_work.challenge(f"d{n}", "signup", key=key, at=at, lasts=300, cost=cost)
        for n in range(300)
    ]
    made = (time.perf_counter() - began) / len(tasks) * 1000
    answers = [solved(task) for task in tasks[:10]]
    began = time.perf_counter()
    for number, answer in enumerate(answers):
        proof_of_work.verify(answer, decision_id=f"d{number}", purpose="signup", key=key, at=at)
    checked = (time.perf_counter() - began) / len(answers) * 1000
    return [
        Figure("CAPTCHA made", made, "ms"),
        Figure("CAPTCHA checked, default difficulty", checked, "ms"),
    ]
