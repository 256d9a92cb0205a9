"""The desk over HTTP: who may send its forms, and what they do."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from safety.domain.access import Role
from safety.web.desk_guard import SESSION
from tests.desk_house import House, a_house, add_item

OURS = {"Sec-Fetch-Site": "same-origin"}
ORIGIN = "http://127.0.0.1"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = a_house(tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def browser(house: House) -> Iterator[TestClient]:
    with TestClient(house.app(), base_url=ORIGIN, follow_redirects=False) as client:
        yield client


def sign_in(
    browser: TestClient, house: House, name: str = "ana", role: Role = Role.MODERATOR
) -> str:
    """Come in and return the token that forms of this session carry."""
    signed_in = house.sign_in(name, role)
    hold(browser, signed_in.token)
    return signed_in.session.csrf


def hold(browser: TestClient, token: str) -> None:
    """Put a session's token where the desk would have put it."""
    browser.cookies.set(SESSION, token, domain="127.0.0.1")


def csrf_of(html: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found
    return found[1]


@pytest.mark.parametrize("path", ["/desk", "/desk/next", "/desk/items/itm_1"])
def test_a_stranger_is_sent_to_the_door(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/sign-in")


def test_an_idle_session_is_sent_to_the_door(browser: TestClient, house: House) -> None:
    sign_in(browser, house)
    house.clock.at += 31 * 60
    assert browser.get("/desk").status_code == 303


def test_signing_out_closes_the_door(browser: TestClient, house: House) -> None:
    csrf = sign_in(browser, house)
    kept = browser.cookies["safety_desk"]
    assert browser.post("/desk/sign-out", data={"csrf": csrf}, headers=OURS).status_code == 303
    browser.cookies.set("safety_desk", kept)
    assert browser.get("/desk").status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN},
    ],
)
def test_another_site_cannot_send_our_forms(
    browser: TestClient, house: House, headers: dict[str, str]
) -> None:
    csrf, item = sign_in(browser, house), add_item(house.engine)
    form = {"csrf": csrf, "action": "keep", "version": "1"}
    answer = browser.post(f"/desk/items/{item}/resolve", data=form, headers=headers)
    assert answer.status_code == 403
    assert browser.post("/desk/sign-out", data=form, headers=headers).status_code == 403
    link = {"token": house.link()}
    assert browser.post("/desk/sign-in", data=link, headers=headers).status_code == 403
    assert house.resolution(item) is None
    assert browser.get("/desk").status_code == 200


def test_an_older_browser_is_known_by_its_origin(browser: TestClient, house: House) -> None:
    csrf, item = sign_in(browser, house), add_item(house.engine)
    form = {"csrf": csrf, "action": "keep", "version": "1"}
    answer = browser.post(f"/desk/items/{item}/resolve", data=form, headers={"Origin": ORIGIN})
    assert answer.status_code == 303


@pytest.mark.parametrize("csrf", ["", "wrong", "x" * 99])
def test_a_form_without_its_token_is_refused(browser: TestClient, house: House, csrf: str) -> None:
    sign_in(browser, house)
    item = add_item(house.engine)
    form = {"csrf": csrf, "action": "keep", "version": "1"}
    answer = browser.post(f"/desk/items/{item}/resolve", data=form, headers=OURS)
    assert answer.status_code == 403
    assert house.resolution(item) is None


def test_another_persons_form_token_is_refused(house: House) -> None:
    app, item = house.app(), add_item(house.engine)
    with TestClient(app, base_url=ORIGIN, follow_redirects=False) as ana:
        theirs = sign_in(ana, house, "ana")
    with TestClient(app, base_url=ORIGIN, follow_redirects=False) as ben:
        sign_in(ben, house, "ben")
        form = {"csrf": theirs, "action": "keep", "version": "1"}
        answer = ben.post(f"/desk/items/{item}/resolve", data=form, headers=OURS)
    assert answer.status_code == 403


def test_after_a_decision_comes_the_next_item(browser: TestClient, house: House) -> None:
    csrf = sign_in(browser, house)
    first, second = add_item(house.engine, at=1.0), add_item(house.engine, at=2.0)
    form = {"csrf": csrf, "action": "remove", "policy": "spam.scam", "version": "1"}
    answer = browser.post(f"/desk/items/{first}/resolve", data=form, headers=OURS)
    assert answer.headers["location"] == f"/desk/items/{second}?done={first}"
    assert "Removed: Scams and phishing." in browser.get(answer.headers["location"]).text


def test_work_stays_in_the_queue_that_was_chosen(browser: TestClient, house: House) -> None:
    csrf = sign_in(browser, house)
    add_item(house.engine, queue="content", at=1.0)
    mine = add_item(house.engine, queue="accounts", at=2.0)
    form = {"csrf": csrf, "action": "keep", "version": "1", "back": "queue=accounts"}
    answer = browser.post(f"/desk/items/{mine}/resolve", data=form, headers=OURS)
    assert answer.headers["location"] == f"/desk?queue=accounts&done={mine}"
    assert "Kept." in browser.get(answer.headers["location"]).text


def test_nobody_is_told_that_they_decided_what_another_decided(house: House) -> None:
    app, item = house.app(), add_item(house.engine)
    with TestClient(app, base_url=ORIGIN, follow_redirects=False) as ana:
        form = {"csrf": sign_in(ana, house, "ana"), "action": "keep", "version": "1"}
        ana.post(f"/desk/items/{item}/resolve", data=form, headers=OURS)
    with TestClient(app, base_url=ORIGIN, follow_redirects=False) as ben:
        sign_in(ben, house, "ben")
        assert "Kept." not in ben.get("/desk", params={"done": item}).text


