"""Runs backtests of an installation: seals its history, asks, prints, writes pages."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from safety.cli import backtest_words as words
from safety.cli.backtest import SEGMENTS
from safety.cli.backtest_page import backtest_page, diff_page, precision_page
from safety.cli.backtest_rules import Rules
from safety.cli.durations import seconds
from safety.cli.ground import Ground, UnpreparedError, installed, now
from safety.domain.reviews import Action
from safety.store import history
from safety.store.engine import read, write
from safety.store.rule_controls import Baseline, put_baseline
from safety.training.backtest import Question, backtest
from safety.training.past import Past
from safety.training.precision import only_rules, precision_per_rule, worst_first
from safety.training.rule_diff import Comparison, compare
from safety.training.segments import Segments
from safety.training.survey import survey
from safety.web.inert import visible

_SHOWN = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Run:
    """One command at work: rules, the sealed past, and the stretch of time it asks about."""

    rules: Rules
    past: Past
    since: float
    until: float

    def resolved(self) -> dict[str, Action]:
        """What moderators decided about events of this stretch of time."""
        with read(self.past.engine) as connection:
            return history.resolved_since(connection, self.since)


def backtest_rule(
    rule: str,
    *,
    since: str,
    source: str,
    tenant: str,
    samples: int,
    with_content: bool,
    as_json: bool,
    html: Path | None,
) -> None:
    """Backtest one rule, print the answer and write its page."""
    with _run(since) as run:
        bundle, compiled = run.rules.rule(rule, source)
        question = Question(
            rule=compiled,
            lists=bundle.values_of_lists,
            catalogue=bundle.catalogue,
            since=run.since,
            until=run.until,
            tenant=tenant or None,
            samples=samples,
            with_content=with_content,
        )
        with _progress(f"backtest of {compiled.rule.id}", run) as advance:
            found = backtest(
                run.past, question, run.resolved(), timer=time.perf_counter, progress=advance
            )
    if not tenant and compiled is run.rules.working_rule(found.rule):
        _keep(run, [Baseline(found.rule, found.revision, found.events, found.matches, run.until)])
    _write(html, lambda: backtest_page(found, run.until))
    if as_json:
        _print_json(found)
        return
    print(f"{found.rule} {found.revision}, {words.span(found.since, found.until)}")
    _print_figures(words.backtest_figures(found))
    _print_table(("day", "events", "matches", "new"),
                 ((d.date, d.events, d.matches, d.new) for d in found.days))  # fmt: skip
    _print_table(("rules that enforced", "matches", "share"), words.overlap_rows(found))
    _print_table(("this rule itself", "matches"), words.recorded_rows(found))
    _print_table(("week", "matches", "looked at", "confirmed", "precision"),
                 words.week_rows(found.trend))  # fmt: skip
    _print_table(("looks at", "missing", "share"), words.input_rows(found))
    _print_table(("decision", "type", "actor", "then", "new", "moderator", "values"),
                 words.sample_rows(found))  # fmt: skip


def survey_rules(*, since: str, source: str, tenant: str, as_json: bool) -> None:
    """Run every rule and print how often it matches; as JSON, what `rules check` can read."""
    with _run(since) as run:
        bundle = run.rules.bundle(source)
        with _progress("all rules", run) as advance:
            found = survey(
                run.past, bundle, run.since, run.until, tenant=tenant or None, progress=advance
            )
    if not tenant and bundle is run.rules.working:
        _keep(run, [
            Baseline(rule, bundle.rule(rule).revision, seen.events, seen.matches, run.until)
            for rule, seen in found.items()
        ])  # fmt: skip
    if as_json:
        _print_json(found)
        return
    rows = [
        (rule, seen.events, seen.matches, words.share(seen.matches, seen.events),
         words.share(seen.unknown, seen.events))
        for rule, seen in sorted(found.items(), key=lambda each: (-each[1].matches, each[0]))
    ]  # fmt: skip
    _print_table(("rule", "events", "matches", "share", "unknown"), rows)


def _keep(run: Run, found: Iterable[Baseline]) -> None:
    """Tell the circuit breaker how often rules match."""
    with write(run.past.engine) as connection:
        for baseline in found:
            put_baseline(connection, baseline)


def diff_rules(
    before: str,
    after: str,
    *,
    since: str,
    tenant: str,
    samples: int,
    with_content: bool,
    as_json: bool,
    html: Path | None,
) -> None:
    """Compare two rulesets, print the answer and write its page."""
    with _run(since) as run:
        asked = Comparison(
            before=run.rules.bundle(before),
            after=run.rules.bundle(after),
            since=run.since,
            until=run.until,
            tenant=tenant or None,
            samples=samples,
            with_content=with_content,
        )
        with _progress("both rulesets", run) as advance:
            found = compare(run.past, asked, advance)
    _write(html, lambda: diff_page(found, run.until))
    if as_json:
        _print_json(found)
        return
    print(f"{found.before[:12]} against {found.after[:12]}, {words.span(run.since, run.until)}")
    _print_figures(words.diff_figures(found))
    _print_table(("verdicts that change", "events"), words.transition_rows(found))
    _print_table(("rule", "change", "before", "after", "stricter", "milder"),
                 words.rule_rows(found))  # fmt: skip
    _print_table(("decision", "type", "actor", "before", "after", "rules", "values"),
                 words.changed_rows(found))  # fmt: skip


def precision_of_rules(
    rules: Sequence[str], *, since: str, tenant: str, as_json: bool, html: Path | None
) -> None:
    """Print how right rules were, worst first, and write the page."""
    with _run(since) as run, _progress("precision", run) as advance:
        every = precision_per_rule(
            run.past, run.resolved(), run.since, run.until, tenant=tenant or None, progress=advance
        )
    found = worst_first(only_rules(every, rules))
    _write(html, lambda: precision_page(found, run.since, run.until, run.until))
    if as_json:
        _print_json(found)
        return
    headings = ("rule", "mode", "matches", "looked at", "coverage", "confirmed", "precision",
                "95 % interval")  # fmt: skip
    _print_table(headings, words.precision_rows(found))


@contextmanager
def _run(since: str) -> Iterator[Run]:
    """What a command needs, with the past sealed as far as it can be."""
    back = seconds(since)
    with installed() as ground:
        at = now()
        rules = Rules(ground, at)
        past = Past(ground.engine, _segments(ground, rules))
        _seal(past, at)
        yield Run(rules, past, at - back, at)


def forget_erased(ground: Ground) -> None:
    """Delete the segments that hold what the ledger does not hold any more."""
    _segments(ground, Rules(ground, now())).forget(ground.engine)


def _segments(ground: Ground, rules: Rules) -> Segments:
    """The segments of the configured rules' catalogue, whichever rules are asked about."""
    try:
        return Segments(ground.settings.data_dir / SEGMENTS, rules.working.catalogue)
    except ValueError as error:
        raise UnpreparedError(f"features.yaml declares what is not computed: {error}") from None


