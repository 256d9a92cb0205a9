"""Which version of each model is live, which is in shadow, and who said so: candidate to live."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import Connection, Engine

from safety.classifiers.card import Card
from safety.classifiers.model_files import CARD_FILE, ModelRefused, digest_of
from safety.classifiers.shelf import Shelf
from safety.domain.errors import InvalidInput, ModelUnusable, NotFound
from safety.store import audit, models
from safety.store.engine import read, write
from safety.store.models import Change, Made, Pointer, SiteThreshold

Json = dict[str, Any]

PROMOTED: Final = "promoted"
ROLLED_BACK: Final = "rolled_back"
SHADOWED: Final = "shadowed"
UNSHADOWED: Final = "unshadowed"
THRESHOLD_SET: Final = "threshold_set"
THRESHOLD_DROPPED: Final = "threshold_dropped"

_LONGEST_WHY: Final = 500
# Enough to walk back through everything that anybody promoted.
_ALL_CHANGES: Final = 10_000


@dataclass(frozen=True, slots=True)
class By:
    """Who wants a change, and why."""

    author: str
    why: str = ""

    def __post_init__(self) -> None:
        if len(self.why) > _LONGEST_WHY or "\0" in self.why:
            raise InvalidInput(f"a reason has at most {_LONGEST_WHY} characters")


@dataclass(frozen=True, slots=True)
class ModelVersions:
    """The versions of one installation's models. Every change is audited in its own transaction."""

    engine: Engine
    shelf: Shelf
    audit_key: bytes = field(repr=False)
    clock: Callable[[], float]

    def pointers(self) -> dict[str, Pointer]:
        """What was chosen, by model."""
        with read(self.engine) as connection:
            return models.pointers(connection)

    def live(self, name: str, pointer: Pointer | None) -> str:
        """The version that is live: the chosen one, or the newest that is shipped."""
        return pointer.live if pointer and pointer.live else self.shelf.newest_shipped(name)

    def threshold(self, name: str, version: str) -> tuple[float, SiteThreshold | None]:
        """The threshold of a version here, and what the site set, if it did."""
        with read(self.engine) as connection:
            own = models.thresholds(connection).get((name, version))
        return (own.threshold if own else self.card(name, version).threshold), own

    def card(self, name: str, version: str) -> Card:
        """The card of a version. Raises `NotFound`, `ModelUnusable`."""
        try:
            return self.shelf.card(name, self._known(name, version))
        except ModelRefused as error:
            raise ModelUnusable(f"{name} {version}: {error}") from error

    def versions(self, name: str) -> list[str]:
        """Every version of a model that this installation knows, oldest first."""
        with read(self.engine) as connection:
            kept = [one.version for one in models.versions(connection) if one.model == name]
        return sorted({*self.shelf.versions(name), *kept}, key=int)

    def kept(self) -> list[Made]:
        """What is in the database: all that was chosen here, without its files."""
        with read(self.engine) as connection:
            return models.versions(connection)

    def history(self, name: str, *, limit: int = 50) -> list[Change]:
        """The latest changes of a model, newest first."""
        with read(self.engine) as connection:
            return models.changes(connection, name, limit=limit)

    def keep(self, name: str, version: str, by: By) -> str:
        """Have a version in the database, where every process finds it; its digest.

        Shipped ones too: the next release may not have them any more. One that is kept already
        stays as it is. Raises `NotFound`, and `ModelUnusable` when its files do not hold.
        """
        self._known(name, version)
        try:
            files = self.shelf.files(name, version)
            digest = digest_of(files[CARD_FILE])
            self.shelf.load(name, version, digest)
        except ModelRefused as error:
            raise ModelUnusable(f"{name} {version}: {error}") from error
        made = Made(name, version, digest, by.author, by.why, self.clock(), files)
        with write(self.engine) as connection:
            if models.add_version(connection, made):
                self._audit(connection, "model.kept", name, by, {"version": version})
        return digest

    def fetch(self, name: str, version: str) -> None:
        """Have the files of a version in a folder, from the database if need be."""
        if self.shelf.folder(name, version).is_dir():
            return
        with read(self.engine) as connection:
            files = models.files(connection, name, version)
        if files:
            self.shelf.put(name, version, files)

    def promote(
        self, name: str, version: str, by: By, *, shown: Json, is_forced: bool = False
    ) -> Pointer:
        """Make a version live. `shown` is the comparison that speaks for it, kept with the change.

        The caller compares first and refuses what is worse. Raises `NotFound`, `ModelUnusable`.
        """
        digest = self.keep(name, version, by)
        details = {"comparison": shown, "forced": is_forced}

        def change(now: Pointer) -> Pointer:
            left = now if now.shadow != version else replace(now, shadow="", shadow_digest="")
            return replace(left, live=version, live_digest=digest)

        return self._change(_Act(name, PROMOTED, by), change, details)

    def shadow(self, name: str, version: str, by: By) -> Pointer:
        """Score a version beside the live one; an empty version ends that. It is never obeyed."""
        digest = self.keep(name, version, by) if version else ""
        action = SHADOWED if version else UNSHADOWED

        def change(now: Pointer) -> Pointer:
            if version and version == self.live(name, now):
                raise InvalidInput("that version is live already")
            return replace(now, shadow=version, shadow_digest=digest)

        return self._change(_Act(name, action, by), change, {})

    def roll_back(self, name: str, by: By) -> Pointer:
        """Make the version live that was live before this one was promoted. Raises `NotFound`."""
        with read(self.engine) as connection:
            past = models.changes(connection, name, limit=_ALL_CHANGES)
        target = _before(past)
        digest = self.keep(name, target, by) if target else ""

        def change(now: Pointer) -> Pointer:
            return replace(now, live=target, live_digest=digest)

        return self._change(_Act(name, ROLLED_BACK, by), change, {})

    def set_threshold(
        self, name: str, version: str, threshold: float, by: By, *, basis: Json | None = None
    ) -> None:
        """Set what `threshold.<name>` is while this version is live. Raises `InvalidInput`."""
        if not 0.0 < threshold < 1.0:
            raise InvalidInput("a threshold lies between 0 and 1")
        before = self.threshold(name, version)[0]
        told = json.dumps(basis or {}).encode()
        own = SiteThreshold(name, version, threshold, by.author, by.why, self.clock(), told)
        details = {"version": version, "before": before, "threshold": threshold}
        with write(self.engine) as connection:
            models.put_threshold(connection, own)
            act = _Act(name, THRESHOLD_SET, by)
            self._record(connection, act, details | {"basis": basis or {}})

    def drop_threshold(self, name: str, version: str, by: By) -> None:
        """Go back to the threshold of the version's card. Raises `NotFound`."""
        with write(self.engine) as connection:
            if not models.drop_threshold(connection, name, version):
                raise NotFound
            self._record(connection, _Act(name, THRESHOLD_DROPPED, by), {"version": version})

    def _known(self, name: str, version: str) -> str:
        try:
            self.fetch(name, version)
            if self.shelf.folder(name, version).is_dir():
                return version
        except ModelRefused:
            pass
        raise NotFound(f"There is no version {version} of a model {name} here.")

    def _change(
        self, act: "_Act", change: Callable[[Pointer], Pointer], details: Mapping[str, Any]
    ) -> Pointer:
        with write(self.engine) as connection:
            models.hold(connection)
            now = models.pointers(connection).get(act.name) or _nothing_chosen(act.name)
            chosen = change(now)
            told = {**details, "before": {"live": now.live, "shadow": now.shadow}}
            sequence = self._record(connection, act, told, chosen)
            author, why = act.by.author, act.by.why
            chosen = replace(chosen, sequence=sequence, author=author, why=why, since=self.clock())
            models.put_pointer(connection, chosen)
        return chosen

    def _record(
        self, connection: Connection, act: "_Act", details: Json, chosen: Pointer | None = None
    ) -> int:
        name, by = act.name, act.by
        now = chosen or models.pointers(connection).get(name) or _nothing_chosen(name)
        told = json.dumps(details).encode()
        change = Change(
            name, act.action, now.live, now.shadow, by.author, by.why, self.clock(), told
        )
        short = {key: value for key, value in details.items() if key not in {"comparison", "basis"}}
        said = short | {"live": now.live, "shadow": now.shadow}
        self._audit(connection, f"model.{act.action}", name, by, said)
        return models.add_change(connection, change)

    def _audit(self, connection: Connection, action: str, name: str, by: By, details: Json) -> None:
        told = json.dumps({"why": by.why} | details).encode()
        event = audit.AuditEvent(self.clock(), by.author, action, name, told)
        audit.append(connection, event, key=self.audit_key)


@dataclass(frozen=True, slots=True)
class _Act:
    """What somebody does to a model."""

    name: str
    action: str
    by: By


def _nothing_chosen(name: str) -> Pointer:
    return Pointer(name, "", "", "", "", 0, "", "", 0.0)


def _before(newest_first: list[Change]) -> str:
    """What was live before the last promotion that was not rolled back. Raises `NotFound`."""
    stack = [""]
    for change in reversed(newest_first):
        if change.action == PROMOTED:
            stack.append(change.live)
        elif change.action == ROLLED_BACK and len(stack) > 1:
            stack.pop()
    if len(stack) == 1:
        raise NotFound("Nothing was promoted that could be taken back.")
    return stack[-2]
