"""A platform that uses the gate: signs people up and in over HTTP, and reads what it is mailed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pyotp
from starlette.testclient import TestClient

from safety.app import Overrides, create_app
from safety.config import Settings
from safety.domain.access import Scope
from safety.domain.messages import BODY_PLACE
from safety.gates import keyring_file
from safety.gates.vault import Vault
from safety.store import outbox
from safety.store.engine import open_engine, read
from safety.web.services import Services
from tests.live import a_key

Json = dict[str, Any]
PASSWORD = "seven otters in a canoe"
OTHER_PASSWORD = "eleven herons on a fence"


@dataclass(slots=True)
class Clock:
    """A clock that stands still until a test moves it."""

    at: float = 1_795_366_800.0

    def __call__(self) -> float:
        return self.at


@dataclass(slots=True)
class Platform:
    """The platform's backend: `headers` carry a key that may do everything with accounts."""

    client: TestClient
    settings: Settings
    clock: Clock
    headers: dict[str, str]
    stranger: dict[str, str]  # another tenant's key
    user_only: dict[str, str]  # a key that may sign people up and in, and no more
    services: Services
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def ask(
        self, method: str, path: str, body: Json | None = None, *, session: str | None = None
    ) -> Any:
        """Send a request; with a user's session, if one is given."""
        extra = {} if session is None else {"Safety-Session": session}
        return self.client.request(method, path, json=body, headers=self.headers | extra)

    def context(self) -> Json:
        """Where an end user is: each time somewhere else."""
        number = next(self._numbers)
        return {
            "ip": f"2001:db8:{number:x}::1",
            "device_id": f"d_{number}",
            "user_agent": "Mozilla/5.0",
        }

    def sign_up(self, username: str, **changes: Any) -> Any:
        body = {"username": username, "password": PASSWORD, "context": self.context(), **changes}
        return self.ask("POST", "/v1/accounts", body)

    def sign_in(self, login: str, password: str = PASSWORD, **changes: Any) -> Any:
        body = {"login": login, "password": password, "context": self.context(), **changes}
        return self.ask("POST", "/v1/sessions", body)

    def somebody(self, username: str, **changes: Any) -> str:
        """Sign somebody up and in; the token of their session."""
        made = self.sign_up(username, **changes)
        assert made.json().get("outcome") == "created", made.text
        entered = self.sign_in(username, changes.get("password", PASSWORD))
        assert entered.json().get("outcome") == "signed_in", entered.text
        token: str = entered.json()["opened"]["token"]
        return token

    def with_app(self, session: str) -> tuple[pyotp.TOTP, list[str]]:
        """Enrol an authenticator app; the app and the recovery codes."""
        enrolled = self.ask("POST", "/v1/accounts/me/totp", session=session)
        assert enrolled.status_code == 200, enrolled.text
        app = pyotp.TOTP(enrolled.json()["secret"])
        confirmed = self.ask(
            "POST", "/v1/accounts/me/totp/confirm", {"code": self.code(app)}, session=session
        )
        assert confirmed.status_code == 200, confirmed.text
        return app, confirmed.json()["codes"]

    def code(self, app: pyotp.TOTP) -> str:
        """The code that the app shows next: each is good once."""
        self.clock.at += 30
        return app.at(int(self.clock.at))

    def mails(self, kind: str | None = None) -> list[Json]:
        """What the platform was told by webhook, the latest last."""
        ring = keyring_file.read(self.settings.keyring_file).vault
        engine = open_engine(self.settings.resolved_database_url)
        with read(engine) as connection:
            messages = outbox.pending(connection, limit=1000)
        engine.dispose()
        table, column = BODY_PLACE
        told = [
            json.loads(
                Vault(ring).open(table, each.id, column, each.body) if each.sealed else each.body
            )
            for each in messages
        ]
        return [each for each in told if kind is None or each["type"] == kind]

    def mailed_token(self, kind: str) -> str:
        """The token of the latest mail of this kind."""
        token: str = self.mails(kind)[-1]["data"]["token"]
        return token


@contextmanager
def a_platform(folder: Path, **settings: Any) -> Iterator[Platform]:
    """A running service, and a platform that has keys for it."""
    # What waits after wrong passwords has tests of its own; here many are sent at one moment.
    usual: dict[str, Any] = {"challenge_cost": 1, "longest_delay_seconds": 0.0}
    wanted = Settings(data_dir=folder / "data", **(usual | settings))
    headers = bearer(a_key(wanted))
    stranger = bearer(a_key(wanted, tenant="elsewhere"))
    user_only = bearer(a_key(wanted, scopes=[Scope.ACCOUNTS]))
    clock = Clock()
    app = create_app(wanted, Overrides(clock=clock))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield Platform(client, wanted, clock, headers, stranger, user_only, app.services)


def bearer(key: str) -> dict[str, str]:
    """The header that carries a key."""
    return {"Authorization": f"Bearer {key}"}
