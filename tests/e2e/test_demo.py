"""The first minute: `run` prepares everything, the demo's attacks are stopped, a replay reports."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import Engine

from safety.store import ledger, tenants
from safety.store.engine import open_engine, read, write
from tests.live import ROOT, free_port

LINK = re.compile(r"http://\S+/desk/sign-in\?token=\S+")
KEY = re.compile(r"sg_test_[0-9a-f_]+")
PAGE = re.compile(r"http://\S+/gate/sign-up")
BASE = re.compile(r"ready at (http://\S+)")
CSV = (
    "text,label,source\n"
    "Lovely light in the second picture,0,calm\n"
    "Win a prize today at https://phishing.example/now,1,wave\n"
    "See you on Thursday,0,calm\n"
)


@dataclass(frozen=True, slots=True)
class Running:
    """A service that `safety-gate run --no-demo` started, and what it said."""

    said: str
    environment: dict[str, str]
    database: str

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command beside it."""
        return cli(self.environment, *words)

    @property
    def base(self) -> str:
        """Where it listens."""
        found = BASE.search(self.said)
        assert found
        return found[1]

    def decisions(self) -> int:
        """How many decisions the demo's tenant has."""
        with self._opened() as engine, read(engine) as connection:
            return sum(ledger.summary(connection, "demo", 0.0).by_verdict.values())

    def wipe(self) -> None:
        """Forget the demo's decisions."""
        with self._opened() as engine, write(engine) as connection:
            tenants.wipe(connection, "demo", 0.0, author="test", audit_key=b"any")

    @contextmanager
    def _opened(self) -> Iterator[Engine]:
        engine = open_engine(self.database)
        yield engine
        engine.dispose()


