"""Two rulesets on one history: who is newly stopped, who is released, and by which rule."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from safety.ruleset.bundle import Bundle
from safety.ruleset.load import load_bundle
from safety.training.past import Past
from safety.training.rule_diff import Comparison, compare
from safety.training.segments import Segments
from tests.factories import a_bundle, a_catalogue
from tests.integration.training.decided import DAY, START, a_comment, a_signal, store

UNTIL = START + DAY


def a_rule(name: str, when: str, verdict: str = "hold", **more: str) -> str:
    """An enforced rule with the two tests that enforcing asks for; they are not run here."""
    extra = "".join(f"{key}: {value}\n" for key, value in more.items())
    rollout = "" if "rollout" in more else "rollout: {mode: enforce}\n"
    return (
        f"rule: {name}\ntitle: {name}\nowner: trust\npolicy: spam.commercial\n"
        f"events: [comment]\nwhen: ['{when}']\nthen: {verdict}\n{rollout}{extra}"
        "tests:\n  - {name: one, expect: match}\n  - {name: two, expect: no match}\n"
    )


SALES = a_rule("sales", 'content.text.contains("buy")', "{verdict: hold}")
CRYPTO = a_rule("crypto", 'content.text.contains("crypto")', "{verdict: block}")
TRUSTED = a_rule("trusted", "actor.followers >= 1000", "{override: allow}")


@pytest.fixture
def past(engine: Engine, tmp_path: Path) -> Past:
    return Past(engine, Segments(tmp_path / "segments", a_catalogue()))


def rules(tmp_path: Path, name: str, *documents: str) -> Bundle:
    return a_bundle(tmp_path / name, "---\n".join(documents), run_tests=False)


def asked(tmp_path: Path, before: list[str], after: list[str]) -> Comparison:
    return Comparison(
        rules(tmp_path, "before", *before), rules(tmp_path, "after", *after), START, UNTIL
    )


def comments(past: Past, *texts: str) -> None:
    store(
        past.engine,
        *(a_comment(START + n, text=text, actor=f"u_{n}") for n, text in enumerate(texts)),
    )


def test_the_same_ruleset_changes_nothing(past: Past, tmp_path: Path) -> None:
    comments(past, "buy", "hello", "crypto")
    found = compare(past, asked(tmp_path, [SALES, CRYPTO], [CRYPTO, SALES]))
    assert (found.events, found.transitions, found.rules, found.samples) == (3, (), (), ())
    assert found.before == found.after


def test_a_new_rule_says_whom_it_stops(past: Past, tmp_path: Path) -> None:
    comments(past, "buy", "hello", "crypto", "buy crypto")
    found = compare(past, asked(tmp_path, [SALES], [SALES, CRYPTO]))
    assert [(t.before, t.after, t.events) for t in found.transitions] == [
        ("allow", "block", 1),
        ("hold", "block", 1),
    ]
    assert (found.newly_stopped, found.newly_blocked, found.released) == (1, 2, 0)
    assert found.accounts_newly_stopped == 1
    (change,) = found.rules
    assert (change.rule, change.change, change.before, change.after) == ("crypto", "added", 0, 2)
    assert (change.stricter, change.milder) == (2, 0)
    assert [(s.actor_id, s.before, s.after, s.rules) for s in found.samples] == [
        ("u_2", "allow", "block", ("crypto",)),
        ("u_3", "hold", "block", ("crypto",)),
    ]


def test_a_narrower_rule_says_whom_it_releases(past: Past, tmp_path: Path) -> None:
    comments(past, "buy", "buy now", "buy now please")
    narrower = SALES.replace('"buy"', '"buy now"')
    found = compare(past, asked(tmp_path, [SALES], [narrower]))
    assert (found.released, found.accounts_released, found.newly_stopped) == (1, 1, 0)
    (change,) = found.rules
    assert (change.change, change.before, change.after) == ("changed", 3, 2)
    assert (change.stricter, change.milder) == (0, 1)


def test_an_override_releases_what_another_rule_would_hold(past: Past, tmp_path: Path) -> None:
    store(
        past.engine,
        a_comment(START, text="buy", event={"actor": {"id": "u_big", "followers": 5000}}),
        a_comment(START + 1, text="buy"),
    )
    found = compare(past, asked(tmp_path, [SALES], [SALES, TRUSTED]))
    assert [(t.before, t.after, t.events) for t in found.transitions] == [("hold", "allow", 1)]
    assert found.samples[0].rules == ("trusted",)


def test_shadow_rules_match_and_change_no_verdict(past: Past, tmp_path: Path) -> None:
    comments(past, "buy", "hello")
    shadow = SALES.replace("enforce", "shadow")
    found = compare(past, asked(tmp_path, [], [shadow]))
    assert found.transitions == ()
    assert [(r.rule, r.change, r.after, r.stricter) for r in found.rules] == [
        ("sales", "added", 1, 0)
    ]


def test_a_canary_changes_the_verdict_of_its_share_only(past: Past, tmp_path: Path) -> None:
    comments(past, *(["buy"] * 60))
    canary = a_rule(
        "sales",
        'content.text.contains("buy")',
        "{verdict: hold}",
        rollout="{mode: canary, percent: 50}",
    )
    found = compare(past, asked(tmp_path, [], [canary]))
    assert found.rules[0].after == 60
    assert 10 < found.newly_stopped < 50


def test_what_the_fail_policy_said_at_the_time_stays(past: Past, tmp_path: Path) -> None:
    failed = {"source": "fail_policy", "name": "closed", "verdict": "block", "reason": "N"}
    store(past.engine, a_comment(START, text="buy", signals=[failed, a_signal("old")]))
    assert compare(past, asked(tmp_path, [], [SALES])).transitions == ()


def test_windows_of_both_rulesets_are_counted_as_far_as_the_stricter_one_asks(
    past: Past, tmp_path: Path
) -> None:
    few, many = (
        a_rule("burst", f'count("comment", by=actor.id, within="1h") > {most}', "{verdict: hold}")
        for most in (3, 6)
    )
    store(past.engine, *(a_comment(START + n) for n in range(10)))
    found = compare(past, asked(tmp_path, [few], [many]))
    assert [(t.before, t.after, t.events) for t in found.transitions] == [("hold", "allow", 3)]
    (change,) = found.rules
    assert (change.before, change.after) == (7, 4)


def test_a_list_that_grew_shows_although_no_rule_changed(past: Past, tmp_path: Path) -> None:
    listed = a_rule("listed", "content.link_domain in lists.deny_domains", "{verdict: block}")
    before = rules(tmp_path, "before", listed)
    rules(tmp_path, "after", listed)
    folder = tmp_path / "after" / "rules" / "lists" / "deny_domains.txt"
    folder.write_text(folder.read_text() + "\nshop.example\n")
    after = load_bundle([tmp_path / "after" / "rules"], run_tests=False, at=START)
    comments(past, "see https://shop.example/x", "see https://news.example/x")
    found = compare(past, Comparison(before, after, START, UNTIL))
    (change,) = found.rules
    assert (change.rule, change.change, change.before, change.after) == ("listed", "same", 0, 1)


def test_personal_values_are_shown_on_request_only(past: Past, tmp_path: Path) -> None:
    comments(past, "buy")
    question = asked(tmp_path, [], [SALES])
    assert compare(past, question).samples[0].values == {}
    shown = compare(past, replace(question, with_content=True)).samples[0].values
    assert shown == {"content.text": "buy"}
