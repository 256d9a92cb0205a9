"""The hosted pages over HTTP, as a browser without scripts sends them."""

import html
import re
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest

from tests.e2e.gate_api import OTHER_PASSWORD, PASSWORD, Platform, a_platform

HOME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    generous = {"pages.sign_in": "1000/minute", "pages.form": "1000/minute"}
    with a_platform(
        tmp_path_factory.mktemp("hosted"), hosted_pages=True, hosted_tenant="main", limits=generous
    ) as running:
        yield running


@pytest.fixture(autouse=True)
def _nobody_is_signed_in(platform: Platform) -> None:
    platform.client.cookies.clear()


def send(platform: Platform, path: str, headers: Any = HOME, **fields: str) -> Any:
    return platform.client.post(path, data=fields, headers=headers, follow_redirects=False)


def see(platform: Platform, path: str) -> Any:
    return platform.client.get(path, follow_redirects=False)


def csrf(platform: Platform) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', see(platform, "/gate/account").text)
    assert found
    return found[1]


def come_in(platform: Platform, name: str, password: str = PASSWORD) -> str:
    """Sign up and in with the forms; the token that the forms of the account carry."""
    made = send(platform, "/gate/sign-up", username=name, password=password)
    assert made.headers["location"] == "/gate/sign-in?said=created", made.text
    entered = send(platform, "/gate/sign-in", login=name, password=password)
    assert entered.headers["location"] == "/gate/account", entered.text
    return csrf(platform)


def enrol(platform: Platform, form: str) -> tuple[pyotp.TOTP, list[str]]:
    shown = send(platform, "/gate/second-factor", csrf=form)
    secret = re.search(r'class="secret"[^>]*>([A-Z2-7 ]+)<', shown.text)
    assert secret, shown.text
    app = pyotp.TOTP(secret[1].replace(" ", ""))
    confirmed = send(platform, "/gate/second-factor/confirm", csrf=form, code=platform.code(app))
    return app, re.findall(r"<li><code>([^<]+)</code>", confirmed.text)


def test_somebody_signs_up_in_and_out(platform: Platform) -> None:
    assert see(platform, "/gate").headers["location"] == "/gate/sign-in"
    form = come_in(platform, "hosted_mia")
    page = see(platform, "/gate/account")
    assert (page.status_code, "hosted_mia" in page.text) == (200, True)
    assert send(platform, "/gate/sign-out", csrf=form).headers["location"] == "/gate/sign-in"
    assert see(platform, "/gate/account").headers["location"] == "/gate/sign-in"


def test_every_page_is_guarded(platform: Platform) -> None:
    page = see(platform, "/gate/sign-in")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    entered = send(platform, "/gate/sign-in", login="nobody", password="x")
    assert entered.status_code == 403


def test_the_cookie_is_out_of_reach(platform: Platform) -> None:
    send(platform, "/gate/sign-up", username="hosted_cook", password=PASSWORD)
    entered = send(platform, "/gate/sign-in", login="hosted_cook", password=PASSWORD)
    cookie = next(
        text for text in entered.headers.get_list("set-cookie") if text.startswith("safety_gate=")
    )
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}


def test_behind_tls_the_cookie_is_bound_to_this_host(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("tls")
    with a_platform(folder, hosted_pages=True, hosted_tenant="main", secure_cookies=True) as behind:
        send(behind, "/gate/sign-up", username="hosted_tls", password=PASSWORD)
        entered = send(behind, "/gate/sign-in", login="hosted_tls", password=PASSWORD)
        session = entered.headers.get_list("set-cookie")[0]
        assert session.startswith("__Host-safety_gate=")
        assert {"Secure", "HttpOnly", "Path=/"} <= {part.strip() for part in session.split(";")}
        assert "omain" not in session
        assert "max-age" in entered.headers["strict-transport-security"]


@pytest.mark.parametrize(
    "path", ["/gate/", "/gate/nothing", "/gate/a/b", "/gate/password", "/gate/static/x/captcha.js"]
)
def test_whoever_mistypes_an_address_gets_a_page(platform: Platform, path: str) -> None:
    lost = see(platform, path)
    assert (lost.status_code, "This is not here" in lost.text) == (404, True)
    assert "default-src 'none'" in lost.headers["content-security-policy"]


def test_a_form_that_cannot_be_read_gets_a_page(platform: Platform) -> None:
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data"):
        odd = HOME | {"Content-Type": kind}
        refused = platform.client.post("/gate/sign-in", content=b"garbage", headers=odd)
        assert refused.status_code == 422
        assert "That is not understood" in refused.text


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}]
)
def test_a_form_of_another_site_does_nothing(platform: Platform, headers: dict[str, str]) -> None:
    for path in ("/gate/sign-in", "/gate/sign-up", "/gate/code"):
        refused = send(platform, path, headers, login="a", username="a", password="b", code="1")
        assert refused.status_code == 403
        assert "did not come from here" in refused.text
        assert ("HTTPS" in refused.text) == ("Sec-Fetch-Site" not in headers)
    for path in ("/gate/forgotten", "/gate/reset", "/gate/address/verify-email"):
        assert send(platform, path, headers, login="a", token="b", new="c").status_code == 403


def test_a_form_of_another_session_does_nothing(platform: Platform) -> None:
    come_in(platform, "hosted_csrf")
    for path in (
        "sign-out",
        "sessions/end-others",
        "password",
        "verification",
        "second-factor",
        "confirm",
    ):
        assert send(platform, f"/gate/{path}", csrf="another").status_code == 403
    assert see(platform, "/gate/account").status_code == 200


