"""Webhooks at the prompt: a secret shown once, dead letters listed and sent again, all audited."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from safety.cli.ground import installed as opened
from safety.cli.ground import now
from safety.store import audit, outbox, webhooks
from safety.store.engine import read, write
from tests.receiver import Receiver, Reply, running_receiver
from tests.unit.cli.conftest import Command

TENANT = ("--tenant", "shop")


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("SAFETY_WEBHOOK_ALLOWED_HOSTS", '["127.0.0.1"]')
    with running_receiver() as listening:
        yield listening


def set_up(command: Command, receiver: Receiver) -> str:
    """Set the tenant's endpoint; return its secret."""
    return command("webhooks", "set", *TENANT, receiver.url).out.strip()


def a_dead_letter(name: str = "msg_1") -> None:
    with opened() as ground, write(ground.engine) as connection:
        at = now()
        message = outbox.Message(name, "shop", "item.resolved", b'{"a":"WORDS"}', at, at)
        outbox.add(connection, message)
        outbox.bury(connection, name, at, "the receiver answered 500")


def test_a_test_message_arrives_signed_with_the_secret_that_was_shown(
    installed: Command, receiver: Receiver
) -> None:
    secret = set_up(installed, receiver)
    ended = installed("webhooks", "test", *TENANT)
    assert (ended.code, ended.out) == (0, "Delivered: the receiver answered 200.\n")
    (came,) = receiver.received
    assert Webhook(secret).verify(came.body, dict(came.headers))["type"] == "webhook.test"


def test_a_test_that_fails_says_why(installed: Command, receiver: Receiver) -> None:
    set_up(installed, receiver)
    receiver.reply = lambda _: Reply(401)
    ended = installed("webhooks", "test", *TENANT)
    assert (ended.code, ended.out) == (1, "Not delivered: the receiver answered 401.\n")


def test_the_secret_is_shown_once_and_lies_encrypted(
    installed: Command, receiver: Receiver, data_dir: Path
) -> None:
    secret = set_up(installed, receiver)
    assert secret.startswith("whsec_")
    assert secret not in installed("webhooks", "show").out
    kept = b"".join(path.read_bytes() for path in data_dir.iterdir())
    assert secret.removeprefix("whsec_").encode() not in kept


def test_another_url_keeps_the_secret_and_enables_the_endpoint(
    installed: Command, receiver: Receiver
) -> None:
    secret = set_up(installed, receiver)
    with opened() as ground, write(ground.engine) as connection:
        webhooks.disable_endpoint(connection, "shop", receiver.url, "it answered 410", now())
    assert "disabled: it answered 410" in installed("webhooks", "show").out
    moved = installed("webhooks", "set", *TENANT, f"{receiver.url}new")
    assert "whsec_" not in moved.out
    installed("webhooks", "test", *TENANT)
    (came,) = receiver.received
    assert came.path == "/new"
    Webhook(secret).verify(came.body, dict(came.headers))


def test_a_rotation_overlaps(installed: Command, receiver: Receiver) -> None:
    old = set_up(installed, receiver)
    new = installed("webhooks", "rotate", *TENANT, "--overlap", "2h").out.strip()
    installed("webhooks", "test", *TENANT)
    (came,) = receiver.received
    for secret in (old, new):
        Webhook(secret).verify(came.body, dict(came.headers))


@pytest.mark.parametrize(
    "url", ["http://example.com/", "https://127.0.0.2/", "https://localhost/", "gopher://x/"]
)
def test_a_url_that_is_never_called_is_refused_with_a_reason(installed: Command, url: str) -> None:
    ended = installed("webhooks", "set", *TENANT, url)
    assert ended.code == 2
    assert "https://" in ended.err or "SAFETY_WEBHOOK_ALLOWED_HOSTS" in ended.err


def test_dead_letters_are_listed_without_what_they_say(installed: Command) -> None:
    a_dead_letter()
    said = installed("webhooks", "list", "--dead").out
    assert "msg_1" in said
    assert "the receiver answered 500" in said
    assert "WORDS" not in said
    assert "msg_1" not in installed("webhooks", "list").out


def test_a_dead_letter_is_sent_again_once(installed: Command) -> None:
    a_dead_letter()
    assert installed("webhooks", "resend", "msg_1").code == 0
    assert "msg_1" in installed("webhooks", "list").out
    assert installed("webhooks", "resend", "msg_1").code == 1


def test_all_dead_letters_of_a_tenant_are_sent_again(installed: Command) -> None:
    for name in ("msg_1", "msg_2"):
        a_dead_letter(name)
    assert "no such dead letter" in installed("webhooks", "resend", "--all", "--tenant", "x").out
    assert installed("webhooks", "resend", "--all", *TENANT).out == "2 to send again.\n"


@pytest.mark.parametrize("words", [(), ("--all",), ("msg_1", "--all", *TENANT), TENANT])
def test_what_to_send_again_is_said_in_one_way(installed: Command, words: tuple[str, ...]) -> None:
    assert installed("webhooks", "resend", *words).code == 2


@pytest.mark.parametrize("act", ["test", "rotate", "remove"])
def test_a_tenant_without_an_endpoint_is_told_so(installed: Command, act: str) -> None:
    ended = installed("webhooks", act, *TENANT)
    assert (ended.code, "webhooks set" in ended.out) == (1, True)


def test_what_operators_do_is_audited_without_secrets(
    installed: Command, receiver: Receiver
) -> None:
    secret = set_up(installed, receiver)
    installed("webhooks", "set", *TENANT, f"{receiver.url}path-token")
    installed("webhooks", "rotate", *TENANT)
    a_dead_letter()
    installed("webhooks", "resend", "msg_1")
    installed("webhooks", "remove", *TENANT)
    with opened() as ground, read(ground.engine) as connection:
        events = audit.recent(connection)
    acts = [each.action.removeprefix("webhook.") for each in reversed(events)]
    assert acts == ["set", "set", "rotated", "resent", "removed"]
    details = json.dumps([each.details.decode() for each in events])
    assert "path-token" not in details
    assert secret not in details


def test_a_damaged_keyring_is_said_in_a_sentence(
    installed: Command, receiver: Receiver, data_dir: Path
) -> None:
    set_up(installed, receiver)
    (data_dir / "keyring.json").write_text("{")
    ended = installed("webhooks", "rotate", *TENANT)
    assert (ended.code, "restore it from a backup" in ended.err) == (2, True)
