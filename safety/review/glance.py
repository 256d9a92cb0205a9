"""A glance: what an event is about, in one line and in a table, read from the event as sent."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

_LONGEST_GLANCE = 240


def read_event(body: bytes) -> dict[str, Any]:
    """The event as it was sent. Its shape was checked when it came in."""
    event: dict[str, Any] = json.loads(body)
    return event


def written_text(event: Mapping[str, Any]) -> str | None:
    """The words somebody wrote, if the event carries any: its content, else the actor's bio."""
    text = _part(event, "content").get("text") or _part(event, "actor").get("bio")
    return text if isinstance(text, str) else None


def glance(event: Mapping[str, Any]) -> str:
    """The event in one line of at most 240 characters; empty when it says nothing."""
    text = written_text(event)
    if text:
        # Cut before the white space is folded, or a huge text would be folded whole.
        return " ".join(text[: 4 * _LONGEST_GLANCE].split())[:_LONGEST_GLANCE]
    told = [*_target(event), *_origin(event)]
    return ", ".join(told)[:_LONGEST_GLANCE]


def sent_values(event: Mapping[str, Any]) -> tuple[tuple[str, object], ...]:
    """Everything that was sent but the text, as `("actor.id", "u_17")`, in the order sent."""
    return tuple(
        (name, value) for name, value in _flat(event, "") if name not in {"content.text", "type"}
    )


def _part(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = event.get(name)
    return part if isinstance(part, dict) else {}


def _target(event: Mapping[str, Any]) -> Iterator[str]:
    target, report = _part(event, "target"), _part(event, "report")
    if "reason" in report:
        yield f"reported as {report['reason']}"
    if "id" in target:
        yield f"{target.get('kind', 'target')} {target['id']}"
    if "followers" in target:
        yield f"{target['followers']} followers"


def _origin(event: Mapping[str, Any]) -> Iterator[str]:
    actor, net = _part(event, "actor"), _part(event, "net")
    for value in (actor.get("name"), actor.get("email"), net.get("ip"), net.get("country")):
        if value is not None:
            yield str(value)


def _flat(part: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, object]]:
    for name, value in part.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
