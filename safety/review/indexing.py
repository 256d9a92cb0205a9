"""Indexing: what is found by a search is read from the ledger, behind the decisions' backs."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from time import sleep
from typing import Any, Final

from safety.review.glance import read_event, written_text
from safety.review.room import Room
from safety.review.thread import is_said, threads_of
from safety.store import searching, sightings, threads
from safety.store.engine import read, write
from safety.store.searching import Told
from safety.store.sightings import DEVICE, DOMAIN, IP, NAME, TEXT, Sighting
from safety.text.fingerprint import fingerprint
from safety.text.fold import fold
from safety.text.links import find_links

# Few at once, with a rest in between: while one thread writes, no decision becomes durable.
_AT_ONCE: Final = 25
_REST: Final = 0.003  # seconds
_LONGEST_VALUE: Final = 200
_MOST_DOMAINS: Final = 5
_LONGEST_WORDS: Final = 4000  # characters of a text: whoever searches quotes its beginning
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Indexing:
    """Keeps up with the ledger. Of several processes one does each piece, whichever is first."""

    room: Room
    kept_for: float = 90 * 86_400.0

    def run(self, *, timer: Callable[[], float], at_most: float = 0.1) -> int:
        """Index new decisions for about this many seconds; how many.

        `timer` answers seconds that never go back. The rest of the time belongs to others.
        """
        began = timer()
        done = 0
        while batch := self._round():
            done += batch
            if timer() - began >= at_most:
                break
            sleep(_REST)
        return done

    def tidy(self) -> int:
        """Forget old texts, and leave no word behind of those that were erased; how many steps."""
        at, steps = self.room.clock(), 0
        with write(self.room.engine) as connection:
            steps += searching.forget(connection, at - self.kept_for, limit=_AT_ONCE)
            if not searching.is_untidy(connection):
                return steps
        while self._tidy_step():
            steps += 1
        with write(self.room.engine) as connection:
            searching.note_tidied(connection)
        return steps

    def _tidy_step(self) -> bool:
        with write(self.room.engine) as connection:
            return searching.tidy(connection)

    def _round(self) -> int:
        at = self.room.clock()
        with read(self.room.engine) as connection:
            old = searching.reached(connection, searching.WORK)
            new = searching.newer(connection, old, at=at, limit=_AT_ONCE)
        if not new:
            return 0
        seen: dict[tuple[str, ...], Sighting] = {}
        texts: list[tuple[Told, str]] = []
        said: list[tuple[str, str, int]] = []
        for decision in new:
            event = read_event(decision.event)
            text = written_text(event) or ""
            folded = fold(text).text if text else ""
            if folded:
                texts.append((decision, " ".join(_WORD.findall(folded[:_LONGEST_WORDS]))))
                if is_said(event):
                    said += [
                        (decision.tenant, thread, decision.place) for thread in threads_of(event)
                    ]
            for kind, value in _values(event, text, folded):
                _merge(seen, _sighting(decision, kind, value))
        with write(self.room.engine, is_redone=True) as connection:
            if searching.advance(connection, searching.WORK, old, new[-1].place, at):
                searching.add(connection, texts)
                threads.add(connection, said)
                sightings.add(connection, seen.values())
        return len(new)


def _sighting(decision: Told, kind: str, value: str) -> Sighting:
    at = decision.decided_at
    return Sighting(decision.tenant, kind, value, decision.actor_id, at, at, 1, decision.place)


def _merge(seen: dict[tuple[str, ...], Sighting], new: Sighting) -> None:
    key = (new.tenant, new.kind, new.value, new.actor_id)
    old = seen.get(key)
    seen[key] = new if old is None else _both(old, new)


def _both(old: Sighting, new: Sighting) -> Sighting:
    return Sighting(
        old.tenant, old.kind, old.value, old.actor_id,
        min(old.first_at, new.first_at), max(old.last_at, new.last_at),
        old.seen + new.seen, max(old.decision, new.decision),
    )  # fmt: skip


def _values(event: Mapping[str, Any], text: str, folded: str) -> Iterator[tuple[str, str]]:
    """What the event's actor was seen with, as it is looked for."""
    for kind, part, name in ((IP, "net", "ip"), (DEVICE, "device", "id"), (NAME, "actor", "name")):
        value = _text(event, part, name)
        if value:
            yield kind, PLAIN[kind](value)
    mark = fingerprint(folded) if folded else None
    if mark is not None:
        yield TEXT, mark
    if text:
        domains = dict.fromkeys(link.domain for link in find_links(text))
        yield from ((DOMAIN, domain[:_LONGEST_VALUE]) for domain in list(domains)[:_MOST_DOMAINS])


def _text(event: Mapping[str, Any], part: str, name: str) -> str:
    inner = event.get(part)
    value = inner.get(name) if isinstance(inner, dict) else None
    return value if isinstance(value, str) else ""


@lru_cache(maxsize=4096)
def plain_address(text: str) -> str:
    """An IP address in the one way in which it is written here."""
    try:
        return ip_address(text.strip()).compressed
    except ValueError:
        return text.strip()[:_LONGEST_VALUE]


def plain_name(text: str) -> str:
    """A handle as it is looked for: without case, disguise and the sign before it."""
    return fold(text.strip().lstrip("@")[:_LONGEST_VALUE]).text


def _whole(value: str) -> str:
    """A value without half characters, which no database takes."""
    return value.encode(errors="replace").decode()


def _as_it_is(text: str) -> str:
    return text[:_LONGEST_VALUE]


# How a value of each kind is written in the index.
PLAIN: Final[Mapping[str, Callable[[str], str]]] = {
    IP: plain_address,
    DEVICE: _as_it_is,
    NAME: plain_name,
}
