"""Fake followers through the front door: scored, explained, and a threshold fitted to the site."""

import csv
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog

from safety.cli import main
from tests.e2e.conftest import Api

PERSON = {
    "created_at": "2020-05-01T00:00:00Z",
    "followers": 220,
    "following": 280,
    "posts": 90,
    "likes_given": 300,
    "has_avatar": True,
    "bio": "coffee and bikes",
    "name": "mia_b",
}
SOLD = PERSON | {
    "followers": 2,
    "following": 2_000,
    "posts": 0,
    "likes_given": 0,
    "has_avatar": False,
    "bio": "",
    "name": "user83720193",
}


def follow(api: Api, number: int, **actor: Any) -> dict[str, Any]:
    event = {
        "id": f"follow-{number}",
        "type": "follow",
        "actor": {"id": f"u_{number}"} | actor,
        "target": {"id": f"u_t{number % 7}", "kind": "account"},
    }
    answer = api.client.post("/v1/decisions", json=event, headers=api.headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_follow_is_scored_by_the_profile_and_says_why(api: Api) -> None:
    person, sold = follow(api, 1, **PERSON), follow(api, 2, **SOLD)
    assert person["scores"]["fake_follower"] < 0.05
    assert sold["scores"]["fake_follower"] > 0.8
    assert sold["models"]["fake_follower"]
    in_full = api.client.get(f"/v1/decisions/{sold['id']}", headers=api.headers).json()
    fired = {each["rule"] for each in in_full["signals"] if each["source"] == "rule"}
    assert "fake-follower-profile" in fired
    (model,) = (each for each in in_full["signals"] if each["source"] == "model")
    reasons = [word["text"] for word in model["words"]]
    assert any(reason.startswith("following per follower") for reason in reasons)
    assert in_full["facts"]["actor.name_digits"] > 0.5


def test_a_platform_that_sends_no_counters_gets_no_score_and_no_failure(api: Api) -> None:
    found = follow(api, 3)
    assert "fake_follower" not in found["scores"]
    assert (found["degraded"], found["skipped"]) == ([], [])


@pytest.mark.parametrize(
    "odd",
    [
        {"followers": -5, "following": -1, "posts": -7, "likes_given": -2},
        {"followers": 2**62, "following": 0, "posts": 2**62},
        {"created_at": 0, "followers": 0, "following": 0},
    ],
)
def test_odd_counters_are_a_score_or_nothing(api: Api, odd: dict[str, int]) -> None:
    found = follow(api, 10 + len(str(odd)), **odd)
    assert 0.0 <= found["scores"].get("fake_follower", 0.0) <= 1.0
    assert found["degraded"] == []


Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def safety_gate(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs a command in this process on the data of the running service."""
    monkeypatch.setenv("SAFETY_DATA_DIR", str(api.settings.data_dir))

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["safety-gate", *words])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            structlog.reset_defaults()
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_a_threshold_is_fitted_from_a_budget_and_counts_from_then_on(
    api: Api, safety_gate: Command
) -> None:
    for number in range(100, 180):
        follow(api, number, **PERSON | {"followers": number, "posts": 300 - number})
    follow(api, 300, **SOLD)
    code, out, err = safety_gate("models", "calibrate", "fake_follower")
    assert code == 2
    assert "0 resolutions" in err
    assert "--budget" in err
    words = ("models", "calibrate", "fake_follower", "--budget", "0.2", "--apply", "--why", "ours")
    code, out, err = safety_gate(*words)
    assert (code, err) == (0, "")
    assert "is set." in out
    code, out, _ = safety_gate("models", "threshold", "fake_follower")
    assert code == 0
    assert "its card's" not in out
    service = api.client.app.inner.state.services  # type: ignore[attr-defined]
    own, _ = service.models.threshold("fake_follower", "1")
    assert own < 0.6


def test_a_threshold_is_fitted_from_what_people_decided(api: Api, safety_gate: Command) -> None:
    for number in range(400, 500):
        # Every fifth person lives like an account that is sold, and is none.
        is_odd = number % 5 == 0
        is_fake = number % 2 == 0
        actor = SOLD | {"posts": number % 3} if is_fake or is_odd else PERSON | {"posts": number}
        found = follow(api, number, **actor)
        said = "confirmed_abuse" if is_fake else "confirmed_fine"
        answer = api.client.post(
            f"/v1/decisions/{found['id']}/outcome",
            json={"outcome": said, "model": "fake_follower"},
            headers=api.headers,
        )
        assert answer.status_code == 204
    words = ("models", "calibrate", "fake_follower", "--false-positives", "0.05", "--next", "3")
    code, out, err = safety_gate(*words)
    assert (code, err) == (0, "")
    looked_at = [line.removeprefix("look at main/") for line in out.splitlines()[:3]]
    assert len(set(looked_at)) == 3
    assert not set(looked_at) & {f"u_{number}" for number in range(400, 500)}
    assert "(100 resolutions)" in out
    assert "is set" not in out


def test_a_table_of_accounts_is_scored_by_its_columns(safety_gate: Command, tmp_path: Path) -> None:
    table = tmp_path / "accounts.csv"
    table.write_text(
        "account,n_posts,n_followers,n_following,has_pic,label\n"
        "a,90,220,280,1,0\nb,0,2,2000,0,1\nc,,,,,0\nd,many,-3,nan,7,0\n"
    )
    words = ("models", "score", "fake_follower", str(table))
    code, out, err = safety_gate(*words)
    assert code == 0
    rows = {row["account"]: row["score"] for row in csv.DictReader(io.StringIO(out))}
    assert float(rows["b"]) > float(rows["a"])
    assert (rows["c"], rows["d"]) == ("", "")
    assert "4 labelled accounts: AUC 1.0000, recall at 1 % FPR 1.0000." in err


@pytest.mark.parametrize(
    ("model", "file", "why"),
    [
        ("nothing", "accounts.csv", "no model 'nothing'"),
        ("spam", "accounts.csv", "judges no profiles"),
        ("fake_follower", "missing.csv", "cannot be read"),
        ("fake_follower", "broken.csv.gz", "cannot be read"),
    ],
)
def test_what_cannot_be_scored_is_said_in_one_sentence(
    safety_gate: Command, tmp_path: Path, model: str, file: str, why: str
) -> None:
    (tmp_path / "accounts.csv").write_text("account\na\n")
    (tmp_path / "broken.csv.gz").write_bytes(b"not gzip")
    words = ("models", "score", model, str(tmp_path / file))
    code, _, err = safety_gate(*words)
    assert code == 2
    assert why in err
    assert "Traceback" not in err
