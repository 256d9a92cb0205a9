"""Reports: one item per subject, trusted flaggers first, and everybody hears of the outcome."""

import json
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from safety.domain.errors import NotFound
from safety.domain.queues import Filter
from safety.domain.rechecks import Report, ReporterClass, ReportOutcome
from safety.domain.verdicts import Verdict
from safety.review.reporting import Notice
from safety.store import outbox
from safety.store.engine import read
from safety.store.labels import live_labels
from safety.store.tables import items
from tests.desk_items import a_comment, add_item
from tests.review_house import ANA, KEEPING, Core, removing

CROWD = tuple(f"u_{number}" for number in range(12))


@pytest.fixture
def core(engine: Engine) -> Core:
    return Core(engine)


def an_act(core: Core, reporter: str) -> str:
    """The decision about the act of reporting."""
    event = {"type": "report", "actor": {"id": reporter}, "target": {"kind": "comment", "id": "c"}}
    item = add_item(core.engine, event, verdict=Verdict.ALLOW, is_flagged=False)
    return item.replace("itm", "dec")


def report(
    core: Core,
    reporter: str = "u_1",
    subject: str = "c_501",
    *,
    verdict: Verdict = Verdict.ALLOW,
    kind: ReporterClass = ReporterClass.USER,
    **changes: Any,
) -> Report:
    given: dict[str, Any] = {
        "platform_id": f"{reporter}-{subject}",
        "reporter_id": reporter,
        "reporter_class": kind,
        "subject_kind": "comment",
        "subject_id": subject,
        "owner_id": "u_bad",
        "reason": "spam",
    }
    notice = Notice(**given | changes)
    return core.review.reporting.receive("demo", notice, an_act(core, reporter), verdict)


def waiting(core: Core) -> list[str]:
    core.later(0.0)
    page = core.review.queues.page(ANA, Filter(queue="reports"))
    return [row.item.id for row in page.rows]


def told(core: Core) -> list[dict[str, Any]]:
    with read(core.engine) as connection:
        bodies = [json.loads(each.body) for each in outbox.pending(connection, limit=1000)]
    return [each["data"] for each in bodies if each["type"] == "report.decided"]


def decide(core: Core, item: str | None, *, is_right: bool) -> None:
    assert item is not None
    core.review.resolving.decide(item, removing() if is_right else KEEPING, ANA)
    core.later()


def test_many_reports_of_one_thing_are_one_item_and_all_hear_of_it(core: Core) -> None:
    receipts = [report(core, reporter) for reporter in CROWD]
    assert len({each.id for each in receipts}) == len(CROWD)
    (item,) = waiting(core)
    decide(core, item, is_right=True)
    assert {each["reporter_id"] for each in told(core)} == set(CROWD)
    assert {each["outcome"] for each in told(core)} == {"acted"}
    now = core.review.reporting.get("demo", receipts[0].id)
    assert now.outcome is ReportOutcome.ACTED
    assert now.decided_at == core.clock()


def test_what_is_removed_counts_against_its_owner_and_not_against_who_reported(core: Core) -> None:
    first = report(core)
    decide(core, first.item_id, is_right=True)
    with read(core.engine) as connection:
        owner = live_labels(connection, "demo", ("actor.id", "u_bad"), core.clock())
        reporter = live_labels(connection, "demo", ("actor.id", "u_1"), core.clock())
    assert {label.name for label in owner} == {"confirmed_spam"}
    assert not list(reporter)


def test_a_report_of_what_waits_already_joins_it(core: Core) -> None:
    text = a_comment()
    item = add_item(core.engine, text)
    event_id = f"event-{int(item.removeprefix('itm_'))}"
    joined = report(core, event_id=event_id)
    assert joined.item_id == item
    (reason,) = core.review.items.open(item, ANA).brought
    assert (reason.kind, reason.author, reason.text) == ("report", "u_1", "spam")


def test_a_report_of_what_was_decided_opens_it_with_the_content(core: Core) -> None:
    decided = add_item(core.engine, a_comment("buy now"), verdict=Verdict.ALLOW, is_flagged=False)
    event_id = f"event-{int(decided.removeprefix('itm_'))}"
    opened = report(core, event_id=event_id)
    assert opened.item_id is not None
    page = core.review.items.open(opened.item_id, ANA)
    assert page.view.text == "buy now"
    assert page.view.item.actor_id == "u_17"


def test_trusted_flaggers_come_first_and_whoever_is_never_right_last(core: Core) -> None:
    for number in range(10):
        decide(core, report(core, "u_wolf", f"c_w{number}").item_id, is_right=False)
    assert core.review.reporting.standing("demo", "u_wolf").accuracy < 0.2
    wolf = report(core, "u_wolf", "c_1").item_id
    somebody = report(core, "u_new", "c_2").item_id
    trusted = report(core, "org", "c_3", kind=ReporterClass.TRUSTED_FLAGGER).item_id
    assert waiting(core) == [trusted, somebody, wolf]
    why = core.review.items.open(str(wolf), ANA).view.item.why
    assert any("right in 0 of 10" in each.text for each in why)


def test_a_good_reporter_is_heard_sooner(core: Core) -> None:
    for number in range(8):
        decide(core, report(core, "u_good", f"c_g{number}").item_id, is_right=True)
    new = report(core, "u_new", "c_1").item_id
    good = report(core, "u_good", "c_2").item_id
    assert waiting(core) == [good, new]


def test_only_the_last_reports_count(core: Core) -> None:
    for number in range(30):
        decide(core, report(core, "u_1", f"c_{number}").item_id, is_right=number >= 10)
    standing = core.review.reporting.standing("demo", "u_1")
    assert (standing.right, standing.decided) == (20, 20)


def test_who_sends_thousands_gets_receipts_and_no_hearing(core: Core) -> None:
    refused = report(core, verdict=Verdict.BLOCK)
    assert refused.outcome is ReportOutcome.REFUSED
    assert waiting(core) == []
    assert core.review.reporting.standing("demo", "u_1").decided == 0


def test_the_same_report_again_is_the_same(core: Core) -> None:
    first = report(core)
    assert report(core) == first
    assert core.review.reporting.find("demo", first.platform_id) == first
    with read(core.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(items)) == 1


def test_a_receipt_is_for_whoever_sent_it(core: Core) -> None:
    first = report(core)
    with pytest.raises(NotFound):
        core.review.reporting.get("elsewhere", first.id)
    assert core.review.reporting.find("elsewhere", first.platform_id) is None
