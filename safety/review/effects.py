"""Effects: what follows from a resolution, as values; the desk writes them in its transaction."""

import json
from datetime import UTC, datetime

from safety.domain.labels import Label
from safety.domain.reviews import Action, Item, Resolution
from safety.store.audit import AuditEvent
from safety.store.outbox import Message

_DAY = 24 * 60 * 60.0
# A confirmed offence is remembered for a month; a clean look only spares the actor a few days.
CONFIRMED_LASTS = 30 * _DAY
REVIEWED_LASTS = 3 * _DAY


def label_of(item: Item, resolution: Resolution) -> Label:
    """The mark that a resolution leaves on the actor: `confirmed_spam` or `reviewed_ok`."""
    if resolution.action is Action.REMOVE:
        name = f"confirmed_{(resolution.policy or 'other').partition('.')[0]}"
        lasts = CONFIRMED_LASTS
    else:
        name, lasts = "reviewed_ok", REVIEWED_LASTS
    return Label(
        entity=("actor.id", item.actor_id),
        name=name,
        author=resolution.moderator,
        reason=f"{resolution.action.value} of {item.id}",
        created_at=resolution.resolved_at,
        expires_at=resolution.resolved_at + lasts,
    )


def message_of(item: Item, resolution: Resolution, event_id: str, message_id: str) -> Message:
    """What the platform is told: ids and the outcome, never content (Standard Webhooks, thin)."""
    body = {
        "type": "item.resolved",
        "timestamp": _rfc3339(resolution.resolved_at),
        "data": {
            "item_id": item.id,
            "decision_id": item.decision_id,
            "event_id": event_id,
            "event_type": item.event_type,
            "resolution_id": resolution.id,
            "action": resolution.action.value,
            "policy": resolution.policy,
        },
    }
    return Message(
        id=message_id,
        tenant=item.tenant,
        kind="item.resolved",
        body=json.dumps(body, separators=(",", ":")).encode(),
        created_at=resolution.resolved_at,
        due_at=resolution.resolved_at,
        subject=item.actor_id,
    )


def audit_of(item: Item, resolution: Resolution) -> AuditEvent:
    """Who decided what about which item. The note is personal data and stays out of the log."""
    details = {
        "resolution": resolution.id,
        "decision": item.decision_id,
        "tenant": item.tenant,
        "action": resolution.action.value,
        "policy": resolution.policy,
    }
    return AuditEvent(
        at=resolution.resolved_at,
        author=resolution.moderator,
        action="item.resolved",
        subject=item.id,
        details=json.dumps(details, separators=(",", ":")).encode(),
    )


def _rfc3339(at: float) -> str:
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return moment.removesuffix("+00:00") + "Z"
