"""One statement of reasons, for the Commission's database and in words for whom it concerns.

What it must say: Digital Services Act, article 17(3). No content and nobody's name is in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from safety.domain import statement_words as enums
from safety.domain.policies import Policy
from safety.review.statements.measures import day_of, is_content

# Internal complaints must be possible for at least so long (article 20(1)).
APPEAL_SECONDS: Final = 183 * 24 * 60 * 60.0
_REDRESS: Final = (
    "You can appeal to us free of charge; a person who had no part in this decision will look at "
    "it. You can also turn to a certified out-of-court dispute settlement body, or to a court."
)


class Found(StrEnum):
    """What drew attention to it."""

    RULES = "SOURCE_VOLUNTARY"
    NOTICE = "SOURCE_ARTICLE_16"
    TRUSTED_FLAGGER = "SOURCE_TRUSTED_FLAGGER"


@dataclass(frozen=True, slots=True)
class Case:
    """A restriction that needs reasons.

    `measures` is what it takes away (`measures.py`); `policies` are what was broken, the first
    before all others; `rules` are the titles of those that fired; `decided_by_person` whether
    anybody looked before it took effect.
    """

    puid: str
    event_type: str
    event_time: float
    begins_at: float
    measures: Mapping[str, Any]
    policies: tuple[Policy, ...]
    rules: tuple[str, ...] = ()
    found: Found = Found.RULES
    decided_by_person: bool = False
    language: str = ""
    has_media: bool = False
    territories: Sequence[str] = field(default=enums.EU)

    @property
    def is_commercial(self) -> bool:
        """Whether it stops deceptive advertising in bulk, for which no statement is due."""
        return bool(self.policies) and self.policies[0].ground.is_commercial


def statement_of(case: Case) -> dict[str, Any]:
    """The statement as the Commission's database takes it; `check.problems_of` looks it over."""
    language = case.language[:2].upper()
    told: dict[str, Any] = {
        **case.measures,
        **_ground(case),
        **_content(case),
        "territorial_scope": list(case.territories),
        "content_date": day_of(case.event_time),
        "application_date": day_of(case.begins_at),
        "decision_facts": _facts(case)[:5000],
        "source_type": case.found.value,
        "automated_detection": "Yes" if case.rules else "No",
        "automated_decision": _automated(case),
        "puid": case.puid,
    }
    if language in enums.LANGUAGES:
        told["content_language"] = language
    return told


def words_of(case: Case) -> dict[str, Any]:
    """The same for whom it concerns: what, why, by whom, and what can be done about it."""
    policy = case.policies[0] if case.policies else None
    return {
        "what": list(_measures_in_words(case)),
        "begins": day_of(case.begins_at),
        "facts": _facts(case),
        "policy": None if policy is None else {"id": policy.id, "title": policy.title},
        "why": "" if policy is None else policy.text,
        "law": "" if policy is None else policy.ground.law,
        "found_automatically": bool(case.rules),
        "decided_automatically": not case.decided_by_person,
        "territories": list(case.territories),
        "redress": _REDRESS,
        "appeal_until": day_of(case.begins_at + APPEAL_SECONDS),
    }


def _ground(case: Case) -> dict[str, Any]:
    if not case.policies:
        return {
            "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
            "category": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
        }
    policy, *others = case.policies
    kind, more = ("illegal", "legal_ground") if policy.ground.law else ("incompatible", "ground")
    told: dict[str, Any] = {
        "decision_ground": f"DECISION_GROUND_{kind.upper()}_CONTENT",
        f"{kind}_content_{more}": (policy.ground.law or f"{policy.title} ({policy.id})")[:500],
        f"{kind}_content_explanation": policy.text[:2000],
        "category": policy.ground.category,
    }
    additions = sorted({each.ground.category for each in others} - {policy.ground.category})
    if additions:
        told["category_addition"] = additions
    keywords = sorted({word for each in case.policies for word in each.ground.keywords})
    if keywords:
        told["category_specification"] = keywords
    if policy.ground.url:
        told["decision_ground_reference_url"] = policy.ground.url
    return told


def _content(case: Case) -> dict[str, Any]:
    if not is_content(case.event_type):
        return {"content_type": ["CONTENT_TYPE_OTHER"], "content_type_other": case.event_type}
    if not case.has_media:
        return {"content_type": ["CONTENT_TYPE_TEXT"]}
    return {
        "content_type": ["CONTENT_TYPE_TEXT", "CONTENT_TYPE_OTHER"],
        "content_type_other": "attached media",
    }


def _automated(case: Case) -> str:
    if not case.decided_by_person:
        return "AUTOMATED_DECISION_FULLY"
    return f"AUTOMATED_DECISION_{'PARTIALLY' if case.rules else 'NOT_AUTOMATED'}"


_IN_WORDS: Final[Mapping[str, str]] = {
    "DECISION_VISIBILITY_CONTENT_REMOVED": "The {what} was removed.",
    "DECISION_VISIBILITY_CONTENT_DISABLED": "The {what} was stopped and is visible to nobody.",
    "DECISION_PROVISION_PARTIAL_SUSPENSION": "The account may not use part of the service.",
    "DECISION_ACCOUNT_SUSPENDED": "The account is suspended.",
    "DECISION_ACCOUNT_TERMINATED": "The account is closed.",
}


def _measures_in_words(case: Case) -> Iterator[str]:
    what = case.event_type.replace("_", " ")
    for name, value in case.measures.items():
        if name.startswith("end_date"):
            yield f"It ends on {value}."
            continue
        for word in value if isinstance(value, list) else [value]:
            yield _IN_WORDS[word].format(what=what)


def _facts(case: Case) -> str:
    told = list(_measures_in_words(case))
    if case.found is Found.NOTICE:
        told.append("It was reported to us.")
    elif case.found is Found.TRUSTED_FLAGGER:
        told.append("It was reported to us by a trusted flagger.")
    if case.rules:
        told.append(f"Our automated rules found: {'; '.join(case.rules)}.")
    if case.decided_by_person:
        told.append("A moderator looked at it and decided.")
    else:
        told.append("The decision was taken automatically.")
    told += [f"It breaks our policy: {policy.title}." for policy in case.policies]
    return " ".join(told)
