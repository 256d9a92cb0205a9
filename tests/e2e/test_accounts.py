"""People sign up, in and out, prove who they are and change what is theirs, over HTTP."""

from collections.abc import Iterator

import bcrypt
import pytest

from safety.domain.access import Role
from safety.domain.reviews import Act, Action, Reviewer
from safety.review.values import Choice
from tests.e2e.gate_api import OTHER_PASSWORD, PASSWORD, Platform, a_platform
from tests.postgres import MISSING, find_binaries, running_cluster
from tests.solver import solved


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def platform(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("platform")
    if request.param == "sqlite":
        with a_platform(folder) as running:
            yield running
        return
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(MISSING)
    with (
        running_cluster(binaries) as cluster,
        cluster.database() as url,
        a_platform(folder, database_url=url) as running,
    ):
        yield running


def test_somebody_signs_up_and_in_and_out(platform: Platform) -> None:
    made = platform.sign_up("mia_b", email="mia@example.com").json()
    assert (made["outcome"], made["account"]["status"]) == ("created", "active")
    assert made["decision"]["verdict"] == "allow"
    opened = platform.sign_in("MIA_B").json()["opened"]
    assert opened["session"]["account_id"] == made["account"]["id"]
    token = opened["token"]
    me = platform.ask("GET", "/v1/accounts/me", session=token).json()
    assert (me["account"]["username"], me["has_second_factor"]) == ("mia_b", False)
    current = platform.ask("GET", "/v1/sessions/current", session=token).json()
    assert (current["factors"], current["is_current"]) == (["password"], True)
    assert platform.ask("DELETE", "/v1/sessions/current", session=token).status_code == 204
    ended = platform.ask("GET", "/v1/sessions/current", session=token)
    assert (ended.status_code, ended.json()["type"]) == (401, "/problems/session-ended")


def test_no_answer_is_kept_on_its_way(platform: Platform) -> None:
    session = platform.somebody("cora")
    for answer in (
        platform.sign_in("cora"),
        platform.sign_in("cora", "wrong"),
        platform.sign_in("\0", context={}),
        platform.ask("GET", "/v1/accounts/me", session=session),
        platform.ask("DELETE", "/v1/sessions/current", session=session),
        platform.client.get("/v1/accounts/me"),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_wrong_unknown_and_locked_are_answered_alike(platform: Platform) -> None:
    account = platform.sign_up("nils").json()["account"]
    body = {"reason": "reported stolen"}
    assert platform.ask("POST", f"/v1/accounts/{account['id']}/lock", body).status_code == 200
    platform.sign_up("olga")
    answers = [
        platform.sign_in("olga", "not the password at all"),
        platform.sign_in("nobody_at_all"),
        platform.sign_in("nils"),
        platform.sign_in("\u202eolga\x00" * 500),
    ]
    assert {each.status_code for each in answers} == {401}
    assert len({each.content for each in answers}) == 1
    assert len({frozenset(set(each.headers) - {"date"}) for each in answers}) == 1


def test_an_address_that_is_known_is_never_told(platform: Platform) -> None:
    platform.sign_up("pia", email="pia@example.com")
    token = platform.mailed_token("account.verify_email")
    assert platform.ask("POST", "/v1/accounts/verify-email", {"token": token}).json()[
        "email_verified"
    ]
    known = platform.sign_up("quin", email="pia@example.com")
    fresh = platform.sign_up("rosa", email="rosa@example.com")
    assert known.status_code == fresh.status_code
    for one, other in ((known.json(), fresh.json()),):
        assert one["outcome"] == other["outcome"] == "created"
        assert one["account"].keys() == other["account"].keys()
    assert platform.mails("account.email_already_known")


def test_an_address_signs_in_once_it_is_verified(platform: Platform) -> None:
    session = platform.somebody("sven", email="sven@example.com")
    assert platform.sign_in("sven@example.com").status_code == 401
    sent = platform.ask("POST", "/v1/accounts/me/verification", session=session)
    assert sent.status_code == 202
    token = platform.mailed_token("account.verify_email")
    assert platform.ask("POST", "/v1/accounts/verify-email", {"token": token}).status_code == 200
    assert platform.sign_in("Sven@Example.com").json()["outcome"] == "signed_in"
    again = platform.ask("POST", "/v1/accounts/verify-email", {"token": token})
    assert (again.status_code, again.json()["type"]) == (422, "/problems/token-rejected")


def test_a_changed_password_ends_every_other_session(platform: Platform) -> None:
    mine, other = platform.somebody("tara"), platform.sign_in("tara").json()["opened"]["token"]
    wrong = {"current_password": "wrong wrong wrong", "new_password": OTHER_PASSWORD}
    path = "/v1/accounts/me/password"
    assert platform.ask("POST", path, wrong, session=mine).status_code == 401
    weak = {"current_password": PASSWORD, "new_password": "tara tara tara tara"}
    refused = platform.ask("POST", path, weak, session=mine)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/weak-password")
    right = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
    assert platform.ask("POST", path, right, session=mine).status_code == 204
    assert platform.ask("GET", "/v1/sessions/current", session=mine).status_code == 200
    assert platform.ask("GET", "/v1/sessions/current", session=other).status_code == 401
    assert platform.sign_in("tara").status_code == 401
    assert platform.sign_in("tara", OTHER_PASSWORD).status_code == 200
    assert platform.mails("account.password_changed")


def test_a_forgotten_password_is_reset_by_mail_and_skips_no_code(platform: Platform) -> None:
    session = platform.somebody("ulf", email="ulf@example.com")
    token = platform.mailed_token("account.verify_email")
    platform.ask("POST", "/v1/accounts/verify-email", {"token": token})
    platform.with_app(session)
    asked = [
        platform.ask("POST", "/v1/password-resets", {"login": login, "context": platform.context()})
        for login in ("ulf@example.com", "nobody@example.com")
    ]
    assert [(each.status_code, each.content) for each in asked] == [(202, b"")] * 2
    body = {
        "token": platform.mailed_token("account.reset_password"),
        "new_password": OTHER_PASSWORD,
        "context": platform.context(),
    }
    done = platform.ask("POST", "/v1/password-resets/confirm", body)
    assert (done.status_code, done.json()["username"]) == (200, "ulf")
    assert platform.ask("POST", "/v1/password-resets/confirm", body).status_code == 422
    assert platform.ask("GET", "/v1/sessions/current", session=session).status_code == 401
    assert platform.sign_in("ulf", OTHER_PASSWORD).json()["outcome"] == "second_factor_needed"


def test_an_address_changes_when_the_new_one_answers(platform: Platform) -> None:
    session = platform.somebody("vera", email="vera@example.com")
    body = {"password": PASSWORD, "email": "vera@example.org"}
    assert platform.ask("POST", "/v1/accounts/me/email", body, session=session).status_code == 202
    before = platform.ask("GET", "/v1/accounts/me", session=session).json()["account"]["email"]
    token = platform.mailed_token("account.change_email")
    changed = platform.ask("POST", "/v1/accounts/email-change", {"token": token}).json()
    assert (before, changed["email"]) == ("vera@example.com", "vera@example.org")
    assert changed["email_verified"]


def test_a_second_factor_is_asked_for_and_each_code_works_once(platform: Platform) -> None:
    session = platform.somebody("wim")
    app, codes = platform.with_app(session)
    status = platform.ask("GET", "/v1/accounts/me/totp", session=session)
    assert (status.json()["is_enrolled"], status.json()["codes_left"]) == (True, 10)
    assert app.secret not in status.text
    first = platform.sign_in("wim").json()
    assert (first["outcome"], first["opened"]) == ("second_factor_needed", None)
    step = {"token": first["second_step"]["token"], "context": platform.context()}
    path = "/v1/sessions/second-factor"
    wrong = platform.ask("POST", path, step | {"code": "000000"})
    assert (wrong.status_code, wrong.json()["type"]) == (401, "/problems/code-rejected")
    code = platform.code(app)
    assert platform.ask("GET", "/v1/sessions/current", session=step["token"]).status_code == 401
    opened = platform.ask("POST", path, step | {"code": code}).json()
    assert opened["session"]["factors"] == ["password", "totp"]
    second = platform.sign_in("wim").json()["second_step"]["token"]
    again = {"token": second, "context": platform.context()}
    assert platform.ask("POST", path, again | {"code": code}).status_code == 401
    on_paper = platform.ask("POST", path, again | {"code": codes[0]}).json()
    assert on_paper["session"]["factors"] == ["password", "recovery_code"]


def test_dangerous_acts_need_a_factor_that_was_just_proved(platform: Platform) -> None:
    session = platform.somebody("xara")
    app, _ = platform.with_app(session)
    platform.clock.at += 700
    for method, path in (
        ("POST", "/v1/accounts/me/totp"),
        ("DELETE", "/v1/accounts/me/totp"),
        ("POST", "/v1/accounts/me/recovery-codes"),
    ):
        stale = platform.ask(method, path, session=session)
        assert (stale.status_code, stale.json()["type"]) == (403, "/problems/step-up-needed")
    step_up = "/v1/sessions/current/step-up"
    assert platform.ask("POST", step_up, {}, session=session).status_code == 422
    renewed = platform.ask("POST", step_up, {"code": platform.code(app)}, session=session).json()
    assert platform.ask("GET", "/v1/sessions/current", session=session).status_code == 401
    fresh = renewed["token"]
    made = platform.ask("POST", "/v1/accounts/me/recovery-codes", session=fresh)
    assert len(set(made.json()["codes"])) == 10
    taken = platform.ask("POST", "/v1/accounts/me/totp", session=fresh)
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/already-enrolled")
    assert platform.ask("DELETE", "/v1/accounts/me/totp", session=fresh).status_code == 204
    assert platform.ask("DELETE", "/v1/accounts/me/totp", session=fresh).status_code == 404


def test_people_see_and_end_their_own_sessions_and_nobody_elses(platform: Platform) -> None:
    mine, other = platform.somebody("yara"), platform.somebody("zeno")
    second = platform.sign_in("yara").json()["opened"]
    listed = platform.ask("GET", "/v1/sessions", session=mine).json()["sessions"]
    assert [each["is_current"] for each in listed].count(True) == 1
    assert {each["id"] for each in listed} >= {second["session"]["id"]}
    path = f"/v1/sessions/{second['session']['id']}"
    assert platform.ask("DELETE", path, session=other).status_code == 404
    assert platform.ask("DELETE", path, session=mine).status_code == 204
    third = platform.sign_in("yara").json()["opened"]["token"]
    assert platform.ask("DELETE", "/v1/sessions", session=mine).json() == {"ended": 1}
    assert platform.ask("GET", "/v1/sessions/current", session=third).status_code == 401


def test_a_platform_manages_accounts(platform: Platform) -> None:
    session = platform.somebody("abel", email="abel@example.com")
    me = platform.ask("GET", "/v1/accounts/me", session=session).json()["account"]["id"]
    path = f"/v1/accounts/{me}"
    assert platform.ask("GET", path).json()["failures"] == 0
    assert len(platform.ask("GET", f"{path}/sessions").json()["sessions"]) == 1
    locked = platform.ask("POST", f"{path}/lock", {"reason": "ticket 7"}).json()
    assert (locked["status"], locked["status_reason"]) == ("locked", "ticket 7")
    assert platform.ask("GET", "/v1/sessions/current", session=session).status_code == 401
    assert platform.ask("POST", f"{path}/unlock").json()["status"] == "active"
    again = platform.sign_in("abel").json()["opened"]["token"]
    assert platform.ask("DELETE", f"{path}/sessions").json() == {"ended": 1}
    assert platform.ask("GET", "/v1/sessions/current", session=again).status_code == 401
    erased = platform.ask("DELETE", path)
    assert erased.json()["erased"]
    assert platform.ask("GET", path).status_code == 404
    assert platform.ask("DELETE", path).status_code == 404
    assert platform.sign_in("abel").status_code == 401


def test_accounts_move_in_with_the_hashes_they_have(platform: Platform) -> None:
    # bcrypt of "correct horse battery" at cost 4, and one that is of no format at all.
    brought = bcrypt.hashpw(b"correct horse battery", bcrypt.gensalt(4)).decode()
    body = {
        "accounts": [
            {
                "username": "bela",
                "email": "bela@example.com",
                "email_verified": True,
                "password_hash": brought,
                "created_at": "2024-03-01T10:00:00Z",
            },
            {"username": "cleo", "password_hash": "md5$nope"},
            {"username": "bela", "password_hash": brought},
        ]
    }
    answer = platform.ask("POST", "/v1/accounts:import", body).json()
    assert answer["imported"] == 1
    fields = [each["error"] and each["error"]["field"] for each in answer["results"]]
    assert fields == [None, "password_hash", "username"]
    assert platform.sign_in("bela@example.com", "correct horse battery").status_code == 200


def test_a_form_can_ask_how_good_a_password_is(platform: Platform) -> None:
    def strength(password: str) -> dict[str, object]:
        answer: dict[str, object] = platform.ask(
            "POST", "/v1/passwords/strength", {"password": password, "username": "dora"}
        ).json()
        return answer

    assert strength(PASSWORD)["is_accepted"]
    weak = strength("password1")
    assert not weak["is_accepted"]
    assert "at least 15" in str(weak["problem"])


def test_a_challenged_signup_continues_with_its_proof(platform: Platform) -> None:
    context = {"ip": "198.51.100.77"}
    answers = [platform.sign_up(f"ines_{n}", context=context).json() for n in range(9)]
    challenged = next(each for each in answers if each["outcome"] == "refused")
    decision = challenged["decision"]
    assert (decision["verdict"], challenged["account"]) == ("challenge", None)
    name = f"ines_{answers.index(challenged)}"
    assert platform.sign_up(name, context=context, decision_id=decision["id"]).status_code == 422
    proof = {"payload": solved(decision["challenge"])}
    platform.ask("POST", decision["challenge"]["proof_url"], proof)
    made = platform.sign_up(name, context=context, decision_id=decision["id"])
    assert made.json()["outcome"] == "created"
    again = platform.sign_up(name, context=context, decision_id=decision["id"])
    assert again.status_code in {409, 422}


def test_a_held_account_opens_when_a_person_has_looked(platform: Platform) -> None:
    context = platform.context()
    answers = [platform.sign_up(f"juno_{n}", context=context).json() for n in range(5)]
    number = next(n for n, each in enumerate(answers) if each["outcome"] == "held")
    held = answers[number]
    assert (held["decision"]["verdict"], held["account"]["status"]) == ("hold", "held")
    assert platform.sign_in(f"juno_{number}").status_code == 401
    review, item = platform.services.review, held["decision"]["item"]["id"]
    review.resolving.decide(item, Choice((Act(Action.KEEP),)), Reviewer("mo", Role.MODERATOR))
    assert platform.sign_in(f"juno_{number}").status_code == 401  # it may be undone still
    platform.clock.at += review.undo_seconds
    review.clerk.run()
    assert platform.sign_in(f"juno_{number}").json()["outcome"] == "signed_in"


def test_an_owner_who_lost_phone_and_codes_gets_back_in_through_support(
    platform: Platform,
) -> None:
    session = platform.somebody("mia_lost")
    account = platform.ask("GET", "/v1/accounts/me", session=session).json()["account"]["id"]
    platform.with_app(session)
    assert platform.sign_in("mia_lost").json()["outcome"] == "second_factor_needed"
    path = f"/v1/accounts/{account}/totp"
    for headers in (platform.user_only, platform.stranger):
        assert platform.client.delete(path, headers=headers).status_code in {403, 404}
    assert platform.sign_in("mia_lost").json()["outcome"] == "second_factor_needed"
    assert platform.ask("DELETE", path).json() == {"ended": 1}
    assert platform.ask("GET", "/v1/accounts/me", session=session).status_code == 401
    assert platform.sign_in("mia_lost").json()["outcome"] == "signed_in"
