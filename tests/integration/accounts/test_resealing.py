"""A rotation leaves nothing that only the old key opens, and breaks nobody's second factor."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from safety.accounts.resealing import keys_in_use, reseal_all
from safety.domain.errors import CodeRejected
from safety.domain.messages import BODY_PLACE, SECRET_PLACE, Endpoint, Message
from safety.gates.vault import KeyRing, Vault
from safety.store import outbox, webhooks
from safety.store.engine import read, write
from tests.integration.accounts.factor_scene import NOON, VAULT, Scene

ROTATED = Vault(KeyRing("k2", {"k1": b"v" * 32, "k2": b"w" * 32}))
RETIRED = Vault(KeyRing("k2", {"k2": b"w" * 32}))


@pytest.fixture
def scene(engine: Engine) -> Iterator[Scene]:
    made = Scene(engine)
    yield made
    made.pool.stop()


def a_message(number: int) -> Message:
    sealed = VAULT.seal(BODY_PLACE[0], f"msg_{number}", BODY_PLACE[1], b"a token")
    return Message(f"msg_{number}", "acme", "account.verify_email", sealed, NOON, NOON, sealed=True)


def an_endpoint() -> Endpoint:
    current, previous = (
        VAULT.seal(SECRET_PLACE[0], "acme", SECRET_PLACE[1], each) for each in (b"new", b"old")
    )
    return Endpoint("acme", "https://example.com", current, NOON, previous, NOON + 60)


def test_after_a_rotation_the_old_key_can_go(scene: Scene) -> None:
    phones = {f"mo{number}": scene.enrolled(f"mo{number}") for number in range(3)}
    with write(scene.engine) as connection:
        for number in range(250):
            outbox.add(connection, a_message(number))
        webhooks.add_endpoint(connection, an_endpoint())
    assert keys_in_use(scene.engine) == {"k1": 3 + 250 + 2}
    seen: list[int] = []
    result = reseal_all(scene.engine, ROTATED, seen.append)
    assert (result.rows, result.resealed, result.unreadable) == (254, 254, 0)
    assert sum(seen) == 254
    assert keys_in_use(scene.engine) == {"k2": 255}
    scene.vault = RETIRED
    for name, phone in phones.items():
        assert scene.factor.check_code("acme", name, phone())
    with read(scene.engine) as connection:
        (endpoint,) = webhooks.list_endpoints(connection)
        bodies = dict(outbox.sealed_bodies(connection, limit=1000))
    opened = [RETIRED.open(SECRET_PLACE[0], "acme", SECRET_PLACE[1], each)
              for each in endpoint.sealed_secrets(NOON)]  # fmt: skip
    assert opened == [b"new", b"old"]
    assert all(RETIRED.open(BODY_PLACE[0], each, BODY_PLACE[1], bodies[each]) for each in bodies)


def test_doing_it_again_changes_nothing(scene: Scene) -> None:
    scene.enrolled("mo")
    reseal_all(scene.engine, ROTATED)
    assert reseal_all(scene.engine, ROTATED).resealed == 0


def test_a_row_that_cannot_be_opened_is_counted_and_stops_nothing(scene: Scene) -> None:
    scene.enrolled("a-broken-one")
    phone = scene.enrolled("mo")
    with write(scene.engine) as connection:
        connection.execute(
            text("UPDATE totp_enrolments SET sealed = :junk WHERE subject = 'a-broken-one'"),
            {"junk": b"\x02k1" + bytes(60)},
        )
    result = reseal_all(scene.engine, ROTATED)
    assert (result.resealed, result.unreadable) == (1, 1)
    assert keys_in_use(scene.engine) == {"k1": 1, "k2": 1}
    scene.vault = RETIRED
    assert scene.factor.check_code("acme", "mo", phone())


def test_somebody_who_enrols_anew_meanwhile_keeps_the_new_secret(scene: Scene) -> None:
    scene.enrolled("mo")

    class Slow(Vault):
        """Between reading a row and writing it, its owner enrols anew."""

        def seal(self, table: str, row: str, column: str, plain: bytes) -> bytes:
            if not anew:
                scene.factor.remove("acme", "mo")
                anew.append(scene.enrolled("mo"))
            return super().seal(table, row, column, plain)

    anew: list[object] = []
    result = reseal_all(scene.engine, Slow(KeyRing("k2", {"k1": b"v" * 32, "k2": b"w" * 32})))
    assert result.resealed == 0
    (phone,) = anew
    assert callable(phone)
    assert scene.factor.check_code("acme", "mo", phone())
    with pytest.raises(CodeRejected):
        scene.factor.check_code("acme", "mo", phone())
