"""Names of staff, and the tokens of the one-time links that are made for them."""

import re
import secrets

from safety.gates.tokens import TOKEN_BYTES, hash_of, mint

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_SEPARATOR = "."


def link_for(name: str) -> tuple[str, bytes]:
    """A token for a link to this member, which names them, and the hash of it to keep."""
    token = f"{name}{_SEPARATOR}{mint(secrets.token_bytes(TOKEN_BYTES))[0]}"
    return token, hash_of(token)


def named_in(token: str) -> str:
    """Whose link this claims to be. The hash covers the name, so a changed one opens nothing."""
    return token.partition(_SEPARATOR)[0]
