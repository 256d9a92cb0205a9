"""API keys: made once, shown once, kept only as a keyed hash, checked on every call."""

import re
from collections.abc import Iterable
from hashlib import sha256
from hmac import compare_digest, digest

from safety.domain.access import ApiKey, Scope

# 256 bits of secret and 64 of public id; both parts are hex, so `_` only ever separates.
SECRET_BYTES = 32
ID_BYTES = 8

_LIVE, _TEST = "sg_live", "sg_test"
_TOKEN = re.compile(
    rf"sg_(?:live|test)_([0-9a-f]{{{2 * ID_BYTES}}})_([0-9a-f]{{{2 * SECRET_BYTES}}})"
)

# Compared with when there is no key, so that an unknown id takes as long as a wrong secret.
_DECOY = bytes(sha256().digest_size)


def mint(
    tenant: str,
    name: str,
    scopes: Iterable[Scope],
    *,
    is_test: bool,
    secret_bytes: bytes,
    id_bytes: bytes,
    pepper: bytes,
    at: float,
    expires_at: float | None = None,
) -> tuple[ApiKey, str]:
    """Make a key from random bytes (32 of secret, 8 of id): what to keep, and what to show once.

    Raises `ValueError` when the random parts do not have their full length or the pepper is empty.
    """
    if len(secret_bytes) != SECRET_BYTES or len(id_bytes) != ID_BYTES:
        raise ValueError(f"a key needs {SECRET_BYTES} secret bytes and {ID_BYTES} id bytes")
    if not pepper:
        raise ValueError("a key needs a pepper")
    key_id, secret = id_bytes.hex(), secret_bytes.hex()
    key = ApiKey(
        id=key_id,
        tenant=tenant,
        name=name,
        secret_hash=_hash(secret, pepper),
        scopes=frozenset(scopes),
        is_test=is_test,
        created_at=at,
        expires_at=expires_at,
    )
    return key, f"{_TEST if is_test else _LIVE}_{key_id}_{secret}"


def parse(token: str) -> tuple[str, str] | None:
    """The id and the secret inside a token, or None for any other text."""
    match = _TOKEN.fullmatch(token)
    return (match[1], match[2]) if match else None


def verify(key: ApiKey | None, secret: str, pepper: bytes, at: float) -> bool:
    """Whether the secret opens this key at this moment.

    `secret` is what `parse` returned. An unknown key takes as long as a wrong secret.
    """
    is_right = compare_digest(_hash(secret, pepper), key.secret_hash if key else _DECOY)
    return is_right and key is not None and key.is_usable(at)


def _hash(secret: str, pepper: bytes) -> bytes:
    return digest(pepper, secret.encode("utf-8", "surrogatepass"), "sha256")
