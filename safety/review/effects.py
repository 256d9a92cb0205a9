"""Effects: what follows from a resolution, as values; whoever settles it writes them."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from safety.domain.conduct import Restriction, Strike
from safety.domain.labels import Label
from safety.domain.messages import Message
from safety.domain.policies import Policy, Rung
from safety.domain.reviews import Act, Action, Item, Resolution
from safety.store.audit import AuditEvent

_DAY = 24 * 60 * 60.0
# A confirmed offence is remembered for a month; a clean look only spares the actor a few days.
CONFIRMED_LASTS = 30 * _DAY
REVIEWED_LASTS = 3 * _DAY
# What marks an actor for whom something holds; rules read these as any other label.
_STANDING = {
    Action.WARN: "warned",
    Action.LIMIT: "limited",
    Action.SUSPEND: "suspended",
    Action.BAN: "banned",
}


@dataclass(frozen=True, slots=True)
class Conduct:
    """What a resolution adds to an actor's record. `rung` is the step that the points reached.

    `held` is one that they reached and that a second person has to agree to first.
    """

    strikes: tuple[Strike, ...]
    restrictions: tuple[Restriction, ...]
    points: int
    rung: Rung | None
    held: Rung | None = None


def labels_of(item: Item, resolution: Resolution, at: float) -> tuple[Label, ...]:
    """The marks that a resolution leaves on the actor when it takes effect at this moment."""
    return tuple(_label(item, resolution, act, at) for act in resolution.every_act)


def _label(item: Item, resolution: Resolution, act: Act, at: float) -> Label:
    name, lasts = _mark(act)
    return Label(
        entity=("actor.id", item.actor_id),
        name=name,
        author=resolution.moderator,
        reason=f"{act.action.value} of {item.id}",
        created_at=at,
        expires_at=None if lasts is None else at + lasts,
    )


def _mark(act: Act) -> tuple[str, float | None]:
    """A label's name, and for how long it is set."""
    if act.action is Action.KEEP:
        return "reviewed_ok", REVIEWED_LASTS
    if act.action is Action.LABEL:
        return act.label, act.lasts
    if act.action is Action.REMOVE:
        return f"confirmed_{(act.policy or 'other').partition('.')[0]}", CONFIRMED_LASTS
    return _STANDING[act.action], CONFIRMED_LASTS if act.action is Action.WARN else act.lasts


def conduct_of(
    item: Item,
    resolution: Resolution,
    *,
    at: float,
    points: int,
    policies: Mapping[str, Policy],
    ladder: Sequence[Rung],
    drastic: Collection[Action],
    ids: Sequence[str],
) -> Conduct:
    """What a resolution adds to the record of an actor who had so many points.

    A step of the ladder that is `drastic` is held, unless the resolution itself goes as far. `ids`
    names what is made, in order, and has more than there are acts and policies together.
    """
    fresh = iter(ids)
    gives = () if resolution.is_step else resolution.every_act
    cited = dict.fromkeys(act.policy for act in gives if act.action.needs_policy)
    weights = [(name, policies[name].strike) for name in cited if name and name in policies]
    about = (item.tenant, item.actor_id, resolution.id)
    strikes = tuple(
        Strike(next(fresh), *about, name, weight.points, at, at + weight.lasts)
        for name, weight in weights
        if weight is not None
    )
    total = points + sum(strike.points for strike in strikes)
    rung = reached(ladder, points, total)
    acts = [act for act in resolution.every_act if act.action.restricts]
    adds = rung is not None and _adds(rung, resolution.every_act)
    held = rung if rung is not None and adds and Action(rung.action) in drastic else None
    if rung is not None and adds and held is None:
        acts.append(Act(Action(rung.action), resolution.policy, lasts=rung.lasts))
    restrictions = tuple(
        Restriction(next(fresh), *about, act.action, act.policy, at, _end(act, at))
        for act in acts
        if act.action.restricts
    )
    return Conduct(strikes, restrictions, total, None if held else rung, held)


def reached(ladder: Iterable[Rung], before: int, after: int) -> Rung | None:
    """The highest step that these points reach and the points before did not."""
    new = [rung for rung in ladder if before < rung.points <= after]
    return max(new, key=lambda rung: rung.points, default=None)


