"""Members of staff: invited, given a role, disabled. There is always somebody who may do that."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Connection, Engine

from safety.accounts.staff_links import NAME, link_for
from safety.accounts.staff_values import Lasting
from safety.domain.access import STAFF_TENANT, Member, Role
from safety.domain.accounts import Account, AccountStatus, TokenPurpose
from safety.domain.errors import (
    FieldError,
    Forbidden,
    InvalidInput,
    LastAdmin,
    NameTaken,
    UnknownMember,
)
from safety.store import accounts, audit, members, one_time, recovery, sessions, totp
from safety.store.engine import read, write

log = structlog.get_logger(__name__)

_NAME_RULE = "A staff name is 1 to 40 small letters, digits, '_' or '-'."


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member with what an admin should see: how they sign in, and when they last did anything."""

    member: Member
    has_password: bool
    has_second_factor: bool
    seen_at: float | None


@dataclass(frozen=True, slots=True)
class Members:
    """Who is on the staff. Every act is written together with its audit entry, or not at all.

    `author` is who does it: a member's name or the operator's command.
    """

    engine: Engine
    clock: Callable[[], float]
    new_id: Callable[[str], str]
    audit_key: bytes = field(repr=False)
    lasting: Lasting = field(default_factory=Lasting)

    def everybody(self) -> list[MemberView]:
        """All members, disabled ones included, by name."""
        at = self.clock()
        with read(self.engine) as connection:
            found = sorted(members.list_members(connection), key=lambda each: each.name)
            return [_view(connection, each, at) for each in found]

    def named(self, name: str) -> Member:
        """The member of this name. Raises `UnknownMember`."""
        with read(self.engine) as connection:
            return _named(connection, name)

    def invite(self, name: str, role: Role, author: str) -> str:
        """Add a member and return the token of their invitation, which is not kept.

        Raises `InvalidInput` for a name that could confuse and `NameTaken`.
        """
        if not NAME.fullmatch(name):
            raise InvalidInput(_NAME_RULE, errors=[FieldError("name", _NAME_RULE)])
        with write(self.engine) as connection:
            member = self._add(connection, name, role, author)
            return self._link(connection, member, TokenPurpose.INVITATION)

    def invite_again(self, account_id: str, author: str) -> str:
        """A new invitation for a member, who can choose a new password with it; older ones end."""
        with write(self.engine) as connection:
            member = _known(connection, account_id)
            one_time.drop_tokens(connection, STAFF_TENANT, account_id, TokenPurpose.INVITATION)
            self._note(connection, author, "staff.invited", member)
            return self._link(connection, member, TokenPurpose.INVITATION)

    def sign_in_link(self, name: str, role: Role, author: str) -> str:
        """A token that signs somebody in once; who is not a member yet becomes one with `role`.

        Raises `InvalidInput` for a name that could confuse and `Forbidden` for a person who was
        disabled.
        """
        if not NAME.fullmatch(name):
            raise InvalidInput(_NAME_RULE, errors=[FieldError("name", _NAME_RULE)])
        with write(self.engine) as connection:
            member = members.find_member(connection, name)
            if member is None:
                member = self._add(connection, name, role, author)
            if member.disabled_at is not None:
                raise Forbidden(f"{name} is disabled: enable them first.")
            self._note(connection, author, "staff.link_made", member)
            return self._link(connection, member, TokenPurpose.SIGN_IN)

    def set_role(self, account_id: str, role: Role, author: str) -> None:
        """Change what somebody may do; they sign in again. Raises `LastAdmin`."""
        with write(self.engine) as connection:
            member = _known(connection, account_id)
            if member.role is role:
                return
            self._note(connection, author, "staff.role_changed", member, role=role.value)
            members.set_role(connection, account_id, role)
            _demand_an_admin(connection)
            sessions.end_sessions(connection, STAFF_TENANT, account_id)
        log.info("staff_role_changed", member=account_id, role=role.value)

    def disable(self, account_id: str, author: str) -> None:
        """Put somebody out at once: sessions and links end. Raises `LastAdmin`."""
        with write(self.engine) as connection:
            member = _known(connection, account_id)
            if member.disabled_at is not None:
                return
            self._note(connection, author, "staff.disabled", member)
            members.set_disabled(connection, account_id, self.clock())
            _demand_an_admin(connection)
            sessions.end_sessions(connection, STAFF_TENANT, account_id)
            one_time.drop_tokens(connection, STAFF_TENANT, account_id, None)
        log.info("staff_disabled", member=account_id)

    def enable(self, account_id: str, author: str) -> None:
        """Let somebody in again who was disabled."""
        with write(self.engine) as connection:
            member = _known(connection, account_id)
            if member.disabled_at is not None:
                self._note(connection, author, "staff.enabled", member)
                members.set_disabled(connection, account_id, None)

    def reset_second_factor(self, account_id: str, author: str) -> None:
        """For somebody who lost phone and codes: they enrol anew when they next sign in."""
        with write(self.engine) as connection:
            member = _known(connection, account_id)
            self._note(connection, author, "second_factor.removed", member)
            totp.remove_enrolment(connection, STAFF_TENANT, account_id)
            recovery.remove_codes(connection, STAFF_TENANT, account_id)
            sessions.end_sessions(connection, STAFF_TENANT, account_id)
            one_time.drop_tokens(connection, STAFF_TENANT, account_id, TokenPurpose.SECOND_FACTOR)

    def _add(self, connection: Connection, name: str, role: Role, author: str) -> Member:
        at = self.clock()
        member = Member(self.new_id("acc"), name, role, invited_by=author, created_at=at)
        is_new = accounts.add_account(connection, _account(member))
        if not is_new or not members.add_member(connection, member):
            raise NameTaken("There is a member of this name.")
        self._note(connection, author, "staff.invited", member, role=role.value)
        return member

    def _link(self, connection: Connection, member: Member, purpose: TokenPurpose) -> str:
        token, token_hash = link_for(member.name)
        at = self.clock()
        one_time.purge_tokens(connection, at)
        one_time.add_token(
            connection,
            token_hash,
            purpose,
            STAFF_TENANT,
            member.account_id,
            expires_at=at + self.lasting.link,
        )
        return token

    def _note(
        self, connection: Connection, author: str, action: str, member: Member, **details: str
    ) -> None:
        """Write who did what to whom. On PostgreSQL this also lets acts follow one another."""
        told = json.dumps({"name": member.name} | details).encode()
        event = audit.AuditEvent(self.clock(), author, action, member.account_id, told)
        audit.append(connection, event, key=self.audit_key)


