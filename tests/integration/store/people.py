"""Accounts and sessions for tests, and ways to act at the same moment."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

from sqlalchemy import Connection, Engine

from safety.domain.accounts import Account, AccountStatus, Factor, Session
from safety.store.accounts import add_account
from safety.store.engine import write
from tests.integration.store.entries import NOW

_NUMBERS: Iterator[int] = count(1)
_SECONDS = 60


def an_account(account_id: str = "acc_mia", **changes: Any) -> Account:
    """An active account; its name and address follow from its id."""
    values: dict[str, Any] = {
        "id": account_id,
        "tenant": "acme",
        "username": f"Mia {account_id}",
        "username_key": f"mia {account_id}",
        "email": f"{account_id}@Example.org",
        "email_key": f"{account_id}@example.org",
        "email_verified_at": None,
        "password_hash": "$argon2id$old",
        "password_pepper": None,
        "password_changed_at": NOW,
        "status": AccountStatus.ACTIVE,
        "status_reason": "",
        "held_by": None,
        "failures": 0,
        "must_reset": False,
        "created_at": NOW,
    }
    return Account(**values | changes)


def a_session(session_id: str | None = None, **changes: Any) -> Session:
    """A session of `an_account()` that lasts ten seconds unused and a hundred in all."""
    name = session_id or f"ses_{next(_NUMBERS)}"
    values: dict[str, Any] = {
        "id": name,
        "token_hash": name.encode(),
        "tenant": "acme",
        "account_id": "acc_mia",
        "csrf": "csrf",
        "factors": frozenset({Factor.PASSWORD}),
        "created_at": NOW,
        "seen_at": NOW,
        "idle_at": NOW + 10,
        "expires_at": NOW + 100,
        "proved_at": NOW,
        "address": "203.0.113.9",
        "agent": "Firefox on Linux",
    }
    return Session(**values | changes)


def keep(engine: Engine, *new: Account) -> None:
    """Have accounts in the database."""
    with write(engine) as connection:
        for account in new:
            assert add_account(connection, account)


def at_once(engine: Engine, act: Callable[[Connection], Any], people: int = 8) -> list[Any]:
    """What each of several is told who act at the same moment, each in their own transaction."""

    def try_to(_: int) -> Any:
        with write(engine) as connection:
            return act(connection)

    with ThreadPoolExecutor(people) as pool:
        return list(pool.map(try_to, range(people)))


def in_processes(url: str, act: str, processes: int = 2) -> int:
    """How often an act of `racing.py` succeeds that several processes repeat all at once."""
    command = [sys.executable, "-m", "tests.integration.store.racing", url, act]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own module
        for _ in range(processes)
    ]
    for process in running:  # it says that it is ready
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return sum(int(process.communicate(timeout=_SECONDS)[0]) for process in running)
