"""What the desk is asked and what it answers, as values that pages are made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from safety.domain.conduct import Note, Restriction, Strike
from safety.domain.labels import Label
from safety.domain.queues import Filter, QueueCount
from safety.domain.reviews import Act, Action, Item, ItemStatus, Resolution, Step
from safety.domain.verdicts import Verdict
from safety.review.evidence import Evidence
from safety.store.ledger import StoredDecision


@dataclass(frozen=True, slots=True)
class Earlier:
    """A decision about the same actor, with its event in one line."""

    decision: StoredDecision
    glance: str


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item with everything behind it.

    `text` is what somebody wrote, unchanged and not to be trusted; the spans in `evidence` count
    its characters. `sent` is the rest of the event by feature name; `facts` what was computed.
    `suggested` is the policy that the strongest live rule cites.
    """

    item: Item
    decision: StoredDecision
    text: str | None
    glance: str
    sent: tuple[tuple[str, object], ...]
    facts: Mapping[str, Any]
    evidence: Evidence
    suggested: str | None
    recent: tuple[Earlier, ...]
    labels: tuple[Label, ...]
    resolution: Resolution | None


@dataclass(frozen=True, slots=True)
class QueueRow:
    """An item in a list: its event in one line, who else has it, and how many copies wait."""

    item: Item
    glance: str
    actor_name: str
    copies: int
    holder: str
    resolution: Resolution | None = None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A page of what waits. `total` is exact unless it is `more_than_total`."""

    filter: Filter
    rows: tuple[QueueRow, ...]
    total: int
    is_more_than_total: bool
    next_after: str | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody decided about an item, as they saw it in `version`.

    `message` is what the affected user reads; None is the policy's. It takes effect at `begins_at`,
    or once it can no longer be undone, plus a chance of up to `spread` seconds.
    """

    acts: tuple[Act, ...]
    version: int = 0
    note: str = ""
    message: str | None = None
    begins_at: float | None = None
    spread: float = 0.0


@dataclass(frozen=True, slots=True)
class Decided:
    """A resolution that was just written, its item, and until when it may be undone."""

    item: Item
    resolution: Resolution
    undo_until: float


@dataclass(frozen=True, slots=True)
class BulkRow:
    """What became of one item of many; `problem` says why nothing was done."""

    item_id: str
    problem: str = ""
    resolution: Resolution | None = None

    @property
    def is_done(self) -> bool:
        """Whether it was decided."""
        return self.resolution is not None


@dataclass(frozen=True, slots=True)
class Bulk:
    """Many decided at once, to be undone at once by the name of their `batch`."""

    batch: str
    rows: tuple[BulkRow, ...]
    undo_until: float

    @property
    def done(self) -> int:
        """How many were decided."""
        return sum(row.is_done for row in self.rows)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be decided at once: how much, whose, under what, and what would be left out."""

    items: tuple[str, ...]
    accounts: int
    queues: Mapping[str, int]
    policies: Mapping[str, int]
    holders: Mapping[str, int]
    gone: int
    sample: tuple[QueueRow, ...]


@dataclass(frozen=True, slots=True)
class Undone:
    """Resolutions that are as if they had never been, and the items that wait again."""

    resolutions: tuple[Resolution, ...]
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Linked:
    """Another actor that was seen with the same address, device or text; `actors` share it."""

    actor_id: str
    kind: str
    value: str
    actors: int
    last_at: float


@dataclass(frozen=True, slots=True)
class ActorPanel:
    """What is known about an actor. Counts are of the decisions of the last thirty days."""

    tenant: str
    actor_id: str
    name: str
    first_seen: float | None
    last_seen: float | None
    counts: Mapping[Verdict, int]
    recent: tuple[Earlier, ...]
    labels: tuple[Label, ...]
    strikes: tuple[Strike, ...]
    points: int
    next_step: str
    restrictions: tuple[Restriction, ...]
    notes: tuple[Note, ...]
    linked: tuple[Linked, ...]
    resolutions: tuple[Resolution, ...]


@dataclass(frozen=True, slots=True)
class Brought:
    """What somebody from outside says about an item: a report, or an appeal. Not to be trusted."""

    kind: str
    author: str
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Said:
    """A text of a thread in one line, not to be trusted; `item_id` where somebody may look at it.

    `is_this` marks the one that the thread is shown for, which has no verdict here: whoever is to
    answer anew must not learn what was decided.
    """

    item_id: str | None
    actor_id: str
    actor_name: str
    event_type: str
    verdict: Verdict | None
    at: float
    text: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """What was said around an item, in order of time; there may be more on each side."""

    rows: tuple[Said, ...] = ()
    before: int = 0
    after: int = 0
    is_more_before: bool = False
    is_more_after: bool = False


@dataclass(frozen=True, slots=True)
class ItemPage:
    """One item as somebody works on it: what is behind it, its history, its actor, its thread.

    Where it `is_kept_back` whoever looks may have to judge it anew, and is not told how it went.
    """

    view: ItemView
    history: tuple[Step, ...]
    resolutions: tuple[Resolution, ...]
    actor: ActorPanel
    copies: int
    actions: frozenset[Action]
    is_veiled: bool
    brought: tuple[Brought, ...] = ()
    thread: Thread = Thread()
    is_kept_back: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.view.item.status is ItemStatus.OPEN


@dataclass(frozen=True, slots=True)
class Cluster:
    """Items that wait with nearly the same text: how many there are, and the first of them."""

    key: str
    rows: tuple[QueueRow, ...]
    total: int
    accounts: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A decision that a search found, and by what. Without a verdict, it is to be judged anew."""

    decision_id: str
    item_id: str | None
    tenant: str
    actor_id: str
    event_type: str
    verdict: Verdict | None
    decided_at: float
    glance: str
    matched: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, the latest first. `kind` says what the text was taken for."""

    query: str
    kind: str
    hits: tuple[Hit, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class Pulse:
    """How the desk looks at this moment: counts, who is here, and who has what."""

    queues: tuple[QueueCount, ...]
    online: tuple[str, ...]
    holders: Mapping[str, str]
