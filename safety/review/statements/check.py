"""Whether the database of the Commission would take a statement: its rules, before it is sent."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, Final

from safety.domain import statement_words as enums
from safety.review.statements.personal import personal_data

Statement = Mapping[str, Any]

# The database takes so many in one call.
MOST_PER_CALL: Final = 100
_PUID = re.compile(r"[A-Za-z0-9_-]{1,500}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LONGEST: Final[Mapping[str, int]] = {
    "decision_visibility_other": 500,
    "decision_monetary_other": 500,
    "category_specification_other": 500,
    "decision_ground_reference_url": 500,
    "illegal_content_legal_ground": 500,
    "illegal_content_explanation": 2000,
    "incompatible_content_ground": 500,
    "incompatible_content_explanation": 2000,
    "content_type_other": 500,
    "decision_facts": 5000,
    "source_identity": 500,
    "puid": 500,
}
_ONE_OF: Final[Mapping[str, Collection[str]]] = {
    "decision_monetary": enums.MONETARIES,
    "decision_provision": enums.PROVISIONS,
    "decision_account": enums.ACCOUNTS,
    "account_type": enums.ACCOUNT_TYPES,
    "decision_ground": enums.GROUNDS,
    "incompatible_content_illegal": enums.YES_NO,
    "category": enums.CATEGORIES,
    "content_language": enums.LANGUAGES,
    "source_type": enums.SOURCE_TYPES,
    "automated_detection": enums.YES_NO,
    "automated_decision": enums.AUTOMATED_DECISIONS,
}
_SOME_OF: Final[Mapping[str, Collection[str]]] = {
    "decision_visibility": enums.VISIBILITIES,
    "content_type": enums.CONTENT_TYPES,
    "category_addition": enums.CATEGORIES,
    "category_specification": enums.KEYWORDS,
    "territorial_scope": enums.EEA,
}
_REQUIRED: Final = (
    "decision_ground",
    "content_type",
    "category",
    "territorial_scope",
    "content_date",
    "application_date",
    "decision_facts",
    "source_type",
    "automated_detection",
    "automated_decision",
    "puid",
)
_RESTRICTIONS: Final = (
    "decision_visibility",
    "decision_monetary",
    "decision_provision",
    "decision_account",
)
_END_DATES: Final = tuple(
    f"end_date_{what}_restriction" for what in ("account", "monetary", "service", "visibility")
)
_EARLIEST: Final = {"content_date": date(2000, 1, 1), "application_date": date(2020, 1, 1)}
_LATEST: Final = date(2038, 1, 1)
# What a condition demands: a field, the value or element that demands it, and what is demanded.
_DEMANDS: Final = (
    ("decision_ground", "DECISION_GROUND_ILLEGAL_CONTENT", "illegal_content_legal_ground"),
    ("decision_ground", "DECISION_GROUND_ILLEGAL_CONTENT", "illegal_content_explanation"),
    ("decision_ground", "DECISION_GROUND_INCOMPATIBLE_CONTENT", "incompatible_content_ground"),
    ("decision_ground", "DECISION_GROUND_INCOMPATIBLE_CONTENT", "incompatible_content_explanation"),
    ("decision_visibility", "DECISION_VISIBILITY_OTHER", "decision_visibility_other"),
    ("decision_monetary", "DECISION_MONETARY_OTHER", "decision_monetary_other"),
    ("content_type", "CONTENT_TYPE_OTHER", "content_type_other"),
)
_FIELDS: Final = frozenset((*_LONGEST, *_ONE_OF, *_SOME_OF, *_REQUIRED, *_END_DATES, "content_id"))


def problems_of(statement: Statement) -> tuple[str, ...]:
    """Why the database would refuse a statement, each as `field: why`; empty when it would not.

    Fields that are null count as absent, as they do there. Personal data is refused here already:
    the database must not hold any, and looks for it only afterwards.
    """
    told = {name: value for name, value in statement.items() if value is not None}
    found = [
        *_unknown(told),
        *_missing(told),
        *_out_of_words(told),
        *_too_long(told),
        *_bad_dates(told),
        *_personal(told),
    ]
    return tuple(found)


def _unknown(told: Statement) -> Iterator[str]:
    for name in sorted(set(told) - _FIELDS):
        yield f"{name}: there is no such field"


def _missing(told: Statement) -> Iterator[str]:
    for name in _REQUIRED:
        if not told.get(name):
            yield f"{name}: is required"
    if not any(told.get(name) for name in _RESTRICTIONS):
        yield f"decision_visibility: one of {', '.join(_RESTRICTIONS)} is required"
    for name, value, demanded in _DEMANDS:
        if _holds(told.get(name), value) and not told.get(demanded):
            yield f"{demanded}: is required where {name} is {value}"


def _holds(value: object, word: str) -> bool:
    return word in value if isinstance(value, list | tuple) else value == word


def _out_of_words(told: Statement) -> Iterator[str]:
    for name, words in _ONE_OF.items():
        if name in told and not (isinstance(told[name], str) and told[name] in words):
            yield f"{name}: is not one of the words that are taken"
    for name, some in _SOME_OF.items():
        if name not in told:
            continue
        value = told[name]
        if not isinstance(value, list | tuple):
            yield f"{name}: is not a list"
        elif not all(isinstance(each, str) and each in some for each in value):
            yield f"{name}: holds something that is not one of the words that are taken"
    if "puid" in told and not (isinstance(told["puid"], str) and _PUID.fullmatch(told["puid"])):
        yield "puid: takes up to 500 letters of ASCII, digits, hyphens and underscores"


def _too_long(told: Statement) -> Iterator[str]:
    for name, most in _LONGEST.items():
        if name not in told:
            continue
        if not isinstance(told[name], str):
            yield f"{name}: is not a text"
        elif len(told[name]) > most:
            yield f"{name}: has {len(told[name])} characters, {most} are taken"


def _bad_dates(told: Statement) -> Iterator[str]:
    begins = _day(told.get("application_date"))
    for name in ("content_date", "application_date", *_END_DATES):
        if name not in told:
            continue
        day = _day(told[name])
        if day is None:
            yield f"{name}: is not a date as in 2026-01-31"
        elif not _EARLIEST.get(name, date.min) <= day <= _LATEST:
            yield f"{name}: lies outside of what is taken"
        elif name in _END_DATES and begins is not None and day < begins:
            yield f"{name}: lies before application_date"


def _day(text: object) -> date | None:
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _personal(told: Statement) -> Iterator[str]:
    for name in sorted(_LONGEST.keys() - {"puid", "decision_ground_reference_url"}):
        value = told.get(name)
        kind = personal_data(value) if isinstance(value, str) else None
        if kind is not None:
            yield f"{name}: looks as if it held {kind}"
