"""The log of decisions that people made, to read and to take away as a file of any length."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from safety.domain.reviews import Reviewer
from safety.review.room import Room
from safety.store import resolution_log
from safety.store.engine import read
from safety.store.resolution_log import Logged, Wanted

_CHUNK = 500
# What spreadsheets take for a formula or hide one behind (OWASP ASVS 5.0, 1.2.10).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
COLUMNS = (
    "id", "time", "item", "decision", "tenant", "queue", "event_type", "actor", "actions",
    "policy", "moderator", "note", "state", "reverses", "batch",
)  # fmt: skip

Before = tuple[float, str]


@dataclass(frozen=True, slots=True)
class DecisionLog:
    """What was decided, for one person at a time.

    It tells nothing of queues that they may not see, nor of what they may have to judge anew.
    """

    room: Room

    def page(
        self, who: Reviewer, wanted: Wanted, *, before: Before | None = None, limit: int
    ) -> list[Logged]:
        """The latest decisions, or those before the ones just seen."""
        with read(self.room.engine) as connection:
            hidden = self.room.hidden(connection, who)
            return resolution_log.page(
                connection, wanted, hidden, by=who.name, before=before, limit=limit
            )

    def as_csv(self, who: Reviewer, wanted: Wanted) -> Iterator[str]:
        """All of them as lines for spreadsheets. No cell is a formula."""
        yield _line(COLUMNS)
        for chunk in self._chunks(who, wanted):
            yield "".join(_line([_harmless(cell) for cell in _cells(each)]) for each in chunk)

    def as_jsonl(self, who: Reviewer, wanted: Wanted) -> Iterator[str]:
        """All of them as one JSON object to a line."""
        for chunk in self._chunks(who, wanted):
            yield "".join(
                f"{json.dumps(dict(zip(COLUMNS, _cells(each), strict=True)))}\n" for each in chunk
            )

    def _chunks(self, who: Reviewer, wanted: Wanted) -> Iterator[list[Logged]]:
        """Pages of a transaction each: a slow reader holds nothing up."""
        before: Before | None = None
        while found := self.page(who, wanted, before=before, limit=_CHUNK):
            yield found
            before = cursor(found[-1])


def cursor(last: Logged) -> Before:
    """Where the page after this entry begins."""
    return last.resolution.resolved_at, last.resolution.id


def state_of(logged: Logged, at: float) -> str:
    """Whether a decision waits, was undone, is in effect, or reverses another."""
    resolution = logged.resolution
    if resolution.is_undone:
        return "undone"
    if resolution.reverses:
        return "reversal"
    return "in effect" if resolution.is_in_effect or at >= resolution.takes_effect_at else "waits"


def _cells(each: Logged) -> tuple[str, ...]:
    resolution, item = each.resolution, each.item
    moment = datetime.fromtimestamp(resolution.resolved_at, UTC).isoformat(timespec="seconds")
    actions = " ".join(act.action.value for act in resolution.every_act)
    state = (
        "undone" if resolution.is_undone else "in effect" if resolution.is_in_effect else "waits"
    )
    return (
        resolution.id, moment, item.id, item.decision_id, item.tenant, item.queue,
        item.event_type, item.actor_id, actions, resolution.policy or "", resolution.moderator,
        resolution.note, state, resolution.reverses or "", resolution.batch,
    )  # fmt: skip


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _line(cells: tuple[str, ...] | list[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
