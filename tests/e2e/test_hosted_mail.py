"""The hosted pages that mails lead to, as a browser without scripts uses them."""

import re
from collections.abc import Iterator

import pytest

from tests.e2e.gate_api import OTHER_PASSWORD, PASSWORD, Platform, a_platform
from tests.e2e.test_hosted import csrf, see, send


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    generous = {"pages.sign_in": "1000/minute", "pages.form": "1000/minute"}
    with a_platform(
        tmp_path_factory.mktemp("mail"), hosted_pages=True, hosted_tenant="main", limits=generous
    ) as running:
        yield running


@pytest.fixture(autouse=True)
def _nobody_is_signed_in(platform: Platform) -> None:
    platform.client.cookies.clear()


def sign_up(platform: Platform, name: str) -> None:
    made = send(
        platform,
        "/gate/sign-up",
        username=name,
        email=f"{name}@example.com",
        password=PASSWORD,
    )
    assert made.headers["location"] == "/gate/sign-in?said=created", made.text


def sign_in(platform: Platform, login: str, password: str = PASSWORD) -> str | None:
    """Where signing in leads to, if anywhere."""
    entered = send(platform, "/gate/sign-in", login=login, password=password)
    location: str | None = entered.headers.get("location")
    return location


def follow(platform: Platform, path: str, token: str) -> str:
    """Open a mailed link: it only asks. The token that its form carries."""
    page = see(platform, f"{path}?token={token}")
    assert page.status_code == 200
    found = re.search(r'name="token" value="([^"]*)"', page.text)
    assert found
    return found[1]


def test_a_forgotten_password_is_replaced_with_the_link(platform: Platform) -> None:
    sign_up(platform, "mail_mia")
    asked = send(platform, "/gate/forgotten", login="mail_mia")
    assert "on its way" in asked.text
    token = follow(platform, "/gate/reset", platform.mailed_token("account.reset_password"))
    weak = send(platform, "/gate/reset", token=token, new="short")
    assert (weak.status_code, 'id="new-wrong"' in weak.text) == (422, True)
    done = send(platform, "/gate/reset", token=token, new=OTHER_PASSWORD)
    assert done.headers["location"] == "/gate/sign-in?said=reset"
    assert "was changed" in see(platform, "/gate/sign-in?said=reset").text
    assert sign_in(platform, "mail_mia") is None
    assert sign_in(platform, "mail_mia", OTHER_PASSWORD) == "/gate/account"
    again = send(platform, "/gate/reset", token=token, new=PASSWORD)
    assert (again.status_code, "too old" in again.text) == (422, True)


def test_asking_for_a_link_says_the_same_of_everybody(platform: Platform) -> None:
    sign_up(platform, "mail_known")
    known = send(platform, "/gate/forgotten", login="mail_known")
    for login in ("mail_nobody", "nobody@example.com", "", "\u202e\0", "x" * 300):
        unknown = send(platform, "/gate/forgotten", login=login)
        assert (unknown.status_code, unknown.text) == (known.status_code, known.text)


def test_an_address_is_confirmed_by_a_click_and_then_signs_in(platform: Platform) -> None:
    sign_up(platform, "mail_omar")
    assert sign_in(platform, "mail_omar@example.com") is None
    mailed = platform.mailed_token("account.verify_email")
    token = follow(platform, "/gate/address/verify-email", mailed)
    assert sign_in(platform, "mail_omar@example.com") is None, "opening the link is not enough"
    done = send(platform, "/gate/address/verify-email", token=token)
    assert (done.status_code, "Thank you" in done.text) == (200, True)
    assert sign_in(platform, "mail_omar@example.com") == "/gate/account"
    assert ", confirmed" in see(platform, "/gate/account").text
    again = send(platform, "/gate/address/verify-email", token=token)
    assert (again.status_code, "too old" in again.text) == (422, True)


def test_the_mail_is_sent_again(platform: Platform) -> None:
    sign_up(platform, "mail_yara")
    sign_in(platform, "mail_yara")
    before = len(platform.mails("account.verify_email"))
    form = csrf(platform)
    again = send(platform, "/gate/verification", csrf=form)
    assert again.headers["location"] == "/gate/account?said=sent"
    assert len(platform.mails("account.verify_email")) == before + 1
    token = platform.mailed_token("account.verify_email")
    send(platform, "/gate/address/verify-email", token=token)
    assert "Send the mail again" not in see(platform, "/gate/account").text


def test_a_new_address_is_taken_over_by_a_click(platform: Platform) -> None:
    session = platform.somebody("mail_rita", email="old_rita@example.com")
    wanted = {"password": PASSWORD, "email": "new_rita@example.com"}
    assert platform.ask("POST", "/v1/accounts/me/email", wanted, session=session).status_code == 202
    mailed = platform.mailed_token("account.change_email")
    token = follow(platform, "/gate/address/email-change", mailed)
    assert "Thank you" in send(platform, "/gate/address/email-change", token=token).text
    assert sign_in(platform, "new_rita@example.com") == "/gate/account"


@pytest.mark.parametrize("token", ["", "x", "<b>", "\u202e", "0" * 43])
def test_an_invented_link_does_nothing_and_says_what_to_do(platform: Platform, token: str) -> None:
    for path in ("/gate/reset", "/gate/address/verify-email", "/gate/address/email-change"):
        refused = send(platform, path, token=token, new=PASSWORD)
        assert (refused.status_code, "Ask for a new one" in refused.text) == (422, True)
        assert "<b>" not in see(platform, f"{path}?token=<b>").text
    assert see(platform, "/gate/address/else").status_code == 422
    assert see(platform, f"/gate/reset?token={'x' * 201}").status_code == 422
