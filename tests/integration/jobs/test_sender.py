"""The sender: every message arrives at least once, signed, or is found as dead letter."""

import json
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from sqlalchemy import update
from standardwebhooks import Webhook

from safety.jobs.schedule import WAITS
from safety.jobs.signature import new_secret
from safety.store import outbox, webhooks
from safety.store.engine import read, write
from safety.store.tables import outbox as rows
from tests.integration.jobs.conftest import SECRET, Post
from tests.receiver import Reply

DAY = 24 * 60 * 60.0


def test_a_message_arrives_signed_and_waits_no_more(post: Post) -> None:
    post.add_endpoint()
    post.add("msg_1", body=b'{"type":"item.resolved"}')
    post.deliver_all()
    (came,) = post.receiver.received
    said = Webhook(SECRET).verify(came.body, dict(came.headers))
    assert said == {"type": "item.resolved"}
    assert came.headers["content-type"] == "application/json"
    assert post.waiting() == {}
    assert post.noticed == ["delivered"]


@pytest.mark.parametrize("status", [199 + 1, 201, 202, 204, 299])
def test_any_status_of_success_is_one(post: Post, status: int) -> None:
    post.receiver.reply = lambda _: Reply(status)
    post.add_endpoint()
    post.add("msg_1")
    post.deliver_all()
    assert post.waiting() == {}


@pytest.mark.parametrize("status", [301, 304, 400, 401, 404, 408, 429, 500, 503])
def test_any_other_status_is_tried_again(post: Post, status: int) -> None:
    post.receiver.reply = lambda _: Reply(status, {"Location": post.receiver.url})
    post.add_endpoint()
    post.add("msg_1")
    post.deliver_all()
    waits = post.waiting()["msg_1"]
    assert waits.last_error == f"the receiver answered {status}"
    assert (waits.message.attempts, waits.message.due_at) == (1, post.now + WAITS[0])
    assert len(post.receiver.received) == 1


def test_every_attempt_has_the_same_id_and_a_time_and_signature_of_its_own(post: Post) -> None:
    post.receiver.reply = lambda _: Reply(500)
    post.add_endpoint()
    post.add("msg_1")
    sender = post.sender()
    for _ in range(3):
        post.deliver_all(sender)
        post.now = post.waiting()["msg_1"].message.due_at
    assert post.receiver.ids == ["msg_1"] * 3
    times = [int(each.headers["webhook-timestamp"]) for each in post.receiver.received]
    assert [later - times[0] for later in times] == [0, 5, 305]
    assert len({each.headers["webhook-signature"] for each in post.receiver.received}) == 3


def test_a_message_dies_after_ten_attempts_and_can_be_sent_again(post: Post) -> None:
    post.receiver.reply = lambda _: Reply(500)
    post.add_endpoint()
    post.add("msg_1")
    sender = post.sender()
    for _ in range(20):
        post.deliver_all(sender)
        post.now += DAY
    assert len(post.receiver.received) == 10
    died = post.dead()["msg_1"]
    assert (died.message.attempts, died.last_error) == (10, "the receiver answered 500")
    assert post.noticed == ["failed"] * 9 + ["dead"]
    post.receiver.reply = lambda _: Reply(200)
    with write(post.engine) as connection:
        assert outbox.resend(connection, "msg_1", post.now)
        assert not outbox.resend(connection, "msg_1", post.now)
    post.deliver_all(sender)
    assert post.receiver.ids == ["msg_1"] * 11
    assert (post.dead(), post.waiting()) == ({}, {})


@pytest.mark.parametrize("is_date", [True, False])
def test_a_receiver_is_left_alone_as_long_as_it_asks(post: Post, is_date: bool) -> None:
    date = format_datetime(datetime.fromtimestamp(post.now + 900, UTC), usegmt=True)
    post.receiver.reply = lambda _: Reply(429, {"Retry-After": date if is_date else "900"})
    post.add_endpoint()
    post.add("msg_1")
    post.deliver_all()
    assert post.waiting()["msg_1"].message.due_at == post.now + 900


def test_a_receiver_that_is_gone_gets_nothing_more_until_it_is_set_again(post: Post) -> None:
    post.receiver.reply = lambda _: Reply(410)
    post.add_endpoint()
    post.add("msg_1")
    post.add("msg_2")
    post.deliver_all()
    assert len(post.receiver.received) == 1
    assert post.endpoint().disabled_reason == "the receiver answered 410"
    assert set(post.waiting()) == {"msg_1", "msg_2"}
    post.receiver.reply = lambda _: Reply(200)
    with write(post.engine) as connection:
        assert webhooks.move_endpoint(connection, "acme", f"{post.receiver.url}new")
    post.now += 1
    post.deliver_all()
    assert sorted(post.receiver.ids) == ["msg_1", "msg_1", "msg_2"]


def test_a_late_410_does_not_disable_the_next_address(post: Post) -> None:
    post.add_endpoint()
    with write(post.engine) as connection:
        moved = f"{post.receiver.url}new"
        webhooks.move_endpoint(connection, "acme", moved)
        assert not webhooks.disable_endpoint(
            connection, "acme", post.receiver.url, "gone", post.now
        )
    assert post.endpoint().disabled_at is None


def test_both_secrets_sign_until_the_old_one_runs_out(post: Post) -> None:
    newer = new_secret(b"n" * 32)
    post.add_endpoint()
    with write(post.engine) as connection:
        sealed = post.seal_secret("acme", newer)
        assert webhooks.rotate_secret(connection, "acme", sealed, until=post.now + 60)
    for name, moment in (("msg_1", post.now), ("msg_2", post.now + 60)):
        post.now = moment
        post.add(name)
        post.deliver_all()
    during, after = post.receiver.received
    for secret in (newer, SECRET):
        Webhook(secret).verify(during.body, dict(during.headers))
    Webhook(newer).verify(after.body, dict(after.headers))
    assert after.headers["webhook-signature"].count("v1,") == 1


def test_a_sealed_body_arrives_open_and_is_kept_no_longer(post: Post) -> None:
    post.add_endpoint()
    post.add("msg_1", body=b'{"token":"once"}', sealed=True)
    with read(post.engine) as connection:
        ((_, lying),) = outbox.sealed_bodies(connection)
    assert b"once" not in lying
    post.deliver_all()
    assert json.loads(post.receiver.received[0].body) == {"token": "once"}
    with read(post.engine) as connection:
        assert connection.execute(rows.select()).one().body == b""
        assert outbox.sealed_bodies(connection) == []


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\xff\xfe"])
def test_a_body_that_cannot_be_opened_does_not_stop_the_others(post: Post, damage: bytes) -> None:
    post.add_endpoint()
    post.add("msg_1", body=b"{}", sealed=True, age=1)
    post.add("msg_2")
    with write(post.engine) as connection:
        connection.execute(update(rows).where(rows.c.id == "msg_1").values(body=damage))
    sender = post.sender()
    post.deliver_all(sender)
    post.now += 5
    post.deliver_all(sender)
    assert post.receiver.ids == ["msg_2"]
    assert "cannot be opened" in post.waiting()["msg_1"].last_error


def test_a_secret_of_another_tenant_signs_nothing(post: Post) -> None:
    post.add_endpoint()
    stolen = post.seal_secret("other", SECRET)
    with write(post.engine) as connection:
        webhooks.rotate_secret(connection, "acme", stolen, until=0.0)
    post.add("msg_1")
    post.deliver_all()
    assert post.receiver.received == []
    assert "cannot be opened" in post.waiting()["msg_1"].last_error
