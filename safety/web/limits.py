"""Limits: how often one address may ask for what, in one table, enforced by slowapi."""

from collections.abc import Mapping
from types import MappingProxyType

from slowapi import Limiter
from slowapi.errors import RateLimitExceeded
from slowapi.util import get_remote_address

# A person reading items opens a page every second or two; a sign-in link is spent once a day.
LIMITS: Mapping[str, str] = MappingProxyType(
    {
        "desk.sign_in": "10/minute",
        "desk.page": "240/minute",
        "desk.form": "120/minute",
    }
)


def new_limiter() -> Limiter:
    """A limiter over this process's memory, keyed by address and endpoint.

    Its decorator goes below the route decorator, on plain `def` endpoints: counting is quick, but
    it must not run inside the event loop. Its middleware skips included routers and is not used.
    """
    return Limiter(key_func=get_remote_address, key_style="endpoint", storage_uri="memory://")


def seconds_to_wait(error: RateLimitExceeded) -> int | None:
    """The length of the window that is used up; None if the limiter does not say."""
    return None if error.limit is None else int(error.limit.limit.get_expiry())
