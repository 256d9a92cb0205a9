"""Routing decides who gets a person's look."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from safety.domain.features import EventType
from safety.domain.rules import Fired, Rule
from safety.domain.verdicts import FailPolicy, Mode, Severity, Verdict
from safety.review.route import HELD, route

COMMENT = EventType("comment", FailPolicy.OPEN, "", queue="content")
RULE = Rule(
    id="link-burst",
    title="",
    owner="",
    policy="spam.commercial",
    reason="LINK_BURST",
    events=("comment",),
    mode=Mode.ENFORCE,
    verdict=Verdict.HOLD,
    severity=Severity.HIGH,
    queue=None,
    labels=(),
    final=False,
    override=False,
    retry_after=None,
    revision="1",
    place="",
)


def a_fired(verdict: Verdict = Verdict.HOLD, **changes: object) -> Fired:
    return Fired(replace(RULE, verdict=verdict, **changes), verdict)  # type: ignore[arg-type]  # a test's shorthand


def test_a_held_event_waits_in_the_queue_of_its_type() -> None:
    item = route(COMMENT, [a_fired()], Verdict.HOLD, item_id="itm_1")
    assert item is not None
    assert (item.id, item.queue, item.severity) == ("itm_1", "content", Severity.HIGH)
    assert item.reason == "LINK_BURST"


def test_a_held_event_without_any_rule_still_waits_for_a_person() -> None:
    item = route(COMMENT, [], Verdict.HOLD, item_id="itm_1")
    assert item is not None
    assert (item.queue, item.reason) == ("content", HELD)


def test_a_live_rule_may_publish_and_still_ask_for_a_look() -> None:
    looked_at = a_fired(Verdict.ALLOW, queue="reports")
    item = route(COMMENT, [looked_at], Verdict.ALLOW, item_id="itm_1")
    assert item is not None
    assert item.queue == "reports"


def test_a_shadow_rule_is_never_obeyed() -> None:
    shadow = a_fired(queue="reports", mode=Mode.SHADOW)
    assert route(COMMENT, [shadow], Verdict.ALLOW, item_id="itm_1") is None


def test_the_most_severe_rule_names_queue_severity_and_reason() -> None:
    mild = a_fired(severity=Severity.LOW, queue="content", reason="MILD")
    bad = a_fired(severity=Severity.CRITICAL, queue="urgent", reason="BAD")
    item = route(COMMENT, [mild, bad], Verdict.HOLD, item_id="itm_1")
    assert item is not None
    assert (item.queue, item.severity, item.reason) == ("urgent", Severity.CRITICAL, "BAD")


def test_a_rule_that_lifts_verdicts_does_not_raise_the_severity() -> None:
    lifting = a_fired(Verdict.ALLOW, override=True, severity=Severity.CRITICAL)
    asked = a_fired(severity=Severity.LOW, queue="content")
    item = route(COMMENT, [lifting, asked], Verdict.ALLOW, item_id="itm_1")
    assert item is not None
    assert (item.severity, item.reason) == (Severity.LOW, "LINK_BURST")


@given(
    st.lists(
        st.builds(
            a_fired,
            st.sampled_from(Verdict),
            severity=st.sampled_from(Severity),
            queue=st.sampled_from([None, "content", "urgent"]),
            mode=st.sampled_from([Mode.SHADOW, Mode.ENFORCE]),
        )
    ),
    st.sampled_from(Verdict),
)
def test_an_item_exists_exactly_when_held_or_when_a_live_rule_asks(
    fired: list[Fired], verdict: Verdict
) -> None:
    item = route(COMMENT, fired, verdict, item_id="itm_1")
    asked = any(f.is_live and f.rule.queue for f in fired)
    assert (item is not None) == (asked or verdict is Verdict.HOLD)
    if item is not None:
        severities = [f.rule.severity for f in fired if f.is_live]
        expected = max(severities, key=lambda s: s.rank, default=Severity.MEDIUM)
        assert item.severity is expected
