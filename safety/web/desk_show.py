"""What the desk's templates are given: views of the desk in the words of the pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from safety.domain.policies import Policy
from safety.domain.reviews import Action
from safety.review.desk import Desk, ItemView, Waiting
from safety.review.evidence import WordSeen
from safety.text.links import find_links
from safety.web.inert import Mark, pieces, runs

# A text in which thousands of words are marked says nothing; the strongest reasons come first.
_MOST_MARKS = 200
# Of a model's words only those are marked that weigh at least this share of its heaviest one.
_WORTH_MARKING = 0.4


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that moderators should know is wrong; `place` is shown as it is laid out."""

    title: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Flash:
    """What was just decided."""

    text: str
    item: str
    tone: str = "good"


def queue_context(
    desk: Desk, waiting: Sequence[Waiting], queue: str, *, page_size: int
) -> dict[str, Any]:
    """The list of one queue, or of all when `queue` is empty."""
    queues = desk.queues()
    everything = sum(each.waiting for each in queues)
    here = next((each.waiting for each in queues if each.name == queue), 0)
    return {
        "queue": queue,
        "queues": queues,
        "everything": everything,
        "total": here if queue else everything,
        "waiting": waiting,
        "page_size": page_size,
        "next_page": _next_page(waiting, queue) if len(waiting) == page_size else "",
    }


def item_context(desk: Desk, view: ItemView, queue: str) -> dict[str, Any]:
    """One item."""
    marks = _marks(view)
    return {
        "view": view,
        "queue": queue,
        "left": sum(each.waiting for each in desk.queues() if queue in {"", each.name}),
        "catalogue": desk.catalogue(),
        "text_runs": runs(pieces(view.text or "", marks, find_links(view.text or ""))),
        "has_marks": bool(marks),
        "actor_name": str(dict(view.sent).get("actor.name", "")),
        "suggested": view.suggested,
    }


def troubles(ruleset_error: str | None, problems: Mapping[str, str]) -> list[Trouble]:
    """What the banner says. A rule error is told once, with its place."""
    found = [Trouble(f"{name}: {text}") for name, text in problems.items() if text != ruleset_error]
    if ruleset_error:
        title = "The rule files have an error. The rules from before stay in force."
        found.insert(0, Trouble(title, ruleset_error))
    return found


def flash(desk: Desk, policies: Mapping[str, Policy], item_id: str, moderator: str) -> Flash | None:
    """What this moderator just decided about an item; None when that is not so."""
    resolution = desk.resolution(item_id) if item_id else None
    if resolution is None or resolution.moderator != moderator:
        return None
    if resolution.action is Action.KEEP:
        return Flash("Kept.", item_id)
    policy = policies.get(resolution.policy or "")
    return Flash(f"Removed: {policy.title if policy else resolution.policy}.", item_id)


def _next_page(waiting: Sequence[Waiting], queue: str) -> str:
    query = {"queue": queue} if queue else {}
    return "/desk?" + urlencode(query | {"after": waiting[-1].item.id})


def _marks(view: ItemView) -> list[Mark]:
    """Why each word matters, rules before models; only those of rules that are obeyed."""
    rules = [
        Mark(start, end, rule.title)
        for rule in view.evidence.rules
        if rule.is_live
        for start, end in rule.spans
    ]
    words = [
        Mark(word.start, word.end, f"{model.name} {word.weight:+.2f}")
        for model in view.evidence.models
        for word in _heavy(model.words)
    ]
    return (rules + words)[:_MOST_MARKS]


def _heavy(words: Sequence[WordSeen]) -> list[WordSeen]:
    heaviest = max((word.weight for word in words), default=0.0)
    return [word for word in words if word.weight > 0 and word.weight >= _WORTH_MARKING * heaviest]
