"""Signing in: limits, a decision, the password, and a code where a second factor is enrolled."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from safety.accounts.credentials import Credentials, Right, Who
from safety.accounts.find import Finder
from safety.accounts.one_time import OneTimeTokens
from safety.accounts.places import Places
from safety.accounts.proofs import Proofs
from safety.accounts.second_factor import SecondFactor
from safety.accounts.sessions import Sessions, SignedIn
from safety.accounts.throttle import Doorbell
from safety.accounts.visitor import Visitor
from safety.decisions.ask import Asking
from safety.domain.accounts import Account, Factor, TokenPurpose
from safety.domain.errors import ProofRejected, TokenRejected
from safety.domain.verdicts import Verdict
from safety.store import accounts, totp
from safety.store.engine import read, write

Json = dict[str, Any]

_PASSWORD = frozenset({Factor.PASSWORD})


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """What somebody typed, and where. `decision_id` is a login decision whose challenge was proved.

    `login` is a username, or an e-mail address once it is verified.
    """

    login: str
    password: str = field(repr=False)
    visitor: Visitor
    decision_id: str | None = None


@dataclass(frozen=True, slots=True)
class SecondFactorNeeded:
    """The password was right. The token is no session: it asks for a code and opens nothing."""

    token: str = field(repr=False)
    expires_at: float


@dataclass(frozen=True, slots=True)
class Refused:
    """The decision was not `allow`, and no password was looked at. `decision` is its document."""

    decision: Json


@dataclass(frozen=True, slots=True)
class Login:
    """Opens sessions. No way leads past the second step where a second factor is enrolled."""

    asking: Asking
    proofs: Proofs
    finder: Finder
    doorbell: Doorbell
    credentials: Credentials
    second_factor: SecondFactor
    sessions: Sessions
    places: Places
    tokens: OneTimeTokens

    def login(self, tenant: str, request: LoginRequest) -> SignedIn | SecondFactorNeeded | Refused:
        """Check a name and a password.

        Raises `TooManyRequests` before anything is looked at, `InvalidCredentials` alike for a
        wrong password, an unknown name and an account that may not sign in, and `ProofRejected` for
        a `decision_id` that is not a fresh proof for this name.
        """
        knock = self.doorbell.knock(tenant, request.visitor)
        with read(self.credentials.engine) as connection:
            who = self.finder.find(connection, tenant, request.login, request.visitor)
        refused = self._decide(who, request)
        if refused is not None:
            return refused
        right = self.credentials.check(who, request.password, proof=request.decision_id)
        entered = self._let_in(right, request.visitor)
        self.doorbell.forgive(knock)
        return entered

    def second_step(self, tenant: str, token: str, code: str, visitor: Visitor) -> SignedIn:
        """Check the code that completes a sign-in.

        Raises `TokenRejected` when the first step is too long ago, was used up or never was,
        `CodeRejected` for a wrong code and `TooManyRequests` after several of those.
        """
        knock = self.doorbell.knock(tenant, visitor)
        account_id = self.tokens.use(tenant, token, TokenPurpose.SECOND_FACTOR).subject
        factor = self.second_factor.check_code(tenant, account_id, code)
        with write(self.credentials.engine) as connection:
            account = accounts.hold_account(connection, tenant, account_id)
            # The tokens go when the password changes, and of two codes at once one comes second.
            if account is None or not self.tokens.drop(
                connection, tenant, account_id, TokenPurpose.SECOND_FACTOR
            ):
                raise TokenRejected
            entered = self._open(connection, account, _PASSWORD | {factor}, visitor)
        self.doorbell.forgive(knock)
        return entered

    def _decide(self, who: Who, request: LoginRequest) -> Refused | None:
        if request.decision_id is not None:
            proved = self.proofs.find(who.tenant, request.decision_id, "login")
            if proved.decision.actor_id != who.subject:
                raise ProofRejected("this decision is about another login")
            return None
        event = {
            "type": "login",
            "actor": {"id": who.subject},
            "login": {"known_device": bool(who.known)},
            **request.visitor.sections(),
        }
        answer = self.asking.decide(who.tenant, event)
        return None if answer.verdict is Verdict.ALLOW else Refused(answer.document)

    def _let_in(self, right: Right, visitor: Visitor) -> SignedIn | SecondFactorNeeded:
        who = right.who
        with write(self.credentials.engine) as connection:
            account = self.credentials.accept(connection, right)
            if not totp.is_confirmed(connection, who.tenant, who.subject):
                return self._open(connection, account, _PASSWORD, visitor)
            token, expires_at = self.tokens.add(
                connection, who.tenant, who.subject, TokenPurpose.SECOND_FACTOR
            )
            return SecondFactorNeeded(token, expires_at)

    def _open(
        self,
        connection: Connection,
        account: Account,
        factors: frozenset[Factor],
        visitor: Visitor,
    ) -> SignedIn:
        self.places.remember(connection, account.tenant, account.id, visitor, self.sessions.clock())
        return self.sessions.open(connection, account, factors, visitor)
