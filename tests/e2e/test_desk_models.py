"""The pages about models over HTTP: who may see them, what they show and what their forms do."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from starlette.testclient import TestClient

from safety.classifiers.day_counts import DayCounts, merged
from safety.domain.access import Role
from safety.store import audit, model_watch
from safety.store.engine import read, write
from safety.training import quality
from tests.desk_house import NOW, DeskOnly, House, a_house
from tests.e2e.hostile import HOSTILE
from tests.e2e.test_desk_hostile import tags_of
from tests.e2e.test_desk_http import ORIGIN, OURS, sign_in
from tests.model_house import a_version

Send = Callable[..., "tuple[int, str]"]
LATER = 11 * 60


def a_better_holdout() -> dict[str, object]:
    """Scores of the same rows, ranked without a fault."""
    labels = [1] * 300 + [0] * 600
    scores = [0.97] * 300 + [0.02] * 600
    return dict(quality.holdout(dict.fromkeys(("all", "lang:en", "source:mail"), (labels, scores))))


def a_middling_holdout() -> dict[str, object]:
    dice = Random(3)  # noqa: S311  repeatable, not secret
    labels = [1] * 300 + [0] * 600
    scores = [dice.betavariate(3, 2) for _ in range(300)]
    scores += [dice.betavariate(2, 4) for _ in range(600)]
    return dict(quality.holdout(dict.fromkeys(("all", "lang:en", "source:mail"), (labels, scores))))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = a_house(tmp_path)
    a_version(tmp_path / "shipped", "1", holdout=a_middling_holdout())
    yield made
    made.engine.dispose()


@pytest.fixture
def browser(house: House) -> Iterator[TestClient]:
    with TestClient(house.app(), base_url=ORIGIN, follow_redirects=False) as client:
        yield client


@pytest.fixture
def send(browser: TestClient, house: House) -> Send:
    csrf = sign_in(browser, house, "ana", Role.ANALYST)

    def send_it(path: str, **form: str) -> tuple[int, str]:
        answer = browser.post(f"/desk/models/{path}", data=form | {"csrf": csrf}, headers=OURS)
        return answer.status_code, answer.headers.get("location", answer.text)

    return send_it


def live(house: House) -> str:
    versions = DeskOnly(house).models
    return versions.live("spam", versions.pointers().get("spam"))


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.ANALYST, 200), (Role.ADMIN, 200), (Role.MODERATOR, 403), (Role.LEAD, 403)],
)
def test_who_may_look_at_models(browser: TestClient, house: House, role: Role, status: int) -> None:
    sign_in(browser, house, "mo", role)
    for path in ("/desk/models", "/desk/models/spam", "/desk/models/spam/compare?version=1"):
        expected = 422 if "compare" in path and status == 200 else status
        assert browser.get(path).status_code == expected


def test_a_model_is_listed_with_what_it_does_at_its_threshold(
    browser: TestClient, send: Send
) -> None:
    page = browser.get("/desk/models").text
    assert "1 live" in page
    assert "0.900" in page
    assert re.search(r"Caught</dt><dd>\d+\.\d %", page)


def test_the_threshold_may_be_tried_without_javascript(browser: TestClient, send: Send) -> None:
    strict = browser.get("/desk/models/spam?threshold=0.8&prevalence=0.1").text
    mild = browser.get("/desk/models/spam?threshold=0.3&prevalence=0.1").text

    def caught(page: str) -> float:
        found = re.search(r'data-shows="recall">([\d.]+) %', page)
        assert found
        return float(found[1])

    assert caught(mild) > caught(strict)
    assert "lang:en" in mild
    assert "people leave" in mild


@pytest.mark.parametrize("query", ["threshold=2", "threshold=x", "prevalence=0", "version=../x"])
def test_what_cannot_be_tried_is_not_understood(
    browser: TestClient, send: Send, query: str
) -> None:
    assert browser.get(f"/desk/models/spam?{query}").status_code == 422


@pytest.mark.parametrize("path", ["ham", "spam?version=9", "spam/compare?version=9"])
def test_what_is_not_there_is_said_so(browser: TestClient, send: Send, path: str) -> None:
    assert browser.get(f"/desk/models/{path}").status_code == 404


def test_a_threshold_is_set_and_dropped(browser: TestClient, send: Send, house: House) -> None:
    status, where = send("spam/threshold", version="1", threshold="0.62", why="fewer spam")
    assert (status, where) == (303, "/desk/models/spam?version=1&said=modelthreshold")
    assert DeskOnly(house).models.threshold("spam", "1")[0] == 0.62
    page = browser.get(where).text
    assert "set by ana" in page
    assert "fewer spam" in page
    assert send("spam/threshold/drop", version="1")[0] == 303
    assert DeskOnly(house).models.threshold("spam", "1") == (0.9, None)
    assert send("spam/threshold", version="1", threshold="1.5")[0] == 422


def test_a_better_candidate_is_promoted_and_rolled_back(
    browser: TestClient, send: Send, house: House, tmp_path: Path
) -> None:
    a_version(tmp_path / "made", "1001", holdout=a_better_holdout())
    assert "1001 is a candidate" in browser.get("/desk/models").text
    page = browser.get("/desk/models/spam/compare?version=1001").text
    assert "It may go live" in page
    assert send("spam/promote", version="1001", why="better")[0] == 303
    assert live(house) == "1001"
    shown = browser.get("/desk/models/spam").text
    assert "promoted 1001" in shown
    assert "made here" in shown
    assert send("spam/rollback", why="no")[0] == 303
    assert live(house) == "1"
    status, text = send("spam/rollback")
    assert status == 404
    assert "Nothing was promoted" in text


def test_a_worse_candidate_stays_one_unless_somebody_insists_and_says_why(
    browser: TestClient, send: Send, house: House, tmp_path: Path
) -> None:
    a_version(tmp_path / "made", "1001", holdout=a_better_holdout())
    send("spam/promote", version="1001")
    page = browser.get("/desk/models/spam/compare?version=1").text
    assert "It stays a candidate" in page
    assert "AUC falls from" in page
    status, text = send("spam/promote", version="1")
    assert status == 409
    assert "stays a candidate" in text
    assert send("spam/promote", version="1", force="yes")[0] == 422
    assert live(house) == "1001"
    assert send("spam/promote", version="1", force="yes", why="the new one fails in Thai")[0] == 303
    assert live(house) == "1"
    assert "forced" in browser.get("/desk/models/spam").text
    with read(house.engine) as connection:
        event = audit.recent(connection)[0]
    assert event.action == "model.promoted"
    assert b'"forced": true' in event.details


def test_a_candidate_is_tried_in_shadow(
    browser: TestClient, send: Send, house: House, tmp_path: Path
) -> None:
    a_version(tmp_path / "shipped", "2")
    send("spam/promote", version="1", force="yes", why="start")
    assert send("spam/shadow", version="2")[0] == 303
    assert "2 in shadow" in browser.get("/desk/models").text
    assert send("spam/shadow", version="1")[0] == 422
    assert send("spam/shadow", version="")[0] == 303
    assert "2 in shadow" not in browser.get("/desk/models").text


def test_changing_models_wants_a_factor_that_was_proved_a_moment_ago(
    browser: TestClient, send: Send, house: House
) -> None:
    house.clock.at += LATER
    for path in ("promote", "shadow", "rollback", "threshold", "threshold/drop"):
        status, text = send(f"spam/{path}", version="1", threshold="0.5")
        assert status == 403
        assert "/desk/confirm?next=/desk/models" in text
    assert "confirm that it is you" in browser.get("/desk/models/spam").text


def test_drift_is_shown_with_its_numbers(browser: TestClient, send: Send, house: House) -> None:
    day = int(NOW // 86_400)
    counts = DayCounts(features={"content.links": [0, 900]}, compared=50, disagreed=5)
    counts.scores[-1] = 900
    part = {
        key: counts.encode() for key in [("spam", "1", day, "all"), ("spam", "1", day, "lang:en")]
    }
    with write(house.engine) as connection:
        model_watch.merge_days(connection, part, merged)
    page = browser.get("/desk/models/spam").text
    assert "moved far" in page
    assert "at 5 (10.00 %)" in page
    assert page.count("lang:en") >= 2
    assert "moved far" in browser.get("/desk/models").text


def test_a_model_that_cannot_be_used_says_why(
    browser: TestClient, send: Send, house: House, tmp_path: Path
) -> None:
    (tmp_path / "shipped" / "spam" / "1" / "card.json").write_text("{")
    assert "not JSON" in browser.get("/desk/models").text
    assert browser.get("/desk/models/spam").status_code == 422


def test_what_a_card_says_is_text_and_nothing_else(
    browser: TestClient, send: Send, tmp_path: Path
) -> None:
    a_version(
        tmp_path / "shipped", "1", licence="plain", known_failures=["plain"], created="plain",
        sources=[{"source": "plain", "licence": "plain"}], holdout=a_middling_holdout(),
    )  # fmt: skip
    plain = tags_of(browser.get("/desk/models/spam").text).tags
    for nasty in list(HOSTILE.values())[:8]:
        a_version(
            tmp_path / "shipped", "1", licence=nasty, known_failures=[nasty], created=nasty,
            sources=[{"source": nasty, "licence": nasty}], holdout=a_middling_holdout(),
        )  # fmt: skip
        assert tags_of(browser.get("/desk/models/spam").text).tags == plain
