"""Which version of the rules is in force: publish one, go back to one, say what was when."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, Engine

from safety.domain.errors import InvalidInput, NotFound
from safety.ruleset.files import RuleFiles
from safety.store import audit, bundles
from safety.store.bundles import Active, Entries, Source, Version
from safety.store.engine import read, write

SERVICE: Final = "service"  # the author of what nobody asked for
SHOWN: Final = 12  # characters of a version that people and decisions use
_SHORTEST: Final = 4
_ROLLED_BACK: Final = "rules.rolled_back"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ruleset that was compiled and whose tests are green."""

    version: str
    rules: int
    files: RuleFiles = field(repr=False)
    entries: Entries = field(repr=False)
    at: float


@dataclass(frozen=True, slots=True)
class _Change:
    """What somebody wants in force."""

    version: str
    author: str
    why: str
    is_pinned: bool


@dataclass(frozen=True, slots=True)
class RuleVersions:
    """The versions of one installation. Every change is audited in its own transaction."""

    engine: Engine
    audit_key: bytes = field(repr=False)
    clock: Callable[[], float]

    def active(self) -> Active | None:
        """What is in force; None before the first version."""
        with read(self.engine) as connection:
            return bundles.active(connection)

    def history(self, *, limit: int) -> list[Version]:
        """The latest versions, newest first."""
        with read(self.engine) as connection:
            return bundles.history(connection, limit=limit)

    def source(self, version: str) -> Source:
        """What a version is built from. Raises `NotFound`."""
        with read(self.engine) as connection:
            found = bundles.source(connection, version)
        if found is None:
            raise NotFound
        return found

    def named(self, name: str) -> Version:
        """The version of this name or beginning of a name. Raises `NotFound` unless it is one."""
        with read(self.engine) as connection:
            return _named(connection, name)

    def knows(self, files: RuleFiles) -> bool:
        """Whether these very folders were published before, whatever the desk added to them."""
        with read(self.engine) as connection:
            return bundles.knows_folders(connection, files.folders_digest)

    def rolled_back_from(self, files: RuleFiles) -> bool:
        """Whether these very folders were in force when somebody last rolled back."""
        with read(self.engine) as connection:
            for event in audit.page(connection, action=_ROLLED_BACK, limit=1):
                left = bundles.named(connection, json.loads(event.details)["before"])
                return any(
                    (v.folders_digest or v.files_digest) == files.folders_digest for v in left
                )
        return False

    def files(self, version: str) -> RuleFiles:
        """The files of a version, the desk's rules included. Raises `NotFound`."""
        return RuleFiles.from_bytes(self.source(version).files)

    def with_desk(self, folders: RuleFiles) -> RuleFiles:
        """Folders under the desk's rules that are in force."""
        now = self.active()
        return folders if now is None else folders.over(self.files(now.version))

    def publish(
        self,
        candidate: Candidate,
        *,
        author: str,
        why: str,
        seen: Active | None = None,
        stays_pinned: bool = False,
    ) -> Active | None:
        """Keep a version and put it in force; what is in force already stays as it is.

        With `seen`, only if nothing changed since: None says that something did.
        """
        with write(self.engine) as connection:
            bundles.hold(connection)
            now = bundles.active(connection)
            if seen is not None and (now is None or now.sequence != seen.sequence):
                return None
            is_pinned = stays_pinned and now is not None and now.is_pinned
            if now is not None and (now.version, now.is_pinned) == (candidate.version, is_pinned):
                return now
            self._keep(connection, candidate, now, author, why)
            change = _Change(candidate.version, author, why, is_pinned)
            return self._activate(connection, now, "rules.published", change)

    def roll_back(self, name: str | None, *, author: str, why: str) -> Active:
        """Put an earlier version in force and pin it; without a name, the one before this one.

        Raises `NotFound` when there is no such version.
        """
        with write(self.engine) as connection:
            bundles.hold(connection)
            now = bundles.active(connection)
            if now is None:
                raise NotFound
            target = _named(connection, name) if name else _before(connection, now.version)
            change = _Change(target.version, author, why, is_pinned=True)
            return self._activate(connection, now, _ROLLED_BACK, change)

    def _keep(
        self, connection: Connection, new: Candidate, now: Active | None, author: str, why: str
    ) -> None:
        previous = now.version if now else None
        files = new.files
        version = Version(
            version=new.version,
            files_digest=files.digest,
            rules=new.rules,
            previous=previous,
            author=author,
            why=why,
            created_at=self.clock(),
            folders_digest=files.folders_digest if files.desk else None,
        )
        bundles.add(connection, version, Source(new.files.to_bytes(), new.entries, new.at))

    def _activate(
        self, connection: Connection, now: Active | None, action: str, change: _Change
    ) -> Active:
        at = self.clock()
        sequence = now.sequence + 1 if now else 1
        chosen = Active(change.version, sequence, change.is_pinned, change.author, change.why, at)
        bundles.activate(connection, chosen)
        before = now.version[:SHOWN] if now else ""
        details = json.dumps({"why": change.why, "before": before}).encode()
        event = audit.AuditEvent(at, change.author, action, change.version[:SHOWN], details)
        audit.append(connection, event, key=self.audit_key)
        return chosen


def _named(connection: Connection, name: str) -> Version:
    if len(name) < _SHORTEST:
        raise InvalidInput(f"name at least {_SHORTEST} characters of a version")
    found = bundles.named(connection, name)
    if len(found) != 1:
        raise NotFound
    return found[0]


def _before(connection: Connection, version: str) -> Version:
    """The version of other files that was in force before this one. Raises `NotFound`."""
    own = bundles.get(connection, version)
    earlier = own
    while earlier is not None and own is not None:
        earlier = bundles.get(connection, earlier.previous) if earlier.previous else None
        if earlier is not None and earlier.files_digest != own.files_digest:
            return earlier
    raise NotFound
