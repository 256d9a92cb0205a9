"""Threads: what was said before and after an item in its conversation, as the platform names it."""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import Connection

from safety.domain.reviews import Item, Reviewer
from safety.review.asked import judged_anew
from safety.review.glance import glance, read_event
from safety.review.room import Room
from safety.review.values import Said, Thread
from safety.store import rechecks, searching, threads

# What somebody says about something is not said there.
_ABOUT: Final = frozenset({"report"})
_MESSAGE, _ACCOUNT = "message", "account"


def threads_of(event: Mapping[str, Any]) -> tuple[str, ...]:
    """The threads that an event belongs to, each by a name that tells nothing.

    That is the thread that the platform names. Without one it is what the text is said about
    together with what is said about the text, or between two accounts all that they write to each
    other.
    """
    return tuple(dict.fromkeys(map(_name, _threads(event))))


def is_said(event: Mapping[str, Any]) -> bool:
    """Whether an event carries a text that others may read where it belongs."""
    return event.get("type") not in _ABOUT and bool(_text(event, "content", "text"))


def thread_of(
    connection: Connection,
    room: Room,
    item: Item,
    event: Mapping[str, Any],
    who: Reviewer,
    *,
    most: int,
) -> Thread:
    """What was said around an item, up to `most` texts on each side; nothing where it is alone."""
    names = threads_of(event)
    here = searching.place_of(connection, item.decision_id) if names else None
    if here is None:
        return Thread()
    # One more than is shown tells whether there are more.
    before, after = threads.around(connection, item.tenant, names, here, most=most + 1)
    if not before and not after:
        return Thread()
    texts = threads.texts_at(connection, [*before[-most:], here, *after[:most]])
    anew = judged_anew(connection, item.tenant, [text.decision_id for text in texts], who)
    seen = _visible(connection, room, [text.item_id for text in texts if text.item_id], who)
    return Thread(
        rows=tuple(_said(text, here, seen, anew) for text in texts),
        before=len(before[-most:]),
        after=len(after[:most]),
        is_more_before=len(before) > most,
        is_more_after=len(after) > most,
    )


def _said(text: threads.Text, here: int, seen: frozenset[str], anew: frozenset[str]) -> Said:
    event = read_event(text.event)
    is_this = text.sequence == here
    return Said(
        item_id=text.item_id if text.item_id in seen and not is_this else None,
        actor_id=text.actor_id,
        actor_name=_text(event, "actor", "name"),
        event_type=text.event_type,
        verdict=None if is_this or text.decision_id in anew else text.verdict,
        at=text.decided_at,
        text=glance(event),
        is_this=is_this,
    )


def _visible(
    connection: Connection, room: Room, item_ids: list[str], who: Reviewer
) -> frozenset[str]:
    """Those of these items that this person may look at."""
    hidden = room.hidden(connection, who)
    queues = searching.queues_of(connection, item_ids) if item_ids else {}
    open_ones = {each for each, queue in queues.items() if queue not in hidden}
    return frozenset(open_ones - rechecks.kept_from(connection, who.name, open_ones))


def _threads(event: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    thread, target = _text(event, "content", "thread_id"), _text(event, "target", "id")
    if thread:
        yield "thread", thread
        return
    is_letter = event.get("type") == _MESSAGE and _text(event, "target", "kind") == _ACCOUNT
    if is_letter and target:
        yield "between", *sorted((_text(event, "actor", "id"), target))
        return
    for named in (target, _text(event, "content", "id")):
        if named:
            yield "about", named


def _name(parts: tuple[str, ...]) -> str:
    return blake2b("\n".join(parts).encode(errors="replace"), digest_size=12).hexdigest()


def _text(event: Mapping[str, Any], part: str, name: str) -> str:
    inner = event.get(part)
    value = inner.get(name) if isinstance(inner, dict) else None
    return value if isinstance(value, str) else ""