def test_what_is_wrong_stands_beside_its_field(platform: Platform) -> None:
    wrong = send(platform, "/gate/sign-up", username="ad\u202emin", password=PASSWORD)
    assert (wrong.status_code, 'id="username-wrong"' in wrong.text) == (422, True)
    weak = send(platform, "/gate/sign-up", username="hosted_weak", password="password")
    assert 'id="password-wrong"' in weak.text
    assert 'value="hosted_weak"' in weak.text
    come_in(platform, "hosted_taken")
    taken = send(platform, "/gate/sign-up", username="HOSTED_TAKEN", password=PASSWORD)
    assert "taken" in taken.text


def test_a_password_is_never_in_a_page(platform: Platform) -> None:
    secret = "wrong-but-secret-<b>"
    for answer in (
        send(platform, "/gate/sign-in", login="<b>nobody</b>", password=secret),
        send(platform, "/gate/sign-up", username="<b>", email="<i>", password=secret),
    ):
        assert secret not in html.unescape(answer.text)
        assert "<b>nobody" not in answer.text
        assert "<i>" not in answer.text


def test_a_second_factor_is_set_up_asked_for_and_removed(platform: Platform) -> None:
    app, codes = enrol(platform, come_in(platform, "hosted_wim"))
    assert len(codes) == 10
    send(platform, "/gate/sign-out", csrf=csrf(platform))
    first = send(platform, "/gate/sign-in", login="hosted_wim", password=PASSWORD)
    assert first.headers["location"] == "/gate/code"
    assert see(platform, "/gate/account").headers["location"] == "/gate/sign-in"
    assert send(platform, "/gate/code", code="000000").status_code == 403
    second = send(platform, "/gate/code", code=platform.code(app))
    assert second.headers["location"] == "/gate/account"
    form = csrf(platform)
    platform.clock.at += 700
    asked = send(platform, "/gate/second-factor/remove", csrf=form)
    assert asked.headers["location"] == "/gate/confirm"
    assert send(platform, "/gate/confirm", csrf=form, code="000000").status_code == 403
    confirmed = send(platform, "/gate/confirm", csrf=form, code=platform.code(app))
    assert confirmed.headers["location"] == "/gate/account?said=confirmed"
    removed = send(platform, "/gate/second-factor/remove", csrf=csrf(platform))
    assert removed.headers["location"] == "/gate/account?said=removed"
    assert "Set one up" in see(platform, "/gate/account").text


def test_nobody_completes_a_sign_in_that_was_not_begun(platform: Platform) -> None:
    assert see(platform, "/gate/code").headers["location"] == "/gate/sign-in"
    platform.client.cookies.set("safety_gate_step", "made-up")
    assert send(platform, "/gate/code", code="123456").headers["location"] == "/gate/sign-in"
    platform.client.cookies.set("safety_gate", "made-up")
    assert see(platform, "/gate/account").headers["location"] == "/gate/sign-in"


def test_a_password_is_changed_and_other_sessions_end(platform: Platform) -> None:
    come_in(platform, "hosted_tara")
    other = dict(platform.client.cookies)
    platform.client.cookies.clear()
    send(platform, "/gate/sign-in", login="hosted_tara", password=PASSWORD)
    form = csrf(platform)
    wrong = send(platform, "/gate/password", csrf=form, current="nope", new=OTHER_PASSWORD)
    assert 'id="current-wrong"' in wrong.text
    weak = send(platform, "/gate/password", csrf=form, current=PASSWORD, new="short")
    assert 'id="new-wrong"' in weak.text
    done = send(platform, "/gate/password", csrf=form, current=PASSWORD, new=OTHER_PASSWORD)
    assert done.headers["location"] == "/gate/account?said=password"
    assert see(platform, "/gate/account").status_code == 200
    platform.client.cookies.clear()
    platform.client.cookies.update(other)
    assert see(platform, "/gate/account").headers["location"] == "/gate/sign-in"


def test_sessions_are_ended_one_by_one_or_all(platform: Platform) -> None:
    come_in(platform, "hosted_yara")
    platform.client.cookies.clear()
    send(platform, "/gate/sign-in", login="hosted_yara", password=PASSWORD)
    page = see(platform, "/gate/account").text
    path = re.search(r'action="(/gate/sessions/ses_[^"]+/end)"', page)
    assert path
    form = csrf(platform)
    assert send(platform, path[1], csrf=form).headers["location"] == "/gate/account?said=ended"
    assert send(platform, path[1], csrf=form).status_code == 404
    done = send(platform, "/gate/sessions/end-others", csrf=form)
    assert done.headers["location"] == "/gate/account?said=others"


def test_a_sign_in_ends_the_session_before_it(platform: Platform) -> None:
    come_in(platform, "hosted_twice")
    before = platform.client.cookies["safety_gate"]
    send(platform, "/gate/sign-in", login="hosted_twice", password=PASSWORD)
    assert platform.client.cookies["safety_gate"] != before
    platform.client.cookies.clear()
    platform.client.cookies.set("safety_gate", before)
    assert see(platform, "/gate/account").headers["location"] == "/gate/sign-in"


def test_without_the_setting_there_are_no_pages(tmp_path_factory: pytest.TempPathFactory) -> None:
    with a_platform(tmp_path_factory.mktemp("none")) as running:
        assert running.client.get("/gate/sign-in").status_code == 404
