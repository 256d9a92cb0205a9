"""Everything that the service ever keeps about one person, and where traces of them are found."""

from typing import Any

from sqlalchemy import Connection, Engine, select

from safety.domain.access import STAFF_TENANT, Member, Role
from safety.domain.accounts import TokenPurpose
from safety.domain.conduct import Note, Restriction, Strike
from safety.domain.controls import Control, ControlKind, Over
from safety.domain.decisions import Amendment, AmendmentKind
from safety.domain.messages import Message
from safety.domain.reviews import Action, Resolution, Step
from safety.store import (
    conduct,
    items,
    ledger,
    likeness,
    members,
    model_watch,
    one_time,
    outbox,
    recovery,
    rule_controls,
    rule_counts,
    searching,
    sessions,
    settling,
    sightings,
    throttle,
    totp,
)
from safety.store.engine import read, write
from safety.store.model_watch import ShadowScore
from safety.store.preferences import put_preferences
from safety.store.sightings import Sighting
from safety.store.tables import metadata
from safety.store.totp import Enrolment
from tests.integration.store.entries import NOW, a_label, an_entry, an_item, store
from tests.integration.store.people import a_session, an_account, keep

# In whatever somebody wrote or is called, so that it can be looked for.
TRACE = "Wunderlampe"


def live(engine: Engine, tenant: str, actor: str) -> None:
    """Have one row or more about this actor in every table that can hold one."""
    _decide(engine, tenant, actor)
    keep(engine, an_account(actor, tenant=tenant, email=f"{actor}.{TRACE}@example.org"))
    with write(engine) as connection:
        _sign_in(connection, tenant, actor)
        _prove(connection, tenant, actor)
        if tenant == STAFF_TENANT:
            members.add_member(connection, Member(actor, f"{TRACE} {actor}", Role.LEAD, "", NOW))
        put_preferences(connection, tenant, actor, f'{{"name": "{TRACE}"}}')


def _decide(engine: Engine, tenant: str, actor: str) -> None:
    """Two decisions, one with an outcome and an item that was resolved."""
    name = f"{tenant}_{actor}"
    about: dict[str, Any] = {
        "tenant": tenant,
        "actor_id": actor,
        "event": f'{{"text":"{TRACE}"}}'.encode(),
    }
    held = an_entry(item=an_item(f"itm_{name}"), labels=(a_label(actor),), **about)
    store(engine, held, an_entry(**about))
    outcome = Amendment(held.id, AmendmentKind.OUTCOME, NOW, None, f'"{TRACE}"'.encode())
    resolution = Resolution(
        id=f"res_{name}",
        item_id=f"itm_{name}",
        decision_id=held.id,
        tenant=tenant,
        action=Action.KEEP,
        policy=None,
        note=f"{TRACE} wrote to us",
        moderator="staff:mo",
        resolved_at=NOW,
    )
    message = Message(f"msg_{name}", tenant, "item.resolved", b"{}", NOW, NOW, subject=actor)
    snooze = Control(
        ControlKind.SNOOZE, Over.RULE, "links", f"{TRACE} asked", "ana", NOW, None,
        tenant=tenant, entity=("actor.id", actor),
    )  # fmt: skip
    beside = ShadowScore(held.id, "spam", tenant, "2", "1", 0.9, 0.1, NOW)
    with write(engine) as connection:
        model_watch.add_shadow(connection, [beside])
        rule_controls.put(connection, snooze)
        rule_counts.add_minutes(connection, {(int(NOW), tenant, "net.ip", TRACE, 0): 1})
        ledger.amend(connection, outcome)
        items.resolve(connection, resolution, 1)
        outbox.add(connection, message)
        _remember(connection, tenant, actor, held.id)


def _remember(connection: Connection, tenant: str, actor: str, decision: str) -> None:
    """What the desk knows of somebody besides their decisions."""
    name = f"{tenant}_{actor}"
    item = items.get_item(connection, f"itm_{name}")
    place = searching.place_of(connection, decision)
    assert item is not None
    assert place is not None
    told = searching.newer(connection, place - 1, at=1e12, limit=1)
    about = (f"con_{name}", tenant, actor, f"res_{name}")
    conduct.add_strike(connection, Strike(*about, "spam", 1, NOW, NOW + 10))
    conduct.add_restriction(connection, Restriction(*about, Action.BAN, "spam", NOW))
    conduct.add_note(connection, Note(f"note_{name}", tenant, actor, "mo", TRACE, NOW))
    settling.add_step(connection, item, Step(NOW, "mo", "escalated", TRACE))
    settling.skip(connection, item.id, "mo", NOW)
    likeness.add(connection, tenant, item.id, bytes(32), [1])
    sightings.add(connection, [Sighting(tenant, sightings.NAME, TRACE, actor, NOW, NOW, 1, place)])
    searching.add(connection, [(told[0], TRACE.lower())])


def _sign_in(connection: Connection, tenant: str, actor: str) -> None:
    name = f"ses_{tenant}_{actor}"
    opened = a_session(name, tenant=tenant, account_id=actor, agent=TRACE)
    assert sessions.add_session(connection, opened)
    sessions.remember_device(connection, tenant, actor, b"mark", NOW)
    throttle.take(connection, tenant, "codes", actor, most=3, within=900, at=NOW)


def _prove(connection: Connection, tenant: str, actor: str) -> None:
    one_time.add_token(
        connection,
        f"{tenant} {actor}".encode(),
        TokenPurpose.CHANGE_EMAIL,
        tenant,
        actor,
        expires_at=NOW + 10,
        data=TRACE.encode(),
    )
    totp.put_enrolment(connection, Enrolment(tenant, actor, TRACE.encode(), NOW))
    recovery.replace_codes(connection, tenant, actor, [("a", TRACE), ("b", TRACE)], NOW)


def places_of(engine: Engine, trace: str) -> dict[str, int]:
    """How many values in each table contain this text; tables without it are absent."""
    sought = trace.encode()
    found: dict[str, int] = {}
    with read(engine) as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                hits = sum(sought in _bytes_of(value) for value in row)
                if hits:
                    found[table.name] = found.get(table.name, 0) + hits
    return found


def _bytes_of(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
