"""Erasing a person or a tenant: everything goes, of nobody else, and the audit log stays whole."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError

from safety.domain.access import STAFF_TENANT
from safety.domain.messages import Endpoint
from safety.store import accounts, audit, keys, ledger, sessions, spent, tenants, webhooks
from safety.store.engine import migrate, open_engine, read, write
from safety.store.erasure import erase_actor, scrub
from safety.store.tables import decisions, erasing
from tests.integration.store.entries import NOW, an_entry, store
from tests.integration.store.lives import TRACE, live, places_of
from tests.integration.store.people import a_session, an_account
from tests.integration.store.test_access import a_key

KEY = b"k" * 32
# Where somebody of the staff who was decided about, too, leaves something.
EVERYWHERE = {
    "accounts",
    "actor_notes",
    "amendments",
    "attack_minutes",
    "decisions",
    "item_steps",
    "items",
    "known_devices",
    "labels",
    "likenesses",
    "members",
    "one_time_tokens",
    "outbox",
    "preferences",
    "recovery_codes",
    "resolutions",
    "restrictions",
    "rule_controls",
    "search_texts",
    "sessions",
    "sightings",
    "skips",
    "strikes",
    "throttles",
    "totp_enrolments",
}
# What belongs to a decision of theirs and says nothing of them by itself.
UNNAMED = {"shadow_scores"}
# Only somebody who was reported, appealed or was looked at twice leaves something there.
ASKED_AGAIN = {"appeals", "barred", "golden", "rechecks", "reports"}


def erase(engine: Engine, actor: str, tenant: str = "acme") -> dict[str, int]:
    with write(engine) as connection:
        counts = erase_actor(
            connection,
            tenant,
            actor,
            NOW,
            author="command:mo",
            audit_key=KEY,
            pseudonym="erased_5f1c",
        )
    return dict(counts)


def test_nothing_of_an_erased_actor_is_left_in_any_table(engine: Engine) -> None:
    live(engine, STAFF_TENANT, "acc_mia")
    assert set(places_of(engine, "acc_mia")) | set(places_of(engine, TRACE)) == EVERYWHERE
    counts = erase(engine, "acc_mia", STAFF_TENANT)
    assert places_of(engine, "acc_mia") == {}
    assert places_of(engine, TRACE) == {}
    several = {"decisions": 2, "recovery_codes": 2}
    none = dict.fromkeys(ASKED_AGAIN, 0)
    assert counts == dict.fromkeys(EVERYWHERE | UNNAMED, 1) | several | none


def test_erasing_an_actor_takes_nothing_of_anybody_else(engine: Engine) -> None:
    live(engine, "acme", "acc_mia")
    live(engine, "acme", "acc_ana")
    live(engine, "other", "acc_bo")
    store(engine, an_entry(tenant="other", actor_id="acc_mia"))
    before = places_of(engine, "acc_ana"), places_of(engine, "acc_bo")
    erase(engine, "acc_mia")
    assert (places_of(engine, "acc_ana"), places_of(engine, "acc_bo")) == before
    assert places_of(engine, "acc_mia") == {"decisions": 1}


def test_an_actor_without_an_account_is_erased_as_well(engine: Engine) -> None:
    store(engine, an_entry(actor_id="u_7"))
    assert erase(engine, "u_7")["decisions"] == 1
    assert places_of(engine, "u_7") == {}


def test_whoever_was_erased_may_sign_up_again(engine: Engine) -> None:
    live(engine, "acme", "acc_mia")
    erase(engine, "acc_mia")
    with write(engine) as connection:
        assert accounts.add_account(connection, an_account("acc_mia"))


def test_the_audit_log_keeps_the_pseudonym_and_still_holds(engine: Engine) -> None:
    live(engine, "acme", "acc_mia")
    with write(engine) as connection:
        audit.append(connection, audit.AuditEvent(NOW, "staff:mo", "x", "y"), key=KEY)
    counts = erase(engine, "acc_mia")
    with read(engine) as connection:
        assert audit.verify(connection, key=KEY).is_intact
        latest = audit.recent(connection)[0]
    assert (latest.author, latest.action) == ("command:mo", "actor.erased")
    assert latest.subject == "erased_5f1c"
    assert json.loads(latest.details) == counts


def test_an_erasure_that_fails_halfway_erases_nothing(engine: Engine) -> None:
    live(engine, "acme", "acc_mia")
    before = places_of(engine, "acc_mia")

    def fail() -> None:
        with write(engine) as connection:
            erase_actor(
                connection, "acme", "acc_mia", NOW, author="mo", audit_key=KEY, pseudonym="p"
            )
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert places_of(engine, "acc_mia") == before
    with read(engine) as connection:
        assert audit.head(connection) is None


def test_actors_erased_at_the_same_moment_all_go(engine: Engine) -> None:
    names = [f"acc_{number}" for number in range(6)]
    for name in names:
        live(engine, "acme", name)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda name: erase(engine, name), names))
    assert places_of(engine, TRACE) == {}
    with read(engine) as connection:
        assert audit.verify(connection, key=KEY).rows == 6


def test_a_session_opened_while_its_account_is_erased_goes_too(engine: Engine) -> None:
    live(engine, "acme", "acc_mia")
    with ThreadPoolExecutor(1) as pool:
        with write(engine) as connection:
            assert sessions.add_session(connection, a_session("late"))
            erasing_it = pool.submit(erase, engine, "acc_mia")
            with pytest.raises(TimeoutError):
                erasing_it.result(timeout=0.3)
        assert erasing_it.result()["sessions"] == 2
    assert places_of(engine, "acc_mia") == {}


def test_decisions_stay_undeletable_after_an_erasure(engine: Engine) -> None:
    live(engine, "acme", "acc_mia")
    store(engine, an_entry())
    erase(engine, "acc_mia")
    with read(engine) as connection:
        assert connection.execute(select(func.count()).select_from(erasing)).scalar_one() == 0
    with pytest.raises(IntegrityError), write(engine) as connection:
        connection.execute(decisions.delete())


def test_no_byte_of_an_erased_actor_is_left_in_sqlites_files(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'safety.db'}")
    migrate(engine)
    live(engine, "acme", "acc_mia")
    for number in range(200):  # more than a page of them, and some moved to the file itself
        text = f'{{"text":"{TRACE * 20}"}}'.encode()
        store(engine, an_entry(actor_id="acc_mia", event=text))
        if number == 100:
            assert scrub(engine)
    store(engine, an_entry(actor_id="acc_ana"))
    assert files_with(tmp_path, TRACE)
    erase(engine, "acc_mia")
    assert scrub(engine)
    assert files_with(tmp_path, TRACE) == []
    assert files_with(tmp_path, "acc_mia") == []
    assert files_with(tmp_path, "acc_ana") == ["safety.db"]
    engine.dispose()


def files_with(folder: Path, trace: str) -> list[str]:
    return [file.name for file in folder.iterdir() if trace.encode() in file.read_bytes()]


def test_scrubbing_says_so_when_a_reader_is_in_the_way(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'safety.db'}")
    migrate(engine)
    with read(engine) as reader:
        reader.execute(select(decisions)).all()
        with write(engine) as connection:
            spent.spend(connection, "one", NOW)
        assert not scrub(engine)
    assert scrub(engine)
    engine.dispose()


def test_scrubbing_keeps_nobody_from_writing_while_somebody_reads(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'safety.db'}")
    migrate(engine)
    with ThreadPoolExecutor(1) as pool, read(engine) as reader:
        reader.execute(select(decisions)).all()
        with write(engine) as connection:
            spent.spend(connection, "one", NOW)
        scrubbing = pool.submit(scrub, engine)
        time.sleep(0.1)
        began = time.monotonic()
        with write(engine) as connection:
            spent.spend(connection, "two", NOW)
        assert time.monotonic() - began < 1
        assert not scrubbing.result()
    engine.dispose()


def test_postgresql_needs_no_scrubbing(engine: Engine) -> None:
    assert scrub(engine)


def test_wiping_a_tenant_erases_all_of_it_and_nothing_else(engine: Engine) -> None:
    for tenant, actor in (("acme", "acc_mia"), ("acme", "acc_ana"), ("other", "acc_bo")):
        live(engine, tenant, actor)
    with write(engine) as connection:
        webhooks.add_endpoint(connection, Endpoint("acme", "https://acme.example", b"s", NOW))
        keys.add_key(connection, a_key())
    others = places_of(engine, "acc_bo")
    with write(engine) as connection:
        wiped = tenants.wipe(connection, "acme", NOW, author="command:mo", audit_key=KEY)
    with read(engine) as connection:
        assert ledger.recent(connection, "acme") == []
        assert keys.get_key(connection, "k1") == a_key()
        assert connection.execute(select(func.count()).select_from(erasing)).scalar_one() == 0
        (happened,) = audit.recent(connection)
        assert audit.verify(connection, key=KEY).is_intact
    assert set(places_of(engine, "acme")) == {"api_keys", "audit"}
    assert places_of(engine, "acc_bo") == others
    assert wiped.counts["decisions"] == 4
    assert wiped.counts["webhook_endpoints"] == 1
    # Minutes of an attack are counted for the tenant, not for each of them.
    assert wiped.total == 4 + 4 + 1 + 1 + 2 * (len(EVERYWHERE | UNNAMED) - 4)
    assert (happened.action, happened.subject) == ("tenant.wiped", "acme")
    assert happened.author == "command:mo"
    assert json.loads(happened.details) == wiped.counts


def test_wiping_a_tenant_of_staff_takes_the_members_with_their_accounts(engine: Engine) -> None:
    live(engine, STAFF_TENANT, "acc_mia")
    with write(engine) as connection:
        tenants.wipe(connection, STAFF_TENANT, NOW, author="command:mo", audit_key=KEY)
    assert places_of(engine, "acc_mia") == {}
