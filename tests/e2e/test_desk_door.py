"""The desk's door over HTTP: links, invitations, passwords, codes, and what a cookie is worth."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from starlette.testclient import TestClient

from safety.domain.access import Role
from tests.desk_house import House, a_house
from tests.e2e.test_desk_http import ORIGIN, OURS, csrf_of, hold
from tests.staff_parts import PASSWORD, STEP, Person, a_person


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = a_house(tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def browser(house: House) -> Iterator[TestClient]:
    with TestClient(house.app(), base_url=ORIGIN, follow_redirects=False) as client:
        yield client


@pytest.fixture
def ana(house: House) -> Person:
    person = a_person(house.staff)
    house.clock.at += STEP
    return person


def send(browser: TestClient, path: str, **form: str) -> tuple[int, str]:
    """Send a form of ours; the status and where it led."""
    answer = browser.post(path, data=form, headers=OURS)
    return answer.status_code, answer.headers.get("location", "")


def enrol(browser: TestClient, house: House) -> list[str]:
    """Set up the second factor of whoever is signed in; return the recovery codes."""
    csrf = csrf_of(browser.get("/desk/enrol").text)
    page = browser.post("/desk/enrol", data={"csrf": csrf}, headers=OURS).text
    secret = re.search(r'aria-label="Key for the app">([A-Z2-7 ]+)<', page)
    assert secret
    code = pyotp.TOTP(secret[1].replace(" ", "")).at(int(house.clock.at))
    form = {"csrf": csrf, "code": code}
    answer = browser.post("/desk/enrol/confirm", data=form, headers=OURS)
    assert answer.status_code == 200, answer.text
    return re.findall(r"<li><code>([0-9A-Z-]+)</code></li>", answer.text)


def test_from_the_invitation_to_the_desk(browser: TestClient, house: House) -> None:
    link = house.staff.members.invite("mo", Role.MODERATOR, "ana")
    page = browser.get("/desk/invitation", params={"token": link})
    assert 'value="mo" readonly' in page.text
    accepted = send(browser, "/desk/invitation", token=link, password=PASSWORD, again=PASSWORD)
    assert accepted == (303, "/desk/enrol")
    assert len(enrol(browser, house)) == 10
    assert browser.get("/desk").status_code == 200


def test_until_the_code_is_proved_only_the_enrolment_can_be_reached(
    browser: TestClient, house: House
) -> None:
    assert send(browser, "/desk/sign-in", token=house.link("boss", Role.ADMIN))[1] == "/desk/enrol"
    for path in ("/desk", "/desk/next", "/desk/me", "/desk/members", "/desk/keys", "/desk/audit",
                 "/desk/audit.csv", "/desk/confirm", "/desk/items/itm_1"):  # fmt: skip
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk/enrol"), path
    csrf = csrf_of(browser.get("/desk/enrol").text)
    for path in ("/desk/members", "/desk/keys", "/desk/me/codes", "/desk/me/password"):
        assert send(browser, path, csrf=csrf) == (303, "/desk/enrol"), path


def test_name_password_and_code_open_the_desk(
    browser: TestClient, house: House, ana: Person
) -> None:
    first = send(browser, "/desk/sign-in", name="ana", password=PASSWORD)
    assert first == (303, "/desk/code")
    assert browser.get("/desk").headers["location"] == "/desk/sign-in"
    second = send(browser, "/desk/code", code=ana.code(house.clock.at))
    assert second == (303, "/desk")
    assert browser.get("/desk").status_code == 200
    assert "safety_desk_step" not in browser.cookies


def test_a_recovery_code_opens_the_desk_and_says_what_to_do(
    browser: TestClient, ana: Person
) -> None:
    send(browser, "/desk/sign-in", name="ana", password=PASSWORD)
    assert "One of the codes" in browser.get("/desk/code?by=paper").text
    typed = ana.codes[0].lower().replace("-", " ")
    assert send(browser, "/desk/code", code=typed, by="paper") == (303, "/desk/me?said=recovery")
    page = browser.get("/desk/me?said=recovery").text
    assert "which is now spent" in page
    assert "<b>9</b> of 10" in page


def test_a_wrong_code_is_refused_and_may_be_mended(
    browser: TestClient, house: House, ana: Person
) -> None:
    send(browser, "/desk/sign-in", name="ana", password=PASSWORD)
    wrong = browser.post("/desk/code", data={"code": "000000"}, headers=OURS)
    assert (wrong.status_code, "000000" in wrong.text) == (403, False)
    assert "not right, or was used before" in wrong.text
    assert send(browser, "/desk/code", code=ana.code(house.clock.at))[0] == 303


def test_without_a_first_step_there_is_no_second(browser: TestClient, ana: Person) -> None:
    assert browser.get("/desk/code").headers["location"] == "/desk/sign-in"
    assert send(browser, "/desk/code", code=ana.codes[0]) == (303, "/desk/sign-in")


def test_known_and_unknown_names_get_the_same_page(browser: TestClient, ana: Person) -> None:
    pages = [
        browser.post("/desk/sign-in", data={"name": name, "password": "wrong"}, headers=OURS)
        for name in ("ana", "nobody")
    ]
    assert pages[0].status_code == pages[1].status_code == 403
    assert pages[0].text == pages[1].text
    assert dict(pages[0].headers) == dict(pages[1].headers)


@pytest.mark.parametrize("form", [{}, {"name": "ana"}, {"password": "x"}, {"token": ""}])
def test_an_empty_form_lets_nobody_in(browser: TestClient, form: dict[str, str]) -> None:
    assert browser.post("/desk/sign-in", data=form, headers=OURS).status_code == 403


@pytest.mark.parametrize(
    ("path", "field"),
    [("/desk/sign-in", "password"), ("/desk/sign-in", "name"), ("/desk/sign-in", "token"),
     ("/desk/invitation", "password"), ("/desk/code", "code")],
)  # fmt: skip
@pytest.mark.parametrize("text", ["x" * 1_000_000, "\x00", "é" * 500, "%ed%a0%80", "' OR 1=1 --"])
def test_no_input_makes_the_door_fail(
    browser: TestClient, path: str, field: str, text: str
) -> None:
    send(browser, "/desk/sign-in", name="nobody", password="x")
    answer = browser.post(path, data={field: text}, headers=OURS)
    assert answer.status_code in {303, 403, 413, 422}
    assert text not in html.unescape(answer.text)


def test_two_different_passwords_are_noticed_before_the_link_is_spent(
    browser: TestClient, house: House
) -> None:
    link = house.staff.members.invite("mo", Role.MODERATOR, "ana")
    form = {"token": link, "password": PASSWORD, "again": PASSWORD + "!"}
    answer = browser.post("/desk/invitation", data=form, headers=OURS)
    assert answer.status_code == 422
    assert "not the same" in answer.text
    assert PASSWORD not in answer.text
    assert (
        send(browser, "/desk/invitation", token=link, password=PASSWORD, again=PASSWORD)[0] == 303
    )


def test_a_weak_password_is_answered_with_what_to_do(browser: TestClient, house: House) -> None:
    link = house.staff.members.invite("mo", Role.MODERATOR, "ana")
    form = {"token": link, "password": "short", "again": "short"}
    answer = browser.post("/desk/invitation", data=form, headers=OURS)
    assert answer.status_code == 422
    assert "at least 8 characters" in answer.text


def test_the_secret_of_the_app_is_shown_once(browser: TestClient, house: House) -> None:
    send(browser, "/desk/sign-in", token=house.link())
    csrf = csrf_of(browser.get("/desk/enrol").text)
    first = browser.post("/desk/enrol", data={"csrf": csrf}, headers=OURS).text
    assert 'class="qr"' in first
    wrong = browser.post("/desk/enrol/confirm", data={"csrf": csrf, "code": "1"}, headers=OURS)
    assert wrong.status_code == 403
    for page in (wrong.text, browser.get("/desk/enrol").text):
        assert "Key for the app" not in page
        assert 'class="qr"' not in page


def test_whoever_is_enrolled_cannot_enrol_over_it(
    browser: TestClient, house: House, ana: Person
) -> None:
    hold(browser, ana.signed_in.token)
    assert browser.get("/desk/enrol").headers["location"] == "/desk/me"
    form = {"csrf": ana.signed_in.session.csrf}
    assert browser.post("/desk/enrol", data=form, headers=OURS).status_code == 409


def test_each_step_comes_with_a_new_cookie(browser: TestClient, house: House) -> None:
    send(browser, "/desk/sign-in", token=house.link())
    before = browser.cookies["safety_desk"]
    enrol(browser, house)
    after = browser.cookies["safety_desk"]
    assert before != after
    hold(browser, before)
    assert browser.get("/desk/enrol").headers["location"] == "/desk/sign-in"


def test_where_codes_are_optional_the_desk_opens_and_advises(
    browser: TestClient, house: House
) -> None:
    house.is_code_required = False
    assert send(browser, "/desk/sign-in", token=house.link()) == (303, "/desk")
    assert "You have no second factor" in browser.get("/desk").text
    enrol(browser, house)
    assert "You have no second factor" not in browser.get("/desk").text


def test_opening_the_link_does_not_spend_it(browser: TestClient, house: House) -> None:
    link = house.link()
    for _ in range(3):
        page = browser.get("/desk/sign-in", params={"token": link})
        assert page.status_code == 200
        assert "set-cookie" not in page.headers
    assert browser.post("/desk/sign-in", data={"token": link}, headers=OURS).status_code == 303


def test_a_replayed_link_is_refused_in_plain_words(browser: TestClient, house: House) -> None:
    link = house.link()
    browser.post("/desk/sign-in", data={"token": link}, headers=OURS)
    again = browser.post("/desk/sign-in", data={"token": link}, headers=OURS)
    assert again.status_code == 403
    assert "already used" in again.text
    assert link not in again.text


def test_the_cookie_is_out_of_reach(browser: TestClient, house: House, ana: Person) -> None:
    link = browser.post("/desk/sign-in", data={"token": house.link("mo")}, headers=OURS)
    form = {"name": "ana", "password": PASSWORD}
    step = browser.post("/desk/sign-in", data=form, headers=OURS)
    for answer, name in ((link, "safety_desk="), (step, "safety_desk_step=")):
        cookie = answer.headers["set-cookie"].lower()
        assert cookie.startswith(name)
        assert {"httponly", "samesite=strict", "path=/"} <= {p.strip() for p in cookie.split(";")}
        assert "domain" not in cookie
    assert "max-age=300" in step.headers["set-cookie"].lower()


def test_behind_tls_the_cookie_is_bound_to_this_host(tmp_path: Path) -> None:
    house = a_house(tmp_path)
    house.https = True
    with TestClient(house.app(), base_url="https://desk.example", follow_redirects=False) as client:
        answer = client.post("/desk/sign-in", data={"token": house.link()}, headers=OURS)
        assert answer.headers["set-cookie"].startswith("__Host-safety_desk=")
        assert "Secure" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert client.get("/desk/enrol").status_code == 200
    house.engine.dispose()


def test_a_token_chosen_by_somebody_else_is_never_adopted(
    browser: TestClient, house: House
) -> None:
    browser.cookies.set("safety_desk", "chosen")
    answer = browser.post("/desk/sign-in", data={"token": house.link()}, headers=OURS)
    assert "safety_desk=chosen" not in answer.headers["set-cookie"]


@pytest.mark.parametrize("path", ["/desk/sign-in", "/desk/invitation", "/desk/code"])
def test_another_site_cannot_send_the_forms_of_the_door(
    browser: TestClient, house: House, path: str
) -> None:
    link = house.link()
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = browser.post(path, data={"token": link, "code": "1"}, headers=headers)
        assert answer.status_code == 403
    assert send(browser, "/desk/sign-in", token=link)[0] == 303


def test_too_many_tries_to_sign_in_are_refused(browser: TestClient) -> None:
    answers = [
        browser.post("/desk/sign-in", data={"token": f"ana.{n}"}, headers=OURS) for n in range(12)
    ]
    assert [a.status_code for a in answers[:10]] == [403] * 10
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60


def test_malformed_tries_count_like_all_others(browser: TestClient) -> None:
    statuses = [
        browser.post("/desk/sign-in", data={"token": "x" * 500}, headers=OURS).status_code
        for _ in range(12)
    ]
    assert statuses == [422] * 10 + [429] * 2
