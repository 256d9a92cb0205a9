"""What the platform is told about accounts, by webhook: it alone writes to its users.

| kind | when | data besides `account_id` |
|---|---|---|
| `account.verify_email` | somebody signed up, or asked again | `email`, `token`, `expires_at` |
| `account.email_already_known` | somebody used the address of this account | none |
| `account.change_email` | the owner wants another address | `email`, `token`, `expires_at` |
| `account.email_change_requested` | the same, for the address so far | none |
| `account.email_changed` | the address is another one now | none |
| `account.reset_password` | somebody asked for a new password | `email`, `token`, `expires_at` |
| `account.password_changed` | the password is another one now | `by`: `owner` or `reset` |

Messages with a token are sealed until they leave; all others carry ids only. `email` is where to
send the token, which for a change is not the address that the account has.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from safety.decisions.record import iso
from safety.domain.accounts import Account, TokenPurpose
from safety.domain.messages import BODY_PLACE, Message
from safety.gates.vault import Vault

_KINDS = {
    TokenPurpose.VERIFY_EMAIL: "account.verify_email",
    TokenPurpose.CHANGE_EMAIL: "account.change_email",
    TokenPurpose.RESET_PASSWORD: "account.reset_password",
}


@dataclass(frozen=True, slots=True)
class Notices:
    """Writes the messages. `new_id` makes an id from its prefix."""

    vault: Vault
    new_id: Callable[[str], str]

    def about(self, account: Account, kind: str, at: float, **data: str) -> Message:
        """A message that says what happened to an account, without anything personal."""
        body = _body(kind, at, {"account_id": account.id, **data})
        return self._message(account, kind, body, at)

    def with_token(
        self,
        account: Account,
        purpose: TokenPurpose,
        token: str,
        email: str,
        *,
        expires_at: float,
        at: float,
    ) -> Message:
        """A message with a one-time token that the platform sends to this address."""
        kind = _KINDS[purpose]
        data = {
            "account_id": account.id,
            "email": email,
            "token": token,
            "expires_at": iso(expires_at),
        }
        return self._message(account, kind, _body(kind, at, data), at, is_sealed=True)

    def _message(
        self, account: Account, kind: str, body: bytes, at: float, *, is_sealed: bool = False
    ) -> Message:
        message_id = self.new_id("msg")
        table, column = BODY_PLACE
        return Message(
            id=message_id,
            tenant=account.tenant,
            kind=kind,
            body=self.vault.seal(table, message_id, column, body) if is_sealed else body,
            created_at=at,
            due_at=at,
            sealed=is_sealed,
            subject=account.id,
        )


def _body(kind: str, at: float, data: dict[str, Any]) -> bytes:
    body = {"type": kind, "timestamp": iso(at), "data": data}
    return json.dumps(body, separators=(",", ":")).encode("ascii")
