"""Triage: what can be said of an item before anybody looks at it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import sleep
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from safety.domain.queues import QueueSettings
from safety.domain.rechecks import RECHECKS
from safety.domain.reviews import Item
from safety.review.evidence import read_evidence
from safety.review.glance import read_event, written_text
from safety.review.priority import priority_of, raised
from safety.review.room import Room
from safety.store import desk_settings, ledger, likeness, triage
from safety.store.engine import read, write
from safety.store.ledger import StoredDecision
from safety.store.triage import Triaged
from safety.text.fingerprint import fingerprint
from safety.text.fold import fold
from safety.text.likeness import likeness as share_of
from safety.text.likeness import parts, signature

# Few at once, with a rest in between: while one thread writes, no decision becomes durable.
_AT_ONCE: Final = 10
_REST: Final = 0.003  # seconds
# Texts that share this much are copies: one judgement fits them all.
_ALIKE: Final = 0.5
_HORIZON: Final = 14 * 86_400.0
_LONGEST_LANGUAGE: Final = 16


class _Read(NamedTuple):
    """What is known of an item; `signed` is kept when nothing like it was known before."""

    item: Item
    found: Triaged
    signed: bytes | None = None


class _Company:
    """The items that are looked through together: they may be copies of each other."""

    def __init__(self, connection: Connection, new: Sequence[Item]) -> None:
        found = ledger.get_all(connection, {item.decision_id for item in new})
        self._connection = connection
        self.decisions = found
        self.events = {i: read_event(decision.event) for i, decision in found.items()}
        # Rechecks are alone: nobody decides one along with others.
        texts = {
            item.id: fold(written_text(self.events.get(item.decision_id, {})) or "").text
            for item in new
            if item.kind not in RECHECKS
        }
        self._texts = texts
        self._marks = {item_id: fingerprint(text) or "" for item_id, text in texts.items()}
        keys = {(item.tenant, self._marks.get(item.id, "")) for item in new}
        self._known = {key: key[1] for key in likeness.clusters_among(connection, keys)}
        self._signed: dict[str, list[tuple[bytes, str]]] = {}

    def cluster(self, item: Item) -> tuple[str, bytes | None]:
        """The cluster of what is alike, or one of its own with the signature that stands for it.

        A cluster is named by the fingerprint of its first text, so exact copies are known by name.
        """
        mark = self._marks.get(item.id, "")
        key = (item.tenant, mark)
        if not mark or key in self._known:
            return self._known.get(key, ""), None
        signed = signature(self._texts[item.id])
        if signed is None:
            return mark, None
        since = item.created_at - _HORIZON
        near = likeness.candidates(self._connection, item.tenant, parts(signed), since=since)
        beside = self._signed.setdefault(item.tenant, [])
        alike = [(share_of(signed, other), name) for other, name in (*near, *beside) if name]
        best = max(alike, default=(0.0, ""))
        self._known[key] = best[1] if best[0] >= _ALIKE else mark
        beside.append((signed, self._known[key]))
        return self._known[key], signed


@dataclass(frozen=True, slots=True)
class Triage:
    """Finds out priority, due time, language and copies of items, once for each."""

    room: Room

    def run(self) -> int:
        """Look through what is new and raise what is late; how many items that were."""
        done = 0
        while batch := self._round():
            done += batch
            sleep(_REST)
        return done + self._raise_late()

    def _round(self) -> int:
        with read(self.room.engine) as connection:
            new = triage.new(connection, limit=_AT_ONCE)
            if not new:
                return 0
            settings = desk_settings.all_settings(connection)
            company = _Company(connection, new)
            readings = [_read(item, settings, company) for item in new]
        at = self.room.clock()
        with write(self.room.engine, is_redone=True) as connection:
            put = triage.put(connection, [each.found for each in readings], at)
            for item, _, signed in readings:
                if signed is not None and item.id in put:
                    likeness.add(connection, item.tenant, item.id, signed, parts(signed))
        return len(readings)

    def _raise_late(self) -> int:
        at = self.room.clock()
        with read(self.room.engine) as connection:
            late = triage.late(connection, at, limit=_AT_ONCE)
        if not late:
            return 0
        with write(self.room.engine) as connection:
            for item in late:
                promised = (item.due_at or at) - item.created_at
                triage.raise_band(connection, item.id, *raised(item, promised))
        return len(late)


def _read(item: Item, settings: Mapping[str, QueueSettings], company: _Company) -> _Read:
    decision = company.decisions.get(item.decision_id)
    event = company.events.get(item.decision_id, {})
    evidence = read_evidence(decision.signals if decision else b"[]", _scores(decision))
    priority = priority_of(item, event, evidence)
    queue = settings.get(item.queue) or QueueSettings(item.queue)
    cluster, signed = company.cluster(item)
    found = Triaged(
        item_id=item.id,
        band=priority.band,
        why=priority.why,
        due_at=item.created_at + queue.sla[priority.band],
        language=_language(event),
        policy=next((rule.policy for rule in evidence.rules if rule.is_live), ""),
        cluster=cluster,
    )
    return _Read(item, found, signed)


def _scores(decision: StoredDecision | None) -> list[dict[str, Any]]:
    """The scores that were answered, without their words: nobody reads them yet."""
    answer = json.loads(decision.answer) if decision is not None else {}
    scores, models = answer.get("scores") or {}, answer.get("models") or {}
    return [
        {"source": "model", "name": name, "version": models.get(name, ""), "score": score}
        for name, score in scores.items()
    ]


def _language(event: Mapping[str, Any]) -> str:
    content = event.get("content")
    tag = content.get("language") if isinstance(content, dict) else None
    return tag[:_LONGEST_LANGUAGE] if isinstance(tag, str) and tag.isprintable() else ""
