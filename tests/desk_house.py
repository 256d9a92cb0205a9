"""A review desk with a real database and real pages, and items to look at, for tests."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path

from fastapi import FastAPI
from sqlalchemy import Engine

from safety.accounts.staff import Staff
from safety.accounts.staff_values import SignedIn, Whence
from safety.assets import shipped
from safety.decisions.explain import Explainer
from safety.decisions.judge import Prepared
from safety.decisions.model_versions import ModelVersions
from safety.decisions.steering.parts import Steering
from safety.decisions.versions import RuleVersions
from safety.domain.access import Member, Role
from safety.domain.accounts import Factor
from safety.domain.errors import NotFound
from safety.domain.features import Catalogue, EventType, Feature, Kind, Source
from safety.domain.labels import Label
from safety.domain.policies import Policy
from safety.domain.reviews import Resolution
from safety.domain.verdicts import FailPolicy
from safety.review.review import Review, build_review
from safety.review.room import Room
from safety.ruleset.load import load_bundle
from safety.store.engine import migrate, open_engine, read, write
from safety.store.items import get_resolution
from safety.web.desk import desk_router
from safety.web.health import Health
from safety.web.limits import Limits
from tests.desk_items import a_comment as a_comment  # noqa: PLC0414  desk tests ask for these here
from tests.desk_items import a_model_signal as a_model_signal  # noqa: PLC0414  as above
from tests.desk_items import a_rule_signal as a_rule_signal  # noqa: PLC0414  as above
from tests.desk_items import add_item as add_item  # noqa: PLC0414  as above
from tests.model_house import versions_in
from tests.staff_parts import AUDIT_KEY as AUDIT_KEY  # noqa: PLC0414  desk tests ask for it here
from tests.staff_parts import a_staff
from tests.steering_bench import Bench

NOW = 1_795_366_800.0  # 2026-11-22T17:00:00Z
POLICIES = {
    "spam.commercial": Policy("spam.commercial", "Unwanted advertising", "", ""),
    "spam.scam": Policy(
        "spam.scam",
        "Scams and phishing",
        "",
        "This looks like a scam, so it is not shown. If it is not, you can ask for a review.",
    ),
    "integrity.fake_engagement": Policy(
        "integrity.fake_engagement", "Fake followers and likes", "", ""
    ),
    "abuse.harassment": Policy("abuse.harassment", "Harassment", "", ""),
}
CATALOGUE = Catalogue(
    features={
        name: Feature(name, kind, Source.DERIVED, "")
        for name, kind in {
            "actor.account_age": Kind.DURATION,
            "actor.created_at": Kind.TIME,
            "content.links": Kind.INT,
        }.items()
    },
    event_types={"comment": EventType("comment", FailPolicy.OPEN, "", "content")},
)


@dataclass(slots=True)
class Clock:
    """A clock that stands still until a test moves it."""

    at: float = NOW

    def __call__(self) -> float:
        return self.at


@dataclass(slots=True)
class House:
    """Everything a desk test touches."""

    engine: Engine
    clock: Clock
    folder: Path = field(default_factory=Path)  # where models stand
    labelled: list[tuple[str, Label]] = field(default_factory=list)
    ruleset_error: str | None = None
    problems: dict[str, str] = field(default_factory=dict)
    https: bool = False
    is_code_required: bool = True
    _staff: dict[tuple[bool, bool], Staff] = field(default_factory=dict)
    _review: Review | None = None
    rules: Path = field(default_factory=lambda: shipped("rules"))
    _bench: Bench | None = None

    @property
    def bench(self) -> Bench:
        """Rules, lists and the attack view on the same database and clock."""
        if self._bench is None:
            segments = self.folder / "segments"
            self._bench = Bench(self.engine, self.clock, self.rules, segments)
        return self._bench

    @property
    def staff(self) -> Staff:
        """The flows of staff, as this house has them set right now."""
        chosen = (self.https, self.is_code_required)
        if chosen not in self._staff:
            self._staff[chosen] = a_staff(
                self.engine, self.clock, _ids(), https=chosen[0], is_code_required=chosen[1]
            )
        return self._staff[chosen]

    @property
    def review(self) -> Review:
        """The review desk on the same database and clock."""
        if self._review is None:
            room = Room(
                engine=self.engine,
                clock=self.clock,
                chance=lambda: 0.5,
                ids=_ids(),
                policies=lambda: POLICIES,
                catalogue=lambda: CATALOGUE,
                audit_key=AUDIT_KEY,
                on_label=lambda tenant, label: self.labelled.append((tenant, label)),
                model_signals=lambda _: (),
            )
            self._review = build_review(room, lambda: (), time.monotonic)
        return self._review

    def clerk(self) -> None:
        """Do at once what the desk does by itself every second."""
        self.review.clerk.run()

    def resolution(self, item_id: str) -> Resolution | None:
        """How an item was resolved, unless that was undone."""
        with read(self.engine) as connection:
            return get_resolution(connection, item_id)

    def link(self, name: str = "ana", role: Role = Role.MODERATOR) -> str:
        """A one-time link for somebody, who becomes a member if they are none."""
        return self.staff.members.sign_in_link(name, role, "test")

    def member(self, name: str = "ana", role: Role = Role.MODERATOR) -> Member:
        """A member of this name, made if there is none."""
        try:
            return self.staff.members.named(name)
        except NotFound:
            self.staff.members.invite(name, role, "test")
            return self.staff.members.named(name)

    def sign_in(self, name: str = "ana", role: Role = Role.MODERATOR) -> SignedIn:
        """A session as it is after password and code, for tests that are about something else."""
        factors = frozenset({Factor.PASSWORD, Factor.TOTP})
        member = self.member(name, role)
        with write(self.engine) as connection:
            return self.staff.sessions.open(connection, member, factors, Whence())

    def app(self) -> FastAPI:
        app = FastAPI()
        app.state.services = DeskOnly(self)
        app.include_router(desk_router(Limits()))
        return app


@dataclass(frozen=True)
class DeskOnly:
    """The part of the services that the desk uses."""

    house: House

    @property
    def review(self) -> Review:
        return self.house.review

    @property
    def new_id(self) -> Callable[[str], str]:
        return _ids()

    @property
    def staff(self) -> Staff:
        return self.house.staff

    @property
    def clock(self) -> Clock:
        return self.house.clock

    @property
    def health(self) -> Health:
        probes = {name: _says(text) for name, text in self.house.problems.items()}
        return Health(probes, is_started=True)

    @property
    def models(self) -> ModelVersions:
        return versions_in(self.house.engine, self.house.folder, clock=self.house.clock)

    @property
    def steering(self) -> Steering:
        return self.house.bench.parts

    @property
    def versions(self) -> RuleVersions:
        return self.house.bench.versions

    @property
    def explainer(self) -> Explainer:
        return Explainer(self.house.engine, _prepared)

    @property
    def policies(self) -> Callable[[], Mapping[str, Policy]]:
        return lambda: POLICIES

    @property
    def ruleset_error(self) -> Callable[[], str | None]:
        return lambda: self.house.ruleset_error


def a_house(tmp_path: Path) -> House:
    engine = open_engine(f"sqlite:///{tmp_path / 'desk.db'}", synchronous="normal")
    migrate(engine)
    return House(engine, Clock(), tmp_path)


_numbers = count(1)


def _ids() -> Callable[[str], str]:
    return lambda prefix: f"{prefix}_{next(_numbers):06}"


def _says(text: str) -> Callable[[], str | None]:
    return lambda: text


@cache
def _prepared() -> Prepared:
    """The shipped rules, without a model."""
    return Prepared(load_bundle([shipped("rules")], run_tests=False, at=NOW), ())
