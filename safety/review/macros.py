"""Macros: texts with gaps, for notes and for messages to users."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from safety.domain.policies import Policy
from safety.domain.reviews import Item

_GAP = re.compile(r"\{([a-z]{1,20})\}", re.ASCII)
_LONGEST_VALUE = 500


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its gaps, such as `{actor}`, filled. A gap that nobody knows stays as it is.

    What is filled in is shortened and loses line breaks; it is never read for gaps itself.
    """
    return _GAP.sub(lambda gap: _value(values, gap), text)


def values_for(
    item: Item, *, policy: Policy | None = None, until: float | None = None
) -> dict[str, str]:
    """What macros may mention of an item: `actor`, `event`, `policy`, `rule`, `until`, `item`."""
    return {
        "actor": item.actor_id,
        "event": item.event_type.replace("_", " "),
        "policy": policy.title if policy is not None else "",
        "rule": policy.text if policy is not None else "",
        "until": "" if until is None else datetime.fromtimestamp(until, UTC).date().isoformat(),
        "item": item.id,
    }


def _value(values: Mapping[str, str], gap: re.Match[str]) -> str:
    value = values.get(gap[1])
    return gap[0] if value is None else " ".join(value.split())[:_LONGEST_VALUE]
