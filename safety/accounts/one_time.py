"""One-time tokens of accounts: how long each kind lasts, and how it is used."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Connection, Engine

from safety.domain.accounts import TokenPurpose
from safety.domain.errors import TokenRejected
from safety.gates.tokens import TOKEN_BYTES, hash_of, mint
from safety.store import accounts, one_time
from safety.store.engine import write
from safety.store.one_time import OneTime

_MINUTE, _DAY = 60.0, 86400.0


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a token may be used, in seconds, and how often it may be tried."""

    lasts: float
    uses: int


TERMS: Mapping[TokenPurpose, Terms] = MappingProxyType(
    {
        # Five codes mistyped, then the password again (ASVS 6.3.4).
        TokenPurpose.SECOND_FACTOR: Terms(5 * _MINUTE, 5),
        # OWASP, Forgot Password. A weak new password may be corrected; success uses the token up.
        TokenPurpose.RESET_PASSWORD: Terms(30 * _MINUTE, 5),
        # People read their mail tomorrow.
        TokenPurpose.VERIFY_EMAIL: Terms(3 * _DAY, 1),
        TokenPurpose.CHANGE_EMAIL: Terms(_DAY, 1),
    }
)


@dataclass(frozen=True, slots=True)
class OneTimeTokens:
    """Makes and uses them. Only hashes are kept, and a token serves the purpose it was made for."""

    engine: Engine
    clock: Callable[[], float]
    random_bytes: Callable[[int], bytes]

    def add(
        self,
        connection: Connection,
        tenant: str,
        subject: str,
        purpose: TokenPurpose,
        data: bytes = b"",
    ) -> tuple[str, float]:
        """Make a token; the token and the moment when it ends."""
        token, token_hash = mint(self.random_bytes(TOKEN_BYTES))
        terms = TERMS[purpose]
        expires_at = self.clock() + terms.lasts
        one_time.add_token(
            connection,
            token_hash,
            purpose,
            tenant,
            subject,
            expires_at=expires_at,
            uses=terms.uses,
            data=data,
        )
        return token, expires_at

    def use(self, tenant: str, token: str, purpose: TokenPurpose) -> OneTime:
        """Use a token, once for all who present it at this moment. Raises `TokenRejected`."""
        with write(self.engine) as connection:
            return _demand(
                one_time.use_token(connection, hash_of(token), purpose, tenant, self.clock())
            )

    def use_in(
        self, connection: Connection, tenant: str, token: str, purpose: TokenPurpose
    ) -> OneTime:
        """The same inside the caller's transaction, which keeps everybody from the account."""
        place = (connection, hash_of(token), purpose, tenant, self.clock())
        found = _demand(one_time.find_token(*place))
        # Held first, as whoever takes tokens back does: two who wait for each other get nowhere.
        accounts.hold_account(connection, tenant, found.subject)
        return _demand(one_time.use_token(*place))

    @staticmethod
    def drop(connection: Connection, tenant: str, subject: str, *purposes: TokenPurpose) -> int:
        """Take tokens of these purposes back, spent ones included; how many there were."""
        return sum(
            one_time.drop_tokens(connection, tenant, subject, purpose) for purpose in purposes
        )


def _demand(found: OneTime | None) -> OneTime:
    if found is None:
        raise TokenRejected
    return found
