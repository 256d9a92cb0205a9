"""The pages of rules, lists and attacks over HTTP: what they say, and whom they obey."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from safety.domain.access import Role
from safety.domain.controls import Control, ControlKind, Over
from safety.domain.verdicts import Verdict
from safety.store import ledger, rule_controls
from safety.store.engine import read, write
from tests.desk_house import NOW, House, a_house
from tests.e2e.rules_scene import BLOCKS, HOLDS, ORIGIN, Analyst, a_scene, an_analyst

HOSTILE = "<script>alert(1)</script>\u202e{{7*7}}"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a scene, to be copied."""
    folder = tmp_path_factory.mktemp("scene")
    made = a_scene(folder)
    with made.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    made.engine.dispose()
    return folder


@pytest.fixture
def house(scene: Path, tmp_path: Path) -> Iterator[House]:
    copytree(scene, tmp_path, dirs_exist_ok=True)
    made = a_house(tmp_path)
    made.rules = tmp_path / "rules"
    yield made
    made.engine.dispose()


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    with TestClient(house.app(), base_url=ORIGIN) as browser:
        yield browser


@pytest.fixture
def ana(client: TestClient, house: House) -> Analyst:
    return an_analyst(client, house)


@pytest.fixture
def kim(client: TestClient, house: House) -> Analyst:
    return an_analyst(client, house, "kim")


def written(answer: Response) -> str:
    """The text in an editor."""
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", answer.text, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def text_of(ana: Analyst, rule: str) -> str:
    return written(ana.get(f"/desk/rules/{rule}/edit"))


def test_the_list_says_how_every_rule_does(ana: Analyst) -> None:
    page = ana.get("/desk/rules")
    assert page.status_code == 200
    row = page.text.split(f'href="/desk/rules/{BLOCKS}"')[1].split("</tr>")[0]
    for told in ("enforce", "block", ">5<", "polyline", "abuse", "in the files"):
        assert told in row
    assert HOLDS not in ana.get("/desk/rules?q=long").text
    assert BLOCKS not in ana.get("/desk/rules?owner=models").text
    assert "No rules" in ana.get("/desk/rules?mode=off").text


def test_one_rule_shows_its_text_its_tests_and_its_matches(ana: Analyst) -> None:
    page = ana.get(f"/desk/rules/{BLOCKS}").text
    assert '<span class="t-key">when</span>' in page
    assert "matches, comment" in page
    assert page.count("Must not match") >= 5
    assert ana.get("/desk/rules/nobody").status_code == 404


def test_checking_a_text_shows_what_is_wrong_beside_it_and_keeps_nothing(
    ana: Analyst, house: House
) -> None:
    text = text_of(ana, BLOCKS).replace("content.length", "content.lenght")
    answer = ana.post(f"/desk/rules/{BLOCKS}/draft", text=text, act="check")
    assert answer.status_code == 200
    assert written(answer) == text
    assert "did you mean `content.length`?" in answer.text
    assert f"desk/{BLOCKS}.yaml:" in answer.text
    assert 'data-line="' in answer.text
    assert house.bench.parts.rules.waiting() == []


def test_a_blocking_rule_goes_from_a_draft_over_a_second_person_into_force(
    ana: Analyst, kim: Analyst, house: House
) -> None:
    text = text_of(ana, BLOCKS).replace("> 3", "> 4")
    saved = ana.post(f"/desk/rules/{BLOCKS}/draft", text=text, why="too strict", act="save")
    draft = saved.headers["location"]
    page = ana.get(draft).text
    assert "two persons" in page
    assert 'value="publish"' not in page
    assert ana.post(f"{draft}/decide", act="publish").status_code == 403
    assert ana.post(f"{draft}/decide", act="propose").status_code == 303
    assert ana.post(f"{draft}/decide", act="approve").status_code == 403
    assert "too strict" in kim.get("/desk/rules").text
    assert 'value="approve"' in kim.get(draft).text
    done = kim.post(f"{draft}/decide", act="approve")
    assert done.headers["location"].startswith(f"/desk/rules/{BLOCKS}?")
    assert '&gt; <span class="t-number">4<' in kim.get(f"/desk/rules/{BLOCKS}").text
    assert "written at the desk" in kim.get(f"/desk/rules/{BLOCKS}").text
    assert "> 4" in house.bench.bundle.source(BLOCKS).when[0].text
    assert kim.post(f"{draft}/decide", act="approve").status_code == 422


