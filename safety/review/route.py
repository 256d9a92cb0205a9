"""Routing: whether a person should look at a decision, in which queue, and how soon."""

from collections.abc import Sequence

from safety.domain.decisions import NewItem
from safety.domain.features import EventType
from safety.domain.rules import Fired
from safety.domain.verdicts import Severity, Verdict

# The reason of an item that no rule asked for: a model's or a test value's verdict held the event.
HELD = "HELD"


def route(
    event_type: EventType, fired: Sequence[Fired], verdict: Verdict, *, item_id: str
) -> NewItem | None:
    """The item that a decision gives rise to, or None when nobody needs to look.

    A live rule may name a queue whatever the verdict is (publish, but look); a held event always
    waits for a person, in the queue of its type unless a rule names another. The most severe rule
    speaks first. Shadow rules are never obeyed.
    """
    live = sorted((f for f in fired if f.is_live), key=_urgency, reverse=True)
    queue = next((f.rule.queue for f in live if f.rule.queue), None)
    if queue is None and verdict is not Verdict.HOLD:
        return None
    # A rule that lifts verdicts says why nothing is wrong: it neither explains nor raises an item.
    worst = next((f.rule for f in live if not f.rule.override), None)
    return NewItem(
        id=item_id,
        queue=queue or event_type.queue,
        severity=worst.severity if worst else Severity.MEDIUM,
        reason=worst.reason if worst else HELD,
    )


def _urgency(fired: Fired) -> tuple[int, Verdict]:
    return fired.rule.severity.rank, fired.verdict
