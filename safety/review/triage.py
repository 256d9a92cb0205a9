"""Triage: what can be said of an item before anybody looks at it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

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

_AT_ONCE: Final = 25
# Texts that share this much are copies: one judgement fits them all.
_ALIKE: Final = 0.5
_HORIZON: Final = 14 * 86_400.0
_LONGEST_LANGUAGE: Final = 16


@dataclass(frozen=True, slots=True)
class _Read:
    """What is known of an item; `signed` is kept when nothing like it was known before."""

    item: Item
    found: Triaged
    signed: bytes | None = None


@dataclass(slots=True)
class _Company:
    """The items that are looked through together: they may be copies of each other."""

    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    signed: dict[str, list[tuple[bytes, str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Triage:
    """Finds out priority, due time, language and copies of items, once for each."""

    room: Room

    def run(self) -> int:
        """Look through what is new and raise what is late; how many items that were."""
        done = 0
        while batch := self._round():
            done += batch
        return done + self._raise_late()

    def _round(self) -> int:
        company = _Company()
        with read(self.room.engine) as connection:
            new = triage.new(connection, limit=_AT_ONCE)
            settings = desk_settings.all_settings(connection) if new else {}
            readings = [self._read(connection, item, settings, company) for item in new]
        if not readings:
            return 0
        at = self.room.clock()
        with write(self.room.engine) as connection:
            for each in readings:
                if triage.put(connection, each.found, at) and each.signed is not None:
                    item, signed = each.item, each.signed
                    likeness.add(connection, item.tenant, item.id, signed, parts(signed))
        return len(readings)

    def _read(
        self,
        connection: Connection,
        item: Item,
        settings: Mapping[str, QueueSettings],
        company: _Company,
    ) -> _Read:
        decision = ledger.get(connection, item.tenant, item.decision_id)
        event = read_event(decision.event) if decision is not None else {}
        evidence = read_evidence(decision.signals if decision else b"[]", _scores(decision))
        priority = priority_of(item, event, evidence)
        queue = settings.get(item.queue) or QueueSettings(item.queue)
        # Rechecks are alone: nobody decides one along with others.
        text = "" if item.kind in RECHECKS else written_text(event) or ""
        cluster, signed = self._cluster(connection, item, text, company)
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

    def _cluster(
        self, connection: Connection, item: Item, text: str, company: _Company
    ) -> tuple[str, bytes | None]:
        """The cluster of what is alike, or one of its own with the signature that stands for it.

        A cluster is named by the fingerprint of its first text, so exact copies are known by name.
        """
        folded = fold(text).text
        mark = fingerprint(folded) or ""
        key = (item.tenant, mark)
        if not mark or key in company.keys:
            return company.keys.get(key, ""), None
        if likeness.is_cluster(connection, item.tenant, mark):
            company.keys[key] = mark
            return mark, None
        signed = signature(folded)
        if signed is None:
            return mark, None
        since = item.created_at - _HORIZON
        near = likeness.candidates(connection, item.tenant, parts(signed), since=since)
        beside = company.signed.setdefault(item.tenant, [])
        alike = [(share_of(signed, other), name) for other, name in (*near, *beside) if name]
        best = max(alike, default=(0.0, ""))
        company.keys[key] = best[1] if best[0] >= _ALIKE else mark
        beside.append((signed, company.keys[key]))
        return company.keys[key], signed

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
