"""Signatures: what a receiver's library checks."""

import time
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from safety.jobs.signature import new_secret, signed_headers

SECRET, OTHER = new_secret(bytes(range(32))), new_secret(bytes(32))


@given(st.text(st.characters(codec="utf-8")))
def test_a_receivers_library_accepts_what_was_signed(body: str) -> None:
    headers = signed_headers("msg_1", body, [SECRET], time.time())
    Webhook(SECRET).verify(body, headers, json_parse=False)


def test_both_secrets_sign_during_a_rotation() -> None:
    headers = signed_headers("msg_1", "{}", [SECRET, OTHER], time.time())
    assert headers["webhook-signature"].count("v1,") == 2
    for secret in (SECRET, OTHER):
        Webhook(secret).verify("{}", headers)


@pytest.mark.parametrize("changed", ["webhook-id", "webhook-timestamp"])
def test_id_and_time_are_signed_with_the_body(changed: str) -> None:
    at = time.time()
    headers = signed_headers("msg_1", "{}", [SECRET], at)
    other = signed_headers("msg_2", "{}", [SECRET], at - 30)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify("{}", headers | {changed: other[changed]})


def test_a_signature_is_the_one_that_the_specification_gives() -> None:
    # The example of the specification's own libraries.
    headers = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        '{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        1_614_265_330.0,
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_has_32_random_bytes() -> None:
    assert new_secret(b"x" * 32) == "whsec_" + b64encode(b"x" * 32).decode()
    with pytest.raises(ValueError, match="32 random bytes"):
        new_secret(b"x" * 24)
