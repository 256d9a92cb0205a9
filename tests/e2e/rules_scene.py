"""A desk with a few rules of our own in force, matches, and two people who may change rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from httpx2 import Response
from starlette.testclient import TestClient

from safety.domain.access import Role
from safety.domain.verdicts import Verdict
from safety.store import rule_counts
from safety.store.engine import write
from safety.web.desk_guard import SESSION
from tests.controlled_rules import RULES
from tests.desk_house import NOW, House, a_comment, a_house, a_rule_signal, add_item
from tests.factories import a_rules_folder

ORIGIN = "http://127.0.0.1"
BLOCKS, HOLDS = "long-text", "spam-score"
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Analyst:
    """Somebody at the desk."""

    client: TestClient
    token: str
    csrf: str

    def get(self, path: str) -> Response:
        return self.client.get(path, headers=self._headers(), follow_redirects=False)

    def post(self, path: str, data: Mapping[str, str] | None = None, **fields: str) -> Response:
        sent = {"csrf": self.csrf, **(data or {}), **fields}
        return self.client.post(path, data=sent, headers=self._headers(), follow_redirects=False)

    def _headers(self) -> dict[str, str]:
        return {"Origin": ORIGIN, "Cookie": f"{SESSION}={self.token}"}


def an_analyst(client: TestClient, house: House, name: str = "ana") -> Analyst:
    signed_in = house.sign_in(name, Role.ANALYST)
    return Analyst(client, signed_in.token, signed_in.session.csrf)


def a_scene(folder: Path) -> House:
    """Five decisions that `long-text` blocked within the last hour, and what was counted."""
    house = a_house(folder)
    house.rules = a_rules_folder(folder, RULES)
    (house.rules / "lists" / "deny_domains.txt").write_text("spam.example\n")
    signal = a_rule_signal(rule=BLOCKS, verdict="block", revision="1")
    for number in range(5):
        actor = {"id": f"u_{number % 3}"}
        event = a_comment(actor=actor)
        at = NOW - 50 + number
        add_item(
            house.engine, event, signals=[signal], verdict=Verdict.BLOCK, at=at, is_flagged=False
        )
    minute, hour = int(NOW) - 60, int(NOW - 50) // HOUR * HOUR
    with write(house.engine) as connection:
        rule_counts.add_hours(connection, {(hour, BLOCKS, "1", True): 5})
        counts = {
            (minute, "demo", "verdict", "comment", int(Verdict.BLOCK)): 5,
            (minute, "demo", "net.ip", "203.0.113.9", int(Verdict.BLOCK)): 5,
            (minute, "demo", "content.link_domain", "evil.com", int(Verdict.BLOCK)): 4,
            (minute, "demo", "actor.email_domain", "spam.example", int(Verdict.ALLOW)): 1,
            (minute, "demo", "rule", BLOCKS, int(Verdict.BLOCK)): 5,
        }
        rule_counts.add_minutes(connection, counts)
    return house