def test_the_mode_is_switched_by_a_draft(ana: Analyst, house: House) -> None:
    made = ana.post(f"/desk/rules/{BLOCKS}/mode", mode="shadow", reason="hits partners")
    draft = made.headers["location"]
    page = ana.get(draft).text
    assert "mode: shadow" in page
    assert 'value="publish"' in page
    ana.post(f"{draft}/decide", act="publish")
    assert house.bench.bundle.rule(BLOCKS).mode.value == "shadow"
    assert ana.post(f"/desk/rules/{BLOCKS}/mode", mode="loud").status_code == 422


def test_a_new_rule_starts_from_a_text_that_is_sound(ana: Analyst) -> None:
    edit = ana.post("/desk/new-rule", rule="my-rule").headers["location"]
    draft = ana.post("/desk/rules/my-rule/draft", text=written(ana.get(edit)), act="save").headers[
        "location"
    ]
    assert 'value="publish"' in ana.get(draft).text
    assert ana.post(f"{draft}/decide", act="publish").status_code == 303
    assert ana.get("/desk/rules/my-rule").status_code == 200
    assert ana.post("/desk/new-rule", rule="../x").status_code == 422


def test_a_decision_becomes_a_test_in_ones_draft(ana: Analyst, house: House) -> None:
    match = house.bench.parts.matches.latest(BLOCKS, limit=1)[0]
    made = ana.post(f"/desk/rules/{BLOCKS}/learn", decision=match.decision)
    assert made.status_code == 303
    page = ana.get(made.headers["location"]).text
    assert f"kept by a moderator: {match.decision}" in page
    again = ana.post(f"/desk/rules/{BLOCKS}/learn", decision=match.decision)
    assert ana.get(again.headers["location"]).text.count("kept by a moderator") > page.count(
        "kept by a moderator"
    )
    assert ana.post(f"/desk/rules/{BLOCKS}/learn", decision="dec_none").status_code == 404


def test_controls_are_set_and_ended_on_the_rules_page(ana: Analyst, house: House) -> None:
    path = f"/desk/rules/{BLOCKS}"
    assert ana.post(f"{path}/snooze", value="u_1", reason="journalist").status_code == 303
    assert ana.post(f"{path}/switch-off", reason="hits everybody", lasts="1h").status_code == 303
    kinds = {control.kind for control in house.bench.parts.controlling.in_force()}
    assert kinds == {ControlKind.SNOOZE, ControlKind.SWITCH}
    page = ana.get(path).text
    assert "switched off" in page
    assert "journalist" in page
    ana.post(f"{path}/switch-on")
    assert house.bench.parts.controlling.in_force() == []
    ana.post(f"{path}/resume", reason="ours")
    assert [each.kind for each in house.bench.parts.controlling.in_force()] == [ControlKind.RESUMED]


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("snooze", {"value": "", "reason": "x"}),
        ("snooze", {"value": "u", "reason": ""}),
        ("snooze", {"value": "u", "reason": "x", "entity": "actor.nothing"}),
        ("snooze", {"value": "u", "reason": "x", "lasts": "5y"}),
        ("switch-off", {"reason": " "}),
        ("resume", {"reason": ""}),
    ],
)
def test_a_control_that_makes_no_sense_is_refused(
    ana: Analyst, house: House, act: str, fields: dict[str, str]
) -> None:
    assert ana.post(f"/desk/rules/{BLOCKS}/{act}", fields).status_code == 422
    assert house.bench.parts.controlling.in_force() == []


