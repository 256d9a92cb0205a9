"""A review desk with a real database and real pages, and items to look at, for tests."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from sqlalchemy import Engine, insert

from safety.accounts.staff import Staff
from safety.accounts.staff_values import SignedIn, Whence
from safety.domain.access import Member, Role
from safety.domain.accounts import Factor
from safety.domain.errors import NotFound
from safety.domain.features import Catalogue, EventType, Feature, Kind, Source
from safety.domain.labels import Label
from safety.domain.policies import Policy
from safety.domain.reviews import Action, Resolution
from safety.domain.verdicts import FailPolicy, Severity, Verdict
from safety.review.desk import Desk
from safety.store.engine import migrate, open_engine, write
from safety.store.tables import decisions, items
from safety.web.desk import desk_router
from safety.web.health import Health
from safety.web.limits import Limits
from tests.staff_parts import AUDIT_KEY as AUDIT_KEY  # noqa: PLC0414  desk tests ask for it here
from tests.staff_parts import a_staff

NOW = 1_795_366_800.0  # 2026-11-22T17:00:00Z
POLICIES = {
    "spam.commercial": Policy("spam.commercial", "Unwanted advertising", "", ""),
    "spam.scam": Policy("spam.scam", "Scams and phishing", "", ""),
    "integrity.fake_engagement": Policy(
        "integrity.fake_engagement", "Fake followers and likes", "", ""
    ),
    "abuse.harassment": Policy("abuse.harassment", "Harassment", "", ""),
}
CATALOGUE = Catalogue(
    features={
        name: Feature(name, kind, Source.DERIVED, "")
        for name, kind in {
            "actor.account_age": Kind.DURATION,
            "actor.created_at": Kind.TIME,
            "content.links": Kind.INT,
        }.items()
    },
    event_types={"comment": EventType("comment", FailPolicy.OPEN, "", "content")},
)


@dataclass(slots=True)
class Clock:
    """A clock that stands still until a test moves it."""

    at: float = NOW

    def __call__(self) -> float:
        return self.at


@dataclass(slots=True)
class House:
    """Everything a desk test touches."""

    engine: Engine
    clock: Clock
    labelled: list[tuple[str, Label]] = field(default_factory=list)
    ruleset_error: str | None = None
    problems: dict[str, str] = field(default_factory=dict)
    https: bool = False
    is_code_required: bool = True
    _staff: dict[tuple[bool, bool], Staff] = field(default_factory=dict)

    @property
    def staff(self) -> Staff:
        """The flows of staff, as this house has them set right now."""
        chosen = (self.https, self.is_code_required)
        if chosen not in self._staff:
            self._staff[chosen] = a_staff(
                self.engine, self.clock, _ids(), https=chosen[0], is_code_required=chosen[1]
            )
        return self._staff[chosen]

    @property
    def desk(self) -> Desk:
        return Desk(
            engine=self.engine,
            clock=self.clock,
            ids=_ids(),
            policies=lambda: POLICIES,
            catalogue=lambda: CATALOGUE,
            audit_key=AUDIT_KEY,
            on_label=lambda tenant, label: self.labelled.append((tenant, label)),
            model_signals=lambda _: (),
        )

    def link(self, name: str = "ana", role: Role = Role.MODERATOR) -> str:
        """A one-time link for somebody, who becomes a member if they are none."""
        return self.staff.members.sign_in_link(name, role, "test")

    def member(self, name: str = "ana", role: Role = Role.MODERATOR) -> Member:
        """A member of this name, made if there is none."""
        try:
            return self.staff.members.named(name)
        except NotFound:
            self.staff.members.invite(name, role, "test")
            return self.staff.members.named(name)

    def sign_in(self, name: str = "ana", role: Role = Role.MODERATOR) -> SignedIn:
        """A session as it is after password and code, for tests that are about something else."""
        factors = frozenset({Factor.PASSWORD, Factor.TOTP})
        member = self.member(name, role)
        with write(self.engine) as connection:
            return self.staff.sessions.open(connection, member, factors, Whence())

    def app(self) -> FastAPI:
        app = FastAPI()
        app.state.services = DeskOnly(self)
        app.include_router(desk_router(Limits()))
        return app


@dataclass(frozen=True)
class DeskOnly:
    """The part of the services that the desk uses."""

    house: House

    @property
    def desk(self) -> Desk:
        return self.house.desk

    @property
    def staff(self) -> Staff:
        return self.house.staff

    @property
    def clock(self) -> Clock:
        return self.house.clock

    @property
    def health(self) -> Health:
        probes = {name: _says(text) for name, text in self.house.problems.items()}
        return Health(probes, is_started=True)

    @property
    def policies(self) -> Callable[[], Mapping[str, Policy]]:
        return lambda: POLICIES

    @property
    def ruleset_error(self) -> Callable[[], str | None]:
        return lambda: self.house.ruleset_error


def a_house(tmp_path: Path) -> House:
    engine = open_engine(f"sqlite:///{tmp_path / 'desk.db'}", synchronous="normal")
    migrate(engine)
    return House(engine, Clock())


def a_comment(text: str = "lovely light in this one", **changes: Any) -> dict[str, Any]:
    event: dict[str, Any] = {
        "type": "comment",
        "actor": {"id": "u_17", "name": "dealz_4u", "created_at": NOW - 7200, "followers": 2},
        "target": {"id": "p_77", "kind": "post"},
        "content": {"text": text, "thread_id": "t_9"},
        "net": {"ip": "203.0.113.9", "country": "NL"},
    }
    return event | changes


def a_rule_signal(**changes: Any) -> dict[str, Any]:
    signal: dict[str, Any] = {
        "source": "rule",
        "rule": "link-burst-new-account",
        "revision": "3f9a1c27d0b5",
        "title": "New account posts many links",
        "owner": "trust@example.com",
        "policy": "spam.commercial",
        "mode": "enforce",
        "verdict": "hold",
        "reason": "LINK_BURST",
        "severity": "high",
        "capped": False,
        "lines": [
            {
                "text": "actor.account_age < 1d",
                "outcome": True,
                "values": {"actor.account_age": 7200.0},
            },
            {
                "text": 'count("comment", by=actor.id, within="10m") >= 4',
                "outcome": True,
                "values": {'count("comment", by=actor.id, within="10m")': 6},
            },
        ],
        "spans": [],
    }
    return signal | changes


def a_model_signal(text: str = "", words: Sequence[tuple[str, float]] = ()) -> dict[str, Any]:
    found = [
        {"start": text.index(word), "end": text.index(word) + len(word), "text": word, "weight": w}
        for word, w in words
    ]
    return {"source": "model", "name": "spam", "version": "1", "score": 0.97, "words": found}


_numbers = count(1)


def add_item(
    engine: Engine,
    event: dict[str, Any] | None = None,
    *,
    signals: Sequence[dict[str, Any]] | None = None,
    queue: str = "content",
    severity: Severity = Severity.HIGH,
    verdict: Verdict = Verdict.HOLD,
    at: float = NOW - 120,
    reason: str = "LINK_BURST",
    tenant: str = "demo",
    is_flagged: bool = True,
) -> str:
    """Put a decision and its item into the tables as the ledger would; return the item's id."""
    number = next(_numbers)
    sent = event or a_comment()
    actor = str(sent["actor"]["id"])
    item_id = f"itm_{number:06}"
    decision = {
        "id": f"dec_{number:06}",
        "tenant": tenant,
        "event_id": f"event-{number}",
        "event_type": sent["type"],
        "actor_id": actor,
        "verdict": int(verdict),
        "decided_at": at,
        "event_time": at,
        "ruleset": "ab12cd34ef56" * 5,
        "event": json.dumps(sent).encode(),
        "facts": json.dumps({"actor.account_age": 7200.0, "content.links": 3}).encode(),
        "signals": json.dumps([a_rule_signal()] if signals is None else list(signals)).encode(),
        "answer": b"{}",
        "item_id": item_id if is_flagged else None,
    }
    with write(engine) as connection:
        connection.execute(insert(decisions).values(decision))
        if is_flagged:
            shared = ("tenant", "event_type", "actor_id", "verdict")
            waiting = {name: decision[name] for name in shared} | {
                "id": item_id,
                "decision_id": decision["id"],
                "queue": queue,
                "severity": severity.rank,
                "reason": reason,
                "created_at": at,
                "status": "open",
                "version": 1,
            }
            connection.execute(insert(items).values(waiting))
    return item_id


def resolve(house: House, item_id: str, by: str = "ana", **changes: Any) -> Resolution:
    """Decide about an item as it is now."""
    given: dict[str, Any] = {
        "policy": "spam.commercial",
        "note": "",
        "expected_version": house.desk.item(item_id).item.version,
    }
    action = changes.pop("action", Action.REMOVE)
    return house.desk.resolve(item_id, action, moderator=by, **(given | changes))


def _ids() -> Callable[[str], str]:
    return lambda prefix: f"{prefix}_{next(_numbers):06}"


def _says(text: str) -> Callable[[], str | None]:
    return lambda: text
