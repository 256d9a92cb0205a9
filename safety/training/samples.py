"""A few events to look at: by id, with the values that a rule looked at."""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from safety.domain.features import Catalogue, Value
from safety.domain.verdicts import Verdict
from safety.ruleset.columns import Rows
from safety.training.segment import Segment


@dataclass(frozen=True, slots=True)
class Sample:
    """One decision of the past. `values` are those asked for that are there and may be shown."""

    decision_id: str
    tenant: str
    event_type: str
    actor_id: str
    decided_at: float
    verdict: str
    is_new: bool
    reviewed: str
    values: Mapping[str, Value]


REVIEWED = ("", "kept", "confirmed")


class Samples:
    """The latest of the events that are offered, those that are new before the others."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._new: deque[Sample] = deque(maxlen=most)
        self._known: deque[Sample] = deque(maxlen=most)

    def add(self, new: Iterable[Sample], known: Iterable[Sample]) -> None:
        """Offer samples, oldest first."""
        self._new.extend(new)
        self._known.extend(known)

    def chosen(self) -> tuple[Sample, ...]:
        """As many as were asked for."""
        return tuple([*reversed(self._new), *reversed(self._known)][: self._most])


def samples_of(
    segment: Segment, rows: Rows, names: Collection[str], *, is_new: bool, reviewed: Sequence[int]
) -> list[Sample]:
    """Samples of these rows; `reviewed` holds what moderators made of each, as a place in a list.

    `names` are the features to show.
    """
    facts = zip(
        segment.ids(rows),
        segment.tenants(rows),
        segment.types(rows),
        segment.columns.at("actor.id", rows),
        segment.decided_at[rows].tolist(),
        segment.verdicts[rows].tolist(),
        reviewed,
        segment.columns.values(sorted(names), rows),
        strict=True,
    )
    return [
        Sample(i, tenant, kind, str(actor), at, Verdict(rank).word, is_new, REVIEWED[seen], values)
        for i, tenant, kind, actor, at, rank, seen, values in facts
    ]


def shown_names(names: Iterable[str], catalogue: Catalogue, *, with_content: bool) -> list[str]:
    """Those of these features that may be shown: personal ones only on request."""
    personal = {f.name for f in catalogue.features.values() if f.personal}
    return sorted(name for name in set(names) if with_content or name not in personal)