def test_what_a_rule_did_is_previewed_and_undone(ana: Analyst, house: House) -> None:
    path = f"/desk/rules/{BLOCKS}/undo"
    assert "Preview" in ana.get(path).text
    page = ana.get(f"{path}?since=2026-11-22T16:00").text
    assert "block to allow" in page
    assert page.count('class="row-line"') == 5
    assert ana.get(f"{path}?since=2026-99-99").status_code == 422
    refused = ana.post(path, since="2026-11-22T16:00", reason="")
    assert refused.status_code == 422
    made = ana.post(path, since="2026-11-22T16:00", until="2026-11-22T17:00:00Z", reason="wrong")
    assert made.status_code == 303
    assert "data-running" in ana.get(made.headers["location"]).text
    while house.bench.parts.undoing.work():
        pass
    done = ana.get(made.headers["location"]).text
    assert "<dd>5 <small>of 5 previewed" in done
    assert "done" in ana.get("/desk/undos").text
    with read(house.engine) as connection:
        newest = ledger.recent(connection, "demo", limit=1)[0]
        assert ledger.amendments(connection, newest.id)[-1].verdict is Verdict.ALLOW


def test_an_undo_of_many_accounts_waits_for_another_person(
    ana: Analyst, kim: Analyst, house: House
) -> None:
    house.bench.alone = 2
    house.bench.parts = house.bench._steering()
    made = ana.post(f"/desk/rules/{BLOCKS}/undo", since="2026-11-22T16:00", reason="wrong")
    undo = made.headers["location"]
    assert 'value="approve"' not in ana.get(undo).text
    assert ana.post(f"{undo}/decide", act="approve").status_code == 403
    assert not house.bench.parts.undoing.work()
    assert kim.post(f"{undo}/decide", act="approve").status_code == 303
    assert house.bench.parts.undoing.work()


def test_lists_take_values_and_files_of_them_and_give_them_back(ana: Analyst) -> None:
    assert "deny_domains" in ana.get("/desk/lists").text
    path = "/desk/lists/deny_domains"
    answer = ana.post(f"{path}/add", values="evil.com", reason="wave", lasts="7d")
    assert answer.status_code == 303
    file = {"file": ("more.txt", b"bad.org\nworse.org ; until=2027-01-01\n", "text/plain")}
    sent = {"csrf": ana.csrf, "reason": "wave", "lasts": "1d"}
    headers = ana._headers()
    done = ana.client.post(
        f"{path}/add", data=sent, files=file, headers=headers, follow_redirects=False
    )
    assert done.status_code == 303
    page = ana.get(path).text
    for value in ("bad", "worse", "evil"):
        assert value in page
    assert "wave (ana)" in page
    assert "evil.com" in ana.get(f"{path}/export/txt").text
    csv = ana.get(f"{path}/export/csv")
    assert csv.headers["content-disposition"] == 'attachment; filename="deny_domains.csv"'
    ana.post(f"{path}/remove", value="evil.com")
    assert "evil.com" not in ana.get(f"{path}/export/txt").text
    assert ana.get("/desk/lists/nothing/export/txt").status_code == 404
    wrong = ana.post(f"{path}/add", values="www.evil.com", reason="x", lasts="1d")
    assert wrong.status_code == 422
    assert "line 1" in wrong.text


def test_the_attack_view_says_what_comes_and_leads_on(ana: Analyst) -> None:
    page = ana.get("/desk/attack").text
    assert "203.0.113.9" in page
    assert "5 events, 5 not simply allowed; new" in page
    assert "/desk/lists/deny_domains?value=spam.example#add" in page
    assert f"/desk/rules/{BLOCKS}" in page
    ready = ana.get("/desk/lists/deny_domains?value=spam.example")
    assert ">spam.example</textarea>" in ready.text


