"""Results of backtests in words: rows of tables for people, and plain data for machines."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

from safety.training.backtest import Backtest
from safety.training.changes import RulesetDiff
from safety.training.precision import Precision, RulePrecision, Week

Row = tuple[object, ...]
Figure = tuple[str, object, str]

_NOTHING = "-"


def span(since: float, until: float) -> str:
    """A stretch of time, such as `2026-11-16 09:00 to 2026-11-23 09:00 UTC`."""
    one, other = (
        datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M") for at in (since, until)
    )
    return f"{one} to {other} UTC"


def share(part: int, whole: int) -> str:
    """A share of a whole in percent; a dash where there is no whole."""
    return f"{part / whole:.1%}" if whole else _NOTHING


def rate(precision: Precision) -> str:
    """A precision with its interval, such as `92.0 % (81.2 to 96.8 %)`."""
    if precision.share is None or precision.interval is None:
        return _NOTHING
    low, high = precision.interval
    return f"{precision.share:.1%} ({low:.1%} to {high:.1%})"


def mode(one: RulePrecision) -> str:
    """Whether a rule's matches were obeyed."""
    return "live" if one.is_live else "shadow"


def backtest_figures(found: Backtest) -> list[Figure]:
    """What a backtest comes to, each with a note."""
    precision = found.precision
    share_of_right, reach = _apart(precision)
    looked_at = f"{reach}; {precision.looked_at:,} of {precision.matches:,} were looked at"
    cost = _NOTHING if found.cost_us is None else f"{found.cost_us:.2f} µs"
    return [
        ("matches per day", f"{found.per_day:,.1f}", f"{found.matches:,} in all"),
        ("of its events", share(found.matches, found.events), f"{found.events:,} events"),
        ("new", f"{found.new:,}", "had a milder verdict at the time"),
        ("precision", share_of_right, looked_at),
        ("unknown", share(found.unknown, found.events), "a value it needs was missing"),
        ("capped", f"{found.capped:,}", "an exclusion was unknown: at most hold"),
        ("cost", cost, "per event, without counters and models"),
    ]


def overlap_rows(found: Backtest) -> list[Row]:
    """The live rules that had fired on matches."""
    return [(o.rule, o.matches, share(o.matches, found.matches)) for o in found.overlaps]


def recorded_rows(found: Backtest) -> list[Row]:
    """What the rule itself did at the time."""
    recorded = found.recorded
    return [
        ("matched then and now", recorded.both),
        ("matches only now", recorded.only_now),
        ("matched only then", recorded.only_then),
    ]


def input_rows(found: Backtest) -> list[Row]:
    """What was missing of what the rule looks at."""
    return [(i.name, i.missing, share(i.missing, found.events)) for i in found.inputs]


def week_rows(trend: Sequence[Week]) -> list[Row]:
    """A precision for each week."""
    return [
        (w.monday, w.precision.matches, w.precision.looked_at, w.precision.confirmed,
         rate(w.precision))
        for w in trend
    ]  # fmt: skip


def sample_rows(found: Backtest) -> list[Row]:
    """The examples of a backtest."""
    return [
        (s.decision_id, s.event_type, s.actor_id, s.verdict, "new" if s.is_new else "",
         s.reviewed, _values(s.values))
        for s in found.samples
    ]  # fmt: skip


def diff_figures(found: RulesetDiff) -> list[Figure]:
    """What a change of rulesets comes to, each with a note."""
    stopped, released = found.accounts_newly_stopped, found.accounts_released
    return [
        ("newly stopped", f"{found.newly_stopped:,}", f"were allowed before; {stopped:,} accounts"),
        ("newly blocked", f"{found.newly_blocked:,}", "were not blocked before"),
        ("released", f"{found.released:,}", f"are allowed now; {released:,} accounts"),
        ("events", f"{found.events:,}", "judged by both"),
    ]


def transition_rows(found: RulesetDiff) -> list[tuple[str, int]]:
    """How many events go from which verdict to which."""
    return [(f"{t.before} to {t.after}", t.events) for t in found.transitions]


def rule_rows(found: RulesetDiff) -> list[Row]:
    """The rules that differ."""
    return [(r.rule, r.change, r.before, r.after, r.stricter, r.milder) for r in found.rules]


def changed_rows(found: RulesetDiff) -> list[Row]:
    """The examples of a diff."""
    return [
        (s.decision_id, s.event_type, s.actor_id, s.before, s.after, ", ".join(s.rules),
         _values(s.values))
        for s in found.samples
    ]  # fmt: skip


def precision_rows(found: Sequence[RulePrecision]) -> list[Row]:
    """The precision of each rule."""
    return [
        (one.rule, mode(one), one.total.matches, one.total.looked_at,
         share(one.total.looked_at, one.total.matches), one.total.confirmed,
         *_apart(one.total))
        for one in found
    ]  # fmt: skip


def plain(value: object) -> Any:
    """A result as JSON can hold it, with what is worked out from its numbers."""
    match value:
        case Precision():
            told = {field.name: getattr(value, field.name) for field in fields(value)}
            worked_out = {"share": value.share, "coverage": value.coverage}
            return told | worked_out | {"interval": plain(value.interval)}
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case tuple() | list():
            return [plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        told = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        return told | ({"per_day": value.per_day} if isinstance(value, Backtest) else {})
    return value


def _apart(precision: Precision) -> tuple[str, str]:
    if precision.share is None or precision.interval is None:
        return _NOTHING, _NOTHING
    low, high = precision.interval
    return f"{precision.share:.1%}", f"{low:.1%} to {high:.1%}"


def _values(values: Mapping[str, object]) -> str:
    """Values on one line; what a text holds is written so that it cannot steer a terminal."""
    return ", ".join(f"{name} = {ascii_only(value)}" for name, value in values.items())


def ascii_only(value: object) -> str:
    """A value as Python writes it: no control or invisible character stays one."""
    return repr(list(value) if isinstance(value, tuple) else value)
