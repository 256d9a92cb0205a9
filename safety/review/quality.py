"""Quality: whether people agree with each other, with what is known, and with themselves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from safety.domain.access import Permission
from safety.domain.errors import Forbidden, InvalidInput, NotFound
from safety.domain.rechecks import Answer, Golden, Recheck, RecheckKind
from safety.domain.reviews import Reviewer
from safety.domain.shares import wilson
from safety.review.agreement import Kappa, kappas
from safety.review.rechecks import golden_of
from safety.review.room import Room, reason_for
from safety.review.transparency import Accuracy, accuracy
from safety.store import desk_stats, rechecks, settling
from safety.store.audit import AuditEvent
from safety.store.desk_stats import DAY, PersonTotals, PolicyTotals, QueueTimes
from safety.store.engine import read, write

# Ages of open items, in seconds: what is younger than each.
AGE_BOUNDS = (3600.0, 6 * 3600.0, DAY, 3 * DAY, 7 * DAY)


@dataclass(frozen=True, slots=True)
class Right:
    """How often somebody gave the known answer to golden items."""

    right: int
    answered: int

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the true share lies with 95 % confidence (Wilson)."""
        return wilson(self.right, self.answered)


@dataclass(frozen=True, slots=True)
class Workload:
    """What came in and what was done, day by day; `days` are numbers since 1970 (UTC)."""

    days: tuple[int, ...]
    decided: tuple[int, ...]
    opened: tuple[int, ...]
    resolved: tuple[int, ...]
    ages: tuple[int, ...]
    queues: tuple[QueueTimes, ...]
    policies: tuple[PolicyTotals, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well people agree: in all, by policy, and with golden items. `automated` is rules."""

    overall: Kappa
    by_policy: Mapping[str, Kappa]
    golden: Right
    automated: Accuracy


@dataclass(frozen=True, slots=True)
class Person:
    """One person's figures, for leads who ask for them."""

    name: str
    totals: PersonTotals
    kappa: Kappa | None
    golden: Right


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures of the desk, and the golden items that it is tried with."""

    room: Room

    def workload(self, since: float, until: float) -> Workload:
        """What came in and what was done from `since` up to `until`."""
        days = tuple(range(int(since // DAY), int((until - 1e-6) // DAY) + 1))
        with read(self.room.engine) as connection:
            decided = desk_stats.decided_by_day(connection, since, until)
            opened = desk_stats.opened_by_day(connection, since, until)
            resolved = desk_stats.resolved_by_day(connection, since, until)
            return Workload(
                days,
                tuple(decided.get(day, 0) for day in days),
                tuple(opened.get(day, 0) for day in days),
                tuple(resolved.get(day, 0) for day in days),
                tuple(desk_stats.ages(connection, self.room.clock(), AGE_BOUNDS)),
                tuple(desk_stats.times(connection, since, until)),
                tuple(desk_stats.by_policy(connection, since, until)),
            )

    def agreement(self, since: float, until: float) -> Agreement:
        """How well people agreed from `since` up to `until`."""
        with read(self.room.engine) as connection:
            seconds = list(rechecks.answered(connection, since, until, RecheckKind.SECOND))
            golden = list(rechecks.answered(connection, since, until, RecheckKind.GOLDEN))
            audits = list(rechecks.answered(connection, since, until, RecheckKind.AUDIT))
        overall = kappas(("all", *_pair(each)) for each in seconds)
        return Agreement(
            overall.get("all") or Kappa(0, 0.0, None),
            kappas((each.policy or each.answer_policy or "none", *_pair(each)) for each in seconds),
            _right(golden),
            accuracy(audits),
        )

    def people(self, since: float, until: float, who: Reviewer) -> tuple[Person, ...]:
        """Figures of single people. Raises `Forbidden` for whoever is no lead."""
        if not who.may(Permission.LEAD):
            raise Forbidden("Only leads see figures of single people.")
        with read(self.room.engine) as connection:
            totals = desk_stats.by_person(connection, since, until)
            seconds = list(rechecks.answered(connection, since, until, RecheckKind.SECOND))
            golden = list(rechecks.answered(connection, since, until, RecheckKind.GOLDEN))
            firsts = {
                each.resolution_id: found.moderator
                for each in seconds
                if (found := settling.get(connection, each.resolution_id)) is not None
            }
        by_person = kappas(
            (name, *_pair(each))
            for each in seconds
            for name in (firsts.get(each.resolution_id), each.answered_by)
            if name
        )
        return tuple(
            Person(
                each.moderator,
                each,
                by_person.get(each.moderator),
                _right([one for one in golden if one.answered_by == each.moderator]),
            )
            for each in totals
        )

    def make_golden(self, resolution_id: str, why: str, who: Reviewer) -> Golden:
        """Let a decided item try people out from now on. For leads only.

        Raises `Forbidden`, `NotFound`, and `InvalidInput` without a reason or for a second time.
        """
        _demand_lead(who)
        reason = reason_for(why, "why")
        with write(self.room.engine) as connection:
            resolution = settling.get(connection, resolution_id)
            if resolution is None or resolution.is_undone:
                raise NotFound("There is no such resolution.")
            item = self.room.item(connection, resolution.item_id, who)
            golden = golden_of(
                item, resolution, golden_id=self.room.ids("gol"), why=reason, by=who.name
            )
            if not rechecks.add_golden(connection, golden):
                raise InvalidInput("This is a golden item already.")
            at = self.room.clock()
            self.room.record(connection, AuditEvent(at, who.name, "golden.added", item.id))
        return golden

    def golden_items(self, who: Reviewer) -> tuple[Golden, ...]:
        """Golden items in use. For leads only: whoever knew them would know them again."""
        _demand_lead(who)
        with read(self.room.engine) as connection:
            return tuple(rechecks.golden_items(connection))

    def retire_golden(self, golden_id: str, who: Reviewer) -> None:
        """Show a golden item no more. Raises `Forbidden` and `NotFound`."""
        _demand_lead(who)
        at = self.room.clock()
        with write(self.room.engine) as connection:
            if not rechecks.retire_golden(connection, golden_id, at):
                raise NotFound("There is no such golden item.")
            self.room.record(connection, AuditEvent(at, who.name, "golden.retired", golden_id))


def _demand_lead(who: Reviewer) -> None:
    if not who.may(Permission.LEAD):
        raise Forbidden("Only leads look after golden items.")


def _pair(recheck: Recheck) -> tuple[bool, bool]:
    """Whether the first and the second answer took something away."""
    return recheck.expected is Answer.REMOVE, recheck.answer is Answer.REMOVE


def _right(answered: Sequence[Recheck] | Iterable[Recheck]) -> Right:
    answers = [each.agrees for each in answered]
    return Right(sum(answers), len(answers))
