"""What people said of decisions, desk and platform: the facts that models learn from."""

from dataclasses import dataclass

from sqlalchemy import Connection, Exists, and_, exists, func, select

from safety.domain.decisions import AmendmentKind
from safety.domain.rechecks import RecheckKind
from safety.domain.reviews import Action, ItemStatus
from safety.store.rechecks import is_no_trial
from safety.store.stored import StoredDecision, from_row, select_stored
from safety.store.tables import amendments, decisions, items, resolutions

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Resolved:
    """A decision with the resolution that stands, and the policy it cites."""

    decision: StoredDecision
    action: Action
    policy: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Reported:
    """A decision with the latest outcome that the platform reported; `body` is UTF-8 JSON."""

    decision: StoredDecision
    body: bytes
    at: float


def are_any(connection: Connection, since: float) -> bool:
    """Whether anybody resolved or reported anything since then."""
    given = (
        select(resolutions.c.id).where(resolutions.c.resolved_at >= since).limit(1),
        select(amendments.c.sequence)
        .where(amendments.c.kind == AmendmentKind.OUTCOME.value, amendments.c.at >= since)
        .limit(1),
    )
    return any(connection.execute(query).first() is not None for query in given)


def resolved(connection: Connection, since: float, until: float, *, limit: int) -> list[Resolved]:
    """Decisions that moderators resolved in this time, the latest first, each once.

    The latest resolution of a decision counts. Left out are decisions of which an item still waits
    (an appeal, or a second opinion), what was undone or done by no person, and golden items.
    """
    own = resolutions.alias()
    counts = and_(own.c.undone_at.is_(None), own.c.automated.is_(False), is_no_trial(own.c.item_id))
    newest = (
        select(own.c.decision_id, func.max(own.c.resolved_at).label("at"))
        .where(counts, own.c.resolved_at >= since, own.c.resolved_at < until)
        .group_by(own.c.decision_id)
        .subquery()
    )
    query = (
        select_stored()
        .add_columns(resolutions.c.action, resolutions.c.policy, resolutions.c.resolved_at)
        .join(newest, newest.c.decision_id == decisions.c.id)
        .join(
            resolutions,
            and_(
                resolutions.c.decision_id == newest.c.decision_id,
                resolutions.c.resolved_at == newest.c.at,
                resolutions.c.undone_at.is_(None),
                resolutions.c.automated.is_(False),
                is_no_trial(resolutions.c.item_id),
            ),
        )
        .where(~_waits())
        .order_by(resolutions.c.resolved_at.desc(), resolutions.c.id.desc())
        .limit(limit)
    )
    found: dict[str, Resolved] = {}
    for row in connection.execute(query):
        action, policy, at = row[-3:]
        found.setdefault(row.id, Resolved(from_row(row), Action(action), policy, at))
    return list(found.values())


def reported(connection: Connection, since: float, until: float, *, limit: int) -> list[Reported]:
    """Decisions whose outcome the platform reported in this time, the latest first, each once.

    Left out are decisions of which an item still waits.
    """
    query = (
        select_stored()
        .add_columns(amendments.c.body, amendments.c.at)
        .join(amendments, amendments.c.decision_id == decisions.c.id)
        .where(
            amendments.c.kind == AmendmentKind.OUTCOME.value,
            amendments.c.at >= since,
            amendments.c.at < until,
            ~_waits(),
        )
        .order_by(amendments.c.at.desc(), amendments.c.sequence.desc())
        .limit(limit)
    )
    found: dict[str, Reported] = {}
    for row in connection.execute(query):
        body, at = row[-2:]
        found.setdefault(row.id, Reported(from_row(row), bytes(body), at))
    return list(found.values())


def _waits() -> Exists:
    """Whether an item of the decision is open: an appeal that is pending, or another look."""
    return exists(
        select(items.c.id).where(
            items.c.decision_id == decisions.c.id,
            items.c.status == ItemStatus.OPEN.value,
            items.c.kind != RecheckKind.GOLDEN.value,
        )
    )
