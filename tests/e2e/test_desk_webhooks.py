"""The page of webhooks: what did not arrive is seen and sent again, and nothing secret is shown."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from safety.domain.access import Role
from safety.domain.messages import Endpoint, Message
from safety.store import audit, outbox, webhooks
from safety.store.engine import read, write
from tests.desk_house import NOW, House, a_house
from tests.e2e.hostile import HOSTILE
from tests.e2e.test_desk_http import ORIGIN, OURS, sign_in


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = a_house(tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def browser(house: House) -> Iterator[TestClient]:
    with TestClient(house.app(), base_url=ORIGIN, follow_redirects=False) as client:
        yield client


def post(house: House, *given_up: str, tenant: str = "shop", error: str = "500") -> None:
    """A receiver, and messages that were given up."""
    with write(house.engine) as connection:
        url = "https://hooks.example/gate/s3cr3t-in-the-path"
        webhooks.add_endpoint(connection, Endpoint(tenant, url, b"sealed", NOW - 99))
        for name in given_up:
            body = b'{"type":"item.resolved"}'
            outbox.add(connection, Message(name, tenant, "item.resolved", body, NOW - 60, NOW))
            outbox.bury(connection, name, NOW, error)


def dead(house: House) -> set[str]:
    with read(house.engine) as connection:
        return {each.message.id for each in outbox.dead(connection)}


def test_receivers_are_shown_without_what_may_be_secret(browser: TestClient, house: House) -> None:
    sign_in(browser, house, "boss", Role.ADMIN)
    assert "Messages go nowhere yet." in browser.get("/desk/webhooks").text
    post(house)
    page = browser.get("/desk/webhooks").text
    assert "hooks.example" in page
    assert "s3cr3t" not in page
    with write(house.engine) as connection:
        url = "https://hooks.example/gate/s3cr3t-in-the-path"
        webhooks.disable_endpoint(connection, "shop", url, "410 Gone", NOW)
    assert "410 Gone" in browser.get("/desk/webhooks").text


def test_a_dead_letter_is_sent_again_alone_or_with_all_of_its_tenant(
    browser: TestClient, house: House
) -> None:
    post(house, "msg_1", "msg_2", "msg_3")
    post(house, "msg_4", tenant="forum")
    csrf = sign_in(browser, house, "boss", Role.ADMIN)
    answer = browser.post("/desk/webhooks/msg_1/resend", data={"csrf": csrf}, headers=OURS)
    assert answer.headers["location"] == "/desk/webhooks?said=resent"
    assert dead(house) == {"msg_2", "msg_3", "msg_4"}
    form = {"csrf": csrf, "tenant": "shop"}
    assert browser.post("/desk/webhooks/resend", data=form, headers=OURS).status_code == 303
    assert dead(house) == {"msg_4"}
    with read(house.engine) as connection:
        logged = audit.recent(connection, limit=2)
    assert {(each.author, each.action, each.subject) for each in logged} == {
        ("boss", "webhook.resent", "msg_1"),
        ("boss", "webhook.resent", "shop"),
    }
    gone = browser.post("/desk/webhooks/msg_1/resend", data={"csrf": csrf}, headers=OURS)
    assert gone.status_code == 404


@pytest.mark.parametrize("name", ["script", "bidi", "template"])
def test_what_a_receiver_answers_is_only_text(browser: TestClient, house: House, name: str) -> None:
    post(house, "msg_1", error=HOSTILE[name])
    sign_in(browser, house, "boss", Role.ADMIN)
    page = browser.get("/desk/webhooks").text
    assert page.count("<script") == 1
    assert "\u202e" not in page
    assert "49" not in page.split("Why</th>")[1].split("Send again")[0]


def test_only_admins_see_the_post(browser: TestClient, house: House) -> None:
    sign_in(browser, house, "lea", Role.LEAD)
    assert browser.get("/desk/webhooks").status_code == 403
