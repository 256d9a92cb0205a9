"""Shows a stream while it runs: a live table in a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from safety.demo.tally import Snapshot
from safety.domain.verdicts import Verdict

_COLOURS = {
    Verdict.ALLOW: "green",
    Verdict.CHALLENGE: "yellow",
    Verdict.HOLD: "dark_orange",
    Verdict.BLOCK: "red",
}
_REFRESH = 0.25  # seconds
_LINE_EVERY = 5.0  # seconds

Look = Callable[[], tuple[Snapshot, int | None]]  # the tally, and how many items wait


def watch(look: Look, is_over: Callable[[], bool], console: Console) -> None:
    """Show what `look` sees until it is over."""
    with (_live if console.is_terminal else _lines)(console) as show:
        while not is_over():
            show(*look())
            time.sleep(_REFRESH)
        show(*look())


@contextmanager
def _live(console: Console) -> Iterator[Callable[[Snapshot, int | None], None]]:
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield lambda seen, waiting: live.update(picture(seen, waiting), refresh=True)


@contextmanager
def _lines(console: Console) -> Iterator[Callable[[Snapshot, int | None], None]]:
    due = time.monotonic()

    def show(seen: Snapshot, waiting: int | None) -> None:
        nonlocal due
        if time.monotonic() >= due:
            due += _LINE_EVERY
            console.print(line(seen, waiting), soft_wrap=True, markup=False, highlight=False)

    yield show


def line(seen: Snapshot, waiting: int | None) -> str:
    """The snapshot in one line."""
    verdicts = " ".join(f"{verdict.word}={seen.verdicts[verdict]}" for verdict in Verdict)
    return (
        f"scene={seen.scene or '-'} events={seen.events} per_second={seen.per_second:.1f} "
        f"{verdicts} "
        f"p50_ms={seen.median * 1000:.1f} p99_ms={seen.p99 * 1000:.1f} "
        f"queue={_count(waiting, seen)} troubles={seen.troubles}"
    )


def picture(seen: Snapshot, waiting: int | None) -> Group:
    """The snapshot as the live table."""
    parts: list[Table | Text] = [_figures(seen, waiting), _verdicts(seen), _notable(seen)]
    if seen.last_trouble:
        parts.append(Text(f"{seen.troubles} without an answer: {seen.last_trouble}", style="red"))
    return Group(*parts)


def summary(seen: Snapshot) -> Table:
    """How each scene went, as the play's own truth sees it."""
    table = Table(title="What the demo sent, and what was stopped")
    table.add_column("scene")
    for heading in ("attack events", "stopped", "ordinary events", "disturbed"):
        table.add_column(heading, justify="right")
    for scene, count in seen.scenes.items():
        stopped = _share(count.stopped, count.attacks)
        disturbed = _share(count.disturbed, count.ordinary)
        table.add_row(scene, str(count.attacks), stopped, str(count.ordinary), disturbed)
    return table


def _figures(seen: Snapshot, waiting: int | None) -> Table:
    table = Table(title=f"Demo traffic · {seen.scene or 'starting'}")
    for heading in ("events", "events/s", "p50 ms", "p99 ms", "waiting for a person"):
        table.add_column(heading, justify="right")
    table.add_row(
        str(seen.events),
        f"{seen.per_second:.1f}",
        f"{seen.median * 1000:.1f}",
        f"{seen.p99 * 1000:.1f}",
        _count(waiting, seen),
    )
    return table


def _verdicts(seen: Snapshot) -> Table:
    table = Table()
    for verdict in Verdict:
        table.add_column(Text(verdict.word, style=_COLOURS[verdict]), justify="right")
    table.add_row(*(_share(seen.verdicts[verdict], seen.events) for verdict in Verdict))
    return table


def _notable(seen: Snapshot) -> Table:
    table = Table(title="Last decisions above allow", expand=True)
    for heading, ratio in (("verdict", 1), ("event", 1), ("reasons", 3), ("content", 4)):
        table.add_column(heading, ratio=ratio, no_wrap=True, overflow="ellipsis")
    for one in reversed(seen.notable):
        table.add_row(
            Text(one.verdict.word, style=_COLOURS[one.verdict]),
            Text(one.event_type),
            Text(", ".join(one.reasons)),
            Text(one.text),
        )
    return table


def _count(waiting: int | None, seen: Snapshot) -> str:
    """The service's own count, or at least the items that this stream made."""
    return str(waiting) if waiting is not None else f"{sum(seen.queued.values())}+"


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.0%})" if whole else str(part)
