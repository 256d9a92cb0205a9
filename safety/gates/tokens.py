"""One-time tokens for sign-in links and session cookies: the holder has the token, we its hash."""

from base64 import urlsafe_b64encode
from hashlib import sha256

# 256 bits: nobody guesses one, so a plain hash without salt or pepper is enough to keep.
TOKEN_BYTES = 32


def mint(token_bytes: bytes) -> tuple[str, bytes]:
    """Make a token from 32 random bytes: the text for its holder, and the hash to keep.

    Raises `ValueError` when there are fewer or more bytes.
    """
    if len(token_bytes) != TOKEN_BYTES:
        raise ValueError(f"a token needs {TOKEN_BYTES} random bytes")
    token = urlsafe_b64encode(token_bytes).rstrip(b"=").decode("ascii")
    return token, hash_of(token)


def hash_of(token: str) -> bytes:
    """What is kept of a token (32 bytes). Any text has one; only a minted token's is found."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
