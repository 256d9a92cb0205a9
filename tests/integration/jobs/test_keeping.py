"""Keeping: how long messages stay, and how their secrets move to another key."""

from base64 import b64decode

from safety.store import outbox, webhooks
from safety.store.deliveries import KEEP_ARRIVED, KEEP_DEAD, WAIT_FOR_RECEIVER, Deliveries
from safety.store.engine import write
from tests.integration.jobs.conftest import SECRET, Post


def test_what_nobody_asked_for_is_not_kept_for_ever(post: Post) -> None:
    post.add("nobody", tenant="none", age=WAIT_FOR_RECEIVER + 1)
    post.add("recent", tenant="none")
    post.add_endpoint("gone")
    post.add("disabled", tenant="gone", age=WAIT_FOR_RECEIVER + 1)
    with write(post.engine) as connection:
        webhooks.disable_endpoint(connection, "gone", post.receiver.url, "gone", post.now)
    assert Deliveries(post.engine).tidy(post.now) == 2
    assert (set(post.waiting()), set(post.dead())) == ({"recent"}, {"disabled"})


def test_what_has_ended_is_deleted_after_its_time(post: Post) -> None:
    post.add_endpoint()
    post.add("arrived")
    post.add("died")
    deliveries = Deliveries(post.engine)
    with write(post.engine) as connection:
        outbox.delivered(connection, "arrived", post.now)
        outbox.bury(connection, "died", post.now, "given up")
    assert deliveries.tidy(post.now + KEEP_ARRIVED) == 0
    assert deliveries.tidy(post.now + KEEP_ARRIVED + 1) == 1
    assert deliveries.dead() == 1
    assert deliveries.tidy(post.now + KEEP_DEAD + 1) == 1
    assert deliveries.dead() == 0


def test_operators_count_what_waits_for_a_receiver(post: Post) -> None:
    post.add("msg_1")
    post.add("msg_2", tenant="nobody")
    deliveries = Deliveries(post.engine)
    assert deliveries.waiting() == 0
    post.add_endpoint()
    assert deliveries.waiting() == 1


def test_secrets_and_bodies_move_to_another_key(post: Post) -> None:
    post.add_endpoint()
    post.add("msg_1", sealed=True)
    with write(post.engine) as connection:
        ((name, old),) = outbox.sealed_bodies(connection)
        assert outbox.reseal(connection, name, old=old, new=b"new")
        assert not outbox.reseal(connection, name, old=old, new=b"newer")
        (endpoint,) = webhooks.list_endpoints(connection)
        for is_first in (True, False):
            done = webhooks.reseal_secrets(
                connection, endpoint, current=b"sealed anew", previous=None
            )
            assert done is is_first
    assert post.endpoint().sealed_secret == b"sealed anew"


def test_a_secret_never_lies_open_in_the_database(post: Post) -> None:
    post.add_endpoint()
    raw = b64decode(SECRET.removeprefix("whsec_"))
    sealed = post.endpoint().sealed_secret
    assert raw not in sealed
    assert SECRET.encode() not in sealed
