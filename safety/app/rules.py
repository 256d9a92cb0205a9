"""The rules in force, and watching whether their files or the lists they read have changed."""

from collections.abc import Callable, Sequence

from sqlalchemy import Engine

from safety.config import Settings
from safety.decisions.judge import Prepared
from safety.domain.ports import Classifier
from safety.ruleset.active import ActiveRuleset
from safety.ruleset.bundle import Bundle
from safety.ruleset.findings import Finding, Place, RuleFileError
from safety.ruleset.load import load_bundle
from safety.store import lists
from safety.store.engine import read


class LiveRules:
    """One ruleset at a time, made ready together with the models. Raises `RuleFileError`."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        clock: Callable[[], float],
        classifiers: Sequence[Classifier],
    ) -> None:
        self._directories = settings.rule_directories
        self._engine = engine
        self._clock = clock
        self._classifiers = classifiers
        self._lists_seen: object = None
        self.active = ActiveRuleset(self._load, clock=clock, directories=self._directories)
        self._prepared = Prepared(self.active.bundle, classifiers)

    def prepared(self) -> Prepared:
        """The ruleset that judges now."""
        return self._prepared

    def refresh(self) -> None:
        """Read again what has changed; what has an error leaves the rules in force as they are."""
        if (self.active.changed() or self._lists_changed()) and self.active.reload():
            self._prepared = Prepared(self.active.bundle, self._classifiers)

    def trouble(self) -> str | None:
        """The place of the first error. Anybody may ask, so no line of a rule is shown."""
        error = self.active.error
        return None if error is None else f"{error.splitlines()[0]} (the old rules stay in force)"

    def is_broken(self) -> float:
        """1 while the files have an error, for the metrics."""
        return 0.0 if self.active.error is None else 1.0

    def _lists_changed(self) -> bool:
        with read(self._engine) as connection:
            return lists.all_entries(connection, self._clock()) != self._lists_seen

    def _load(self) -> Bundle:
        now = self._clock()
        with read(self._engine) as connection:
            entries = lists.all_entries(connection, now)
        self._lists_seen = entries
        bundle = load_bundle(self._directories, entries, at=now)
        try:
            Prepared(bundle, self._classifiers)
        except ValueError as error:  # the catalogue declares what nothing can compute
            place = Place("features.yaml", 1, 1, 1, "")
            raise RuleFileError([Finding("not-computed", str(error), place)]) from None
        return bundle