def test_the_second_moderator_sees_who_was_first(browser: TestClient, house: House) -> None:
    csrf, item = sign_in(browser, house, "ben"), add_item(house.engine)
    with TestClient(house.app(), base_url=ORIGIN, follow_redirects=False) as ana:
        form = {"csrf": sign_in(ana, house, "ana"), "action": "keep", "version": "1"}
        ana.post(f"/desk/items/{item}/resolve", data=form, headers=OURS)
    form = {"csrf": csrf, "action": "remove", "policy": "spam.scam", "version": "1"}
    answer = browser.post(f"/desk/items/{item}/resolve", data=form, headers=OURS)
    assert answer.status_code == 409
    assert "ana decided first: keep" in answer.text
    assert "Next item" in answer.text


def test_removing_without_a_policy_asks_for_one_and_keeps_the_note(
    browser: TestClient, house: House
) -> None:
    csrf, item = sign_in(browser, house), add_item(house.engine)
    form = {"csrf": csrf, "action": "remove", "policy": "", "note": "case 8", "version": "1"}
    answer = browser.post(f"/desk/items/{item}/resolve", data=form, headers=OURS)
    assert answer.status_code == 422
    assert "Choose the policy that this breaks." in answer.text
    assert 'value="case 8"' in answer.text


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"action": "destroy", "version": "1"},
        {"action": "keep", "version": "-1"},
        {"action": "keep", "version": "9" * 30},
        {"action": "keep", "version": "1", "note": "x" * 20_000},
        {"action": "keep", "version": "1", "back": "x" * 3000},
        {"action": "keep", "version": "1", "key": "a b"},
        {"action": "limit", "version": "1", "lasts": "soon"},
    ],
)
def test_a_malformed_form_changes_nothing_and_is_not_repeated(
    browser: TestClient, house: House, form: dict[str, str]
) -> None:
    csrf, item = sign_in(browser, house), add_item(house.engine)
    answer = browser.post(f"/desk/items/{item}/resolve", data=form | {"csrf": csrf}, headers=OURS)
    assert answer.status_code == 422
    assert csrf not in answer.text
    assert house.resolution(item) is None


@pytest.mark.parametrize(
    "path",
    ["/desk/items/%00", "/desk/items/itm_none", "/desk/items/..%2f", "/desk?queue=%00",
     "/desk?after=%ff", "/desk?after=itm_none", "/desk?done=%00", "/desk/items/" + "x" * 500,
     "/desk/static/x/desk.css", "/desk/static/x/..%2fbase.html"],
)  # fmt: skip
def test_no_address_makes_the_desk_fail(browser: TestClient, house: House, path: str) -> None:
    sign_in(browser, house)
    assert browser.get(path).status_code in {200, 307, 404, 422}


@pytest.mark.parametrize("path", ["/desk/", "/desk/nothing", "/desk/items/", "/desk/sign-out"])
def test_whoever_mistypes_an_address_gets_a_page(browser: TestClient, path: str) -> None:
    lost = browser.get(path)
    assert (lost.status_code, "This is not here" in lost.text) == (404, True)
    assert "default-src 'none'" in lost.headers["content-security-policy"]


def test_a_form_that_cannot_be_read_gets_a_page(browser: TestClient) -> None:
    odd = OURS | {"Content-Type": "multipart/form-data; boundary=x"}
    refused = browser.post("/desk/sign-in", content=b"garbage", headers=odd)
    assert (refused.status_code, "That is not understood" in refused.text) == (400, True)


def test_every_page_carries_the_headers_that_keep_it_safe(
    browser: TestClient, house: House
) -> None:
    stranger = browser.get("/desk/sign-in")
    sign_in(browser, house)
    item = add_item(house.engine)
    for answer in (
        stranger,
        browser.get("/desk"),
        browser.get(f"/desk/items/{item}"),
        browser.get("/desk/items/none"),
        browser.get("/desk/items/%00"),
        browser.post("/desk/sign-out", data={}, headers=OURS),
    ):
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert "require-trusted-types-for 'script'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"


def test_static_files_live_for_ever_under_an_address_of_their_content(
    browser: TestClient,
) -> None:
    page = browser.get("/desk/sign-in").text
    addresses = re.findall(r'"(/desk/static/[^"]+)"', page)
    assert {address.rsplit(".")[-1] for address in addresses} == {"css", "js", "svg"}
    for address in addresses:
        answer = browser.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_desk_says_where_the_rule_files_are_wrong(browser: TestClient, house: House) -> None:
    sign_in(browser, house)
    house.ruleset_error = "rules/spam.yaml:14:9\n  when: acter.age < 3\n        ^^^^^ <b>?"
    house.problems = {"rules": house.ruleset_error, "spam model": "its file is damaged"}
    page = browser.get("/desk").text
    assert "The rules from before stay in force." in page
    assert page.count("rules/spam.yaml:14:9\n  when: acter.age &lt; 3") == 1
    assert "&lt;b&gt;?" in page
    assert "spam model: its file is damaged" in page


def test_an_empty_desk_says_so(browser: TestClient, house: House) -> None:
    sign_in(browser, house)
    assert "All clear" in browser.get("/desk").text
    assert browser.get("/desk/next").headers["location"] == "/desk"


def test_a_long_queue_has_a_way_to_the_rest(browser: TestClient, house: House) -> None:
    sign_in(browser, house)
    for n in range(60):
        add_item(house.engine, at=float(n))
    page = browser.get("/desk").text
    rest = re.search(r'href="(/desk\?after=[^"]+)"', page)
    assert rest
    assert browser.get(rest[1]).text.count('class="item-link"') == 10
