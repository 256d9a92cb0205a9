"""Many at once: what would be decided is shown first, and all of it can be undone by one name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from safety.domain.errors import FieldError, InvalidInput, SafetyError
from safety.domain.reviews import Item, ItemStatus, Reviewer
from safety.review.resolving import Resolving
from safety.review.room import Room, reason_for
from safety.review.rows import rows_of
from safety.review.settle import Marks
from safety.review.values import Bulk, BulkRow, Choice, Decided, Preview
from safety.store import items, rechecks
from safety.store.engine import read, write

MOST_AT_ONCE = 500
# So many in one transaction: whoever writes decisions gets a turn in between.
_PIECE = 25
_SAMPLE = 8


@dataclass(frozen=True, slots=True)
class Many:
    """Decisions about many items. Each succeeds or fails for itself."""

    room: Room
    resolving: Resolving

    def preview(self, item_ids: Sequence[str], who: Reviewer) -> Preview:
        """What would be decided, and what would be left out. Raises `InvalidInput`."""
        wanted = _distinct(item_ids)
        at = self.room.clock()
        with read(self.room.engine) as connection:
            hidden = self.room.hidden(connection, who)
            found = items.get_items(connection, wanted)
            seen = [found[each] for each in wanted if each in found]
            hidden_items = rechecks.kept_from(connection, who.name, wanted)
            left = [
                item
                for item in seen
                if _is_open(item) and item.queue not in hidden and item.id not in hidden_items
            ]
            sample = rows_of(connection, left[:_SAMPLE], who.name, at)
        held = Counter(item.holder(at) for item in left)
        del held[""], held[who.name]
        return Preview(
            items=tuple(item.id for item in left if item.holder(at) in {"", who.name}),
            accounts=len({(item.tenant, item.actor_id) for item in left}),
            queues=Counter(item.queue for item in left),
            policies=Counter(item.policy for item in left if item.policy),
            holders=held,
            gone=len(wanted) - len(left),
            sample=sample,
        )

    def decide(
        self,
        item_ids: Sequence[str],
        choice: Choice,
        who: Reviewer,
        *,
        versions: Mapping[str, int] | None = None,
        key: str = "",
    ) -> Bulk:
        """Decide about each of these items in the same way, and say what became of each.

        An item that has changed since its version in `versions` is left out; one that is not named
        there is decided as it is. The same `key` again answers what was decided the first time.
        Raises `InvalidInput` when the choice cannot be carried out for any item.
        """
        wanted = _distinct(item_ids)
        batch, known = self.room.ids("batch"), versions or {}
        rows: list[BulkRow] = []
        for start in range(0, len(wanted), _PIECE):
            piece = {each: known.get(each, 0) for each in wanted[start : start + _PIECE]}
            rows += self._piece(piece, choice, who, key=key, batch=batch)
        done = [row.resolution for row in rows if row.resolution is not None]
        first = next((each.batch for each in done if each.batch), batch)
        until = min((each.takes_effect_at for each in done), default=self.room.clock())
        return Bulk(first, tuple(rows), until)

    def reverse(self, batch: str, who: Reviewer, reason: str) -> Bulk:
        """Reverse everything that was decided at once and has taken effect, each for itself.

        Raises `InvalidInput` without a reason, `NotFound`, and `Forbidden` for somebody else's.
        """
        why = reason_for(reason)
        rows = []
        for each in self.resolving.of_batch(batch, who):
            try:
                decided = self.resolving.reverse(each.id, who, why)
            except SafetyError as error:
                rows.append(BulkRow(each.item_id, error.detail))
            else:
                rows.append(_row(decided))
        return Bulk(batch, tuple(rows), self.room.clock())

    def _piece(
        self,
        piece: Mapping[str, int],
        choice: Choice,
        who: Reviewer,
        *,
        key: str,
        batch: str,
    ) -> list[BulkRow]:
        """Decide about items by id, each with its version or 0, in one transaction."""
        rows: list[BulkRow] = []
        marks: Marks = []
        with write(self.room.engine) as connection:
            for item_id, version in piece.items():
                own = replace(choice, version=version)
                try:
                    decided, some = self.resolving.decide_within(
                        connection, item_id, own, who, key=key, batch=batch
                    )
                except InvalidInput:
                    raise  # nobody would have got this decided
                except SafetyError as error:
                    rows.append(BulkRow(item_id, error.detail))
                else:
                    marks += some
                    rows.append(_row(decided))
        self.resolving.settling.tell(marks)
        return rows


def _row(decided: Decided) -> BulkRow:
    return BulkRow(decided.item.id, resolution=decided.resolution)


def _is_open(item: Item) -> bool:
    return item.status is ItemStatus.OPEN


def _distinct(item_ids: Sequence[str]) -> list[str]:
    wanted = list(dict.fromkeys(item_ids))
    if not 1 <= len(wanted) <= MOST_AT_ONCE:
        problem = FieldError("items", f"From 1 to {MOST_AT_ONCE} items at once.")
        raise InvalidInput(problem.message, errors=[problem])
    return wanted
