"""Results of backtests as one HTML page that stands alone: charts with tables beside them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from safety.assets import shipped
from safety.cli import backtest_words as words
from safety.training.backtest import Backtest
from safety.training.changes import RulesetDiff
from safety.training.charts import IntervalChart, column_chart, interval_chart, row_chart
from safety.training.precision import RulePrecision, Week
from safety.web.inert import visible

_MOST_BARS = 20


def backtest_page(found: Backtest, at: float) -> str:
    """The page of one rule's backtest, made at `at`."""
    overlaps = found.overlaps[:_MOST_BARS]
    return _filled(
        "backtest",
        at,
        found=found,
        span=words.span(found.since, found.until),
        figures=words.backtest_figures(found),
        days=column_chart(
            [d.date[5:] for d in found.days], [(d.matches, d.new) for d in found.days]
        ),
        day_rows=[(d.date, d.events, d.matches, d.new) for d in found.days],
        weeks=_weeks(found.trend),
        week_rows=words.week_rows(found.trend),
        overlaps=row_chart([o.rule for o in overlaps], [o.matches for o in overlaps]),
        overlap_rows=words.overlap_rows(found),
        recorded_rows=words.recorded_rows(found),
        input_rows=words.input_rows(found),
        sample_rows=words.sample_rows(found),
    )


def diff_page(found: RulesetDiff, at: float) -> str:
    """The page of two rulesets, made at `at`."""
    rows = words.transition_rows(found)
    moved = [rule for rule in found.rules if rule.stricter or rule.milder][:_MOST_BARS]
    return _filled(
        "diff",
        at,
        found=found,
        span=words.span(found.since, found.until),
        figures=words.diff_figures(found),
        transitions=row_chart([name for name, _ in rows], [number for _, number in rows]),
        transition_rows=rows,
        rules=row_chart([r.rule for r in moved], [r.stricter + r.milder for r in moved]),
        rule_rows=words.rule_rows(found),
        sample_rows=words.changed_rows(found),
    )


def precision_page(found: Sequence[RulePrecision], since: float, until: float, at: float) -> str:
    """The page of every rule's precision, made at `at`."""
    rules = [
        {
            "name": f"{one.rule}, {words.mode(one)}",
            "chart": _weeks(one.trend),
            "rows": words.week_rows(one.trend),
        }
        for one in found
        if one.total.looked_at
    ]
    rows = words.precision_rows(found)
    return _filled("precision", at, span=words.span(since, until), rows=rows, rules=rules)


def _weeks(trend: Sequence[Week]) -> IntervalChart:
    shares = []
    for week in trend:
        share, interval = week.precision.share, week.precision.interval
        shares.append(None if share is None or interval is None else (share, *interval))
    return interval_chart([week.monday[5:] for week in trend], shares)


def _filled(name: str, at: float, **context: Any) -> str:
    made_at = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    template = _environment().get_template(f"reports/{name}.html")
    filled: Mapping[str, Any] = context
    return template.render(filled, made_at=made_at)


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(shipped("admin_ui") / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_inert,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _inert(value: object) -> object:
    """What an event says must not turn the page around: invisible characters are shown."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
