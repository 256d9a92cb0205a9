"""What a verdict or an act takes away, in the words of the Commission's database."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from safety.domain.reviews import Act, Action

# Events that publish something; stopping any other stops part of the service.
_CONTENT: Final = frozenset({"post", "comment", "message", "profile_update"})
# Not a restriction in the sense of Article 17: nobody's content or account is touched by it.
_NO_RESTRICTION: Final = frozenset({"signup", "login", "report"})
_REMOVED: Final = {"decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"]}
_DISABLED: Final = {"decision_visibility": ["DECISION_VISIBILITY_CONTENT_DISABLED"]}
_PARTIAL: Final = {"decision_provision": "DECISION_PROVISION_PARTIAL_SUSPENSION"}


def restricts(event_type: str) -> bool:
    """Whether stopping an event of this type is a restriction that needs reasons."""
    return event_type not in _NO_RESTRICTION


def of_block(event_type: str) -> dict[str, Any]:
    """What blocking an event takes away."""
    return dict(_DISABLED if is_content(event_type) else _PARTIAL)


def of_acts(acts: Iterable[Act], event_type: str, begins_at: float) -> dict[str, Any]:
    """What a resolution takes away; empty when it takes nothing away."""
    measures: dict[str, Any] = {}
    for act in acts:
        measures |= _of_act(act, event_type, begins_at)
    return measures


def is_content(event_type: str) -> bool:
    """Whether events of this type publish something."""
    return event_type in _CONTENT


def _of_act(act: Act, event_type: str, begins_at: float) -> Mapping[str, Any]:
    if act.action is Action.REMOVE:
        if not restricts(event_type):
            return {}
        return _REMOVED if is_content(event_type) else _PARTIAL
    if act.action is Action.LIMIT:
        return _PARTIAL | _ends("service", act, begins_at)
    if act.action is Action.SUSPEND:
        return {"decision_account": "DECISION_ACCOUNT_SUSPENDED"} | _ends("account", act, begins_at)
    if act.action is Action.BAN:
        return {"decision_account": "DECISION_ACCOUNT_TERMINATED"}
    return {}


def _ends(what: str, act: Act, begins_at: float) -> dict[str, str]:
    if act.lasts is None:
        return {}
    return {f"end_date_{what}_restriction": day_of(begins_at + act.lasts)}


def day_of(moment: float) -> str:
    """Unix seconds as a day of UTC, within what the database takes."""
    latest = datetime(2038, 1, 1, tzinfo=UTC).timestamp()
    return datetime.fromtimestamp(max(0.0, min(moment, latest)), UTC).date().isoformat()
