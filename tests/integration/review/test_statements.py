"""Everything that restricts somebody has a statement that the Commission's database would take."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Engine

from safety.domain import statement_words as enums
from safety.domain.errors import NotFound
from safety.domain.policies import Ground, Policy
from safety.domain.queues import Filter
from safety.domain.rechecks import ReporterClass
from safety.domain.reviews import Act, Action
from safety.domain.verdicts import Verdict
from safety.review.rechecks import Rates
from safety.review.reporting import Notice
from safety.review.statements.walk import Stated, Statements, calls_of
from safety.review.transparency import Table, report
from safety.review.values import Choice
from safety.store import reasons
from tests.desk_items import a_comment, a_rule_signal, add_item
from tests.review_house import ANA, BEN, DAY, KEEPING, NOW, POLICIES, Core, removing

COMMERCIAL = Policy(
    "spam.bulk", "Deceptive advertising in bulk", "No.", "", ground=Ground(is_commercial=True)
)


@pytest.fixture
def core(engine: Engine) -> Core:
    return Core(engine)


def stated(core: Core, policies: Mapping[str, Policy] = POLICIES) -> list[Stated]:
    statements = Statements(core.engine, policies, enums.EU)
    found = list(statements.between(0.0, core.clock() + DAY))
    assert all(each.problems == () for each in found), [each.problems for each in found]
    return found


def block(core: Core, event: dict[str, Any] | None = None, **changes: Any) -> str:
    signals = [a_rule_signal(verdict="block")]
    usual: dict[str, Any] = {"verdict": Verdict.BLOCK, "is_flagged": False, "signals": signals}
    return add_item(core.engine, event, **usual | changes).replace("itm", "dec")


def test_a_block_by_rules_is_fully_automated(core: Core) -> None:
    decision = block(core)
    (one,) = stated(core)
    assert one.statement["puid"] == one.decision_id == decision
    assert one.statement["automated_decision"] == "AUTOMATED_DECISION_FULLY"
    assert one.statement["automated_detection"] == "Yes"
    assert one.statement["source_type"] == "SOURCE_VOLUNTARY"
    assert one.statement["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_DISABLED"]


def test_a_removal_by_a_person_of_what_rules_found_is_partly_automated(core: Core) -> None:
    decided = core.review.resolving.decide(add_item(core.engine), removing(), ANA)
    assert stated(core) == []  # it can still be undone
    core.later()
    (one,) = stated(core)
    assert one.statement["puid"] == decided.resolution.id
    assert one.statement["automated_decision"] == "AUTOMATED_DECISION_PARTIALLY"
    assert one.statement["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]


def test_what_was_reported_says_so(core: Core) -> None:
    for kind, source in (
        (ReporterClass.USER, "SOURCE_ARTICLE_16"),
        (ReporterClass.TRUSTED_FLAGGER, "SOURCE_TRUSTED_FLAGGER"),
    ):
        item = add_item(core.engine, signals=[])
        event = f"event-{int(item.removeprefix('itm_'))}"
        notice = Notice(item, "u_1", kind, "comment", item, "u_17", "spam", event_id=event)
        core.review.reporting.receive("demo", notice, "dec_act", Verdict.ALLOW)
        core.review.resolving.decide(item, removing(), ANA)
        core.later()
        one = stated(core)[-1]
        assert one.statement["source_type"] == source
        assert one.statement["automated_decision"] == "AUTOMATED_DECISION_NOT_AUTOMATED"
        assert "u_1" not in json.dumps(one.statement)


def test_what_restricts_nobody_has_none(core: Core) -> None:
    core.review.resolving.decide(add_item(core.engine), KEEPING, ANA)
    block(core, {"type": "login", "actor": {"id": "u_1"}})
    block(core, signals=[])  # nobody judged it: a test, or parts that were away
    add_item(core.engine, verdict=Verdict.CHALLENGE, is_flagged=False)
    core.later()
    assert stated(core) == []


def test_what_was_undone_or_reversed_has_none(core: Core) -> None:
    undone = core.review.resolving.decide(add_item(core.engine), removing(), ANA)
    core.review.resolving.undo(undone.resolution.id, ANA)
    wrong = core.review.resolving.decide(add_item(core.engine), removing(), ANA)
    core.later()
    core.review.resolving.reverse(wrong.resolution.id, ANA, "my mistake")
    assert stated(core) == []


def test_removing_what_was_blocked_takes_nothing_more_and_a_ban_does(core: Core) -> None:
    signals = [a_rule_signal(verdict="block")]
    item = add_item(core.engine, verdict=Verdict.BLOCK, signals=signals)
    core.review.resolving.decide(item, removing(), ANA)
    core.later()
    assert len(stated(core)) == 1
    other = add_item(core.engine, verdict=Verdict.BLOCK, signals=signals)
    acts = (Act(Action.REMOVE, "spam.scam"), Act(Action.BAN, "spam.scam"))
    core.review.resolving.decide(other, Choice(acts), ANA)
    core.later()
    last = stated(core)[-1].statement
    assert last["decision_account"] == "DECISION_ACCOUNT_TERMINATED"
    assert "decision_visibility" not in last


def test_a_second_opinion_takes_nothing_by_itself(engine: Engine) -> None:
    core = Core(engine, rates=Rates(second=1.0))
    core.review.resolving.decide(add_item(core.engine), removing(), ANA)
    core.later()
    second = core.review.claims.take(BEN, Filter(queue="content"))[0]
    core.review.resolving.decide(second.id, removing("spam.scam"), BEN)
    core.later()
    assert len(stated(core)) == 1


def test_no_content_and_no_name_is_in_any_statement(core: Core) -> None:
    hostile = "mail mia@example.com or call +49 30 1234 5678 <script>"
    block(core, a_comment(hostile))
    core.review.resolving.decide(add_item(core.engine, a_comment(hostile)), removing(), ANA)
    core.later()
    for one in stated(core):
        text = json.dumps(list(one.statement.values()))  # a key is named explanation
        assert not [word for word in ("mia@", "script", "dealz", "ana", "203.0") if word in text]


@pytest.mark.parametrize("chunk", [1, 2, 7])
def test_a_walk_is_complete_whatever_the_chunks(
    core: Core, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(reasons, "_CHUNK", chunk)
    wanted = {block(core, at=NOW - number // 3) for number in range(15)}
    assert {each.decision_id for each in stated(core)} == wanted
    core.review.resolving.decide(add_item(core.engine), removing(), ANA)
    core.review.resolving.decide(add_item(core.engine), removing(), ANA)
    core.later()
    assert len(stated(core)) == 17


def test_calls_carry_a_hundred_each(core: Core) -> None:
    for _ in range(3):
        block(core)
    one = stated(core)[0]
    bodies = [json.loads(body)["statements"] for body in calls_of([one] * 250)]
    assert [len(body) for body in bodies] == [100, 100, 50]
    assert list(calls_of([])) == []


def test_deceptive_advertising_in_bulk_is_told_apart(core: Core) -> None:
    block(core, signals=[a_rule_signal(verdict="block", policy="spam.bulk")])
    (one,) = stated(core, {**POLICIES, "spam.bulk": COMMERCIAL})
    assert one.case.is_commercial


def test_a_policy_that_is_gone_is_still_named(core: Core) -> None:
    block(core, signals=[a_rule_signal(verdict="block", policy="old.policy")])
    (one,) = stated(core)
    assert "old.policy" in one.statement["incompatible_content_ground"]


def test_the_reasons_of_one_decision_for_its_user(core: Core) -> None:
    item = add_item(core.engine)
    core.review.resolving.decide(item, removing(), ANA)
    core.later()
    statements = Statements(core.engine, POLICIES, ("NL", "DE"))
    (one,) = statements.of_decision("demo", item.replace("itm", "dec"))
    assert one.statement["territorial_scope"] == ["NL", "DE"]
    with pytest.raises(NotFound):
        statements.of_decision("elsewhere", item.replace("itm", "dec"))


def test_a_report_counts_measures_complaints_and_how_often_rules_were_wrong(
    engine: Engine,
) -> None:
    core = Core(engine, rates=Rates(audit=1.0))
    for _ in range(4):
        block(core)
    core.later()
    core.later()
    audits = core.review.claims.take(ANA, Filter(queue="audit"), 10)
    assert len(audits) == 4
    for number, audit in enumerate(audits):
        core.review.resolving.decide(audit.id, removing() if number else KEEPING, ANA)
    core.review.resolving.decide(add_item(core.engine), removing(), ANA)
    core.later()
    tables = _tables(core)
    rows = {row[1]: row for row in tables["measures"].rows}
    assert rows["AUTOMATED_DECISION_FULLY"][2] == 4
    assert rows["AUTOMATED_DECISION_PARTIALLY"][2] == 1
    automated = {row[0]: row[1:] for row in tables["automated_means"].rows}
    assert automated["restrictions audited at random"][0] == 4
    rate, low, high = automated["error rate, with 95 % interval"]
    assert rate == 0.25
    assert 0 < low < rate < high < 1


def _tables(core: Core) -> dict[str, Table]:
    statements = Statements(core.engine, POLICIES, enums.EU)
    found = report(core.engine, statements, NOW - DAY, NOW + DAY)
    return {table.name: table for table in found}


def test_a_table_is_safe_in_a_spreadsheet() -> None:
    table = Table("notices", ("reason", "n"), (("=HYPERLINK(1)", 3), ("fine", None)))
    assert table.as_csv() == "reason,n\n'=HYPERLINK(1),3\nfine,\n"


def test_what_strikes_add_up_to_is_stated_too(core: Core) -> None:
    for number in range(2):  # three points each, and a step of the ladder at six
        decided = core.review.resolving.decide(add_item(core.engine), removing("spam.scam"), ANA)
        core.later()
        (one,) = [each for each in stated(core) if each.case.puid == decided.resolution.id]
        is_suspended = one.statement.get("decision_account") == "DECISION_ACCOUNT_SUSPENDED"
        assert is_suspended == ("end_date_account_restriction" in one.statement) == (number == 1)
        assert one.problems == ()