def cli(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  our own interpreter and module
        [sys.executable, "-m", "safety", *words],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip


def environment_in(folder: Path) -> dict[str, str]:
    kept = {n: v for n, v in os.environ.items() if not n.startswith("SAFETY_")}
    own = {"SAFETY_DATA_DIR": str(folder / "data"), "SAFETY_PORT": str(free_port())}
    return kept | own | {"COLUMNS": "160"}


def start(environment: dict[str, str], *words: str) -> tuple[subprocess.Popen[str], str]:
    """Start `run` and return it with what it said until it was ready."""
    process = subprocess.Popen(  # noqa: S603  our own interpreter and module
        [sys.executable, "-m", "safety", "run", *words],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    said = listen(process, "Ctrl-C stops")
    if "Ctrl-C stops" not in said:
        process.communicate(timeout=60)
        pytest.fail(said)
    return process, said


def listen(process: subprocess.Popen[str], until: str) -> str:
    """What the process says up to a line with this text."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if until in line:
            break
    return said


def finish(process: subprocess.Popen[str], wish: signal.Signals) -> str:
    process.send_signal(wish)
    rest, _ = process.communicate(timeout=60)
    return rest


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("first run")
    environment = environment_in(folder)
    process, said = start(environment, "--no-demo")
    yield Running(said, environment, f"sqlite:///{folder / 'data' / 'safety.db'}")
    finish(process, signal.SIGINT)


@pytest.fixture
def wiped(running: Running) -> Running:
    running.wipe()
    return running


def await_decisions(run: Running) -> None:
    """Return when the demo is well under way."""
    for _ in range(600):
        if run.decisions():
            return
        time.sleep(0.05)
    pytest.fail("the demo sends nothing")


def figures(said: str) -> Callable[[str], int]:
    """Reads a count such as `hold=12` from the demo's line."""
    return lambda name: int(re.findall(rf"\b{name}=(\d+)", said)[-1])


def test_the_printed_event_gets_the_printed_verdict(running: Running) -> None:
    key = KEY.search(running.said)
    body = re.search(r"-d '(.*)'", running.said)
    assert key
    assert body
    answer = httpx2.post(
        f"{running.base}/v1/decisions",
        content=body[1],
        headers={"Authorization": f"Bearer {key[0]}", "Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.json()["verdict"]) == (200, "hold")


def test_the_printed_link_leads_to_the_desk(running: Running) -> None:
    link = LINK.search(running.said)
    assert link
    assert httpx2.get(link[0], follow_redirects=True).status_code == 200


def test_the_printed_page_makes_an_account_of_the_demos_tenant(wiped: Running) -> None:
    page = PAGE.search(wiped.said)
    assert page
    assert "Make an account" in httpx2.get(page[0]).text
    form = {"username": "mia_first", "password": "seven otters in a canoe"}
    made = httpx2.post(page[0], data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert made.headers["location"] == "/gate/sign-in?said=created", made.text
    assert wiped.decisions() == 1


def test_whoever_wants_no_pages_gets_none(tmp_path: Path) -> None:
    environment = environment_in(tmp_path) | {"SAFETY_HOSTED_PAGES": "false"}
    process, said = start(environment, "--no-demo")
    base = BASE.search(said)
    assert base
    assert httpx2.get(f"{base[1]}/gate/sign-up").status_code == 404
    finish(process, signal.SIGINT)
    assert PAGE.search(said) is None


def test_a_spam_wave_is_held_and_blocked_while_ordinary_people_are_left_alone(
    wiped: Running,
) -> None:
    done = wiped.command("demo", "--scenario", "spam-wave", "--seconds", "2", "--rate", "75")
    assert done.returncode == 0, done.stdout + done.stderr
    count = figures(done.stdout)
    assert count("hold") > 20
    assert count("block") > 10
    assert count("troubles") == 0
    assert re.search(r"spam-wave .*│\s+0 \(0%\)", done.stdout), done.stdout


def test_a_follower_farm_is_challenged(wiped: Running) -> None:
    words = ("--scenario", "follower-farm", "--seconds", "2", "--rate", "90")
    assert figures(wiped.command("demo", *words).stdout)("challenge") > 50


def test_a_signup_burst_is_held(wiped: Running) -> None:
    words = ("--scenario", "signup-burst", "--seconds", "2", "--rate", "40", "--seed", "5")
    count = figures(wiped.command("demo", *words).stdout)
    assert count("hold") > 20
    assert count("block") > 0


def test_calm_traffic_is_let_through(wiped: Running) -> None:
    words = ("--scenario", "calm", "--seconds", "2", "--rate", "80")
    count = figures(wiped.command("demo", *words).stdout)
    assert count("allow") == count("events") > 80


def test_a_replay_reports_by_source_and_repeating_it_stores_nothing_new(
    wiped: Running, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(CSV)
    first = wiped.command("replay", str(path))
    assert first.returncode == 0, first.stderr
    assert re.search(r"wave\s+│\s+1 │ 1/1 \(100.0%\)", first.stdout), first.stdout
    assert re.search(r"calm\s+│\s+2 │\s+- │\s+0 │\s+0/2 \(0.0%\)", first.stdout), first.stdout
    stored = wiped.decisions()
    assert wiped.command("replay", str(path)).stdout == first.stdout
    assert wiped.decisions() == stored == 3


def test_a_replay_of_the_wrong_column_is_one_sentence(running: Running, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(CSV)
    done = running.command("replay", str(path), "--text-column", "body")
    assert done.returncode == 2
    assert "no column 'body'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_key_is_one_sentence(running: Running) -> None:
    done = running.command("demo", "--key", "sg_live_wrong", "--seconds", "5")
    assert done.returncode == 2
    assert "answered 401" in done.stderr
    assert "Traceback" not in done.stderr


def test_wiping_removes_what_the_demo_left(running: Running) -> None:
    running.command("demo", "--seconds", "2", "--rate", "20")
    assert running.decisions() > 0
    assert "decisions" in running.command("demo", "--wipe").stdout
    assert running.decisions() == 0


def test_other_commands_find_a_service_on_another_port(running: Running) -> None:
    elsewhere = running.environment | {"SAFETY_PORT": "1"}
    assert cli(elsewhere, "demo", "--seconds", "1").returncode == 0
    assert running.base in cli(elsewhere, "staff", "link").stdout


def test_a_second_run_takes_the_next_port_and_keeps_the_key(
    running: Running, tmp_path: Path
) -> None:
    busy = running.environment["SAFETY_PORT"]
    environment = environment_in(tmp_path) | {"SAFETY_PORT": busy}
    process, said = start(environment, "--no-demo")
    finish(process, signal.SIGTERM)
    assert f"Port {busy} is in use" in said
    used = re.search(r"ready at (http://\S+)", said)
    assert used is not None
    assert f"staff link --url {used[1]})" in said
    again, said_again = start(environment, "--no-demo")
    finish(again, signal.SIGINT)
    assert KEY.findall(said)[0] == KEY.findall(said_again)[0]
    assert LINK.findall(said)[0] != LINK.findall(said_again)[0]


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_stops_its_service_and_says_how_to_go_on(
    tmp_path: Path, wish: signal.Signals
) -> None:
    environment = environment_in(tmp_path)
    process, said = start(environment, "--rate", "20")
    run = Running(said, environment, f"sqlite:///{tmp_path / 'data' / 'safety.db'}")
    await_decisions(run)
    rest = finish(process, wish)
    assert process.returncode == 0, rest
    assert re.search(r"Start again: +\S*safety-gate run$", rest, re.MULTILINE), rest
    assert "What the demo sent" in rest
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{run.base}/healthz")


def test_a_service_that_cannot_start_shows_its_last_words(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "mine.yaml").write_text("rule: mine\nwhen: content.lnks > 3\n")
    done = cli(environment_in(tmp_path) | {"SAFETY_RULES_DIR": str(site)}, "run")
    assert done.returncode == 2
    assert "site/mine.yaml:" in done.stdout + done.stderr
