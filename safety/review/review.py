"""The review desk in one piece: every part of it on the same database and clock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from safety.domain.policies import Policy, Rung
from safety.domain.reviews import Item, Resolution, Reviewer
from safety.review.actors import Actors
from safety.review.appealing import Appealing
from safety.review.asked import Asked
from safety.review.auditing import Auditing
from safety.review.claims import Claims
from safety.review.clerk import Clerk
from safety.review.following import Following
from safety.review.indexing import Indexing
from safety.review.many import Many
from safety.review.moves import Moves
from safety.review.opening import Items
from safety.review.posting import Posting
from safety.review.quality import Quality
from safety.review.queues import Filters, Queues
from safety.review.rechecks import Rates, Rechecks
from safety.review.reporting import Reporting
from safety.review.resolving import Resolving
from safety.review.room import Room
from safety.review.search import Search
from safety.review.settle import Settling
from safety.review.triage import Triage

_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Review:
    """What people do at the desk. Everything is asked for somebody, and shows what they may see."""

    room: Room
    queues: Queues
    filters: Filters
    items: Items
    claims: Claims
    moves: Moves
    resolving: Resolving
    bulk: Many
    actors: Actors
    search: Search
    reporting: Reporting
    appealing: Appealing
    quality: Quality
    asked: Asked
    posting: Posting
    clerk: Clerk

    @property
    def policies(self) -> Callable[[], Mapping[str, Policy]]:
        """The policies in force, by id."""
        return self.room.policies

    @property
    def undo_seconds(self) -> float:
        """For how long a decision may be taken back as if it had never been."""
        return self.room.undo_seconds


def build_review(
    room: Room,
    ladder: Callable[[], Sequence[Rung]],
    timer: Callable[[], float],
    *,
    searched_days: float = 90.0,
    rates: Rates | None = None,
) -> Review:
    """The desk on a room. `ladder` is what strikes add up to; `timer` is as the clerk needs it.

    Words of texts are found for `searched_days` after their decision. `rates` says how much is
    looked at again; nothing is without them.
    """

    def reverse(
        connection: Connection, item: Item, first: Resolution, who: Reviewer, why: str
    ) -> None:
        resolving.reverse_within(connection, item, first, who, why)

    indexing = Indexing(room, searched_days * _DAY)
    rechecks = Rechecks(room, rates or Rates())
    following = Following(room, rechecks, reverse)
    reporting = Reporting(room)
    settling = Settling(room, ladder, rechecks, following, reporting)
    resolving = Resolving(room, settling)
    actors = Actors(room, ladder)
    return Review(
        room=room,
        queues=Queues(room),
        filters=Filters(room),
        items=Items(room, actors),
        claims=Claims(room),
        moves=Moves(room),
        resolving=resolving,
        bulk=Many(room, resolving),
        actors=actors,
        search=Search(room),
        reporting=reporting,
        appealing=Appealing(room, rechecks),
        quality=Quality(room),
        asked=Asked(room),
        posting=Posting(room),
        clerk=Clerk(room, settling, Triage(room), indexing, Auditing(room, rechecks), timer),
    )
