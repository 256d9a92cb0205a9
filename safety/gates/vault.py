"""The vault: secrets that must be read again lie encrypted, each bound to its own place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32  # AES-256

# 96 random bits (NIST SP 800-38D): safe for 2^32 secrets under one key, and we keep thousands.
_NONCE_BYTES = 12
_TAG_BYTES = 16
_KEY_ID = re.compile(r"[a-z0-9]{1,16}")


class VaultError(Exception):
    """What was sealed is damaged, was moved from its place, or its key is gone."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of the vault by their id: the active one seals, all of them open.

    Raises `ValueError` for an id that is not 1 to 16 of `a-z 0-9`, a key that does not have 32
    bytes, or an active key that is not there.
    """

    active: str
    keys: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if self.active not in self.keys:
            raise ValueError("the active key is not in the ring")
        if any(not _KEY_ID.fullmatch(key_id) for key_id in self.keys):
            raise ValueError("a key id is 1 to 16 of a-z 0-9")
        if any(len(key) != KEY_BYTES for key in self.keys.values()):
            raise ValueError(f"a key of the vault has {KEY_BYTES} bytes")


class Vault:
    """Encrypts with AES-256-GCM.

    A sealed secret opens only for the table, row and column that it was sealed for: copied into
    somebody else's row it is worthless there.
    """

    def __init__(self, ring: KeyRing) -> None:
        self.use(ring)

    def use(self, ring: KeyRing) -> None:
        """Seal and open with these keys from now on."""
        ciphers = {key_id: AESGCM(key) for key_id, key in ring.keys.items()}
        self._ring = (ring.active, ciphers)  # swapped at once: other threads seal meanwhile

    def seal(self, table: str, row: str, column: str, plain: bytes) -> bytes:
        """Encrypt a secret for its place: the key's id, a random nonce, and what is unreadable."""
        active, ciphers = self._ring
        nonce = token_bytes(_NONCE_BYTES)
        head = bytes([len(active)]) + active.encode("ascii")
        return (
            head + nonce + ciphers[active].encrypt(nonce, plain, _place(active, table, row, column))
        )

    def open(self, table: str, row: str, column: str, sealed: bytes) -> bytes:
        """The secret again. Raises `VaultError` for anything but what was sealed for this place."""
        key_id, rest = _split(sealed)
        cipher = self._ring[1].get(key_id)
        if cipher is None:
            raise VaultError("the key that sealed this is not in the ring")
        nonce, unreadable = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, unreadable, _place(key_id, table, row, column))
        except InvalidTag:
            raise VaultError("this is not what was sealed for this place") from None

    def is_current(self, sealed: bytes) -> bool:
        """Whether the active key sealed this; if not, it should be sealed again."""
        return key_of(sealed) == self._ring[0]


def key_of(sealed: bytes) -> str | None:
    """The id of the key that sealed this; None for what no vault has sealed."""
    try:
        return _split(sealed)[0]
    except VaultError:
        return None


def _split(sealed: bytes) -> tuple[str, bytes]:
    length = sealed[0] if sealed else 0
    key_id, rest = sealed[1 : 1 + length].decode("ascii", "replace"), sealed[1 + length :]
    if not _KEY_ID.fullmatch(key_id) or len(rest) < _NONCE_BYTES + _TAG_BYTES:
        raise VaultError("this is not a sealed secret")
    return key_id, rest


def _place(key_id: str, *parts: str) -> bytes:
    """Each part is preceded by its length, or text could move from one part to its neighbour."""
    pieces = [part.encode("utf-8", "surrogatepass") for part in (key_id, *parts)]
    return b"".join(len(piece).to_bytes(4, "big") + piece for piece in pieces)
