"""What people steer rules by, put together: drafts, controls, lists, undos, the challenge level."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog

from safety.app.rules import LiveRules
from safety.app.world import World
from safety.config import Settings
from safety.decisions.explain import Explainer
from safety.decisions.judge import Judge, Judgement
from safety.decisions.steering.attack import scene
from safety.decisions.steering.controlling import Controlling
from safety.decisions.steering.drafts import RuleDesk
from safety.decisions.steering.lessons import Lessons
from safety.decisions.steering.list_keeping import ListKeeping
from safety.decisions.steering.matches import Matches
from safety.decisions.steering.parts import Steering
from safety.decisions.steering.raising import Raising
from safety.decisions.steering.records import Records, Reviewed
from safety.decisions.steering.tallies import Tallying
from safety.decisions.steering.undoing import Undoing
from safety.domain.errors import NotFound, RulesRefused, Unavailable
from safety.domain.labels import Label
from safety.domain.verdicts import Verdict
from safety.ruleset.bundle import Bundle
from safety.ruleset.files import RuleFiles
from safety.ruleset.findings import Finding
from safety.ruleset.lint import lint
from safety.ruleset.trial import Trial
from safety.ruleset.workshop import NotBuiltError, build_apart, try_apart
from safety.store import lists
from safety.store.bundles import Entries
from safety.store.engine import read
from safety.training.apart import Backtests

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wheel:
    """What steering needs of the rest of a service."""

    settings: Settings
    world: World
    rules: LiveRules
    judge: Judge
    explainer: Explainer
    audit_key: bytes = field(repr=False)
    on_label: Callable[[str, Label], None]


class LiveSteering:
    """The parts of steering, and what of them runs every second."""

    def __init__(self, wheel: Wheel, raising: Raising) -> None:
        self._wheel = wheel
        world = wheel.world
        self._bundle: Callable[[], Bundle] = lambda: wheel.rules.active.bundle
        self._raising = raising
        self._tallying = Tallying(world.engine, world.clock, self._bundle)
        self._linted: tuple[Bundle | None, Sequence[Finding]] = (None, ())
        self.parts = self._steering()
        self.refresh_level()

    def noticed(self, judgement: Judgement, verdict: Verdict) -> None:
        """Take note of a judgement, for the counts."""
        self._tallying.noticed(judgement, verdict)

    def refresh_level(self) -> None:
        """Obey the challenge level that is raised, if any is."""
        self._raising.refresh()
        self._wheel.judge.raised = self._raising.signal if self._raising.now else None

    def count(self) -> None:
        """One round of counting."""
        self._tallying.refresh()

    def undo(self) -> None:
        """Some batches of whatever is being undone."""
        self.parts.undoing.work()

    def stop(self) -> None:
        """Add what is counted to the database: nothing comes any more."""
        try:
            self._tallying.refresh()
            self._tallying.flush()
        except Unavailable:  # counts are worth less than an end
            log.warning("counts_lost")

    def _steering(self) -> Steering:
        wheel = self._wheel
        world, settings, rules = wheel.world, wheel.settings, wheel.rules
        engine, clock, key = world.engine, world.clock, wheel.audit_key
        return Steering(
            bundle=self._bundle,
            rules=RuleDesk(
                engine, clock, world.new_id, key, rules.versions, self._bundle, self._trial,
                rules.change,
            ),
            records=Records(engine, clock, Reviewed(engine)),
            matches=Matches(engine, clock),
            controlling=Controlling(engine, clock, key, self._bundle),
            undoing=Undoing(
                engine, clock, world.new_id, key, settings.undo_alone_accounts, self._steps,
                wheel.on_label,
            ),
            lists=ListKeeping(engine, clock, key, self._bundle, self._refused, rules.entries),
            lessons=Lessons(engine, self._bundle, wheel.explainer.values),
            raising=self._raising,
            scene=partial(scene, engine, clock),
            backtests=Backtests(
                engine, clock, settings.resolved_database_url, settings.data_dir / "segments",
                settings.backtest_seconds,
            ),
            entries=self._entries,
            warnings=self._warnings,
        )  # fmt: skip

    def _entries(self) -> Entries:
        with read(self._wheel.world.engine) as connection:
            return lists.all_entries(connection, self._wheel.world.clock())

    def _trial(self, files: RuleFiles, rule: str) -> Trial:
        """Look at one rule in a child. Raises `RulesRefused` when that takes too long."""
        at, seconds = self._wheel.world.clock(), self._wheel.settings.rules_build_seconds
        try:
            return try_apart(files, self._entries(), rule, at=at, seconds=seconds)
        except NotBuiltError as error:
            raise RulesRefused(str(error)) from None

    def _refused(self, entries: Entries) -> str:
        """What would be wrong with these list entries under the rules in force."""
        rules, at = self._wheel.rules, self._wheel.world.clock()
        active = rules.versions.active()
        if active is None:
            raise NotFound
        files = rules.versions.files(active.version)
        seconds = self._wheel.settings.rules_build_seconds
        try:
            build_apart(files, entries, at=at, seconds=seconds, run_tests=False)
        except NotBuiltError as error:
            return str(error)
        return ""

    def _steps(self) -> Mapping[str, Sequence[tuple[int, Verdict]]]:
        return {name: one.points for name, one in self._bundle().catalogue.event_types.items()}

    def _warnings(self) -> Sequence[Finding]:
        """What lint says of the version in force; looked at once for each version."""
        bundle, (known, found) = self._bundle(), self._linted
        if known is not bundle:
            found = lint(bundle, at=self._wheel.world.clock())
            self._linted = (bundle, found)
        return found
