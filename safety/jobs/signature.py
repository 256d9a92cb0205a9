"""Signatures of messages, as Standard Webhooks 1.0 defines them."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from standardwebhooks import Webhook

# The specification asks for 24 to 64 random bytes.
SECRET_BYTES: Final = 32
_PREFIX: Final = "whsec_"


def new_secret(random_bytes: bytes) -> str:
    """A secret as its holder configures it. Raises `ValueError` unless there are 32 bytes."""
    if len(random_bytes) != SECRET_BYTES:
        raise ValueError(f"a secret needs {SECRET_BYTES} random bytes")
    return _PREFIX + b64encode(random_bytes).decode("ascii")


def signed_headers(message_id: str, body: str, secrets: Sequence[str], at: float) -> dict[str, str]:
    """The headers that prove a body: its id, this attempt's time, one signature per secret."""
    moment = datetime.fromtimestamp(int(at), UTC)
    signatures = [Webhook(secret).sign(message_id, moment, body) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at)),
        "webhook-signature": " ".join(signatures),
    }
