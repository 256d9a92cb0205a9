"""Rules changed at the desk: saved texts, a second person where a rule can block, publishing."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Protocol

from sqlalchemy import Engine

from safety.decisions.versions import SHOWN, RuleVersions
from safety.domain.errors import FieldError, Forbidden, InvalidInput, NotFound, RulesRefused
from safety.ruleset.bundle import Bundle
from safety.ruleset.files import RuleFiles
from safety.ruleset.texts import RuleText, text_of
from safety.ruleset.trial import Trial
from safety.store import audit, rule_changes
from safety.store.bundles import Active
from safety.store.engine import read, write
from safety.store.rule_changes import ChangeState, RuleChange

LONGEST_TEXT: Final = 64 << 10
LONGEST_WHY: Final = 500
_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}", re.ASCII)
_TRIES: Final = 3


class Publish(Protocol):
    """Puts changed files in force; None when something else was published meanwhile."""

    def __call__(
        self, files: RuleFiles, *, seen: Active, author: str, why: str
    ) -> Active | None: ...


class Stale(InvalidInput):
    """The rule was changed since this text was written."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A saved text with what is known of it now.

    `needs_second` says that it takes another person, and `is_stale` that the text in force is not
    the one that it was written over any more.
    """

    change: RuleChange
    trial: Trial
    needs_second: bool
    is_stale: bool


@dataclass(frozen=True, slots=True)
class RuleDesk:
    """Where people change rules. Texts are kept for good, and each publishing is audited.

    What is written here comes over all folders of rules and belongs to the version, so going back
    to a version goes back in this as well. `try_out` looks at one rule among files, and `publish`
    puts files in force.
    """

    engine: Engine
    clock: Callable[[], float]
    ids: Callable[[str], str]
    audit_key: bytes = field(repr=False)
    versions: RuleVersions
    bundle: Callable[[], Bundle]
    try_out: Callable[[RuleFiles, str], Trial]
    publish_files: Publish

    def text(self, rule: str) -> RuleText:
        """A rule of the version in force as it is written. Raises `NotFound`."""
        found = text_of(self._files()[1], rule)
        if found is None:
            raise NotFound("There is no such rule in the files.")
        return found

    def written_here(self) -> Mapping[str, str]:
        """The desk's rules that are in force, by id."""
        return dict(self._files()[1].desk)

    def change(self, change_id: str) -> RuleChange:
        """A saved text. Raises `NotFound`."""
        with read(self.engine) as connection:
            found = rule_changes.get(connection, change_id)
        if found is None:
            raise NotFound("There is no such draft.")
        return found

    def changes(self, rule: str, *, limit: int = 30) -> list[RuleChange]:
        """What was saved of a rule, newest first."""
        with read(self.engine) as connection:
            return rule_changes.of_rule(connection, rule, limit=limit)

    def waiting(self, *, limit: int = 50) -> list[RuleChange]:
        """What is not decided yet, newest first."""
        with read(self.engine) as connection:
            return rule_changes.open_ones(connection, limit=limit)

    def last_changes(self) -> Mapping[str, RuleChange]:
        """The latest change of each rule that was published here."""
        with read(self.engine) as connection:
            return rule_changes.last_published(connection)

    def save(self, rule: str, text: str, *, why: str, author: str) -> RuleChange:
        """Keep a text, whatever is wrong with it; an empty one takes the desk's rule away.

        It takes the place of what this person had open about the rule. Raises `InvalidInput` for an
        id that is none, or a text that is too long.
        """
        if not _ID.fullmatch(rule):
            raise _wrong("rule", "An id is lower-case letters, digits, `-`, `_` and `.`.")
        if len(text.encode("utf-8", "replace")) > LONGEST_TEXT:
            raise _wrong("text", f"A rule's text has at most {LONGEST_TEXT >> 10} KB.")
        files = self._files()[1]
        if not text.strip() and rule not in dict(files.desk):
            raise _wrong("text", "This rule is not written at the desk: nothing to take away.")
        at = self.clock()
        change = RuleChange(
            id=self.ids("chg"),
            rule=rule,
            number=0,
            text=_clean(text),
            base=_hash_of(text_of(files, rule)),
            author=author,
            why=why.strip()[:LONGEST_WHY],
            made_at=at,
            state=ChangeState.DRAFT,
        )
        with write(self.engine) as connection:
            rule_changes.replace_drafts(connection, rule, author, at)
            return rule_changes.add(connection, change)

    def look(self, rule: str, text: str) -> Trial:
        """What the checker says of a text that nobody saved, over the version in force."""
        if not _ID.fullmatch(rule) or len(text.encode("utf-8", "replace")) > LONGEST_TEXT:
            raise InvalidInput
        return self.try_out(self._files()[1].with_rule(rule, _clean(text)), rule)

    def tried(self, change: RuleChange) -> Tried:
        """A saved text with what the checker says of it, over the version in force."""
        _, files = self._files()
        trial = self._trial(files, change)
        is_stale = change.base != _hash_of(text_of(files, change.rule))
        return Tried(change, trial, self._needs_second(trial, change.rule), is_stale)

    def propose(self, change_id: str, *, author: str) -> RuleChange:
        """Ask for a second person. Raises what `publish` raises, but for the person."""
        change = self._own(change_id, author)
        self._sound(change)
        self._settle(change, _Outcome(ChangeState.PROPOSED, "rule.proposed"))
        return self.change(change_id)

    def publish(self, change_id: str, *, author: str) -> RuleChange:
        """Put one's own text in force.

        Raises `Forbidden` where it takes a second person, `Stale`, and `RulesRefused` with what is
        wrong.
        """
        change = self._own(change_id, author)
        return self._publish(change, by=author, is_second=False)

    def approve(self, change_id: str, *, by: str) -> RuleChange:
        """Put in force what somebody else proposed. Raises `Forbidden` for one's own."""
        change = self.change(change_id)
        if change.author == by:
            raise Forbidden("Nobody approves their own rule: ask another person with this right.")
        if change.state is not ChangeState.PROPOSED:
            raise InvalidInput("This draft does not wait for approval.")
        return self._publish(change, by=by, is_second=True)

    def refuse(self, change_id: str, *, by: str, why: str) -> RuleChange:
        """Turn down what is proposed, or withdraw one's own."""
        change = self.change(change_id)
        if change.state not in rule_changes.OPEN:
            raise InvalidInput(f"This draft is {change.state.value} by now.")
        if change.state is ChangeState.DRAFT and change.author != by:
            raise Forbidden("This draft is somebody else's and not proposed.")
        is_own = change.author == by
        state = ChangeState.REPLACED if is_own else ChangeState.REFUSED
        action = "rule.withdrawn" if is_own else "rule.refused"
        self._settle(change, _Outcome(state, action, by, why.strip()[:LONGEST_WHY]))
        return self.change(change_id)

    def _publish(self, change: RuleChange, *, by: str, is_second: bool) -> RuleChange:
        for _ in range(_TRIES):
            seen, files = self._files()
            trial = self._sound(change, files)
            if self._needs_second(trial, change.rule) and not is_second:
                raise Forbidden("This rule can block: propose it, and another person approves.")
            wanted = files.with_rule(change.rule, change.text)
            told = f"{change.rule}: {change.why}" if change.why else change.rule
            done = self.publish_files(wanted, seen=seen, author=by, why=told[:LONGEST_WHY])
            if done is not None:
                state, version = ChangeState.PUBLISHED, done.version[:SHOWN]
                self._settle(change, _Outcome(state, "rule.published", by, version=version))
                return self.change(change.id)
        raise RulesRefused("Other versions came in between. Try again.")

    def _sound(self, change: RuleChange, files: RuleFiles | None = None) -> Trial:
        """The trial of a text that may be put in force. Raises `Stale` or `RulesRefused`."""
        files = self._files()[1] if files is None else files
        if change.base != _hash_of(text_of(files, change.rule)):
            raise Stale("The rule was changed since this text was written: look at it again.")
        trial = self._trial(files, change)
        if trial.errors:
            raise RulesRefused(trial.errors[0].render())
        if change.text and trial.rule is None:
            raise RulesRefused(f"The text does not hold the rule `{change.rule}`.")
        return trial

    def _trial(self, files: RuleFiles, change: RuleChange) -> Trial:
        return self.try_out(files.with_rule(change.rule, change.text), change.rule)

    def _needs_second(self, trial: Trial, rule: str) -> bool:
        """Whether the rule, as it would be, can block and means something else than now."""
        if not trial.may_stop:
            return False
        known = {compiled.rule.id: compiled.digest for compiled in self.bundle().compiled}
        return known.get(rule) != trial.digest

    def _files(self) -> tuple[Active, RuleFiles]:
        active = self.versions.active()
        if active is None:
            raise NotFound("No version of the rules is in force yet.")
        return active, self.versions.files(active.version)

    def _own(self, change_id: str, author: str) -> RuleChange:
        change = self.change(change_id)
        if change.author != author:
            raise Forbidden("This draft is somebody else's.")
        if change.state not in rule_changes.OPEN:
            raise InvalidInput(f"This draft is {change.state.value} by now.")
        return change

    def _settle(self, change: RuleChange, outcome: "_Outcome") -> None:
        """Say what became of a text, in the transaction that audits it."""
        at, by = self.clock(), outcome.by or change.author
        details = {
            "change": change.id,
            "number": change.number,
            "author": change.author,
            "why": outcome.why or change.why,
            "version": outcome.version,
            "text": sha256(change.text.encode()).hexdigest()[:16],
        }
        told = json.dumps(details).encode()
        event = audit.AuditEvent(at, by, outcome.action, change.rule, told)
        with write(self.engine) as connection:
            is_done = rule_changes.settle(
                connection,
                change,
                outcome.state,
                by=outcome.by,
                at=at,
                why=outcome.why,
                version=outcome.version,
            )
            if not is_done:
                raise InvalidInput("Somebody decided about this draft meanwhile.")
            audit.append(connection, event, key=self.audit_key)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a text, by whose doing, and what the audit log calls it."""

    state: ChangeState
    action: str
    by: str = ""
    why: str = ""
    version: str = ""


def _clean(text: str) -> str:
    """The text with plain line ends and one at its end; browsers send others."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "?")
    bare = lines.encode("utf-8", "replace").decode().strip("\n")
    return f"{bare}\n" if bare.strip() else ""


def _hash_of(text: RuleText | None) -> str:
    return sha256(text.text.encode()).hexdigest()[:32] if text else ""


def _wrong(name: str, message: str) -> InvalidInput:
    return InvalidInput(message, errors=[FieldError(name, message)])
