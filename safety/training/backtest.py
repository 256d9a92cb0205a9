"""What one rule would have answered on history, as if it had been enforced for everybody."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from safety.domain.features import Catalogue, Values
from safety.domain.reviews import Action
from safety.domain.verdicts import Verdict
from safety.ruleset.columns import Mask, Rows
from safety.ruleset.compiled import CompiledRule
from safety.ruleset.emit import compile_judge
from safety.ruleset.interpret import Lists
from safety.ruleset.ir import And
from safety.ruleset.normal import definitely_false, definitely_true
from safety.ruleset.vectorised import Selector, VectorisedRules
from safety.training.at_the_time import AtTheTime, Overlap, Recorded
from safety.training.days import DAY_SECONDS, Day, Days
from safety.training.past import Past
from safety.training.precision import Outcomes, Precision, Tally, Week, outcomes_of
from safety.training.replay_windows import WindowPlan, with_windows
from safety.training.samples import Sample, Samples, samples_of, shown_names
from safety.training.segment import Segment

_TIMED_EVENTS = 2_000
_PASSES = 5


@dataclass(frozen=True, slots=True)
class Question:
    """Which rule to test, with the lists and the catalogue it was checked against, and on what.

    `samples` is how many examples to bring; personal values are left out unless `with_content`.
    """

    rule: CompiledRule
    lists: Lists
    catalogue: Catalogue
    since: float
    until: float
    tenant: str | None = None
    samples: int = 10
    with_content: bool = False

    @property
    def inputs(self) -> tuple[str, ...]:
        """What the rule looks at."""
        return tuple(sorted({read.name for read in self.rule.reads}))


@dataclass(frozen=True, slots=True)
class Input:
    """A feature or window that the rule looks at, and on how many of its events it was missing."""

    name: str
    missing: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """The answer. `events` are those of the rule's types; `unknown` of them it could not judge.

    `capped` matches had an unknown exclusion. `new` matches got a milder verdict at the time than
    the rule's; `verdicts` says what matches got then. `cost_us` is the rule alone, in microseconds
    of one event, without counters and models.
    """

    rule: str
    revision: str
    verdict: str
    since: float
    until: float
    events: int
    matches: int
    unknown: int
    capped: int
    new: int
    days: tuple[Day, ...]
    verdicts: Mapping[str, int]
    overlaps: tuple[Overlap, ...]
    recorded: Recorded
    precision: Precision
    trend: tuple[Week, ...]
    inputs: tuple[Input, ...]
    samples: tuple[Sample, ...]
    cost_us: float | None

    @property
    def per_day(self) -> float:
        """Matches per day."""
        return self.matches * DAY_SECONDS / (self.until - self.since)


def backtest(
    past: Past,
    question: Question,
    resolved: Mapping[str, Action],
    *,
    timer: Callable[[], float],
    progress: Callable[[int], None] = lambda _: None,
) -> Backtest:
    """Run a rule over the past. `resolved` holds moderators' decisions; `timer` gives seconds.

    `progress` hears how many more decisions were looked at.
    """
    plan = WindowPlan.of([question.rule])
    run = _Run(question)
    stretches = past.stretches(max(0.0, question.since - plan.horizon), question.until)
    for segment in with_windows(stretches, plan):
        run.add(segment, resolved)
        progress(len(segment))
    return run.answer(timer)


class _Run:
    """What is known after some segments."""

    def __init__(self, question: Question) -> None:
        self._asked = question
        self._rule = question.rule.rule
        self._judge = VectorisedRules([question.rule])
        self._days = Days(question.since, question.until)
        self._then = AtTheTime(self._rule.id)
        self._tally = Tally()
        self._samples = Samples(question.samples)
        self._shown = shown_names(
            question.inputs, question.catalogue, with_content=question.with_content
        )
        self._missing: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        self._timed: list[Values] = []

    def add(self, segment: Segment, resolved: Mapping[str, Action]) -> None:
        """Take in one segment that has the rule's windows."""
        asked, columns, at = self._asked, segment.columns, segment.decided_at
        rows = segment.rows_of(
            self._rule.events, since=asked.since, until=asked.until, tenant=asked.tenant
        )
        matched, capped = self._matches(segment, rows)
        outcomes = outcomes_of(segment, matched, resolved)
        wanted = np.where(capped, min(self._rule.verdict, Verdict.HOLD), self._rule.verdict)
        is_new = segment.verdicts[matched] < wanted
        self._counts.update(
            events=len(rows),
            matches=len(matched),
            unknown=self._unknown(segment, rows),
            capped=int(capped.sum()),
            new=int(is_new.sum()),
        )
        for name in asked.inputs:
            self._missing[name] += columns.missing(name, rows)
        self._days.add(at[rows], at[matched], at[matched[is_new]])
        self._then.add(segment, rows, matched)
        self._tally.add(at[matched], outcomes)
        self._sample(segment, matched, is_new, outcomes)
        room = _TIMED_EVENTS - len(self._timed)
        self._timed += columns.values(asked.inputs, rows[:room])

    def answer(self, timer: Callable[[], float]) -> Backtest:
        """Everything that was found."""
        asked, counts = self._asked, self._counts
        return Backtest(
            rule=self._rule.id,
            revision=self._rule.revision,
            verdict=self._rule.verdict.word,
            since=asked.since,
            until=asked.until,
            events=counts["events"],
            matches=counts["matches"],
            unknown=counts["unknown"],
            capped=counts["capped"],
            new=counts["new"],
            days=self._days.days(),
            verdicts=self._then.verdicts,
            overlaps=self._then.overlaps,
            recorded=self._then.recorded,
            precision=self._tally.total(),
            trend=self._tally.trend(),
            inputs=tuple(Input(name, self._missing[name]) for name in asked.inputs),
            samples=self._samples.chosen(),
            cost_us=cost_of(asked.rule, asked.lists, self._timed, timer),
        )

    def _matches(self, segment: Segment, rows: Rows) -> tuple[Rows, Mask]:
        for _, fires in self._judge.fires(segment.columns, self._asked.lists, rows):
            return fires.rows, fires.capped
        return rows[:0], np.zeros(0, np.bool_)

    def _unknown(self, segment: Segment, rows: Rows) -> int:
        """On how many events the `when` lines are neither true nor false."""
        whole = And(tuple(line.expression for line in self._asked.rule.when))
        selector = Selector(segment.columns, self._asked.lists)
        known = selector.holds(definitely_true(whole), rows)
        known |= selector.holds(definitely_false(whole), rows)
        return len(rows) - int(known.sum())

    def _sample(self, segment: Segment, matched: Rows, is_new: Mask, outcomes: Outcomes) -> None:
        """Offer the latest matches of a segment, those that were new apart from the others."""
        kinds = []
        for chosen in (is_new, ~is_new):
            places = np.flatnonzero(chosen)
            places = places[max(0, len(places) - self._asked.samples) :]
            rows, reviewed = matched[places], outcomes[places].tolist()
            found = samples_of(
                segment, rows, self._shown, is_new=chosen is is_new, reviewed=reviewed
            )
            kinds.append(found)
        self._samples.add(*kinds)


def cost_of(
    rule: CompiledRule, lists: Lists, events: Sequence[Values], timer: Callable[[], float]
) -> float | None:
    """Microseconds that the rule alone takes for one of these events, as the service judges it."""
    if not events:
        return None
    judge = compile_judge([rule], lists, f"backtest of {rule.rule.id}").judge
    best = float("inf")
    for _ in range(_PASSES):
        began = timer()
        for values in events:
            judge(values)
        best = min(best, timer() - began)
    return 1e6 * best / len(events)
