"""Routing: whether a person should look at a decision, in which queue, and how soon."""

from collections.abc import Sequence

from safety.domain.decisions import NewItem
from safety.domain.features import EventType
from safety.domain.rules import Fired
from safety.domain.verdicts import Severity, Verdict

SHADOW_QUEUE = "shadow"
_DAY = 86_400.0
# The reason of an item that no rule asked for: a model's or a test value's verdict held the event.
HELD = "HELD"


def route(
    event_type: EventType, fired: Sequence[Fired], verdict: Verdict, *, item_id: str
) -> NewItem | None:
    """The item that a decision gives rise to, or None when nobody needs to look.

    A live rule may name a queue whatever the verdict is (publish, but look); a held event always
    waits for a person, in the queue of its type unless a rule names another. The most severe rule
    speaks first. Shadow rules are never obeyed, and what a control took from a rule is its queue
    as well.
    """
    live = sorted((f for f in fired if f.is_live), key=_urgency, reverse=True)
    queue = next((f.rule.queue for f in live if f.rule.queue and f.control is None), None)
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


class Sampling:
    """Takes matches that changed nothing into a queue of their own, so that people label them.

    The day is cut into `per_day` equal parts, and the first match of a rule in each part is taken:
    spread over the day, whatever arrives in one burst. One process takes so many.
    """

    def __init__(self, per_day: int) -> None:
        self._part = _DAY / per_day if per_day else 0.0
        self._taken: dict[str, int] = {}

    def item(self, fired: Sequence[Fired], at: float, *, item_id: str) -> NewItem | None:
        """An item for the first of these rules that is due, or None."""
        if not self._part:
            return None
        part = int(at // self._part)
        for one in fired:
            is_quiet = not one.is_live or one.control is not None
            if is_quiet and not one.rule.override and self._taken.get(one.rule.id) != part:
                self._taken[one.rule.id] = part
                return NewItem(item_id, SHADOW_QUEUE, Severity.LOW, one.rule.reason)
        return None
