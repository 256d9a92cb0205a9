"""Everything that people steer rules by, over a real database and real files, for tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

from sqlalchemy import Engine

from safety.decisions.explain import Explainer
from safety.decisions.judge import Prepared
from safety.decisions.steering.attack import scene
from safety.decisions.steering.causes import Steps
from safety.decisions.steering.controlling import Controlling
from safety.decisions.steering.drafts import RuleDesk
from safety.decisions.steering.lessons import Lessons
from safety.decisions.steering.list_keeping import ListKeeping
from safety.decisions.steering.matches import Matches
from safety.decisions.steering.parts import Steering
from safety.decisions.steering.raising import Raising
from safety.decisions.steering.records import Records, Reviewed
from safety.decisions.steering.undoing import Undoing
from safety.decisions.versions import Candidate, RuleVersions
from safety.domain.labels import Label
from safety.ruleset.bundle import Bundle
from safety.ruleset.files import RuleFiles
from safety.ruleset.findings import RuleFileError
from safety.ruleset.trial import try_rule
from safety.store import lists
from safety.store.bundles import Active, Entries
from safety.store.engine import read
from safety.training.apart import Backtests

AUDIT_KEY = b"k" * 32
_NUMBERS = count(1)


def _new_id(prefix: str) -> str:
    return f"{prefix}_{next(_NUMBERS):06}"


@dataclass(slots=True)
class Bench:
    """A service's steering without the service: rules are compiled in this process."""

    engine: Engine
    clock: Callable[[], float]
    folder: Path
    data: Path
    alone: int = 100
    ended: list[tuple[str, Label]] = field(default_factory=list)
    bundle: Bundle = field(init=False)
    entries: Entries = field(init=False)
    parts: Steering = field(init=False)

    def __post_init__(self) -> None:
        self.publish(RuleFiles.read([self.folder]), seen=None, author="service", why="")
        self.parts = self._steering()

    @property
    def versions(self) -> RuleVersions:
        """The versions in the database."""
        return RuleVersions(self.engine, AUDIT_KEY, self.clock)

    def publish(
        self, files: RuleFiles, *, seen: Active | None, author: str, why: str
    ) -> Active | None:
        """Put files in force, as the service does after its child has compiled them."""
        at, entries = self.clock(), self._entries_now()
        bundle = files.load(entries, at=at, run_tests=True)
        candidate = Candidate(bundle.version, len(bundle.rules), files, entries, at)
        done = self.versions.publish(candidate, author=author, why=why, seen=seen)
        if done is not None:
            self.bundle, self.entries = bundle, entries
        return done

    def renew_lists(self) -> None:
        """What the service does by itself once entries of lists changed."""
        active = self.versions.active()
        assert active is not None
        self.publish(self.versions.files(active.version), seen=active, author="service", why="")

    def _entries_now(self) -> Entries:
        with read(self.engine) as connection:
            return lists.all_entries(connection, self.clock())

    def _steering(self) -> Steering:
        engine, clock, bundle = self.engine, self.clock, self._bundle
        explainer = Explainer(engine, lambda: Prepared(self.bundle, ()))
        return Steering(
            bundle=bundle,
            rules=RuleDesk(
                engine, clock, _new_id, AUDIT_KEY, self.versions, bundle,
                lambda files, rule: try_rule(files, self._entries_now(), rule, at=clock()),
                self.publish,
            ),
            records=Records(engine, clock, Reviewed(engine)),
            matches=Matches(engine, clock),
            controlling=Controlling(engine, clock, AUDIT_KEY, bundle),
            undoing=Undoing(
                engine, clock, _new_id, AUDIT_KEY, self.alone, self._steps,
                lambda tenant, label: self.ended.append((tenant, label)),
            ),
            lists=ListKeeping(
                engine, clock, AUDIT_KEY, bundle, self._refused, lambda: self.entries
            ),
            lessons=Lessons(engine, bundle, explainer.values),
            raising=Raising(engine, clock, _new_id, AUDIT_KEY),
            scene=partial(scene, engine, clock),
            backtests=Backtests(
                engine, clock, engine.url.render_as_string(hide_password=False), self.data, 60.0
            ),
            entries=self._entries_now,
            warnings=lambda: (),
        )  # fmt: skip

    def _bundle(self) -> Bundle:
        return self.bundle

    def _steps(self) -> Steps:
        return {name: one.points for name, one in self.bundle.catalogue.event_types.items()}

    def _refused(self, entries: Entries) -> str:
        active = self.versions.active()
        assert active is not None
        try:
            self.versions.files(active.version).load(entries, at=self.clock(), run_tests=False)
        except RuleFileError as error:
            return error.render()
        return ""
