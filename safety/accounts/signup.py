"""Signing up: limits, names, a decision, and only then the dear part: the password's hash."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine

from safety.accounts.emails import Emails
from safety.accounts.new_password import NewPasswords
from safety.accounts.proofs import Proofs
from safety.accounts.throttle import Doorbell
from safety.accounts.visitor import Visitor
from safety.decisions.ask import Asking, Standing
from safety.domain.accounts import Account, AccountStatus
from safety.domain.errors import InvalidInput, NameTaken, ProofRejected
from safety.domain.verdicts import Verdict
from safety.gates.names import RESERVED, Email, Username, read_email, read_username
from safety.gates.passwords import Hashed
from safety.store import accounts
from safety.store.engine import read, write

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SignUpRequest:
    """What somebody wants to be called. `decision_id` is a signup decision that was proved."""

    username: str
    email: str | None
    password: str = field(repr=False)
    visitor: Visitor
    decision_id: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The decision about a signup, as its document, and the account, if one was made.

    None was made when the verdict is `challenge` or `block`. An account that is `held` cannot be
    signed in to until a person has looked.
    """

    decision: Json
    account: Account | None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A request whose names were read, and the id that the account will have."""

    request: SignUpRequest
    username: Username
    email: Email | None
    id: str


@dataclass(frozen=True, slots=True)
class SignUp:
    """Makes accounts. Whether a *username* is taken is told, whether an address is known never.

    `reserved` are names that nobody may have.
    """

    engine: Engine
    clock: Callable[[], float]
    new_id: Callable[[str], str]
    asking: Asking
    proofs: Proofs
    doorbell: Doorbell
    new_passwords: NewPasswords
    emails: Emails
    reserved: frozenset[str] = RESERVED

    def sign_up(self, tenant: str, request: SignUpRequest) -> Outcome:
        """Decide about a signup and make the account if the verdict allows.

        After a `challenge`, prove it and come again with the decision's id. Raises
        `TooManyRequests`, `InvalidInput`, `WeakPassword`, `NameTaken` and `ProofRejected`.
        """
        self.doorbell.knock(tenant, request.visitor)
        username = read_username(request.username, reserved=self.reserved)
        email = None if request.email is None else read_email(request.email)
        # Judged first: nobody who mistypes should look like somebody who makes many accounts.
        words = _words(username, email)
        self.new_passwords.judge(request.password, words, has_second_factor=False)
        wanted, verdict, document = self._decide(tenant, request, username, email)
        if verdict in {Verdict.CHALLENGE, Verdict.BLOCK}:
            return Outcome(document, None)
        with read(self.engine) as connection:
            if accounts.taken(connection, tenant, username.key, None):
                raise NameTaken
        hashed = self.new_passwords.hash(request.password)
        account = self._account(tenant, wanted, hashed, document, verdict)
        with write(self.engine) as connection:
            self._keep(connection, account, wanted)
        return Outcome(document, account)

    def _decide(
        self, tenant: str, request: SignUpRequest, username: Username, email: Email | None
    ) -> tuple[_Wanted, Verdict, Json]:
        if request.decision_id is not None:
            standing = self.proofs.find(tenant, request.decision_id, "signup")
            if _named_in(standing) != _keys(username, email):
                raise ProofRejected("this decision is about another signup")
            wanted = _Wanted(request, username, email, standing.decision.actor_id)
            return wanted, standing.verdict, standing.document
        wanted = _Wanted(request, username, email, self.new_id("acc"))
        answer = self.asking.decide(tenant, _event(wanted))
        return wanted, answer.verdict, answer.document

    def _keep(self, connection: Connection, account: Account, wanted: _Wanted) -> None:
        if wanted.request.decision_id is not None:
            self.proofs.spend(connection, wanted.request.decision_id)
        if not accounts.add_account(connection, account):
            raise NameTaken
        if wanted.email is not None:
            self.emails.ask_to_verify(connection, account, wanted.email)

    def _account(
        self, tenant: str, wanted: _Wanted, hashed: Hashed, document: Json, verdict: Verdict
    ) -> Account:
        at = self.clock()
        is_held = verdict is Verdict.HOLD
        return Account(
            id=wanted.id,
            tenant=tenant,
            username=wanted.username.shown,
            username_key=wanted.username.key,
            email=None if wanted.email is None else wanted.email.shown,
            email_key=None,  # not before it is verified
            email_verified_at=None,
            password_hash=hashed.hash,
            password_pepper=hashed.pepper,
            password_changed_at=at,
            status=AccountStatus.HELD if is_held else AccountStatus.ACTIVE,
            status_reason="signup_held" if is_held else "",
            held_by=document["id"] if is_held else None,
            failures=0,
            must_reset=False,
            created_at=at,
        )


def _event(wanted: _Wanted) -> Json:
    actor = {"id": wanted.id, "name": wanted.username.shown}
    if wanted.email is not None:
        actor["email"] = wanted.email.shown
    return {"type": "signup", "actor": actor, **wanted.request.visitor.sections()}


def _named_in(standing: Standing) -> tuple[str, str | None]:
    """The keys of the names that a signup decision was about."""
    actor: Json = json.loads(standing.decision.event).get("actor") or {}
    try:
        username = read_username(str(actor.get("name")), reserved=frozenset())
        email = read_email(actor["email"]) if "email" in actor else None
    except InvalidInput:  # a signup event of the platform's own, about names unknown here
        raise ProofRejected("this decision is about another signup") from None
    return _keys(username, email)


def _keys(username: Username, email: Email | None) -> tuple[str, str | None]:
    return username.key, None if email is None else email.key


def _words(username: Username, email: Email | None) -> list[str]:
    return [username.shown] if email is None else [username.shown, email.shown]
