"""Keyed hashes that stand for what must not be kept: names nobody has, devices, erased people."""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256

_BYTES_SHOWN = 12  # 96 bits: two names never meet by chance


@dataclass(frozen=True, slots=True)
class Marks:
    """Makes them. Without the key nobody can try names until one fits."""

    key: bytes = field(repr=False)

    def unknown(self, tenant: str, login: str) -> str:
        """An actor id for somebody who signs in under a name that no account has."""
        return f"unknown_{self._hash('login', tenant, login)[:_BYTES_SHOWN].hex()}"

    def erased(self, tenant: str, account_id: str) -> str:
        """What the audit log says of an account that was erased."""
        return f"erased_{self._hash('erased', tenant, account_id)[:_BYTES_SHOWN].hex()}"

    def mail(self, tenant: str, email_key: str) -> str:
        """What mails to an address are counted under."""
        return f"mail_{self._hash('mail', tenant, email_key)[:_BYTES_SHOWN].hex()}"

    def place(self, tenant: str, account_id: str, kind: str, value: str) -> bytes:
        """A device or an address that an account was signed in to from."""
        return self._hash("place", tenant, account_id, kind, value)

    def _hash(self, *parts: str) -> bytes:
        # Each part is preceded by its length, or text could move from one part to its neighbour.
        pieces = [part.encode("utf-8", "surrogatepass") for part in parts]
        framed = b"".join(len(piece).to_bytes(8, "big") + piece for piece in pieces)
        return hmac.digest(self.key, framed, sha256)
