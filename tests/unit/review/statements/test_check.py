"""A statement is refused here for whatever the Commission's database would refuse it for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.domain import statement_words as enums
from safety.domain.policies import Ground, Policy
from safety.domain.reviews import Act, Action
from safety.review.statements import measures
from safety.review.statements.build import Case, Found, statement_of, words_of
from safety.review.statements.check import problems_of
from safety.review.statements.personal import personal_data

NOON = 1_790_000_000.0
SCAMS = Policy(
    id="spam.scam",
    title="Scams",
    text="Do not cheat people.",
    message="",
    ground=Ground("STATEMENT_CATEGORY_SCAMS_AND_FRAUD", ("KEYWORD_PHISHING",)),
)
HATE = Policy(
    id="abuse.hate",
    title="Hate",
    text="Incitement is a crime.",
    message="",
    ground=Ground("STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH", law="Section 130 StGB"),
)
# The example of the Commission's own documentation, version 2 of the schema.
OFFICIAL: dict[str, Any] = {
    "decision_visibility": ["DECISION_VISIBILITY_CONTENT_DISABLED"],
    "decision_monetary": "DECISION_MONETARY_TERMINATION",
    "end_date_monetary_restriction": "2023-08-08",
    "decision_provision": "DECISION_PROVISION_TOTAL_SUSPENSION",
    "decision_account": "DECISION_ACCOUNT_SUSPENDED",
    "account_type": "ACCOUNT_TYPE_BUSINESS",
    "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
    "decision_ground_reference_url": "https://www.anurl.com",
    "content_type": ["CONTENT_TYPE_VIDEO", "CONTENT_TYPE_AUDIO", "CONTENT_TYPE_SYNTHETIC_MEDIA"],
    "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE_AGAINST_WOMEN",
    "incompatible_content_ground": "incompatible content grounds",
    "incompatible_content_explanation": "incompatible content explanation",
    "incompatible_content_illegal": "Yes",
    "territorial_scope": ["PT", "ES", "DE"],
    "content_language": "EN",
    "content_date": "2023-08-08",
    "application_date": "2023-08-08",
    "decision_facts": "facts about the decision",
    "source_type": "SOURCE_TRUSTED_FLAGGER",
    "automated_detection": "No",
    "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
    "puid": "TK421",
}


def a_case(**changes: Any) -> Case:
    usual: dict[str, Any] = {
        "puid": "dec_0199f0c2a41b7c3d",
        "event_type": "comment",
        "event_time": NOON - 60,
        "begins_at": NOON,
        "measures": measures.of_block("comment"),
        "policies": (SCAMS,),
        "rules": ("Links in bursts",),
        "language": "en",
    }
    return Case(**usual | changes)


def test_the_official_example_is_taken() -> None:
    assert problems_of(OFFICIAL) == ()


@pytest.mark.parametrize(
    "field",
    [
        "decision_ground", "content_type", "category", "territorial_scope", "content_date",
        "application_date", "decision_facts", "source_type", "automated_detection",
        "automated_decision", "puid", "incompatible_content_ground",
        "incompatible_content_explanation",
    ],
)  # fmt: skip
def test_what_is_required_is_missed(field: str) -> None:
    for missing in ({k: v for k, v in OFFICIAL.items() if k != field}, OFFICIAL | {field: None}):
        assert any(problem.startswith(f"{field}: is required") for problem in problems_of(missing))


def test_at_least_one_restriction_is_required() -> None:
    none = {k: v for k, v in OFFICIAL.items() if not k.startswith("decision_") or "ground" in k}
    none["decision_facts"] = "facts"
    assert [problem.split(":")[0] for problem in problems_of(none)] == ["decision_visibility"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"category": "STATEMENT_CATEGORY_PIRACY"}, "category"),  # of an earlier schema
        ({"decision_visibility": "DECISION_VISIBILITY_CONTENT_REMOVED"}, "decision_visibility"),
        ({"decision_visibility": ["DECISION_VISIBILITY_OTHER"]}, "decision_visibility_other"),
        ({"decision_monetary": "DECISION_MONETARY_OTHER"}, "decision_monetary_other"),
        ({"content_type": ["CONTENT_TYPE_OTHER"]}, "content_type_other"),
        ({"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT"}, "illegal_content_legal_ground"),
        ({"territorial_scope": ["US"]}, "territorial_scope"),
        ({"territorial_scope": ["EL"]}, "territorial_scope"),
        ({"content_language": "en"}, "content_language"),
        ({"content_date": "1999-12-31"}, "content_date"),
        ({"application_date": "2019-12-31"}, "application_date"),
        ({"application_date": "2026-02-30"}, "application_date"),
        ({"application_date": "08.08.2023"}, "application_date"),
        ({"end_date_account_restriction": "2023-08-07"}, "end_date_account_restriction"),
        ({"end_date_account_restriction": "2038-01-02"}, "end_date_account_restriction"),
        ({"decision_facts": "x" * 5001}, "decision_facts"),
        ({"incompatible_content_explanation": "x" * 2001}, "incompatible_content_explanation"),
        ({"automated_decision": "Yes"}, "automated_decision"),
        ({"puid": "with space"}, "puid"),
        ({"puid": "p" * 501}, "puid"),
        ({"puid": 17}, "puid"),
        ({"url": "https://example.com/p/1"}, "url"),
        ({"decision_facts": "mia@example.com wrote it"}, "decision_facts"),
    ],
)
def test_what_the_database_refuses_is_refused(change: dict[str, Any], field: str) -> None:
    problems = problems_of(OFFICIAL | change)
    assert any(problem.startswith(f"{field}:") for problem in problems), problems


values = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.lists(st.text())


@given(st.dictionaries(st.sampled_from(sorted(OFFICIAL)) | st.text(max_size=10), values))
def test_nothing_that_is_called_a_statement_breaks_the_check(statement: dict[str, Any]) -> None:
    assert all(": " in problem for problem in problems_of(statement))


def test_a_blocked_comment_makes_a_statement_that_is_taken() -> None:
    statement = statement_of(a_case())
    assert problems_of(statement) == ()
    assert statement["automated_decision"] == "AUTOMATED_DECISION_FULLY"
    assert statement["category_specification"] == ["KEYWORD_PHISHING"]
    assert statement["content_language"] == "EN"


@pytest.mark.parametrize("event_type", ["post", "comment", "follow", "like", "profile_update"])
@pytest.mark.parametrize("action", [Action.REMOVE, Action.LIMIT, Action.SUSPEND, Action.BAN])
@pytest.mark.parametrize("policies", [(SCAMS,), (HATE,), (SCAMS, HATE)])
@pytest.mark.parametrize("found", list(Found))
def test_whatever_a_person_decides_makes_a_statement_that_is_taken(
    event_type: str, action: Action, policies: tuple[Policy, ...], found: Found
) -> None:
    taken = measures.of_acts([Act(action, "spam.scam", lasts=86400.0)], event_type, NOON)
    case = a_case(
        measures=taken,
        event_type=event_type,
        policies=policies,
        found=found,
        rules=(),
        decided_by_person=True,
    )
    statement = statement_of(case)
    assert problems_of(statement) == ()
    assert statement["automated_decision"] == "AUTOMATED_DECISION_NOT_AUTOMATED"
    assert words_of(case)["what"]


def test_several_acts_take_away_several_things_and_a_suspension_ends() -> None:
    acts = [Act(Action.REMOVE, "spam.scam"), Act(Action.SUSPEND, "spam.scam", lasts=7 * 86400.0)]
    taken = measures.of_acts(acts, "comment", NOON)
    statement = statement_of(a_case(measures=taken))
    assert statement["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    assert statement["decision_account"] == "DECISION_ACCOUNT_SUSPENDED"
    assert statement["end_date_account_restriction"] > statement["application_date"]


@pytest.mark.parametrize("action", [Action.KEEP, Action.LABEL, Action.WARN])
def test_what_takes_nothing_away_needs_no_reasons(action: Action) -> None:
    assert measures.of_acts([Act(action)], "comment", NOON) == {}


def test_a_ban_that_outlasts_the_calendar_of_the_database_still_has_a_date() -> None:
    taken = measures.of_acts([Act(Action.SUSPEND, lasts=1e12)], "post", NOON)
    assert problems_of(statement_of(a_case(measures=taken))) == ()


@pytest.mark.parametrize(
    "text",
    [
        "write to mia.b@example.com", "from 203.0.113.9", "@mia_b said", "call +49 30 1234 5678",
        "see https://example.com/x", "2001:db8:1:2:3::4", "DE89 3704 0044 0532 0130 00",
    ],
)  # fmt: skip
def test_personal_data_is_noticed(text: str) -> None:
    assert personal_data(text)


@pytest.mark.parametrize(
    "text",
    ["", "Removed on 2026-01-31.", "3 links within 10m", "It broke policy 4.2.1", "50% off at 5pm"],
)
def test_ordinary_facts_are_no_personal_data(text: str) -> None:
    assert personal_data(text) is None


def test_the_words_are_those_of_the_schema() -> None:
    assert len(enums.CATEGORIES) == 16
    assert len(enums.EU) == 27
    assert len(enums.EEA) == 30
