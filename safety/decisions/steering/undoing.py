"""Undoing by cause: preview what a rule did, have it approved, and take it back in batches."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import structlog
from sqlalchemy import Connection, Engine

from safety.decisions.steering.causes import Effect, Steps, amendment_of, effect_of, message_of
from safety.domain.errors import FieldError, Forbidden, InvalidInput, NotFound
from safety.domain.labels import Label
from safety.domain.undos import Cause, Undo, UndoState
from safety.store import audit, ledger, outbox, undos
from safety.store.engine import read, write
from safety.store.undos import Suspect

log = structlog.get_logger(__name__)

# One transaction of so many decisions holds nobody up for longer than a group of ordinary ones.
BATCH: Final = 200
_PREVIEWED: Final = 1_000
# A preview that would have to look at more than this is refused: choose a shorter time.
MOST_DECISIONS: Final = 1_000_000
LEASE_SECONDS: Final = 30.0
LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class Preview:
    """What an undo would do: decisions by change of verdict, accounts, labels, and a few examples.

    `left_alone` would keep their verdict: another rule or a person had them too.
    """

    cause: Cause
    changes: Mapping[str, int]
    accounts: int
    left_alone: int
    labels: int
    sample: Sequence[Effect]

    @property
    def decisions(self) -> int:
        """How many decisions would get another verdict."""
        return sum(self.changes.values())


@dataclass(frozen=True, slots=True)
class Undoing:
    """Takes back what rules did.

    `on_label` is told of every label that has ended by it, `steps` says by event type what points
    bring. More than `alone` accounts take a second person. Each batch is one transaction with its
    place in the ledger, so a kill at any moment loses nothing and repeats nothing.
    """

    engine: Engine
    clock: Callable[[], float]
    ids: Callable[[str], str]
    audit_key: bytes = field(repr=False)
    alone: int
    steps: Callable[[], Steps] = dict
    on_label: Callable[[str, Label], None] = lambda _tenant, _label: None

    def preview(self, cause: Cause, *, samples: int = 8) -> Preview:
        """What would be taken back. Raises `InvalidInput` for a stretch of time that is none."""
        _check(cause, self.clock())
        changes: Counter[str] = Counter()
        accounts: set[tuple[str, str]] = set()
        sample: list[Effect] = []
        left_alone = 0
        for effect in self._effects(cause):
            if not effect.is_reversible:
                left_alone += 1
                continue
            suspect = effect.suspect
            changes[f"{suspect.verdict.word} to {effect.without.word}"] += 1
            accounts.add((suspect.tenant, suspect.actor_id))
            if len(sample) < samples:
                sample.append(effect)
        with read(self.engine) as connection:
            labels = len(undos.written_labels(connection, cause))
        return Preview(cause, dict(changes), len(accounts), left_alone, labels, sample)

    def start(self, cause: Cause, *, reason: str, author: str) -> Undo:
        """Begin an undo, or propose it where it takes a second person.

        Raises `InvalidInput` without a reason, or when there is nothing to undo.
        """
        if not reason.strip():
            raise InvalidInput(errors=[FieldError("reason", "Say why: the audit log keeps it.")])
        found = self.preview(cause, samples=0)
        if not found.decisions and not found.labels:
            raise InvalidInput("The rule did nothing in that time that could be undone.")
        is_alone = found.accounts <= self.alone
        undo = Undo(
            id=self.ids("und"),
            cause=cause,
            reason=reason.strip()[:LONGEST_REASON],
            author=author,
            created_at=self.clock(),
            decisions=found.decisions,
            accounts=found.accounts,
            state=UndoState.RUNNING if is_alone else UndoState.PROPOSED,
        )
        with write(self.engine) as connection:
            undos.add(connection, undo)
            action = "rule.undo_started" if is_alone else "rule.undo_proposed"
            self._audit(connection, undo, action, author)
        return undo

    def approve(self, undo_id: str, *, by: str) -> Undo:
        """Begin what somebody else proposed. Raises `NotFound`, `Forbidden` for one's own."""
        undo = self.undo(undo_id)
        if undo.author == by:
            raise Forbidden("Nobody approves their own undo: ask another person with this right.")
        approved = replace(undo, state=UndoState.RUNNING, approved_by=by, approved_at=self.clock())
        self._step(undo, UndoState.PROPOSED, approved, "rule.undo_approved", by)
        return approved

    def refuse(self, undo_id: str, *, by: str) -> Undo:
        """Turn down what is proposed. Raises `NotFound`."""
        undo = self.undo(undo_id)
        refused = replace(undo, state=UndoState.REFUSED, finished_at=self.clock())
        self._step(undo, UndoState.PROPOSED, refused, "rule.undo_refused", by)
        return refused

    def stop(self, undo_id: str, *, by: str) -> Undo:
        """Stop one that runs; what was reversed stays reversed. Raises `NotFound`."""
        undo = self.undo(undo_id)
        stopped = replace(undo, state=UndoState.STOPPED, finished_at=self.clock())
        self._step(undo, UndoState.RUNNING, stopped, "rule.undo_stopped", by)
        return stopped

    def undo(self, undo_id: str) -> Undo:
        """An undo with how far it is. Raises `NotFound`."""
        with read(self.engine) as connection:
            found = undos.get(connection, undo_id)
        if found is None:
            raise NotFound("There is no such undo.")
        return found

    def latest(self, rule: str = "", *, limit: int = 20) -> list[Undo]:
        """The latest undos, newest first."""
        with read(self.engine) as connection:
            return undos.latest(connection, rule=rule, limit=limit)

    def work(self, *, most: int = 5) -> bool:
        """Do a few batches of whatever runs. False when nothing does.

        To be called again and again, by any number of processes: one of them works on each.
        """
        at = self.clock()
        with read(self.engine) as connection:
            if not undos.is_any_running(connection):
                return False
        with write(self.engine) as connection:
            undo = undos.lease(connection, at=at, until=at + LEASE_SECONDS)
        if undo is None:
            return False
        for _ in range(most):
            undo = self._batch(undo)
            if undo.state is not UndoState.RUNNING:
                return True
        with write(self.engine) as connection:
            undos.release(connection, undo.id)
        return True

    def _batch(self, undo: Undo) -> Undo:
        """Take the next batch back; the undo as it is afterwards."""
        with read(self.engine) as connection:
            found = undos.suspects(connection, undo.cause, undo.cursor, limit=BATCH)
        if not found:
            return self._finish(undo)
        at = self.clock()
        try:
            with write(self.engine) as connection:
                # Read again: somebody may have decided meanwhile, and theirs stands.
                found = undos.suspects(connection, undo.cause, undo.cursor, limit=BATCH)
                after = self._reversed(connection, undo, found, at)
                _insist(undos.change(connection, undo, after))
        except _OvertakenError:  # somebody else went on with it, or stopped it
            return self.undo(undo.id)
        return after

    def _reversed(
        self, connection: Connection, undo: Undo, found: Sequence[Suspect], at: float
    ) -> Undo:
        reversed_ones: list[Effect] = []
        left_alone = 0
        earlier, steps = undos.causes_of(connection), self.steps()
        for suspect in found:
            effect = effect_of(suspect, undo.cause, earlier, steps)
            if effect is None:
                continue
            if not effect.is_reversible:
                left_alone += 1
                continue
            reversed_ones.append(effect)
        ledger.amend_all(connection, [amendment_of(each, undo, at) for each in reversed_ones])
        messages = [message_of(each, undo, self.ids("msg"), at) for each in reversed_ones]
        outbox.add_all(connection, messages)
        return replace(
            undo,
            cursor=found[-1].place,
            looked_at=undo.looked_at + len(found),
            reversed=undo.reversed + len(reversed_ones),
            left_alone=undo.left_alone + left_alone,
        )

    def _finish(self, undo: Undo) -> Undo:
        """Take the labels away and say that it is done."""
        at = self.clock()
        try:
            with write(self.engine) as connection:
                ended = undos.written_labels(connection, undo.cause)
                undos.remove_labels(connection, undo.cause)
                done = replace(undo, state=UndoState.DONE, labels=len(ended), finished_at=at)
                _insist(undos.change(connection, undo, done))
                self._audit(connection, done, "rule.undone", undo.approved_by or undo.author)
        except _OvertakenError:
            return self.undo(undo.id)
        for tenant, label in ended:
            self.on_label(tenant, replace(label, expires_at=at))
        log.info("rule_undone", undo=undo.id, reversed=done.reversed, labels=done.labels)
        return done

    def _effects(self, cause: Cause) -> Iterator[Effect]:
        after, seen = (0.0, 0), 0
        while True:
            with read(self.engine) as connection:
                found = undos.suspects(connection, cause, after, limit=_PREVIEWED)
                earlier = undos.causes_of(connection)
            for suspect in found:
                effect = effect_of(suspect, cause, earlier, self.steps())
                if effect is not None:
                    yield effect
            if len(found) < _PREVIEWED:
                return
            after, seen = found[-1].place, seen + len(found)
            if seen >= MOST_DECISIONS:
                raise InvalidInput(f"These are more than {MOST_DECISIONS:,}: name less time.")

    def _step(self, undo: Undo, expected: UndoState, becomes: Undo, action: str, by: str) -> None:
        with write(self.engine) as connection:
            if undo.state is not expected or not undos.change(connection, undo, becomes):
                raise InvalidInput(f"This undo is {self.undo(undo.id).state.value} by now.")
            self._audit(connection, becomes, action, by)

    def _audit(self, connection: Connection, undo: Undo, action: str, by: str) -> None:
        cause = undo.cause
        details = {
            "undo": undo.id,
            "revision": cause.revision,
            "tenant": cause.tenant,
            "since": cause.since,
            "until": cause.until,
            "decisions": undo.decisions,
            "accounts": undo.accounts,
            "reversed": undo.reversed,
            "reason": undo.reason,
        }
        told = json.dumps(details).encode()
        event = audit.AuditEvent(self.clock(), by, action, cause.rule, told)
        audit.append(connection, event, key=self.audit_key)


class _OvertakenError(Exception):
    """The undo is not where it was: nothing of this batch may stay."""


def _insist(is_done: bool) -> None:
    if not is_done:
        raise _OvertakenError


def _check(cause: Cause, at: float) -> None:
    if not cause.rule:
        raise InvalidInput(errors=[FieldError("rule", "Name the rule.")])
    if not cause.since < cause.until:
        raise InvalidInput(errors=[FieldError("until", "It must end after it begins.")])
    if cause.since > at:
        raise InvalidInput(errors=[FieldError("since", "It must begin in the past.")])