def test_the_level_is_raised_for_a_while_and_lowered(ana: Analyst, house: House) -> None:
    assert ana.post("/desk/attack/raise", level="newcomers", reason="").status_code == 422
    assert ana.post("/desk/attack/raise", level="sky", reason="x").status_code == 422
    ana.post("/desk/attack/raise", level="newcomers", minutes="30", reason="wave")
    raised = house.bench.parts.raising.now
    assert raised is not None
    assert raised.expires_at == NOW + 1800
    assert "Raised to newcomers" in ana.get("/desk/attack").text
    ana.post("/desk/attack/lower")
    assert house.bench.parts.raising.now is None


def test_dangerous_forms_take_a_fresh_factor(ana: Analyst, house: House) -> None:
    house.clock.at += 20 * 60
    for path in (
        f"/desk/rules/{BLOCKS}/switch-off",
        f"/desk/rules/{BLOCKS}/undo",
        "/desk/attack/raise",
    ):
        answer = ana.post(path, reason="x", level="newcomers", since="2026-11-22T16:00")
        assert answer.status_code == 403
        assert "Is it still you?" in answer.text
    assert "confirm that it is you" in ana.get("/desk/attack").text


def test_moderators_do_not_come_here(client: TestClient, house: House) -> None:
    signed_in = house.sign_in("mo", Role.MODERATOR)
    mo = Analyst(client, signed_in.token, signed_in.session.csrf)
    for path in ("/desk/rules", f"/desk/rules/{BLOCKS}", "/desk/lists", "/desk/attack"):
        assert mo.get(path).status_code == 403
    assert mo.post(f"/desk/rules/{BLOCKS}/switch-off", reason="x").status_code == 403


def test_hostile_texts_are_shown_and_never_obeyed(ana: Analyst) -> None:
    text = f'rule: {BLOCKS}\ntitle: "{HOSTILE}"\n# {HOSTILE}\n'
    checked = ana.post(f"/desk/rules/{BLOCKS}/draft", text=text, why=HOSTILE, act="check")
    saved = ana.post(f"/desk/rules/{BLOCKS}/draft", text=text, why=HOSTILE, act="save")
    for page in (
        checked.text,
        ana.get(saved.headers["location"]).text,
        ana.get("/desk/rules").text,
    ):
        assert "<script>alert" not in page
        assert "\u202e" not in page.split("<textarea")[0]
        assert "{{7*7}}" in page or HOLDS in page
    listed = ana.post("/desk/lists/words/add", values=HOSTILE[:20], reason=HOSTILE[:-9], lasts="1d")
    assert listed.status_code in {303, 422}
    assert "<script>alert" not in ana.get("/desk/lists/words").text


@pytest.mark.parametrize(
    ("over", "subject"),
    [(Over.RULE, HOLDS), (Over.LIST_ENTRY, "deny_domains:spam.example"), (Over.MODEL, "spam")],
)
def test_whatever_the_breaker_demoted_is_resumed_with_one_click(
    ana: Analyst, house: House, over: Over, subject: str
) -> None:
    taken = Control(
        ControlKind.BREAKER,
        over,
        subject,
        "<b>9 times as often</b>",
        "breaker",
        NOW - 60,
        NOW + 86_400.0,
    )
    with write(house.engine) as connection:
        rule_controls.put(connection, taken)
    html = ana.get("/desk/attack").text
    assert "&lt;b&gt;9 times as often" in html
    done = ana.post("/desk/attack/resume", over=over.value, subject=subject)
    assert (done.status_code, done.headers["location"]) == (
        303,
        "/desk/attack?said=resumed#demoted",
    )
    with read(house.engine) as connection:
        (left,) = rule_controls.in_force(connection, house.clock())
    assert (left.kind, left.over, left.subject) == (ControlKind.RESUMED, over, subject)
    assert "9 times as often" not in ana.get("/desk/attack").text


def test_resuming_what_is_not_there_says_so(ana: Analyst) -> None:
    assert ana.post("/desk/attack/resume", over="rule", subject="no-such-rule").status_code == 422
    assert ana.post("/desk/attack/resume", over="owner", subject="trust").status_code == 422
