"""Search: by id, address, device, handle, domain, copied text, or words of a text."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from sqlalchemy import Connection

from safety.domain.reviews import Reviewer
from safety.review.asked import judged_anew
from safety.review.glance import glance, read_event
from safety.review.indexing import plain_address, plain_name
from safety.review.room import Room
from safety.review.values import Found, Hit
from safety.store import items, ledger, searching, settling, sightings
from safety.store.engine import read
from safety.store.ledger import StoredDecision
from safety.store.sightings import DEVICE, DOMAIN, IP, NAME, TEXT
from safety.text.fold import fold
from safety.text.links import registrable

LONGEST_QUERY: Final = 200
_MOST_WORDS: Final = 12
_ID = re.compile(r"(dec|itm|res|batch)_[A-Za-z0-9_-]{1,80}", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{16}", re.ASCII)
_DOMAIN = re.compile(r"(?:https?://|hxxps?://)?([^\s/@:]+\.[^\s/@:]{2,})(?::\d+)?(?:/\S*)?")
_HANDLE = re.compile(r"@?\S{1,64}")
_WORD = re.compile(r"[^\W_]+")
_KINDS: Final = {
    "ip": IP,
    "device": DEVICE,
    "handle": NAME,
    "domain": DOMAIN,
    "hash": TEXT,
    "actor": "actor",
    "text": "text",
    "id": "id",
}
_CALLED: Final[Mapping[str, str]] = {kind: word for word, kind in _KINDS.items()}

_Numbered = tuple[int, StoredDecision, str]


@dataclass(frozen=True, slots=True)
class _Query:
    """What is looked for: the text, in which tenants, and behind which place."""

    text: str
    tenants: Sequence[str]
    before: int | None
    limit: int


@dataclass(frozen=True, slots=True)
class Search:
    """Finds decisions. What a text is taken for is tried in turn until something is found."""

    room: Room

    def __call__(
        self,
        text: str,
        who: Reviewer,
        *,
        tenant: str = "",
        before: int | None = None,
        limit: int = 50,
    ) -> Found:
        """What was decided about whatever this text names, the latest first.

        A prefix such as `ip:`, `handle:` or `text:` says what the text is. `before` is the
        `next_before` of the page before. Items of queues that this person may not see stay unnamed.
        """
        said = "".join(c for c in text[:LONGEST_QUERY] if c.isprintable()).strip()
        kinds, bare = _kinds_of(said)
        if not bare:
            return Found(said, "", (), None)
        with read(self.room.engine) as connection:
            tenants = [tenant] if tenant else searching.tenants(connection)
            query = _Query(bare, tenants, before, limit)
            for kind in kinds:
                found = _FINDERS.get(kind, _seen_with(kind))(connection, query)
                if found:
                    hits = self._hits(connection, found, who)
                    last = found[-1][0] if len(found) >= limit else None
                    return Found(said, _CALLED[kind], hits, last)
        return Found(said, _CALLED[kinds[-1]], (), None)

    def _hits(
        self, connection: Connection, found: Sequence[_Numbered], who: Reviewer
    ) -> tuple[Hit, ...]:
        hidden = self.room.hidden(connection, who)
        named = [decision.item_id for _, decision, _ in found if decision.item_id is not None]
        queues = searching.queues_of(connection, named)
        anew: frozenset[str] = frozenset()
        for tenant in {decision.tenant for _, decision, _ in found}:
            ids = [decision.id for _, decision, _ in found if decision.tenant == tenant]
            anew |= judged_anew(connection, tenant, ids, who)
        return tuple(
            Hit(
                decision_id=decision.id,
                item_id=_shown(decision.item_id, queues, hidden),
                tenant=decision.tenant,
                actor_id=decision.actor_id,
                event_type=decision.event_type,
                verdict=None if decision.id in anew else decision.verdict,
                decided_at=decision.decided_at,
                glance=glance(read_event(decision.event)),
                matched=matched,
            )
            for _place, decision, matched in found
        )


def _shown(item_id: str | None, queues: Mapping[str, str], hidden: frozenset[str]) -> str | None:
    """The item, if there is one in a queue that may be seen."""
    queue = queues.get(item_id or "")
    return item_id if queue is not None and queue not in hidden else None


def _kinds_of(said: str) -> tuple[tuple[str, ...], str]:
    """What a text may be, the likeliest first, and the text without a prefix."""
    prefix, colon, rest = said.partition(":")
    if colon and prefix.strip().lower() in _KINDS:
        return (_KINDS[prefix.strip().lower()],), rest.strip()
    kinds: list[str] = []
    if _ID.fullmatch(said):
        kinds.append("id")
    if _is_address(said):
        kinds.append(IP)
    if _HASH.fullmatch(said):
        kinds.append(TEXT)
    if _DOMAIN.fullmatch(said) and not _is_address(said):
        kinds.append(DOMAIN)
    if _HANDLE.fullmatch(said):
        kinds += [NAME, "actor", DEVICE]
    return (*kinds, "text"), said


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _by_id(connection: Connection, query: _Query) -> list[_Numbered]:
    """A decision, or the one behind an item, a resolution or a batch."""
    named = [query.text]
    item = items.get_item(connection, query.text)
    if item is not None:
        named = [item.decision_id]
    elif (resolution := settling.get(connection, query.text)) is not None:
        named = [resolution.decision_id]
    elif batch := settling.of_batch(connection, query.text):
        named = [each.decision_id for each in batch]
    places = [searching.place_of(connection, each) for each in named]
    return _at(connection, [place for place in places if place is not None], query, "id")


def _by_event_or_actor(connection: Connection, query: _Query) -> list[_Numbered]:
    for tenant in query.tenants if query.before is None else ():
        decision = ledger.find_event(connection, tenant, query.text)
        if decision is not None:
            place = searching.place_of(connection, decision.id)
            return _at(connection, [place] if place is not None else [], query, "event id")
    places = searching.of_actor(
        connection, query.text, query.tenants, before=query.before, limit=query.limit
    )
    return _at(connection, places, query, f"account {query.text}")


def _by_words(connection: Connection, query: _Query) -> list[_Numbered]:
    words = _WORD.findall(fold(query.text).text)[:_MOST_WORDS]
    if not words:
        return []
    places = searching.matching(
        connection, words, query.tenants, before=query.before, limit=query.limit
    )
    return _at(connection, places, query, " ".join(words))


def _seen_with(kind: str) -> Callable[[Connection, _Query], list[_Numbered]]:
    """Finds, for each actor that was seen with a value, their latest decision with it."""

    def find(connection: Connection, query: _Query) -> list[_Numbered]:
        value = _plain(kind, query.text)
        if not value:
            return []
        seen = {
            each.decision: each
            for each in sightings.of_value(
                connection, kind, value, query.tenants, before=query.before, limit=query.limit
            )
        }
        return [
            (place, decision, f"{_CALLED[kind]} {value}, {seen[place].seen} times")
            for place, decision in searching.decisions_at(connection, list(seen))
        ]

    return find


def _plain(kind: str, text: str) -> str:
    if kind == IP:
        return plain_address(text)
    if kind == NAME:
        return plain_name(text)
    if kind == DOMAIN:
        found = _DOMAIN.fullmatch(text)
        return registrable(found[1].lower()) or "" if found else ""
    return text


def _at(
    connection: Connection, places: Sequence[int], query: _Query, matched: str
) -> list[_Numbered]:
    before = query.before
    wanted = [place for place in places if before is None or place < before]
    found = searching.decisions_at(connection, wanted)
    return [(place, each, matched) for place, each in found if each.tenant in query.tenants]


_FINDERS: Final = {"id": _by_id, "actor": _by_event_or_actor, "text": _by_words}