def _seal(past: Past, at: float) -> None:
    """Seal what is new. A folder that cannot be written makes it slower and not impossible."""
    known = past.segments.sealed()
    waiting = past.count(known[-1].until if known else 0.0, at)
    try:
        with _bar("sealing history", waiting) as advance:
            past.segments.seal(past.engine, at, advance)
    except OSError as error:
        print(f"History is not sealed ({error.strerror}): the ledger is read instead, which takes "
              "longer.", file=sys.stderr)  # fmt: skip


def _progress(label: str, run: Run) -> AbstractContextManager[Advance]:
    return _bar(label, run.past.count(run.since, run.until))


@contextmanager
def _bar(label: str, total: int) -> Iterator[Advance]:
    """A progress bar on the error output, which hears how many more events are done."""
    with Progress(*_SHOWN, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.advance(task, done)


def _print_figures(figures: Iterable[words.Figure]) -> None:
    for name, value, note in figures:
        print(f"  {name:16}{value}  ({note})")


def _print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table if there is anything in it. Hidden and control characters are shown, not obeyed."""
    table = Table()
    for place, heading in enumerate(headings):
        is_number = place > 0 and heading not in _TEXTS
        table.add_column(heading, justify="right" if is_number else "left")
    for row in rows:
        table.add_row(*(Text(visible(str(cell))) for cell in row))
    if table.row_count:
        Console().print(table)


_TEXTS = frozenset({"type", "actor", "then", "moderator", "values", "before", "rules", "change"})


def _print_json(found: object) -> None:
    print(json.dumps(words.plain(found), indent=2))


def _write(path: Path | None, page: Callable[[], str]) -> None:
    if path is not None:
        path.write_text(page(), encoding="utf-8")
        print(f"Written: {path}", file=sys.stderr)
