"""One of several processes that race for the same things in one database; started by a test.

Reads what to race for as one line of JSON, waits for a second line, and writes what it got.
"""

import json
import sys

from safety.domain.errors import NameTaken, TokenRejected, TooManyRequests
from safety.store.engine import open_engine, write
from tests.integration.accounts.gate_house import MAIN, Gate, a_gate


def named(gate: Gate, username: str) -> bool:
    try:
        return gate.sign_up(username, None).account is not None
    except NameTaken:
        return False


def returned(gate: Gate, token: str) -> bool:
    try:
        gate.accounts.emails.verify(MAIN, token)
    except TokenRejected:
        return False
    return True


def counted(gate: Gate, subject: str) -> bool:
    throttle = gate.accounts.login.credentials.throttle
    try:
        with write(gate.engine) as connection:
            throttle.count(connection, MAIN, subject, proved=False)
    except TooManyRequests:
        return False
    return True


def main() -> None:
    wanted = json.loads(sys.stdin.readline())
    engine = open_engine(wanted["url"])
    with a_gate(engine) as gate:
        print("ready", flush=True)  # noqa: T201  how it speaks to the test
        sys.stdin.readline()
        got = {
            "names": [name for name in wanted["names"] if named(gate, name)],
            "tokens": [token for token in wanted["tokens"] if returned(gate, token)],
            "tries": sum(counted(gate, wanted["subject"]) for _ in range(wanted["tries"])),
        }
        print(json.dumps(got), flush=True)  # noqa: T201  the same
    engine.dispose()


if __name__ == "__main__":
    main()