def _known(connection: Connection, account_id: str) -> Member:
    member = members.get_member(connection, account_id)
    if member is None:
        raise UnknownMember
    return member


def _named(connection: Connection, name: str) -> Member:
    member = members.find_member(connection, name) if NAME.fullmatch(name) else None
    if member is None:
        raise UnknownMember(f"There is no member {name}.")
    return member


def _demand_an_admin(connection: Connection) -> None:
    """Undo the transaction that would leave nobody to let others in.

    The audit entry before it holds the log's lock, so two admins cannot put each other out.
    """
    if members.count_admins(connection) == 0:
        raise LastAdmin


def _view(connection: Connection, member: Member, at: float) -> MemberView:
    account_id = member.account_id
    account = accounts.get_account(connection, STAFF_TENANT, account_id)
    enrolment = totp.get_enrolment(connection, STAFF_TENANT, account_id)
    opened = sessions.list_sessions(connection, STAFF_TENANT, account_id, at)
    return MemberView(
        member,
        has_password=account is not None and account.password_hash is not None,
        has_second_factor=enrolment is not None and enrolment.confirmed_at is not None,
        seen_at=max((each.seen_at for each in opened), default=None),
    )


def _account(member: Member) -> Account:
    return Account(
        id=member.account_id,
        tenant=STAFF_TENANT,
        username=member.name,
        username_key=member.name,
        email=None,
        email_key=None,
        email_verified_at=None,
        password_hash=None,
        password_pepper=None,
        password_changed_at=None,
        status=AccountStatus.ACTIVE,
        status_reason="",
        held_by=None,
        failures=0,
        must_reset=False,
        created_at=member.created_at,
    )
