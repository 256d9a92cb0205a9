"""Staff in a real Chromium: in by password and code, and everything that pages of theirs can do."""

import os
import re
from collections.abc import Callable, Iterator

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from safety.domain.access import Role
from safety.domain.accounts import Factor
from tests.e2e.desk_browser import NARROW, WCAG, WIDE
from tests.e2e.desk_scenes import fill
from tests.e2e.desk_server import Served, chromium
from tests.e2e.staff_scenes import people
from tests.staff_parts import PASSWORD, Person

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        chromium() is None and not os.environ.get("SAFETY_REQUIRE_BROWSER"),
        reason="no chromium on PATH (Debian: apt-get install chromium)",
    ),
]
BOTH = pytest.mark.parametrize("with_scripts", [True, False], ids=["scripts", "no scripts"])
LATER = 11 * 60

Open = Callable[..., Page]


@pytest.fixture
def ana(served: Served) -> Person:
    fill(served.house.engine)
    return people(served.house)


def at_home(page: Page, served: Served, section: str) -> None:
    """The admin, signed in a moment ago, opens a section."""
    served.let_in(page.context, "ana", Role.ADMIN)
    page.goto(f"{served.url}/desk/{section}")


def enrol(page: Page, served: Served) -> None:
    page.get_by_role("button", name="Show my QR code").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    page.get_by_text("Cannot scan it?").click()
    secret = page.get_by_label("Key for the app").inner_text().replace(" ", "")
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).at(int(served.house.clock.at)))
    page.get_by_role("button", name="Confirm").click()


@BOTH
def test_from_the_invitation_to_the_queue(
    open_page: Open, served: Served, *, with_scripts: bool
) -> None:
    token = served.house.staff.members.invite("noor", Role.MODERATOR, "ana")
    page = open_page(java_script_enabled=with_scripts)
    page.goto(f"{served.url}/desk/invitation?token={token}")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(f"{served.url}/desk/enrol")
    enrol(page, served)
    expect(page.get_by_role("list", name="Recovery codes").locator("li")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", name="All clear")).to_be_visible()


@BOTH
def test_name_password_and_code_by_keyboard_alone(
    open_page: Open, served: Served, ana: Person, *, with_scripts: bool
) -> None:
    page = open_page(java_script_enabled=with_scripts)
    page.goto(f"{served.url}/desk/sign-in")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type("ana")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Six digits from your authenticator app")).to_be_focused()
    page.keyboard.type(ana.code(served.house.clock.at))
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{served.url}/desk")
    expect(page.get_by_role("link", name="My account: ana")).to_be_visible()


@BOTH
def test_a_recovery_code_stands_in_for_the_phone(
    open_page: Open, served: Served, ana: Person, *, with_scripts: bool
) -> None:
    page = open_page(java_script_enabled=with_scripts)
    page.goto(f"{served.url}/desk/sign-in")
    page.get_by_label("Name").fill("ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Use a recovery code").click()
    page.get_by_label("One of the codes that you kept").fill(ana.codes[0])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("status")).to_contain_text("now spent")
    expect(page.get_by_text("You have 9 of 10 recovery codes left.")).to_be_visible()


@BOTH
def test_an_admin_invites_and_changes_people(
    open_page: Open, served: Served, ana: Person, *, with_scripts: bool
) -> None:
    page = open_page(java_script_enabled=with_scripts)
    at_home(page, served, "members")
    page.get_by_label("Name").fill("sol")
    page.get_by_label("lead also leads").last.check()
    page.get_by_role("button", name="Make an invitation").click()
    expect(page.get_by_role("heading", name="A link for sol")).to_be_visible()
    link = page.get_by_role("link", name=re.compile("invitation"))
    expect(link).to_have_text(re.compile("^http" if with_scripts else "^/desk/invitation"))
    page.get_by_role("link", name="Back to the members").click()

    mo = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="mo"))
    mo.get_by_text("Role of mo").click()
    mo.get_by_label("analyst").check()
    mo.get_by_role("button", name="Change the role").click()
    expect(page.get_by_role("status")).to_contain_text("The role was changed.")
    mo.get_by_text("Disable of mo").click()
    mo.get_by_role("button", name="Disable mo").click()
    expect(mo.get_by_text("disabled", exact=True)).to_be_visible()
    member = served.house.staff.members.named("mo")
    assert (member.role, member.disabled_at is None) == (Role.ANALYST, False)


def test_what_can_do_harm_asks_for_a_fresh_code(
    open_page: Open, served: Served, ana: Person
) -> None:
    page = open_page()
    at_home(page, served, "keys")
    served.house.clock.at += LATER
    page.reload()
    expect(page.get_by_role("button", name="Make the key")).to_have_count(0)
    page.get_by_role("link", name="confirm that it is you").click()
    expect(page.get_by_label("Code from your app, or a recovery code")).to_be_focused()
    page.keyboard.type(ana.code(served.house.clock.at))
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{served.url}/desk/keys")
    expect(page.get_by_role("button", name="Make the key")).to_be_visible()


def test_a_form_that_waited_too_long_leads_to_the_confirmation(
    open_page: Open, served: Served, ana: Person
) -> None:
    page = open_page()
    at_home(page, served, "me")
    page.get_by_text("Make new recovery codes…").click()
    served.house.clock.at += LATER
    page.get_by_role("button", name="Make new codes").click()
    expect(page.get_by_role("heading", name="Is it still you?")).to_be_visible()
    page.get_by_role("link", name="Confirm that it is you").click()
    expect(page.get_by_label("Code from your app, or a recovery code")).to_be_focused()
    page.keyboard.type(ana.code(served.house.clock.at))
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{served.url}/desk/me")


