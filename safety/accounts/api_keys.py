"""API keys as people handle them: made, rotated with an overlap, revoked, all of it audited."""

import json
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from safety.domain.access import ApiKey, Scope
from safety.domain.errors import FieldError, InvalidInput, NotFound
from safety.gates import apikey
from safety.store import audit, keys
from safety.store.engine import read, write

LONGEST_NAME = 60
# A tenant never starts with `~`: those are our own.
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NO_KEY = "There is no usable key {}."


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key that was just made, with the token that opens it. It is shown only once."""

    key: ApiKey
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """The keys of all tenants. `pepper` is mixed into their hashes; `author` is who acts."""

    engine: Engine
    clock: Callable[[], float]
    pepper: bytes = field(repr=False)
    audit_key: bytes = field(repr=False)

    def all(self, tenant: str | None = None) -> list[ApiKey]:
        """Every key, or those of one tenant, without their secrets."""
        with read(self.engine) as connection:
            return keys.list_keys(connection, tenant)

    def make(
        self,
        tenant: str,
        name: str,
        scopes: Collection[Scope],
        *,
        author: str,
        is_test: bool = False,
        lasts: float | None = None,
    ) -> MadeKey:
        """Make a key that works for `lasts` seconds (None is for ever). Raises `InvalidInput`."""
        _demand_sense(tenant, name, scopes)
        at = self.clock()
        expires_at = None if lasts is None else at + lasts
        made = self._mint(tenant, name.strip(), scopes, is_test=is_test, expires_at=expires_at)
        with write(self.engine) as connection:
            keys.add_key(connection, made.key)
            told = {"tenant": tenant, "name": made.key.name, "scopes": sorted(scopes)}
            self._note(connection, author, "key.created", made.key.id, told)
        return made

    def rotate(self, key_id: str, *, overlap: float, author: str) -> MadeKey:
        """Make a key that replaces another, which works for `overlap` seconds more.

        The new one lasts as long from now as the old one was made to last. Raises `NotFound` when
        the old one is unknown, revoked, expired or replaced already.
        """
        at = self.clock()
        with read(self.engine) as connection:
            old = keys.get_key(connection, key_id)
        if old is None or not old.is_usable(at):
            raise NotFound(_NO_KEY.format(key_id))
        expires_at = None if old.expires_at is None else at + (old.expires_at - old.created_at)
        made = self._mint(
            old.tenant, old.name, old.scopes, is_test=old.is_test, expires_at=expires_at
        )
        until = at + overlap if old.expires_at is None else min(at + overlap, old.expires_at)
        with write(self.engine) as connection:
            if not keys.rotate_key(connection, key_id, made.key, until=until):
                raise NotFound(_NO_KEY.format(key_id))
            told = {"successor": made.key.id, "overlap_seconds": int(overlap)}
            self._note(connection, author, "key.rotated", key_id, told)
        return made

    def revoke(self, key_id: str, *, author: str) -> None:
        """Close a key for good, at once. Raises `NotFound` when it was closed already."""
        with write(self.engine) as connection:
            if not keys.revoke_key(connection, key_id, self.clock()):
                raise NotFound(_NO_KEY.format(key_id))
            self._note(connection, author, "key.revoked", key_id, {})

    def _mint(
        self,
        tenant: str,
        name: str,
        scopes: Collection[Scope],
        *,
        is_test: bool,
        expires_at: float | None,
    ) -> MadeKey:
        key, token = apikey.mint(
            tenant,
            name,
            scopes,
            is_test=is_test,
            secret_bytes=secrets.token_bytes(apikey.SECRET_BYTES),
            id_bytes=secrets.token_bytes(apikey.ID_BYTES),
            pepper=self.pepper,
            at=self.clock(),
            expires_at=expires_at,
        )
        return MadeKey(key, token)

    def _note(
        self,
        connection: Connection,
        author: str,
        action: str,
        key_id: str,
        told: Mapping[str, object],
    ) -> None:
        event = audit.AuditEvent(self.clock(), author, action, key_id, json.dumps(told).encode())
        audit.append(connection, event, key=self.audit_key)


def _demand_sense(tenant: str, name: str, scopes: Collection[Scope]) -> None:
    problems = []
    if not _TENANT.fullmatch(tenant):
        text = "A tenant is 1 to 64 letters, digits, '.', '_' or '-', a letter or digit first."
        problems.append(FieldError("tenant", text))
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        text = f"Say in at most {LONGEST_NAME} characters what the key is for."
        problems.append(FieldError("name", text))
    if not scopes:
        problems.append(FieldError("scope", "Choose at least one thing that the key may do."))
    if problems:
        raise InvalidInput(problems[0].message, errors=problems)
