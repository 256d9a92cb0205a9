"""The desk's other pages over HTTP: many at once, search, accounts, the log, and settings."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from safety.domain.access import Role
from safety.domain.reviews import Act, Action, Reviewer
from safety.review.values import Choice
from tests.desk_house import House, a_comment, a_house, add_item
from tests.e2e.test_desk_http import ORIGIN, OURS, sign_in

TOLD = OURS | {"Accept": "application/json"}
LEA = Reviewer("lea", Role.LEAD)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = a_house(tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def browser(house: House) -> Iterator[TestClient]:
    with TestClient(house.app(), base_url=ORIGIN, follow_redirects=False) as client:
        yield client


def remove(house: House, item: str, by: Reviewer = LEA, note: str = "") -> str:
    choice = Choice((Act(Action.REMOVE, "spam.scam"),), note=note)
    return house.review.resolving.decide(item, choice, by).resolution.id


def test_the_script_is_told_what_it_needs_to_go_on(browser: TestClient, house: House) -> None:
    csrf = sign_in(browser, house)
    item, upcoming = add_item(house.engine, at=1.0), add_item(house.engine, at=2.0)
    form = {"csrf": csrf, "action": "keep", "version": "1", "key": "k1", "hold": [upcoming]}
    first = browser.post(f"/desk/items/{item}/resolve", data=form, headers=TOLD)
    told = first.json()
    assert (told["said"], told["undo"]["seconds"], told["undo"]["reverse"]) == ("Kept.", 10, True)
    assert list(told["held"]) == [upcoming]
    again = browser.post(f"/desk/items/{item}/resolve", data=form, headers=TOLD)
    assert again.json()["undo"]["id"] == told["undo"]["id"], "sent twice, decided once"

    form |= {"key": "k2"}
    late = browser.post(f"/desk/items/{item}/resolve", data=form, headers=TOLD)
    assert (late.status_code, late.json()["by"]) == (409, "ana: kept")

    undo = {"csrf": csrf, "id": told["undo"]["id"]}
    undone = browser.post("/desk/undo", data=undo, headers=TOLD)
    assert undone.json()["items"] == [item]
    form = {"csrf": csrf, "version": "1"}
    missing = browser.post("/desk/items/none/skip", data=form, headers=TOLD)
    assert (missing.status_code, missing.json()) == (404, {"problem": "There is no such item."})
    malformed = browser.post("/desk/items/none/skip", data={"csrf": csrf}, headers=TOLD)
    assert (malformed.status_code, malformed.json()["problem"]) == (422, "That is not understood.")


def test_what_is_too_late_to_undo_leads_to_a_reason(browser: TestClient, house: House) -> None:
    csrf = sign_in(browser, house)
    resolution = remove(house, add_item(house.engine), Reviewer("ana", Role.MODERATOR))
    house.clock.at += 60
    house.clerk()
    undo = {"csrf": csrf, "id": resolution}
    late = browser.post("/desk/undo", data=undo, headers=OURS)
    assert late.headers["location"] == f"/desk/reverse?id={resolution}"
    assert "Why" in browser.get(late.headers["location"]).text
    unsaid = browser.post("/desk/reverse", data=undo, headers=OURS)
    assert unsaid.status_code == 422
    done = browser.post("/desk/reverse", data=undo | {"reason": "satire"}, headers=OURS)
    assert done.status_code == 303
    assert "Reversed: Kept by ana" in browser.get(done.headers["location"]).text


def test_the_beat_holds_tells_and_gives_back(browser: TestClient, house: House) -> None:
    csrf = sign_in(browser, house)
    mine, theirs = add_item(house.engine, at=1.0), add_item(house.engine, at=2.0)
    house.review.claims.hold(theirs, LEA)
    form = {"csrf": csrf, "hold": [mine, theirs], "see": [mine, theirs], "item": mine}
    beat = browser.post("/desk/pulse", data=form, headers=TOLD).json()
    assert beat["held"] == {mine: 600}
    assert beat["holders"] == {theirs: "lea"}
    assert beat["queues"] == [{"name": "content", "waiting": "2", "late": ""}]
    assert beat["online"] == ["ana"]
    browser.post("/desk/release", data={"csrf": csrf, "item": [mine]}, headers=OURS)
    assert house.review.claims.held(Reviewer("ana", Role.MODERATOR)) == ()


def test_nothing_selected_and_nothing_left_to_decide(browser: TestClient, house: House) -> None:
    csrf = sign_in(browser, house)
    assert browser.post("/desk/many", data={"csrf": csrf}, headers=OURS).status_code == 404
    item = add_item(house.engine)
    remove(house, item)
    form = {"csrf": csrf, "item": [item], "action": "remove", "policy": "spam.scam"}
    page = browser.post("/desk/many/resolve", data=form, headers=OURS)
    assert "0 of 1 decided" in page.text
    assert "lea decided first" in page.text
    unsaid = browser.post("/desk/many/resolve", data=form | {"policy": ""}, headers=OURS)
    assert unsaid.status_code == 422
    many = {"csrf": csrf, "item": [f"i{n}" for n in range(201)]}
    assert browser.post("/desk/many", data=many, headers=OURS).status_code == 422


def test_everything_can_be_searched(browser: TestClient, house: House) -> None:
    sign_in(browser, house)
    actor = {"id": "u_9", "name": "mia_b"}
    add_item(house.engine, a_comment("a rare zebra in the park", actor=actor))
    house.clerk()
    for sought in ("zebra", "@mia_b", "u_9", "203.0.113.9", "ip:203.0.113.9"):
        page = browser.get("/desk/search", params={"q": sought}).text
        assert "rare zebra" in page, sought
    assert "Nothing found" in browser.get("/desk/search", params={"q": "gnu"}).text
    for odd in ("%00", "q=" + "x" * 300, "q=a&before=0"):
        assert browser.get(f"/desk/search?{odd}").status_code in {200, 422}


def test_an_account_shows_what_is_known_and_takes_notes(browser: TestClient, house: House) -> None:
    csrf = sign_in(browser, house)
    add_item(house.engine, a_comment("<b>bold</b>"))
    path = "/desk/account?tenant=demo&id=u_17"
    assert "&lt;b&gt;bold" in browser.get(path).text
    form = {"csrf": csrf, "tenant": "demo", "id": "u_17", "text": "see case 88"}
    assert browser.post("/desk/account/note", data=form, headers=OURS).status_code == 303
    page = browser.get(path).text
    assert "see case 88" in page
    note = re.search(r'action="(/desk/notes/[^"]+)"', page)
    assert note
    browser.post(note[1], data=form, headers=OURS)
    assert "see case 88" not in browser.get(path).text
    assert browser.get("/desk/account?tenant=demo&id=nobody").status_code == 404


def test_the_log_is_filtered_paged_and_taken_away_whole(browser: TestClient, house: House) -> None:
    sign_in(browser, house)
    for n in range(60):
        house.clock.at += 1
        remove(house, add_item(house.engine, at=float(n)), note="=1+1" if n == 59 else "")
    page = browser.get("/desk/decisions").text
    assert page.count("<tr>") == 51
    older = re.search(r'href="(\?before=[^"]+)"', page)
    assert older
    assert browser.get("/desk/decisions" + older[1]).text.count("<tr>") == 11
    rows = list(csv.DictReader(io.StringIO(browser.get("/desk/decisions.csv").text)))
    assert (len(rows), rows[0]["note"], rows[0]["actions"]) == (60, "'=1+1", "remove")
    lines = browser.get("/desk/decisions.jsonl?moderator=lea").text.splitlines()
    assert len(lines) == 60
    assert json.loads(lines[0])["note"] == "=1+1"
    assert browser.get("/desk/decisions.jsonl?moderator=nobody").text == ""
    assert "let nothing through" in browser.get("/desk/decisions?action=ban").text
    assert browser.get("/desk/decisions?since=2026-11-22&until=2026-11-22").text.count("<tr>") > 1
    assert "let nothing" in browser.get("/desk/decisions?until=2026-11-21").text
    for odd in ("before=1:", "since=2026-13-45", "action=..", "queue=%00", "before=nan:x"):
        assert browser.get(f"/desk/decisions?{odd}").status_code in {200, 422}


def test_the_log_hides_what_somebody_may_not_see(browser: TestClient, house: House) -> None:
    csrf = sign_in(browser, house, "kim", Role.LEAD)
    remove(house, add_item(house.engine, queue="secret"))
    form = {
        "csrf": csrf, "title": "Secret", "roles": ["lead"], "actions": ["keep"],
        "escalates_to": "escalated", "claims": "3", "sla": ["240", "60", "30", "5"],
    }  # fmt: skip
    assert browser.post("/desk/queues/secret", data=form, headers=OURS).status_code == 303
    assert "secret" in browser.get("/desk/decisions.csv").text
    with TestClient(house.app(), base_url=ORIGIN, follow_redirects=False) as other:
        sign_in(other, house, "mo")
        assert "secret" not in other.get("/desk/decisions.csv").text
        assert "secret" not in other.get("/desk/decisions").text


def test_what_is_to_be_judged_anew_is_shown_to_who_declines(
    browser: TestClient, house: House
) -> None:
    item = add_item(house.engine)
    remove(house, item)
    house.clock.at += 60
    house.clerk()
    house.review.appealing.appeal("demo", item.replace("itm", "dec"), "it was satire")
    csrf = sign_in(browser, house)
    page = browser.get(f"/desk/items/{item}").text
    assert "Somebody is asked anew" in page
    assert "Removed by lea" not in page
    assert "Next item" in page
    assert "comment</a> by" not in browser.get("/desk/decisions").text
    seen = browser.post(f"/desk/items/{item}/see", data={"csrf": csrf}, headers=OURS)
    assert (seen.status_code, seen.headers["location"]) == (303, f"/desk/items/{item}")
    assert "Removed by lea" in browser.get(f"/desk/items/{item}").text
    assert "comment</a> by" in browser.get("/desk/decisions").text


def test_only_leads_set_queues_and_nothing_odd_is_kept(browser: TestClient, house: House) -> None:
    csrf = sign_in(browser, house)
    assert browser.get("/desk/queues").status_code == 403
    assert browser.post("/desk/queues/x", data={"csrf": csrf}, headers=OURS).status_code == 403
    with TestClient(house.app(), base_url=ORIGIN, follow_redirects=False) as lead:
        csrf = sign_in(lead, house, "kim", Role.LEAD)
        form = {"csrf": csrf, "escalates_to": "escalated", "claims": "0", "sla": ["1"] * 4}
        page = lead.post("/desk/queues/x", data=form, headers=OURS)
        assert page.status_code == 422
        assert "Leave at least one action." in page.text
        form |= {"sla": ["1"] * 3}
        assert lead.post("/desk/queues/x", data=form, headers=OURS).status_code == 422


def test_views_are_kept_under_a_name(browser: TestClient, house: House) -> None:
    csrf = sign_in(browser, house)
    add_item(house.engine)
    form = {"csrf": csrf, "name": "Night", "back": "queue=content&least=high&nonsense=1"}
    kept = browser.post("/desk/filters", data=form, headers=OURS)
    assert kept.headers["location"] == "/desk?queue=content&least=high"
    page = browser.get("/desk?queue=content&least=high").text
    assert ">Night<" in page
    assert "Without high or worse" in page
    view = re.search(r'action="(/desk/filters/[^"]+)"', page)
    assert view
    browser.post(view[1], data={"csrf": csrf}, headers=OURS)
    assert ">Night<" not in browser.get("/desk").text
    form |= {"shared": "yes"}
    assert browser.post("/desk/filters", data=form, headers=OURS).status_code == 403


def test_preferences_belong_to_the_person(browser: TestClient, house: House) -> None:
    csrf = sign_in(browser, house)
    form = {"csrf": csrf, "veil": "all", "budget": "5", "stretch": "0"}
    assert browser.post("/desk/settings/care", data=form, headers=OURS).status_code == 303
    item = add_item(house.engine, a_comment("covered"))
    assert '<details class="veil">' in browser.get(f"/desk/items/{item}").text
    with TestClient(house.app(), base_url=ORIGIN, follow_redirects=False) as other:
        sign_in(other, house, "ben")
        assert '<details class="veil">' not in other.get(f"/desk/items/{item}").text
    for odd in ({"veil": "x"}, {"budget": "-1"}, {"stretch": "9999"}):
        answer = browser.post("/desk/settings/care", data=form | odd, headers=OURS)
        assert answer.status_code == 422


def test_the_whole_of_a_long_text_is_a_file(browser: TestClient, house: House) -> None:
    sign_in(browser, house)
    text = "<script>long</script>" * 1000
    item = add_item(house.engine, a_comment(text))
    page = browser.get(f"/desk/items/{item}").text
    assert "The first 10,000 of 21,000 characters." in page
    file = browser.get(f"/desk/items/{item}/text")
    assert (file.text, file.headers["content-type"]) == (text, "text/plain; charset=utf-8")
    assert file.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("site", "is_packed"),
    [
        ("same-origin", True),
        ("none", True),
        ("same-site", False),
        ("cross-site", False),
        ("", False),
    ],
)
def test_only_what_somebody_asked_for_themselves_is_packed(
    browser: TestClient, house: House, site: str, *, is_packed: bool
) -> None:
    sign_in(browser, house)
    headers = {"Sec-Fetch-Site": site}
    answer = browser.get("/desk", headers=headers)
    assert (answer.headers.get("content-encoding") == "gzip") == is_packed
    assert "All clear" in answer.text
    plain = browser.get("/desk", headers=headers | {"Accept-Encoding": "identity"})
    assert "content-encoding" not in browser.get("/desk").headers, "an old browser"
    assert "content-encoding" not in plain.headers


def test_looking_claims_nothing(browser: TestClient, house: House) -> None:
    sign_in(browser, house)
    item = add_item(house.engine)
    for path in ("/desk", f"/desk/items/{item}", f"/desk/items/{item}/pane", "/desk/next"):
        browser.get(path)
    piece = browser.get(f"/desk/items/{item}/pane")
    assert piece.headers["x-desk-piece"] == "1"
    assert "csrf" not in piece.text
    assert house.review.claims.held(Reviewer("ana", Role.MODERATOR)) == ()


def test_what_was_kept_can_become_a_test_of_the_rule(browser: TestClient, house: House) -> None:
    """The form that the rules' pages take; only whoever may change rules is offered it."""
    item = add_item(house.engine)
    house.review.resolving.decide(item, Choice((Act(Action.KEEP),)), LEA)
    sign_in(browser, house, "lin", Role.ANALYST)
    page = browser.get(f"/desk/items/{item}").text
    assert 'action="/desk/rules/link-burst-new-account/learn"' in page
    with TestClient(house.app(), base_url=ORIGIN, follow_redirects=False) as other:
        sign_in(other, house, "mo")
        assert "/learn" not in other.get(f"/desk/items/{item}").text