@BOTH
def test_a_key_is_made_rotated_and_revoked(
    open_page: Open, served: Served, ana: Person, *, with_scripts: bool
) -> None:
    page = open_page(java_script_enabled=with_scripts)
    at_home(page, served, "keys")
    page.get_by_label("Tenant").fill("shop")
    page.get_by_label("Name").fill("a new backend")
    page.get_by_label("metrics:read").check()
    page.get_by_label("Works for").select_option("90")
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_label("API key")).to_have_text(re.compile(r"^sg_live_[0-9a-f]{16}_"))
    page.get_by_role("link", name="Back to the keys").click()

    row = page.get_by_role("listitem").filter(has_text="a new backend")
    row.get_by_text("Rotate").first.click()
    row.get_by_role("button", name="Make its successor").click()
    page.get_by_role("link", name="Back to the keys").click()
    old = row.filter(has_text="being replaced")
    old.get_by_text("Revoke").first.click()
    old.get_by_role("button", name="Revoke a new backend").click()
    expect(page.get_by_role("status")).to_contain_text("The key is revoked")
    expect(row.filter(has_text="revoked")).to_have_count(1)


@BOTH
def test_somebody_looks_after_their_own_account(
    open_page: Open, served: Served, ana: Person, *, with_scripts: bool
) -> None:
    page = open_page(java_script_enabled=with_scripts)
    at_home(page, served, "me")
    expect(page.get_by_text("Firefox on Linux")).to_be_visible()
    page.get_by_role("button", name="End the session in Firefox on Linux").click()
    expect(page.get_by_role("status")).to_contain_text("That session has ended.")
    expect(page.get_by_text("Firefox on Linux")).to_have_count(0)
    page.get_by_role("button", name="End all the others").click()
    expect(page.get_by_text("Safari on iPhone")).to_have_count(0)

    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill("nine brave otters at 6")
    page.get_by_label("The same again").fill("nine brave otters at 6")
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_role("status")).to_contain_text("Your password was changed.")
    page.get_by_text("Replace the app…").click()
    page.get_by_role("button", name="Replace it").click()
    enrol(page, served)
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()


@BOTH
def test_the_audit_log_can_be_searched(
    open_page: Open, served: Served, ana: Person, *, with_scripts: bool
) -> None:
    page = open_page(java_script_enabled=with_scripts)
    at_home(page, served, "audit")
    expect(page.get_by_role("status")).to_contain_text("Intact.")
    page.get_by_label("What").fill("key.revoked")
    page.get_by_role("button", name="Filter").click()
    entries = page.get_by_role("list", name="Entries, newest first").locator("li")
    expect(entries).to_have_count(1)
    entries.get_by_role("link").click()
    expect(entries).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "audit.csv"


def test_secrets_can_be_copied(open_page: Open, served: Served, ana: Person) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    at_home(page, served, "me")
    page.get_by_text("Make new recovery codes…").click()
    page.get_by_role("button", name="Make new codes").click()
    page.get_by_role("button", name="Copy them").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("() => navigator.clipboard.readText()").split()
    assert len(copied) == 10
    session = served.house.sign_in("ana").session
    renewed = served.house.staff.own.step_up(session, copied[0])
    assert Factor.RECOVERY_CODE in renewed.session.session.factors


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_staff_can_be_used_by_everybody(
    open_page: Open, served: Served, ana: Person, scheme: str, viewport: dict[str, int]
) -> None:
    page = open_page(viewport=viewport, color_scheme=scheme)
    for name in show_all(page, served, ana):
        found = Axe().run(page, options=WCAG)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= viewport["width"], f"{name} scrolls sideways"


def show_all(page: Page, served: Served, ana: Person) -> Iterator[str]:
    """Show one page after the other, and name each."""
    yield from show_door(page, served)
    at_home(page, served, "me")
    yield "me"
    page.get_by_text("Make new recovery codes…").click()
    page.get_by_role("button", name="Make new codes").click()
    yield "codes"
    page.goto(f"{served.url}/desk/members")
    for summary in page.locator("main summary").all():
        summary.click()
    yield "members"
    page.get_by_label("Name").fill("sol")
    page.get_by_role("button", name="Make an invitation").click()
    yield "link"
    page.goto(f"{served.url}/desk/keys")
    for summary in page.locator("main summary").all():
        summary.click()
    yield "keys"
    page.get_by_label("Tenant").fill("shop")
    page.get_by_label("Name").fill("x")
    page.get_by_role("button", name="Make the key").click()
    yield "key"
    page.goto(f"{served.url}/desk/audit")
    yield "audit"
    served.house.clock.at += LATER
    page.goto(f"{served.url}/desk/members")
    yield "members, an hour later"
    page.get_by_role("link", name="confirm that it is you").click()
    yield "confirm"
    page.get_by_label("Code from").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "not confirmed"


def show_door(page: Page, served: Served) -> Iterator[str]:
    page.goto(f"{served.url}/desk/sign-in")
    page.get_by_text("You have no password").click()
    yield "sign in"
    page.get_by_label("Name").fill("ana")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    yield "wrong password"
    page.get_by_label("Name").fill("ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    yield "code"
    page.get_by_role("link", name="Use a recovery code").click()
    yield "recovery code"
    token = served.house.staff.members.invite("newcomer", Role.MODERATOR, "ana")
    page.goto(f"{served.url}/desk/invitation?token={token}")
    yield "invitation"
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    yield "enrol"
    page.get_by_role("button", name="Show my QR code").click()
    page.get_by_text("Cannot scan it?").click()
    yield "QR code"
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Confirm").click()
    yield "wrong first code"
    served.house.is_code_required = False
    page.goto(f"{served.url}/desk")
    yield "without a second factor"
    served.house.is_code_required = True
