"""Whole decisions over HTTP against endpoints that do nothing, in interleaved rounds of one run."""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import httpx2

from safety.demo.scenarios import Scenario, play
from tests.bench.figures import Figure
from tests.live import ROOT, Live, a_service, free_port

ROUNDS = 5
SECONDS = 3.0
CONNECTIONS = 64
EVENTS = 40_000
# The serving process has one core and the load generator the other, where there are two.
_PIN = shutil.which("taskset") if (os.cpu_count() or 1) > 1 else None
_SERVER: tuple[str, ...] = (_PIN, "-c", "0") if _PIN else ()
_LOAD: tuple[str, ...] = (_PIN, "-c", "1") if _PIN else ()


@dataclass(frozen=True, slots=True)
class Target:
    """Something that answers POST /v1/decisions on a port."""

    name: str
    port: int
    key: str


def serving() -> list[Figure]:
    """Decisions per second and latency of the shipped service, and its ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bodies = write_traffic(folder / "bodies.jsonl")
        train_straightforward(folder)
        service = a_service(folder, prefix=_SERVER)
        began = time.perf_counter()
        service.start()
        cold_start = time.perf_counter() - began
        with (
            _rival("raw ASGI no-op", "raw", folder) as raw,
            _rival("ordinary FastAPI no-op", "ordinary", folder, "--factory") as ordinary,
            _rival("the same as plain def", "ordinary_in_threads", folder, "--factory") as threads,
            _rival("straightforward build", "straightforward", folder, "--factory") as plain,
        ):
            ours = Target("decision", service.port, service.key)
            seen = _rounds([ours, raw, ordinary, threads, plain], bodies)
            half = _run(ours, bodies, seconds=6, connections=_half_load(seen["decision"]), skip=0)
        memory = _resident_mb(service)
        _prove_durable(service)
        service.stop()
    return _figures(seen, half, cold_start, memory)


def write_traffic(path: Path) -> Path:
    """Calm and hostile demo traffic, one body a line, without ids so that each is a new event."""
    lines: list[bytes] = []
    now = time.time()
    for scenario, share in ((Scenario.CALM, 0.9), (Scenario.SPAM_WAVE, 0.1)):
        steps = play(scenario, seed=7, at=now, rate=400)
        lines += [json.dumps(s.event).encode() for s in islice(steps, int(EVENTS * share))]
    # Stir deterministically: a prime step visits every line once.
    stirred = [lines[(i * 7_919) % len(lines)] for i in range(len(lines))]
    path.write_bytes(b"\n".join(stirred))
    return path


def train_straightforward(folder: Path) -> None:
    """The rival's model: word and character TF-IDF with logistic regression, as joblib keeps it."""
    import joblib  # noqa: PLC0415  only this rival needs it
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline, make_union  # noqa: PLC0415

    texts, labels = [], []
    for step in islice(play(Scenario.SPAM_WAVE, seed=11, at=time.time(), rate=50), 12_000):
        text = step.event.get("content", {}).get("text")
        if text:
            texts.append(text)
            labels.append(int(step.is_attack))
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    pipeline = make_pipeline(make_union(words, letters), LogisticRegression(max_iter=200))
    joblib.dump(pipeline.fit(texts, labels), folder / "spam.joblib")


@contextmanager
def _rival(name: str, attribute: str, folder: Path, *options: str) -> Iterator[Target]:
    port = free_port()
    command = [
        *_SERVER,
        sys.executable,
        "-m",
        "uvicorn",
        f"tests.bench.rivals:{attribute}",
        *options,
        "--port",
        str(port),
        "--no-access-log",
        "--log-level",
        "error",
    ]
    environment = os.environ | {"BENCH_FOLDER": str(folder)}
    process = subprocess.Popen(command, env=environment, cwd=ROOT)  # noqa: S603  our own command
    try:
        _wait(port)
        yield Target(name, port, "none")
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            httpx2.get(f"http://127.0.0.1:{port}/", timeout=1)
        except httpx2.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("a rival did not start")


def _rounds(targets: list[Target], bodies: Path) -> dict[str, list[dict[str, float]]]:
    seen: dict[str, list[dict[str, float]]] = {target.name: [] for target in targets}
    for number in range(ROUNDS + 1):
        for target in targets:
            result = _run(target, bodies, SECONDS, CONNECTIONS, skip=number * EVENTS // ROUNDS)
            if number:  # the first round warms up
                seen[target.name].append(result)
    return seen


def _run(
    target: Target, bodies: Path, seconds: float, connections: int, skip: int
) -> dict[str, float]:
    spec = {
        "port": target.port,
        "path": "/v1/decisions",
        "key": target.key,
        "bodies": str(bodies),
        "seconds": seconds,
        "connections": connections,
        "skip": skip,
    }
    command = [*_LOAD, sys.executable, "-m", "tests.bench.load", json.dumps(spec)]
    done = subprocess.run(command, check=True, capture_output=True, cwd=ROOT)  # noqa: S603  our own
    result: dict[str, float] = json.loads(done.stdout)
    if result["refused"]:
        raise RuntimeError(f"{target.name} refused {result['refused']} requests")
    return result


def _half_load(results: list[dict[str, float]]) -> int:
    """So many connections that about half of the highest load is offered."""
    median = statistics.median(r["p50_ms"] for r in results)
    return max(1, int(CONNECTIONS / 2 / max(1.0, median / 20)))


def _resident_mb(service: Live) -> float:
    assert service.process is not None
    status = Path(f"/proc/{service.process.pid}/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    line = next(row for row in status.read_text().splitlines() if row.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _prove_durable(service: Live) -> None:
    """What was measured must be real: the ledger holds what was answered."""
    body = {"type": "comment", "actor": {"id": "bench"}, "content": {"text": "still here?"}}
    answer = httpx2.post(f"{service.url}/v1/decisions", json=body, headers=service.headers).json()
    found = httpx2.get(f"{service.url}/v1/decisions/{answer['id']}", headers=service.headers)
    if not answer["stored"] or found.json()["id"] != answer["id"] or answer["degraded"]:
        raise RuntimeError("the measured service did not store what it answered")


def _figures(
    seen: dict[str, list[dict[str, float]]],
    half: dict[str, float],
    cold_start: float,
    memory: float,
) -> list[Figure]:
    def middle(name: str, what: str) -> float:
        return statistics.median(result[what] for result in seen[name])

    ours = middle("decision", "per_second")
    unit = "decisions/s, durable (FULL), one worker"
    rivals = [name for name in seen if name != "decision"]
    figures = [Figure("serving", ours, unit, middle(r, "per_second"), r) for r in rivals]
    figures += [
        Figure("serving p50", middle("decision", "p50_ms"), "ms at 64 in flight"),
        Figure("serving p99", middle("decision", "p99_ms"), "ms at 64 in flight"),
        Figure("half load p99", half["p99_ms"], "ms", half["p50_ms"], "its p50"),
        Figure("cold start", cold_start, "s to /readyz"),
        Figure("resident memory", memory, "MB after the load"),
    ]
    return figures
