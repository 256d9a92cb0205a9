"""What the desk's templates are given: views of the desk in the words of the pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from safety.domain.access import Permission, StaffSession
from safety.domain.policies import Policy
from safety.domain.queues import Filter
from safety.domain.reviews import Action, Resolution
from safety.review.evidence import WordSeen
from safety.review.values import ItemView, QueuePage
from safety.text.links import find_links
from safety.web.desk_answers import who_is
from safety.web.desk_preferences import Preferences, Veil, preferences_of
from safety.web.inert import Mark, pieces, runs
from safety.web.services import Services

# Nobody reads more before deciding, and a browser takes seconds over what is made to be slow.
LONGEST_SHOWN = 10_000
_HOUR, _DAY = 3600, 86_400
LENGTHS = (
    (_HOUR, "1 hour"), (_DAY, "1 day"), (3 * _DAY, "3 days"), (7 * _DAY, "7 days"),
    (30 * _DAY, "30 days"), (365 * _DAY, "a year"),
)  # fmt: skip
DELAYS = ((_HOUR, "1 hour"), (6 * _HOUR, "6 hours"), (_DAY, "1 day"), (3 * _DAY, "3 days"))
SNOOZES = (
    (_HOUR, "1 hour"), (4 * _HOUR, "4 hours"), (_DAY, "a day"), (3 * _DAY, "3 days"),
    (7 * _DAY, "a week"),
)  # fmt: skip
# What the full form offers, in the order in which people think of it. To keep has its own button.
_OFFERED = (
    Action.REMOVE, Action.WARN, Action.LIMIT, Action.SUSPEND, Action.BAN, Action.LABEL,
)  # fmt: skip
_LINK_WORDS = {"net.ip": "address", "device.id": "device", "content.fingerprint": "text"}
_BAND_WORDS = {"critical": "crit", "high": "high", "medium": "med", "low": "low"}

# Of a thread, beside the list and on the item's own page, on each side.
_NEAREST_TEXTS, _WHOLE_THREAD = 3, 50
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


@dataclass(frozen=True, slots=True)
class Chip:
    """One part of the filter in force, and the address of the list without it."""

    text: str
    without: str


def queue_context(
    services: Services, session: StaffSession, page: QueuePage, *, page_size: int
) -> dict[str, Any]:
    """The list, and the first item of it as if somebody had opened it."""
    who, view = who_is(session), page.filter
    first = next((row.item.id for row in page.rows if not row.holder), None)
    first = first or next((row.item.id for row in page.rows), None)
    context = item_context(services, session, first, view) if first else _nothing(session, view)
    queues = services.review.queues.overview(who)
    title = next((each.title or each.name for each in queues if each.name == view.queue), "")
    return context | {
        "page": page,
        "page_size": page_size,
        "next_query": urlencode(view.query() | {"after": page.next_after or ""}),
        "queues": queues,
        "saved": services.review.filters.of(who),
        "chips": _chips(view),
        "title": title or view.queue or "All queues",
        "at": first,
    }


def item_context(
    services: Services, session: StaffSession, item_id: str, view: Filter, *, alone: bool = False
) -> dict[str, Any]:
    """One item. `alone`: with everything that was recorded, as on its own page."""
    texts = _WHOLE_THREAD if alone else _NEAREST_TEXTS
    shown = services.review.items.open(item_id, who_is(session), texts=texts)
    preferences = preferences_of(services, session)
    seen = shown.view
    is_hard = shown.is_veiled or _is_hard(seen, services.policies())
    marks = _marks(seen)
    text = (seen.text or "")[:LONGEST_SHOWN]
    return form_context(services, session, view, suggested=seen.suggested or "") | {
        "shown": shown,
        "alone": alone,
        "actor": shown.actor,
        "catalogue": services.review.room.catalogue(),
        "text_runs": runs(pieces(text, marks, find_links(text))),
        "has_marks": bool(marks),
        "shown_of_text": LONGEST_SHOWN,
        "veiled": preferences.veil is Veil.ALL or (is_hard and preferences.veil is Veil.HARD),
        "actions": [each for each in _OFFERED if each in shown.actions],
        "preferences": preferences,
    }


def form_context(
    services: Services, session: StaffSession, view: Filter, *, suggested: str = ""
) -> dict[str, Any]:
    """What the form needs in which everything can be decided."""
    return around(session, view) | {
        "policies": dict(_suggested_first(services.policies(), suggested)),
        "suggested": suggested,
        "actions": _OFFERED,
        "grace": services.review.undo_seconds,
        "note": "",
        "problem": "",
        "lengths": LENGTHS,
        "delays": DELAYS,
        "snoozes": SNOOZES,
    }


def around(session: StaffSession, view: Filter) -> dict[str, Any]:
    """What every page about items or accounts needs."""
    query = view.query()
    return {
        "back": f"?{urlencode(query)}" if query else "",
        "may_lead": session.may(Permission.LEAD),
        "may_rule": session.may(Permission.RULES),
        "whole": False,
        "link_words": _LINK_WORDS,
        "band_words": _BAND_WORDS,
    }


def _nothing(session: StaffSession, view: Filter) -> dict[str, Any]:
    plain = Preferences()
    return around(session, view) | {"shown": None, "preferences": plain, "policies": {}}


def _suggested_first(policies: Mapping[str, Policy], suggested: str) -> list[tuple[str, Policy]]:
    """The policies in their own order, the suggested one before all."""
    return sorted(policies.items(), key=lambda each: each[0] != suggested)


def _is_hard(view: ItemView, policies: Mapping[str, Policy]) -> bool:
    """Whether a policy that a rule cites says that it is hard to look at."""
    cited = [policies.get(rule.policy) for rule in view.evidence.rules if rule.is_live]
    return any(policy is not None and policy.is_veiled for policy in cited)


def _chips(view: Filter) -> list[Chip]:
    query = view.query()
    return [
        Chip(_chip_text(name, text), "/desk?" + urlencode(query | {name: ""}))
        for name, text in query.items()
        if name != "queue"
    ]


def _chip_text(name: str, text: str) -> str:
    plain = {"late": "late", "state": "put off", "least": f"{text} or worse"}
    return plain.get(name, f"{name.replace('_', ' ')} {text}")


def troubles(ruleset_error: str | None, problems: Mapping[str, str]) -> list[Trouble]:
    """What the banner says. A rule error is told once, with its place."""
    found = [Trouble(f"{name}: {text}") for name, text in problems.items() if text != ruleset_error]
    if ruleset_error:
        title = "The rule files have an error. The rules from before stay in force."
        found.insert(0, Trouble(title, ruleset_error))
    return found


def flash(services: Services, session: StaffSession, item_id: str) -> Flash | None:
    """What this moderator just decided about an item; None when that is not so."""
    rows = services.review.queues.rows([item_id], who_is(session)) if item_id else ()
    resolution = rows[0].resolution if rows else None
    if resolution is None or resolution.moderator != session.staff:
        return None
    return Flash(said_of(services, resolution), item_id)


def said_of(services: Services, resolution: Resolution) -> str:
    """What was decided, in one line."""
    done = ", ".join(act.action.past for act in resolution.every_act).capitalize()
    policy = services.policies().get(resolution.policy or "")
    cited = policy.title if policy else resolution.policy
    return f"{done}: {cited}." if cited else f"{done}."


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
