"""Who is calling the API: keys, their scopes, and a copy of them that is never old."""

from collections.abc import Callable
from hashlib import blake2b
from secrets import token_bytes
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from safety.domain.access import ApiKey, Scope
from safety.domain.errors import Forbidden, Unauthenticated
from safety.gates import apikey
from safety.store.engine import read, write
from safety.store.keys import list_keys, touch_keys

_SCHEME = b"bearer "
_LONGEST_HEADER = 512
# When a key was last used is for people who look for keys that nobody uses: minutes will do.
_TOUCHED_SECONDS = 60.0


class Keyring:
    """Every API key, held in memory so that a decision costs no look-up.

    `refresh` is called every second: a key that is made or revoked elsewhere counts by then.
    """

    def __init__(self, engine: Engine, pepper: bytes, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._pepper = pepper
        self._clock = clock
        self._keys: dict[str, ApiKey] = {}
        # Headers proved a moment ago, under a keyed hash: cheaper to find than to prove again, and
        # the secret itself stays out of memory.
        self._proved: dict[bytes, str] = {}
        self._blind = token_bytes(32)
        self._used: dict[str, float] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read all keys again, and note which of them were used since the last time."""
        with read(self._engine) as connection:
            self._keys = {key.id: key for key in list_keys(connection)}
        self._proved = {}
        self._note_use()

    def _note_use(self) -> None:
        used, self._used = self._used, {}
        news = {
            key_id: at
            for key_id, at in used.items()
            if key_id in self._keys
            and at - (self._keys[key_id].last_used_at or 0.0) >= _TOUCHED_SECONDS
        }
        if news:
            with write(self._engine) as connection:
                touch_keys(connection, news)

    def admit(self, authorization: bytes | None, scope: Scope) -> ApiKey:
        """The key behind an Authorization header, if it is good for this scope.

        Raises `Unauthenticated` for no, a malformed, an unknown, a revoked or an expired key (all
        alike), `Forbidden` for a key without the scope.
        """
        key = self._verified(authorization)
        self._used[key.id] = self._clock()
        if scope not in key.scopes:
            raise Forbidden(f"this key lacks the scope {scope.value}")
        return key

    def _verified(self, authorization: bytes | None) -> ApiKey:
        if (
            authorization is None
            or len(authorization) > _LONGEST_HEADER
            or authorization[: len(_SCHEME)].lower() != _SCHEME
        ):
            raise Unauthenticated
        mark = blake2b(authorization, key=self._blind).digest()
        proved = self._keys.get(self._proved.get(mark, ""))
        if proved is not None and proved.is_usable(self._clock()):
            return proved
        parts = apikey.parse(authorization[len(_SCHEME) :].strip().decode("latin-1"))
        if parts is None:
            raise Unauthenticated
        key_id, secret = parts
        key = self._keys.get(key_id)
        if not apikey.verify(key, secret, self._pepper, self._clock()) or key is None:
            raise Unauthenticated
        self._proved[mark] = key_id
        return key


def caller(scope: Scope) -> Callable[[Request], ApiKey]:
    """A dependency that admits keys of this scope."""

    def admit(request: Request) -> ApiKey:
        keyring: Keyring = request.app.state.services.keyring
        given = request.headers.get("authorization")
        return keyring.admit(given.encode("latin-1") if given is not None else None, scope)

    return admit


MayDecide = Annotated[ApiKey, Depends(caller(Scope.DECIDE))]
MayRead = Annotated[ApiKey, Depends(caller(Scope.READ))]
MayScrape = Annotated[ApiKey, Depends(caller(Scope.METRICS))]
MayChangeRules = Annotated[ApiKey, Depends(caller(Scope.RULES))]
MaySignIn = Annotated[ApiKey, Depends(caller(Scope.ACCOUNTS))]
MayManage = Annotated[ApiKey, Depends(caller(Scope.ACCOUNTS_MANAGE))]
MayGate = Annotated[ApiKey, Depends(caller(Scope.GATE))]
