"""From a platform's event to a moderator's resolution, through the whole application."""

import re
import time

import pyotp

from safety.accounts.members import Members
from safety.cli.ground import new_id
from safety.config import Secrets
from safety.domain.access import Role
from safety.store.engine import open_engine
from tests.e2e.conftest import Api
from tests.factories import Json, an_event

OURS = {"Sec-Fetch-Site": "same-origin"}
SPAM = "Work from home and earn $500 a day! WhatsApp +1 555 0100 or https://cash{}.example/join now"


def send_spam(api: Api) -> Json:
    """Comments by a new account, until one of them is to be looked at."""
    for number in range(12):
        event = an_event(
            id=f"wave-{number}",
            actor={"id": "u_new", "name": "dealz", "created_at": time.time() - 600},
            content={"text": SPAM.format(number), "thread_id": f"t_{number}"},
        )
        answer: Json = api.client.post("/v1/decisions", json=event, headers=api.headers).json()
        if answer["item"]:
            return answer
    raise AssertionError("no spam was brought to a person")


def sign_in(api: Api) -> str:
    engine = open_engine(api.settings.resolved_database_url)
    key = Secrets.load_or_create(api.settings.secrets_file)["audit"]
    members = Members(engine, time.time, new_id, key)
    token = members.sign_in_link("ana", Role.MODERATOR, "test")
    engine.dispose()
    page = api.client.post("/desk/sign-in", data={"token": token}, headers=OURS)
    form = {"csrf": csrf_of(page.text)}
    page = api.client.post("/desk/enrol", data=form, headers=OURS)
    secret = re.search(r'aria-label="Key for the app">([A-Z2-7 ]+)<', page.text)
    assert secret, page.text
    form["code"] = pyotp.TOTP(secret[1].replace(" ", "")).now()
    page = api.client.post("/desk/enrol/confirm", data=form, headers=OURS)
    assert "Your recovery codes" in page.text
    return csrf_of(page.text)


def csrf_of(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found, page
    return found[1]


def test_a_spam_wave_reaches_a_moderator_who_ends_it(api: Api) -> None:
    decision, csrf = send_spam(api), sign_in(api)
    item = decision["item"]["id"]
    page = api.client.get(f"/desk/items/{item}").text
    assert "[.]example" in page
    assert "Model: spam" in page
    assert all(reason in page for reason in decision["reasons"][:1])

    form = {"csrf": csrf, "action": "remove", "policy": "spam.commercial", "version": "1"}
    answer = api.client.post(f"/desk/items/{item}/resolve", data=form, headers=OURS)
    assert answer.status_code == 200, answer.text
    assert "Removed:" in answer.text

    event = an_event(id="afterwards", actor={"id": "u_new"})
    later = api.client.post("/v1/decisions", json=event, headers=api.headers).json()
    told = api.client.get(f"/v1/decisions/{later['id']}", headers=api.headers).json()
    assert "confirmed_spam" in told["facts"]["actor.labels"]
