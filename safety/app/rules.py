"""The rules in force here: follows the version that the database names, and watches the folders."""

from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from sqlalchemy import Engine

from safety.app.swapping import Kept, let_go, taken_in
from safety.config import Settings
from safety.decisions.judge import Prepared
from safety.decisions.versions import SERVICE, SHOWN, Candidate, RuleVersions
from safety.domain.errors import RulesRefused
from safety.domain.ports import Classifier
from safety.ruleset.active import ActiveRuleset
from safety.ruleset.bundle import Bundle
from safety.ruleset.files import RuleFiles
from safety.ruleset.findings import Finding, Place, RuleFileError
from safety.ruleset.load import Stamps, file_stamps
from safety.ruleset.lost import refuse_losses
from safety.ruleset.packed import pack
from safety.ruleset.workshop import NotBuiltError, build_apart
from safety.store import lists
from safety.store.bundles import Active, Entries
from safety.store.engine import read

_STARTED = "the service started with these files"
_CHANGED = "the files changed"
_LISTED = "the entries of lists changed"


class LiveRules:
    """One ruleset at a time, made ready together with the models. Raises `RuleFileError`.

    `follow` and `look` are called again and again, each by one thread of its own.
    """

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        clock: Callable[[], float],
        classifiers: Sequence[Classifier],
        audit_key: bytes,
    ) -> None:
        self._directories = settings.rule_directories
        self._seconds = settings.rules_build_seconds
        self._engine = engine
        self._clock = clock
        self._classifiers = tuple(classifiers)
        self._thresholds: Mapping[str, float] = {}
        self.versions = RuleVersions(engine, audit_key, clock)
        self._building, self._swapping = Lock(), Lock()
        self._kept = Kept()
        self._made: dict[str, Prepared] = {}
        self._given_up: object = None  # what could not be followed, until something else is named
        self._refused = ""  # the digest of folders that would lose a rule in force
        self._stamps = self._settling = file_stamps(self._directories)
        named, trouble = self._first()
        source = self.versions.source(named.version)
        kept = RuleFiles.from_bytes(source.files)
        bundle = kept.load(source.entries, at=source.at, run_tests=False)
        self._kept.put(named.version, pack(bundle))
        self._prepared = self._checked(bundle)
        self._followed, self._entries = named.version, source.entries
        self.active = ActiveRuleset(bundle)
        if trouble is not None:
            self.active.refuse(_words(trouble))

    def prepared(self) -> Prepared:
        """The ruleset that judges now."""
        return self._prepared

    def use_models(
        self, classifiers: Sequence[Classifier], thresholds: Mapping[str, float]
    ) -> None:
        """Judge with these models and thresholds, from the next event on."""
        with self._swapping:
            self._classifiers, self._thresholds = tuple(classifiers), dict(thresholds)
            self._prepared = self._ready(self._prepared.bundle)

    def trouble(self) -> str | None:
        """The place of the first error. Anybody may ask, so no line of a rule is shown."""
        error = self.active.error
        return None if error is None else f"{error.splitlines()[0]} (the old rules stay in force)"

    def is_broken(self) -> float:
        """1 while the files have an error, for the metrics."""
        return 0.0 if self.active.error is None else 1.0

    def follow(self) -> None:
        """Put the version in force that the database names."""
        named = self.versions.active()
        if named is None or named.version == self._followed or named == self._given_up:
            return
        with self._swapping:
            try:
                self._swap(named)
                if self._given_up is not None:
                    self._given_up = None
                    self.active.accept()
            except NotBuiltError as error:
                self._given_up = named
                self.active.refuse(f"version {named.version[:SHOWN]}: {error}")

    def look(self) -> None:
        """Publish what the folders hold, or the lists, once they have changed and stand still."""
        stamps = file_stamps(self._directories)
        if stamps == self._stamps:
            self._settling = stamps
            self._renew_lists()
        elif stamps != self._settling:
            self._settling = stamps  # somebody may still be writing
        else:
            with self._building:
                self._stamps = stamps
                self._try_folders(stamps)

    def reload(self, *, author: str, why: str) -> Active:
        """Publish what the folders hold now. Raises `RulesRefused` and changes nothing."""
        with self._building:
            self._stamps = self._settling = file_stamps(self._directories)
            try:
                files = self.versions.with_desk(RuleFiles.read(self._directories))
                published = self._publish(files, self._entries_now(), author, why)
            except (NotBuiltError, RuleFileError, OSError) as error:
                self.active.refuse(_words(error))
                raise RulesRefused(self.trouble()) from None
            assert published is not None  # noqa: S101  nothing that was seen may have changed
            self._accept(files)
        self.follow()
        return published

    def change(self, files: RuleFiles, *, seen: Active, author: str, why: str) -> Active | None:
        """Publish a change that somebody made at the desk of the version that they had `seen`.

        None when something else was published meanwhile. Raises `RulesRefused`, and then nothing
        changes. A version that was rolled back to stays pinned: the folders do not come back by it.
        """
        with self._building:
            try:
                done = self._publish(
                    files, self._entries_now(), author, why, seen=seen, stays_pinned=True
                )
            except NotBuiltError as error:
                raise RulesRefused(str(error)) from None
        self.follow()
        return done

    def entries(self) -> Entries:
        """The list entries of the version in force here."""
        return self._entries

    def _try_folders(self, stamps: Stamps) -> None:
        seen = self.versions.active()
        try:
            files = self.versions.with_desk(RuleFiles.read(self._directories))
            if file_stamps(self._directories) != stamps:
                self._stamps = ()  # it changed while it was read: look again
            elif self._are_taken(files, seen):
                self._accept(files)
            else:
                self._stamps = ()
        except (NotBuiltError, RuleFileError, OSError) as error:
            self.active.refuse(_words(error))
        self.follow()

    def _are_taken(self, files: RuleFiles, seen: Active | None) -> bool:
        """Publish files unless they are no news. False: look again, something else came between."""
        if files.folders_digest == self._folder or self._was_faster(files, seen):
            return True
        entries = self._entries_now()
        self._refused = files.folders_digest
        return bool(self._publish(files, entries, SERVICE, _CHANGED, seen=seen, may_lose=False))

    def _accept(self, files: RuleFiles) -> None:
        """The folders are in force: nothing is wrong with them any more."""
        self._folder, self._refused = files.folders_digest, ""
        self.active.accept()

    def _was_faster(self, files: RuleFiles, seen: Active | None) -> bool:
        """Whether another process has published these very files already."""
        if seen is None:
            return False
        if seen.is_pinned:  # a slower process must not bring back what somebody rolled back from
            return self.versions.rolled_back_from(files)
        return self.versions.named(seen.version).files_digest == files.digest

    def _renew_lists(self) -> None:
        entries = self._entries_now()
        if entries == self._entries:
            return
        with self._building:
            seen = self.versions.active()
            if seen is None or seen.version != self._followed:
                return  # follow first
            files = RuleFiles.from_bytes(self.versions.source(seen.version).files)
            try:
                done = self._publish(files, entries, SERVICE, _LISTED, seen=seen, stays_pinned=True)
            except NotBuiltError as error:
                self._entries = entries
                self.active.refuse(_words(error))
                return
            if done is not None:
                self._entries = entries
        self.follow()

    def _publish(
        self,
        files: RuleFiles,
        entries: Entries,
        author: str,
        why: str,
        *,
        seen: Active | None = None,
        stays_pinned: bool = False,
        may_lose: bool = True,
    ) -> Active | None:
        """Build apart, make ready and publish. None: something else was published meanwhile.

        Unless it `may_lose` them, rules in force that are nowhere any more raise `RuleFileError`.
        """
        at = self._clock()
        built = build_apart(files, entries, at=at, seconds=self._seconds)
        self._kept.put(built.version, built.pieces)
        ready = self._ready(taken_in(built.pieces))
        if not may_lose:
            refuse_losses(self._prepared.bundle, ready.bundle)
        self._made = {built.version: ready}
        candidate = Candidate(built.version, built.rules, files, entries, at)
        return self.versions.publish(
            candidate, author=author, why=why, seen=seen, stays_pinned=stays_pinned
        )

    def _swap(self, named: Active) -> None:
        """Make the version ready, then change one reference."""
        source = self.versions.source(named.version)
        ready = self._made.pop(named.version, None)
        if ready is None:
            pieces = self._kept.get(named.version)
            if pieces is None:
                files = RuleFiles.from_bytes(source.files)
                pieces = build_apart(
                    files, source.entries, at=source.at, seconds=self._seconds, run_tests=False
                ).pieces
                self._kept.put(named.version, pieces)
            ready = self._ready(taken_in(pieces))
        elif not ready.uses(self._classifiers, self._thresholds):  # they changed since it was made
            ready = self._ready(ready.bundle)
        old = [self._prepared.bundle]
        self._prepared = ready
        self.active.use(ready.bundle)
        self._followed, self._entries = named.version, source.entries
        if self._refused:
            files = RuleFiles.from_bytes(source.files)
            if files.folders_digest == self._refused:  # somebody meant it
                self._accept(files)
        let_go(old)

    def _ready(self, bundle: Bundle) -> Prepared:
        try:
            return Prepared(bundle, self._classifiers, self._thresholds)
        except ValueError as error:  # the catalogue declares what nothing can compute
            raise NotBuiltError(f"features.yaml: {error}") from None

    def _entries_now(self) -> Entries:
        with read(self._engine) as connection:
            return lists.all_entries(connection, self._clock())

    def _first(self) -> tuple[Active, Exception | None]:
        """Publish the folders if they are new; otherwise, what was in force before the restart.

        Folders with an error stop the start only where nothing was ever in force.
        """
        named = self.versions.active()
        self._folder = ""
        try:
            files = self.versions.with_desk(RuleFiles.read(self._directories))
            if named is None or not self.versions.knows(files):
                named = self._publish_first(files)
        except (RuleFileError, OSError) as error:
            if named is None:
                raise
            return named, error
        self._folder = files.folders_digest
        return named, None

    def _publish_first(self, files: RuleFiles) -> Active:
        """Publish the folders before anything is served. Raises `RuleFileError`."""
        at, entries = self._clock(), self._entries_now()
        bundle = files.load(entries, at=at, run_tests=True)
        self._checked(bundle)
        candidate = Candidate(bundle.version, len(bundle.rules), files, entries, at)
        published = self.versions.publish(candidate, author=SERVICE, why=_STARTED)
        assert published is not None  # noqa: S101  nothing that was seen may have changed
        return published

    def _checked(self, bundle: Bundle) -> Prepared:
        try:
            return self._ready(bundle)
        except NotBuiltError as error:
            place = Place("features.yaml", 1, 1, 1, "")
            raise RuleFileError([Finding("not-computed", str(error), place)]) from None


def _words(error: Exception) -> str:
    """What went wrong, for people who may see rules."""
    if isinstance(error, RuleFileError):
        return error.render()
    if isinstance(error, OSError):
        return f"the rule files cannot be read: {error.strerror}"
    return str(error)
