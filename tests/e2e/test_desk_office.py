"""One's own account, members, keys and the audit log over HTTP: what their forms do."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from safety.domain.access import Role, Scope
from safety.domain.errors import Unauthenticated
from safety.gates import apikey
from safety.store import audit
from safety.store.engine import write
from tests.desk_house import House, a_house
from tests.e2e.hostile import HOSTILE
from tests.e2e.test_desk_hostile import tags_of
from tests.e2e.test_desk_http import ORIGIN, OURS, hold
from tests.staff_parts import AUDIT_KEY, PASSWORD, STEP, Person, a_person

Send = Callable[..., "tuple[int, str]"]
LATER = 11 * 60


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = a_house(tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def ana(house: House) -> Person:
    person = a_person(house.staff, "ana", Role.ADMIN)
    house.clock.at += STEP
    return person


@pytest.fixture
def browser(house: House, ana: Person) -> Iterator[TestClient]:
    with TestClient(house.app(), base_url=ORIGIN, follow_redirects=False) as client:
        hold(client, ana.signed_in.token)
        yield client


@pytest.fixture
def send(browser: TestClient, house: House) -> Send:
    """Send a form of whoever is signed in; the status, and the page or where it led."""

    def send_it(path: str, **form: str | list[str]) -> tuple[int, str]:
        csrf = house.staff.sessions.of(browser.cookies["safety_desk"]).csrf
        answer = browser.post(path, data=form | {"csrf": csrf}, headers=OURS)
        return answer.status_code, answer.headers.get("location", answer.text)

    return send_it


def account_of(house: House, name: str) -> str:
    return house.member(name).account_id


def test_an_invitation_is_shown_once_and_works(
    browser: TestClient, house: House, send: Send
) -> None:
    status, page = send("/desk/members", name=" Mo ", role="lead")
    assert status == 200
    link = re.search(r'href="/desk/invitation\?token=([^"]+)"', page)
    assert link
    assert link[1] not in browser.get("/desk/members").text
    assert house.staff.members.named("mo").role is Role.LEAD
    with TestClient(house.app(), base_url=ORIGIN, follow_redirects=False) as newcomer:
        form = {"token": link[1], "password": PASSWORD, "again": PASSWORD}
        answer = newcomer.post("/desk/invitation", data=form, headers=OURS)
        assert answer.headers["location"] == "/desk/enrol"


@pytest.mark.parametrize(("name", "status"), [("ana", 409), ("a b", 422), ("", 422), ("\x00", 422)])
def test_a_name_that_cannot_be_is_refused_in_words(send: Send, name: str, status: int) -> None:
    answered, page = send("/desk/members", name=name)
    assert answered == status
    assert 'role="alert"' in page


def test_a_role_is_changed_and_counts_at_once(house: House, send: Send) -> None:
    mo = house.sign_in("mo")
    path = f"/desk/members/{mo.session.member.account_id}/role"
    assert send(path, role="analyst") == (303, "/desk/members?said=role")
    assert house.staff.members.named("mo").role is Role.ANALYST
    with pytest.raises(Unauthenticated):
        house.staff.sessions.of(mo.token)
    assert send(path, role="emperor")[0] == 422


def test_a_member_is_disabled_and_enabled(house: House, send: Send) -> None:
    at = f"/desk/members/{account_of(house, 'mo')}"
    assert send(f"{at}/disable") == (303, "/desk/members?said=disabled")
    assert house.staff.members.named("mo").disabled_at is not None
    assert send(f"{at}/enable") == (303, "/desk/members?said=enabled")
    assert house.staff.members.named("mo").disabled_at is None


def test_the_last_admin_stays(house: House, ana: Person, send: Send) -> None:
    at = f"/desk/members/{ana.account_id}"
    for status, page in (send(f"{at}/disable"), send(f"{at}/role", role="lead")):
        assert status == 409
        assert "Nobody else is an admin" in page


def test_a_second_factor_is_reset_by_an_admin(house: House, send: Send) -> None:
    mo = a_person(house.staff, "mo")
    assert send(f"/desk/members/{mo.account_id}/reset") == (303, "/desk/members?said=reset")
    (view,) = [v for v in house.staff.members.everybody() if v.member.name == "mo"]
    assert not view.has_second_factor


def test_an_unknown_member_is_not_found(send: Send) -> None:
    for act in ("link", "disable", "enable", "reset"):
        assert send(f"/desk/members/acc_none/{act}")[0] == 404


@pytest.mark.parametrize("section", ["members", "keys"])
def test_after_ten_minutes_a_dangerous_form_asks_for_a_code(
    browser: TestClient, house: House, ana: Person, send: Send, section: str
) -> None:
    house.clock.at += LATER
    page = browser.get(f"/desk/{section}").text
    assert f'href="/desk/confirm?next=/desk/{section}"' in page
    assert f'action="/desk/{section}"' not in page
    status, page = send(f"/desk/{section}", name="mo")
    assert status == 403
    assert f"/desk/confirm?next=/desk/{section}" in page.replace("%2F", "/")
    proved = send("/desk/confirm", code=ana.code(house.clock.at), next=f"/desk/{section}")
    assert proved == (303, f"/desk/{section}")
    assert f'action="/desk/{section}"' in browser.get(f"/desk/{section}").text


@pytest.mark.parametrize(
    "next_", ["https://evil.example", "//evil", "/desk/../x", "", "/desk/me\n"]
)
def test_a_confirmation_leads_to_our_own_pages_only(
    house: House, ana: Person, send: Send, next_: str
) -> None:
    assert send("/desk/confirm", code=ana.code(house.clock.at), next=next_) == (303, "/desk/me")


def test_a_wrong_code_confirms_nothing(house: House, send: Send) -> None:
    house.clock.at += LATER
    status, page = send("/desk/confirm", code="000000", next="/desk/keys")
    assert status == 403
    assert 'value="/desk/keys"' in page
    assert send("/desk/me/codes")[0] == 403


def test_a_key_is_shown_once_and_opens(browser: TestClient, house: House, send: Send) -> None:
    form = {"tenant": "shop", "name": "backend", "scope": ["decisions:write", "decisions:read"]}
    status, page = send("/desk/keys", **form, lasts="90", kind="test")
    assert status == 200
    token = re.search(r"sg_test_[0-9a-f]+_[0-9a-f]+", page)
    assert token
    parts = apikey.parse(token[0])
    assert parts
    (key,) = house.staff.keys.all()
    assert key.scopes == {Scope.DECIDE, Scope.READ}
    assert key.expires_at == house.clock.at + 90 * 86400
    assert parts[1] not in browser.get("/desk/keys").text


@pytest.mark.parametrize(
    "form",
    [
        {"tenant": "~staff", "name": "x", "scope": "decisions:read"},
        {"tenant": "shop", "name": "x"},
        {"tenant": "shop", "name": "", "scope": "decisions:read"},
        {"tenant": "shop", "name": "x", "scope": "everything"},
        {"tenant": "shop", "name": "x", "scope": "decisions:read", "lasts": "-1"},
    ],
)
def test_a_key_without_sense_is_not_made(house: House, send: Send, form: dict[str, str]) -> None:
    assert send("/desk/keys", **form)[0] == 422
    assert house.staff.keys.all() == []


def test_a_key_is_rotated_and_revoked(house: House, send: Send) -> None:
    old = house.staff.keys.make("shop", "backend", {Scope.READ}, author="ana").key
    status, page = send(f"/desk/keys/{old.id}/rotate", overlap="1")
    assert (status, "sg_live_" in page) == (200, True)
    kept, new = sorted(house.staff.keys.all(), key=lambda key: key.id != old.id)
    assert (kept.replaced_by, kept.expires_at) == (new.id, house.clock.at + 86400)
    assert send(f"/desk/keys/{new.id}/revoke") == (303, "/desk/keys?said=revoked")
    assert send(f"/desk/keys/{new.id}/revoke")[0] == 404
    assert send(f"/desk/keys/{new.id}/rotate")[0] == 404


def test_somebody_changes_their_password(
    browser: TestClient, house: House, ana: Person, send: Send
) -> None:
    new = "copper kettle sings 4 times"
    before = browser.cookies["safety_desk"]
    wrong = send("/desk/me/password", current="x", password=new, again=new)
    assert (wrong[0], "current password is not right" in wrong[1]) == (422, True)
    apart = send("/desk/me/password", current=PASSWORD, password=new, again="other")
    assert (apart[0], new in apart[1]) == (422, False)
    done = send("/desk/me/password", current=PASSWORD, password=new, again=new)
    assert done == (303, "/desk/me?said=password")
    assert browser.cookies["safety_desk"] != before
    assert "Your password was changed" in browser.get("/desk/me?said=password").text


def test_somebody_replaces_codes_and_app(browser: TestClient, house: House, send: Send) -> None:
    status, page = send("/desk/me/codes")
    assert (status, page.count("<li><code>")) == (200, 10)
    assert send("/desk/me/second-factor/replace") == (303, "/desk/enrol")
    assert browser.get("/desk").headers["location"] == "/desk/enrol"


def test_somebody_ends_their_other_sessions(browser: TestClient, house: House, send: Send) -> None:
    other, third = house.sign_in("ana"), house.sign_in("ana")
    mo = house.sign_in("mo")
    assert send(f"/desk/me/sessions/{other.session.session.id}/end")[0] == 303
    assert send(f"/desk/me/sessions/{mo.session.session.id}/end")[0] == 404
    assert send("/desk/me/sessions/end-others")[0] == 303
    for gone in (other, third):
        with pytest.raises(Unauthenticated):
            house.staff.sessions.of(gone.token)
    assert house.staff.sessions.of(mo.token).staff == "mo"
    assert browser.get("/desk/me").status_code == 200


def test_the_audit_log_is_filtered_and_paged(browser: TestClient, house: House) -> None:
    for _ in range(60):
        house.sign_in("mo")
    page = browser.get("/desk/audit", params={"author": "mo"}).text
    assert page.count('class="entry"') == 50
    older = re.search(r'href="(/desk/audit\?author=mo&amp;before=\d+)"', page)
    assert older
    rest = browser.get(older[1].replace("&amp;", "&")).text
    assert rest.count('class="entry"') == 10
    assert "Intact." in page


def test_a_log_that_was_changed_says_so(browser: TestClient, house: House) -> None:
    with house.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_no_update")
        triggers = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        ).scalars()
        for name in triggers.all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("UPDATE audit SET author = 'nobody' WHERE sequence = 2")
    page = browser.get("/desk/audit").text
    assert "This log was changed" in page
    assert "row 2 is not what was written" in page


def test_the_log_as_a_file_has_no_formulas(browser: TestClient, house: House) -> None:
    event = audit.AuditEvent(1.0, "=HYPERLINK(1)", "+x", "@y", b"{}")
    with write(house.engine) as connection:
        audit.append(connection, event, key=AUDIT_KEY)
    answer = browser.get("/desk/audit.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[1][2:5] == ["'=HYPERLINK(1)", "'+x", "'@y"]
    filtered = browser.get("/desk/audit.csv?author=ana").text
    assert "HYPERLINK" not in filtered


@pytest.mark.parametrize(
    "query", ["author=%00", "before=0", "before=x", "check=no", "author=" + "x" * 300]
)
def test_a_question_that_makes_no_sense_is_refused(browser: TestClient, query: str) -> None:
    assert browser.get(f"/desk/audit?{query}").status_code == 422


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_in_the_log_is_only_text(browser: TestClient, house: House, text: str) -> None:
    plain = text.encode(errors="replace").decode().replace("\x00", "")[:500]
    event = audit.AuditEvent(1.0, plain, plain, plain, b"{}")
    expected = set(tags_of(browser.get("/desk/audit").text).tags)
    with write(house.engine) as connection:
        audit.append(connection, event, key=AUDIT_KEY)
    found = tags_of(browser.get("/desk/audit").text)
    assert set(found.tags) <= expected
    for tag, name, value in found.attributes:
        assert not name.startswith("on"), (tag, name, value)
        if name in {"src", "href", "action", "formaction"}:
            assert value.startswith(("/desk", "#")), (tag, name, value)
