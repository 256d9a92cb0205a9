"""Two rulesets on the same history: whose verdict changes, and by which rule."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from safety.domain.features import Values
from safety.domain.rules import Fired
from safety.domain.verdicts import Verdict
from safety.ruleset.bundle import Bundle
from safety.ruleset.columns import Rows
from safety.training.changes import ChangedEvent, RuleChange, RulesetDiff, Transition
from safety.training.past import Past
from safety.training.replay_windows import WindowPlan, with_windows
from safety.training.samples import shown_names
from safety.training.segment import Segment
from safety.training.side import Side

Changed = tuple[Verdict, Verdict]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Which rulesets to compare, and on what.

    `samples` is how many examples to bring of each change of verdict; personal values are left out
    unless `with_content`.
    """

    before: Bundle
    after: Bundle
    since: float
    until: float
    tenant: str | None = None
    samples: int = 3
    with_content: bool = False


def compare(
    past: Past, asked: Comparison, progress: Callable[[int], None] = lambda _: None
) -> RulesetDiff:
    """Judge the past by both rulesets, with the values of the time.

    `progress` hears how many more decisions were looked at.
    """
    judged = [c for bundle in (asked.before, asked.after) for c in bundle.compiled if c.is_judged]
    plan = WindowPlan.of(judged)
    run = _Run(asked)
    stretches = past.stretches(max(0.0, asked.since - plan.horizon), asked.until)
    for segment in with_windows(stretches, plan):
        run.add(segment)
        progress(len(segment))
    return run.answer()


class _Run:
    """What is known after some segments."""

    def __init__(self, asked: Comparison) -> None:
        self._asked = asked
        self._before, self._after = Side(asked.before), Side(asked.after)
        self._sides = (self._before, self._after)
        self._events = 0
        self._verdicts: Counter[Changed] = Counter()
        self._matches: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        self._stricter: Counter[str] = Counter()
        self._milder: Counter[str] = Counter()
        self._samples: dict[Changed, list[ChangedEvent]] = {}
        self._stopped: set[tuple[str, str]] = set()
        self._released: set[tuple[str, str]] = set()

    def add(self, segment: Segment) -> None:
        """Take in one segment that has the windows of both rulesets."""
        asked = self._asked
        for event_type in sorted({*self._before.event_types, *self._after.event_types}):
            rows = segment.rows_of(
                (event_type,), since=asked.since, until=asked.until, tenant=asked.tenant
            )
            self._events += len(rows)
            found = [side.candidates(segment, event_type, rows) for side in self._sides]
            self._judge(segment, event_type, np.union1d(*found))

    def _judge(self, segment: Segment, event_type: str, rows: Rows) -> None:
        """Judge the events on which any rule of either side may fire."""
        names = frozenset[str]().union(*(side.features(event_type) for side in self._sides))
        events = segment.columns.values(sorted(names), rows)
        for row, values in zip(rows.tolist(), events, strict=True):
            fired = [side.fired(event_type, values) for side in self._sides]
            for counter, rules in zip(self._matches, fired, strict=True):
                counter.update(one.rule.id for one in rules)
            recorded = segment.signal_table[segment.signal_codes[row]]
            changed = (
                self._before.verdict(event_type, fired[0], recorded),
                self._after.verdict(event_type, fired[1], recorded),
            )
            if changed[0] != changed[1]:
                different = _different(*fired)
                self._change(segment, row, changed, different, values)

    def _change(
        self,
        segment: Segment,
        row: int,
        changed: Changed,
        rules: Sequence[str],
        values: Values,
    ) -> None:
        before, after = changed
        self._verdicts[changed] += 1
        (self._stricter if after > before else self._milder).update(rules)
        place = np.array([row], np.intp)
        tenant, actor = segment.tenants(place)[0], str(segment.columns.at("actor.id", place)[0])
        if before is Verdict.ALLOW:
            self._stopped.add((tenant, actor))
        elif after is Verdict.ALLOW:
            self._released.add((tenant, actor))
        kept = self._samples.setdefault(changed, [])
        if len(kept) < self._asked.samples:
            shown = shown_names(
                values, self._asked.after.catalogue, with_content=self._asked.with_content
            )
            sample = ChangedEvent(
                decision_id=segment.ids(place)[0],
                tenant=tenant,
                event_type=segment.types(place)[0],
                actor_id=actor,
                decided_at=float(segment.decided_at[row]),
                before=before.word,
                after=after.word,
                rules=tuple(rules),
                values={name: values[name] for name in shown},
            )
            kept.append(sample)

    def answer(self) -> RulesetDiff:
        """Everything that was found."""
        allow, block = Verdict.ALLOW, Verdict.BLOCK
        changes = self._verdicts.items()
        return RulesetDiff(
            before=self._asked.before.version,
            after=self._asked.after.version,
            since=self._asked.since,
            until=self._asked.until,
            events=self._events,
            newly_stopped=sum(n for (one, _), n in changes if one is allow),
            newly_blocked=sum(n for (_, other), n in changes if other is block),
            released=sum(n for (_, other), n in changes if other is allow),
            accounts_newly_stopped=len(self._stopped),
            accounts_released=len(self._released),
            transitions=tuple(
                Transition(one.word, other.word, n) for (one, other), n in sorted(changes)
            ),
            rules=self._rule_changes(),
            samples=tuple(
                one for changed in sorted(self._samples) for one in self._samples[changed]
            ),
        )

    def _rule_changes(self) -> tuple[RuleChange, ...]:
        """Rules that are not the same on both sides, or that a changed verdict hangs on."""
        sides = [{rule.id: rule for rule in side.bundle.rules} for side in self._sides]
        found = []
        for rule in sorted({*sides[0], *sides[1]}):
            revisions = [side[rule].revision if rule in side else None for side in sides]
            change = RuleChange(
                rule,
                _change_of(*revisions),
                self._matches[0][rule],
                self._matches[1][rule],
                self._stricter[rule],
                self._milder[rule],
            )
            if change.is_worth_a_line:
                found.append(change)
        return tuple(found)


def _different(before: Sequence[Fired], after: Sequence[Fired]) -> list[str]:
    """The rules that do not say the same on both sides about one event."""
    said = [{(one.rule.id, one.verdict, one.is_live) for one in side} for side in (before, after)]
    return sorted({rule for rule, _, _ in said[0] ^ said[1]})


def _change_of(before: str | None, after: str | None) -> str:
    if before == after:
        return "same"
    return "added" if before is None else "removed" if after is None else "changed"