def _adds(rung: Rung, acts: Sequence[Act]) -> bool:
    """Whether a step is more than what somebody decided anyway."""
    return all(Action(rung.action).rank > act.action.rank for act in acts if act.action.restricts)


def _end(act: Act, at: float) -> float | None:
    return None if act.lasts is None else at + act.lasts


def message_of(
    item: Item,
    resolution: Resolution,
    event_id: str,
    *,
    message_id: str,
    at: float,
    conduct: Conduct,
) -> Message:
    """What the platform is told: ids and the outcome, never content (Standard Webhooks, thin).

    `message` is our own text for the affected user.
    """
    rung = conduct.rung
    body = _about(item, event_id) | {
        "resolution_id": resolution.id,
        "action": resolution.action.value,
        "policy": resolution.policy,
        "actions": [_told(act, at) for act in resolution.every_act],
        "message": resolution.message,
        "automated": resolution.automated,
        "strikes": {
            "given": sum(strike.points for strike in conduct.strikes),
            "points": conduct.points,
            "step": None if rung is None else {"action": rung.action, "until": _until(rung, at)},
        },
    }
    return _message("item.resolved", item, body, message_id, at)


def reversal_of(
    item: Item,
    resolution: Resolution,
    event_id: str,
    *,
    message_id: str,
    at: float,
    ended: Sequence[Restriction],
) -> Message:
    """What the platform is told when a resolution `reverses` another: what no longer holds."""
    body = _about(item, event_id) | {
        "resolution_id": resolution.id,
        "reverses": resolution.reverses,
        "ended": [each.action.value for each in ended],
    }
    return _message("item.reversed", item, body, message_id, at)


def ending_of(restriction: Restriction, message_id: str, at: float) -> Message:
    """What the platform is told when a restriction is over by itself."""
    body = {
        "actor_id": restriction.actor_id,
        "resolution_id": restriction.resolution_id,
        "action": restriction.action.value,
    }
    return _message("restriction.ended", restriction, body, message_id, at)


def audit_of(item: Item, resolution: Resolution, action: str = "item.resolved") -> AuditEvent:
    """Who decided what about which item. The note is personal data and stays out of the log."""
    details = {
        "resolution": resolution.id,
        "decision": item.decision_id,
        "tenant": resolution.tenant,
        "action": resolution.action.value,
        "policy": resolution.policy,
    }
    if len(resolution.acts) > 1:
        details["actions"] = ",".join(act.action.value for act in resolution.acts)
    if resolution.batch:
        details["batch"] = resolution.batch
    return AuditEvent(
        at=resolution.resolved_at,
        author=resolution.moderator,
        action=action,
        subject=item.id,
        details=json.dumps(details, separators=(",", ":")).encode(),
    )


def _about(item: Item, event_id: str) -> dict[str, Any]:
    return {
        "item_id": item.id,
        "decision_id": item.decision_id,
        "event_id": event_id,
        "event_type": item.event_type,
        "actor_id": item.actor_id,
    }


def _told(act: Act, at: float) -> dict[str, str | None]:
    end = _end(act, at)
    told = {"action": act.action.value, "policy": act.policy}
    told |= {"until": None if end is None else rfc3339(end)}
    return told | ({"label": act.label} if act.label else {})


def _until(rung: Rung, at: float) -> str | None:
    return None if rung.lasts is None else rfc3339(at + rung.lasts)


def _message(
    kind: str, about: Item | Restriction, data: Mapping[str, Any], message_id: str, at: float
) -> Message:
    return notice_of(kind, about.tenant, about.actor_id, data, message_id=message_id, at=at)


def notice_of(
    kind: str, tenant: str, subject: str, data: Mapping[str, Any], *, message_id: str, at: float
) -> Message:
    """A message to the platform about somebody: ids and the outcome, never content."""
    body = {"type": kind, "timestamp": rfc3339(at), "data": data}
    return Message(
        id=message_id,
        tenant=tenant,
        kind=kind,
        body=json.dumps(body, separators=(",", ":")).encode(),
        created_at=at,
        due_at=at,
        subject=subject,
    )


def rfc3339(at: float) -> str:
    """Unix seconds as RFC 3339 in UTC with milliseconds."""
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return moment.removesuffix("+00:00") + "Z"
