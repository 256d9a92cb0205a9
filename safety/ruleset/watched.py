"""What events add to the memory of behaviour: no more than some rule in force reads."""

from collections.abc import Collection

from safety.domain.features import Catalogue
from safety.domain.habits import (
    BEHAVIOUR,
    DELETE,
    DELIVERED_SHARE,
    DELIVERS,
    HABITS,
    LOCKSTEP_PARTNERS,
    PACKED,
    SCHEDULE_TWINS,
    SCORE,
    Watch,
)  # fmt: skip
from safety.ruleset.compiled import CompiledRule

# What has to be known of a text before it is remembered, and who reads it.
TEXT_MARK = "content.simhash"
TEXT_REPEATS = "actor.text_repeats"
# What has to be known of something that is taken away.
AGE = "target.age"
QUICK_DELETES = "actor.quick_deletes"

_DELIVERIES = frozenset((DELIVERS, DELIVERED_SHARE))
_IDLE = Watch()


def watches(
    catalogue: Catalogue, rules: Collection[CompiledRule], names: Collection[str]
) -> dict[str, Watch | None]:
    """The watch of each of these event types; None for one that adds and reads nothing.

    An event adds to a part of the memory that any of the rules reads, if the catalogue lets events
    of its type carry what that part shows.
    """
    by_type = {name: _read(name, rules) for name in names}
    wanted = frozenset[str]().union(*by_type.values())
    found: dict[str, Watch | None] = {}
    for name, read in by_type.items():
        habits = _carries(catalogue, name, PACKED) and bool(wanted & (HABITS | {PACKED}))
        watch = Watch(
            habits=habits,
            schedule=SCHEDULE_TWINS in wanted and _carries(catalogue, name, SCHEDULE_TWINS),
            lockstep=LOCKSTEP_PARTNERS in wanted and _carries(catalogue, name, LOCKSTEP_PARTNERS),
            deliveries=bool(wanted & _DELIVERIES) and _carries(catalogue, name, DELIVERED_SHARE),
            texts=habits and TEXT_REPEATS in wanted,
            deletes=name == DELETE and QUICK_DELETES in wanted,
            reads=tuple(sorted(read)),
        )
        found[name] = watch if watch != _IDLE else None
    return found


def watched_features(watch: Watch | None) -> frozenset[str]:
    """The features that must be known of an event for its watch."""
    if watch is None:
        return frozenset()
    return frozenset(
        name for name, is_needed in ((TEXT_MARK, watch.texts), (AGE, watch.deletes)) if is_needed
    )


def _read(event_type: str, rules: Collection[CompiledRule]) -> frozenset[str]:
    """The features of behaviour that rules of one event type read, the model's included."""
    read = {
        reading.name for each in rules if event_type in each.rule.events for reading in each.reads
    }
    if SCORE in read:
        read.add(PACKED)
    return frozenset(read & BEHAVIOUR)


def _carries(catalogue: Catalogue, event_type: str, feature: str) -> bool:
    declared = catalogue.features.get(feature)
    return declared is not None and (not declared.events or event_type in declared.events)
