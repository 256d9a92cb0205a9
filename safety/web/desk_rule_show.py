"""What the pages of rules are given: rows of the list, one rule, and its charts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from safety.decisions.steering.parts import Steering
from safety.decisions.steering.records import RuleRecord
from safety.domain.controls import Control, ControlKind, Over
from safety.domain.rules import Rule
from safety.domain.verdicts import Mode
from safety.store.rule_changes import RuleChange

_WIDTH, _HEIGHT = 112.0, 24.0
_MOST_BARS: Final = 20
_MODES: Final = (Mode.ENFORCE, Mode.CANARY, Mode.SHADOW, Mode.OFF)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule in the list. `taken` is what controls leave of it, and `trend` a polyline."""

    rule: Rule
    record: RuleRecord
    taken: Sequence[str]
    trend: str
    change: RuleChange | None
    is_of_desk: bool

    @property
    def hits(self) -> int:
        """Matches of the week, obeyed or not."""
        return self.record.week + self.record.shadow_week


def rule_rows(
    steering: Steering, *, wanted: str = "", owner: str = "", mode: str = ""
) -> list[RuleRow]:
    """The rules in force that were asked for, those that are obeyed and match most first."""
    records, changes = steering.records.all(), steering.rules.last_changes()
    controls, here = steering.controlling.in_force(), steering.rules.written_here()
    lowered = wanted.lower()
    rows = [
        RuleRow(
            rule=rule,
            record=records.get(rule.id, RuleRecord()),
            taken=taken_from(rule, controls),
            trend=polyline(records[rule.id].days) if rule.id in records else "",
            change=changes.get(rule.id) if rule.id in here else None,
            is_of_desk=rule.id in here,
        )
        for rule in steering.bundle().rules
        if (lowered in rule.id or lowered in rule.title.lower())
        and owner in {"", rule.owner}
        and mode in {"", rule.mode.value}
    ]
    return sorted(rows, key=lambda row: (_MODES.index(row.rule.mode), -row.hits, row.rule.id))


def taken_from(rule: Rule, controls: Sequence[Control]) -> list[str]:
    """What controls take from a rule, in a word each."""
    own = [control for control in controls if _is_about(control, rule)]
    told = []
    if any(control.kind is ControlKind.SWITCH for control in own):
        told.append("switched off")
    if any(control.kind is ControlKind.BREAKER for control in own):
        told.append("demoted")
    snoozes = sum(control.kind is ControlKind.SNOOZE for control in own)
    if snoozes:
        told.append(f"{snoozes} snoozed")
    return told


def controls_of(rule: Rule, controls: Sequence[Control]) -> list[Control]:
    """The controls that touch a rule."""
    return [control for control in controls if _is_about(control, rule)]


def polyline(numbers: Sequence[int]) -> str:
    """The points of a small line over these numbers, from left to right; 0 is at the foot."""
    top, step = max(numbers, default=0) or 1, _WIDTH / max(1, len(numbers) - 1)
    room = _HEIGHT - 4
    places = (
        f"{place * step:.1f},{_HEIGHT - 2 - room * number / top:.1f}"
        for place, number in enumerate(numbers)
    )
    return " ".join(places)


def backtest_context(found: tuple[float, Any] | None) -> Mapping[str, Any] | None:
    """A backtest with its charts; the tables beside them hold the same numbers."""
    if found is None:
        return None
    made_at, result = found
    charts = import_module("safety.training.charts")  # only who backtests needs numbers in arrays
    overlaps = result.overlaps[:_MOST_BARS]
    return {
        "made_at": made_at,
        "found": result,
        "days": charts.column_chart(
            [day.date[5:] for day in result.days], [(day.matches, day.new) for day in result.days]
        ),
        "day_rows": [(day.date, day.events, day.matches, day.new) for day in result.days],
        "overlaps": charts.row_chart(
            [each.rule for each in overlaps], [each.matches for each in overlaps]
        ),
        "overlap_rows": [(each.rule, each.matches) for each in result.overlaps],
        "verdict_rows": list(result.verdicts.items()),
        "input_rows": [(each.name, each.missing) for each in result.inputs],
    }


def _is_about(control: Control, rule: Rule) -> bool:
    named: Mapping[Over, str] = {
        Over.RULE: rule.id,
        Over.OWNER: rule.owner,
        Over.VERDICT: rule.verdict.word,
    }
    return named.get(control.over) == control.subject
