"""The live table: what it shows, and plain lines where there is no terminal."""

import io
import itertools

from rich.console import Console

from safety.demo import table
from safety.demo.door import Answer
from safety.demo.scenarios import Scenario, Step
from safety.demo.tally import Snapshot, Tally
from safety.domain.verdicts import Verdict


def a_snapshot() -> Snapshot:
    tally = Tally()
    for number, verdict in enumerate(Verdict):
        event = {"type": "comment", "actor": {"id": "u-1"}, "content": {"text": f"[bold]{number}"}}
        step = Step(0.0, Scenario.SPAM_WAVE, is_attack=True, event=event)
        tally.answered(step, Answer(verdict, ("LINK_BURST",), None, 0.004), 1.0)
    tally.failed("http://x does not answer (ConnectError).")
    return tally.snapshot(1.0)


def rendered(what: object, *, terminal: bool = True) -> str:
    console = Console(file=io.StringIO(), width=120, force_terminal=terminal, color_system=None)
    console.print(what)
    written = console.file
    assert isinstance(written, io.StringIO)
    return written.getvalue()


def test_the_picture_shows_rates_verdicts_reasons_and_trouble() -> None:
    shown = rendered(table.picture(a_snapshot(), 7))
    for expected in ("spam-wave", "4.0", "1 (25%)", "LINK_BURST", "does not answer", "7"):
        assert expected in shown


def test_what_users_wrote_is_shown_as_it_is_and_never_as_markup() -> None:
    assert "[bold]3" in rendered(table.picture(a_snapshot(), None))


def test_before_any_event_the_picture_is_drawn_too() -> None:
    assert "starting" in rendered(table.picture(Tally().snapshot(0.0), None))


def test_the_summary_says_what_was_stopped() -> None:
    assert "3 (75%)" in rendered(table.summary(a_snapshot()))


def test_where_there_is_no_terminal_plain_lines_are_printed() -> None:
    out = io.StringIO()
    looks = itertools.count()
    console = Console(file=out, force_terminal=False, width=40)
    table.watch(lambda: (a_snapshot(), 7), lambda: next(looks) > 0, console)
    (line,) = out.getvalue().splitlines()
    assert line.startswith("scene=spam-wave events=4")
    assert "block=1" in line
    assert "queue=7" in line


def test_in_a_terminal_the_table_is_live() -> None:
    out = io.StringIO()
    looks = itertools.count()
    console = Console(file=out, force_terminal=True, width=120)
    table.watch(lambda: (a_snapshot(), 7), lambda: next(looks) > 0, console)
    assert "Demo traffic" in out.getvalue()
